"""2D pseudo labels for a data set: by a top-down hand model of MMPose, or from
files of OpenPose or MediaPipe.

The data set is a rig (rig.json or its folder) or in HanCo's layout. Labels are
written in its own format, all of them or none. A run with a model that was
interrupted goes on where it stopped; with --launcher, several processes share
the images. See docs/pseudo_labels.md.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    add_device,
    is_no_answer,
    output_path,
    require_owner,
)
from _interruption import exit_when_terminated

if TYPE_CHECKING:
    from hamuco_mm.labelling import HandImage
    from hamuco_mm.labelling.boxes import BoxSource
    from hamuco_mm.labelling.targets import LabelTarget

# How a model labels; how fast it does is said in vain without harm.
_OF_MODEL = ('--boxes', '--box', '--detector', '--launcher', '--cfg-options')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'data',
        type=Path,
        help="rig.json or the folder of a rig, or a directory in HanCo's layout",
    )
    parser.add_argument('config', nargs='?', help='config of a top-down 2D hand model')
    parser.add_argument('checkpoint', nargs='?', help='its weights, a file or a URL')
    files = parser.add_mutually_exclusive_group()
    files.add_argument(
        '--openpose',
        type=Path,
        metavar='DIR',
        help='in place of a model: SEQUENCE/CAMERA/*_keypoints.json',
    )
    files.add_argument(
        '--mediapipe',
        type=Path,
        metavar='DIR',
        help='in place of a model: SEQUENCE/CAMERA/FRAME.json or .csv with 21 '
        'landmarks',
    )
    parser.add_argument(
        '--coordinates',
        choices=['normalized', 'pixels'],
        help='of --mediapipe: parts of the image (as MediaPipe gives them), or pixels',
    )
    parser.add_argument(
        '--sides-as-is',
        action='store_true',
        help='of --mediapipe: left is left (default: as the depths of the joints show; '
        'many releases call right hands Left unless the image is mirrored)',
    )
    parser.add_argument(
        '--out',
        type=output_path,
        help='where the labels go (default: rgb_2D_keypoints of the data set; '
        "<name>_pseudo.json beside the rig's JSON)",
    )
    parser.add_argument(
        '--overwrite', action='store_true', help='replace existing labels'
    )
    parser.add_argument(
        '--hand-side',
        choices=['right', 'left'],
        help="of a rig's images without an annotation, or whose annotation does not "
        'say it (default: right, which is said)',
    )
    parser.add_argument(
        '--label-offset',
        type=int,
        metavar='N',
        help='of label files: the label numbered n + N is that of image n (default: '
        'equal names or numbers, if it is clear that they mean the same)',
    )
    parser.add_argument(
        '--keypoint-scale',
        type=int,
        choices=[0, 3, 4],
        help="of --openpose: OpenPose's own option, 0 for pixels, 3 for 0 to 1, 4 for "
        '-1 to 1 (default: as the files show)',
    )
    boxes = parser.add_mutually_exclusive_group()
    boxes.add_argument(
        '--boxes',
        default='image',
        help='where the hand is: image, all of it (default); data, the boxes '
        'of the data set; or a JSON file {"SEQUENCE/CAMERA/FRAME": [x1, y1, '
        'x2, y2], ...}',
    )
    boxes.add_argument(
        '--box',
        nargs=4,
        type=float,
        metavar=('X1', 'Y1', 'X2', 'Y2'),
        help='the same box in all images, pixels',
    )
    boxes.add_argument(
        '--detector',
        help='config or name of a detector of MMDetection; or mediapipe',
    )
    parser.add_argument('--detector-weights', help='its weights')
    parser.add_argument(
        '--detector-categories',
        nargs='+',
        type=int,
        default=[0],
        help='its categories that are hands (default: 0)',
    )
    parser.add_argument('--batch-size', type=int, default=32)
    parser.add_argument(
        '--workers',
        type=int,
        default=2,
        help='processes that load images (default: 2); 0 with a detector',
    )
    parser.add_argument(
        '--shard-size',
        type=int,
        default=1000,
        help='images per file of intermediate results (default: 1000)',
    )
    add_device(parser)
    parser.add_argument(
        '--launcher', choices=['none', 'pytorch', 'slurm'], default='none'
    )
    parser.add_argument(
        '--timeout',
        type=float,
        default=3600,
        metavar='SECONDS',
        help='how long processes wait for each other while none finishes a shard; more '
        'where a shard takes longer (default: %(default)s)',
    )
    add_cfg_options(parser)
    # torch.distributed.launch passes one spelling or the other
    parser.add_argument(
        '--local_rank', '--local-rank', type=int, help=argparse.SUPPRESS
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    _check(parser, args)
    return args


def _check(parser: argparse.ArgumentParser, args: argparse.Namespace) -> None:
    from_files = args.openpose or args.mediapipe
    if bool(args.checkpoint) == bool(from_files):
        parser.error(
            'give CONFIG and CHECKPOINT of a model, or --openpose, or --mediapipe'
        )
    if from_files and args.config:
        parser.error(f'{args.config} is of a model: leave it out with label files')
    if bool(args.mediapipe) != bool(args.coordinates):
        parser.error(
            '--mediapipe and --coordinates belong together: normalized or pixels'
        )
    for options, owner, there in (
        (_OF_MODEL, 'CONFIG and CHECKPOINT of a model', args.checkpoint),
        (['--sides-as-is'], '--mediapipe', args.mediapipe),
        (['--label-offset'], '--mediapipe or --openpose', from_files),
        (['--keypoint-scale'], '--openpose', args.openpose),
        (
            ['--detector-weights', '--detector-categories'],
            '--detector of MMDetection',
            args.detector not in (None, 'mediapipe'),
        ),
        (['--timeout'], '--launcher', args.launcher != 'none'),
    ):
        require_owner(parser, args, options, owner, there)
    if args.batch_size < 1 or args.shard_size < 1 or args.workers < 0:
        parser.error(
            '--batch-size and --shard-size should be positive, --workers not negative'
        )
    if not args.timeout > 0:
        parser.error(f'--timeout {args.timeout:g} should be positive')
    if args.local_rank is not None:
        os.environ.setdefault('LOCAL_RANK', str(args.local_rank))


def make_boxes(
    args: argparse.Namespace, images: 'Sequence[HandImage]', device: str
) -> 'tuple[BoxSource, str | list]':
    """The source of boxes, and its description for the record of the run."""
    from hamuco_mm.labelling import boxes
    from hamuco_mm.labelling.detection import open_detector

    if args.detector:
        detector = open_detector(
            args.detector, args.detector_weights, args.detector_categories, device
        )
        name = [args.detector, args.detector_weights, args.detector_categories]
        return boxes.DetectorBoxes(detector), name
    if args.box:
        return boxes.FixedBox(args.box), args.box
    if args.boxes == 'image':
        return boxes.WholeImage(), args.boxes
    if args.boxes == 'data':
        return boxes.BoxesOfData(), args.boxes
    path = Path(args.boxes)
    if not path.is_file():
        raise FileNotFoundError(
            f"--boxes {path} should be 'image', 'data' or a JSON file"
        )
    digest = sha256(path.read_bytes()).hexdigest()
    return (boxes.BoxFile(path, (image.name for image in images)), [str(path), digest])


def refuse_two_hands(images: 'Sequence[HandImage]') -> None:
    """Refuse images with two hands: there is one box per image, and the model
    does not tell left from right."""
    seen = set()
    for image in images:
        if image.path in seen:
            raise ValueError(
                f'{image.path} has two hands: only their own '
                'boxes tell them apart (--boxes data)'
            )
        seen.add(image.path)


def open_labels(args: argparse.Namespace) -> 'LabelTarget':
    """The data set; says how many sides nobody states."""
    from hamuco_mm.labelling import open_target

    side = args.hand_side or 'right'
    target = open_target(args.data, args.out, args.overwrite, side)
    unstated = getattr(target, 'unstated', 0)
    if unstated and args.hand_side is None:
        print(
            f'warning: {unstated} of {len(target.images)} hands have no annotation that '
            'says their side and are taken as right ones (--hand-side says it)'
        )
    return target


def label_with_model(args: argparse.Namespace) -> None:
    """Each process labels a part of the images; the first one writes."""
    from hamuco_mm.labelling import HandPredictor, label_dataset
    from hamuco_mm.labelling.processes import default_device, join_processes

    target = open_labels(args)
    join_processes(args.launcher, args.timeout)
    device = args.device or default_device()
    predict = HandPredictor(args.config, args.checkpoint, device, args.cfg_options)
    predict.check_sides(target.images)
    boxes, box_source = make_boxes(args, target.images, device)
    if box_source != 'data' and not predict.knows_both_hands:
        refuse_two_hands(target.images)
    problems = label_dataset(
        target,
        predict,
        boxes,
        dict(
            model=Path(args.config).name, checkpoint=args.checkpoint, boxes=box_source
        ),
        args.shard_size,
        args.batch_size,
        0 if args.detector else args.workers,
        args.timeout,
    )
    for what, indices in problems.items():
        report(target, indices, what)


def label_from_files(args: argparse.Namespace) -> None:
    """Read all labels, and write them if there is any."""
    from rich.progress import track

    from hamuco_mm.labelling import LandmarkFiles, OpenPoseFiles

    target = open_labels(args)
    files = (
        OpenPoseFiles(
            args.openpose, target.images, args.keypoint_scale, args.label_offset
        )
        if args.openpose
        else LandmarkFiles(
            args.mediapipe,
            args.coordinates == 'normalized',
            False if args.sides_as_is else None,
            target.images,
            args.label_offset,
        )
    )
    labels = [files.read(image) for image in track(target.images, 'reading')]
    missing = [i for i, label in enumerate(labels) if label is None]
    if len(missing) == len(labels):
        image = target.images[0]
        raise ValueError(
            f'{files.root} has no hand for any of {len(labels)} images; the '
            f'first one is looked for as {files.root / image.name}, a '
            f'{image.side} hand'
        )
    target.write(enumerate(labels), dict(files=str(files.root)))
    report(target, missing, 'have no file, or no hand in it')
    for line in (*files.unused(), *files.notes.lines()):
        print(f'warning: {line}')


def report(target: 'LabelTarget', indices: list[int], what: str) -> None:
    """Say how many of the images these are, and name the first."""
    if indices:
        print(
            f'{len(indices)} of {len(target.images)} images {what}, the '
            f'first is {target.images[indices[0]].path}'
        )


def main() -> None:
    args = parse_args()

    import hamuco_mm  # noqa: F401  before mmpose
    from hamuco_mm.labelling import UnreadableImageError

    try:
        if args.checkpoint:
            label_with_model(args)
        else:
            label_from_files(args)
    except (ImportError, OSError, UnreadableImageError, ValueError) as error:
        sys.exit(f'error: {error}')
    except RuntimeError as error:
        if not is_no_answer(error):
            raise
        sys.exit(
            'error: another process of this run has ended, or has not answered. See '
            'what it printed; run it again, it goes on with what is there'
        )
    if int(os.environ.get('RANK', os.environ.get('SLURM_PROCID', 0))) == 0:
        print('done')


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
