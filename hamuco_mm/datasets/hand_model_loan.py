"""The hand model that a data set makes meshes with, borrowed from a network.

A data set whose config says ``hand_model=dict(path='head')`` makes the meshes of
its ground truth with the hand model of the network's head. So one line of a
config, ``model.head.hand_model.path``, sets both.
"""

from mmengine.config import Config
from mmengine.dataset import BaseDataset
from mmengine.logging import print_log

from .parts import dataset_parts

#: Path of a hand model that stands for the one of the network's head.
FROM_HEAD = 'head'


class HandModelNotLentError(RuntimeError):
    """Raised when a mesh is needed and no head has lent its hand model."""

    def __init__(self) -> None:
        super().__init__(
            f'hand_model=dict(path={FROM_HEAD!r}) of a data set borrows the hand '
            "model of the network's head, and none has been lent. Add the "
            'HandModelHook to default_hooks (configs/_base_/default_runtime.py has '
            'it), build the data set by hamuco_mm.datasets.build.build_dataset, or '
            'name a file: hand_model=dict(path=...), None for no meshes. Loops by '
            'iteration start worker processes before the hook: name a file there'
        )


def borrows_hand_model(hand_model: dict | str | None) -> bool:
    """Whether a data set's ``hand_model`` is to be that of the head."""
    path = hand_model.get('path') if isinstance(hand_model, dict) else hand_model
    return path == FROM_HEAD


def head_hand_model(cfg: Config) -> dict:
    """Arguments of the hand model of a config's head; empty for the open hand
    and without a model."""
    head = (cfg.get('model') or {}).get('head') or {}
    return dict(head.get('hand_model') or {})


def lend_hand_model(dataset: BaseDataset, hand_model: dict) -> None:
    """Lend the hand model of a head to the data sets that ask for it.

    The labels are fits of MANO, which do not pose the open hand: where the head
    has the open hand, the ground truth has no meshes, which the log says.

    Args:
        dataset (BaseDataset): Any data set, also one that wraps others. One
            that names a file, or None, keeps what it names.
        hand_model (dict): Arguments of the head's
            :class:`~hamuco_mm.hand_model.MANOLayer`.

    Raises:
        FileNotFoundError: If there is no such model file.
    """
    for part in dataset_parts(dataset):
        if not borrows_hand_model(getattr(part, 'hand_model', None)):
            continue
        if hand_model.get('path') is None:
            print_log(
                f'{type(part).__name__} {part.data_root}: the network has the open '
                "hand, which MANO's fits do not pose, so the ground truth has no "
                'meshes (no MPVPE, F-scores and vertex losses)',
                logger='current',
            )
            part.set_hand_model(None)
        else:
            part.set_hand_model(dict(hand_model))
