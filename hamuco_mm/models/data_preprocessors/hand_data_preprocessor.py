from typing import Any

import torch
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from torch import Tensor


@MODELS.register_module()
class HandDataPreprocessor(PoseDataPreprocessor):
    """:class:`PoseDataPreprocessor` for batches that
    :func:`~hamuco_mm.datasets.multiview_collate` has stacked.

    Bytes go to the device in one piece; there, colours are swapped and
    normalised in place, pixel by pixel in memory (``channels_last``) where
    the batch is. Data samples without tensors are passed on as they are.
    Other batches, and those to be padded or augmented, take the parent's way.

    Args:
        **kwargs: See :class:`PoseDataPreprocessor`.
    """

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
            training (bool): Whether batch augmentations apply.

        Returns:
            dict: ``inputs`` float (N, 3, H, W) and ``data_samples``.
        """
        plain = (
            isinstance(data['inputs'], Tensor) and self._enable_normalize
            and self.pad_size_divisor == 1 and self.batch_augments is None)
        if not plain:
            return super().forward(data, training)
        data = self.cast_data(data)
        inputs = data['inputs']
        if self._channel_conversion:
            inputs = inputs.flip(1)
        # a copy also where the input is float: it belongs to the caller
        inputs = inputs.to(torch.float32, copy=True)
        return dict(
            inputs=inputs.sub_(self.mean).div_(self.std),
            data_samples=data.get('data_samples'))


def _has_tensors(sample: PoseDataSample) -> bool:
    return any(
        isinstance(value, Tensor) for data in sample.values()
        for value in data.values())
