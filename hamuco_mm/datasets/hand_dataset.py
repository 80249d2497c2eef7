"""What the data sets of hands have in common."""

from abc import abstractmethod
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any

from mmpose.datasets.datasets.base import BaseCocoStyleDataset

from .metainfo import HAND_METAINFO
from .selection import as_selection, check_sample_interval
from .subsets import OwnCopies
from .view_pipeline import ViewPipeline

# What MMPose's data sets add to each item.
_METAINFO_OF_ITEM = (
    'dataset_name',
    'upper_body_ids',
    'lower_body_ids',
    'flip_pairs',
    'dataset_keypoint_weights',
    'flip_indices',
    'skeleton_links',
)


class HandDataset(OwnCopies, BaseCocoStyleDataset):
    """Base of the data sets with one item for each hand in each image, for
    top-down hand pose.

    Args:
        **kwargs: Arguments of :class:`BaseCocoStyleDataset`, but for those in
            :attr:`UNUSED`.

    Raises:
        ValueError: If an argument has no meaning here, or ``sample_interval`` is not
            positive.
    """

    METAINFO: dict = HAND_METAINFO
    #: tuple: arguments of the parent that have no meaning
    UNUSED: tuple[str, ...] = ('bbox_file',)

    def __init__(self, **kwargs: Any):
        for name in self.UNUSED:
            if kwargs.get(name):
                raise ValueError(
                    f'{type(self).__name__}: {name} has no meaning here, labels '
                    'and boxes come from the files of the data set'
                )
        check_sample_interval(self, kwargs.get('sample_interval', 1))
        self.check_choice('data_mode', kwargs.get('data_mode', 'topdown'), ['topdown'])
        self.view_pipeline = ViewPipeline(strict=getattr(self, 'strict', False))
        super().__init__(**kwargs)

    def prepare_data(self, idx: int) -> Any:
        """One item through the pipeline; in training None, for which another item
        is taken, if its image or its label file cannot be read."""
        if self.test_mode:
            return super().prepare_data(idx)
        record = self.view_pipeline.record(partial(self.get_data_info, idx))
        if record is None:
            return None
        record['dataset'] = self  # as the parent: for transforms that mix images
        return self.view_pipeline(self.pipeline.transforms, [record])[0]

    @abstractmethod
    def has_truth(self) -> bool:
        """Whether there are 3D joints to test against."""

    def full_init(self) -> None:
        """Load the data list, and tell metrics by ``has_keypoints_cam`` of
        the metainfo whether there is 3D ground truth to test against."""
        if self._fully_initialized:
            return
        super().full_init()
        if self.test_mode:
            self._metainfo['has_keypoints_cam'] = self.has_truth()

    @classmethod
    def check_choice(cls, name: str, value: str, choices: Collection[str]) -> None:
        """Refuse an argument that is none of the choices.

        Raises:
            ValueError: Naming the class, the argument and the choices.
        """
        if value not in choices:
            raise ValueError(
                f'{cls.__name__}: {name} should be one of '
                f'{sorted(choices)}, got {value!r}'
            )


class LazyHandDataset(HandDataset):
    """A hand data set whose ``data_list`` holds arrays and makes an item when
    it is asked for one; its ``take`` returns a part of it."""

    def complete_infos(self, indices: Sequence[int], infos: list[dict]) -> list[dict]:
        """Add what MMPose's data sets add to each item; items are made for each
        caller, so that nothing has to be deep-copied as in the parent.

        Args:
            indices (Sequence[int]): Of the items.
            infos (list[dict]): Their data infos, which are changed.
        """
        shared = {key: self._metainfo[key] for key in _METAINFO_OF_ITEM}
        for idx, info in zip(indices, infos):
            info.update(shared, sample_idx=int(idx) % len(self))
        return infos

    def _get_unserialized_subset(self, indices: int | Sequence[int]) -> Any:
        return self.data_list.take(as_selection(indices))
