"""Meshes of many batches, measured together."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from .hand_metrics import mesh_metrics

# A call takes hundreds of operations, however few hands it measures: on a GPU
# their launches cost most, on a CPU it should stay within the cache.
_HANDS_PER_CALL = dict(cuda=1536, cpu=128)


class HandPair(NamedTuple):
    """Predicted hands and the true ones, tensors on the same device.

    Attributes:
        vertices (Tensor): Predicted vertices, metres, (N, V, 3).
        joints (Tensor): Predicted joints, metres, (N, 21, 3).
        true_vertices (Tensor): True vertices, metres, (N, V, 3).
        true_joints (Tensor): True joints, metres, (N, 21, 3).
    """

    vertices: Tensor
    joints: Tensor
    true_vertices: Tensor
    true_joints: Tensor


class MeshQueue:
    """Gathers hands, and measures as many of them at once as is fast.

    On a GPU nothing waits for the results before :meth:`finish`. Meshes are
    not kept longer than until they are measured.

    Args:
        f_thresholds (Sequence[float]): See
            :func:`~hamuco_mm.evaluation.hand_metrics.mesh_metrics`.
        f_alignment (str): Likewise.
    """

    def __init__(self, f_thresholds: Sequence[float], f_alignment: str) -> None:
        self.f_thresholds = f_thresholds
        self.f_alignment = f_alignment
        self._waiting: list[HandPair] = []
        self._measured: list[dict[str, Tensor]] = []
        self._results: list[dict[str, float]] = []

    def add(self, hands: HandPair, results: Sequence[dict[str, float]]) -> None:
        """Measure N hands, now or later.

        Args:
            hands (HandPair): The hands.
            results (Sequence[dict[str, float]]): N dicts, which
                :meth:`finish` fills with the measures.
        """
        self._waiting.append(hands)
        self._results += results
        waiting = sum(len(hands.joints) for hands in self._waiting)
        if waiting >= _HANDS_PER_CALL[hands.joints.device.type]:
            self._measure()

    def finish(self) -> None:
        """Fill in the results of all hands that were added."""
        if self._waiting:
            self._measure()
        start = 0
        for columns in self._measured:
            rows = torch.stack(list(columns.values()), -1).tolist()
            for result, row in zip(self._results[start:], rows):
                result.update(zip(columns, row))
            start += len(rows)
        self._measured, self._results = [], []

    def _measure(self) -> None:
        hands = HandPair(*map(torch.cat, zip(*self._waiting)))
        self._waiting = []
        self._measured.append(
            mesh_metrics(
                *hands, f_thresholds=self.f_thresholds, f_alignment=self.f_alignment
            )
        )
