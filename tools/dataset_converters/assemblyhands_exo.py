"""Make images of AssemblyHands' exocentric videos, for
AssemblyHandsDataset(views='exo').

Reads ROOT/videos/exo_videos_rectified/<sequence>/<camera>.mp4 and writes the
frames that have 3D labels to ROOT/images/exo_images_rectified/<split>/
<sequence>/<camera>/<frame>.jpg. Run again, it goes on where it stopped. The
layout and its sources are described in docs/datasets/assemblyhands.md.
"""

import argparse
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import positive, short_errors

# Labels are numbered at 60 a second; videos have 30, and begin with the first.
LABELS_PER_FRAME = 2


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument('root', type=Path, help='directory of the data set')
    parser.add_argument(
        '--split',
        default='train',
        choices=['train', 'val', 'test'],
        help='default: train',
    )
    parser.add_argument(
        '--sequences', nargs='+', help='use these (default: all with videos)'
    )
    parser.add_argument(
        '--step',
        type=positive,
        default=1,
        help='take every N-th frame of the videos (default: 1)',
    )
    parser.add_argument(
        '--quality', type=int, default=95, help='of the JPEGs (default: 95)'
    )
    parser.add_argument(
        '--version',
        default='v1-1',
        help="end of the label files' names (default: v1-1)",
    )
    return parser


def frames_by_index(labels: Iterable[str], step: int = 1) -> dict[int, int]:
    """Frame of a video -> number of its label.

    Args:
        labels (Iterable[str]): Numbers of the labels of a sequence.
        step (int): Take every step-th frame.
    """
    numbers = sorted(map(int, labels))
    frames = {}
    for number in numbers:
        index, between = divmod(number - numbers[0], LABELS_PER_FRAME)
        if not between and index % step == 0:
            frames[index] = number
    return frames


def main() -> None:
    args = build_parser().parse_args()
    with short_errors():
        convert(args)


def convert(args: argparse.Namespace) -> None:
    """Extract the frames of all videos of a split."""
    from rich.progress import Progress

    from hamuco_mm.datasets.frames.file_types import visible
    from hamuco_mm.datasets.published.assemblyhands import EXO_FOLDER
    from hamuco_mm.datasets.rig.extraction import write_frames
    from hamuco_mm.datasets.rig.recordings import RecordedVideo
    from hamuco_mm.utils.json_files import read_json, take

    path = (
        args.root
        / 'annotations'
        / args.split
        / f'assemblyhands_{args.split}_joint_3d_{args.version}.json'
    )
    labels = take(read_json(path), ('annotations',), path)
    videos = args.root / 'videos' / 'exo_videos_rectified'
    found = [name for name in labels if (videos / name).is_dir()]
    missing = sorted(set(args.sequences or ()) - set(found))
    if missing or not found:
        raise ValueError(
            f'no videos in {videos} of {missing or f"the sequences in {path}"}'
        )
    with Progress() as progress:
        for sequence in args.sequences or found:
            frames = frames_by_index(labels[sequence], args.step)
            for file in visible(videos / sequence, '*.mp4'):
                task = progress.add_task(f'{sequence}/{file.stem}', total=len(frames))
                target = (
                    args.root
                    / 'images'
                    / EXO_FOLDER
                    / args.split
                    / sequence
                    / file.stem
                )
                target.mkdir(parents=True, exist_ok=True)
                count = write_frames(
                    RecordedVideo(file),
                    {i: target / f'{label:06d}.jpg' for i, label in frames.items()},
                    args.quality,
                    partial(progress.advance, task),
                )
                if count < len(frames):
                    progress.print(
                        f'warning: {file} ends {len(frames) - count} frames early'
                    )


if __name__ == '__main__':
    main()
