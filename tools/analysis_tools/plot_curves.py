"""Plot the losses and validation metrics of a training into curves.png."""

import argparse
import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_file


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('work_dir', help='work directory of the training')
    parser.add_argument(
        '--out', type=output_file, metavar='PNG', help='default: WORK_DIR/curves.png'
    )
    parser.add_argument(
        '--baselines',
        metavar='JSON',
        help='errors from evaluate_baselines.py, to be marked by lines',
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if not Path(args.work_dir).is_dir():
        from hamuco_mm.utils.near_paths import near_path

        parser.error(
            f'there is no work directory {args.work_dir}{near_path(args.work_dir)}'
        )
    if args.baselines and not Path(args.baselines).is_file():
        parser.error(
            f'there is no {args.baselines}; write it with '
            'evaluate_baselines.py CONFIG --out'
        )
    return args


def warmup_epochs_of(work_dir: Path) -> float | None:
    """Warm-up of the last run's LossScheduleHook; None without one."""
    from mmengine.config import Config

    from hamuco_mm.engine import LossScheduleHook

    configs = sorted(work_dir.glob('*/vis_data/config.py'))
    if not configs:
        return None
    cfg = Config.fromfile(configs[-1], import_custom_modules=False)
    named = cfg.get('default_hooks', None) or {}
    for hook in [*named.values(), *(cfg.get('custom_hooks', None) or [])]:
        if hook is not None and hook['type'] == 'LossScheduleHook':
            schedule = LossScheduleHook(**{k: hook[k] for k in hook if k != 'type'})
            epochs = cfg.get('train_cfg', {}).get('max_epochs', 1)
            return schedule.warmup_epochs * schedule.shortening(epochs)
    return None


def main() -> None:
    args = parse_args()

    from hamuco_mm.utils.image_files import write_figure
    from hamuco_mm.visualization.curves import training_figure
    from hamuco_mm.visualization.training_log import read_training_log

    work_dir = Path(args.work_dir)
    baselines = args.baselines and json.loads(Path(args.baselines).read_text())
    figure = training_figure(
        read_training_log(work_dir), warmup_epochs_of(work_dir), baselines
    )
    out = Path(args.out or work_dir / 'curves.png')
    write_figure(out, figure)
    print(f'wrote {out}')


if __name__ == '__main__':
    main()
