"""Names, colours and links of the 21 hand joints, for MMPose's data sets.

In code rather than in a config file: MMPose looks a metainfo ``from_file`` up
in the current directory first, so a file of ours would be found or not
depending on where a command is run.
"""

from ..hand_model import HAND_BONES, HAND_JOINT_NAMES

_WRIST_COLOR = (255, 255, 255)
_FINGER_COLORS = dict(
    thumb=(255, 128, 0),
    index=(255, 153, 255),
    middle=(102, 178, 255),
    ring=(255, 51, 51),
    pinky=(0, 255, 0),
)


def _color(joint: int) -> list:
    finger = HAND_JOINT_NAMES[joint].split('_')[0]
    return list(_FINGER_COLORS.get(finger, _WRIST_COLOR))


HAND_METAINFO = dict(
    dataset_name='hanco',
    paper_info=dict(
        author='Zimmermann, Christian and Argus, Max and Brox, Thomas',
        title='Contrastive Representation Learning for Hand Shape Estimation',
        container='DAGM German Conference on Pattern Recognition',
        year='2021',
        homepage='https://lmb.informatik.uni-freiburg.de/projects/contra-hand/',
    ),
    keypoint_info={
        joint: dict(name=name, id=joint, color=_color(joint), type='', swap='')
        for joint, name in enumerate(HAND_JOINT_NAMES)
    },
    skeleton_info={
        bone: dict(
            link=(HAND_JOINT_NAMES[parent], HAND_JOINT_NAMES[child]),
            id=bone,
            color=_color(child),
        )
        for bone, (parent, child) in enumerate(HAND_BONES)
    },
    joint_weights=[1.0] * len(HAND_JOINT_NAMES),
    # Spread of human annotators, for OKS-like scores only.
    sigmas=[0.035] * len(HAND_JOINT_NAMES),
)
