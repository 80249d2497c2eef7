"""Hand landmarks of MediaPipe for the images of a data set, as JSON files.

Runs in an environment of its own with nothing but mediapipe, whose protobuf
conflicts with that of onnx. Writes OUT/SEQUENCE/CAMERA/FRAME.json for
IMAGES/SEQUENCE/CAMERA/FRAME.jpg, which pseudo_label.py --mediapipe reads. Run
again, it goes on where it stopped, makes the files of images that were replaced
anew, all of them with other options, and removes those of images that are gone. See
docs/pseudo_labels.md.
"""

import argparse
import hashlib
import json
import os
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import _interruption  # noqa: F401

# Those of hamuco_mm.datasets.labels.mediapipe, which is not installed where this runs.
IMAGE_DIGEST, OPTIONS = 'image_sha256', 'made_with'
# Those of hamuco_mm.datasets.frames.
SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.webp', '.tif', '.tiff', '.ppm')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('images', type=Path, help="images of a rig, or HanCo's rgb")
    parser.add_argument('out', type=Path, help='directory for the files')
    parser.add_argument(
        '--max-hands', type=int, default=2, help='in an image (default: 2)'
    )
    parser.add_argument(
        '--min-confidence',
        type=float,
        default=0.3,
        help='of the detection (default: 0.3)',
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if not args.images.is_dir():
        parser.error(f'there is no directory {args.images}')
    return args


def options_of(args: argparse.Namespace) -> dict:
    """What the landmarks of an image depend on, under MediaPipe's names."""
    return dict(
        max_num_hands=args.max_hands, min_detection_confidence=args.min_confidence
    )


def landmarks_of(result: Any) -> dict:
    """What was found, in the names of MediaPipe's own result."""
    return dict(
        hand_landmarks=[
            [dict(x=point.x, y=point.y, z=point.z) for point in hand.landmark]
            for hand in result.multi_hand_landmarks or ()
        ],
        handedness=[
            [
                dict(category_name=kind.label, score=kind.score)
                for kind in hand.classification
            ]
            for hand in result.multi_handedness or ()
        ],
    )


def digest_of(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def stated_source(path: Path) -> dict | None:
    """The image that a file of landmarks was made of, and how, by the keys
    ``IMAGE_DIGEST`` and ``OPTIONS``; None where it does not say the image."""
    try:
        content = json.loads(path.read_bytes())
    except ValueError:
        return None
    if not isinstance(content, dict) or IMAGE_DIGEST not in content:
        return None
    return {key: content.get(key) for key in (IMAGE_DIGEST, OPTIONS)}


def is_current(path: Path, image: Path, source: dict) -> bool:
    """Whether the landmarks of an image are there.

    Args:
        path (Path): File of the landmarks.
        image (Path): The image.
        source (dict): As :func:`stated_source` gives it of a file that is made now.
    """
    if not path.exists():
        return False
    stated = stated_source(path)
    if stated is None:
        # of another program
        return path.stat().st_mtime >= image.stat().st_mtime
    return stated == source


def write(path: Path, content: dict) -> None:
    """Write JSON, completely or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    try:
        part.write_text(json.dumps(content))
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        sys.exit(
            f'error: {path} cannot be written: {error.strerror}. If the disk is full, '
            'make room, and run it again: it goes on there'
        )


def remove_gone(out: Path, current: set[Path]) -> int:
    """Remove files that this tool made of images that are no longer there.

    Args:
        out (Path): The directory of all files.
        current (set[Path]): Files of the images that are there. Cameras without
            any image are left alone.
    """
    cameras = {path.parent for path in current}
    gone = [
        path
        for path in out.glob('*/*/*.json')
        if path.parent in cameras
        and path not in current
        and stated_source(path) is not None
    ]
    for path in gone:
        path.unlink()
    return len(gone)


def main() -> None:
    args = parse_args()
    try:
        import cv2
        import numpy as np
        from mediapipe.python.solutions.hands import Hands
    except ImportError as error:
        sys.exit(
            f'error: {error}. Make an environment for MediaPipe: '
            'python -m venv DIR; DIR/bin/pip install mediapipe==0.10.21; '
            'and run this with DIR/bin/python'
        )

    files = sorted(
        file
        for file in args.images.glob('*/*/*')
        if file.suffix.lower() in SUFFIXES and not file.name.startswith('.')
    )
    if not files:
        sys.exit(f'error: {args.images} has no images SEQUENCE/CAMERA/FRAME')
    paths = [
        args.out / file.relative_to(args.images).with_suffix('.json') for file in files
    ]
    made = found = 0
    options = options_of(args)
    with Hands(static_image_mode=True, **options) as hands:
        for number, (file, path) in enumerate(zip(files, paths), 1):
            content = file.read_bytes()
            source = {IMAGE_DIGEST: digest_of(content), OPTIONS: options}
            if is_current(path, file, source):
                continue
            # from memory: cv2.imread takes images that are cut off
            encoded = np.frombuffer(content, np.uint8)
            image = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
            if image is None:
                print(f'{file} is left out: not readable', file=sys.stderr)
                path.unlink(missing_ok=True)
                continue
            result = landmarks_of(hands.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)))
            made += 1
            found += bool(result['hand_landmarks'])
            write(path, {**result, **source})
            if number % 100 == 0:
                print(f'{number} of {len(files)} images', flush=True)
    removed = remove_gone(args.out, set(paths))
    print(
        f'{args.out}: {len(files)} images; {made} new or changed ones, {found} of them '
        f'with a hand; {removed} files of images that are gone were removed'
    )


if __name__ == '__main__':
    main()
