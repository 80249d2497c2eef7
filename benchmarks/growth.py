"""How a training step and a prediction grow with views, time steps and pixels.

One of the three changes at a time, around the base given by --base. All sizes
of one kind take turns within each round, with the same networks. An exponent is
the slope of log time over log size: 1 for views and time steps if all cost were
the backbone's, 2 for the width of the image. On a GPU also peak memory.
"""

import argparse
import copy
import math
from collections.abc import Iterable, Sequence

from _network import peak_gib
from _timing import (
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)
from training_step import Workload

BASE = dict(time_steps=2, views=4, size=128)


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument(
        '--base',
        type=int,
        nargs=3,
        metavar=('TIME_STEPS', 'VIEWS', 'PIXELS'),
        default=list(BASE.values()),
        help='default: %(default)s',
    )

    def add_sizes(name: str, default: Sequence[int], text: str) -> None:
        parser.add_argument(
            name,
            type=int,
            nargs='+',
            default=default,
            help=f'{text} (default: %(default)s)',
        )

    add_sizes('--views', [1, 2, 4, 8, 16], 'of a time step')
    add_sizes('--time-steps', [1, 2, 4, 8], 'of a batch')
    add_sizes('--sizes', [96, 128, 192, 256, 320], 'width in pixels')
    parser.add_argument('--bf16', action='store_true', help='under bfloat16 autocast')
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    for sizes in (args.base, args.views, args.time_steps, args.sizes):
        if min(sizes) < 1:
            parser.error('views, time steps and pixels are 1 or more')
    return args


class Growth:
    """Networks, and what is timed of them at one point.

    Args:
        args (argparse.Namespace): Depth, base, precision.
        device (str): 'cpu' or 'cuda'.
    """

    def __init__(self, args, device):
        import torch

        self.base = dict(zip(BASE, args.base))
        args = copy.copy(args)
        vars(args).update(self.base)
        dtype = torch.bfloat16 if args.bf16 else None
        self.work = Workload(args, device, channels_last=True, dtype=dtype)
        # apart, so that no time goes into changing between modes
        self.inference = copy.deepcopy(self.work.model).eval()

    def calls(self, **changed) -> dict:
        """Functions by name, of the base with one number changed."""
        import torch

        work = self.work.with_batch(**{**self.base, **changed})

        def predict():
            with torch.no_grad(), work.autocast():
                self.inference.predict(work.images, work.samples)

        return dict(
            step=work.step,
            backbone_step=work.backbone_step,
            interaction=work.parts()['interaction'],
            predict=predict,
        )


def measure(
    growth: Growth, axis: str, sizes: Iterable[int], rounds: int, warmup: int
) -> tuple[list[dict], dict]:
    """Rows of the table, and all seconds by size and name."""
    sizes = sorted(set(sizes))
    functions = {
        (size, name): function
        for size in sizes
        for name, function in growth.calls(**{axis: size}).items()
    }
    seconds = interleaved(functions, rounds, warmup)
    rows = []
    for size in sizes:
        point = {**growth.base, axis: size}
        images = point['time_steps'] * point['views']
        step = seconds[size, 'step']
        step_ms, predict_ms = (
            milliseconds(seconds[size, name]) for name in ('step', 'predict')
        )
        rows.append(
            {
                axis: size,
                'images': images,
                'step_ms': round(step_ms, 1),
                'step_ms_per_image': round(step_ms / images, 2),
                'step_over_backbone': ratio(step, seconds[size, 'backbone_step']),
                'interaction_share': ratio(seconds[size, 'interaction'], step),
                'predict_ms': round(predict_ms, 1),
                'predict_ms_per_image': round(predict_ms / images, 2),
            }
        )
        if growth.work.device == 'cuda':
            rows[-1]['peak_gib'] = peak_gib(functions[size, 'step'])
    return rows, seconds


def growth_ratios(rows, seconds, axis: str) -> dict:
    """The largest against the smallest, and the exponents."""
    small, large = rows[0], rows[-1]
    more = large['images'] / small['images']
    ratios = {}
    for name in ('step', 'predict'):
        per_image = '' if name == 'step' else f'{name}_'
        ratios[f'{per_image}ms_per_image_{large[axis]}_{axis}_over_{small[axis]}'] = (
            round(
                ratio(seconds[large[axis], name], seconds[small[axis], name]) / more, 4
            )
        )
    ratios[f'step_over_backbone_{large[axis]}_{axis}'] = large['step_over_backbone']
    if len(rows) > 1:
        for name in ('step', 'backbone_step', 'interaction', 'predict'):
            ratios[f'{name}_exponent_over_{axis}'] = round(
                exponent(
                    [row[axis] for row in rows],
                    [milliseconds(seconds[row[axis], name]) for row in rows],
                ),
                3,
            )
    return ratios


def exponent(sizes: Sequence[float], times: Sequence[float]) -> float:
    """Slope of log time over log size, by least squares."""
    from statistics import linear_regression

    return linear_regression(
        *([math.log(value) for value in values] for values in (sizes, times))
    ).slope


def main() -> None:
    args = parse_args()
    if args.quick:
        args.base = [1, 2, 64]
        args.views, args.time_steps, args.sizes = [1, 2], [1, 2], [64, 96]
    import torch

    prepare(args, parts=3)
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    growth = Growth(args, device)
    tables, ratios = {}, {}
    for axis, sizes in (
        ('views', args.views),
        ('time_steps', args.time_steps),
        ('size', args.sizes),
    ):
        rows, seconds = measure(
            growth,
            axis,
            sizes,
            args.rounds or (1 if args.quick else 5),
            1 if args.quick else 2,
        )
        tables[axis] = rows
        ratios.update(growth_ratios(rows, seconds, axis))
    for axis, rows in tables.items():
        others = ', '.join(
            f'{value} {name}' for name, value in growth.base.items() if name != axis
        )
        print_table(
            f'ResNet-{args.depth}, {device}, {others}',
            rows[0],
            [row.values() for row in rows],
        )
    report(
        f'growth_res{args.depth}',
        args,
        ratios,
        device=device,
        base=growth.base,
        bf16=args.bf16,
        rows=tables,
    )


if __name__ == '__main__':
    main()
