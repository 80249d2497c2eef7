"""Neighbouring time steps of a recording see each other."""

import logging

import torch
from mmengine.logging import print_log
from mmpose.registry import MODELS
from torch import Tensor, nn

from ...hand_model.topology import NUM_JOINTS
from ...structures import ViewGroups
from .view_interaction import attend


@MODELS.register_module()
class FrameAttention(nn.Module):
    """Attention over the time steps of a window, not in the paper.

    Each joint of each view attends to the same joint in all views of all time steps
    of its window (:class:`~hamuco_mm.datasets.FrameWindowDataset`). How far they
    are apart, in places of the window, is a learned bias of each head; past and future
    are alike.
    Without windows a time step sees itself alone, which the log says once. At the
    beginning it changes nothing.

    Args:
        channels (int): Width of the graph features.
        num_heads (int): Attention heads. Defaults to 4.
        max_frames (int): Time steps from this distance on have the same bias.
            Defaults to 16.

    Raises:
        ValueError: If ``channels`` is no multiple of ``num_heads``.
    """

    def __init__(self, channels: int, num_heads: int = 4, max_frames: int = 16) -> None:
        super().__init__()
        if channels % num_heads:
            raise ValueError(
                f'{channels} channels cannot be shared by {num_heads} heads: set '
                'num_heads to a divisor'
            )
        self.num_heads, self.max_frames = num_heads, max_frames
        self.norm = nn.LayerNorm(channels)
        self.qkv = nn.Linear(channels, 3 * channels)
        self.merge = nn.Linear(channels, channels)
        nn.init.zeros_(self.merge.weight)
        nn.init.zeros_(self.merge.bias)
        self._has_said_alone = False
        self.distance_bias = nn.Parameter(torch.zeros(num_heads, max_frames))

    def forward(self, graphs: Tensor, groups: ViewGroups) -> Tensor:
        """Let the time steps of each window see each other.

        Args:
            graphs (Tensor): Features of all views of B time steps, (B, V, 21, C).
            groups (ViewGroups): Of these time steps.

        Returns:
            Tensor: With their residual, (B, V, 21, C).
        """
        windows = groups.windows
        # a compiled program has no log
        if windows is None and not torch.compiler.is_compiling():
            self._say_alone()
        grid, present = graphs[:, None], groups.mask[:, None]
        if windows is not None:
            grid, present = windows.to_padded(graphs), windows.to_padded(groups.mask)
        _, frames, views = grid.shape[:3]
        tokens = grid.flatten(1, 2)
        qkv = self.qkv(self.norm(tokens)).unflatten(-1, (3, self.num_heads, -1))
        # (3, windows, joints and heads, time steps and views, channels)
        query, key, value = qkv.permute(3, 0, 2, 4, 1, 5).flatten(2, 3)
        bias = self._bias(frames, views, graphs.device)[None]
        if not groups.regular:
            absent = ~present.flatten(1)[:, None, None]
            bias = bias.masked_fill(absent, -torch.inf)
        attended = attend(query, key, value, bias)
        attended = attended.unflatten(1, (NUM_JOINTS, self.num_heads))
        attended = attended.permute(0, 3, 1, 2, 4).flatten(3)
        grid = (tokens + self.merge(attended)).unflatten(1, (frames, views))
        return grid[:, 0] if windows is None else windows.to_flat(grid)

    def _say_alone(self) -> None:
        if not self._has_said_alone:
            print_log(
                'FrameAttention: time steps come one by one and see no neighbours. Data '
                'sets give windows with FrameWindowDataset around the '
                'MultiViewDataset; the inferencer and live predictions have none',
                'current',
                logging.WARNING,
            )
        self._has_said_alone = True

    def _bias(self, frames: int, views: int, device: torch.device) -> Tensor:
        """What is added to the attention of each query to each key, of all joints
        and heads, (21 * heads, frames * views, frames * views)."""
        times = torch.arange(frames, device=device)
        distances = (times[:, None] - times).abs().clamp(max=self.max_frames - 1)
        by_frame = self.distance_bias[:, distances][:, :, None, :, None]
        by_token = by_frame.expand(-1, -1, views, -1, views)
        return by_token.flatten(3).flatten(1, 2).repeat(NUM_JOINTS, 1, 1)
