import logging
from collections.abc import Iterator, Mapping

import torch
from mmengine.hooks import Hook
from mmengine.logging import print_log
from mmengine.runner import Runner
from mmpose.registry import HOOKS
from torch.utils.data import DataLoader

from ...datasets.hand_model_loan import lend_hand_model
from ...datasets.parts import dataset_parts
from ...hand_model import MANOLayer
from ...models.layers.hand_decoder import HandDecoder
from ...utils.stored_config import config_from_checkpoint
from .runner_state import network_of


@HOOKS.register_module()
class HandModelHook(Hook):
    """Lend the hand model of the model's head to the data sets that ask for it.

    Those are data sets with ``hand_model=dict(path='head')``: they make the
    meshes of their ground truth with it, so that the hand model is set in one
    place. It is lent before a loop's first batch, and so before worker processes
    start. Loops by iteration are an exception: their workers start when the
    loop is built. See
    :func:`~hamuco_mm.datasets.hand_model_loan.lend_hand_model`.
    """

    def after_load_checkpoint(self, runner: Runner, checkpoint: dict) -> None:
        """Warn where the network was trained with another hand than it has now."""
        decoder = _decoder_of(runner)
        if decoder is None:
            return
        try:
            stored = config_from_checkpoint(checkpoint, 'the checkpoint')
            trained = dict(stored['model']['head'].get('hand_model') or {})
        except (AttributeError, KeyError, TypeError, ValueError):
            return  # weights without a config, or of another network
        for name in _differences(trained, decoder):
            print_log(
                f'the weights were trained with hand_model.{name}='
                f'{trained.get(name)!r}, and the network has '
                f'{decoder.hand_model[name]!r}: model.head.hand_model.{name}='
                f'{trained.get(name)} gives the hand that it learned',
                'current',
                logging.WARNING,
            )

    def before_train(self, runner: Runner) -> None:
        """Lend to the training set.

        Raises:
            ValueError: If the head has the joints of a detector, and the training
                set has hands whose labels are the hand model's own.
        """
        decoder = _decoder_of(runner)
        if decoder is not None and decoder.hand.joints is not None:
            _check_joints(runner.train_dataloader, decoder.hand.joints)
        _lend(runner, runner.train_dataloader)

    def before_val(self, runner: Runner) -> None:
        """Lend to the validation set."""
        _lend(runner, runner.val_dataloader)

    def before_test(self, runner: Runner) -> None:
        """Lend to the test set."""
        _lend(runner, runner.test_dataloader)


def _lend(runner: Runner, loader: DataLoader) -> None:
    decoder = _decoder_of(runner)
    if decoder is not None:
        lend_hand_model(loader.dataset, decoder.hand_model)


def _decoder_of(runner: Runner) -> HandDecoder | None:
    head = getattr(network_of(runner), 'head', None)
    return getattr(head, 'hand_decoder', None)


def _differences(trained: Mapping, decoder: HandDecoder) -> Iterator[str]:
    """Arguments of a hand model that make it another than the decoder's.

    Where files of MANO are is not one of them, but whether there is one.
    """
    now = decoder.hand_model
    if (trained.get('path') is None) != (now['path'] is None):
        yield 'path'
    if trained.get('side', 'right') != now['side']:
        yield 'side'
    if trained.get('joints') != now['joints']:
        yield 'joints'
    elif now['joints'] is None and trained.get('fingertips') != now['fingertips']:
        # nothing said may mean the same
        other = MANOLayer(**{**now, 'fingertips': trained.get('fingertips')})
        if not torch.allclose(other.J21, decoder.hand.J21.to(other.J21)):
            yield 'fingertips'


def _check_joints(loader: DataLoader, joints: str) -> None:
    for part in dataset_parts(loader.dataset):
        if getattr(part, 'has_own_joints', False):
            raise ValueError(
                f'model.head.hand_model.joints={joints!r} are the joints of a '
                f"detector, and those of {type(part).__name__} are the hand model's "
                'own: train without one of the two'
            )
