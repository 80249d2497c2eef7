"""Whether data sets give joints in the order of the hand model."""

from collections.abc import Iterator, Sequence

from mmengine.dataset import BaseDataset
from mmpose.datasets.transforms import KeypointConverter

from ..hand_model import HAND_JOINT_NAMES
from .joint_order import reorder_by_name, standard_joint_name


def check_joint_order(dataset: BaseDataset) -> None:
    """Refuse data sets that give the 21 joints, which their ``metainfo`` names, in
    another order.

    MMPose's ``KeypointConverter`` in a pipeline may put them right. Names that are none
    of a hand pass.

    Args:
        dataset (BaseDataset): Any data set, also one that wraps others.

    Raises:
        ValueError: Names the data set, the first joint that differs, and the
            transform that puts them right.
    """
    for part, converters in _parts_and_converters(dataset):
        names = part.metainfo.get('keypoint_id2name', {})
        given = [names[joint] for joint in sorted(names)]
        try:
            order = reorder_by_name(given)
        except ValueError:
            continue
        if len(given) != len(order):
            continue
        arriving: list[str | None] = [*given]
        for converter in converters:
            arriving = _converted(arriving, converter)
        for joint, (name, wanted) in enumerate(zip(arriving, HAND_JOINT_NAMES)):
            if name is not None and standard_joint_name(name) != wanted:
                mapping = [(int(source), place) for place, source in enumerate(order)]
                raise ValueError(
                    f'{type(part).__name__} {getattr(part, "ann_file", "")}: its joint '
                    f'{joint} is {name!r}, where the hand model has {wanted!r}. Put '
                    f"dict(type='KeypointConverter', num_keypoints={len(order)}, "
                    f'mapping={mapping}) at the start of its pipeline, as the only one, '
                    'or order the joints of its metainfo as they are in the file'
                )


def _converted(
    names: Sequence[str | None], converter: KeypointConverter
) -> list[str | None]:
    """The names of joints behind a converter; None for what is no joint of before, as
    the middle of two."""
    arriving: list[str | None] = [None] * converter.num_keypoints
    pairs = zip(
        converter.source_index,
        getattr(converter, 'source_index2', converter.source_index),
        converter.target_index,
    )
    for source, other, target in pairs:
        arriving[target] = names[source] if source == other else None
    return arriving


def _parts_and_converters(
    dataset: BaseDataset, after: Sequence[KeypointConverter] = ()
) -> Iterator[tuple[BaseDataset, list[KeypointConverter]]]:
    """The data sets in a data set, each with the converters that its joints go
    through."""
    steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', ())
    # a data set may have the pipeline of what it wraps
    own = [step for step in steps if isinstance(step, KeypointConverter)]
    converters = [*(step for step in own if step not in after), *after]
    inside = [*getattr(dataset, 'datasets', ())]
    if hasattr(dataset, 'dataset'):
        inside.append(dataset.dataset)
    for part in inside:
        yield from _parts_and_converters(part, converters)
    if not inside and isinstance(dataset, BaseDataset):
        yield dataset, converters
