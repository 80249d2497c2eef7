"""Read one sequence of HanCo's layout into arrays, leaving out bad views."""

from collections import defaultdict
from typing import Any, NamedTuple

import numpy as np

from ...hand_model import NUM_JOINTS
from ...utils.image_headers import open_image
from ...utils.json_files import MalformedFileError
from ..hand_fits import NUM_FIT
from ..missing_joints import at_origin, zero_missing
from ..plausible import far_joints, is_hand, is_hand_fit, is_usable_camera
from .layout import HanCoLayout
from .parsing import (
    read_cameras,
    read_hand_fit,
    read_joints_3d,
    read_keypoints,
)
from .problems import ProblemReport

Columns = dict[str, np.ndarray]


class SequenceScan(NamedTuple):
    """What :func:`scan_sequence` found.

    Attributes:
        views (Columns): A row for each usable view, see ``VIEW_COLUMNS``;
            'frame' counts the rows of ``frames``.
        frames (Columns): A row for each time step, see ``FRAME_COLUMNS``.
        problems (ProblemReport): What was left out.
    """

    views: Columns
    frames: Columns
    problems: ProblemReport


# Shape and type of a row of each column. NaN stands for absent.
VIEW_COLUMNS = dict(
    frame=((), np.int32),
    camera=((), np.int64),
    keypoints=((NUM_JOINTS, 2), np.float32),
    confidence=((NUM_JOINTS,), np.float32),
    has_camera=((), np.bool_),
    K=((3, 3), np.float32),
    R=((3, 3), np.float32),
    t=((3,), np.float32),
    image_size=((2,), np.int32),
)
FRAME_COLUMNS = dict(xyz=((NUM_JOINTS, 3), np.float32), fit=((NUM_FIT,), np.float32))


def scan_sequence(layout: HanCoLayout, sequence: str) -> SequenceScan:
    """Read all labels, cameras and ground truth of one sequence.

    Raises:
        WrongJointCountError: If a label file has another number of joints.
    """
    problems = ProblemReport()
    for kind, place in layout.folder_problems(sequence):
        problems.add(kind, place)
    cameras_of_frame = _pair_images_and_labels(layout, sequence, problems)
    sizes = _ImageSizes(layout, sequence)

    views: list[dict] = []
    frames: list[dict] = []
    for frame in sorted(cameras_of_frame, key=int):
        rows = []
        for camera in cameras_of_frame[frame]:
            size = sizes.get(camera, frame)
            row = _read_view(layout, sequence, camera, frame, size, problems)
            if row is None:
                continue
            row.update(frame=len(frames), camera=camera, image_size=size)
            rows.append(row)
        if not rows:
            continue
        calibration = _read_calibration(layout, sequence, frame, len(rows), problems)
        for row in rows:
            camera = row['camera']
            row.update(
                _find_camera(layout, sequence, frame, camera, calibration, problems)
            )
        views += rows
        frames.append(_read_truth(layout, sequence, frame, problems))
    names = np.array([f['name'] for f in frames], dtype=np.bytes_)
    frame_table = _to_columns(frames, FRAME_COLUMNS)
    frame_table['name'] = names
    return SequenceScan(_to_columns(views, VIEW_COLUMNS), frame_table, problems)


def _pair_images_and_labels(
    layout: HanCoLayout, sequence: str, problems: ProblemReport
) -> dict[str, list[int]]:
    """Frame -> the cameras with both an image and a label."""
    cameras_of_frame = defaultdict(list)
    for camera in layout.cameras(sequence):
        images, labels = (
            layout.frames(kind, sequence, camera) for kind in ('img', 'keypoints')
        )
        for kind, prefix, lacking in (
            ('missing_image', 'img', labels - images),
            ('missing_label', 'keypoints', images - labels),
        ):
            for frame in sorted(lacking):
                problems.add(kind, layout.view_path(prefix, sequence, camera, frame))
        for frame in images & labels:
            cameras_of_frame[frame].append(camera)
    return cameras_of_frame


def _read_view(
    layout: HanCoLayout,
    sequence: str,
    camera: int,
    frame: str,
    image_size: tuple[int, int],
    problems: ProblemReport,
) -> dict | None:
    path = layout.view_path('keypoints', sequence, camera, frame)
    try:
        keypoints, confidence = read_keypoints(path)
    except (MalformedFileError, FileNotFoundError) as error:
        problems.add('malformed_label', error)
        return None
    invalid = ~(np.isfinite(keypoints).all(-1) & np.isfinite(confidence))
    if invalid.any():
        problems.add('invalid_joints', path)
    if at_origin(keypoints, confidence).any():
        problems.add('joints_at_origin', path)
    if (confidence > 1).any():
        problems.add('large_confidence', path)
    far = far_joints(keypoints, image_size)
    if far.any():
        problems.add('far_joints', path)
        confidence = np.where(far, 0, confidence)
        keypoints = np.where(far[:, None], 0, keypoints)
    keypoints, confidence = zero_missing(keypoints, confidence)
    if not confidence.any():
        problems.add('no_confidence', path)
    return dict(keypoints=keypoints, confidence=confidence)


def _read_calibration(
    layout: HanCoLayout,
    sequence: str,
    frame: str,
    num_views: int,
    problems: ProblemReport,
) -> tuple[np.ndarray, np.ndarray] | None:
    """Of a time step, whose views are left out where there is none."""
    if not layout.has('calib'):
        return None
    path = layout.frame_path('calib', sequence, frame)
    try:
        return read_cameras(path)
    except FileNotFoundError:
        problems.add('missing_calibration', path, num_views)
    except MalformedFileError as error:
        problems.add('malformed_calibration', error, num_views)
    return None


def _find_camera(
    layout: HanCoLayout,
    sequence: str,
    frame: str,
    camera: int,
    calibration: tuple[np.ndarray, np.ndarray] | None,
    problems: ProblemReport,
) -> dict:
    if calibration is None:
        return dict(has_camera=False)
    path = layout.frame_path('calib', sequence, frame)
    all_K, all_M = calibration
    if camera >= len(all_K):
        problems.add('missing_camera', f'{path}, cam{camera}')
        return dict(has_camera=False)
    K, M = all_K[camera], all_M[camera]
    if not is_usable_camera(K, M):
        problems.add('impossible_camera', f'{path}, cam{camera}')
        return dict(has_camera=False)
    return dict(has_camera=True, K=K, R=M[:3, :3], t=M[:3, 3])


def _read_truth(
    layout: HanCoLayout, sequence: str, frame: str, problems: ProblemReport
) -> dict:
    """3D ground truth; each part may be absent."""
    row: dict[str, Any] = dict(name=frame)
    for kind, column, read, is_plausible in (
        ('xyz', 'xyz', read_joints_3d, is_hand),
        ('shape', 'fit', read_hand_fit, is_hand_fit),
    ):
        if layout.has(kind):
            path = layout.frame_path(kind, sequence, frame)
            try:
                truth = read(path)
            except FileNotFoundError:
                if path.is_symlink():  # it is meant to be there
                    problems.add(f'malformed_{kind}', f'{path} leads nowhere')
                continue
            except MalformedFileError as error:
                problems.add(f'malformed_{kind}', error)
                continue
            if is_plausible(truth):
                row[column] = truth
            else:
                problems.add(f'implausible_{kind}', path)
    return row


class _ImageSizes:
    """Sizes of images, read once for each camera: a video has one size."""

    def __init__(self, layout: HanCoLayout, sequence: str):
        self._layout = layout
        self._sequence = sequence
        self._known: dict[int, tuple[int, int]] = {}

    def get(self, camera: int, frame: str) -> tuple[int, int]:
        """(width, height), or (0, 0) while no image could be read."""
        if camera not in self._known:
            try:
                with self._layout.open_image(self._sequence, camera, frame) as file:
                    self._known[camera] = open_image(file).size
            except OSError:
                return 0, 0
        return self._known[camera]


def _to_columns(rows: list[dict], columns: dict) -> Columns:
    table = {}
    for name, (shape, dtype) in columns.items():
        absent = np.full(shape, np.nan if dtype == np.float32 else 0, dtype)
        values = [row.get(name, absent) for row in rows]
        table[name] = np.asarray(values, dtype).reshape(len(rows), *shape)
    return table
