"""Draw predictions of a checkpoint on test images, beside the ground truth.

Writes predictions.png (one view of each of some time steps, with side views)
and views.png (all views of one time step).
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import STAGES, add_cfg_options, short_errors


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file, or its URL')
    parser.add_argument('--out-dir', required=True, help='directory for the pictures')
    parser.add_argument(
        '--num',
        type=int,
        default=6,
        help='how many time steps, evenly spread over the test set (default: 6)',
    )
    parser.add_argument(
        '--stages',
        '--modes',
        nargs='+',
        choices=STAGES,
        default=['single', 'fusion'],
        help='whose meshes (default: single fusion)',
    )
    parser.add_argument('--device', help='default: the GPU if there is one')
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if '://' not in args.checkpoint and not Path(args.checkpoint).is_file():
        parser.error(
            f'there is no checkpoint {args.checkpoint}; a training '
            'leaves its own in its work directory'
        )
    if args.num < 1:
        parser.error(f'--num {args.num} should be at least 1')
    return args


def main() -> None:
    args = parse_args()

    from hamuco_mm.apis.view_predictions import (
        build_test_set,
        faces_of,
        load_model,
        predict_batches,
    )
    from hamuco_mm.utils.config_options import read_config
    from hamuco_mm.visualization.figures import comparison_figure, time_step_figure
    from hamuco_mm.visualization.view_pictures import ViewPictures

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
    model = load_model(cfg, args.checkpoint, args.device)
    faces = faces_of(model)
    dataset = build_test_set(cfg)
    num = min(args.num, len(dataset))
    chosen = [i * len(dataset) // num for i in range(num)]
    time_steps = list(predict_batches(cfg, model, dataset, chosen))

    out_dir = Path(args.out_dir)
    out_dir.mkdir(parents=True, exist_ok=True)
    # Another camera in each row.
    rows = [step[i % len(step)] for i, step in enumerate(time_steps)]
    middle = time_steps[len(time_steps) // 2]
    for name, draw, samples in (
        ('predictions.png', comparison_figure, rows),
        ('views.png', time_step_figure, middle),
    ):
        views = [ViewPictures(sample, faces) for sample in samples]
        draw(views, args.stages).savefig(out_dir / name)
        print(f'wrote {out_dir / name}')


if __name__ == '__main__':
    main()
