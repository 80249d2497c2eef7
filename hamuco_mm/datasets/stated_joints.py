"""Whether data sets give joints in the order of the hand model."""

from collections.abc import Iterator

from mmengine.dataset import BaseDataset

from ..hand_model import HAND_JOINT_NAMES
from .joint_order import reorder_by_name

# Of MMPose: puts joints into another order.
_CONVERTER = 'KeypointConverter'


def check_joint_order(dataset: BaseDataset) -> None:
    """Refuse data sets whose ``metainfo`` names the 21 joints in another order.

    Those whose pipeline has MMPose's ``KeypointConverter`` pass, and so do names that
    are none of a hand.

    Args:
        dataset (BaseDataset): Any data set, also one that wraps others.

    Raises:
        ValueError: Names the data set, the first joint that differs, and the
            transform that puts them right.
    """
    for part in _unconverted(dataset):
        names = part.metainfo.get('keypoint_id2name', {})
        given = [names[joint] for joint in sorted(names)]
        try:
            order = reorder_by_name(given)
        except ValueError:
            continue
        moved = [joint for joint, source in enumerate(order) if joint != source]
        if len(given) != len(order) or not moved:
            continue
        mapping = [(int(source), joint) for joint, source in enumerate(order)]
        raise ValueError(
            f'{type(part).__name__} {getattr(part, "ann_file", "")}: its joint '
            f'{moved[0]} is {given[moved[0]]!r}, where the hand model has '
            f'{HAND_JOINT_NAMES[moved[0]]!r}. Put dict(type={_CONVERTER!r}, '
            f'num_keypoints={len(order)}, mapping={mapping}) at the start of its '
            'pipeline, or order the joints of its metainfo as they are in the file'
        )


def _unconverted(dataset: BaseDataset) -> Iterator[BaseDataset]:
    """The data sets in a data set whose joints arrive as they are."""
    pipeline = getattr(dataset, 'pipeline', None)
    steps = getattr(pipeline, 'transforms', ())
    if any(type(step).__name__ == _CONVERTER for step in steps):
        return
    inside = [*getattr(dataset, 'datasets', ())]
    if hasattr(dataset, 'dataset'):
        inside.append(dataset.dataset)
    for part in inside:
        yield from _unconverted(part)
    if not inside and isinstance(dataset, BaseDataset):
        yield dataset
