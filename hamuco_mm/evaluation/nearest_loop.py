"""The search for nearest points as one loop, compiled by numba."""
import numba
import numpy as np

_FAR = np.float32(np.finfo(np.float32).max)

_compiled = numba.njit(
    fastmath=True, error_model='numpy', nogil=True, cache=True)


@_compiled
def nearest_loop(points, others, enough):
    """Squared distance from each point to the nearest of the others.

    First each point is compared with its namesake, the other of the same row.
    Where it is near enough that is all; what is left is compared with all
    others. The innermost loop runs over points side by side in memory, so
    that no minimum is taken across a vector register.

    Args:
        points (np.ndarray): (N, 3, P) float32, contiguous.
        others (np.ndarray): (N, 3, Q) float32, contiguous, Q > 0.
        enough (np.float32): Squared distance below which the search ends.

    Returns:
        np.ndarray: (N, P) float32.
    """
    num_sets, _, num_points = points.shape
    num_others = others.shape[2]
    result = np.full((num_sets, num_points), _FAR, np.float32)
    rows = np.empty(num_points, np.int64)
    minima = np.empty(num_points, np.float32)
    x, y, z = minima.copy(), minima.copy(), minima.copy()
    for n in range(num_sets):
        other, nearest = others[n], result[n]
        px, py, pz = points[n, 0], points[n, 1], points[n, 2]
        _namesakes(nearest[:num_others], px, py, pz, other)
        count = 0
        for i in range(num_points):
            if nearest[i] >= enough:
                rows[count], minima[count] = i, nearest[i]
                x[count], y[count], z[count] = px[i], py[i], pz[i]
                count += 1
        for start in range(0, num_others, 4):
            _all_pairs(minima[:count], x[:count], y[:count], z[:count], other,
                       start)
        for i in range(count):
            nearest[rows[i]] = minima[i]
    return result


@_compiled
def _namesakes(minima, x, y, z, other):
    """Distances to the others of the same rows."""
    ox, oy, oz = other[0], other[1], other[2]
    for i in range(len(minima)):
        u, v, w = x[i] - ox[i], y[i] - oy[i], z[i] - oz[i]
        minima[i] = u * u + v * v + w * w


@_compiled
def _all_pairs(minima, x, y, z, other, start):
    """Lower the minima by the distances to four of the others: minima are
    loaded and stored once for all four. The last of the others stands in for
    those past the end."""
    last = other.shape[1] - 1
    a, b = start, min(start + 1, last)
    c, d = min(start + 2, last), min(start + 3, last)
    ax, ay, az = other[0, a], other[1, a], other[2, a]
    bx, by, bz = other[0, b], other[1, b], other[2, b]
    cx, cy, cz = other[0, c], other[1, c], other[2, c]
    dx, dy, dz = other[0, d], other[1, d], other[2, d]
    for i in range(len(minima)):
        u, v, w = x[i], y[i], z[i]
        to_a = (u - ax) * (u - ax) + (v - ay) * (v - ay) + (w - az) * (w - az)
        to_b = (u - bx) * (u - bx) + (v - by) * (v - by) + (w - bz) * (w - bz)
        to_c = (u - cx) * (u - cx) + (v - cy) * (v - cy) + (w - cz) * (w - cz)
        to_d = (u - dx) * (u - dx) + (v - dy) * (v - dy) + (w - dz) * (w - dz)
        minima[i] = min(minima[i], min(min(to_a, to_b), min(to_c, to_d)))
