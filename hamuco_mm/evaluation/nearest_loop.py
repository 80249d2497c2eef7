"""The search for near points as one loop, compiled by numba.

Most points of a hand have the point of the same number of the other hand
within the limit. For the others, both sets are brought into the order of
cells along the longest axis, and a few neighbours in that order together are
compared with those points alone whose cells the limit reaches.
"""

import numba
import numpy as np

_FAR = np.float32(np.finfo(np.float32).max)
_NUM_CELLS = 64
_NEIGHBOURS = 32
_UNROLLED = 4

_compiled = numba.njit(error_model='numpy', cache=True)
# Minima are vectorised where numbers that are not finite need no care.
_vectorised = numba.njit(error_model='numpy', cache=True, fastmath=True)


@_compiled
def count_near_loop(
    points: np.ndarray, others: np.ndarray, limits: np.ndarray, valid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """How many points have a point of the other set nearer than each limit.

    Args:
        points (np.ndarray): (N, 3, P) float32, contiguous, P > 0, near the
            origin.
        others (np.ndarray): (N, 3, Q) likewise.
        limits (np.ndarray): (T, ) float32.
        valid (np.ndarray): (N, ) bool, False for sets to leave out, whose
            counts are 0. Numbers of the other sets are finite, and so are
            their squares.

    Returns:
        tuple[np.ndarray, np.ndarray]: Of the points and of the others, both
        (N, T) int64.
    """
    num_sets, _, num_points = points.shape
    num_others = others.shape[2]
    near_points = np.zeros((num_sets, len(limits)), np.int64)
    near_others = near_points.copy()
    size = max(num_points, num_others)
    same_rows = np.full(size, _FAR, np.float32)
    cells = np.empty(size, np.int32)
    searched = np.empty((5, size), np.float32)
    a, a_rows, a_ends = _empty_order(num_points)
    b, b_rows, b_ends = _empty_order(num_others)
    for n in range(num_sets):
        if not valid[n]:
            continue
        point, other = points[n], others[n]
        ruler = _cells_along(other)
        _arrange(point, ruler, cells, a, a_rows, a_ends)
        _arrange(other, ruler, cells, b, b_rows, b_ends)
        _square_same_rows(point, other, same_rows)
        for t in range(len(limits)):
            near_points[n, t] = _count(
                a, a_rows, b, b_ends, ruler, same_rows, limits[t], searched
            )
            near_others[n, t] = _count(
                b, b_rows, a, a_ends, ruler, same_rows, limits[t], searched
            )
    return near_points, near_others


@_compiled
def _empty_order(size):
    """Room for what :func:`_arrange` writes: x, y, z and their sum of squares
    in the order of cells, which row each was, and where each cell ends."""
    return (
        np.empty((4, size), np.float32),
        np.empty(size, np.int32),
        np.empty(_NUM_CELLS + 1, np.int32),
    )


@_compiled
def _cells_along(points):
    """The longest axis, where cells begin on it, and cells per length."""
    axis, low, extent = 0, np.float32(0), np.float32(-1)
    for i in range(3):
        least, most = _bounds(points[i])
        if most - least > extent:
            axis, low, extent = i, least, most - least
    return axis, low, np.float32(_NUM_CELLS) / max(extent, np.float32(1e-9))


@_compiled
def _cell(coordinate, ruler):
    _, low, scale = ruler
    cell = (coordinate - low) * scale
    return np.int32(min(max(cell, np.float32(0)), np.float32(_NUM_CELLS - 1)))


@_compiled
def _arrange(points, ruler, cells, ordered, rows, ends):
    """Counting sort by cells."""
    axis = ruler[0]
    ends[:] = 0
    for i in range(points.shape[1]):
        cells[i] = _cell(points[axis, i], ruler)
        ends[cells[i] + 1] += 1
    for i in range(_NUM_CELLS):
        ends[i + 1] += ends[i]
    # each cell's end starts where the cell does and moves as it fills
    for i in range(points.shape[1]):
        row = ends[cells[i]]
        ends[cells[i]] += 1
        rows[row] = i
        x, y, z = points[0, i], points[1, i], points[2, i]
        ordered[0, row], ordered[1, row], ordered[2, row] = x, y, z
        ordered[3, row] = x * x + y * y + z * z


@_vectorised
def _square_same_rows(points, others, squares):
    for i in range(min(points.shape[1], others.shape[1])):
        x = points[0, i] - others[0, i]
        y = points[1, i] - others[1, i]
        z = points[2, i] - others[2, i]
        squares[i] = x * x + y * y + z * z


@_compiled
def _count(points, rows, others, ends, ruler, same_rows, limit, searched):
    """How many points have one of the others near them."""
    square_limit = limit * limit
    num_points = points.shape[1]
    left = 0
    for i in range(num_points):
        for j in range(4):
            searched[j, left] = points[j, i]
        left += same_rows[rows[i]] >= square_limit
    near = num_points - left
    minima = searched[4]
    minima[:left] = _FAR
    # rounding a coordinate must not skip a cell
    reach = limit * np.float32(1.001)
    for start in range(0, left, _NEIGHBOURS):
        stop = min(start + _NEIGHBOURS, left)
        least, most = _bounds(searched[ruler[0], start:stop])
        first = _cell(least - reach, ruler)
        begin = ends[first - 1] if first else 0
        end = ends[_cell(most + reach, ruler)]
        _search(
            minima[start:stop],
            searched[0, start:stop],
            searched[1, start:stop],
            searched[2, start:stop],
            others[:, begin:end],
        )
    for i in range(left):
        near += minima[i] + searched[3, i] < square_limit
    return near


@_vectorised
def _bounds(values):
    least = most = values[0]
    for value in values:
        least, most = min(least, value), max(most, value)
    return least, most


@_vectorised
def _search(minima, x, y, z, others):
    """Lower the minima of ``|b|^2 - 2 a.b`` by all others, four at a time, so
    that the minima are loaded and stored once for four. The innermost loop
    runs over points side by side in memory: three multiplications and
    additions at once, and a minimum, for each pair."""
    factor = np.float32(-2)
    whole = others.shape[1] // _UNROLLED * _UNROLLED
    for j in range(0, whole, _UNROLLED):
        ax, bx, cx, dx = (
            factor * others[0, j],
            factor * others[0, j + 1],
            factor * others[0, j + 2],
            factor * others[0, j + 3],
        )
        ay, by, cy, dy = (
            factor * others[1, j],
            factor * others[1, j + 1],
            factor * others[1, j + 2],
            factor * others[1, j + 3],
        )
        az, bz, cz, dz = (
            factor * others[2, j],
            factor * others[2, j + 1],
            factor * others[2, j + 2],
            factor * others[2, j + 3],
        )
        aa, bb, cc, dd = (
            others[3, j],
            others[3, j + 1],
            others[3, j + 2],
            others[3, j + 3],
        )
        for i in range(len(minima)):
            u, v, w = x[i], y[i], z[i]
            to_a = (aa + u * ax) + (v * ay + w * az)
            to_b = (bb + u * bx) + (v * by + w * bz)
            to_c = (cc + u * cx) + (v * cy + w * cz)
            to_d = (dd + u * dx) + (v * dy + w * dz)
            minima[i] = min(minima[i], min(min(to_a, to_b), min(to_c, to_d)))
    for j in range(whole, others.shape[1]):
        ax, ay, az = (
            factor * others[0, j],
            factor * others[1, j],
            factor * others[2, j],
        )
        for i in range(len(minima)):
            to_a = (others[3, j] + x[i] * ax) + (y[i] * ay + z[i] * az)
            minima[i] = min(minima[i], to_a)
