"""Predict hands on images, videos or a rig, and save pictures and JSON.

One input is one view: an image, a folder of images, a video, or 'webcam'.
Several inputs, or a folder with one folder or video for each camera, are
synchronised views of the same hand.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'tools'))
from _arguments import (
    add_cfg_options,
    add_device,
    is_given,
    require_owner,
    short_errors,
    short_warnings,
)
from _calibration_arguments import CALIBRATION_WORDS, add_calibration_arguments


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'inputs',
        nargs='+',
        help="images, folders, videos, 'webcam[:<id>]'; VIEW=PATH names a view",
    )
    parser.add_argument(
        '--model',
        default='hamuco',
        help='alias, name or config file of a model, or a checkpoint, which '
        'knows its config (default: %(default)s, one view; '
        'hamuco-demo-views: several)',
    )
    parser.add_argument(
        '--weights', help="checkpoint file or its URL (default: the model's)"
    )
    parser.add_argument(
        '--cameras',
        help='calibration of the views: a file, or a directory with a file for '
        "each camera, for results in the world's frame; all formats are in "
        'docs/your_own_rig.md',
    )
    add_calibration_arguments(parser, 'VIEW')
    parser.add_argument(
        '--match',
        choices=['auto', 'number', 'order'],
        default='auto',
        help='how images of several views are matched: by the numbers in their '
        'names and by the times of videos, or by number, or by order '
        '(default: %(default)s)',
    )
    parser.add_argument(
        '--shortest',
        action='store_true',
        help='end with the view that ends first (default: views of different '
        'lengths are an error)',
    )
    parser.add_argument('--hand-side', choices=['right', 'left'], default='right')
    parser.add_argument(
        '--bbox',
        nargs=4,
        type=float,
        metavar=('X1', 'Y1', 'X2', 'Y2'),
        help='where the hand is in all images, in pixels (default: the network '
        'locates it)',
    )
    parser.add_argument(
        '--box-passes',
        type=int,
        default=3,
        help='passes of the network over an image to locate the hand; 0 takes the '
        'whole image for it (default: %(default)s)',
    )
    parser.add_argument(
        '--track',
        action=argparse.BooleanOptionalAction,
        help='begin with the box of the image before (default: in videos)',
    )
    parser.add_argument(
        '--det-model',
        help='config or alias of a hand detector of MMDetection; or mediapipe',
    )
    parser.add_argument('--det-weights', help='its checkpoint')
    parser.add_argument(
        '--det-cat-ids',
        type=int,
        nargs='+',
        default=[0],
        help='its categories that are hands (default: 0)',
    )
    parser.add_argument(
        '--bbox-thr',
        type=float,
        default=0.3,
        help='least score of a detection (default: %(default)s)',
    )
    parser.add_argument(
        '--nms-thr',
        type=float,
        default=0.3,
        help='IoU above which detections are one hand (default: %(default)s)',
    )
    add_device(parser)
    parser.add_argument(
        '--batch-size',
        type=int,
        default=1,
        help='time steps per batch (default: %(default)s)',
    )
    parser.add_argument(
        '--out-dir',
        help='folder for visualizations/ and predictions/, unless given apart:',
    )
    parser.add_argument(
        '--vis-out-dir',
        help='folder for pictures, or for videos a file (.mp4, .gif, .webp, ...)',
    )
    parser.add_argument(
        '--vis-fps', type=float, help="of a video of pictures (default: the input's)"
    )
    parser.add_argument('--pred-out-dir', help='folder for files of predictions')
    parser.add_argument(
        '--pred-formats',
        nargs='+',
        choices=['json', 'csv'],
        default=['json'],
        help='of files of predictions; csv is one table of all hands (default: json)',
    )
    parser.add_argument(
        '--save-vertices', action='store_true', help='meshes in the JSON files too'
    )
    parser.add_argument('--show', action='store_true', help='open a window')
    parser.add_argument('--draw-bbox', action='store_true', help='draw the boxes')
    parser.add_argument(
        '--thickness',
        type=int,
        default=2,
        help='of bones in pixels (default: %(default)s)',
    )
    parser.add_argument(
        '--black-background',
        action='store_true',
        help='draw on black instead of the images',
    )
    parser.add_argument(
        '--show-progress', action='store_true', help='show a progress bar'
    )
    add_cfg_options(parser, 'model.test_cfg.rotation_test=True')
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.inputs[0].startswith('webcam') and not (
        args.show or args.out_dir or args.vis_out_dir
    ):
        parser.error('a webcam needs --show or --out-dir')
    check_options(parser, args)
    return args


def check_options(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    """End the demo if nothing would come out of it, or an option would do nothing."""

    def need(options: list[str], *owners: str) -> None:
        there = any(is_given(parser, args, owner) for owner in owners)
        require_owner(parser, args, options, ' or '.join(owners), there)

    outputs = ['--out-dir', '--vis-out-dir', '--pred-out-dir', '--show']
    if not any(is_given(parser, args, output) for output in outputs):
        parser.error('nothing would be written: give --out-dir or --show')
    need(CALIBRATION_WORDS, '--cameras')
    need(['--det-weights', '--det-cat-ids', '--bbox-thr', '--nms-thr'], '--det-model')
    mmdet = args.det_model not in ('mediapipe', 'whole_image', 'whole-image')
    of_mmdet = ['--det-weights', '--det-cat-ids']
    require_owner(parser, args, of_mmdet, 'a detector of MMDetection', mmdet)
    if args.bbox is not None and args.det_model is not None:
        parser.error(
            'give --bbox or --det-model: a box that is given is not looked for'
        )
    searched = args.bbox is None and args.det_model is None
    search = ['--box-passes', '--track']
    require_owner(parser, args, search, 'hands to look for: no given box', searched)
    need(['--pred-formats', '--save-vertices'], '--out-dir', '--pred-out-dir')
    with_json = 'json' in args.pred_formats
    require_owner(parser, args, ['--save-vertices'], '--pred-formats json', with_json)
    need(['--vis-fps'], '--out-dir', '--vis-out-dir')
    drawing = ['--draw-bbox', '--thickness', '--black-background']
    need(drawing, '--out-dir', '--vis-out-dir', '--show')


def predict(args: argparse.Namespace) -> str:
    """Predict, write and show; return a summary for the terminal."""
    import hamuco_mm  # noqa: F401, makes mmpose importable with mmcv-lite
    from hamuco_mm.apis import HaMuCoInferencer
    from hamuco_mm.apis.inferencers.time_steps import named_views
    from hamuco_mm.apis.inferencers.view_agreement import ViewAgreement

    inferencer = HaMuCoInferencer(
        args.model,
        args.weights,
        args.device,
        det_model=args.det_model,
        det_weights=args.det_weights,
        det_cat_ids=args.det_cat_ids,
        show_progress=args.show_progress,
        cfg_options=args.cfg_options,
    )
    places = {
        key: getattr(args, key)
        for key in ('vis_out_dir', 'vis_fps', 'pred_out_dir')
        if getattr(args, key) is not None
    }
    results = inferencer(
        named_views(args.inputs),
        batch_size=args.batch_size,
        out_dir=args.out_dir,
        match=args.match,
        offset=args.offset,
        shortest=args.shortest,
        cameras=args.cameras,
        camera_names=args.camera_names,
        extrinsics=args.extrinsics,
        unit=args.unit,
        axes=args.axes,
        format=args.format,
        rescale_intrinsics=args.rescale_intrinsics,
        hand_side=args.hand_side,
        bboxes=args.bbox,
        bbox_thr=args.bbox_thr,
        nms_thr=args.nms_thr,
        box_passes=args.box_passes,
        track=args.track,
        show=args.show,
        draw_bbox=args.draw_bbox,
        thickness=args.thickness,
        black_background=args.black_background,
        save_vertices=args.save_vertices,
        pred_formats=args.pred_formats,
        **places,
    )
    steps = hands = guesses = without = 0
    # where nobody asked for whole images, these stand for hands that were not found
    asked = args.det_model is not None or args.bbox is not None or not args.box_passes
    agreement = ViewAgreement()
    for result in results:
        steps += 1
        hands += sum(map(len, result['predictions']))
        without += sum(problem is not None for problem in result['problems'])
        guesses += sum(
            hand['bbox_origin'] == 'whole_image' and not asked
            for view in result['predictions']
            for hand in view
        )
        agreement.add(hand for view in result['predictions'] for hand in view)
    written = [
        directory
        for directory in (args.out_dir, args.vis_out_dir, args.pred_out_dir)
        if directory
    ]
    text = (
        f'{_counted(steps, "time step")}, {_counted(hands, "hand")}, '
        f'{_counted(without, "image")} without a hand'
    )
    if guesses:
        are = 'is a guess' if guesses == 1 else 'are guesses'
        text += f'; {guesses} of the hands {are}: none was found there'
    parts = [text, agreement.summary()]
    if written:
        parts.append(f'written to {", ".join(written)}')
    return '; '.join(filter(None, parts))


def _counted(number: int, thing: str) -> str:
    return f'{number} {thing}' + ('' if number == 1 else 's')


def main() -> None:
    args = parse_args()
    short_warnings()
    with short_errors():
        print(predict(args))


if __name__ == '__main__':
    main()
