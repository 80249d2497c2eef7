"""Where a root-relative prediction is in front of the camera."""

import numpy as np

from ...cameras import Camera
from ...hand_model import ROOT_JOINT, WRIST_JOINT
from ...structures import Stage, describe, ground_truth, prediction

ROOTS = ('fit', 'wrist', 'truth')
# Joints of the bone whose length FreiHAND gives: the middle finger's first.
SCALE_BONE = (9, 10)


def fit_translation(
    points: np.ndarray, pixels: np.ndarray, K: np.ndarray
) -> np.ndarray:
    """The translation of points that a camera sees at given pixels.

    Least squares of the two linear equations of each point, in which a
    residual is a distance in pixels times the depth.

    Args:
        points (np.ndarray): Root-relative, turned as the camera, metres,
            (P, 3).
        pixels (np.ndarray): Where they appear, without lens distortion, (P, 2).
        K (np.ndarray): Intrinsics in pixels, (3, 3).

    Returns:
        np.ndarray: Translation in metres, (3, ).
    """
    rays = np.concatenate([pixels, np.ones((len(pixels), 1))], -1)
    rays = rays @ np.linalg.inv(K).T
    # x + tx = ray_x (z + tz), and the same for y
    zeros, ones = np.zeros(len(points)), np.ones(len(points))
    A = np.concatenate(
        [
            np.stack([ones, zeros, -rays[:, 0]], -1),
            np.stack([zeros, ones, -rays[:, 1]], -1),
        ]
    )
    b = (rays[:, :2] * points[:, 2:] - points[:, :2]).T.ravel()
    return np.linalg.lstsq(A, b, rcond=None)[0]


def check_root(root: str) -> None:
    """Check that :func:`absolute_hand` knows such a root.

    Raises:
        ValueError: If it does not.
    """
    if root not in ROOTS:
        raise ValueError(f'root should be one of {list(ROOTS)}, got {root!r}')


def absolute_hand(
    sample: dict,
    stage: str = Stage.SINGLE,
    root: str = 'fit',
    use_scale: bool = False,
) -> tuple[np.ndarray, np.ndarray | None]:
    """A predicted hand in the camera frame.

    Args:
        sample (dict): A data sample as the evaluator passes it.
        stage (Stage | str): 'single', 'interact' or 'fusion'.
        root (str): Where the hand is: 'fit' for where its 2D joints are seen
            by the camera of ``camera_param``, 'wrist' for the wrist's place that the
            data set gives in ``raw_ann_info['wrist']``, 'truth' for joint 9
            of the ground truth.
        use_scale (bool): Scale the hand so that its bone from joint 9 to 10
            has the length that the data set gives in
            ``raw_ann_info['scale']``.

    Returns:
        tuple: Joints (21, 3) and vertices (778, 3) or None, metres.

    Raises:
        KeyError: If the sample lacks what ``root`` or ``use_scale`` need.
    """
    joints = prediction(sample, 'keypoints_cam', stage)
    vertices = prediction(sample, 'vertices', stage)
    if joints is None:
        raise KeyError(f'{describe(sample)} has no predicted 3D joints of {stage}')
    scale = 1.0
    if use_scale:
        first, second = SCALE_BONE
        length = np.linalg.norm(joints[first] - joints[second])
        scale = _given(sample, 'scale') / length
    joints = scale * joints
    if root == 'wrist':
        translation = _given(sample, 'wrist') - joints[WRIST_JOINT]
    elif root == 'truth':
        truth = ground_truth(sample, 'keypoints_cam')
        if truth is None:
            raise KeyError(
                f"{describe(sample)} has no true joints, which root='truth' needs"
            )
        translation = truth[ROOT_JOINT] - joints[ROOT_JOINT]
    else:
        if sample.get('camera_param') is None:
            raise KeyError(
                f"{describe(sample)} has no camera_param, which root='fit' needs"
            )
        keypoints = prediction(sample, 'keypoints', stage)
        if keypoints is None:
            raise KeyError(
                f'{describe(sample)} has no predicted 2D joints of {stage}, which '
                "root='fit' needs"
            )
        camera = Camera.from_camera_param(sample['camera_param'], describe(sample))
        pixels = camera.undistort(keypoints)
        seen = np.isfinite(pixels).all(-1)
        translation = fit_translation(joints[seen], pixels[seen], camera.K)
    if vertices is not None:
        vertices = scale * vertices + translation
    return joints + translation, vertices


def _given(sample: dict, key: str) -> np.ndarray:
    given = sample.get('raw_ann_info') or {}
    if key not in given:
        raise KeyError(
            f'{describe(sample)} has no raw_ann_info[{key!r}]: the data set '
            'does not give it, or `raw_ann_info` is not among the `meta_keys` '
            'of the packing'
        )
    return np.asarray(given[key])
