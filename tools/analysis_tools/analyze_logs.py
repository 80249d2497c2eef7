"""Plot values of training logs, and say how long iterations took.

The arguments are those of MMPose's tool of this name, which needs seaborn. A log
is WORK_DIR/TIME/vis_data/scalars.json; a work directory stands for all of its own.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_file


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    tasks = parser.add_subparsers(dest='task', required=True)
    plot = tasks.add_parser('plot_curve', help='values by iteration')
    time = tasks.add_parser('cal_train_time', help='seconds of an iteration')
    for task in (plot, time):
        task.add_argument('json_logs', nargs='+', type=Path, metavar='LOG')
    plot.add_argument('--keys', nargs='+', default=['loss'], help='(default: loss)')
    plot.add_argument('--legend', nargs='+', help='a name for each log and key')
    plot.add_argument('--title')
    plot.add_argument('--out', type=output_file, default=Path('curves.png'))
    time.add_argument(
        '--include-outliers',
        action='store_true',
        help='count the first value of each epoch, too',
    )
    return parser


def records_of(log: Path) -> list[dict]:
    """The lines of a log that a training wrote, or of all logs of a directory."""
    from hamuco_mm.utils.near_paths import near_path
    from hamuco_mm.visualization.training_log import log_records

    paths = sorted(log.glob('*/vis_data/scalars.json')) if log.is_dir() else [log]
    if not all(path.is_file() for path in paths) or not paths:
        hint = '' if log.exists() else near_path(log)
        raise FileNotFoundError(f'{log} is no log, nor a directory with logs{hint}')
    records = [x for path in paths for x in log_records(path) if 'epoch' in x]
    if not records:
        raise ValueError(f'{log} has no line of a training')
    return records


def plot_curve(args: argparse.Namespace) -> None:
    from matplotlib.figure import Figure

    from hamuco_mm.utils.image_files import write_figure

    names = args.legend or [
        f'{log} {key}' for log in args.json_logs for key in args.keys
    ]
    if len(names) != len(args.json_logs) * len(args.keys):
        raise ValueError(
            f'--legend has {len(names)} names for {len(args.json_logs)} logs and '
            f'{len(args.keys)} keys'
        )
    axes = (figure := Figure(figsize=(8, 5), layout='constrained')).add_subplot()
    labels = iter(names)
    for log in args.json_logs:
        records = records_of(log)
        for key in args.keys:
            points = [(x['step'], x[key]) for x in records if key in x]
            if not points:
                known = sorted({name for record in records for name in record})
                raise ValueError(f'{log} has no {key}; it has {", ".join(known)}')
            axes.plot(*zip(*points), label=next(labels), linewidth=1)
    axes.set(xlabel='iteration', title=args.title or '')
    axes.legend()
    write_figure(args.out, figure)
    print(f'wrote {args.out}')


def cal_train_time(args: argparse.Namespace) -> None:
    import numpy as np

    for log in args.json_logs:
        times: dict[int, list[float]] = {}
        for record in records_of(log):
            if 'time' in record:
                times.setdefault(record['epoch'], []).append(record['time'])
        first = 0 if args.include_outliers else 1
        means = {e: np.mean(x[first:]) for e, x in times.items() if len(x) > first}
        if not means:
            raise ValueError(
                f'{log} has one value of each epoch: give --include-outliers'
            )
        slowest, fastest = max(means, key=means.get), min(means, key=means.get)
        print(f'{log}: {np.mean(list(means.values())):.4f} s an iteration')
        print(f'  slowest epoch {slowest}: {means[slowest]:.4f} s')
        print(f'  fastest epoch {fastest}: {means[fastest]:.4f} s')
        print(f'  standard deviation over epochs: {np.std(list(means.values())):.4f} s')


def main() -> None:
    args = build_parser().parse_args()
    task = dict(plot_curve=plot_curve, cal_train_time=cal_train_time)[args.task]
    try:
        task(args)
    except (OSError, ValueError) as error:
        raise SystemExit(f'{Path(__file__).name}: {error}') from error


if __name__ == '__main__':
    main()
