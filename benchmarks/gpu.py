"""All that has to be known of a GPU, in one run of some minutes.

Steps of training and predictions, eager, captured as CUDA graphs and compiled,
beside those of the backbone alone; training from JPEG files, and how long the
GPU waits for them; start-up; whether the numbers are those of a CPU. Times are
by the clock, launches included; beside them the kernels' own time and how
many launches there were.

Writes gpu.json and a page, gpu.md. Without a GPU
  python benchmarks/gpu.py --device cpu --quick
runs all of it in small, to be tested.
"""

import argparse
import os
from pathlib import Path

import _timing
from _gpu_feeding import measure_feeding, measure_imports, measure_index
from _gpu_prediction import measure_prediction
from _gpu_step import Sizes, measure_accuracy, measure_steps
from _timing import (
    add_device,
    chosen_device,
    make_parser,
    prepare,
    print_table,
    report,
)

# A step over the backbone's eager one, by depth.
TARGETS = {18: 1.0, 50: 1.1}


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.set_defaults(minutes=8)
    add_device(parser)
    parser.add_argument('--depths', type=int, nargs='+', default=[18, 50])
    parser.add_argument('--time-steps', type=int, default=8)
    parser.add_argument('--views', type=int, default=8)
    parser.add_argument('--size', type=int, default=256, help='pixels')
    parser.add_argument(
        '--files', type=int, default=64, help='time steps on disk, to train from'
    )
    parser.add_argument(
        '--workers',
        type=int,
        help='of the data loader (default: one for each core but two)',
    )
    parser.add_argument(
        '--no-compile', action='store_true', help='leave out what is compiled'
    )
    return parser


def table(title: str, rows: list[dict] | dict) -> str:
    """Print a table; returns it as Markdown.

    Args:
        title (str): Above it.
        rows (list[dict] | dict): Lines, or one thing's facts, a line each.
    """
    from hamuco_mm.visualization.tables import markdown_table

    if isinstance(rows, dict):
        header, cells = ['', 'measured'], [[k, str(v)] for k, v in rows.items()]
    else:
        header = list(rows[0])
        cells = [
            ['' if value is None else str(value) for value in row.values()]
            for row in rows
        ]
    print_table(title, header, cells)
    return f'## {title}\n\n{markdown_table(header, cells)}'


def ratios_of_steps(depth: int, rows: list[dict], compiled: bool) -> dict[str, float]:
    """A step against the backbone's, eager and captured."""
    ms = {row['what']: row['ms'] for row in rows}
    best = ms['step, compiled and captured' if compiled else 'step, captured']
    target = f' (target <= {TARGETS[depth]})' if depth in TARGETS else ''
    recorded = ms['train_step, recorded']
    return {
        f'train_step_over_backbone_res{depth}{target}': round(
            recorded / ms['backbone'], 4
        ),
        f'step_over_backbone_res{depth}{target}': round(best / ms['backbone'], 4),
        f'step_over_captured_backbone_res{depth} (target <= 1.5)': round(
            best / ms['backbone, captured'], 4
        ),
    }


def ratios_of_predictions(depth: int, rows: list[dict]) -> dict[str, float]:
    """Captured networks: of a batch over the backbone, of one time step in ms."""
    ms = {(row['batch'], row['what']): row['ms'] for row in rows}
    one, batch = rows[0]['batch'], rows[-1]['batch']
    captured, backbone = ms[batch, 'networks, captured'], ms[batch, 'backbone']
    return {
        f'networks_over_backbone_{batch}_res{depth} (target <= 1.5)': round(
            captured / backbone, 4
        ),
        f'networks_{one}_res{depth}_ms (target < 5)': ms[one, 'networks, captured'],
    }


def main() -> None:
    args = build_parser().parse_args()
    if args.quick:
        args.time_steps, args.views, args.size, args.files = 2, 2, 64, 4
        args.depths, args.workers = [18], 0
    if args.workers is None:
        args.workers = max(1, (os.cpu_count() or 1) - 2)
    device = chosen_device(args)
    if device == 'cpu' and not args.quick:
        raise SystemExit(
            'PyTorch sees no GPU here, which this is for. To see that it runs: '
            '--device cpu --quick'
        )
    # of each depth steps and two sizes of predictions; training from disk, the
    # loader alone, and the same batch again
    prepare(args, parts=3 * len(args.depths) + 3)
    sizes = Sizes(device, args.time_steps, args.views, args.size)
    compiled = not args.no_compile
    batch = f'{args.time_steps}x{args.views} images of {args.size} px'
    page, ratios, results = [], {}, {}
    for depth in args.depths:
        steps, seconds = measure_steps(depth, sizes, compiled)
        ratios.update(ratios_of_steps(depth, steps, compiled))
        predictions = measure_prediction(depth, sizes)
        ratios.update(ratios_of_predictions(depth, predictions))
        page.append(table(f'ResNet-{depth}: a training step, {batch}', steps))
        page.append(table(f'ResNet-{depth}: prediction, {args.size} px', predictions))
        results[f'res{depth}'] = dict(
            steps=steps, predictions=predictions, compile_seconds=round(seconds, 1)
        )
    accuracy = measure_accuracy(args.depths[0], sizes)
    page.append(table('largest relative differences from a CPU, float32', accuracy))
    feeding = measure_feeding(args.depths[0], sizes, args.files, args.workers, compiled)
    page.append(table('training from JPEG files', feeding))
    ratios['share_of_waiting_for_data (target < 0.05)'] = feeding['share_of_waiting']
    start_up = dict(
        imports_s=measure_imports(),
        **measure_index(100 if args.quick else 10_000),
        first_batch_s=feeding['first_batch_s'],
        **{
            f'compiling_res{depth}_s': results[f'res{depth}']['compile_seconds']
            for depth in args.depths
        },
    )
    page.append(table('start-up', start_up))
    report(
        'gpu',
        args,
        ratios,
        device=device,
        batch=[args.time_steps, args.views, args.size],
        **results,
        accuracy=accuracy,
        feeding=feeding,
        start_up=start_up,
    )
    page.append(f'## ratios and targets\n\n{_timing.ratios_table(ratios)}')
    write_page(Path(args.out_dir) / 'gpu.md', page)


def write_page(path: Path, tables: list[str]) -> None:
    """The tables below what they were measured on."""
    from hamuco_mm.utils.files import write_atomically

    machine = _timing.machine()
    names = ('gpu', 'processor', 'cpu_count', 'python', 'torch')
    facts = ', '.join(f'{name} {machine[name]}' for name in names if name in machine)
    command = f'`{_timing.command()}`'
    text = '\n\n'.join(['# On a GPU', facts, command, *tables]) + '\n'
    write_atomically(path, text)
    print(f'written to {path}')


if __name__ == '__main__':
    main()
