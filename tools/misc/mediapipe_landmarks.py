"""Hand landmarks of MediaPipe for the images of a data set, as JSON files.

Runs in an environment of its own with nothing but mediapipe, whose protobuf
conflicts with that of onnx. Writes OUT/SEQUENCE/CAMERA/FRAME.json for
IMAGES/SEQUENCE/CAMERA/FRAME.jpg, which pseudo_label.py --mediapipe reads. Run
again, it goes on where it stopped. See docs/pseudo_labels.md.
"""

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any

# Those of hamuco_mm.datasets.frames, which is not installed where this runs.
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
    found = 0
    with Hands(
        static_image_mode=True,
        max_num_hands=args.max_hands,
        min_detection_confidence=args.min_confidence,
    ) as hands:
        for number, file in enumerate(files, 1):
            relative = file.relative_to(args.images).with_suffix('.json')
            path = args.out / relative
            # an image that was replaced is newer than its file
            if path.exists() and path.stat().st_mtime >= file.stat().st_mtime:
                continue
            # from memory: cv2.imread takes images that are cut off
            encoded = np.frombuffer(file.read_bytes(), np.uint8)
            image = cv2.imdecode(encoded, cv2.IMREAD_COLOR) if encoded.size else None
            if image is None:
                print(f'{file} is left out: not readable', file=sys.stderr)
                continue
            content = landmarks_of(
                hands.process(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
            )
            found += bool(content['hand_landmarks'])
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(path.name + '.part')
            part.write_text(json.dumps(content))
            os.replace(part, path)
            if number % 100 == 0:
                print(f'{number} of {len(files)} images', flush=True)
    print(f'{args.out}: {len(files)} images, new ones with a hand: {found}')


if __name__ == '__main__':
    main()
