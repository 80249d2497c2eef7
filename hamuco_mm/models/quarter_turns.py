"""Hands in a crop that is turned by quarters, and the mean of what a network says
of each: augmentation at test time."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from mmpose.models.pose_estimators.base import BasePoseEstimator
from torch import Tensor

from ..geometry.rotation_averaging import nearest_rotation
from ..structures import HandEstimate
from .layers import HandDecoder

QUARTERS = 4


@contextmanager
def looking_once(model: BasePoseEstimator) -> Iterator[None]:
    """Let a model predict from crops as they are, whatever its
    ``test_cfg.rotation_test`` says, where how much single predictions differ is what
    counts, or their time."""
    asked = model.test_cfg
    model.test_cfg = {**asked, 'rotation_test': False}
    try:
        yield
    finally:
        model.test_cfg = asked


def turn_crops(crops: Tensor, quarters: int) -> Tensor:
    """Crops (N, C, S, S) turned counter-clockwise, exactly: no pixel is made anew.

    Raises:
        ValueError: If they are not square.
    """
    height, width = crops.shape[-2:]
    if height != width:
        raise ValueError(
            f'crops of {width}x{height} pixels cannot be turned by quarters: make '
            'them square, or leave out test_cfg.rotation_test'
        )
    return crops.rot90(quarters, (-2, -1))


def mean_of_turned(
    turned: Sequence[HandEstimate], crop_size: int, decoder: HandDecoder
) -> HandEstimate:
    """The mean of estimates of the same crops.

    Rotations (the nearest to their mean), shapes and cameras are averaged, not
    points, so that it is a hand of the model.

    Args:
        turned (Sequence[HandEstimate]): Of N crops each; the k-th of crops that
            :func:`turn_crops` turned by k quarters.
        crop_size (int): Side of the crops in pixels.
        decoder (HandDecoder): Of these hands.

    Returns:
        HandEstimate: N hands, in the frames of the crops that are not turned.
    """
    rotations, cameras = [], []
    for quarters, hands in enumerate(turned):
        # what was at p in the crop is at `forward @ p` in the turned one
        forward = _rotation_of(quarters, hands.pose)
        root = forward.mT @ hands.pose[:, :1]
        rotations.append(torch.cat([root, hands.pose[:, 1:]], 1))
        # pixels are whole numbers from 0, so that the middle of the square [-1, 1]
        # is half a pixel beside that about which crops are turned
        middle = -1 / crop_size
        place = (hands.camera[:, 1:] - middle) @ forward[:2, :2] + middle
        cameras.append(torch.cat([hands.camera[:, :1], place], -1))
    scales = [x.keypoint_scales for x in turned if x.keypoint_scales is not None]
    return decoder.from_parameters(
        nearest_rotation(torch.stack(rotations).mean(0)),
        torch.stack([hands.betas for hands in turned]).mean(0),
        torch.stack(cameras).mean(0),
        torch.stack(scales).mean(0) if scales else None,
    )


def _rotation_of(quarters: int, like: Tensor) -> Tensor:
    """(3, 3), of the camera's space as its image is turned counter-clockwise, in
    whole numbers; y points down."""
    # of rows of the identity: numbers of the host would have to be sent to a GPU
    x, y, z = torch.eye(3, dtype=like.dtype, device=like.device).unbind()
    for _ in range(quarters):
        x, y = y, -x
    return torch.stack([x, y, z])
