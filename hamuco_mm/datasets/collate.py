from collections.abc import Sequence
from typing import Any

from mmengine.registry import FUNCTIONS
from mmengine.structures import InstanceData
from torch import Tensor
from torch.utils.data import default_collate


@FUNCTIONS.register_module()
def multiview_collate(data_batch: Sequence[dict]) -> dict[str, Any]:
    """Lay the views of several time steps one after another.

    Items of :class:`MultiViewDataset` have a list of views, items of other
    data sets one image; both may be in a batch, and the number of views may
    differ. The result is what MMPose's data preprocessors take. Which views
    belong together is in the samples' metainfo (``view_index``,
    ``num_views``), from which
    :class:`~hamuco_mm.structures.ViewGroups` recovers it.

    Each tensor that a data loader worker sends takes a file descriptor and
    some tenths of a millisecond. So the images become one tensor, and the
    labels, which are tensors in packed samples as in MMPose, become arrays
    of the same memory. The data preprocessor stacks them to
    :class:`~hamuco_mm.structures.HandTargets`; MMPose's own heads get tensors again
    (:class:`~hamuco_mm.structures.StackedSamples`). MMPose's ``PoseDataPreprocessor``
    makes none: with it, and those heads, use MMEngine's default collate function.

    Args:
        data_batch (Sequence[dict]): Items with ``inputs`` (a tensor or a list
            of them) and ``data_samples`` (a sample or a list). Other keys are
            ignored: ``CombinedDataset`` adds some.

    Returns:
        dict: ``inputs``, one tensor (N, 3, H, W), or a list of N where their
        sizes differ, and ``data_samples``, a list of N.
    """
    inputs, data_samples = [], []
    for item in data_batch:
        if isinstance(item['inputs'], list):
            inputs += item['inputs']
            data_samples += item['data_samples']
        else:
            inputs.append(item['inputs'])
            data_samples.append(item['data_samples'])
    for sample in data_samples:
        if 'gt_instance_labels' in sample:
            _to_arrays(sample.gt_instance_labels)
    return dict(inputs=_stack(inputs), data_samples=data_samples)


def _stack(images: list[Tensor]) -> Tensor | list[Tensor]:
    """One tensor, in shared memory within a worker; pixel by pixel in memory
    where the images are, so that stacking is plain copying."""
    if any(image.shape != images[0].shape for image in images):
        return images
    if images[0].ndim == 3:
        by_pixel = [image.permute(1, 2, 0) for image in images]
        if all(image.is_contiguous() for image in by_pixel):
            return default_collate(by_pixel).permute(0, 3, 1, 2)
    return default_collate(images)


def _to_arrays(labels: InstanceData) -> None:
    for name, value in labels.items():
        if isinstance(value, Tensor):
            labels.set_field(value.numpy(), name)
