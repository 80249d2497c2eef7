"""Plot the learning rate of a config's training, iteration by iteration.

The name is that of MMPretrain's tool; MMPose has none.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import add_cfg_options, output_file, positive, short_errors

if TYPE_CHECKING:
    from mmengine.config import Config
    from mmengine.optim import _ParamScheduler


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', type=Path, help='config file')
    parser.add_argument(
        '-d',
        '--dataset-size',
        type=positive,
        help='items of the training set, such as time steps (default: the training '
        'set of the config is opened)',
    )
    parser.add_argument('--out', type=output_file, default=Path('schedule.png'))
    parser.add_argument('--title', help='default: the name of the config')
    add_cfg_options(parser)
    return parser


def epoch_length(cfg: 'Config', size: int | None) -> int:
    """Iterations of an epoch, of as many samples as the sampler draws."""
    from mmengine.registry import DATA_SAMPLERS

    from hamuco_mm.datasets.build import build_dataset

    loader = cfg.train_dataloader
    items = build_dataset(cfg, 'train') if size is None else range(size)
    samples = len(items)
    if 'sampler' in loader:
        samples = len(DATA_SAMPLERS.build(dict(loader.sampler, dataset=items)))
    drops = loader.get('drop_last', False)
    batch = loader.batch_size
    return max(1, samples // batch if drops else -(-samples // batch))


def learning_rates(cfg: 'Config', length: int) -> list[float]:
    """The learning rate of each iteration of the training."""
    import torch
    from mmengine.registry import OPTIMIZERS

    weights = [torch.nn.Parameter(torch.zeros(1))]
    optimizer = OPTIMIZERS.build(dict(cfg.optim_wrapper.optimizer, params=weights))
    train = cfg.train_cfg
    total = train.get('max_iters') or train.max_epochs * length
    schedulers = [
        scheduler_of(dict(settings), optimizer, length, total)
        for settings in cfg.get('param_scheduler') or []
    ]
    found = []
    for iteration in range(total):
        found.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        for scheduler in schedulers:
            if not scheduler.by_epoch or (iteration + 1) % length == 0:
                scheduler.step()
    return found


def scheduler_of(
    settings: dict, optimizer: object, length: int, total: int
) -> '_ParamScheduler':
    """As MMEngine's Runner builds it."""
    from mmengine.registry import PARAM_SCHEDULERS

    by_epoch = settings.get('by_epoch', True)
    settings.setdefault('end', -(-total // length) if by_epoch else total)
    if settings.pop('convert_to_iter_based', False):
        kind = PARAM_SCHEDULERS.get(settings.pop('type'))
        return kind.build_iter_from_epoch(
            optimizer=optimizer, **settings, epoch_length=length
        )
    return PARAM_SCHEDULERS.build(dict(settings, optimizer=optimizer))


def main() -> None:
    args = build_parser().parse_args()

    from matplotlib.figure import Figure
    from mmengine.registry import init_default_scope

    from hamuco_mm.utils.config_options import read_config
    from hamuco_mm.utils.image_files import write_figure

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
        init_default_scope(cfg.get('default_scope', 'mmpose'))
        length = epoch_length(cfg, args.dataset_size)
        rates = learning_rates(cfg, length)
    axes = (figure := Figure(figsize=(8, 4), layout='constrained')).add_subplot()
    axes.plot(rates)
    axes.set(
        xlabel=f'iteration, {length} an epoch',
        ylabel='learning rate',
        title=args.title or args.config.name,
    )
    write_figure(args.out, figure)
    print(
        f'wrote {args.out}: {len(rates)} iterations, from {rates[0]:.3g} over '
        f'{max(rates):.3g} to {rates[-1]:.3g}'
    )


if __name__ == '__main__':
    main()
