"""What is wrong, in words, and the option that mends it."""

from collections.abc import Mapping
from typing import Any

from ...cameras import Convention
from .hypotheses import Hypothesis

_MEANINGS = {
    ('world2cam', 'cam2world'): 'the extrinsics are inverse: R and t are '
    "those of the camera's pose (camera to world), not world to camera",
    ('cam2world', 'world2cam'): 'the extrinsics are inverse: R and t are '
    'world to camera, not camera to world',
    'transposed': 'R is transposed: its rows are columns',
    'centre': "t is the place of the camera, not the world's origin seen from it",
}


def describe(
    hypothesis: Hypothesis, cameras: list[str], current: Convention, read_as: Mapping
) -> tuple[str, str, str, dict]:
    """Kind, message, remedy and details of a mistake.

    Args:
        hypothesis (Hypothesis): What mends it.
        cameras (list[str]): Names of the views.
        current (Convention): How R and t were read.
        read_as (Mapping): What is known of the conversion: ``offsets``,
            ``step`` and ``camera_names``.
    """
    kinds, messages, options = [], [], []
    details: dict[str, Any] = {}
    if hypothesis.convention is not None:
        new = hypothesis.convention
        kinds.append('extrinsics')
        messages.append(_meaning(current, new))
        options.append(f'--extrinsics {new.extrinsics}')
        if new.axes != current.axes:
            options.append(f'--axes {new.axes}')
        details.update(extrinsics=new.extrinsics, axes=new.axes)
    if hypothesis.order is not None:
        kinds.append('camera_order')
        names = dict(read_as.get('camera_names') or {})
        wrong = {
            cameras[view]: cameras[other]
            for view, other in enumerate(hypothesis.order)
            if view != other
        }
        messages.append(
            'the calibrations are in another order than the '
            'views: '
            + ', '.join(f'{view} has that of {other}' for view, other in wrong.items())
        )
        options.append(
            '--camera-names '
            + ' '.join(
                f'{view}={names.get(other, other)}' for view, other in wrong.items()
            )
        )
        details.update(calibration_of=wrong)
    if hypothesis.shifts is not None:
        kinds.append('synchronisation')
        step = int(read_as.get('step', 1))
        known = read_as.get('offsets') or {}
        late = {
            cameras[view]: shift * step
            for view, shift in enumerate(hypothesis.shifts)
            if shift
        }
        messages.append(
            'views are not synchronised: '
            + ', '.join(
                f'{name} is {abs(shift)} frames {"late" if shift > 0 else "early"}'
                for name, shift in late.items()
            )
        )
        # all offsets: an option replaces the earlier one
        offsets = dict(known)
        for name, shift in late.items():
            offsets[name] = int(known.get(name, 0)) + shift
        options.append(
            '--offset '
            + ' '.join(f'{name}={offset}' for name, offset in offsets.items() if offset)
        )
        details.update(frames_late=late)
    if hypothesis.without is not None:
        name = cameras[hypothesis.without]
        return (
            'camera',
            f'camera {name!r} does not fit the others, which '
            'fit each other: it was moved, its K belongs to other '
            'images, or its labels are wrong or of another hand',
            f'Calibrate {name!r} anew, or leave it out (view_ids of MultiViewDataset)',
            dict(camera=name),
        )
    return (
        '+'.join(kinds),
        '; and '.join(messages),
        'rig2coco.py ' + ' '.join(options),
        details,
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
