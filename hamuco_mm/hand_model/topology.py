"""Tables of MANO's mesh, its kinematic tree and the 21 hand joints.

MANO (Romero et al., "Embodied Hands", SIGGRAPH Asia 2017) has 16 rotating
joints in the order wrist, index, middle, pinky, ring, thumb. Data sets and
networks use 21 joints in the order of FreiHAND, HanCo and OpenPose: wrist,
thumb, index, middle, ring, pinky, each finger from its base to its tip.
"""

NUM_VERTICES = 778
NUM_FACES = 1538
NUM_JOINTS = 21
NUM_ROTATIONS = 16
NUM_BETAS = 10
NUM_FINGERTIPS = 5

WRIST_JOINT = 0
# Root-relative means relative to the knuckle of the middle finger.
ROOT_JOINT = 9

MANO_JOINT_NAMES = (
    'wrist',
    'index1',
    'index2',
    'index3',
    'middle1',
    'middle2',
    'middle3',
    'pinky1',
    'pinky2',
    'pinky3',
    'ring1',
    'ring2',
    'ring3',
    'thumb1',
    'thumb2',
    'thumb3',
)
MANO_PARENTS = (-1, 0, 1, 2, 0, 4, 5, 0, 7, 8, 0, 10, 11, 0, 13, 14)

FINGER_NAMES = ('thumb', 'index', 'middle', 'ring', 'pinky')
HAND_JOINT_NAMES = (
    'wrist',
    'thumb_cmc',
    'thumb_mcp',
    'thumb_ip',
    'thumb_tip',
    'index_mcp',
    'index_pip',
    'index_dip',
    'index_tip',
    'middle_mcp',
    'middle_pip',
    'middle_dip',
    'middle_tip',
    'ring_mcp',
    'ring_pip',
    'ring_dip',
    'ring_tip',
    'pinky_mcp',
    'pinky_pip',
    'pinky_dip',
    'pinky_tip',
)

# Row j of the 21 joints is row MANO_TO_HAND[j] of MANO's 16 joints followed
# by the five fingertips (in the order of FINGER_NAMES).
MANO_TO_HAND = (
    0,
    13,
    14,
    15,
    16,
    1,
    2,
    3,
    17,
    4,
    5,
    6,
    18,
    10,
    11,
    12,
    19,
    7,
    8,
    9,
    20,
)

# MANO has no joints at the fingertips: code bases pick a vertex of the mesh,
# and do not agree which. In the order of FINGER_NAMES.
FINGERTIP_VERTICES = dict(
    hamuco=(745, 317, 445, 556, 673),
    manotorch=(745, 317, 444, 556, 673),
    smplx=(744, 320, 443, 554, 671),
)

# (parent, child) of the 20 bones, in ids of the 21 joints.
HAND_BONES = (
    (0, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (0, 5),
    (5, 6),
    (6, 7),
    (7, 8),
    (0, 9),
    (9, 10),
    (10, 11),
    (11, 12),
    (0, 13),
    (13, 14),
    (14, 15),
    (15, 16),
    (0, 17),
    (17, 18),
    (18, 19),
    (19, 20),
)
