"""A z-buffer in vectorised numpy: no OpenGL, no compiled extension."""

from typing import NamedTuple

import numpy as np


class Fragments(NamedTuple):
    """Visible pixels of a triangle mesh, M of them.

    Attributes:
        pixels (np.ndarray): (M,) flat indices ``y * width + x``.
        faces (np.ndarray): (M,) the face seen there.
        barycentric (np.ndarray): (M, 3) weights of the face's corners.
        depth (np.ndarray): (M,) depth along the optical axis, metres.
    """

    pixels: np.ndarray
    faces: np.ndarray
    barycentric: np.ndarray
    depth: np.ndarray


def rasterize(
    pixels: np.ndarray, depth: np.ndarray, faces: np.ndarray, width: int, height: int
) -> Fragments:
    """Find what is visible at each pixel centre.

    Faces turned away from the camera are skipped (the mesh is taken to be
    closed, corners counter-clockwise seen from outside), and so are faces
    that reach behind the camera. Barycentric weights are affine in the image:
    on triangles as small as a hand mesh's, perspective correction is far
    below a pixel.

    Args:
        pixels (np.ndarray): (N, 2) projected vertices; the centre of the
            first pixel is at (0.5, 0.5).
        depth (np.ndarray): (N,) depth of the vertices in metres.
        faces (np.ndarray): (F, 3) vertex ids.
        width (int): Image width in pixels.
        height (int): Image height in pixels.

    Returns:
        Fragments: In ascending order of pixels.
    """
    # corner by corner, (3, F): rows are contiguous
    corners = faces.T
    x, y = (pixels[:, k].astype(np.float32).take(corners) for k in range(2))
    # Twice the signed area; y points down, so front faces are negative.
    area = (x[1] - x[0]) * (y[2] - y[0]) - (x[2] - x[0]) * (y[1] - y[0])
    depth = depth.take(corners)
    kept = np.flatnonzero((area < -1e-6) & (depth.min(0) > 1e-3))
    x, y, area, depth = (v.take(kept, -1) for v in (x, y, area, depth))

    # Weight i is the affine function  a_i x + b_i y + c_i.
    following, last = [1, 2, 0], [2, 0, 1]
    a = (y[following] - y[last]) / area
    b = (x[last] - x[following]) / area
    c = (x[following] * y[last] - x[last] * y[following]) / area

    face, row, start, count = _spans(x, y, a, b, c, width, height)
    run = np.repeat(np.arange(len(face)), count)
    first = np.cumsum(count) - count
    column = np.arange(len(run)) - (first - start).take(run)

    # 1 / depth is affine in the image, too; what is the same along a run is
    # computed once for it
    inverse = (1 / depth).astype(np.float32)
    by_x, by_y, rest = ((inverse * w).sum(0).take(face) for w in (a, b, c))
    by_y *= row.astype(np.float32) + np.float32(0.5)
    inverse = column.astype(np.float32) + np.float32(0.5)
    inverse *= by_x.take(run)
    inverse += by_y.take(run)
    inverse += rest.take(run)
    flat = (row * width).take(run) + column
    buffer = np.zeros(width * height, np.float32)
    np.maximum.at(buffer, flat, inverse)
    seen = np.flatnonzero(inverse == buffer.take(flat))
    winner = np.full(width * height, -1, np.int32)
    winner[flat.take(seen)] = face.take(run.take(seen))
    flat = np.flatnonzero(winner >= 0)
    face = winner.take(flat)
    py, px = np.divmod(flat, width)
    weights = a.take(face, 1)
    weights *= px.astype(np.float32) + np.float32(0.5)
    weights += b.take(face, 1) * (py.astype(np.float32) + np.float32(0.5))
    weights += c.take(face, 1)
    return Fragments(flat, kept.take(face), weights.T, 1 / buffer.take(flat))


def _spans(x, y, a, b, c, width, height):
    """Runs of pixels inside each triangle, row by row.

    Returns the triangle, row, first column and length of each run.
    """
    top = np.clip(np.ceil(y.min(0) - 0.5), 0, height).astype(np.int32)
    bottom = np.clip(np.floor(y.max(0) - 0.5) + 1, 0, height).astype(np.int32)
    count = np.maximum(bottom - top, 0)
    face = np.repeat(np.arange(len(count)), count)
    first = np.cumsum(count) - count
    row = (np.arange(len(face)) - (first - top).take(face)).astype(np.int32)
    # where each edge crosses the row: the left ones are before the triangle, the
    # right ones behind it
    slope = a.take(face, 1)
    bound = b.take(face, 1) * (row.astype(np.float32) + np.float32(0.5))
    bound += c.take(face, 1)
    with np.errstate(divide='ignore', invalid='ignore'):
        bound /= -slope
    left = np.where(slope > 0, bound, -np.inf).max(0)
    right = np.where(slope < 0, bound, np.inf).min(0)
    left = np.maximum(left, x.min(0).take(face))
    right = np.minimum(right, x.max(0).take(face))
    start = np.clip(np.ceil(left - 0.5), 0, width).astype(np.int32)
    stop = np.clip(np.floor(right - 0.5) + 1, 0, width).astype(np.int32)
    count = np.maximum(stop - start, 0)
    used = np.flatnonzero(count)
    return tuple(values.take(used) for values in (face, row, start, count))
