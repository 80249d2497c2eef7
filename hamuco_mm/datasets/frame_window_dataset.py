import logging
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from mmengine.dataset import BaseDataset, force_full_init
from mmengine.logging import print_log
from mmpose.registry import DATASETS

from .build import time_steps_by_hand
from .inner_pipeline import InnerPipeline
from .metainfo import HAND_METAINFO
from .multiview_dataset import MultiViewDataset
from .parts import dataset_parts
from .subsets import OwnCopies


class FrameWindow(NamedTuple):
    """Part of the time steps of a recording.

    Attributes:
        steps (tuple[int, ...]): All of them in the order of time, ``seq_step`` apart.
        start (int): Where the window begins in testing.
    """

    steps: tuple[int, ...]
    start: int


@DATASETS.register_module()
class FrameWindowDataset(OwnCopies, InnerPipeline, BaseDataset):
    """Windows of neighbouring time steps of a recording.

    An item has the views of all time steps of a window, as a batch of
    :func:`multiview_collate` has them, and the metainfo of each sample also says
    ``frame_index`` and ``num_frames``: its time step's place in the window and the
    size of that. :class:`~hamuco_mm.models.layers.FrameAttention` lets them see each
    other. ``batch_size`` then counts windows.

    In testing, windows follow each other and each time step is in one of them; the last
    of a recording may be shorter. In training there are as many, which begin
    anywhere. Time steps that are not there, or cannot be read, leave no gap.

    Args:
        dataset (dict | MultiViewDataset): The time steps. Recordings are told apart by
            the ``sequence`` of their data infos, else by what stands before the last
            '/' of ``frame_id``; the left and the right hand of one by their
            ``hand_side``.
        seq_len (int): Time steps of a window. Defaults to 5.
        seq_step (int): From one of them to the next. Defaults to 1.
        test_mode (bool, optional): Defaults to that of ``dataset``.
        lazy_init (bool): Defaults to False.
        max_refetch (int): How often to try another item. Defaults to 1000.

    Raises:
        ValueError: If a number is not above 0, or ``dataset`` is of another class, or
            its time steps are of no recordings.
    """

    # For MMPose's functions that only know the class, as of MultiViewDataset
    METAINFO: dict = HAND_METAINFO

    def __init__(
        self,
        dataset: dict | MultiViewDataset,
        seq_len: int = 5,
        seq_step: int = 1,
        test_mode: bool | None = None,
        lazy_init: bool = False,
        max_refetch: int = 1000,
    ) -> None:
        if min(seq_len, seq_step) < 1:
            raise ValueError(
                'seq_len and seq_step should be numbers >= 1, got '
                f'seq_len={seq_len}, seq_step={seq_step}'
            )
        self.seq_len, self.seq_step = seq_len, seq_step
        built = DATASETS.build(dataset) if isinstance(dataset, dict) else dataset
        if not isinstance(built, MultiViewDataset):
            raise ValueError(
                'FrameWindowDataset makes windows of the time steps of a '
                f'MultiViewDataset, not of a {type(built).__name__}: wrap that in a '
                'MultiViewDataset, and each of several recordings by itself'
            )
        for part in dataset_parts(built):
            if not getattr(part, 'has_recordings', True):
                raise ValueError(
                    f'time steps of a {type(part).__name__} are hands of their own, and '
                    'have no neighbours: leave out the FrameWindowDataset'
                )
        self.dataset = built
        super().__init__(
            data_prefix={},
            serialize_data=False,
            test_mode=built.test_mode if test_mode is None else test_mode,
            lazy_init=lazy_init,
            max_refetch=max_refetch,
        )
        self._metainfo = built.metainfo

    def load_data_list(self) -> list[FrameWindow]:
        """The windows of each recording."""
        windows = []
        for steps in time_steps_by_hand(self.dataset).values():
            for first in range(min(self.seq_step, len(steps))):
                apart = tuple(steps[first :: self.seq_step])
                starts = range(0, len(apart), self.seq_len)
                windows += [FrameWindow(apart, start) for start in starts]
        if self.seq_len > 1 and all(len(window.steps) == 1 for window in windows):
            print_log(
                f'FrameWindowDataset: none of {len(windows)} time steps has a '
                f'neighbour, {self.seq_step} apart in the same recording (sequence, or '
                "what stands before the last '/' of frame_id): windows have no effect",
                'current',
                logging.WARNING,
            )
        return windows

    @force_full_init
    def time_steps(self, idx: int) -> tuple[int, ...]:
        """The time steps of a window, as indices of ``dataset``; in training,
        drawn."""
        steps, start = self.data_list[idx]
        if not self.test_mode:
            start = np.random.randint(max(len(steps) - self.seq_len, 0) + 1)
        return steps[start : start + self.seq_len]

    def window_of(self, step: int) -> tuple[int, int]:
        """Where a time step is tested.

        Args:
            step (int): Index of ``dataset``.

        Returns:
            tuple[int, int]: Index of the window, and the place in it.
        """
        self.full_init()
        for idx, (steps, start) in enumerate(self.data_list):
            window = steps[start : start + self.seq_len]
            if step in window:
                return idx, window.index(step)
        raise IndexError(f'there is no time step {step}')

    def windows_of(self, steps: Iterable[int]) -> list[tuple[int, list[int]]]:
        """Where time steps are tested, a window once for those in a row.

        Args:
            steps (Iterable[int]): Indices of ``dataset``.

        Returns:
            list[tuple[int, list[int]]]: Indices of windows, and the places in each.
        """
        found: list[tuple[int, list[int]]] = []
        for step in steps:
            idx, place = self.window_of(step)
            if not found or found[-1][0] != idx:
                found.append((idx, []))
            found[-1][1].append(place)
        return found

    def get_data_info(self, idx: int) -> dict:
        """The records of all views of a window.

        Returns:
            dict: ``views`` (list[dict]) and ``sample_idx``.
        """
        steps = self.time_steps(idx)
        infos = [self.dataset.get_data_info(step) for step in steps]
        views = [view for info in infos for view in info['views']]
        return dict(views=views, sample_idx=idx % len(self))

    def prepare_data(self, idx: int) -> dict | None:
        """The views of a window's time steps, one time step after the other.

        Returns:
            dict | None: ``inputs`` and ``data_samples``; None in training if no
            view is left.

        Raises:
            OSError: In testing, if no view of a time step could be read.
        """
        prepared = [self.dataset.prepare_data(step) for step in self.time_steps(idx)]
        frames = [frame for frame in prepared if frame is not None]
        if not frames:
            return None
        for frame_index, frame in enumerate(frames):
            place = dict(frame_index=frame_index, num_frames=len(frames))
            for sample in frame['data_samples']:
                sample.set_metainfo(place)
        return {
            key: [view for frame in frames for view in frame[key]]
            for key in ('inputs', 'data_samples')
        }


def time_steps_of(dataset: BaseDataset) -> BaseDataset:
    """The data set whose items are the time steps: of windows what they are of, else
    the data set itself."""
    return dataset.dataset if isinstance(dataset, FrameWindowDataset) else dataset
