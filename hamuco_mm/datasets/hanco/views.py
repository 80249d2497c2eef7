"""The items of a data set, made from the index when they are asked for."""
from collections.abc import Sequence
from typing import Callable, Optional, Tuple

import numpy as np

from .hand_fit import HandFitDecoder
from .index import HanCoIndex
from .layout import HanCoLayout
from .meta import META_KEYS

# (keypoints, confidence, image_size) -> (4, ) box
BBoxFn = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]


class HanCoViews(Sequence):
    """A list of data infos, one an image, that holds nothing but row numbers.

    Args:
        index (HanCoIndex): Where the data are.
        layout (HanCoLayout): Where the images are.
        rows (np.ndarray): Rows of the index, in order.
        make_bbox (callable): The box of a view.
        with_calib (bool): Whether the items have a ``camera_param``.
        hand_fit (HandFitDecoder, optional): Makes ``vertices``.
    """

    def __init__(self,
                 index: HanCoIndex,
                 layout: HanCoLayout,
                 rows: np.ndarray,
                 make_bbox: BBoxFn,
                 with_calib: bool = True,
                 hand_fit: Optional[HandFitDecoder] = None):
        self.index = index
        self.layout = layout
        self.rows = rows
        self.make_bbox = make_bbox
        self.with_calib = with_calib
        self.hand_fit = hand_fit

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, selection) -> 'HanCoViews':
        """The views that numpy indexing of the rows selects."""
        return HanCoViews(self.index, self.layout, self.rows[selection],
                          self.make_bbox, self.with_calib, self.hand_fit)

    def view_keys(self) -> Tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each view, both (N, )."""
        return (np.asarray(self.index['frame'][self.rows]),
                np.asarray(self.index['camera'][self.rows]))

    def meta(self, key: str) -> np.ndarray:
        """A fact of ``meta.json`` for each view, (N, ); -1 if not known."""
        frames = self.index['frame'][self.rows]
        return self.index['frame_meta'][frames, META_KEYS.index(key)]

    def has_keypoints_cam(self) -> bool:
        """Whether any view has true joints."""
        if 'frame_xyz' not in self.index:
            return False
        rows = self.rows[self.index['has_camera'][self.rows]]
        xyz = self.index['frame_xyz']
        # Most often the first time step has them: no need to read all.
        return any(
            np.isfinite(xyz[frame]).all()
            for frame in np.unique(self.index['frame'][rows]))

    def __getitem__(self, position):
        if isinstance(position, slice):
            return self.take(position)
        row = int(self.rows[position])
        index = self.index
        frame_row = int(index['frame'][row])
        sequence = index.sequences[int(index['frame_sequence'][frame_row])]
        frame = index['frame_name'][frame_row].decode()
        camera = int(index['camera'][row])
        keypoints = np.array(index['keypoints'][row])
        confidence = np.array(index['confidence'][row])
        image_size = np.array(index['image_size'][row])
        info = dict(
            img_path=str(
                self.layout.view_path('img', sequence, camera, frame)),
            img_id=row,
            id=row,
            sequence=sequence,
            frame_id=f'{sequence}/{frame}',
            camera_id=camera,
            keypoints=keypoints[None],
            keypoints_visible=confidence[None],
            image_size=image_size,
            bbox=self.make_bbox(keypoints, confidence, image_size)[None],
            bbox_score=np.ones(1, np.float32))
        if index['has_camera'][row]:
            R, t = np.array(index['R'][row]), np.array(index['t'][row])
            if self.with_calib:
                info['camera_param'] = dict(
                    K=np.array(index['K'][row]), R=R, t=t)
            info.update(self._truth(frame_row, R, t))
        return info

    def _truth(self, frame_row: int, R: np.ndarray, t: np.ndarray) -> dict:
        """3D ground truth in the camera frame, for evaluation."""
        truth = {}
        if 'frame_xyz' in self.index:
            xyz = np.array(self.index['frame_xyz'][frame_row])
            if np.isfinite(xyz).all():
                truth['keypoints_cam'] = (xyz @ R.T + t)[None]
        if self.hand_fit is not None and self._has_fit(frame_row):
            world = self.hand_fit.vertices(self.index['frame_fit'][frame_row])
            truth['vertices'] = (world @ R.T + t)[None]
        return truth

    def _has_fit(self, frame_row: int) -> bool:
        return ('frame_fit' in self.index
                and np.isfinite(self.index['frame_fit'][frame_row]).all()
                and self.index['frame_meta'][frame_row,
                                             META_KEYS.index('has_fit')] != 0)
