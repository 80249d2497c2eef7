"""The reduced mesh: its edge at the wrist, and values carried over to it."""

import numpy as np
import trimesh

from .decimation import boundary_loop


def even_boundary(
    vertices: np.ndarray,
    faces: np.ndarray,
    dense_vertices: np.ndarray,
    dense_faces: np.ndarray,
) -> np.ndarray:
    """Space the boundary evenly along that of the dense mesh, in a plane."""
    outline = dense_vertices[boundary_loop(dense_faces)]
    centre = outline.mean(axis=0)
    normal = np.linalg.svd(outline - centre)[2][2]
    outline = outline - np.outer((outline - centre) @ normal, normal)
    closed = np.vstack((outline, outline[:1]))
    length = np.append(0, np.cumsum(np.linalg.norm(np.diff(closed, axis=0), axis=1)))

    loop = boundary_loop(faces)
    candidates = []
    for phase in np.linspace(0, 1, 50 * len(loop), endpoint=False):
        at = (np.arange(len(loop)) / len(loop) + phase) % 1 * length[-1]
        even = np.stack([np.interp(at, length, c) for c in closed.T], axis=1)
        moved = np.linalg.norm(even - vertices[loop], axis=1).max()
        candidates.append((moved, phase, even))
    vertices = vertices.copy()
    vertices[loop] = min(candidates, key=lambda c: c[:2])[2]
    return vertices


class Transfer:
    """Carries values of a dense mesh over to points near its surface."""

    def __init__(self, points: np.ndarray, vertices: np.ndarray, faces: np.ndarray):
        mesh = trimesh.Trimesh(vertices, faces, process=False)
        closest, _, face = trimesh.proximity.closest_point_naive(mesh, points)
        self.corners = faces[face]
        weights = trimesh.triangles.points_to_barycentric(
            mesh.triangles[face], closest
        ).clip(0, 1)
        self.weights = weights / weights.sum(axis=1, keepdims=True)

    def __call__(self, values: np.ndarray) -> np.ndarray:
        return np.einsum('vk,vkc->vc', self.weights, values[self.corners])


def smooth_weights(
    weights: np.ndarray, faces: np.ndarray, steps: int = 2
) -> np.ndarray:
    """Average skinning weights with the neighbours', so that bent joints
    crease less."""
    adjacency = np.eye(len(weights))
    for i in range(3):
        adjacency[faces[:, i], faces[:, (i + 1) % 3]] = 1
        adjacency[faces[:, (i + 1) % 3], faces[:, i]] = 1
    adjacency /= adjacency.sum(axis=1, keepdims=True)
    for _ in range(steps):
        weights = adjacency @ weights
    return weights
