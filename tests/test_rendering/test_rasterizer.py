"""The z-buffer against one pixel and one face at a time."""

import numpy as np

from hamuco_mm.rendering.rasterizer import rasterize


def brute_force(pixels, depth, faces, size):
    """Face and depth at each pixel centre, one pixel and face at a time."""
    winner = np.full((size, size), -1)
    nearest = np.zeros((size, size))
    for index, face in enumerate(faces):
        (x0, y0), (x1, y1), (x2, y2) = pixels[face]
        area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        if area >= 0:
            continue
        for row in range(size):
            for column in range(size):
                x, y = column + 0.5, row + 0.5
                weights = (
                    np.array(
                        [
                            (x1 - x) * (y2 - y) - (x2 - x) * (y1 - y),
                            (x2 - x) * (y0 - y) - (x0 - x) * (y2 - y),
                            (x0 - x) * (y1 - y) - (x1 - x) * (y0 - y),
                        ]
                    )
                    / area
                )
                if weights.min() < 0:
                    continue
                inverse = weights @ (1 / depth[face])
                if inverse > nearest[row, column]:
                    nearest[row, column] = inverse
                    winner[row, column] = index
    return winner, nearest


def test_rasterizer_equals_brute_force():
    rng = np.random.default_rng(0)
    pixels = rng.uniform(-6, 30, (60, 2))
    depth = rng.uniform(0.5, 1, 60)
    faces = np.arange(60).reshape(20, 3)
    seen = rasterize(pixels, depth, faces, 24, 24)
    winner, nearest = brute_force(pixels, depth, faces, 24)
    found = np.full(24 * 24, -1)
    found[seen.pixels] = seen.faces
    np.testing.assert_array_equal(found.reshape(24, 24), winner)
    np.testing.assert_allclose(1 / seen.depth, nearest.ravel()[seen.pixels], rtol=1e-5)
    np.testing.assert_allclose(seen.barycentric.sum(1), 1, atol=1e-4)
    assert seen.barycentric.min() > -1e-3


def test_rasterizer_without_anything_in_view():
    pixels = np.array([[-9.0, -9], [-9, -5], [-5, -9]])
    seen = rasterize(pixels, np.ones(3), np.array([[0, 1, 2]]), 8, 8)
    assert len(seen.pixels) == 0
    behind = rasterize(pixels + 10, -np.ones(3), np.array([[0, 1, 2]]), 8, 8)
    assert len(behind.pixels) == 0
