"""Base of the data sets of published recordings."""

import logging
import os.path as osp
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from mmengine.logging import print_log
from numpy.typing import ArrayLike

from ...cameras import Camera
from ...cameras.conventions import Convention
from ...hand_model import NUM_JOINTS, HandModelData, load_hand_model, mirror
from ...utils.few_names import few
from ..bbox import image_bbox, tight_bbox
from ..hand_dataset import LazyHandDataset
from ..hand_fits import HandFitDecoder
from ..hand_model_loan import HandModelNotLentError, borrows_hand_model
from ..left_out import LeftOutNotes
from .lazy_infos import LazyInfos

SIDES = ('right', 'left')
# of data sets whose files say where the camera is and how it is turned
CAM2WORLD = Convention('cam2world')
# Folders, in a message.
_MOST_NAMED = 5


class FlatHandDataset(LazyHandDataset):
    """Base of data sets with one item for each hand in each image.

    A subclass reads its labels into arrays in :meth:`load_views` and makes an
    item of a row of them in :meth:`make_info`. Labels, cameras and true joints that
    cannot be right are left out, each with its reason: see ``notes``. Where
    that is found with the item, training takes another one, and testing stops. Left hands come as they are,
    with ``hand_side='left'``; the transform
    :class:`~hamuco_mm.datasets.MirrorLeftHand` makes right hands of them.

    Keys of an item beside those of :class:`BaseCocoStyleDataset`:

        - frame_id (str), camera_id (int), sequence (str): the views of one
          hand at one time have the same ``frame_id``
        - hand_side (str): 'right' or 'left'
        - keypoints (1, 21, 2), keypoints_visible (1, 21): pixels of the
          image, and 0 for joints without a label
        - image_size (2, ): width and height in pixels
        - camera_param (dict): intrinsics K (3, 3) in pixels, R (3, 3) and
          t (3, ) from world to camera in metres
        - keypoints_cam (1, 21, 3), vertices (1, 778, 3), both optional:
          ground truth in the camera frame in metres

    Args:
        data_root (str): Directory of the data set.
        split (str): One of :attr:`SPLITS`.
        hand_sides (Sequence[str]): Hands to use. Defaults to both.
        hand_model (dict | str, optional): MANO, as arguments of
            :class:`~hamuco_mm.hand_model.MANOLayer` or a path, to make
            ``vertices`` of MANO labels; ``dict(path='head')`` is that of the
            network's head, see :mod:`~hamuco_mm.datasets.hand_model_loan`.
            None leaves them out.
        sample_interval (int): Keep the first time step of each side and every
            ``sample_interval``-th after it. Defaults to 1.
        strict (bool): Raise an error where something would be left out.
            Defaults to False.
        **kwargs: Other arguments of :class:`BaseCocoStyleDataset`.

    Raises:
        FileNotFoundError: If a file that the split needs, or the hand model,
            is missing.
        ValueError: If no view can be used, or with ``strict`` not all.

    Attributes:
        notes (LeftOutNotes): What was left out when the labels were read.
    """

    UNUSED = ('ann_file', 'bbox_file', 'filter_cfg')
    #: tuple: names of the splits
    SPLITS: tuple[str, ...] = ()
    #: str: where the layout is documented
    DOCS: str = ''

    def __init__(
        self,
        data_root: str,
        split: str,
        hand_sides: Sequence[str] = SIDES,
        hand_model: dict | str | None = None,
        strict: bool = False,
        **kwargs: Any,
    ):
        self.check_choice('split', split, self.SPLITS)
        for side in hand_sides:
            self.check_choice('hand_sides', side, SIDES)
        self.split = split
        self.hand_sides = tuple(hand_sides)
        self.hand_model = hand_model
        self.strict = strict
        self.notes = LeftOutNotes(strict)
        self._fit_decoders: dict[str, HandFitDecoder] = {}
        self._model_data: dict[str, HandModelData] = {}
        self.views: dict[str, np.ndarray] = {}
        # The items are made from arrays, which worker processes share.
        kwargs['serialize_data'] = False
        # absolute, to outlive a change of the current directory
        super().__init__(data_root=osp.abspath(data_root), **kwargs)

    @abstractmethod
    def load_views(self) -> dict[str, np.ndarray]:
        """Read the labels.

        Returns:
            dict: Arrays of N rows, one for each view of a hand, in order. ``frame``
            (number of the time step and hand, in order) and ``camera`` are
            needed here, and ``side`` where there are both hands (index into
            ``SIDES``); ``usable``, bool, where rows are there for the count alone;
            others are for :meth:`make_info`.
        """

    @abstractmethod
    def make_info(self, row: int) -> dict:
        """The item of a row of ``self.views``, see :meth:`view_info`."""

    def load_data_list(self) -> LazyInfos:
        """Read the labels and select the views.

        Returns:
            LazyInfos: A sequence of data infos, made when they are needed.
        """
        # errors of hand models come now and not with the first item
        for side in self.hand_sides:
            model = self.model_of_side(side)
            if model is not None and not borrows_hand_model(model):
                self.model_data(side)
        self.views = self.load_views()
        self.notes.say(self.data_root)
        # what a challenge wants predictions of, whatever is kept
        self._metainfo['split_size'] = len(self.views['frame'])
        keep = self._at_interval()
        if 'usable' in self.views:
            keep &= self.views['usable']
        if 'side' in self.views:
            wanted = [SIDES.index(side) for side in self.hand_sides]
            keep &= np.isin(self.views['side'], wanted)
        if not keep.any():
            raise ValueError(
                f'{type(self).__name__}: no view in data_root '
                f'{self.data_root!r} for split={self.split!r}, hand_sides='
                f'{self.hand_sides}. The layout is in {self.DOCS}'
                + ''.join(f'. {line}' for line in self.notes.lines())
            )
        return LazyInfos(self.make_info, np.flatnonzero(keep))

    def left_out(self) -> list[tuple[str, str]]:
        """Files, or parts of them, that are not used, each with the reason; of the
        whole split."""
        return self.notes.places

    def _at_interval(self) -> np.ndarray:
        """Which rows ``sample_interval`` keeps, bool (N, ).

        The hands of both sides have numbers of their own in ``frame``, which
        may alternate: time steps are counted within a side.
        """
        frame = self.views['frame']
        side = self.views.get('side', np.zeros_like(frame))
        keep = np.zeros(len(frame), bool)
        for value in np.unique(side):
            rows = side == value
            keep[rows] = number_rows(frame[rows]) % self.sample_interval == 0
        return keep

    def filter_data(self) -> LazyInfos:
        return self.data_list

    def view_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each item, both (N, ):
        what :class:`MultiViewDataset` groups by without loading items."""
        rows = self.data_list.rows
        return self.views['frame'][rows], self.views['camera'][rows]

    def path(self, *parts: str) -> str:
        """A path below ``data_root``."""
        return osp.join(self.data_root, *parts)

    def need_file(self, *parts: str) -> str:
        """:meth:`path` of a file that has to be there.

        Raises:
            FileNotFoundError: If it is not.
        """
        path = self.path(*parts)
        if not osp.isfile(path):
            raise FileNotFoundError(
                f'{type(self).__name__}: {path} is missing. Set `data_root` '
                f'of the data set, or the variable that its config names, to a '
                f'directory of the layout in {self.DOCS}'
            )
        return path

    def warn_of_absent(self, folders: Iterable[str]) -> None:
        """Warn of those folders of the split, below ``data_root``, that are not there:
        data sets come in several archives, and results of some of them are not those
        of the split."""
        folders = list(folders)
        absent = [name for name in folders if not osp.isdir(self.path(name))]
        if absent:
            print_log(
                f'{self.data_root}: split={self.split!r} is not the published one: '
                f'{len(absent)} of its {len(folders)} folders are not there '
                f'({few(absent, _MOST_NAMED)})',
                'current',
                logging.WARNING,
            )

    def set_hand_model(self, hand_model: dict | None) -> None:
        """Make ``vertices`` with this hand model in place of a borrowed one;
        None leaves them out.

        Raises:
            FileNotFoundError: If there is no such model file.
        """
        self.hand_model = hand_model
        if hand_model is not None:
            self.model_data()

    def vertices_of_fit(self, fit: np.ndarray, side: str = 'right') -> np.ndarray:
        """Vertices (778, 3) of a MANO fit, see :class:`HandFitDecoder`."""
        return self.fit_decoder(side).vertices(fit)

    def fit_decoder(self, side: str = 'right') -> HandFitDecoder:
        """The decoder for hands of one side."""
        if side not in self._fit_decoders:
            model = self._own_model(side)
            model = dict(model) if isinstance(model, dict) else dict(path=model)
            self._fit_decoders[side] = HandFitDecoder(dict(model, side=side))
        return self._fit_decoders[side]

    def model_data(self, side: str = 'right') -> HandModelData:
        """The arrays of the model of one side."""
        if side not in self._model_data:
            model = self._own_model(side)
            path = model.get('path') if isinstance(model, dict) else model
            data = load_hand_model(path)
            self._model_data[side] = data if data.side == side else mirror(data)
        return self._model_data[side]

    def _own_model(self, side: str) -> dict | str | None:
        model = self.model_of_side(side)
        if borrows_hand_model(model):
            raise HandModelNotLentError()
        return model

    def model_of_side(self, side: str) -> dict | str | None:
        """The hand model of one side: the one file, mirrored for the other
        side, unless a data set needs both."""
        return self.hand_model

    @staticmethod
    def view_info(
        row: int,
        img_path: str,
        frame_id: str,
        camera_id: int,
        sequence: str,
        image_size: tuple[int, int],
        hand_side: str,
        K: np.ndarray,
        R: np.ndarray | None = None,
        t: np.ndarray | None = None,
        joints: np.ndarray | None = None,
        labelled: np.ndarray | None = None,
        visible: np.ndarray | None = None,
        vertices: np.ndarray | None = None,
        bbox: ArrayLike | None = None,
    ) -> dict:
        """An item in the form of the class.

        Args:
            row (int): Row, which becomes the ids.
            image_size (tuple): Width and height in pixels.
            hand_side (str): 'right' or 'left'.
            K, R, t (np.ndarray): Intrinsics, and extrinsics from world to
                camera in metres. Without, the camera is the world.
            joints (np.ndarray, optional): Camera frame, metres, (21, 3).
                Their projection is the 2D label.
            labelled (np.ndarray, optional): Which joints are in ``joints``,
                bool (21, ). Only a complete hand becomes a 3D label.
            visible (np.ndarray, optional): Weights of the 2D labels, (21, ).
                Defaults to ``labelled``.
            vertices (np.ndarray, optional): Camera frame, metres, (778, 3).
            bbox (ArrayLike, optional): x1, y1, x2, y2 in pixels. Defaults to
                the tight box of the labels, or the image without any.
        """
        camera = Camera(
            np.asarray(K),
            np.eye(3) if R is None else np.asarray(R),
            np.zeros(3) if t is None else np.asarray(t),
        )
        if labelled is None:
            labelled = np.full(NUM_JOINTS, joints is not None)
        weights = labelled if visible is None else visible * labelled
        keypoints = np.zeros((NUM_JOINTS, 2), np.float32)
        if joints is not None and labelled.any():
            keypoints[labelled] = camera.project(joints[labelled])
        if bbox is None:
            seen = keypoints[weights > 0]
            bbox = tight_bbox(seen) if len(seen) else image_bbox(image_size)
        info = dict(
            img_path=str(img_path),
            img_id=row,
            id=row,
            sequence=sequence,
            frame_id=frame_id,
            camera_id=int(camera_id),
            hand_side=hand_side,
            keypoints=keypoints[None],
            keypoints_visible=np.asarray(weights, np.float32)[None],
            image_size=np.array(image_size, np.int32),
            bbox=np.asarray(bbox, np.float32)[None],
            bbox_score=np.ones(1, np.float32),
            camera_param=camera.as_camera_param(),
        )
        if labelled.all():
            info['keypoints_cam'] = np.asarray(joints, np.float32)[None]
            # Root-relative labels need the joints.
            if vertices is not None:
                info['vertices'] = np.asarray(vertices, np.float32)[None]
        return info


def number_rows(keys: np.ndarray) -> np.ndarray:
    """Number equal rows alike, from 0 in their sorted order.

    Args:
        keys (np.ndarray): (N, ) or (N, K).

    Returns:
        np.ndarray: (N, ).
    """
    return np.unique(keys, axis=0, return_inverse=True)[1].reshape(-1)
