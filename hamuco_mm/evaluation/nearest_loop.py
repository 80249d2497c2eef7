"""The search for near points as one loop, compiled by numba."""
import numba
import numpy as np

_FAR = np.float32(np.finfo(np.float32).max)
_UNROLLED = 4

_compiled = numba.njit(
    fastmath=True, error_model='numpy', nogil=True, cache=True)


@_compiled
def count_near_loop(points, others, limits):
    """How many points have one of the others nearer than each limit.

    First each point is compared with its namesake, the other of the same row.
    Where it is nearer than the smallest limit that is all; what is left is
    compared with all others. The innermost loop runs over points side by side
    in memory, so that no minimum is taken across a vector register; with
    |a - b|^2 = |a|^2 + (|b|^2 - 2 a.b) it has three multiplications and
    additions at once, and a minimum, for each pair.

    Args:
        points (np.ndarray): (N, 3, P) float32, contiguous, near the origin.
        others (np.ndarray): (N, 3, Q) float32, contiguous, Q > 0.
        limits (np.ndarray): (T, ) float32, squared distances.

    Returns:
        np.ndarray: (N, T) int64.
    """
    num_sets, _, num_points = points.shape
    num_others = others.shape[2]
    enough = limits.min()
    counts = np.zeros((num_sets, len(limits)), np.int64)
    x = np.empty(num_points, np.float32)
    y, z, square, minima = x.copy(), x.copy(), x.copy(), x.copy()
    num_factors = -(-num_others // _UNROLLED) * _UNROLLED
    factors = np.empty((4, num_factors), np.float32)
    for n in range(num_sets):
        point, other = points[n], others[n]
        left = 0
        for i in range(num_points):
            if i < num_others and _squared(point, i, other, i) < enough:
                continue
            x[left], y[left], z[left] = point[0, i], point[1, i], point[2, i]
            square[left] = x[left]**2 + y[left]**2 + z[left]**2
            left += 1
        counts[n] = num_points - left
        if left == 0:
            continue
        for j in range(num_factors):
            # the last of the others stands in for those past the end
            row = min(j, num_others - 1)
            a, b, c = other[0, row], other[1, row], other[2, row]
            factors[0, j], factors[1, j] = -2 * a, -2 * b
            factors[2, j], factors[3, j] = -2 * c, a * a + b * b + c * c
        minima[:left] = _FAR
        _search(minima[:left], x[:left], y[:left], z[:left], factors)
        for i in range(left):
            for t in range(len(limits)):
                counts[n, t] += minima[i] + square[i] < limits[t]
    return counts


@_compiled
def _search(minima, x, y, z, factors):
    """Lower the minima by all others, four at a time, so that they are loaded
    and stored once for four."""
    for j in range(0, factors.shape[1], _UNROLLED):
        ax, bx, cx, dx = (factors[0, j], factors[0, j + 1],
                          factors[0, j + 2], factors[0, j + 3])
        ay, by, cy, dy = (factors[1, j], factors[1, j + 1],
                          factors[1, j + 2], factors[1, j + 3])
        az, bz, cz, dz = (factors[2, j], factors[2, j + 1],
                          factors[2, j + 2], factors[2, j + 3])
        aa, bb, cc, dd = (factors[3, j], factors[3, j + 1],
                          factors[3, j + 2], factors[3, j + 3])
        for i in range(len(minima)):
            u, v, w = x[i], y[i], z[i]
            to_a = (aa + u * ax) + (v * ay + w * az)
            to_b = (bb + u * bx) + (v * by + w * bz)
            to_c = (cc + u * cx) + (v * cy + w * cz)
            to_d = (dd + u * dx) + (v * dy + w * dz)
            minima[i] = min(minima[i], min(
                min(to_a, to_b), min(to_c, to_d)))


@_compiled
def _squared(points, i, others, j):
    x = points[0, i] - others[0, j]
    y = points[1, i] - others[1, j]
    z = points[2, i] - others[2, j]
    return x * x + y * y + z * z
