"""The items of a data set, made from the index when they are asked for."""

from collections.abc import Callable, Sequence

import numpy as np

from ...cameras import points_in_camera
from ..selection import Selection
from .index import HanCoIndex
from .layout import HanCoLayout
from .meta import META_KEYS

# (keypoints, confidence, image_size) -> (4, ) box
BBoxFn = Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
# fit (61, ) -> (778, 3) in the world frame in metres
VerticesFn = Callable[[np.ndarray], np.ndarray | None]


class HanCoViews(Sequence):
    """A list of data infos, one for each image, that stores only row numbers.

    Args:
        columns (HanCoIndex): Where the data are.
        layout (HanCoLayout): Where the images are.
        rows (np.ndarray): Rows of the index, in order.
        make_bbox (callable): The box of a view.
        with_calib (bool): Whether the items have a ``camera_param``.
        make_vertices (callable, optional): Makes ``vertices`` of a fit, None if
            there are none to be made.
    """

    def __init__(
        self,
        columns: HanCoIndex,
        layout: HanCoLayout,
        rows: np.ndarray,
        make_bbox: BBoxFn,
        with_calib: bool = True,
        make_vertices: VerticesFn | None = None,
    ):
        self.columns = columns
        self.layout = layout
        self.rows = rows
        self.make_bbox = make_bbox
        self.with_calib = with_calib
        self.make_vertices = make_vertices

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, selection: Selection) -> 'HanCoViews':
        """The views that numpy indexing of the rows selects."""
        return HanCoViews(
            self.columns,
            self.layout,
            self.rows[selection],
            self.make_bbox,
            self.with_calib,
            self.make_vertices,
        )

    def view_keys(self) -> tuple[np.ndarray, np.ndarray]:
        """Number of the time step and camera id of each view, both (N, )."""
        return (
            np.asarray(self.columns['frame'][self.rows]),
            np.asarray(self.columns['camera'][self.rows]),
        )

    def meta(self, key: str) -> np.ndarray:
        """A fact of ``meta.json`` for each view, (N, ); -1 if not known."""
        frames = self.columns['frame'][self.rows]
        return self.columns['frame_meta'][frames, META_KEYS.index(key)]

    def has_keypoints_cam(self) -> bool:
        """Whether any view has true joints."""
        if 'frame_xyz' not in self.columns:
            return False
        rows = self.rows[self.columns['has_camera'][self.rows]]
        xyz = self.columns['frame_xyz']
        # Most often the first time step has them: no need to read all.
        return any(
            np.isfinite(xyz[frame]).all()
            for frame in np.unique(self.columns['frame'][rows])
        )

    def __getitem__(self, position):
        if isinstance(position, slice):
            return self.take(position)
        return self.infos([position])[0]

    def infos(self, positions: Sequence[int]) -> list[dict]:
        """The data infos of several views, such as those of a time step:
        each column of the index is read once for all of them."""
        rows = self.rows[positions]
        column = {
            name: self.columns[name][rows]
            for name in (
                'frame',
                'camera',
                'keypoints',
                'confidence',
                'image_size',
                'has_camera',
                'K',
                'R',
                't',
            )
            if name in self.columns
        }
        frames = self._frames(column['frame'])
        joints = self._joints(column)
        infos = []
        for i, row in enumerate(rows.tolist()):
            sequence, frame = frames[i]
            camera = int(column['camera'][i])
            info = dict(
                img_path=self.layout.view_file('img', sequence, camera, frame),
                img_id=row,
                id=row,
                sequence=sequence,
                frame_id=f'{sequence}/{frame}',
                camera_id=camera,
                hand_side='right',
                keypoints=column['keypoints'][i : i + 1],
                keypoints_visible=column['confidence'][i : i + 1],
                image_size=column['image_size'][i],
                bbox=self.make_bbox(
                    *(
                        column[name][i]
                        for name in ('keypoints', 'confidence', 'image_size')
                    )
                )[None],
                bbox_score=np.ones(1, np.float32),
            )
            if column['has_camera'][i]:
                R, t = column['R'][i], column['t'][i]
                if self.with_calib:
                    info['camera_param'] = dict(K=column['K'][i], R=R, t=t)
                if joints[i] is not None:
                    info['keypoints_cam'] = joints[i]
                if self.make_vertices is not None:
                    info.update(self._mesh(column['frame'][i], R, t))
            infos.append(info)
        return infos

    def image_paths(self, positions: Sequence[int] | np.ndarray) -> list[str]:
        """Where the images of some views are, without the rest of their infos."""
        rows = self.rows[positions]
        return [
            self.layout.view_file('img', sequence, camera, frame)
            for (sequence, frame), camera in zip(
                self._frames(self.columns['frame'][rows]),
                self.columns['camera'][rows].tolist(),
            )
        ]

    def _frames(self, frame_rows: np.ndarray) -> list[tuple[str, str]]:
        """Names of sequence and frame."""
        sequences = self.columns.sequences
        numbers = self.columns['frame_sequence'][frame_rows].tolist()
        names = self.columns['frame_name'][frame_rows].tolist()
        return [
            (sequences[number], name.decode()) for number, name in zip(numbers, names)
        ]

    def _joints(self, column: dict[str, np.ndarray]) -> list:
        """True joints (1, 21, 3) in the camera frame, None where unknown."""
        if 'frame_xyz' not in self.columns or 'R' not in column:
            return [None] * len(column['frame'])
        world = self.columns['frame_xyz'][column['frame']]
        joints = points_in_camera(world, column['R'], column['t'])
        known = np.isfinite(world).all((1, 2)).tolist()
        return [joints[i : i + 1] if known[i] else None for i in range(len(known))]

    def _mesh(self, frame_row: int, R: np.ndarray, t: np.ndarray) -> dict:
        """True vertices (1, 778, 3) in the camera frame, where known."""
        if not self._has_fit(frame_row):
            return {}
        assert self.make_vertices is not None
        world = self.make_vertices(self.columns['frame_fit'][frame_row])
        if world is None:
            return {}
        return dict(vertices=points_in_camera(world, R, t)[None])

    def _has_fit(self, frame_row: int) -> bool:
        return (
            'frame_fit' in self.columns
            and np.isfinite(self.columns['frame_fit'][frame_row]).all()
            and self.columns['frame_meta'][frame_row, META_KEYS.index('has_fit')] != 0
        )
