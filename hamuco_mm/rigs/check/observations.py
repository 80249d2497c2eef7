"""What the cameras of a rig saw, as arrays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from ...cameras import Camera, Cameras
from ...hand_model import NUM_JOINTS

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
    """

    points: np.ndarray
    weights: np.ndarray
    cameras: Cameras
    size: np.ndarray
    names: list[str]
    frame_ids: list[str]
    sequences: list[str]

    @property
    def num_steps(self) -> int:
        return self.points.shape[0]

    @property
    def num_views(self) -> int:
        return self.points.shape[1]

    @classmethod
    def from_views(cls, views: Iterable[dict]) -> 'RigObservations':
        """Collect the labelled, calibrated views of a data set.

        Args:
            views (Iterable[dict]): Data infos, one per view, with ``frame_id``,
                ``camera_id``, ``keypoints`` (1, J, 2), ``keypoints_visible``
                (1, J), ``camera_param`` and optionally ``camera`` and
                ``sequence``. Views without cameras are left out. Time steps
                should come in the order of time.

        Raises:
            ValueError: If no time step has two such views.
        """
        steps: dict[str, dict[int, dict]] = {}
        names: dict[int, str] = {}
        for view in views:
            if 'camera_param' not in view:
                continue
            camera_id = int(view['camera_id'])
            names[camera_id] = view.get('camera', f'cam{camera_id}')
            steps.setdefault(view['frame_id'], {})[camera_id] = view
        ids = sorted(names)
        labelled = sum(
            sum(bool((v['keypoints_visible'] > 0).any()) for v in step.values()) >= 2
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
        K, R = (np.tile(np.eye(3), (*shape, 1, 1)) for _ in 'KR')
        t = np.zeros((*shape, 3))
        sequences = []
        for i, (frame_id, step) in enumerate(steps.items()):
            first = next(iter(step.values()))
            sequences.append(str(first.get('sequence', frame_id.rpartition('/')[0])))
            for camera_id, view in step.items():
                v = ids.index(camera_id)
                camera = Camera.from_camera_param(
                    view['camera_param'], f'{names[camera_id]} in {frame_id}'
                )
                K[i, v], R[i, v], t[i, v] = camera.K, camera.R, camera.t
                known = view['keypoints_visible'][0] > 0
                points[i, v, known] = camera.undistort(view['keypoints'][0][known])
                weights[i, v] = view['keypoints_visible'][0]
        # undistorting a label far outside of the image may fail
        weights[~np.isfinite(points).all(-1)] = 0
        points[~np.isfinite(points)] = 0
        return cls(
            points,
            weights,
            Cameras.from_arrays(dict(K=K, R=R, t=t)),
            _hand_sizes(points, weights),
            [names[i] for i in ids],
            list(steps),
            sequences,
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
        )

    def without(self, view: int) -> 'RigObservations':
        """The same without the labels of one view."""
        weights = self.weights.copy()
        weights[:, view] = 0
        return replace(self, weights=weights)

    def reordered(self, order: Sequence[int]) -> 'RigObservations':
        """View v with the calibration of view ``order[v]``."""
        return replace(self, cameras=self.cameras[:, list(order)])

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
