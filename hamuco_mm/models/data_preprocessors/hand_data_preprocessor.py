from typing import Any

import numpy as np
import torch
from mmengine.dist import get_rank
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor

from ...structures import HandTargets, StackedSamples
from ...utils.transfer import to_device
from .warping import warp_crops

_WHITE = 255.0


@MODELS.register_module()
class HandDataPreprocessor(PoseDataPreprocessor):
    """:class:`PoseDataPreprocessor` for batches that
    :func:`~hamuco_mm.datasets.multiview_collate` has stacked.

    The images go to the device as one tensor of bytes. There, colour channels
    are swapped, in training multiplied by random gains, and normalised in
    place. The memory layout of the batch is kept (``channels_last``). Data
    samples without tensors are passed on as they are. Batches of another form,
    and batches to be padded or augmented, are left to the parent.

    Crops are made here where the pipeline has
    :class:`~hamuco_mm.datasets.DeviceTopdownAffine`.

    In training the labels of all samples are stacked, once, and go to the
    device of the images: the losses only see tensors, see
    :class:`~hamuco_mm.structures.HandTargets`.

    Args:
        channel_gain (Tuple[float, float], optional): Range of a factor that
            each colour channel of each training image is multiplied by, as
            in HaMuCo; values above white become white. Does the same as
            :class:`~hamuco_mm.datasets.RandomChannelGain` in the pipeline of
            the data set, but without rounding, and the data loader's workers
            need no time for it: use only one of the two. Processes that train
            together draw different gains, from the seed of PyTorch. Defaults to None: no gains.
        **kwargs: See :class:`PoseDataPreprocessor`.

    Raises:
        ValueError: If ``channel_gain`` is no range of positive numbers.
    """

    def __init__(
        self, channel_gain: tuple[float, float] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if channel_gain is not None and not (0 < channel_gain[0] <= channel_gain[1]):
            raise ValueError(
                'channel_gain should be a range (low, high) of '
                f'positive factors, got {channel_gain}'
            )
        self.channel_gain = channel_gain
        self._seed: tuple[int, int] | None = None

    def cast_data(self, data: Any) -> Any:
        """Move to the device what holds tensors."""
        if isinstance(data, PoseDataSample) and not _has_tensors(data):
            return data
        return super().cast_data(data)

    def forward(self, data: dict, training: bool = False) -> dict:
        """Normalise a batch.

        Args:
            data (dict): ``inputs`` (N, 3, H, W) or a list of images, and
                ``data_samples``.
            training (bool): Whether gains and batch augmentations apply.

        Returns:
            dict: ``inputs`` float (N, 3, H, W) and ``data_samples``: in
            training :class:`~hamuco_mm.structures.StackedSamples`.

        Raises:
            ValueError: See :meth:`HandTargets.from_data_samples`; or if only
                some of the images are to be cropped here, or to several sizes; or if
                the batch consists of time steps.
        """
        _check_collated(data['inputs'])
        data = self._normalised(self._cropped(self.cast_data(data)), training)
        data_samples = data.get('data_samples')
        if training and data_samples is not None:
            targets = HandTargets.from_data_samples(data_samples, self.device)
            data['data_samples'] = StackedSamples(data_samples, targets)
        return data

    def _cropped(self, data: dict) -> dict:
        """Does the warp that ``DeviceTopdownAffine`` has left."""
        samples = data.get('data_samples') or ()
        matrices = [
            sample.get('warp_matrix') for sample in samples if 'warp_matrix' in sample
        ]
        if not matrices:
            return data
        sizes = {sample.get('input_size') for sample in samples}
        images = data['inputs']
        if (
            len(matrices) < len(samples)
            or len(sizes) > 1
            or not isinstance(images, Tensor)
        ):
            raise ValueError(
                'crops are made on the device (DeviceTopdownAffine) only if all images '
                'of a batch have one size, all crops have one, and all pipelines '
                f'leave it to the device: here {len(matrices)} of {len(samples)}, and '
                f'crops of {sorted(sizes)}. Use FastTopdownAffine in all pipelines'
            )
        return dict(data, inputs=warp_crops(images, np.stack(matrices), *sizes))

    def _normalised(self, data: dict, training: bool) -> dict:
        inputs = data['inputs']
        gains = None
        if training and self.channel_gain is not None:
            gains = self._draw_gains(len(inputs), self.channel_gain)
        plain = (
            isinstance(inputs, Tensor)
            and self._enable_normalize
            and self.pad_size_divisor == 1
            and self.batch_augments is None
        )
        if not plain:
            if gains is not None:
                inputs = [
                    image.mul(gain).clamp_(max=_WHITE)
                    for image, gain in zip(inputs, gains)
                ]
            return super().forward(dict(data, inputs=inputs), training)
        if self._channel_conversion:
            inputs = inputs.flip(1)
        # a copy even if the input is float, as it belongs to the caller
        inputs = inputs.to(torch.float32, copy=True)
        if gains is not None:
            inputs.mul_(gains).clamp_(max=_WHITE)
        return dict(
            inputs=inputs.sub_(self.mean).div_(self.std),
            data_samples=data.get('data_samples'),
        )

    def _draw_gains(self, count: int, limits: tuple[float, float]) -> Tensor:
        """(count, 3, 1, 1) on the device."""
        # PyTorch's own generator is in the same state in all processes
        seed = (torch.initial_seed(), get_rank())
        if seed != self._seed:  # EpochSeedHook seeds each epoch
            self._seed, self._random = seed, np.random.default_rng(seed)
        gains = self._random.uniform(*limits, (count, 3, 1, 1))
        return to_device(gains, self.device, torch.float32)


def _check_collated(inputs: Any) -> None:
    if isinstance(inputs, list | tuple) and any(
        isinstance(images, list | tuple) for images in inputs
    ):
        raise ValueError(
            'a batch should be a flat list of views, but its inputs are lists of lists: '
            'a data loader of a MultiViewDataset needs '
            "collate_fn=dict(type='multiview_collate')"
        )


def _has_tensors(sample: PoseDataSample) -> bool:
    return any(
        isinstance(value, Tensor) for data in sample.values() for value in data.values()
    )
