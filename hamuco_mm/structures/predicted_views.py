"""Predictions of many views as arrays, and as a file of plain data."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from ..cameras.distortion import NUM_COEFFICIENTS, pad_distortion
from ..evaluation.metrics.views import split_items

# Said in every file, so that nobody has to look it up.
_CONVENTIONS = (
    'One row per view. Pixels: of the original image, x right, y down. '
    'pred_keypoints_cam and pred_vertices (also _interact, _fused): metres, '
    "root-relative (joint 9, middle MCP, is 0), in the view's camera frame "
    '(x right, y down, z forward). gt_keypoints_cam and gt_vertices: the '
    'same, but absolute. *_world: metres in the world frame. R, t: x_cam = R '
    'x_world + t, metres. NaN: not known.'
)
_IDENTITIES = ('frame_id', 'camera_id', 'img_path', 'item')
_CAMERA = dict(K=(3, 3), R=(3, 3), t=(3,), dist=(NUM_COEFFICIENTS[-1],), fisheye=())
_GROUND_TRUTH = ('keypoints', 'keypoints_visible', 'keypoints_cam', 'vertices')


@dataclass(frozen=True)
class PredictedViews:
    """What is known of N views, row by row.

    Attributes:
        frame_id (np.ndarray): Time step, str (N,).
        camera_id (np.ndarray): Number or name of the camera, str (N,); empty
            where not known.
        img_path (np.ndarray): str (N,).
        item (np.ndarray): Views with the same number belong together, as in
            the data set; int (N,), ascending.
        cameras (dict): ``K`` (N, 3, 3), ``R`` (N, 3, 3), ``t`` (N, 3), the
            lens ``dist`` (N, 12) and whether it is a ``fisheye`` (N,).
        predictions (dict): Fields of ``pred_instances`` without the dimension
            of the one instance, as ``keypoints`` (N, 21, 2).
        ground_truth (dict): The same of ``gt_instances``.
    """

    frame_id: np.ndarray
    camera_id: np.ndarray
    img_path: np.ndarray
    item: np.ndarray
    cameras: dict[str, np.ndarray]
    predictions: dict[str, np.ndarray]
    ground_truth: dict[str, np.ndarray]

    @classmethod
    def from_samples(cls, samples: Sequence[dict]) -> 'PredictedViews':
        """Collect data samples, or the dicts that an evaluator gets.

        Args:
            samples (Sequence[PoseDataSample | dict]): N views with
                ``pred_instances``, those of a time step in a row.

        Raises:
            ValueError: If there are none, or a time step is not complete.
        """
        if not samples:
            raise ValueError('there are no predictions')
        rows = [
            sample if isinstance(sample, dict) else sample.to_dict()
            for sample in samples
        ]
        item = np.empty(len(rows), int)
        for number, members in enumerate(split_items(rows)):
            item[members] = number
        cameras = [_camera(row.get('camera_param')) for row in rows]
        predictions = [row['pred_instances'] for row in rows]
        truths = [row.get('gt_instances', {}) for row in rows]
        fields = sorted(
            {name for prediction in predictions for name in list(prediction.keys())}
        )
        return cls(
            frame_id=np.array([str(row.get('frame_id', '')) for row in rows]),
            camera_id=np.array([str(row.get('camera_id', '')) for row in rows]),
            img_path=np.array([str(row.get('img_path', '')) for row in rows]),
            item=item,
            cameras={
                name: _stack([camera.get(name) for camera in cameras], shape)
                for name, shape in _CAMERA.items()
            },
            predictions=_fields(predictions, fields),
            ground_truth=_fields(truths, _GROUND_TRUTH),
        )

    def __len__(self) -> int:
        return len(self.item)

    @property
    def calibrated(self) -> np.ndarray:
        """Views whose K, R and t are known, bool (N,)."""
        return np.logical_and.reduce(
            [
                np.isfinite(self.cameras[name]).reshape(len(self), -1).all(1)
                for name in ('K', 'R', 't')
            ]
        )

    def time_steps(self) -> list[np.ndarray]:
        """Row numbers of each time step's views."""
        return np.split(np.arange(len(self)), np.flatnonzero(np.diff(self.item)) + 1)

    def select(self, rows: Sequence[int]) -> 'PredictedViews':
        """Some of the views, in the given order."""
        return PredictedViews(
            **{name: getattr(self, name)[rows] for name in _IDENTITIES},
            **{
                name: {key: value[rows] for key, value in group.items()}
                for name, group in dict(
                    cameras=self.cameras,
                    predictions=self.predictions,
                    ground_truth=self.ground_truth,
                ).items()
            },
        )

    def save(self, path: str | Path) -> None:
        """Write an .npz file that says what its numbers mean."""
        arrays = {name: getattr(self, name) for name in _IDENTITIES}
        groups = dict(
            camera_=self.cameras, pred_=self.predictions, gt_=self.ground_truth
        )
        for prefix, group in groups.items():
            arrays.update({prefix + name: value for name, value in group.items()})
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, conventions=np.array(_CONVENTIONS), **arrays)

    @classmethod
    def load(cls, path: str | Path) -> 'PredictedViews':
        """Read what :meth:`save` wrote, or the joints that
        :class:`~hamuco_mm.evaluation.HandMeshMetric` writes.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is neither of these.
        """
        try:
            with np.load(path, allow_pickle=False) as file:
                arrays = dict(file)
        except (ValueError, OSError, EOFError) as error:
            if isinstance(error, FileNotFoundError):
                raise
            raise ValueError(
                f'{path} is no .npz file of plain arrays: {error}. Write one '
                'with tools/test.py --dump views.npz'
            ) from error
        if 'single_joints' in arrays:
            return cls(**_from_metric(arrays))
        missing = [key for key in _IDENTITIES if key not in arrays]
        missing += [f'camera_{key}' for key in _CAMERA if f'camera_{key}' not in arrays]
        if missing:
            raise ValueError(
                f'{path} has no {", ".join(missing)}, so it holds no '
                'predicted views. Write a file with tools/test.py --dump '
                'views.npz'
            )
        groups = {
            prefix: {
                key[len(prefix) :]: value
                for key, value in arrays.items()
                if key.startswith(prefix)
            }
            for prefix in ('camera_', 'pred_', 'gt_')
        }
        del groups['camera_']['id']
        return cls(
            **{name: arrays[name] for name in _IDENTITIES},
            cameras=groups['camera_'],
            predictions=groups['pred_'],
            ground_truth=groups['gt_'],
        )


def _camera(camera_param: dict | None) -> dict:
    """A sample's camera with the lens in its longest form."""
    if not camera_param:
        return {}
    dist = torch.as_tensor(np.ravel(camera_param.get('dist', ())))
    return dict(
        camera_param,
        dist=pad_distortion(dist).numpy(),
        fisheye=camera_param.get('distortion_model') == 'fisheye',
    )


def _fields(instances: Sequence[dict], names: Sequence[str]):
    """Arrays of the named fields, without those that no view has."""
    arrays = {}
    for name in names:
        values = [instance.get(name) for instance in instances]
        known = [value for value in values if value is not None]
        if known:
            values = [
                None if value is None else np.asarray(value)[0] for value in values
            ]
            arrays[name] = _stack(values, np.asarray(known[0]).shape[1:])
    return arrays


def _stack(values: list, shape: tuple) -> np.ndarray:
    """Rows of one shape, NaN where there is none."""
    missing = np.full(shape, np.nan, np.float32)
    return np.stack(
        [
            missing if value is None else np.asarray(value).reshape(shape)
            for value in values
        ]
    )


def _from_metric(arrays: dict[str, np.ndarray]) -> dict:
    """The joints-only file of HandMeshMetric."""
    number = len(arrays['item'])
    suffixes = dict(single='', interact='_interact', fusion='_fused')
    predictions = {
        name + suffix: arrays.get(f'{mode}_{kind}')
        for mode, suffix in suffixes.items()
        for name, kind in (('keypoints', 'keypoints'), ('keypoints_cam', 'joints'))
    }
    return dict(
        frame_id=arrays['frame_id'],
        camera_id=np.where(
            arrays['camera_id'] < 0, '', arrays['camera_id'].astype(str)
        ),
        img_path=np.full(number, ''),
        item=arrays['item'],
        cameras={
            name: arrays.get(name, np.full((number, *shape), np.nan))
            for name, shape in _CAMERA.items()
        },
        predictions={
            name: value
            for name, value in predictions.items()
            if value is not None and np.isfinite(value).any()
        },
        ground_truth=dict(keypoints_cam=arrays['gt_joints']),
    )
