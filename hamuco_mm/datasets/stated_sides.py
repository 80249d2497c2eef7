"""Which items of data sets say whether a hand is a left or a right one."""

import logging

from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from .hand_dataset import HandDataset
from .parts import dataset_parts


def items_without_side(dataset: BaseDataset) -> int:
    """How many items of a data set do not say their ``hand_side``.

    Args:
        dataset (BaseDataset): One that wraps no other.
    """
    if isinstance(dataset, HandDataset):  # those of this package always do
        return 0
    return sum(
        dataset.get_data_info(index).get('hand_side') is None
        for index in range(len(dataset))
    )


def warn_of_unstated_sides(dataset: BaseDataset) -> None:
    """Say of each part of a data set how many items do not say the side of their
    hand: they are taken as right hands.

    Args:
        dataset (BaseDataset): Any data set, also one that wraps others.
    """
    for part in dataset_parts(dataset):
        wraps = hasattr(part, 'dataset') or hasattr(part, 'datasets')
        if wraps or not hasattr(part, 'get_data_info'):
            continue
        count = items_without_side(part)
        if count:
            print_log(
                f'{type(part).__name__} {getattr(part, "ann_file", "")}: {count} of '
                f'{len(part)} items do not say the side of the hand (hand_side) and '
                'are taken as right hands. If left ones are among them, use a data '
                'set that says it (CocoWholeBodyHandWithSideDataset, or a transform '
                "before MirrorLeftHand that sets results['hand_side'])",
                logger='current',
                level=logging.WARNING,
            )
