"""The hands of a time step as rows of a table."""

from collections.abc import Sequence

from mmpose.structures import PoseDataSample

from ...export.hand_table import HandTable
from ...structures import Stage
from .time_steps import TimeStep


def write_hands(
    table: HandTable, step: TimeStep, preds: Sequence[PoseDataSample]
) -> None:
    """Add a row for each hand of each view.

    Args:
        table (HandTable): Where to.
        step (TimeStep): The images.
        preds (Sequence[PoseDataSample]): One for each view, with all its hands.
    """
    for view, pred in zip(step.frames, preds):
        hands = pred.pred_instances
        fields = dict(hands.items())
        stage = Stage.SINGLE
        if pred.metainfo.get('num_views', 1) > 1:
            stage = Stage.latest(fields) or stage
        for row in range(len(hands)):
            identity = dict(
                frame_id=step.name,
                time_step=step.index,
                time_s=step.time,
                camera=view,
                hand=row,
                hand_side=pred.metainfo['hand_side'],
                bbox_origin=hands.bbox_origins[row],
            )
            of_hand = {name: values[row] for name, values in fields.items()}
            table.write(identity, of_hand, stage)
