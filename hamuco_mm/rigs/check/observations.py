"""What the cameras of a rig saw, as arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from ...cameras import Camera, Cameras, Lens, calibrated_camera
from ...cameras.cameras import ARRAY_SHAPES
from ...hand_model import NUM_JOINTS
from ...structures import camera_order
from ...utils.frame_names import sequence_of_view

# Least size of a hand in an image, pixels: labels at one place are no hand.
_MIN_SIZE = 8.0


@dataclass(frozen=True, eq=False)
class RigObservations:
    """2D labels and cameras of T time steps and V views.

    Attributes:
        points (np.ndarray): Pixels without lens distortion, (T, V, J, 2).
        weights (np.ndarray): Confidences, 0 where nothing is known,
            (T, V, J).
        cameras (Cameras): Of ``points``, (T, V): without lenses.
        size (np.ndarray): Of the hand in each view, pixels, (V, ).
        names (list[str]): Of the cameras, (V, ).
        frame_ids (list[str]): (T, ), in the order of time in each sequence.
        sequences (list[str]): Of the time steps, (T, ).
        lens (Lens | None): That was taken out of ``points``, (T, V).
        image_sizes (np.ndarray | None): Width and height in pixels, (V, 2);
            NaN where not known.
        sides (list[str] | None): Of the hand, 'left', 'right' or '' for not
            known, (T, ).
        unchecked (dict[str, str]): Names of the cameras whose labels can be
            compared with nothing, and why.
    """

    points: np.ndarray
    weights: np.ndarray
    cameras: Cameras
    size: np.ndarray
    names: list[str]
    frame_ids: list[str]
    sequences: list[str]
    lens: Lens | None = None
    image_sizes: np.ndarray | None = None
    sides: list[str] | None = None
    unchecked: dict[str, str] = field(default_factory=dict)

    @property
    def num_steps(self) -> int:
        return self.points.shape[0]

    @property
    def num_views(self) -> int:
        return self.points.shape[1]

    @property
    def pixels(self) -> np.ndarray:
        """The labels in the images as the lenses made them, (T, V, J, 2)."""
        return self._lensed().distort(torch.from_numpy(self.points)).numpy()

    @classmethod
    def from_views(cls, views: Iterable[dict]) -> 'RigObservations':
        """Collect the labelled, calibrated views of a data set.

        Args:
            views (Iterable[dict]): Data infos, one per view, with ``frame_id``,
                ``camera_id``, ``keypoints`` (1, J, 2), ``keypoints_visible``
                (1, J), ``camera_param`` and optionally ``camera``,
                ``sequence``, ``image_size`` and ``hand_side``. Views without
                cameras are left out, and named in ``unchecked``. Time steps
                should come in the order of time.

        Raises:
            ValueError: If no time step has two such views, or a camera has numbers
                that are none of a camera.
        """
        steps: dict[str, dict[int | str, tuple[dict, Camera]]] = {}
        names: dict[int | str, str] = {}
        without_camera: dict[int | str, str] = {}
        for view in views:
            camera_id = view['camera_id']
            unnamed = camera_id if isinstance(camera_id, str) else f'cam{camera_id}'
            name = view.get('camera', unnamed)
            camera = calibrated_camera(
                view.get('camera_param'), f'{name} in {view["frame_id"]}'
            )
            if camera is None:
                without_camera[camera_id] = name
                continue
            names[camera_id] = name
            steps.setdefault(view['frame_id'], {})[camera_id] = view, camera
        ids = sorted(names, key=camera_order)
        labelled = sum(
            sum(bool((v['keypoints_visible'] > 0).any()) for v, _ in step.values()) >= 2
            for step in steps.values()
        )
        if not labelled:
            raise ValueError(
                'no time step has two views with both a camera and a 2D '
                f'label ({len(steps)} time steps with cameras, {len(ids)} '
                'cameras): there is nothing to triangulate. Give a '
                'calibration (rig2coco.py --calibration) and 2D labels '
                '(tools/misc/pseudo_label.py); without cameras, train with '
                'model.use_extrinsics=False'
            )
        shape = len(steps), len(ids)
        points = np.zeros((*shape, NUM_JOINTS, 2))
        weights = np.zeros((*shape, NUM_JOINTS))
        arrays = {
            key: np.full((*shape, *own), np.nan) for key, own in ARRAY_SHAPES.items()
        }
        sizes = np.full((len(ids), 2), np.nan)
        sequences, sides = [], []
        for i, step in enumerate(steps.values()):
            first, _ = next(iter(step.values()))
            sequences.append(str(sequence_of_view(first)))
            sides.append(str(first.get('hand_side') or ''))
            for camera_id, (view, camera) in step.items():
                v = ids.index(camera_id)
                for key, array in camera.as_arrays().items():
                    arrays[key][i, v] = array
                known = view['keypoints_visible'][0] > 0
                points[i, v, known] = camera.undistort(view['keypoints'][0][known])
                weights[i, v] = view['keypoints_visible'][0]
                size = np.asarray(view.get('image_size', (0, 0)), np.float64)
                if (size > 0).all():
                    sizes[v] = size
        # undistorting a label far outside of the image may fail
        weights[~np.isfinite(points).all(-1)] = 0
        points[~np.isfinite(points)] = 0
        cameras = Cameras.from_arrays(_with_cameras_everywhere(arrays))
        unchecked = {
            name: 'it has no pose in the calibration'
            for camera_id, name in without_camera.items()
            if camera_id not in names
        }
        return cls(
            points,
            weights,
            cameras.pinhole(),
            _hand_sizes(points, weights),
            [names[i] for i in ids],
            list(steps),
            sequences,
            cameras.lens,
            sizes,
            sides,
            {**unchecked, **_alone([names[i] for i in ids], weights)},
        )

    def take(self, steps: np.ndarray) -> 'RigObservations':
        """The time steps of an index or mask, (S, )."""
        chosen = np.arange(self.num_steps)[steps]
        return replace(
            self,
            points=self.points[chosen],
            weights=self.weights[chosen],
            cameras=self.cameras[chosen],
            frame_ids=[self.frame_ids[i] for i in chosen],
            sequences=[self.sequences[i] for i in chosen],
            lens=self._lensed()[chosen].lens,
            sides=None if self.sides is None else [self.sides[i] for i in chosen],
        )

    def without(self, view: int) -> 'RigObservations':
        """The same without the labels of one view."""
        weights = self.weights.copy()
        weights[:, view] = 0
        return replace(self, weights=weights)

    def without_joints(self, joints: np.ndarray) -> 'RigObservations':
        """The same without the labels of a mask, (T, V, J) or (V, J)."""
        weights = self.weights * ~joints
        return replace(self, weights=weights, size=_hand_sizes(self.points, weights))

    def reordered(self, order: Sequence[int]) -> 'RigObservations':
        """View v with the calibration of view ``order[v]``."""
        return self.seen_by(self._lensed()[:, list(order)])

    def seen_by(self, cameras: Cameras) -> 'RigObservations':
        """The same images under other cameras, (T, V), with their lenses."""
        return replace(self, cameras=cameras.pinhole(), lens=cameras.lens)._with_pixels(
            self.pixels
        )

    def warped(self, views: Sequence[int], matrices: np.ndarray) -> 'RigObservations':
        """The labels of some views moved within their images.

        Args:
            views (Sequence[int]): N views.
            matrices (np.ndarray): Pixels to pixels, (N, 2, 3).
        """
        pixels, size = self.pixels.copy(), self.size.copy()
        for view, matrix in zip(views, matrices, strict=True):
            pixels[:, view] = pixels[:, view] @ matrix[:, :2].T + matrix[:, 2]
            size[view] *= np.sqrt(np.abs(np.linalg.det(matrix[:, :2])))
        return replace(self, size=size)._with_pixels(pixels)

    def with_joints(self, views: Sequence[int], order: np.ndarray) -> 'RigObservations':
        """Joint j of some views is what was joint ``order[j]``."""
        points, weights = self.points.copy(), self.weights.copy()
        for view in views:
            points[:, view] = points[:, view, order]
            weights[:, view] = weights[:, view, order]
        return replace(self, points=points, weights=weights)

    def shifted(self, shifts: Sequence[int]) -> 'RigObservations':
        """The labels of view v taken ``shifts[v]`` time steps later, within
        their sequence; nothing known where there are none."""
        points, weights = self.points.copy(), self.weights.copy()
        for view, shift in enumerate(shifts):
            if shift:
                points[:, view], weights[:, view] = self.view_later(view, shift)
        return replace(self, points=points, weights=weights)

    def view_later(self, view: int, shift: int) -> tuple[np.ndarray, np.ndarray]:
        """Labels (T, J, 2) and weights (T, J) of one view, ``shift`` time steps
        later."""
        sequences = np.array(self.sequences)
        source = np.arange(self.num_steps) + shift
        inside = (source >= 0) & (source < self.num_steps)
        source = source.clip(0, self.num_steps - 1)
        inside &= sequences[source] == sequences
        return (self.points[source, view], self.weights[source, view] * inside[:, None])

    def _lensed(self) -> Cameras:
        return replace(self.cameras, lens=self.lens)

    def _with_pixels(self, pixels: np.ndarray) -> 'RigObservations':
        points = self._lensed().undistort(torch.from_numpy(pixels)).numpy()
        known = np.isfinite(points).all(-1)
        return replace(
            self,
            points=np.where(known[..., None], points, 0),
            weights=self.weights * known,
        )


def _with_cameras_everywhere(arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Where a view is missing in a time step, the camera of the step before
    it that has one, else of the first: labels may be tried in other steps."""
    steps, views = np.indices(arrays['K'].shape[:2])
    known = np.isfinite(arrays['K']).all((-1, -2))
    source = np.maximum.accumulate(np.where(known, steps, -1), axis=0)
    source = np.where(source < 0, known.argmax(0), source)
    return {key: array[source, views] for key, array in arrays.items()}


def _alone(names: list[str], weights: np.ndarray) -> dict[str, str]:
    """Cameras that share no labelled joint with another one, and why."""
    known = weights > 0
    shared = known & (known.sum(1, keepdims=True) >= 2)
    return {
        name: 'no time step has a joint that it and another camera have a label of'
        if known[:, v].any()
        else 'it has no 2D labels'
        for v, name in enumerate(names)
        if not shared[:, v].any()
    }


def _hand_sizes(points: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Approximate longer side of the hand in each view, (V, ) pixels."""
    known = weights > 0
    counts = known.sum(-1)
    middle = (points * known[..., None]).sum(-2) / counts.clip(1)[..., None]
    squared = ((points - middle[..., None, :]) ** 2).sum(-1) * known
    spread = np.sqrt(squared.sum(-1) / counts.clip(1))
    sizes = np.full(points.shape[1], np.nan)
    for view in range(points.shape[1]):
        usable = counts[:, view] >= 3
        if usable.any():
            # the longer side of a hand is about 3 standard deviations
            sizes[view] = 3 * np.median(spread[usable, view])
    return np.nan_to_num(sizes, nan=_MIN_SIZE).clip(_MIN_SIZE)
