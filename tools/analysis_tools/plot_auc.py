"""Plot how many joints are right within a distance, of labels and predictions.

Takes the file that a test with HandMeshMetric's outfile_prefix or with --dump
writes. Writes a plot (.png), the numbers (.json) and tables of all joints and
cameras (.md).
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import keep_inputs, output_file, require_files

if TYPE_CHECKING:
    from hamuco_mm.visualization.pck_figure import PCKPanel


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('predictions', help='.npz file of predictions')
    parser.add_argument(
        '--out',
        type=output_file,
        metavar='PNG',
        help='plot to write (default: auc.png beside the predictions)',
    )
    parser.add_argument(
        '--resolution',
        type=int,
        default=256,
        help='side that crops are scaled to for 2D errors; 0 for pixels of '
        'the original images (default: 256)',
    )
    parser.add_argument(
        '--max-px',
        type=float,
        default=50,
        help='largest threshold in 2D, pixels (default: 50)',
    )
    parser.add_argument(
        '--max-mm',
        type=float,
        default=50,
        help='largest threshold in 3D, mm (default: 50)',
    )
    parser.add_argument(
        '--hand-model',
        metavar='FILE',
        help='MANO file that the model was trained with, for the bone lengths '
        "of the labels' pictorial structure (default: the open hand)",
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    if args.hand_model is not None:
        require_files(parser, args.hand_model, kind='hand model')
    if args.out is None:
        args.out = Path(args.predictions).with_name('auc.png')
    return args


def tables(panels: list['PCKPanel']) -> str:
    """Markdown: a table of the means of each panel."""
    from hamuco_mm.visualization.tables import markdown_table

    pages = []
    for panel in panels:
        names = list(panel.summaries)
        lines = [
            [
                measure,
                *(f'{panel.summaries[name][measure]:.{digits}f}' for name in names),
            ]
            for measure, digits in (('mean', 2), ('median', 2), ('AUC', 3))
        ]
        for part in ('per_joint', 'per_camera'):
            keys = dict.fromkeys(
                key for name in names for key in panel.summaries[name][part]
            )
            for key in keys:
                means = [panel.summaries[name][part].get(key) for name in names]
                lines.append(
                    [key, *('-' if mean is None else f'{mean:.2f}' for mean in means)]
                )
        pages.append(
            f'## {panel.title}, {panel.unit}\n\n' + markdown_table(['', *names], lines)
        )
    return '\n'.join(pages)


def main() -> None:
    args = parse_args()

    from hamuco_mm.evaluation.keypoint_errors import (
        distance_errors,
        pixel_errors,
        summarize_errors,
    )
    from hamuco_mm.structures import PredictedViews
    from hamuco_mm.utils.files import write_atomically
    from hamuco_mm.utils.image_files import write_figure
    from hamuco_mm.utils.json_files import write_json
    from hamuco_mm.visualization.pck_figure import PCKPanel, pck_figure

    try:
        views = PredictedViews.load(args.predictions)
    except (OSError, ValueError) as error:
        raise SystemExit(str(error)) from error
    hand_model = dict(path=args.hand_model)
    side = f'crop of {args.resolution} px' if args.resolution else 'original images'
    kinds = [
        (
            '2D',
            f'2D joints, {side}',
            'px',
            pixel_errors(views, args.resolution),
            args.max_px,
        ),
        (
            '3D root-relative',
            '3D joints, root-relative',
            'mm',
            distance_errors(views, 'root', hand_model),
            args.max_mm,
        ),
        (
            '3D Procrustes',
            '3D joints, Procrustes-aligned',
            'mm',
            distance_errors(views, 'procrustes', hand_model),
            args.max_mm,
        ),
    ]
    panels, result = [], {}
    for key, title, unit, errors, max_error in kinds:
        if not errors:
            continue
        summaries = {
            name: summarize_errors(values, views.camera_id, max_error)
            for name, values in errors.items()
        }
        panels.append(PCKPanel(title, unit, errors, summaries, max_error))
        result[key] = dict(unit=unit, max_error=max_error, sets=summaries)
    if not panels:
        raise SystemExit(
            f'{args.predictions} has no ground truth: there is nothing to compare with'
        )
    write_figure(args.out, pck_figure(panels))
    write_json(args.out.with_suffix('.json'), result)
    write_atomically(args.out.with_suffix('.md'), tables(panels))
    print(f'wrote {args.out}, .json and .md')


if __name__ == '__main__':
    main()
