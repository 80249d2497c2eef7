"""Evaluate checkpoints with 1, 2, 4, ... of the available views.

The views of each time step are dealt at random, the same for all checkpoints,
into groups of that size, so that every view counts once for every size. Measures what
the test_evaluator of the config does. Writes a JSON file, a table (.md) and a plot
(.png) beside it.
"""

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    keep_inputs,
    output_file,
    require_files,
    short_errors,
)
from _interruption import exit_when_terminated

if TYPE_CHECKING:
    from mmengine.dataset import BaseDataset
    from mmengine.evaluator import Evaluator

    from hamuco_mm.visualization.view_curves import ViewErrors

# What the table shows, with its units.
MEASURES = {
    'MPJPE': 'mm',
    'N-MPJPE': 'mm',
    'PA-MPJPE': 'mm',
    'reprojection_px': 'px',
}


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file of a HaMuCo')
    parser.add_argument(
        'checkpoints', nargs='+', help='checkpoint files, or their URLs'
    )
    parser.add_argument(
        '--views',
        type=int,
        nargs='+',
        default=[1, 2, 4, 8],
        help='numbers of views in inference (default: 1 2 4 8)',
    )
    parser.add_argument(
        '--labels', nargs='+', help='names of the checkpoints (default: folder/file)'
    )
    parser.add_argument(
        '--train-views',
        type=int,
        nargs='+',
        metavar='N',
        help='with how many views each checkpoint was trained: adds a plot over that',
    )
    parser.add_argument(
        '--seed', type=int, default=0, help='of the groups (default: 0)'
    )
    parser.add_argument(
        '--out',
        type=output_file,
        metavar='JSON',
        help='default: views.json beside the first checkpoint',
    )
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    check_args(parser, args)
    return args


def check_args(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    require_files(parser, *args.checkpoints)
    for option in ('labels', 'train_views'):
        given = getattr(args, option)
        if given is not None and len(given) != len(args.checkpoints):
            parser.error(
                f'--{option.replace("_", "-")} has {len(given)} '
                f'entries for {len(args.checkpoints)} checkpoints'
            )
    if min(args.views) < 1:
        parser.error('--views should be numbers from 1 up')
    if args.labels is None:
        args.labels = ['/'.join(Path(c).parts[-2:]) for c in args.checkpoints]
    if args.out is None:
        if '://' in args.checkpoints[0]:
            parser.error('--out is needed for a checkpoint at a URL')
        args.out = Path(args.checkpoints[0]).with_name('views.json')


def quick(evaluator: Any) -> Any:
    """The evaluator of a config, without F-scores, which take most of the time, unless
    it says which."""
    if isinstance(evaluator, (list, tuple)):
        return [quick(metric) for metric in evaluator]
    if evaluator.get('type') != 'HandMeshMetric':
        return evaluator
    return dict(dict(f_thresholds=()), **evaluator)


def check_files(evaluator: 'Evaluator', checkpoints: Sequence[str]) -> None:
    """Refuse files of metrics, which each of several checkpoints would write again.

    Raises:
        ValueError: Naming the metric and its setting.
    """
    from hamuco_mm.engine.metric_files import file_settings

    for metric, name in file_settings(evaluator) if len(checkpoints) > 1 else ():
        raise ValueError(
            f'{name} of {type(metric).__name__} names files, which each of the '
            f'{len(checkpoints)} checkpoints would write again: evaluate them one by '
            f'one, or without {name}'
        )


def errors_by_views(metrics: dict) -> dict:
    """``views_2/single/MPJPE: 9.5`` -> ``{2: {'single/MPJPE': 9.5}}``."""
    errors = {}
    for key, value in metrics.items():
        count, name = key.split('/', 1)
        errors.setdefault(int(count[len('views_') :]), {})[name] = value
    return errors


def most_views(dataset: 'BaseDataset') -> int:
    """Views of the largest time step; 1 for a data set of single views."""
    table = dataset.data_list
    return int(table.sizes.max()) if hasattr(table, 'sizes') else 1


def table_of(
    networks: Sequence['ViewErrors'], measures: Iterable[str] = MEASURES
) -> tuple[list[str], list[list[str]]]:
    """Header and lines, as text."""
    from hamuco_mm.structures import Stage

    names = [
        f'{stage}/{measure}'
        for stage in Stage
        for measure in measures
        if f'{stage}/{measure}' in next(iter(networks[0].errors.values()))
    ]
    lines = [
        [network.label, str(count)] + [f'{metrics[name]:.2f}' for name in names]
        for network in networks
        for count, metrics in sorted(network.errors.items())
    ]
    return ['checkpoint', 'views', *names], lines


def main() -> None:
    args = parse_args()

    from hamuco_mm.engine.evaluation_runner import EvaluationRunner
    from hamuco_mm.utils.compat import prepare_processes_without_gpu
    from hamuco_mm.utils.config_options import read_config
    from hamuco_mm.utils.files import write_atomically
    from hamuco_mm.utils.image_files import write_figure
    from hamuco_mm.utils.json_files import write_json
    from hamuco_mm.visualization.tables import markdown_table, print_table
    from hamuco_mm.visualization.view_curves import (
        ViewErrors,
        measures_of,
        view_figure,
    )

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
    cfg.load_from = args.checkpoints[0]
    cfg.work_dir = str(args.out.parent)
    cfg.test_cfg = dict(type='ViewSubsetLoop', num_views=args.views, seed=args.seed)
    cfg.test_evaluator = quick(cfg.test_evaluator)
    prepare_processes_without_gpu(cfg)
    with short_errors(cfg.work_dir, cfg):
        runner = EvaluationRunner.from_cfg(cfg)
        loop = runner.test_loop
        check_files(loop.evaluator, args.checkpoints)
    available = most_views(loop.dataloader.dataset)
    if max(args.views) > available:
        raise SystemExit(
            f'--views {max(args.views)}, but no time step of the '
            f'test set has more than {available}'
        )

    networks = []
    for i, checkpoint in enumerate(args.checkpoints):
        with short_errors(cfg.work_dir, cfg):
            if i:
                runner.load_checkpoint(checkpoint)
            errors = errors_by_views(runner.test())
        networks.append(
            ViewErrors(args.labels[i], errors, args.train_views and args.train_views[i])
        )

    for measure in measures_of(networks, MEASURES):
        title = f'{measure} in {MEASURES[measure]}'
        print_table(title, *table_of(networks, [measure]), 2)
    result = dict(
        seed=args.seed,
        checkpoints=[
            dict(
                label=network.label,
                checkpoint=checkpoint,
                train_views=network.train_views,
                views=network.errors,
            )
            for network, checkpoint in zip(networks, args.checkpoints)
        ],
    )
    write_json(args.out, result)
    if not measures_of(networks):
        print(f'wrote {args.out}; a table and a plot need one of {", ".join(MEASURES)}')
        return
    table = markdown_table(*table_of(networks), num_names=2)
    write_atomically(args.out.with_suffix('.md'), table)
    write_figure(args.out.with_suffix('.png'), view_figure(networks))
    print(f'wrote {args.out}, .md and .png')


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
