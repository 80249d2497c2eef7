"""How many channels a backbone's feature maps have."""

from collections.abc import Sequence

import torch
from mmpose.registry import MODELS


def feature_channels(
    backbone: dict, neck: dict | None = None, input_size: Sequence[int] = (256, 256)
) -> tuple[int, ...]:
    """Channels of the feature maps that a backbone and its neck give.

    Found by a dry run of a copy with random weights. The state of the random
    generator stays as it was: a network gets the same weights whether its
    channels are given or found.

    Args:
        backbone (dict): Config of a backbone.
        neck (dict, optional): Config of a neck of MMPose that follows.
        input_size (Sequence[int]): Width and height of the images in pixels.

    Returns:
        tuple[int, ...]: One number per map, early to late.

    Raises:
        ValueError: If the result is no list or tuple of maps (N, C, h, w).
    """
    width, height = input_size
    with torch.random.fork_rng(devices=[]), torch.no_grad():
        feats = torch.zeros(1, 3, height, width)
        for part in filter(None, (backbone, neck)):
            part = MODELS.build(part)
            part.eval()  # MMPose's backbones return nothing here
            feats = part(feats)
    if not isinstance(feats, (list, tuple)) or any(x.ndim != 4 for x in feats):
        if neck is not None:
            raise ValueError(
                f'the neck {neck["type"]} gives no list of feature maps: choose one '
                'that does, or none'
            )
        raise ValueError(
            f'the backbone {backbone["type"]} gives no list of feature maps: '
            'set its out_indices, or give in_channels of head and view_neck'
        )
    return tuple(x.shape[1] for x in feats)


def with_in_channels(
    backbone: dict, neck: dict | None, head: dict, view_neck: dict | None
) -> tuple[dict, dict | None]:
    """Put the channels of the backbone's maps where a config leaves them out.

    Args:
        backbone (dict): Config of a backbone.
        neck (dict, optional): Config of a neck of MMPose that follows.
        head (dict): Config of the single-view head, which reads the last map.
            Its ``decoder`` knows the size of the images.
        view_neck (dict, optional): Config of the interaction, which reads all
            maps.

    Returns:
        tuple: Configs of head and view_neck with ``in_channels``.
    """
    parts = [part for part in (head, view_neck) if part is not None]
    if all(part.get('in_channels') is not None for part in parts):
        return head, view_neck
    size = (head.get('decoder') or {}).get('input_size', (256, 256))
    channels = feature_channels(backbone, neck, size)
    if head.get('in_channels') is None:
        head = dict(head, in_channels=channels[-1])
    if view_neck is not None and view_neck.get('in_channels') is None:
        view_neck = dict(view_neck, in_channels=channels)
    return head, view_neck
