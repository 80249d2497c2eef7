import logging
import os.path as osp
from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from mmengine.dataset import force_full_init
from mmengine.logging import print_log
from mmpose.registry import DATASETS

from ..bbox import hand_or_image_bbox
from ..hand_dataset import LazyHandDataset
from ..hand_fits import HandFitDecoder
from ..hand_model_loan import HandModelNotLentError, borrows_hand_model
from .agreement import disagreements
from .image_access import absent_folders, check_image_access, outdated_databases
from .index import HanCoIndex, open_index
from .layout import DEFAULT_PREFIX, HanCoLayout
from .meta import META_KEYS
from .splits import FILE as SPLITS_FILE
from .splits import SPLITS, in_split, split_notes
from .views import HanCoViews

# The authors' test crop: 130 px about the centre of the 224 px image.
CENTER_CROP = (47.0, 47.0, 177.0, 177.0)
# Images that are compared with those of a database.
_LOOKED_AT = 32


@DATASETS.register_module()
class HanCoDataset(LazyHandDataset):
    """HanCo and data sets in its layout, for top-down hand pose.

    One item is one image of one camera. The 2D labels are pseudo labels (of
    OpenPose in HanCo) with confidences; 3D ground truth is there for
    evaluation alone. `HanCo (GCPR'2021)
    <https://lmb.informatik.uni-freiburg.de/projects/contra-hand/>`__ has
    1,517 sequences of 8 calibrated cameras; HaMuCo trains on sequences below
    1200 and tests on the others (paper, Sec. 4.1).

    Views that cannot be used (missing or malformed files, no or a singular
    camera) are left out, counted, and reported in one line for each kind; the others
    keep their ``frame_id`` and ``camera_id``. The files are read once, into
    an index beside the data; see ``docs/data.md``. The images may be in an
    LMDB, ``rgb.lmdb``, if the transform that loads them has
    ``backend_args=dict(backend='folder_lmdb')``.

    Keys of an item beside those of :class:`BaseCocoStyleDataset`:

        - frame_id (str): Time step, '<sequence>/<frame>'
        - camera_id (int), sequence (str)
        - hand_side (str): 'right', as all hands of this layout are
        - keypoints (1, 21, 2), keypoints_visible (1, 21): pseudo label in
          pixels of the image, and its confidence in [0, 1]
        - image_size (2, ): width and height in pixels; 0 where the image
          could not be read
        - camera_param (dict, optional): intrinsics K (3, 3) in pixels, R
          (3, 3) and t (3, ) from world to camera in metres
        - keypoints_cam (1, 21, 3), vertices (1, 778, 3), both optional:
          ground truth in the camera frame in metres

    Args:
        data_root (str): Directory of the data set.
        data_prefix (dict, optional): Directories below ``data_root`` where
            they are not ``dict(img='rgb', keypoints='rgb_2D_keypoints',
            calib='calib', xyz='xyz', shape='shape')``.
        img_suffix (str): Suffix of the images. Defaults to '.jpg'.
        split (str): 'train', 'val', 'test' or 'all'. ``splits.json`` in
            ``data_root`` says which sequences are which; without it, 'train' are
            those below ``split_sequence`` and 'test' the others. Defaults to 'all'.
        split_sequence (int): Counts where there is no ``splits.json``. Defaults to
            1200.
        with_calib (bool): Whether to use cameras. False leaves out
            ``camera_param`` and keeps views without a camera. Defaults to
            True; without a calib directory it makes no difference.
        hand_model (dict | str, optional): MANO, as arguments of
            :class:`~hamuco_mm.hand_model.MANOLayer` or a path, to make
            ``vertices`` from the fits in ``shape``; ``dict(path='head')`` is
            that of the network's head, see
            :mod:`~hamuco_mm.datasets.hand_model_loan`. None leaves them out.
        bbox_mode (str): 'keypoints' for the box around the confident joints,
            without padding (``GetBBoxCenterScale`` pads); 'fixed' for the
            same box in all images. Defaults to 'keypoints'.
        fixed_bbox (Sequence[float]): Box x1, y1, x2, y2 in pixels of
            ``bbox_mode='fixed'``. Defaults to the authors' test crop.
        min_confidence (float): Joints below do not count for
            ``bbox_mode='keypoints'``. Defaults to 0.3.
        strict (bool): Raise an error where a view would be left out or lose
            labels. Defaults to False.
        index_dir (str, optional): Where to keep the index; several data sets
            may share it. Defaults to ``<data_root>/.hamuco_index`` or, where
            that cannot be written, the user's cache directory.
        rebuild_index (bool): Read all files again. This is needed after single
            files were rewritten in place, and not the first of their sequence:
            other changes are noticed. Defaults to False.
        index_workers (int, optional): Processes that build the index.
            Defaults to one for each CPU core, at most 8.
        filter_cfg (dict, optional): Facts of ``meta.json`` that items must
            have, e.g. ``dict(is_valid=True, subject_id=[1, 2])``.
        sample_interval (int): Keep time steps whose number is a multiple of
            it. Defaults to 1.
        **kwargs: Other arguments of :class:`BaseCocoStyleDataset`.

    Raises:
        FileNotFoundError: If ``data_root`` has not this layout.
        WrongJointCountError: If a label file has not 21 joints.
        MalformedFileError: If ``splits.json`` is not usable.
        ValueError: If no view can be used, or with ``strict`` not all; if no label has
            a coordinate above 1; if the images are in an LMDB alone and the pipeline looks for files.
    """

    UNUSED = ('ann_file', 'bbox_file')

    def __init__(
        self,
        data_root: str,
        data_prefix: dict | None = None,
        img_suffix: str = '.jpg',
        split: str = 'all',
        split_sequence: int = 1200,
        with_calib: bool = True,
        hand_model: dict | str | None = None,
        bbox_mode: str = 'keypoints',
        fixed_bbox: Sequence[float] = CENTER_CROP,
        min_confidence: float = 0.3,
        strict: bool = False,
        index_dir: str | None = None,
        rebuild_index: bool = False,
        index_workers: int | None = None,
        **kwargs: Any,
    ):
        self.check_choice('split', split, (*SPLITS, 'all'))
        self.check_choice('bbox_mode', bbox_mode, ('keypoints', 'fixed'))
        data_prefix = data_prefix or {}
        for kind in data_prefix:
            self.check_choice('a key of data_prefix', kind, DEFAULT_PREFIX)
        for fact in kwargs.get('filter_cfg') or {}:
            self.check_choice('a key of filter_cfg', fact, META_KEYS)

        self.img_suffix = img_suffix
        self.split = split
        self.split_sequence = split_sequence
        self.with_calib = with_calib
        self.bbox_mode = bbox_mode
        self.fixed_bbox = np.array(fixed_bbox, np.float32)
        self.min_confidence = min_confidence
        self.strict = strict
        self.index_dir = index_dir
        self.rebuild_index = rebuild_index
        self.index_workers = index_workers
        self.hand_model = hand_model
        self._hand_fit = None
        if hand_model is not None and not borrows_hand_model(hand_model):
            self._hand_fit = HandFitDecoder(hand_model)
        # the items are rows of memory-mapped arrays: there is nothing to serialize
        kwargs['serialize_data'] = False
        super().__init__(
            data_root=data_root, data_prefix={**DEFAULT_PREFIX, **data_prefix}, **kwargs
        )

    def left_out(self) -> list[tuple[str, str]]:
        """Files, or parts of them, that are not used, each with the reason; of the
        whole data set, whatever the split."""
        return self.data_list.columns.left_out()

    def has_truth(self) -> bool:
        """Whether any view has true 3D joints."""
        return self.data_list.has_keypoints_cam()

    def set_hand_model(self, hand_model: dict | None) -> None:
        """Make ``vertices`` with this hand model in place of a borrowed one;
        None leaves them out."""
        self.hand_model = hand_model
        self._hand_fit = None if hand_model is None else HandFitDecoder(hand_model)

    def _vertices(self, fit: np.ndarray) -> np.ndarray | None:
        """World frame, metres, (778, 3).

        Raises:
            HandModelNotLentError: If the hand model is to be the head's.
        """
        if borrows_hand_model(self.hand_model):
            raise HandModelNotLentError()
        return None if self._hand_fit is None else self._hand_fit.vertices(fit)

    def load_data_list(self) -> HanCoViews:
        """Open the index and select the views of the split.

        Returns:
            HanCoViews: A sequence of data infos, made when they are needed.
        """
        # MMEngine has joined data_root to each prefix already; absolute paths
        # can be joined again, and outlive a change of the current directory
        layout = HanCoLayout(
            osp.abspath(self.data_root),
            {kind: osp.abspath(path) for kind, path in self.data_prefix.items()},
            self.img_suffix,
        )
        check_image_access(str(layout['img']), self.pipeline)
        index = open_index(
            layout, self.index_dir, self.rebuild_index, self.index_workers
        )
        with_calib = self.with_calib and layout.has('calib')
        self._report(layout, index)
        for line in absent_folders(str(layout['img']), self.pipeline):
            self._warn(line)

        numbers = np.array([int(name) for name in index.sequences])
        names = index['frame_name'].astype(np.int64)
        keep = names % self.sample_interval == 0
        sequence = numbers[index['frame_sequence']]
        splits = layout.root / SPLITS_FILE
        keep &= in_split(sequence, self.split, splits, self.split_sequence)
        for line in split_notes(numbers.tolist(), self.split, splits):
            self._warn(line)
        keep_view = keep[index['frame']]
        if with_calib:
            keep_view &= index['has_camera']
        rows = np.flatnonzero(keep_view).astype(np.int32)
        if not len(rows):
            raise ValueError(
                f'data_root {self.data_root!r} has no usable view for '
                f'split={self.split!r} (sequences '
                f'{index.sequences[0]}..{index.sequences[-1]}, '
                f'split_sequence={self.split_sequence}) and with_calib='
                f'{self.with_calib}. '
                + '. '.join(index.problems.lines(with_calib, len(index)))
                + '. Without usable cameras set with_calib=False.'
            )
        fixed_bbox = self.fixed_bbox if self.bbox_mode == 'fixed' else None
        for line in disagreements(self.data_root, index, rows, fixed_bbox):
            self._warn(line)
        make_bbox = partial(hand_or_image_bbox, min_confidence=self.min_confidence)
        if fixed_bbox is not None:
            make_bbox = partial(_fixed_bbox, fixed_bbox)
        make_vertices = None if self.hand_model is None else self._vertices
        views = HanCoViews(index, layout, rows, make_bbox, with_calib, make_vertices)
        places = np.linspace(0, len(rows) - 1, min(_LOOKED_AT, len(rows))).astype(int)
        images = views.image_paths(places)
        for line in outdated_databases(str(layout['img']), self.pipeline, images):
            self._warn(line)
        return views

    def filter_data(self) -> HanCoViews:
        """Keep the views with the facts that ``filter_cfg`` asks for."""
        views = self.data_list
        for fact, wanted in (self.filter_cfg or {}).items():
            views = views.take(np.isin(views.meta(fact), wanted))
        if not len(views):
            raise ValueError(
                f'no view of {self.data_root!r} has filter_cfg='
                f'{self.filter_cfg}; is meta.json there?'
            )
        return views

    def get_data_info(self, idx: int) -> dict:
        """One item. It is made each time, so that nothing has to be
        deep-copied as in the parent."""
        return self._read_infos([idx])[0]

    def get_data_infos(self, indices: Sequence[int]) -> list[dict]:
        """Several items, such as the views of a time step, which are read
        together in less time; one by one where a subclass has its own
        :meth:`get_data_info`."""
        if type(self).get_data_info is not HanCoDataset.get_data_info:
            return [self.get_data_info(int(idx)) for idx in indices]
        return self._read_infos(indices)

    @force_full_init
    def _read_infos(self, indices: Sequence[int]) -> list[dict]:
        return self.complete_infos(indices, self.data_list.infos(indices))

    def view_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each item, both (N, ):
        what :class:`MultiViewDataset` groups by without loading items."""
        return self.data_list.view_keys()

    def _report(self, layout: HanCoLayout, index: HanCoIndex) -> None:
        lines = index.problems.lines(self.with_calib, len(index))
        if self.strict and lines:
            raise ValueError(
                f'strict=True and data_root {self.data_root!r} '
                'is not clean: ' + '. '.join(lines)
            )
        if self.with_calib and not layout.has('calib'):
            lines.append(
                f'no directory {layout["calib"]}: the data set is used without cameras'
            )
        for line in lines:
            self._warn(line)

    def _warn(self, line: str) -> None:
        print_log(f'{self.data_root}: {line}', logger='current', level=logging.WARNING)


def _fixed_bbox(bbox: np.ndarray, *label: np.ndarray) -> np.ndarray:
    """The same box whatever the label is."""
    return bbox.copy()
