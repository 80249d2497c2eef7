"""A stump of the arm, so that no one looks into the open wrist."""

import numpy as np
from scipy.spatial.transform import Rotation

# Distance from the wrist's edge in metres, and thickness relative to it.
_RINGS = ((0.015, 0.97), (0.05, 1.08), (0.11, 1.25), (0.30, 1.4))


class Forearm:
    """Continues a hand mesh at its open edge.

    Args:
        faces (np.ndarray): (F, 3) faces of the hand, with one open edge.
        num_vertices (int): Vertices of the hand.

    Attributes:
        faces (np.ndarray): Faces of hand and arm, closed.
        num_extra (int): Vertices that :meth:`extend` appends.
    """

    def __init__(self, faces: np.ndarray, num_vertices: int) -> None:
        self._loop = _open_edge(faces)
        size = len(self._loop)
        rings = [self._loop] + [
            num_vertices + k * size + np.arange(size) for k in range(len(_RINGS))
        ]
        extra = []
        for near, far in zip(rings, rings[1:]):
            a, b = near, np.roll(near, -1)
            c, d = far, np.roll(far, -1)
            extra += [np.stack([b, a, c], 1), np.stack([b, c, d], 1)]
        last, end = rings[-1], num_vertices + len(_RINGS) * size
        extra.append(np.stack([np.roll(last, -1), last, np.full(size, end)], 1))
        self.faces = np.concatenate([faces, *extra])
        self.num_extra = len(_RINGS) * size + 1

    def extend(
        self, vertices: np.ndarray, backward: np.ndarray, bend: np.ndarray
    ) -> np.ndarray:
        """Append the arm's vertices.

        Args:
            vertices (np.ndarray): (..., N, 3) the hand, metres.
            backward (np.ndarray): (..., 3) unit vectors from the hand to the
                elbow with the wrist straight.
            bend (np.ndarray): (..., 3) across ``backward``, to where the elbow
                goes as the wrist bends; as long as the angle in radians, which the
                arm reaches bit by bit, 94 % of it at the elbow.

        Returns:
            np.ndarray: (..., N + num_extra, 3).
        """
        loop = vertices[..., self._loop, :]
        centre = loop.mean(-2, keepdims=True)
        axis = np.cross(backward, bend)
        parts = [vertices]
        for distance, scale in _RINGS:
            # The wrist bends smoothly over its first centimetres.
            share = distance / (distance + 0.02)
            turn = Rotation.from_rotvec(share * axis.reshape(-1, 3)).as_matrix()
            turn = turn.reshape(*axis.shape, 3)
            middle = centre + distance * (turn @ backward[..., None]).swapaxes(-1, -2)
            parts.append(middle + scale * (loop - centre) @ turn.swapaxes(-1, -2))
        parts.append(middle)
        return np.concatenate(parts, -2)

    def is_band(self, num_vertices: int) -> np.ndarray:
        """(N + num_extra,) bool: the vertices that a wristband covers."""
        place = np.arange(num_vertices + self.num_extra) - num_vertices
        return (place >= 0) & (place < len(self._loop))

    def is_sleeve(self, num_vertices: int) -> np.ndarray:
        """(N + num_extra,) bool: the vertices that a sleeve covers."""
        covered = np.arange(num_vertices + self.num_extra)
        return covered >= num_vertices + len(self._loop)


def _open_edge(faces: np.ndarray) -> np.ndarray:
    """Vertex ids along the mesh's open edge, in the faces' direction."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    present = set(map(tuple, edges.tolist()))
    following = {a: b for a, b in present if (b, a) not in present}
    if not following:
        raise ValueError('the hand mesh has no open edge at its wrist')
    loop = [next(iter(sorted(following)))]
    while following[loop[-1]] != loop[0]:
        loop.append(following[loop[-1]])
    return np.array(loop)
