"""Edge collapse to a given number of vertices and of boundary vertices.

Quadric error metrics (Garland and Heckbert, "Surface simplification using
quadric error metrics", SIGGRAPH 1997), with a penalty on long edges that keeps
the triangles even.
"""

import heapq
from collections import Counter

import numpy as np

_LENGTH_PENALTY = 3e-8
# A collapse may turn a face's normal by at most acos(0.2), and may leave no
# face thinner than this share of its longest edge.
_MIN_COSINE = 0.2
_MIN_FACE_HEIGHT = 0.12


def boundary_edges(faces: np.ndarray) -> np.ndarray:
    """Edges (E, 2) with one face, each in the direction of that face."""
    directed = [(f[i], f[(i + 1) % 3]) for f in faces.tolist() for i in range(3)]
    count = Counter(tuple(sorted(edge)) for edge in directed)
    return np.array([e for e in directed if count[tuple(sorted(e))] == 1])


def boundary_loop(faces: np.ndarray) -> np.ndarray:
    """The vertices of the one boundary loop of a mesh, in order."""
    following = dict(boundary_edges(faces).tolist())
    loop = [next(iter(following))]
    while len(loop) < len(following):
        loop.append(following[loop[-1]])
    return np.array(loop)


def split_long_edges(
    vertices: np.ndarray, faces: np.ndarray, max_length: float
) -> tuple[np.ndarray, np.ndarray]:
    """Halve edges until none is longer than ``max_length``.

    Returns:
        tuple[np.ndarray, np.ndarray]: Vertices, the given ones first, and
        faces of the same surface.
    """
    vertices, faces = vertices.tolist(), faces.tolist()
    while True:
        corners = np.array(vertices)[np.array(faces)]
        lengths = np.linalg.norm(np.roll(corners, -1, axis=1) - corners, axis=2)
        face, side = np.unravel_index(lengths.argmax(), lengths.shape)
        if lengths[face, side] <= max_length:
            return np.array(vertices), np.array(faces)
        a, b = faces[face][side], faces[face][(side + 1) % 3]
        middle = len(vertices)
        vertices.append([(p + q) / 2 for p, q in zip(vertices[a], vertices[b])])
        for face in [f for f in faces if a in f and b in f]:
            faces.remove(face)
            for end in (a, b):
                faces.append([middle if v == end else v for v in face])


def decimate(
    vertices: np.ndarray, faces: np.ndarray, num_vertices: int, num_boundary: int
) -> tuple[np.ndarray, np.ndarray]:
    """Collapse edges of a disk-like mesh.

    Args:
        vertices (np.ndarray): (V, 3).
        faces (np.ndarray): (F, 3).
        num_vertices (int): Number of vertices to keep.
        num_boundary (int): How many of these lie on the boundary.

    Returns:
        tuple[np.ndarray, np.ndarray]: Vertices and faces of the result.
    """
    mesh = _CollapsingMesh(vertices, faces, num_boundary)
    while mesh.num_vertices > num_vertices:
        mesh.collapse_cheapest()
    return mesh.compact()


class _CollapsingMesh:
    def __init__(self, vertices: np.ndarray, faces: np.ndarray, num_boundary: int):
        self.vertices = vertices.copy()
        self.faces = faces.copy()
        self.num_boundary = num_boundary
        self.num_vertices = len(vertices)
        self.boundary = set(boundary_edges(faces).ravel().tolist())
        self.faces_of = [set() for _ in vertices]
        self.quadrics = np.zeros((len(vertices), 4, 4))
        self.version = np.zeros(len(vertices), int)
        for i, face in enumerate(faces):
            quadric = self._quadric(vertices[face])
            for vertex in face:
                self.faces_of[vertex].add(i)
                self.quadrics[vertex] += quadric
        edges = {
            tuple(sorted((f[i], f[(i + 1) % 3])))
            for f in faces.tolist()
            for i in range(3)
        }
        lengths = [np.linalg.norm(vertices[a] - vertices[b]) for a, b in edges]
        self.mean_length = np.mean(lengths)
        self.heap = []
        for edge in sorted(edges):
            self._push(*edge)

    @staticmethod
    def _quadric(triangle: np.ndarray) -> np.ndarray:
        normal = np.cross(triangle[1] - triangle[0], triangle[2] - triangle[0])
        area = np.linalg.norm(normal)
        normal = normal / area
        plane = np.append(normal, -normal @ triangle[0])
        return np.outer(plane, plane) * area

    def _neighbours(self, vertex: int) -> set[int]:
        faces = self.faces[list(self.faces_of[vertex])]
        return set(faces.ravel().tolist()) - {vertex}

    def _shared_faces(self, a: int, b: int) -> set[int]:
        return self.faces_of[a] & self.faces_of[b]

    def _kind(self, a: int, b: int) -> int | None:
        """How many ends of the edge are on the boundary; None if the edge
        may not collapse."""
        on_boundary = (a in self.boundary) + (b in self.boundary)
        shared = len(self._shared_faces(a, b))
        if on_boundary == 2:
            allowed = shared == 1 and len(self.boundary) > self.num_boundary
        else:
            allowed = shared == 2
        return on_boundary if allowed else None

    def _push(self, a: int, b: int) -> None:
        kind = self._kind(a, b)
        if kind is None:
            return
        if kind == 1:
            targets = [self.vertices[a if a in self.boundary else b]]
        else:
            targets = [
                self.vertices[a],
                self.vertices[b],
                (self.vertices[a] + self.vertices[b]) / 2,
            ]
        quadric = self.quadrics[a] + self.quadrics[b]
        length = np.linalg.norm(self.vertices[a] - self.vertices[b])
        penalty = _LENGTH_PENALTY * length**2 / self.mean_length
        costs = [
            (np.append(p, 1) @ quadric @ np.append(p, 1) + penalty, i)
            for i, p in enumerate(targets)
        ]
        cost, best = min(costs)
        # The boundary comes first: its number of vertices must be reached.
        heapq.heappush(
            self.heap,
            (
                kind != 2,
                cost,
                a,
                b,
                self.version[a],
                self.version[b],
                tuple(targets[best]),
            ),
        )

    def collapse_cheapest(self) -> None:
        _, _, a, b, version_a, version_b, target = heapq.heappop(self.heap)
        if (self.version[a], self.version[b]) != (version_a, version_b):
            return
        shared = self._shared_faces(a, b)
        common = self._neighbours(a) & self._neighbours(b)
        # More neighbours in common than faces: the mesh would fold.
        if self._kind(a, b) is None or len(common) != len(shared):
            return
        target = np.array(target)
        if not all(
            self._stays_well_shaped(face, (a, b), target)
            for vertex in (a, b)
            for face in self.faces_of[vertex] - shared
        ):
            return
        self._collapse(a, b, shared, target)

    def _stays_well_shaped(
        self, face: int, edge: tuple[int, int], target: np.ndarray
    ) -> bool:
        corners = self.faces[face]
        before = self.vertices[corners]
        after = np.where(np.isin(corners, edge)[:, None], target, before)
        normals = [np.cross(t[1] - t[0], t[2] - t[0]) for t in (before, after)]
        norms = [np.linalg.norm(n) for n in normals]
        longest = np.linalg.norm(after - np.roll(after, 1, axis=0), axis=1).max()
        return (
            normals[0] @ normals[1] > _MIN_COSINE * norms[0] * norms[1]
            and norms[1] > _MIN_FACE_HEIGHT * longest**2 / 2
        )

    def _collapse(self, a: int, b: int, shared: set[int], target: np.ndarray) -> None:
        self.vertices[a] = target
        self.quadrics[a] += self.quadrics[b]
        for face in shared:
            for vertex in self.faces[face]:
                self.faces_of[vertex].discard(face)
        for face in self.faces_of[b]:
            self.faces[face][self.faces[face] == b] = a
        self.faces_of[a] |= self.faces_of[b]
        self.faces_of[b] = set()
        if b in self.boundary:
            self.boundary.remove(b)
            self.boundary.add(a)
        self.version[[a, b]] += 1
        self.num_vertices -= 1
        for neighbour in sorted(self._neighbours(a)):
            self._push(*sorted((a, neighbour)))

    def compact(self) -> tuple[np.ndarray, np.ndarray]:
        kept = sorted(set.union(*self.faces_of))
        used = [i for i, faces in enumerate(self.faces_of) if faces]
        new_id = np.full(len(self.vertices), -1)
        new_id[used] = np.arange(len(used))
        return self.vertices[used], new_id[self.faces[kept]]
