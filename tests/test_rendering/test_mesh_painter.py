"""The fast painter beside the exact overlay."""

import numpy as np
from camera_of_views import to_pixels

from hamuco_mm.rendering.mesh_overlay import draw_mesh
from hamuco_mm.rendering.mesh_painter import paint_mesh

GREY = np.full((224, 224, 3), 100, np.uint8)


def test_painted_mesh_is_the_rasterized_one(hand, faces):
    """Same outline; similar light, which is per face rather than smooth."""
    vertices, _ = hand
    pixels = to_pixels(vertices)
    painted = paint_mesh(GREY, vertices, faces, pixels)
    drawn = draw_mesh(GREY, vertices, faces, pixels)
    covered = (painted != 100).any(axis=-1)
    expected = (drawn != 100).any(axis=-1)
    assert expected.sum() > 2000
    assert (covered & expected).sum() / (covered | expected).sum() > 0.93
    difference = np.abs(
        painted[covered & expected].astype(int) - drawn[covered & expected]
    )
    assert difference.mean() < 15
    assert (GREY == 100).all()
    assert (paint_mesh(GREY, vertices, faces, pixels + 1e7) == GREY).all()


def test_nearer_faces_are_painted_over_farther_ones():
    pixels = np.array([[20.0, 20], [200, 20], [200, 200], [20, 200]])
    faces = np.array([[0, 2, 1], [0, 3, 2]])
    near, far = (np.column_stack([pixels / 1000, [z] * 4]) for z in (1.0, 2.0))
    # the far one is seen from inside, and dark
    both_faces = np.concatenate([faces, faces[:, ::-1] + 4])
    for order in ((near, far), (far, near)):
        picture = paint_mesh(
            GREY, np.concatenate(order), both_faces, np.concatenate([pixels, pixels])
        )
        alone = paint_mesh(
            GREY, near, faces if order[0] is near else faces[:, ::-1], pixels
        )
        assert (picture[100, 100] == alone[100, 100]).all()
