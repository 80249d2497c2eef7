"""Time steps of several calibrated views as one HTML page in 3D."""

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from string import Template

import cv2
import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from ..cameras import Camera, unstack_cameras
from ..datasets.named_images import read_named_image
from ..evaluation.hand_metrics import MM_PER_M
from ..evaluation.world_hands import (
    WorldHand,
    check_calibrated,
    place_in_world,
    seen_by_several,
    truth_in_world,
    turned_to_world,
)
from ..hand_model.topology import HAND_BONES, HAND_JOINT_NAMES
from ..structures import PredictedViews, Stage
from ..utils.files import write_atomically
from .view_pictures import MESH_COLORS

_FOLDER = Path(__file__).parent / 'page'
_SCRIPTS = ('geometry.js', 'renderer.js', 'viewer.js', 'controls.js')
_LABELS = {
    Stage.SINGLE: 'Single views',
    Stage.INTERACT: 'Interaction',
    Stage.FUSION: 'Fused hand',
}
# Pixels of an image 224 wide that are shown in full red.
_ERROR_SCALE = 20 / 224
_JPEG_QUALITY = 85


def write_page(
    path: str | Path,
    views: PredictedViews,
    faces: np.ndarray,
    title: str = 'Hand',
    image_size: int = 256,
    frames_per_second: float = 5.0,
) -> None:
    """Write one file that needs no network and no other file.

    It shows the cameras as frusta with their images, without lens distortion,
    the hand of the last
    stage placed in the world, the single views' hands (root-relative, so
    drawn at the same root) and the ground truth, each behind a toggle, a
    slider over the time steps, and the reprojection error of each joint.

    Args:
        path (str | Path): The .html file; its folder is made.
        views (PredictedViews): Calibrated views of one or more time steps; some may
            lack a camera, see
            :func:`~hamuco_mm.evaluation.world_hands.seen_by_several`.
        faces (np.ndarray): (F, 3) of the meshes.
        title (str): Heading of the page.
        image_size (int): Longer side of the images in the page, pixels.
        frames_per_second (float): Of the play button.

    Raises:
        FileNotFoundError: If an image is not there.
        ValueError: If a time step is not calibrated, or has no 2D or 3D
            predictions.
    """
    views = seen_by_several(views)
    stage = views.latest_stage
    steps = [_step(views, rows, stage, image_size) for rows in views.time_steps()]
    present = {hand['layer'] for step in steps for hand in step['hands']}
    widths = [camera['size'][0] for camera in steps[0]['cameras']]
    data = dict(
        layers=[layer for layer in _layers(stage) if layer['id'] in present],
        faces=_encode(faces, np.uint16),
        bones=HAND_BONES,
        jointNames=HAND_JOINT_NAMES,
        milliseconds=1000 / frames_per_second,
        errorScale=_ERROR_SCALE * float(np.mean(widths)),
        explanation=_explanation(stage, steps),
        steps=steps,
    )
    # "<" would let a name end the script element
    text = json.dumps(data, allow_nan=False).replace('<', '\\u003c')
    script = '\n'.join((_FOLDER / name).read_text() for name in _SCRIPTS)
    page = Template((_FOLDER / 'page.html').read_text()).substitute(
        title=html.escape(title),
        style=(_FOLDER / 'page.css').read_text(),
        script=script,
        data=text,
    )
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, page)


def _layers(stage: Stage) -> list[dict]:
    """What can be shown or hidden; the first one has the joints."""
    layers: list[dict] = [
        dict(id='hand', label=_LABELS[stage], color=MESH_COLORS[stage])
    ]
    if stage is not Stage.SINGLE:
        layers.append(
            dict(
                id=Stage.SINGLE,
                label=_LABELS[Stage.SINGLE],
                color=MESH_COLORS[Stage.SINGLE],
                shown=False,
            )
        )
    layers.append(dict(id='truth', label='Ground truth', color=MESH_COLORS['truth']))
    return layers


def _explanation(stage: Stage, steps: list[dict]) -> str:
    text = (
        f'Pixels of the original image between the projected '
        f'{_LABELS[stage].lower()} and what each camera alone predicts.'
    )
    if any(step['truthErrors'] for step in steps):
        text += ' Last column: distance from the ground truth in mm.'
    return text


def _step(
    views: PredictedViews, rows: np.ndarray, stage: Stage, image_size: int
) -> dict:
    check_calibrated(views, rows)
    hand = place_in_world(views, rows, stage)
    hands = [_hand('hand', hand.joints, hand.vertices)]
    if stage is not Stage.SINGLE:
        joints = turned_to_world(views, rows, 'keypoints_cam') + hand.root
        meshes: Sequence[np.ndarray | None] = [None] * len(rows)
        if 'vertices' in views.predictions:
            meshes = list(turned_to_world(views, rows, 'vertices') + hand.root)
        hands += [
            _hand(Stage.SINGLE, points, mesh, camera=str(views.camera_id[row]))
            for row, points, mesh in zip(rows, joints, meshes)
        ]
    truth = truth_in_world(views, rows, 'keypoints_cam')
    if truth is not None:
        hands.append(_hand('truth', truth, truth_in_world(views, rows, 'vertices')))
    return dict(
        name=str(views.frame_id[rows[0]]),
        center=hand.root.tolist(),
        hands=hands,
        cameras=[
            _camera(views, row, errors, image_size)
            for row, errors in zip(rows, hand.reprojection_error)
        ],
        truthErrors=_truth_errors(hand, truth),
    )


def _truth_errors(hand: WorldHand, truth: np.ndarray | None) -> list | None:
    if truth is None:
        return None
    return _numbers(MM_PER_M * np.linalg.norm(hand.joints - truth, axis=-1))


def _hand(
    layer: str,
    joints: np.ndarray,
    vertices: np.ndarray | None,
    camera: str | None = None,
) -> dict:
    return dict(
        layer=layer,
        camera=camera,
        joints=_encode(joints, np.float32),
        vertices=None if vertices is None else _encode(vertices, np.float32),
    )


def _camera(
    views: PredictedViews, row: int, errors: np.ndarray, image_size: int
) -> dict:
    (camera,) = unstack_cameras(views.cameras[[row]])
    K, R, t = (np.asarray(x).ravel().tolist() for x in (camera.K, camera.R, camera.t))
    picture = None
    size = views.image_size[row]
    if not np.isfinite(size).all():
        # the principal point is all that tells it
        size = 2 * camera.K[:2, 2]
    size = [round(float(length)) for length in size]
    if views.img_path[row]:
        image = read_named_image(str(views.img_path[row]))
        if image is None:
            raise FileNotFoundError(
                f'{views.img_path[row]} is no image that can be read; the '
                'predictions name it, relative to the folder they were made '
                'in'
            )
        size = [image.shape[1], image.shape[0]]
        camera = replace(camera, image_size=(image.shape[1], image.shape[0]))
        picture = _jpeg(image, camera, image_size)
    return dict(
        id=str(views.camera_id[row]),
        K=K,
        R=R,
        t=t,
        size=size,
        image=picture,
        errors=_numbers(errors),
    )


def _jpeg(image: np.ndarray, camera: Camera, image_size: int) -> str:
    """The image, smaller and without lens distortion, as a data URL."""
    scale = min(1, image_size / max(image.shape[:2]))
    if scale < 1:
        image = cv2.resize(
            image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA
        )
    # straight lines are straight in 3D: a frustum has no lens
    image = camera.resize((image.shape[1], image.shape[0])).undistort_image(image)
    _, encoded = cv2.imencode('.jpg', image, [cv2.IMWRITE_JPEG_QUALITY, _JPEG_QUALITY])
    return 'data:image/jpeg;base64,' + base64.b64encode(encoded.tobytes()).decode()


def _encode(values: ArrayLike, dtype: DTypeLike) -> str:
    """Little-endian numbers in base64."""
    array = np.asarray(values).astype(np.dtype(dtype).newbyteorder('<'))
    return base64.b64encode(array.tobytes()).decode()


def _numbers(values: np.ndarray) -> list:
    """JSON has no NaN: None stands for what is not known."""
    return [round(float(value), 3) if np.isfinite(value) else None for value in values]
