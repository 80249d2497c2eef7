import logging
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import numpy as np
from mmengine.dataset import BaseDataset, Compose, force_full_init
from mmengine.logging import print_log
from mmpose.registry import DATASETS
from mmpose.structures import PoseDataSample

from .image_size import size_of_record
from .inner_pipeline import InnerPipeline
from .metainfo import HAND_METAINFO
from .selection import check_sample_interval
from .subsets import OwnCopies
from .view_pipeline import LABEL_ERRORS, ViewPipeline
from .view_table import RepeatedViewError, ViewTable

# Time steps that are looked at to tell whether a step pipeline does anything.
_LOOKED_AT = 5


@DATASETS.register_module()
class MultiViewDataset(OwnCopies, InnerPipeline, BaseDataset):
    """Groups the images of a data set by time step.

    An *image* is an item of the wrapped data set and its *record* the data
    info; a *view* is an image seen as part of its time step. Every view goes
    through the pipeline of the wrapped data set by itself, so that random
    transforms differ between the views, see :class:`ViewPipeline`. An item is
    ``dict(inputs=[V tensors], data_samples=[V samples])``; the metainfo of
    each sample has ``frame_id, camera_id, view_index, num_views``. Use
    :func:`multiview_collate` to make batches.

    A view whose image or label file cannot be read is dropped from its item with a
    warning that names the file. Where no view is left, another item takes its place
    in training, and testing stops with an error.

    Args:
        dataset (dict | BaseDataset): A data set with one item per image, whose
            data infos have ``frame_id`` and ``camera_id``. To those with a
            ``camera_param``, but no ``image_size`` (width and height in pixels),
            what :func:`~hamuco_mm.datasets.image_size.size_of_record` finds is added;
            the pipeline of a view has it only where there is a ``step_pipeline``.
        num_views (int | Tuple[int, int], optional): Views to use of each time
            step: all (None), this number, or a random number from a closed
            range; all views of a time step that has fewer. Training chooses
            them at random, testing takes the first ones. Defaults to None.
        view_order (str): 'fixed' for the order of ``view_ids`` or, without
            them, of the camera ids; 'random' for another order each time,
            in training only. Defaults to 'fixed'.
        view_ids (Sequence[int], optional): Cameras to use, in this order; those
            that no time step has are named in a warning. Defaults to all.
        min_views (int): Leave out time steps with fewer views. Defaults to 1.
        test_mode (bool, optional): Defaults to that of ``dataset``.
        indices (int | Sequence[int], optional): Use only this number of time
            steps, the first ones, or those with these indices.
        lazy_init (bool): Defaults to False.
        max_refetch (int): How often to try another item. Defaults to 1000.
        sample_interval (int): Keep every n-th time step, from the first one on.
            Defaults to 1, all.
        step_pipeline (Sequence[dict]): Transforms of a whole time step, before
            the pipeline of each view: of a dict with ``views``, the data infos
            of the drawn views, such as :class:`TriangulateLabels`. Defaults to
            none. One with a method ``idle_note`` is asked once whether it does
            nothing with such time steps.

    Raises:
        ValueError: For arguments that make no sense, a ``ConcatDataset``, two views of the same
            time step and camera, or when no time step is left.
    """

    # For MMPose's functions that only know the class, such as `init_model`; an
    # instance has the metainfo of its data set.
    METAINFO: dict = HAND_METAINFO

    def __init__(
        self,
        dataset: dict | BaseDataset,
        num_views: None | int | tuple[int, int] = None,
        view_order: str = 'fixed',
        view_ids: Sequence[int] | None = None,
        min_views: int = 1,
        test_mode: bool | None = None,
        indices: None | int | Sequence[int] = None,
        lazy_init: bool = False,
        max_refetch: int = 1000,
        sample_interval: int = 1,
        step_pipeline: Sequence[dict] = (),
    ) -> None:
        if view_order not in ('fixed', 'random'):
            raise ValueError(
                f"view_order should be 'fixed' or 'random', got {view_order!r}"
            )
        check_sample_interval(self, sample_interval)
        self.num_views = _parse_num_views(num_views)
        self.view_order = view_order
        self.view_ids = None if view_ids is None else list(view_ids)
        self.min_views = min_views
        self.sample_interval = sample_interval
        self.step_pipeline = Compose(step_pipeline)
        if isinstance(dataset, dict):
            dataset = DATASETS.build(dataset)
        if not hasattr(dataset, 'pipeline'):
            raise ValueError(
                'MultiViewDataset groups the images of one data set, not of a '
                f'{type(dataset).__name__}: wrap each of its parts in a '
                'MultiViewDataset of its own, and look at them one by one'
            )
        self.dataset = dataset
        self.view_pipeline = ViewPipeline(strict=getattr(dataset, 'strict', False))
        super().__init__(
            data_prefix={},
            indices=indices,
            serialize_data=False,
            test_mode=dataset.test_mode if test_mode is None else test_mode,
            lazy_init=lazy_init,
            max_refetch=max_refetch,
        )
        self._metainfo = dataset.metainfo

    def load_data_list(self) -> ViewTable:
        """Group the items of the wrapped data set.

        Returns:
            ViewTable: For each time step, the indices of its images in the
            wrapped data set, in the fixed order.
        """
        self.dataset.full_init()
        frames, cameras = self._image_keys()
        try:
            table = ViewTable.from_keys(frames, cameras, self.view_ids)
        except RepeatedViewError as error:
            (record,) = self._records([error.index])
            raise ValueError(
                f'two images of frame_id {record["frame_id"]!r} and camera_id '
                f'{record["camera_id"]}, one of them {record["img_path"]}: wrap '
                'each data set in a MultiViewDataset of its own'
            ) from error
        table = table.take(table.sizes >= self.min_views)
        if not len(table):
            raise ValueError(
                f'no time step has {self.min_views} or more views (view_ids='
                f'{self.view_ids}) among {len(self.dataset)} images'
            )
        table = table.take(slice(None, None, self.sample_interval))
        for note in (*self._absent_cameras(cameras), *self._idle_notes(table)):
            print_log(note, logger='current', level=logging.WARNING)
        return table

    def _absent_cameras(self, cameras: np.ndarray) -> Iterator[str]:
        """Chosen cameras that no time step has. Of several rigs, some may lack one."""
        there = sorted(set(cameras.tolist()))
        absent = [camera for camera in self.view_ids or () if camera not in there]
        if absent:
            yield (
                f'no time step has the cameras {absent} of view_ids={self.view_ids}, '
                f'which have no effect: the cameras are {there}'
            )

    def _idle_notes(self, table: ViewTable) -> Iterator[str]:
        """What does nothing with these views."""
        drawn_alone = self.num_views is not None and self.num_views[1] == 1
        if table.sizes.max() == 1:
            yield (
                'every time step has one view only: losses between views have no effect'
            )
        elif drawn_alone and not self.test_mode:
            yield (
                'num_views=1 draws one view only of each time step: losses between '
                'views have no effect'
            )
        for transform in self.step_pipeline.transforms:
            if not hasattr(transform, 'idle_note'):
                continue
            # labels that cannot be read are reported when they are met
            with suppress(*LABEL_ERRORS):
                note = transform.idle_note(self._some_time_steps(table, drawn_alone))
                if note is not None:
                    yield note

    def _some_time_steps(
        self, table: ViewTable, one_view: bool
    ) -> Iterator[list[dict]]:
        """The records of a few time steps from all over the data set, read when
        they are asked for: they may have to be rendered."""
        count = min(_LOOKED_AT, len(table))
        for i in range(count):
            images = table[i * len(table) // count]
            yield self._records(images[:1] if one_view else images)

    def get_data_info(self, idx: int) -> dict:
        """The records of all views of a time step, in the fixed order.

        Returns:
            dict: ``frame_id``, ``views`` (list[dict]), ``sample_idx``.
        """
        records = self._records(self._images(idx))
        return dict(
            frame_id=records[0]['frame_id'],
            views=records,
            sample_idx=idx % len(self),
        )

    def prepare_data(self, idx: int) -> dict | None:
        """Draw views of a time step and run the pipeline on each.

        Returns:
            dict | None: ``inputs`` and ``data_samples``; None in training if
            no view is left.

        Raises:
            OSError: In testing, if no view could be read.
            ValueError: If the pipeline loses the camera of a view.
        """
        images = self._draw(self._images(idx))
        records = self.step_pipeline(dict(views=self._usable_records(images)))['views']
        results = self.view_pipeline(
            self.pipeline.transforms,
            [dict(record, dataset=self.dataset) for record in records],
        )
        packed = [
            (record, data) for record, data in zip(records, results) if data is not None
        ]
        if not packed and self.test_mode:
            if not records:
                self._records(images)  # raises the reason
            raise OSError(
                f'no view of frame_id {records[0]["frame_id"]!r} '
                'could be read: ' + ', '.join(r['img_path'] for r in records)
            )
        if not packed:
            return None
        for view_index, (record, data) in enumerate(packed):
            _refuse_lost_camera(record, data['data_samples'])
            facts = dict(
                frame_id=record['frame_id'],
                camera_id=record['camera_id'],
                view_index=view_index,
                num_views=len(packed),
            )
            for name, value in facts.items():
                data['data_samples'].set_field(value, name, field_type='metainfo')
        return dict(
            inputs=[data['inputs'] for _, data in packed],
            data_samples=[data['data_samples'] for _, data in packed],
        )

    @force_full_init
    def _images(self, idx: int) -> np.ndarray:
        """Indices of a time step's images."""
        return self.data_list[idx]

    def _records(self, images: Sequence[int] | np.ndarray) -> list[dict]:
        if hasattr(self.dataset, 'get_data_infos'):
            return self.dataset.get_data_infos(images)
        return [self._record(int(i)) for i in images]

    def _record(self, image: int) -> dict:
        """The record of an image, with its size where a camera needs it."""
        record = self.dataset.get_data_info(image)
        if record.get('camera_param') is None or 'image_size' in record:
            return record
        size = size_of_record(record)
        return record if size is None else dict(record, image_size=np.array(size))

    def _usable_records(self, images: np.ndarray) -> list[dict]:
        """Without those whose label files cannot be used."""
        if hasattr(self.dataset, 'get_data_infos'):
            return self._records(images)
        # transforms of whole time steps compare images of different sizes; for those
        # of a view alone, no file is opened twice
        whole = self.step_pipeline.transforms
        read = self._record if whole else self.dataset.get_data_info
        records = [self.view_pipeline.record(partial(read, int(i))) for i in images]
        return [record for record in records if record is not None]

    def _image_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each image."""
        if hasattr(self.dataset, 'view_keys'):
            return self.dataset.view_keys()
        # without their sizes, for which each file might have to be opened
        records = [self.dataset.get_data_info(i) for i in range(len(self.dataset))]
        for record in records:
            missing = {'frame_id', 'camera_id'} - set(record)
            if missing:
                raise ValueError(
                    f'{type(self.dataset).__name__} gives no '
                    f'{sorted(missing)}: its images cannot be grouped. Use it '
                    'without MultiViewDataset'
                )
        # Not sorted, so that the time steps keep the data set's order.
        numbers: dict[str, int] = {}
        frames = [
            numbers.setdefault(record['frame_id'], len(numbers)) for record in records
        ]
        return np.array(frames), np.array([r['camera_id'] for r in records])

    def _draw(self, images: np.ndarray) -> np.ndarray:
        low, high = self.num_views or (len(images), len(images))
        if self.test_mode:
            return images[:high]
        count = min(np.random.randint(low, high + 1), len(images))
        chosen = np.random.permutation(len(images))[:count]
        return images[chosen if self.view_order == 'random' else np.sort(chosen)]


def _refuse_lost_camera(record: dict, sample: PoseDataSample) -> None:
    """Views without cameras are aligned otherwise, which nobody would notice."""
    if record.get('camera_param') is not None and 'camera_param' not in sample:
        raise ValueError(
            f'{record.get("img_path", "a view")}: the pipeline loses camera_param, as '
            "PackPoseInputs does. End it with dict(type='PackHandInputs'), or leave the "
            'calibration out of the data set'
        )


def _parse_num_views(
    num_views: None | int | tuple[int, int],
) -> tuple[int, int] | None:
    if num_views is None:
        return None
    limits = (num_views, num_views) if isinstance(num_views, int) else num_views
    low, high = limits if _are_two_numbers(limits) else (0, 0)
    if not 1 <= low <= high:
        raise ValueError(
            'num_views should be None, a number >= 1 or a range '
            f'(min, max), got {num_views!r}'
        )
    return low, high


def _are_two_numbers(limits: Any) -> bool:
    return (
        isinstance(limits, list | tuple)
        and len(limits) == 2
        and all(isinstance(limit, int) for limit in limits)
    )
