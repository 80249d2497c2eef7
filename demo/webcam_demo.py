"""Follow one hand in a webcam or a video, with frames per second shown.

Keys: q or Esc ends, m switches between mesh and joints.
"""

import argparse
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / 'tools'))
import _interruption  # noqa: F401
from _arguments import add_cfg_options, add_device, is_given, short_errors

if TYPE_CHECKING:
    from hamuco_mm.apis import LiveEstimator

# RGB
WHITE, RED = (255, 255, 255), (255, 0, 0)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        '--input',
        default='webcam',
        help="'webcam', 'webcam:<id>' or a video file (default: %(default)s)",
    )
    parser.add_argument(
        '--model',
        default='hamuco',
        help='alias, name or config file of a model, or a checkpoint '
        '(default: %(default)s)',
    )
    parser.add_argument('--weights', help="checkpoint (default: the model's)")
    parser.add_argument(
        '--onnx',
        help='ONNX file of tools/deployment/export_onnx.py, in place of '
        '--model, run by onnxruntime',
    )
    parser.add_argument(
        '--bbox',
        nargs=4,
        type=float,
        metavar=('X1', 'Y1', 'X2', 'Y2'),
        help='the crop of all images, in pixels, with some room around the hand, as '
        'nothing pads it (default: the hand is looked for and followed; the crop is '
        'drawn, red where it is a guess)',
    )
    parser.add_argument('--hand-side', choices=['right', 'left'], default='right')
    add_device(parser)
    parser.add_argument(
        '--num-threads', type=int, help='threads of the network (default: all)'
    )
    parser.add_argument('--out-file', help='save the pictures as a video')
    parser.add_argument('--no-show', action='store_true', help='open no window')
    parser.add_argument('--max-frames', type=int, help='stop after N images')
    add_cfg_options(parser, 'model.head.decoder.input_size=96,96')
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.no_show and args.out_file is None:
        parser.error('--no-show without --out-file does nothing')
    if args.bbox and not (args.bbox[0] < args.bbox[2] and args.bbox[1] < args.bbox[3]):
        parser.error(
            '--bbox is X1 Y1 X2 Y2 with X1 < X2 and Y1 < Y2, got '
            + ' '.join(f'{value:g}' for value in args.bbox)
        )
    if args.max_frames is not None and args.max_frames < 1:
        parser.error(f'--max-frames {args.max_frames} should be at least 1')
    of_checkpoints = ('--model', '--weights', '--device', '--cfg-options')
    for option in of_checkpoints if args.onnx is not None else ():
        if is_given(parser, args, option):
            parser.error(f'with --onnx, {option} does nothing')
    return args


def make_estimator(args: argparse.Namespace) -> 'LiveEstimator':
    from hamuco_mm.apis import LiveEstimator

    if args.onnx is not None:
        return LiveEstimator.from_onnx(args.onnx, args.hand_side, args.num_threads)
    import torch

    from hamuco_mm.apis import HaMuCoInferencer

    if args.num_threads is not None:
        torch.set_num_threads(args.num_threads)
    model = HaMuCoInferencer(
        args.model, args.weights, args.device, cfg_options=args.cfg_options
    ).model
    return LiveEstimator.from_model(model, args.hand_side)


def check_box(args: argparse.Namespace, image_size: tuple[int, int]) -> None:
    """Refuse a ``--bbox`` in parts of the images, or one that shows nothing of them.

    Args:
        args (argparse.Namespace): With ``bbox`` and ``input``.
        image_size (tuple[int, int]): Width and height in pixels.
    """
    import numpy as np

    from hamuco_mm.apis.inferencers.boxes import in_image
    from hamuco_mm.datasets.bbox import refuse_parts_of_image

    box = np.array(args.bbox)
    refuse_parts_of_image('--bbox', box)
    if not in_image(box[None], image_size).all():
        width, height = image_size
        raise ValueError(
            f'--bbox is outside of the images of {args.input}, which are {width} x '
            f'{height} pixels'
        )


def follow(args: argparse.Namespace) -> str:
    """Predict image by image until a key or the end; return the speed."""
    import cv2
    import numpy as np

    import hamuco_mm  # noqa: F401, makes mmpose importable with mmcv-lite
    from hamuco_mm.apis import LiveTracker
    from hamuco_mm.apis.inferencers.result_files import PictureFiles
    from hamuco_mm.datasets.frames import VideoFile, Webcam, open_source
    from hamuco_mm.visualization import draw_skeleton, paint_mesh, place_on_image

    source = open_source(args.input)
    if not isinstance(source, (VideoFile, Webcam)):
        raise ValueError(f'{args.input} is no video')
    if args.bbox is not None:
        check_box(args, source.image_size)
    estimator = make_estimator(args)
    tracker = LiveTracker(estimator)
    video = args.out_file and PictureFiles(
        args.out_file, source.name, source.fps, source.files
    )
    with_mesh, fps, count, unsure = True, None, 0, 0
    started = last = time.perf_counter()
    try:
        for frame in source:
            if args.bbox is None:
                hand, bbox, _, sure = tracker(frame.image)
            else:
                hand, bbox, sure = estimator(frame.image, args.bbox), args.bbox, True
            picture = cv2.cvtColor(frame.image, cv2.COLOR_BGR2RGB)
            if with_mesh:
                pixels = place_on_image(
                    hand.vertices, hand.keypoints_cam, hand.keypoints
                )
                picture = paint_mesh(picture, hand.vertices, estimator.faces, pixels)
            else:
                picture = draw_skeleton(picture, hand.keypoints, np.ones(21))
            corners = np.round(bbox).astype(int).reshape(2, 2).tolist()
            cv2.rectangle(picture, *corners, WHITE if sure else RED, 1)
            unsure += not sure
            now = time.perf_counter()
            # over the last ten images or so
            fps = 1 / (now - last) if fps is None else (0.9 * fps + 0.1 / (now - last))
            last = now
            cv2.putText(
                picture,
                f'{fps:.1f} fps',
                (8, 24),
                cv2.FONT_HERSHEY_SIMPLEX,
                0.7,
                (255, 255, 0),
                2,
                cv2.LINE_AA,
            )
            if video:
                video.write(frame.name, picture)
            count += 1
            if not args.no_show:
                cv2.imshow('hand', picture[..., ::-1])
                key = cv2.waitKey(1) & 0xFF
                with_mesh ^= key == ord('m')
                if key in (ord('q'), 27):
                    break
            if count == args.max_frames:
                break
    finally:
        if video:
            video.close()
    seconds = time.perf_counter() - started
    text = f'{count} images, {count / seconds:.1f} frames per second'
    return f'{text}; no hand found in {unsure}' if unsure else text


def main() -> None:
    args = parse_args()
    with short_errors():
        print(follow(args))


if __name__ == '__main__':
    main()
