"""Which images of a flat data set are views of the same time step."""

from collections.abc import Sequence
from typing import overload

import numpy as np


class ViewTable(Sequence):
    """A list of groups of image indices, kept in two arrays.

    A list of lists would be copied into each data loader worker, object by
    object, as soon as reference counts change.

    Args:
        members (np.ndarray): Image indices, group after group, (N, ).
        starts (np.ndarray): Where each group begins in ``members``, (G, ).
        ends (np.ndarray): Where it ends, (G, ).
    """

    def __init__(
        self, members: np.ndarray, starts: np.ndarray, ends: np.ndarray
    ) -> None:
        self.members = members
        self.starts = starts
        self.ends = ends

    @classmethod
    def from_keys(
        cls, frames: np.ndarray, cameras: np.ndarray, view_ids: Sequence | None = None
    ) -> 'ViewTable':
        """Group images by time step.

        Args:
            frames (np.ndarray): Number of the time step of each image, in
                the order in which the groups are to come, (N, ).
            cameras (np.ndarray): Camera id of each image, (N, ).
            view_ids (Sequence[int], optional): Cameras to keep, in the order
                within a group. Defaults to all, ascending.

        Raises:
            RepeatedViewError: If a time step has a camera twice.
        """
        members, rank = np.arange(len(frames)), cameras
        if view_ids is not None:
            members = np.flatnonzero(np.isin(cameras, view_ids))
            position = {camera: i for i, camera in enumerate(view_ids)}
            rank = np.array([position.get(c, -1) for c in cameras.tolist()])
        members = members[np.lexsort((rank[members], frames[members]))]
        frames, cameras = frames[members], cameras[members]
        new_frame = frames[1:] != frames[:-1]
        repeated = ~new_frame & (cameras[1:] == cameras[:-1])
        if repeated.any():
            raise RepeatedViewError(int(members[int(repeated.argmax())]))
        bounds = np.flatnonzero(new_frame) + 1
        first, last = ([0], [len(members)]) if len(members) else ([], [])
        return cls(
            members,
            np.concatenate([first, bounds]).astype(np.int64),
            np.concatenate([bounds, last]).astype(np.int64),
        )

    @property
    def sizes(self) -> np.ndarray:
        """Number of views of each time step, (G, )."""
        return self.ends - self.starts

    def take(self, selection: slice | np.ndarray) -> 'ViewTable':
        """The groups that numpy indexing selects."""
        return ViewTable(self.members, self.starts[selection], self.ends[selection])

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, position: int) -> np.ndarray: ...

    @overload
    def __getitem__(self, position: slice) -> 'ViewTable': ...

    def __getitem__(self, position: int | slice) -> 'np.ndarray | ViewTable':
        """The image indices of a time step; a table for a slice."""
        if isinstance(position, slice):
            return self.take(position)
        return self.members[self.starts[position] : self.ends[position]]


class RepeatedViewError(ValueError):
    """Raised when a time step has two images of one camera.

    Attributes:
        index (int): The image that occurs again.
    """

    def __init__(self, index: int) -> None:
        super().__init__(f'image {index} and another one are the same view')
        self.index = index
