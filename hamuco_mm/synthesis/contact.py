"""Do fingers run into each other or into the palm?"""

import numpy as np

from .anatomy import HandAnatomy

_SAMPLES_PER_BONE = 4
# The flesh between the knuckles and the wrist is about this thick on either
# side of the metacarpal bones, metres.
_PALM_RADIUS = 9e-3


class ContactModel:
    """Tests skeletons for collisions, with a string of balls on each bone.

    The radii of the fingers are measured on the flat hand's mesh.

    Args:
        anatomy (HandAnatomy): The hand.
    """

    def __init__(self, anatomy: HandAnatomy) -> None:
        bones, fingers, radii = [], [], []
        for f in range(5):
            chain = [0, *range(4 * f + 1, 4 * f + 5)]
            for k in range(4):
                bones.append(chain[k : k + 2])
                fingers.append(f)
                radii.append(anatomy.radii[f, k - 1] if k else _PALM_RADIUS)
        self._bones = np.array(bones)
        finger = np.repeat(fingers, _SAMPLES_PER_BONE)
        radius = np.repeat(radii, _SAMPLES_PER_BONE)
        first, second = np.triu_indices(len(finger), 1)
        palm = np.repeat(self._bones[:, 0] == 0, _SAMPLES_PER_BONE)
        apart = finger[first] != finger[second]
        apart &= ~(palm[first] & palm[second])
        self._first, self._second = first[apart], second[apart]
        flat = self._distances(anatomy.rest_hand[None])[0]
        touching = radius[self._first] + radius[self._second]
        # What is close together in the flat hand is connected by flesh.
        self._least = np.minimum(touching, flat)

    def penetration(self, joints: np.ndarray) -> np.ndarray:
        """Depth of the deepest collision.

        Args:
            joints (np.ndarray): 21 joints (..., 21, 3) in metres.

        Returns:
            np.ndarray: (...,) metres, 0 where nothing collides.
        """
        overlap = self._least - self._distances(joints)
        return np.maximum(overlap, 0).max(-1)

    def balls(self, joints: np.ndarray) -> np.ndarray:
        """Centres of the balls, (..., 20 * 4, 3)."""
        share = (np.arange(_SAMPLES_PER_BONE) + 0.5) / _SAMPLES_PER_BONE
        start = joints[..., self._bones[:, 0], None, :]
        stop = joints[..., self._bones[:, 1], None, :]
        points = start + share[:, None] * (stop - start)
        return points.reshape(*joints.shape[:-2], -1, 3)

    def _distances(self, joints: np.ndarray) -> np.ndarray:
        points = self.balls(joints)
        return np.linalg.norm(
            points[..., self._first, :] - points[..., self._second, :], axis=-1
        )
