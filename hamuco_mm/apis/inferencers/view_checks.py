"""Says what is wrong where calibrated views contradict each other."""

import logging
from collections.abc import Sequence

from mmengine.logging import print_log
from mmpose.structures import PoseDataSample

from .camera_order import CameraOrder
from .hand_side_check import HandSideCheck
from .time_steps import TimeStep
from .view_agreement import ViewAgreement


class ViewChecks:
    """Notices the known mistakes, and, where it is none of them, that views disagree.

    Args:
        order (CameraOrder): Notices exchanged cameras.
        side (HandSideCheck): Notices hands of the other side.
    """

    def __init__(self, order: CameraOrder, side: HandSideCheck):
        self._order, self._side = order, side
        self._agreement = ViewAgreement()

    def add(self, step: TimeStep, samples: Sequence[PoseDataSample]) -> None:
        """A time step and its predictions, one hand in each view. A known mistake is
        logged as soon as it shows."""
        self._order.add(samples)
        self._side.add(step, samples)
        self._agreement.add(
            dict(
                views_agree=sample.pred_instances.views_agree[0],
                hand_score=sample.pred_instances.hand_scores[0],
            )
            for sample in samples
            if 'views_agree' in sample.pred_instances
        )

    def say(self) -> None:
        """Log what was seen, at the end."""
        is_named = [self._order.say(), self._side.say()]
        if not any(is_named) and (problem := self._agreement.problem()):
            print_log(problem, 'current', logging.WARNING)
