"""Whether data sets give the joints of the hand model, in its order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mmengine.dataset import BaseDataset
from mmpose.datasets.transforms import KeypointConverter

from ..hand_model import HAND_JOINT_NAMES
from .joint_order import order_of_side, reorder_by_name, standard_joint_name


def check_joint_number(dataset: BaseDataset) -> None:
    """Refuse data sets that give another number of joints than the 21 of a hand, by
    their ``metainfo`` and the ``KeypointConverter`` of their pipelines.

    Args:
        dataset (BaseDataset): Of a network of the hand model; also one that wraps
            others.

    Raises:
        ValueError: Names the data set, its number of joints, and the transform that
            makes the 21 of them.
    """
    for part, converters in _parts_and_converters(dataset):
        arriving = part.metainfo.get('num_keypoints')
        if converters:
            arriving = converters[-1].num_keypoints
        if arriving and arriving != len(HAND_JOINT_NAMES):
            raise ValueError(
                f'{_named(part)}: its metainfo and pipeline give {arriving} joints, and '
                f'the network has the {len(HAND_JOINT_NAMES)} of a hand '
                f'({", ".join(HAND_JOINT_NAMES)}). '
                f'Put {_converter(_mapping_of_right_hand(part))} at the start of its '
                'pipeline, as the only one, whose pairs are the place of a joint in '
                'the data set and in the hand'
            )


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
                raise ValueError(
                    f'{_named(part)}: its joint {joint} is {name!r}, where the hand '
                    f'model has {wanted!r}. Put {_converter(_mapping(order))} at the '
                    'start of its pipeline, as the only one, or order the joints of '
                    'its metainfo as they are in the file'
                )


def _named(part: BaseDataset) -> str:
    return f'{type(part).__name__} {getattr(part, "ann_file", "")}'.strip()


def _converter(mapping: Any) -> str:
    return (
        f"dict(type='KeypointConverter', num_keypoints={len(HAND_JOINT_NAMES)}, "
        f'mapping={mapping})'
    )


def _mapping(order: Iterable[int]) -> list[tuple[int, int]]:
    return [(int(source), place) for place, source in enumerate(order)]


def _mapping_of_right_hand(part: BaseDataset) -> Any:
    """The pairs of a converter to the right one of two hands; of other joints, their
    form."""
    names = part.metainfo.get('keypoint_id2name', {})
    try:
        return _mapping(
            order_of_side([names[joint] for joint in sorted(names)], 'right')
        )
    except ValueError:
        return '[(0, 0), ...]'


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
