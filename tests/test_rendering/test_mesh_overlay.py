"""Shaded meshes over images."""

import cv2
import numpy as np
from camera_of_views import to_pixels

from hamuco_mm.rendering.mesh_overlay import draw_mesh

GREY = np.full((224, 224, 3), 100, np.uint8)


def silhouette(pixels, faces, shape):
    """Where any face projects to, filled by OpenCV."""
    mask = np.zeros(shape[:2], np.uint8)
    for triangle in np.round(pixels[faces] * 16).astype(np.int32):
        cv2.fillConvexPoly(mask, triangle, 1, shift=4)
    return mask.astype(bool)


def test_mesh_covers_its_silhouette_and_nothing_else(hand, faces):
    vertices, _ = hand
    pixels = to_pixels(vertices)
    picture = draw_mesh(GREY, vertices, faces, pixels)
    changed = (picture != 100).any(axis=-1)
    expected = silhouette(pixels, faces, GREY.shape)
    assert expected.sum() > 2000
    intersection = (changed & expected).sum()
    assert intersection / (changed | expected).sum() > 0.93
    # The difference is one pixel of the outline at most.
    kernel = np.ones((3, 3), np.uint8)
    grown = cv2.dilate(expected.astype(np.uint8), kernel)
    shrunk = cv2.erode(expected.astype(np.uint8), kernel)
    assert not (changed & (grown == 0)).any()
    assert changed[shrunk > 0].all()
    assert (GREY == 100).all()


def sheet(depth, tilt=0.0):
    """Two triangles over pixels 20..60, facing the camera."""
    corners = np.array([[20.0, 20], [60, 20], [60, 60], [20, 60]])
    z = depth + tilt * corners[:, 0]
    vertices = np.column_stack([corners / 100, z])
    return vertices, np.array([[0, 2, 1], [0, 3, 2]]), corners


def test_nearer_surfaces_hide_farther_ones():
    near, faces, pixels = sheet(1.0)
    far, _, _ = sheet(2.0)
    red, blue = (1.0, 0, 0), (0.0, 0, 1)

    def draw(vertices, color):
        return draw_mesh(GREY, vertices, faces, pixels, color)[40, 40]

    assert draw(near, red)[0] > draw(near, red)[2]
    # Both in one mesh: the part that faces the lights less is the far one.
    tilted_far, _, _ = sheet(3.0, tilt=-0.02)
    for order in ((near, tilted_far), (tilted_far, near)):
        both = draw_mesh(
            GREY,
            np.concatenate(order),
            np.concatenate([faces, faces + 4]),
            np.concatenate([pixels, pixels]),
            blue,
        )
        assert (both[40, 40] == draw(near, blue)).all()
        assert (both[40, 40] != draw(tilted_far, blue)).any()


def test_inside_is_darker_and_opacity_blends():
    vertices, faces, pixels = sheet(1.0)
    front = draw_mesh(GREY, vertices, faces, pixels)[40, 40].astype(float)
    back = draw_mesh(GREY, vertices, faces[:, ::-1], pixels)[40, 40]
    assert (back < 0.6 * front).all()
    half = draw_mesh(GREY, vertices, faces, pixels, opacity=0.5)[40, 40]
    assert np.allclose(half, (front + 100) / 2, atol=1)


def test_mesh_beyond_the_image(hand, faces):
    vertices, _ = hand
    pixels = to_pixels(vertices)
    whole = draw_mesh(GREY, vertices, faces, pixels)
    left = draw_mesh(GREY[:, :112], vertices, faces, pixels)
    assert (left == whole[:, :112]).all()
    assert (draw_mesh(GREY, vertices, faces, pixels + 1000) == GREY).all()
