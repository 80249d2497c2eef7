"""R and t in another meaning."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from ....cameras import EXTRINSICS, Cameras, Convention
from ....cameras.conventions import AXES
from ..observations import RigObservations
from .explanation import Circumstances, Explanation

_MEANINGS = {
    ('world2cam', 'cam2world'): 'the extrinsics are inverse: R and t are '
    "those of the camera's pose (camera to world), not world to camera",
    ('cam2world', 'world2cam'): 'the extrinsics are inverse: R and t are '
    'world to camera, not camera to world',
    'transposed': 'R is transposed: its rows are columns',
    'centre': "t is the place of the camera, not the world's origin seen from it",
}


def other_extrinsics(
    rig: RigObservations, known: Circumstances
) -> Iterator[Explanation]:
    """The camera's pose for world to camera, rows for columns, other axes."""
    current, given = known.convention, rig.cameras.as_arrays()
    raw = current.from_world2cam(given['R'], given['t'])
    # one fault before two
    for axes, extrinsics in sorted(
        product(AXES, EXTRINSICS), key=lambda pair: pair[0] != current.axes
    ):
        new = replace(current, extrinsics=extrinsics, axes=axes)
        if new == current:
            continue
        R, t = new.to_world2cam(*raw)
        options = [f'--extrinsics {extrinsics}']
        if axes != current.axes:
            options.append(f'--axes {axes}')
        yield Explanation(
            'extrinsics',
            _meaning(current, new),
            replace(rig, cameras=Cameras.from_arrays(dict(given, R=R, t=t))),
            list(range(rig.num_views)),
            options,
            details=dict(extrinsics=extrinsics, axes=axes),
        )


def _meaning(current: Convention, new: Convention) -> str:
    parts = []
    if new.extrinsics != current.extrinsics:
        parts.append(
            _MEANINGS.get((current.extrinsics, new.extrinsics))
            or _MEANINGS.get(new.extrinsics)
            or f'R and t are {new.extrinsics}, not {current.extrinsics}'
        )
    if new.axes != current.axes:
        parts.append(f"the cameras' axes are those of {new.axes}, not {current.axes}")
    return ' and '.join(parts)
