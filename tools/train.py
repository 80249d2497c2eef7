"""Train a model."""

import argparse
import sys
from pathlib import Path

from _arguments import (
    add_common_arguments,
    check_common_arguments,
    load_config,
    short_errors,
)
from _interruption import exit_when_terminated
from mmengine.config import Config


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument(
        '--resume',
        nargs='?',
        const='auto',
        metavar='CHECKPOINT',
        help='go on from this checkpoint; without a value, from the latest in '
        'the work dir, if there is one',
    )
    time = parser.add_mutually_exclusive_group()
    time.add_argument(
        '--minutes',
        type=float,
        help='train for about so long: the number of epochs, and the schedules, are '
        'made to fit the time (TimeBudgetHook), whatever train_cfg.max_epochs is',
    )
    time.add_argument(
        '--pause-after',
        type=float,
        metavar='MINUTES',
        help='stop with a checkpoint before so many minutes are over (PauseHook); '
        '--resume goes on, until train_cfg.max_epochs are done',
    )
    parser.add_argument('--amp', action='store_true', help='train in mixed precision')
    parser.add_argument(
        '--no-validate', action='store_true', help='do not evaluate while training'
    )
    parser.add_argument(
        '--auto-scale-lr',
        action='store_true',
        help='scale the learning rate by the ratio of the actual batch size to '
        'auto_scale_lr.base_batch_size of the config',
    )
    add_common_arguments(parser)
    return parser


def enable_mixed_precision(cfg: Config) -> None:
    """Float16 with a scaled loss.

    Raises:
        ValueError: If the config cannot; says what can.
    """
    wrapper = cfg.optim_wrapper.get('type', 'OptimWrapper')
    if wrapper == 'BFloat16OptimWrapper':
        raise ValueError(
            '--amp is not needed: this config trains in bfloat16 already, where the '
            'hardware has it'
        )
    if wrapper not in ('OptimWrapper', 'AmpOptimWrapper'):
        raise ValueError(
            f'--amp cannot replace optim_wrapper.type={wrapper!r}; '
            'it works with OptimWrapper'
        )
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    cfg.optim_wrapper.setdefault('loss_scale', 'dynamic')


def check_precision(cfg: Config) -> None:
    """Refuse float16 without a GPU.

    Raises:
        ValueError: It says what to use.
    """
    import torch

    if cfg.optim_wrapper.get('type') == 'AmpOptimWrapper' and (
        not torch.cuda.is_available()
    ):
        raise ValueError(
            'AmpOptimWrapper (--amp) trains in float16, which needs a GPU; on a CPU use '
            'bfloat16: --cfg-options optim_wrapper.type=BFloat16OptimWrapper'
        )


def check_length(cfg: Config) -> None:
    """Refuse a training of no epochs or iterations.

    Raises:
        ValueError: Naming the setting.
    """
    for name in ('max_epochs', 'max_iters'):
        length = (cfg.get('train_cfg') or {}).get(name)
        if length is not None and length < 1:
            raise ValueError(f'train_cfg.{name}={length} should be a number >= 1')


def prepare_config(args: argparse.Namespace) -> Config:
    """The config with what the arguments say.

    Raises:
        FileNotFoundError, ValueError: Before anything is built.
    """
    from hamuco_mm.utils.near_paths import near_path
    from hamuco_mm.utils.training_settings import check_training

    cfg = load_config(args)
    if args.no_validate:
        cfg.val_cfg = cfg.val_dataloader = cfg.val_evaluator = None
    if args.amp:
        enable_mixed_precision(cfg)
    check_precision(cfg)
    check_length(cfg)
    check_training(cfg)
    if args.minutes is not None:
        budget = dict(type='TimeBudgetHook', minutes=args.minutes)
        cfg.custom_hooks = [*cfg.get('custom_hooks', []), budget]
    if args.pause_after is not None:
        pause = dict(type='PauseHook', minutes=args.pause_after)
        cfg.custom_hooks = [*cfg.get('custom_hooks', []), pause]
    if args.resume is not None:
        cfg.resume = True
        cfg.load_from = None if args.resume == 'auto' else args.resume
    if args.auto_scale_lr:
        if 'auto_scale_lr' not in cfg:
            raise ValueError(
                f'{args.config} has no auto_scale_lr, which says '
                'the batch size its learning rate is meant for'
            )
        cfg.auto_scale_lr.enable = True
    start = cfg.get('load_from')
    if start and '://' not in start and not Path(start).is_file():
        raise FileNotFoundError(
            f'there is no checkpoint {start}, from which this config starts: '
            '--cfg-options load_from=CHECKPOINT names another one, load_from=None '
            f'starts without{near_path(start)}'
        )
    return cfg


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    check_common_arguments(parser, args)

    from hamuco_mm.engine.training_runner import TrainingRunner
    from hamuco_mm.utils.compat import prepare_processes_without_gpu
    from hamuco_mm.utils.machine import busy_note

    with short_errors():
        cfg = prepare_config(args)
    prepare_processes_without_gpu(cfg)
    if note := busy_note():
        print(note, file=sys.stderr)
    with short_errors(cfg.work_dir, cfg):
        TrainingRunner.from_cfg(cfg).train()


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
