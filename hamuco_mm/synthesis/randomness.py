"""Random numbers of the generator: one independent stream per purpose."""

import numpy as np

# Data of different streams share no random number: other subjects, poses,
# cameras, backgrounds and label errors.
STREAMS = dict(train=0, test=1, pretrain=2, val=3)

# What a generator is for; part of its key, so that changing how one part
# draws (say, backgrounds) leaves all the others as they were.
PURPOSES = (
    'subject',
    'pose',
    'placement',
    'rig',
    'light',
    'background',
    'sensor',
    'labels',
    'assignment',
    'forearm',
    'things',
    'jewellery',
    'limbs',
    'gloves',
    'veins',
)


def make_rng(
    seed: int, stream: str, purpose: str, *indices: int
) -> np.random.Generator:
    """Generator of one purpose of one item, whatever else is generated.

    Args:
        seed (int): The data set's seed.
        stream (str): One of ``STREAMS``.
        purpose (str): One of ``PURPOSES``.
        *indices (int): Which item: sequence, camera, frame ...

    Raises:
        ValueError: If the stream or the purpose is unknown.
    """
    if stream not in STREAMS:
        raise ValueError(f'stream must be one of {tuple(STREAMS)}, got {stream!r}')
    key = (STREAMS[stream], PURPOSES.index(purpose), *indices)
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))
