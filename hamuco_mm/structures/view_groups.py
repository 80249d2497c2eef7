"""Which rows of a flat batch are views of the same time step."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

import torch
from mmpose.structures import PoseDataSample
from torch import Tensor

from ..utils.transfer import to_device
from .tensor_tree import TensorTree


class ViewGroups(TensorTree):
    """Which rows of a flat batch are views of the same time step.

    A batch is a flat list of N views, one per row; the views of one time step
    stand next to each other. In the grid of B x V places, V is the largest
    number of views of a time step; time steps with fewer views leave places
    empty.

    Args:
        sizes (Sequence[int]): Views of each of the B time steps.
        device (torch.device | str): Where the index tensors live.
        frames (Sequence[int], optional): Time steps of each window of neighbouring
            ones, which stand next to each other. Defaults to None: no windows.

    Attributes:
        sizes (tuple[int, ...]): Views of each time step.
        mask (Tensor): True where a place holds a view, bool (B, V).
        full (bool): Whether all places hold one.
        view_weights (Tensor): :func:`mean_weights` of the views, (B, V).
        pair_weights (Tensor): Those of the pairs of views, but 0 for a view
            with itself, (B, V, V).
        windows (ViewGroups | None): Which time steps are neighbours: the same of
            the B time steps in the place of views.

    Raises:
        ValueError: If there is no time step, or one without a view, or if the
            windows hold another number of time steps.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        device: torch.device | str = 'cpu',
        frames: Sequence[int] | None = None,
    ) -> None:
        if not sizes or min(sizes) < 1:
            raise ValueError(f'every group needs a view, got sizes={sizes}')
        self.sizes = tuple(int(size) for size in sizes)
        num_places = max(self.sizes)
        if frames is not None and sum(frames) != len(sizes):
            raise ValueError(
                f'windows of {list(frames)} time steps do not hold {len(sizes)}'
            )
        self.windows = None if frames is None else ViewGroups(frames, device)
        self.full = len(set(self.sizes)) == 1
        # made on the host: for each step of it, a GPU would start an operation
        mask = torch.tensor(
            [[place < size for place in range(num_places)] for size in self.sizes]
        )
        pairs = mask[:, :, None] & mask[:, None]
        itself = torch.eye(num_places, dtype=torch.bool)
        self.mask = to_device(mask, device)
        self.view_weights = to_device(mean_weights(mask), device)
        self.pair_weights = to_device(
            mean_weights(pairs).masked_fill_(itself, 0), device
        )
        # where all places hold a view, rows are places
        self._places: Tensor | None = None
        if not self.full:
            starts = range(0, num_places * len(self), num_places)
            self._places = to_device(
                [
                    start + place
                    for start, size in zip(starts, self.sizes)
                    for place in range(size)
                ],
                device,
            )

    @classmethod
    def from_data_samples(
        cls,
        data_samples: Sequence[PoseDataSample],
        device: torch.device | str = 'cpu',
    ) -> 'ViewGroups':
        """Read the groups off the samples' metainfo, see
        :func:`group_sizes` and :func:`window_sizes`."""
        sizes = group_sizes(data_samples)
        return cls(sizes, device, window_sizes(data_samples, sizes))

    def __len__(self) -> int:
        """Number of time steps, B."""
        return len(self.sizes)

    @property
    def regular(self) -> bool:
        """bool: Whether all time steps have as many views, and all windows as many
        time steps."""
        return self.full and (self.windows is None or self.windows.full)

    @property
    def num_views(self) -> Tensor:
        """Tensor: Views of each time step, int64 (B,)."""
        return self.mask.sum(1)

    def to_padded(self, rows: Tensor) -> Tensor:
        """(N, ...) -> (B, V, ...); empty places are zero."""
        if self._places is None:
            return rows.unflatten(0, tuple(self.mask.shape))
        grid = rows.new_zeros(self.mask.numel(), *rows.shape[1:])
        grid.index_copy_(0, self._places, rows)
        return grid.unflatten(0, tuple(self.mask.shape))

    def to_flat(self, grid: Tensor) -> Tensor:
        """(B, V, ...) -> (N, ...): the inverse of :meth:`to_padded`."""
        rows = grid.flatten(0, 1)
        return rows if self._places is None else rows[self._places]


def mean_weights(present: Tensor) -> Tensor:
    """How much each entry counts in a mean over the present entries of each
    time step, then over the time steps.

    A time step with one entry has nothing to compare, and does not count.

    Args:
        present (Tensor): Bool, (B, V) or (B, V, V).

    Returns:
        Tensor: Of the same shape; the sum is 1, or 0 if no time step counts.
    """
    count = present.flatten(1).sum(1)
    several = count > 1
    share = several / (count * several.sum()).clamp(min=1)
    return present * share.view(-1, *[1] * (present.ndim - 1))


def group_sizes(views: Sequence[Mapping | PoseDataSample]) -> list[int]:
    """Views of each time step of a flat batch.

    The views of a time step are ``num_views`` entries in a row with
    ``view_index`` 0, 1, ...; an entry without these keys is a group of one.

    Args:
        views (Sequence[Mapping | PoseDataSample]): Metainfo of each of the N
            views, or their samples.

    Returns:
        list[int]: B numbers whose sum is N.

    Raises:
        ValueError: If the views of a time step are incomplete or out of
            order, as after shuffling a flat batch.
    """
    sizes = []
    for row, size, order in _runs(views, 'num_views', 'view_index'):
        frames = {view.get('frame_id') for view in views[row : row + size]}
        if order != list(range(size)) or len(frames) > 1:
            raise ValueError(
                f'rows {row}..{row + size - 1} should be the {size} views '
                f'of one time step, but have view_index={order} and '
                f'frame_id={sorted(map(str, frames))}: keep the order '
                'that `multiview_collate` gives'
            )
        sizes.append(size)
    return sizes


def window_sizes(
    views: Sequence[Mapping | PoseDataSample], sizes: Sequence[int]
) -> list[int] | None:
    """Time steps of each window of a flat batch.

    The time steps of a window are ``num_frames`` in a row, whose views have
    ``frame_index`` 0, 1, ...; a time step without these keys is a window of one.

    Args:
        views (Sequence[Mapping | PoseDataSample]): Metainfo of each of the N
            views, or their samples.
        sizes (Sequence[int]): Views of each of the B time steps.

    Returns:
        list[int] | None: Numbers whose sum is B; None if no view has the keys.

    Raises:
        ValueError: If the time steps of a window are incomplete or out of order.
    """
    starts = accumulate(sizes, initial=0)
    firsts = [views[start] for start, _ in zip(starts, sizes)]
    if not any('num_frames' in first for first in firsts):
        return None
    frames = []
    for step, count, order in _runs(firsts, 'num_frames', 'frame_index'):
        if order != list(range(count)):
            raise ValueError(
                f'time steps {step}..{step + count - 1} should be the {count} of one '
                f'window, but have frame_index={order}: keep the order that '
                '`multiview_collate` gives'
            )
        frames.append(count)
    return frames


def _runs(
    entries: Sequence[Mapping | PoseDataSample], count_key: str, place_key: str
) -> Iterator[tuple[int, int, list[int]]]:
    """Entries in a row that say how many of them belong together.

    Yields:
        tuple: Where they begin, their number, and which places in the row they say
        they have, fewer at the end of the entries if some are missing.
    """
    start = 0
    while start < len(entries):
        count = int(entries[start].get(count_key, 1))
        members = entries[start : start + count]
        yield start, count, [entry.get(place_key, 0) for entry in members]
        start += count
