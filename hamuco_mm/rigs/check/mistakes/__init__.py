"""The mistakes that :func:`check_rig` knows.

Each is a function of the rig and of what is known of its files. It gives all ways in
which the mistake may have been made, each with the rig as it is without it, and says in
words what is wrong and what to do. A new mistake is a function more in these lists.
"""

from .camera_order import exchanged_cameras
from .explanation import Circumstances, Explanation, Mistake
from .extrinsics import other_extrinsics
from .images import flipped_images, turned_images
from .intrinsics import cropped_images, crops_of_all_views, resized_images
from .joint_orders import other_joint_order
from .lens import distortion_not_known, labels_without_distortion, other_lens_model
from .synchronisation import shifted_views

# Another reading of what is in the files.
READINGS: tuple[Mistake, ...] = (
    other_extrinsics,
    exchanged_cameras,
    shifted_views,
    flipped_images,
    turned_images,
    other_joint_order,
    labels_without_distortion,
    other_lens_model,
)
# Numbers that are not in the files: with these almost right ones fit as well, so
# they are looked for when no reading explains the errors.
NUMBERS: tuple[Mistake, ...] = (resized_images, cropped_images, distortion_not_known)
# Many numbers, with which a camera that was moved nearly fits as well: after that.
MANY_NUMBERS: tuple[Mistake, ...] = (crops_of_all_views,)
# Two mistakes at once: the second is looked for in what the first, of all views,
# leaves.
PAIRS: tuple[tuple[Mistake, Mistake], ...] = (
    (other_extrinsics, exchanged_cameras),
    (other_extrinsics, shifted_views),
    (other_extrinsics, flipped_images),
    (other_extrinsics, turned_images),
    (exchanged_cameras, shifted_views),
    (flipped_images, exchanged_cameras),
    (flipped_images, shifted_views),
    (turned_images, exchanged_cameras),
    (turned_images, shifted_views),
)

__all__ = [
    'MANY_NUMBERS',
    'NUMBERS',
    'PAIRS',
    'READINGS',
    'Circumstances',
    'Explanation',
    'Mistake',
]
