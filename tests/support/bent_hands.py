"""Hands whose bent fingers show which side they are of."""

import numpy as np


def bent_hand(side='right'):
    """Joints (21, 3), x to the right, y down, z away from the camera: the palm towards
    it, the fingers up and bent towards it; of a right hand the thumb is on the right."""
    joints = np.zeros((21, 3))
    for finger, x in enumerate((5, 3, 1, -1, -3)):
        for joint in range(4):
            place = x, -4 - 2 * joint - 3 * (finger > 0), -0.5 * joint**2
            joints[1 + 4 * finger + joint] = place
    return joints * ((1, 1, 1) if side == 'right' else (-1, 1, 1))


def mediapipe_result(joints_by_word):
    """A file of the tasks: what MediaPipe calls the side of each hand, and its joints."""
    return dict(
        hand_landmarks=[
            [dict(zip('xyz', joint)) for joint in np.asarray(joints).tolist()]
            for joints in joints_by_word.values()
        ],
        handedness=[[dict(category_name=word, score=0.9)] for word in joints_by_word],
    )
