"""Make a data set of synchronised videos (or image folders) and a calibration.

Extracts the frames into OUT/images/SEQUENCE/CAMERA/, converts the calibration,
takes existing labels, and writes OUT/rig.json, which RigHandDataset
reads. Run again, it goes on where it stopped; with another --sequence, it adds
to the data set; with OUT alone, it writes OUT/rig.json anew. The formats and
conventions are described in docs/your_own_rig.md.
"""

import argparse
import json
import sys
import warnings
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_folder, positive, require_owner
from _calibration_arguments import CALIBRATION_WORDS, add_calibration_arguments


def jpeg_quality(text: str) -> int:
    """Type of an argument that is a quality of JPEG."""
    quality = int(text)
    if not 1 <= quality <= 100:
        raise argparse.ArgumentTypeError(f'{text} should be between 1 and 100')
    return quality


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('out', type=output_folder, help='directory of the data set')
    parser.add_argument(
        'sources',
        nargs='*',
        metavar='SOURCE',
        help='a directory with a video or an image folder for each camera, or '
        'CAMERA=PATH for each of them',
    )
    parser.add_argument(
        '--sequence',
        default='0000',
        help='name of this recording in the data set (default: 0000)',
    )
    parser.add_argument(
        '--step', type=int, default=1, help='take every N-th frame (default: 1)'
    )
    parser.add_argument(
        '--match',
        choices=['auto', 'number', 'order'],
        default='auto',
        help='which images of the cameras are one frame: by the numbers in their '
        'names and by the times of videos; by numbers that mean the same '
        'wherever they begin; or the n-th of each camera (default: auto)',
    )
    parser.add_argument(
        '--max-frames', type=positive, help='take no more time steps than these'
    )
    parser.add_argument(
        '--calibration',
        type=Path,
        help='a file, or a directory with a file for each camera; all formats are '
        'in docs/your_own_rig.md. Without it, the views are not calibrated',
    )
    add_calibration_arguments(parser, 'CAMERA')
    parser.add_argument(
        '--labels',
        type=Path,
        help='directory with CAMERA/FRAME.json for frames of the sources, or with '
        'one file of MMPose, DeepLabCut or Lightning Pose for each camera',
    )
    parser.add_argument(
        '--label-offset',
        type=int,
        metavar='N',
        help='the label numbered n + N is that of frame n (default: equal names or '
        'numbers, if it is clear that they mean the same)',
    )
    parser.add_argument(
        '--hand-side',
        choices=['right', 'left'],
        help='of labels that do not say it (default: right, which is said)',
    )
    parser.add_argument(
        '--quality',
        type=jpeg_quality,
        default=95,
        help='of JPEG, 1 to 100 (default: 95)',
    )
    parser.add_argument(
        '--overwrite',
        action='store_true',
        help='replace frames made with other settings and their labels, and '
        'labels that are in OUT/rig.json alone',
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.step < 1:
        parser.error(f'--step {args.step} should be at least 1')
    for given in ('calibration', 'labels', 'offset', 'camera_names'):
        if getattr(args, given) and not args.sources:
            parser.error(
                f'--{given.replace("_", "-")} belongs to SOURCEs, and there is none'
            )
    require_owner(parser, args, CALIBRATION_WORDS, '--calibration', args.calibration)
    require_owner(parser, args, ['--label-offset'], '--labels', args.labels)
    return args


def convert_calibration(args: argparse.Namespace, sources: dict) -> dict:
    """Read and check the cameras of the sources, and how they were read."""
    from hamuco_mm.cameras import (
        camera_of_images,
        cameras_of_views,
        read_calibration,
        unusual_principal_point,
    )

    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter('always')
        calibration = read_calibration(
            args.calibration, args.extrinsics, args.unit, args.axes, args.format
        )
    for note in notes:
        print(f'warning: {note.message}')
    try:
        cameras = cameras_of_views(
            calibration.cameras, sources, str(args.calibration), args.camera_names
        )
    except ValueError as error:
        raise ValueError(
            f'{error}. Name the sources like the cameras (CAMERA=PATH), or give '
            '--camera-names CAMERA=NAME'
        ) from error
    used = {args.camera_names.get(name, name) for name in sources}
    left = [name for name in calibration.cameras if name not in used]
    if left:
        print(f'not used of {args.calibration}: cameras {", ".join(left)}')
    for name, source in sources.items():
        camera = cameras[name] = camera_of_images(
            cameras[name],
            args.camera_names.get(name, name),
            source.image_size,
            str(source.path),
            args.rescale_intrinsics,
        )
        strange = unusual_principal_point(camera, source.image_size)
        if strange:
            print(f'warning: {name}: {strange}')
    read_as = dict(
        file=str(args.calibration.resolve()),
        extrinsics=calibration.convention.extrinsics,
        axes=calibration.convention.axes,
        metres_per_unit=calibration.convention.metres_per_unit,
    )
    return dict(cameras=cameras, read_as=read_as)


def not_used(source: Path, args: argparse.Namespace, found: dict) -> list[str]:
    """What a directory holds besides cameras and what other options name."""
    from hamuco_mm.datasets.frames.file_types import other_paths

    if not source.is_dir() or source in found.values():
        return []
    named = {
        path.resolve() for path in (args.labels, args.calibration) if path is not None
    }
    return [p.name for p in other_paths(source) if p.resolve() not in named]


def add_recording(args: argparse.Namespace) -> None:
    """Frames, labels and calibration of the sources into the folder."""
    from rich.progress import Progress

    from hamuco_mm.cameras.files.writing import update_timing, write_calibration
    from hamuco_mm.datasets.rig.extraction import (
        Timing,
        common_time_steps,
        extract_view,
    )
    from hamuco_mm.datasets.rig.folder import RigFolder
    from hamuco_mm.datasets.rig.label_import import find_labels, write_labels
    from hamuco_mm.datasets.rig.lengths import different_lengths
    from hamuco_mm.datasets.rig.matching import match_recordings
    from hamuco_mm.datasets.rig.recordings import find_recordings, open_recording
    from hamuco_mm.utils.file_names import check_file_name

    check_file_name(args.sequence, '--sequence')
    found = find_recordings(args.sources)
    for argument in args.sources:
        unused = not_used(Path(argument), args, found)
        if unused:
            print(f'not used of {argument}: {", ".join(unused)}')
    sources, every, notes = match_recordings(
        {name: open_recording(path) for name, path in found.items()}, args.match
    )
    for note in notes:
        print(note)
    for option in ('offset', 'camera_names'):
        unknown = set(getattr(args, option)) - set(sources)
        if unknown:
            raise ValueError(
                f'--{option.replace("_", "-")} names '
                f'{sorted(unknown)}, the sources are '
                f'{list(sources)}'
            )
    timings = {
        name: Timing(args.offset.get(name, 0), args.step * every[name])
        for name in sources
    }
    steps = common_time_steps(sources, timings, args.max_frames)
    calibration = None
    if args.calibration:
        calibration = convert_calibration(args, sources)

    labels, notes = {}, []
    if args.labels:
        labels, notes = find_labels(
            sources, timings, steps, args.labels, args.hand_side, args.label_offset
        )
    lengths = different_lengths(sources, timings, args.match, args.max_frames)

    folder = RigFolder(args.out)
    unreadable = {}
    with Progress() as progress:
        for name, source in sources.items():
            task = progress.add_task(name, total=len(steps[name]))
            count = extract_view(
                source,
                timings[name],
                steps[name],
                folder.images(args.sequence, name),
                folder.labels(args.sequence, name),
                args.quality,
                args.overwrite,
                partial(progress.advance, task),
            )
            unreadable[name] = len(steps[name]) - count
    for name, count in unreadable.items():
        if count:
            print(
                f'warning: {count} of {len(steps[name])} images of '
                f'{sources[name].path} cannot be read'
            )
    for name, found_labels in labels.items():
        write_labels(found_labels, steps[name], folder, args.sequence, name)
        print(found_labels.line)
    for note in [*notes, *lengths]:
        print(f'warning: {note}')
    timing = dict(
        step=args.step,
        offsets={name: t.offset for name, t in timings.items()},
        every=every,
    )
    path = folder.calibration(args.sequence)
    if calibration:
        path.parent.mkdir(parents=True, exist_ok=True)
        read_as = dict(calibration['read_as'], camera_names=args.camera_names, **timing)
        write_calibration(path, calibration['cameras'], read_as)
    else:
        update_timing(path, **timing)


def write_rig(args: argparse.Namespace) -> None:
    """OUT/rig.json, of what the folder holds now."""
    from hamuco_mm.datasets.rig import scan_folder, write_annotations

    path = args.out / 'rig.json'
    rig = scan_folder(args.out, args.hand_side or 'right')
    labels = _count_labels(rig)
    if path.exists() and not args.overwrite:
        known = json.loads(path.read_text())
        for key in ('pseudo_labels', 'cleaned'):
            if key in (known.get('info') or {}):
                raise ValueError(
                    f'{path} has labels of another tool (info.{key}), which '
                    f'{args.out}/labels has not. --overwrite takes the latter'
                )
        if _count_labels(known) > labels:
            raise ValueError(
                f'{path} has {_count_labels(known)} labels, but '
                f'{args.out}/labels has {labels}. --overwrite takes the '
                'latter'
            )
    write_annotations(path, rig)
    tell_of_old_labels(args.out)
    steps = {image['frame_id'] for image in rig['images']}
    cameras = {image['camera'] for image in rig['images']}
    print(
        f'{path}: {len(rig["images"])} images of {len(steps)} time steps '
        f'and {len(cameras)} cameras, {labels} labels, {_calibrated(rig)}'
    )


def tell_of_old_labels(folder: Path) -> None:
    """Name JSON files of other tools whose images were replaced since."""
    from hamuco_mm.datasets.rig.image_origin import maker, replaced_images

    for file in sorted(folder.glob('*.json')):
        try:
            content = json.loads(file.read_bytes())
        except ValueError:
            continue
        views = replaced_images(folder, content) if isinstance(content, dict) else []
        if views:
            print(
                f'warning: {file} has labels of the images that were replaced (of '
                f'{", ".join(views)}). Make it anew: {maker(content)}'
            )


def _calibrated(rig: dict) -> str:
    """Which views have a camera with a pose, and what the others lack."""
    from hamuco_mm.datasets.rig.annotation_reading import cameras_of, find_camera
    from hamuco_mm.utils.frame_names import sequence_of

    known = cameras_of('', rig)
    why: dict[str, str | None] = {}
    for image in rig['images']:
        name = f'{sequence_of(image["frame_id"])}/{image["camera"]}'
        camera = find_camera(known, image)
        if camera is None:
            why[name] = 'no camera in the calibration'
        else:
            why[name] = None if camera.has_pose else 'no pose (R and t)'
    without = [f'{name}: {reason}' for name, reason in why.items() if reason]
    if not without:
        return 'calibrated'
    if len(without) == len(why):
        posed = 'not calibrated'
        return f'{posed} ({", ".join(without)})' if rig['cameras'] else posed
    return (
        f'{len(why) - len(without)} of {len(why)} views calibrated, others not: '
        + ', '.join(without)
    )


def _count_labels(rig: dict) -> int:
    # an annotation may be there for its 3D joints alone
    return sum(hand.get('num_keypoints') != 0 for hand in rig.get('annotations', []))


def main() -> None:
    args = parse_args()

    from hamuco_mm.utils.one_writer import only_writer

    try:
        with only_writer(args.out, beside=True):
            if args.sources:
                add_recording(args)
            write_rig(args)
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')


if __name__ == '__main__':
    main()
