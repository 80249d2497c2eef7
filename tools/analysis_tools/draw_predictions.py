"""Draw predictions of a checkpoint on test images, beside the ground truth.

Writes predictions.png (one view of each of some time steps, with side views)
and views.png (all views of one time step). Which ones is decided by a rule: evenly
spread over the test set, or over the errors of the hands in it.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    STAGES,
    add_cfg_options,
    add_device,
    output_folder,
    require_files,
    short_errors,
)
from _interruption import exit_when_terminated

if TYPE_CHECKING:
    from mmpose.structures import PoseDataSample


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file, or its URL')
    parser.add_argument(
        '--out-dir',
        type=output_folder,
        required=True,
        help='directory for the pictures',
    )
    parser.add_argument(
        '--num',
        type=int,
        default=6,
        help='how many time steps (default: 6)',
    )
    parser.add_argument(
        '--choose',
        choices=('place', 'error'),
        default='place',
        help='place: evenly spread over the test set; error: predict all of it, and '
        'take time steps from the best to the worst by PA-MPJPE of the last of '
        '--stages, the median one for views.png (default: place)',
    )
    parser.add_argument(
        '--stages',
        '--modes',
        nargs='+',
        choices=STAGES,
        default=['single', 'fusion'],
        help='whose meshes (default: single fusion)',
    )
    add_device(parser)
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    require_files(parser, args.checkpoint)
    if args.num < 1:
        parser.error(f'--num {args.num} should be at least 1')
    return args


def step_error(samples: 'list[PoseDataSample]', stage: str) -> float:
    """PA-MPJPE of a time step, mean over its views, mm; NaN without truth."""
    import numpy as np

    from hamuco_mm.evaluation.case_choice import view_error

    errors = [view_error(sample.to_dict(), stage) for sample in samples]
    return float(np.mean([np.nan if error is None else error for error in errors]))


def main() -> None:
    args = parse_args()

    import numpy as np

    from hamuco_mm.apis.view_predictions import (
        build_test_set,
        faces_of,
        load_model,
        predict_batches,
    )
    from hamuco_mm.datasets.frame_window_dataset import time_steps_of
    from hamuco_mm.evaluation.case_choice import spread_over_errors
    from hamuco_mm.utils.config_options import read_config
    from hamuco_mm.utils.image_files import write_figure
    from hamuco_mm.visualization.figures import comparison_figure, time_step_figure
    from hamuco_mm.visualization.view_pictures import ViewPictures

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
    model = load_model(cfg, args.checkpoint, args.device)
    faces = faces_of(model)
    dataset = build_test_set(cfg)
    num_steps = len(time_steps_of(dataset))
    num = min(args.num, num_steps)
    chosen = [i * num_steps // num for i in range(num)]
    if args.choose == 'error':
        errors = [
            step_error(step, args.stages[-1])
            for step in predict_batches(cfg, model, dataset, range(num_steps))
        ]
        with short_errors():
            *chosen, median = [
                *spread_over_errors(np.array(errors), num),
                *spread_over_errors(np.array(errors), 1),
            ]
    else:
        median = chosen[len(chosen) // 2]
    *time_steps, middle = predict_batches(cfg, model, dataset, [*chosen, median])

    out_dir = Path(args.out_dir)
    # Another camera in each row.
    rows = [step[i % len(step)] for i, step in enumerate(time_steps)]
    for name, draw, samples in (
        ('predictions.png', comparison_figure, rows),
        ('views.png', time_step_figure, middle),
    ):
        views = [ViewPictures(sample, faces) for sample in samples]
        write_figure(out_dir / name, draw(views, args.stages))
        print(f'wrote {out_dir / name}')


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
