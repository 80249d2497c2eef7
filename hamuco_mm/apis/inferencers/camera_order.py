"""Notices cameras that belong to other views than they were given for."""

import logging
from collections.abc import Mapping, Sequence

import numpy as np
from mmengine.logging import print_log
from mmpose.structures import PoseDataSample

from ...rigs.check.mistakes.camera_order import best_order
from ...rigs.check.observations import RigObservations
from ...rigs.check.scoring import score_fit

# Time steps that are looked at, and fewest that tell anything.
_MOST_STEPS, _LEAST_STEPS = 20, 3
# Another order explains the views if its misfit is less than this part of theirs.
_MUCH_BETTER = 0.7


class CameraOrder:
    """Compares the orders of cameras by the hands that each view shows by itself:
    the single views' joints, of which no camera knows.

    Args:
        camera_names (Mapping[str, str], optional): What views are called in the
            calibration, where that is another name.
    """

    def __init__(self, camera_names: Mapping[str, str] | None = None):
        self._names = camera_names or {}
        self._views: list[dict] = []
        self._numbers: dict[str, int] = {}
        self._steps: set[str] = set()
        self._said = self._found = False

    def add(self, samples: Sequence[PoseDataSample]) -> None:
        """The predictions of a time step, one hand in each view. After enough of
        them a problem is logged."""
        if self._said:
            return
        for sample in samples:
            meta, instances = sample.metainfo, sample.pred_instances
            if not len(instances) or not meta.get('camera_param'):
                continue
            self._steps.add(meta['frame_id'])
            keypoints = instances.keypoints[:1]
            self._views.append(
                dict(
                    frame_id=meta['frame_id'],
                    camera_id=self._numbers.setdefault(
                        meta['view'], len(self._numbers)
                    ),
                    camera=meta['view'],
                    keypoints=keypoints,
                    keypoints_visible=np.ones(keypoints.shape[:2]),
                    camera_param=meta['camera_param'],
                )
            )
        if len(self._steps) >= _MOST_STEPS:
            self.say()

    def say(self) -> bool:
        """Log a problem of what was seen, once; whether there is one."""
        if not self._said and (problem := self.problem()):
            print_log(problem, 'current', logging.WARNING)
            self._found = True
        self._said = True
        return self._found

    def problem(self) -> str | None:
        """What is wrong with the order of the cameras; None if nothing is, or too
        little was seen."""
        if len(self._steps) < _LEAST_STEPS:
            return None
        try:
            rig = RigObservations.from_views(self._views)
        except ValueError:  # no two views of one time step
            return None
        order = best_order(rig)
        if order is None:
            return None
        given, other = score_fit(rig), score_fit(rig.reordered(order))
        if not other.misfit < _MUCH_BETTER * given.misfit:
            return None
        pairs = [
            (rig.names[view], rig.names[known])
            for view, known in enumerate(order)
            if view != known
        ]
        pixels = [float(np.nanmedian(fit.pixels)) for fit in (given, other)]
        return (
            'the cameras are in another order than the views: '
            + ', '.join(f'{view} has that of {known}' for view, known in pairs)
            + f'. The views then fit each other to {pixels[1]:.1f} px, as given to '
            f'{pixels[0]:.1f} px. Give camera_names (--camera-names '
            + ' '.join(
                f'{view}={self._names.get(known, known)}' for view, known in pairs
            )
            + ')'
        )
