from hamuco_mm.hand_model import (
    HAND_BONES,
    HAND_JOINT_NAMES,
    MANO_JOINT_NAMES,
    MANO_PARENTS,
    MANO_TO_HAND,
    NUM_JOINTS,
    ROOT_JOINT,
    WRIST_JOINT,
)


def test_order_is_a_permutation():
    assert sorted(MANO_TO_HAND) == list(range(NUM_JOINTS))
    assert len(set(HAND_JOINT_NAMES)) == NUM_JOINTS


def test_named_joints():
    assert HAND_JOINT_NAMES[ROOT_JOINT] == 'middle_mcp'
    assert MANO_JOINT_NAMES[MANO_TO_HAND[ROOT_JOINT]] == 'middle1'
    assert HAND_JOINT_NAMES[WRIST_JOINT] == 'wrist'


def test_bones_follow_the_kinematic_tree():
    assert sorted(child for _, child in HAND_BONES) == list(range(1, NUM_JOINTS))
    parents = {child: parent for parent, child in HAND_BONES}
    for hand_joint, mano_joint in enumerate(MANO_TO_HAND):
        if 0 < mano_joint < len(MANO_PARENTS):
            mano_parent = MANO_PARENTS[mano_joint]
            assert MANO_TO_HAND[parents[hand_joint]] == mano_parent
    for tip in range(4, NUM_JOINTS, 4):
        assert parents[tip] == tip - 1
