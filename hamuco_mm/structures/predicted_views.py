"""Predictions of many views as arrays, and their files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from mmpose.structures import PoseDataSample

from ..cameras import Camera, Cameras, stack_cameras
from ..utils.frame_names import frame_of, sequence_of
from .inferencer_files import read_inferencer_file, read_inferencer_folder
from .mirrored_samples import unmirrored_sample
from .prediction_files import (
    IDENTITIES,
    IMAGE_SHAPES,
    TRUTH_FIELDS,
    Arrays,
    read_views,
    write_joints,
    write_views,
)
from .stage import Stage
from .view_samples import camera_of, describe, split_time_steps

_GROUPS = ('predictions', 'ground_truth')


@dataclass(frozen=True)
class PredictedViews:
    """What is known about N views, row by row.

    Attributes:
        frame_id (np.ndarray): Time step, str (N,).
        camera_id (np.ndarray): Name of the camera, else its number, str (N,); empty
            where not known.
        img_path (np.ndarray): str (N,); empty where not known.
        img_id (np.ndarray): Number of the image, int (N,); -1 where not known.
        item (np.ndarray): Views with the same number belong together, as in
            the data set; int (N,), ascending.
        time_step (np.ndarray): Number of the time step, those without a hand counted,
            int (N,): its place in the recording, or, of a data set, ``item``.
        frame (np.ndarray): Number of the time step in its sequence, int (N,): that
            which ends its name, or of names that are times, its rank; -1 where there
            is none.
        time (np.ndarray): Of the time step in its video, seconds (N,); NaN where
            not known.
        image_size (np.ndarray): Width and height of the original image, pixels
            (N, 2); NaN where not known.
        crop_side (np.ndarray): Side of the square of the original image that
            the network saw, pixels (N,); NaN where not known.
        cameras (Cameras): Of the original images, (N,); NaN where not known.
        predictions (dict): Fields of ``pred_instances`` without the dimension
            of the one instance, as ``keypoints`` (N, 21, 2); words, as
            ``hand_sides`` (N,), are empty where not known.
        ground_truth (dict): The same for ``gt_instances``.
    """

    frame_id: np.ndarray
    camera_id: np.ndarray
    img_path: np.ndarray
    img_id: np.ndarray
    item: np.ndarray
    time_step: np.ndarray
    frame: np.ndarray
    time: np.ndarray
    image_size: np.ndarray
    crop_side: np.ndarray
    cameras: Cameras
    predictions: Arrays
    ground_truth: Arrays

    @classmethod
    def from_samples(cls, samples: Sequence[PoseDataSample | dict]) -> 'PredictedViews':
        """Collect data samples, or the dicts that an evaluator gets.

        Left hands that were mirrored (``MirrorLeftHand``) are those of the original
        images again, and ``hand_sides`` then says the side of each.

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
        if any(row.get('mirrored') for row in rows):
            rows = [_as_photographed(row) for row in rows]
        item = np.empty(len(rows), int)
        for number, members in enumerate(split_time_steps(rows)):
            item[members] = number
        names = [str(row.get('frame_id', '')) for row in rows]
        predictions = [row['pred_instances'] for row in rows]
        truths = [row.get('gt_instances', {}) for row in rows]
        fields = sorted(
            {name for prediction in predictions for name in list(prediction.keys())}
        )
        return cls(
            frame_id=np.array(names),
            camera_id=np.array(
                ['' if c == -1 else str(c) for c in map(camera_of, rows)]
            ),
            img_path=np.array([str(row.get('img_path', '')) for row in rows]),
            img_id=np.array([int(row.get('img_id', -1)) for row in rows]),
            item=item,
            time_step=np.array(
                [row.get('time_step', number) for row, number in zip(rows, item)]
            ),
            frame=np.array(
                [row.get('frame', frame_of(name)) for row, name in zip(rows, names)]
            ),
            time=np.array([float(row.get('time', np.nan)) for row in rows]),
            **{
                name: _stack([_image(row)[name] for row in rows], shape)
                for name, shape in IMAGE_SHAPES.items()
            },
            cameras=stack_cameras(
                [
                    Camera.from_camera_param(
                        row.get('camera_param') or {}, describe(row)
                    )
                    for row in rows
                ]
            ),
            predictions=_fields(predictions, fields),
            ground_truth=_fields(truths, TRUTH_FIELDS),
        )

    def __len__(self) -> int:
        return len(self.item)

    @property
    def calibrated(self) -> np.ndarray:
        """Views whose K, R and t are known, bool (N,)."""
        return self.cameras.calibrated.numpy()

    @property
    def latest_stage(self) -> Stage:
        """The last stage whose 3D joints were predicted.

        Raises:
            ValueError: If there are none.
        """
        stage = Stage.latest(self.predictions)
        if stage is None:
            raise ValueError('the views have no predicted 3D joints (keypoints_cam)')
        return stage

    @property
    def hand_sides(self) -> set[str]:
        """'right', 'left', or both: what the predictions say of the sides of their
        hands; empty if they say nothing."""
        return set(self.predictions.get('hand_sides', np.array(['']))) - {''}

    @property
    def frames_per_second(self) -> float | None:
        """Of the first video that the views are from; None where it is not known."""
        known = [
            (float(time), int(frame), sequence_of(str(name)))
            for time, frame, name in zip(self.time, self.frame, self.frame_id)
            if np.isfinite(time) and frame >= 0
        ]
        of_first = [
            (time, number) for time, number, video in known if video == known[0][2]
        ]
        if not of_first:
            return None
        (start, first), (end, last) = min(of_first), max(of_first)
        return (last - first) / (end - start) if end > start else None

    def of_side(self, side: str) -> 'PredictedViews':
        """The views whose hands are of one side, 'right' or 'left'."""
        sides = self.predictions.get('hand_sides', np.full(len(self), ''))
        return self.select(np.flatnonzero(sides == side).tolist())

    def time_steps(self) -> list[np.ndarray]:
        """Row numbers of each time step's views."""
        return np.split(np.arange(len(self)), np.flatnonzero(np.diff(self.item)) + 1)

    def select(self, rows: Sequence[int]) -> 'PredictedViews':
        """Some of the views, in the given order."""
        fields: dict[str, Any] = {
            name: array[rows] for name, array in self._rows().items()
        }
        for group in _GROUPS:
            arrays = getattr(self, group)
            fields[group] = {name: array[rows] for name, array in arrays.items()}
        return PredictedViews(cameras=self.cameras[rows], **fields)

    def undistorted(self) -> 'PredictedViews':
        """The same views through the same cameras without their lenses.

        2D keypoints, predicted and labelled, move to where they would be seen
        without distortion; NaN where the model of the lens has no answer.
        """
        lens = self.cameras.lens
        if lens is None:
            return self
        known = self.cameras.K.isfinite().all(-1).all(-1)
        rows = torch.nonzero(lens.bends & known)[:, 0]
        cameras = self.cameras[rows]

        def straighten(fields: Arrays) -> Arrays:
            fields = dict(fields)
            for name, array in fields.items():
                if name.startswith('keypoints') and array.shape[2:] == (2,):
                    pixels = torch.from_numpy(array.astype(float))
                    pixels[rows] = cameras.undistort(pixels[rows])
                    fields[name] = pixels.numpy()
            return fields

        return replace(
            self,
            cameras=self.cameras.pinhole(),
            predictions=straighten(self.predictions),
            ground_truth=straighten(self.ground_truth),
        )

    def save(self, path: str | Path) -> None:
        """Write an .npz file that says what its numbers mean."""
        write_views(path, self._rows(), self._groups())

    def save_joints(self, path: str | Path) -> None:
        """Write the smaller .npz file of joints, labels and cameras that
        ``docs/evaluation.md`` describes."""
        write_joints(path, self._rows(), self._groups())

    @classmethod
    def load(cls, path: str | Path) -> 'PredictedViews':
        """Read a file of predictions, whichever command wrote it.

        Args:
            path (str | Path): What :meth:`save` or :meth:`save_joints` wrote,
                or, if it ends with .json, what the inferencer wrote, see
                :func:`~hamuco_mm.structures.inferencer_files.
                read_inferencer_file`; or a folder of such files.

        Raises:
            FileNotFoundError: If there is no such file.
            ValueError: If it is none of these.
        """
        if Path(path).is_dir():
            return cls.from_samples(read_inferencer_folder(path))
        if Path(path).suffix == '.json':
            return cls.from_samples(read_inferencer_file(path))
        rows, groups = read_views(path)
        cameras = Cameras.from_arrays(groups.pop('cameras'))
        fields: dict[str, Any] = {**rows, **groups}
        return cls(cameras=cameras, **fields)

    def _rows(self) -> Arrays:
        names = (*IDENTITIES, 'time_step', 'frame', 'time', *IMAGE_SHAPES)
        return {name: getattr(self, name) for name in names}

    def _groups(self) -> dict[str, Arrays]:
        groups = {name: getattr(self, name) for name in _GROUPS}
        return dict(groups, cameras=self.cameras.as_arrays())


def _as_photographed(sample: dict) -> dict:
    """The sample in the original image, with the side of its hand."""
    mirrored = sample.get('mirrored')
    sample = unmirrored_sample(sample) if mirrored else sample
    side = dict(hand_sides=np.array(['left' if mirrored else 'right']))
    return dict(sample, pred_instances={**sample['pred_instances'], **side})


def _image(sample: dict) -> dict:
    """Size of the image and of the crop, None where the sample has none."""
    size, scale = sample.get('ori_shape'), sample.get('input_scale')
    return dict(
        image_size=None if size is None else size[1::-1],
        crop_side=None if scale is None else np.asarray(scale)[0],
    )


def _fields(instances: Sequence[dict], names: Sequence[str]) -> Arrays:
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


def _stack(values: list, shape: tuple[int, ...]) -> np.ndarray:
    """Rows of one shape, NaN where there is none; of words the empty one."""
    is_text = any(isinstance(value, (str, np.str_)) for value in values)
    missing = np.array('') if is_text else np.full(shape, np.nan, np.float32)
    return np.stack(
        [
            missing if value is None else np.asarray(value).reshape(shape)
            for value in values
        ]
    )
