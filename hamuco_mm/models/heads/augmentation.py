"""What MMPose's ``test_cfg`` may ask of a head, and a hand's cannot do."""

from collections.abc import Mapping


def refuse_augmentation(head: str, test_cfg: Mapping) -> None:
    """Refuse options of ``test_cfg`` that a head sees too late, or that change the hand.

    Args:
        head (str): Name of its class.
        test_cfg (Mapping): As MMPose's estimators give it.

    Raises:
        ValueError: If flip testing is asked for: a mirrored image shows the other
            hand. If ``rotation_test`` is, which is HaMuCo's.
    """
    if test_cfg.get('flip_test', False):
        raise ValueError(
            f'{head} models one side of the body, so test_cfg.flip_test must be False'
        )
    if test_cfg.get('rotation_test', False):
        raise ValueError('test_cfg.rotation_test works with HaMuCo only: leave it out')
