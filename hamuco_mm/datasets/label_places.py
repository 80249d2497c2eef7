"""Whether the 2D labels of a data set are where its images are."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

# Less than this part of the joints where they should be is no matter of a few wrong
# labels, nor of hands at the border of the image.
MOST = 0.5
# Of the image's width and height: no recording has hands in one corner of all views.
_CORNER = 0.5


class LabelledViews(NamedTuple):
    """The 2D labels of N views.

    Attributes:
        points (np.ndarray): Pixels, (N, 21, 2).
        known (np.ndarray): Which joints have a label, bool (N, 21).
        size (np.ndarray): Width and height of the images, pixels, (N, 2).
        camera (Sequence[str]): Names of the cameras, N.
    """

    points: np.ndarray
    known: np.ndarray
    size: np.ndarray
    camera: Sequence[str]


def misplaced_labels(views: LabelledViews) -> Iterator[str]:
    """A line for each camera whose labels are beside its images, and one if all labels
    are in one corner: those of larger, and of smaller images.

    Args:
        views (LabelledViews): With images of a known size.
    """
    cameras = np.asarray(views.camera)
    for camera in dict.fromkeys(views.camera):
        rows = cameras == camera
        size = views.size[rows]
        part = part_inside(views.points[rows], views.known[rows], 0, size[:, None])
        if part < MOST:
            width, height = size[0]
            yield (
                f'{camera}: {1 - part:.0%} of the labelled joints are outside of the '
                f'images, of {width}x{height} pixels: labels are expected in pixels of '
                'the images that are there. Put those there that were labelled, or '
                'scale the labels, and K, to these'
            )
    if not views.known.any():
        return
    reach = (views.points / views.size[:, None])[views.known].max(0)
    if (reach < _CORNER).all():
        yield (
            'all labelled joints are in the upper left quarter of their images (up to '
            f'{reach[0]:.0%} of the width and {reach[1]:.0%} of the height): labels are '
            'expected in pixels of the images that are there. Scale them, and K'
        )


def part_inside(
    points: np.ndarray,
    known: np.ndarray,
    low: np.ndarray | int,
    high: np.ndarray,
) -> float:
    """Of the known points (..., 2), those between two corners; 1 if none is known."""
    inside = ((points >= low) & (points <= high)).all(-1)
    return float(inside[known].mean()) if known.any() else 1.0
