"""The labels of a batch as tensors, for the losses."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from ..utils.transfer import to_device
from .tensor_tree import TensorTree
from .view_frames import ViewFrames


@dataclass(frozen=True)
class RowLabels(TensorTree):
    """A label that only some rows of a batch may have.

    Attributes:
        values (Tensor): The labels, 0 in rows that have none, (N, ...).
        present (Tensor | None): Rows that have one, bool (N,); None if all
            have.
    """

    values: Tensor
    present: Tensor | None


@dataclass(frozen=True)
class HandTargets(TensorTree):
    """The labels of N views, each of one hand, as tensors.

    A field is None where no sample of the batch has this label. Besides the
    tensors' values, a training step depends only on which fields are there
    and on the sizes of ``frames.groups``.

    Attributes:
        frames (ViewFrames): Which rows belong together, and their rotations.
        keypoints (Tensor | None): 2D joints in the crop's [-1, 1] square,
            (N, 21, 2).
        keypoint_weights (Tensor | None): Their confidences, (N, 21).
        keypoints_cam (RowLabels | None): Root-relative joints in metres in
            the frame of the crop, (N, 21, 3).
        vertices (RowLabels | None): The mesh likewise, (N, 778, 3).
    """

    frames: ViewFrames
    keypoints: Tensor | None
    keypoint_weights: Tensor | None
    keypoints_cam: RowLabels | None
    vertices: RowLabels | None

    @classmethod
    def from_data_samples(
        cls,
        data_samples: Sequence[PoseDataSample],
        device: torch.device | str = 'cpu',
    ) -> 'HandTargets':
        """Stack the labels of N samples.

        Args:
            data_samples (Sequence[PoseDataSample]): N samples with the labels
                of :class:`~hamuco_mm.codecs.WeakPerspectiveLabel` in
                ``gt_instance_labels``, arrays or tensors.
            device (torch.device | str): Of the result.

        Raises:
            ValueError: If a sample does not hold exactly one hand, if only
                some samples have 2D labels, or if the views of a time step
                are incomplete or out of order.
        """
        targets = cls(
            frames=ViewFrames.from_data_samples(data_samples),
            keypoints=_stack_all(data_samples, 'keypoint_labels'),
            keypoint_weights=_stack_all(data_samples, 'keypoint_weights'),
            keypoints_cam=_stack(data_samples, 'keypoints_cam_labels'),
            vertices=_stack(data_samples, 'vertices_labels'),
        )
        return targets.to(device)


class StackedSamples(Sequence):
    """The data samples of a training batch together with their targets.

    :class:`~hamuco_mm.models.HandDataPreprocessor` makes it, and
    :func:`targets_of` reads it. It is a sequence of samples, which MMPose's
    estimators and heads take: labels of a sample that is taken out become tensors, on
    the device of the targets. It is not a list, because DistributedDataParallel would take
    a list apart.

    Args:
        data_samples (Sequence[PoseDataSample]): N samples.
        targets (HandTargets): What :meth:`HandTargets.from_data_samples` makes
            of them.
    """

    def __init__(
        self, data_samples: Sequence[PoseDataSample], targets: HandTargets
    ) -> None:
        self.data_samples = data_samples
        self.targets = targets

    def __len__(self) -> int:
        return len(self.data_samples)

    def __getitem__(
        self, row: int | slice
    ) -> PoseDataSample | Sequence[PoseDataSample]:
        """A sample, or a list of samples for a slice."""
        if isinstance(row, slice):
            return [self[number] for number in range(*row.indices(len(self)))]
        sample = self.data_samples[row]
        labels = sample.get('gt_instance_labels', {})
        for name, value in labels.items():
            # `multiview_collate` made arrays of them
            if isinstance(value, np.ndarray):
                tensor = to_device(value, self.targets.frames.groups.mask.device)
                labels.set_field(tensor, name)
        return sample


def targets_of(
    data_samples: Sequence[PoseDataSample], device: torch.device | str
) -> HandTargets:
    """The labels of a training batch as tensors.

    :class:`~hamuco_mm.models.HandDataPreprocessor` has stacked them already,
    on its own device, which is that of the images: then ``data_samples`` is a
    :class:`StackedSamples`, and its targets are returned as they are. After
    MMPose's ``PoseDataPreprocessor`` they are stacked here.

    Args:
        data_samples (Sequence[PoseDataSample]): What an estimator or a head
            gets.
        device (torch.device | str): Of the images; labels that are not
            stacked yet go there.

    Raises:
        ValueError: See :meth:`HandTargets.from_data_samples`.
    """
    if isinstance(data_samples, StackedSamples):
        return data_samples.targets
    return HandTargets.from_data_samples(data_samples, device)


def _stack(data_samples: Sequence[PoseDataSample], label: str) -> RowLabels | None:
    """A label of all samples, None if no sample has it."""
    labels = [s.get('gt_instance_labels', {}).get(label) for s in data_samples]
    rows = [row for row, value in enumerate(labels) if value is not None]
    if not rows:
        return None
    given = [labels[row] for row in rows]
    for row, value in zip(rows, given):
        if len(value) != 1:
            raise ValueError(
                f'{_name(data_samples, row)} has {label} of {len(value)} hands: '
                'give each hand a sample of its own'
            )
    # arrays from `multiview_collate`; tensors from MMPose's `pseudo_collate`,
    # which leaves what `PackPoseInputs` or `PackHandInputs` packed
    join = np.concatenate if isinstance(given[0], np.ndarray) else torch.cat
    values = torch.as_tensor(join(given))
    if len(rows) == len(labels):
        return RowLabels(values, None)
    padded = values.new_zeros(len(labels), *values.shape[1:])
    padded.index_copy_(0, to_device(rows, values.device), values)
    return RowLabels(padded, torch.tensor([value is not None for value in labels]))


def _stack_all(data_samples: Sequence[PoseDataSample], label: str) -> Tensor | None:
    """The same for a label that all samples must have, or none."""
    stacked = _stack(data_samples, label)
    if stacked is None:
        return None
    if stacked.present is None:
        return stacked.values
    row = stacked.present.tolist().index(False)
    raise ValueError(
        f'{_name(data_samples, row)} has no {label}, but others of its batch do: '
        "put dict(type='GenerateTarget', encoder=dict(type='WeakPerspectiveLabel', "
        '...)) into the pipeline of each data set'
    )


def _name(data_samples: Sequence[PoseDataSample], row: int) -> str:
    """What an error message calls a sample."""
    return str(data_samples[row].metainfo.get('img_path', f'sample {row}'))
