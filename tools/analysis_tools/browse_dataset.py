"""Look at a data set: labels on the images, all views of a time step in one
picture. Crosses are 3D joints seen through the cameras, where both are known.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    output_folder,
    positive,
    require_config,
    require_owner,
)

if TYPE_CHECKING:
    import numpy as np

    from hamuco_mm.datasets import MultiViewDataset


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'config',
        help='config file; or rig.json, the folder of a rig, or a directory '
        "in HanCo's layout (--mode original)",
    )
    parser.add_argument(
        '--output-dir', type=output_folder, help='directory for the pictures'
    )
    parser.add_argument('--not-show', action='store_true', help='open no window')
    parser.add_argument(
        '--max-item-per-dataset',
        type=positive,
        default=50,
        help='largest number of time steps, evenly spread (default: 50)',
    )
    parser.add_argument(
        '--phase',
        choices=['train', 'val', 'test'],
        default='train',
        help='whose dataloader of the config (default: train)',
    )
    parser.add_argument(
        '--mode',
        choices=['original', 'transformed'],
        default='transformed',
        help='images as on disk, or as the network gets them (default)',
    )
    parser.add_argument(
        '--show-interval',
        type=float,
        default=2,
        help='seconds that a window stays; 0 waits for a key (default: 2)',
    )
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.not_show and args.output_dir is None:
        parser.error('--not-show needs --output-dir: nothing would be seen')
    if args.mode == 'transformed' and not args.config.endswith('.py'):
        parser.error(
            f'{args.config} has no pipeline: give --mode original, or a config'
        )
    require_config(parser, args, args.config)
    window = not args.not_show
    require_owner(parser, args, ['--show-interval'], 'a window: no --not-show', window)
    return args


def pictures_of(dataset: 'MultiViewDataset', index: int, mode: str) -> list:
    """A picture of each view of a time step."""
    from hamuco_mm.visualization.browsing import (
        draw_original_view,
        draw_transformed_view,
    )

    if mode == 'original':
        return [
            draw_original_view(view) for view in dataset.get_data_info(index)['views']
        ]
    item = dataset[index]
    return [
        draw_transformed_view(*view)
        for view in zip(item['inputs'], item['data_samples'])
    ]


def show(picture: 'np.ndarray', seconds: float) -> bool:
    """Open a window; False if the viewer closes it (q or escape)."""
    import cv2

    cv2.imshow('browse_dataset', picture[..., ::-1])
    key = cv2.waitKey(int(1000 * seconds)) & 0xFF
    return key not in (ord('q'), 27)


def main() -> None:
    args = parse_args()

    from rich.progress import track

    from hamuco_mm.datasets.build import open_dataset
    from hamuco_mm.utils.file_names import safe_file_name
    from hamuco_mm.utils.image_files import write_picture
    from hamuco_mm.visualization.browsing import montage

    try:
        dataset = open_dataset(args.config, args.phase, args.cfg_options)
    except (OSError, ValueError) as error:
        sys.exit(f'error: {error}')
    count = min(args.max_item_per_dataset, len(dataset))
    names: list[str] = []
    for i in track(range(count), description='Browsing'):
        index = i * len(dataset) // count
        frame_id = dataset.get_data_info(index)['frame_id']
        picture = montage(pictures_of(dataset, index, args.mode))
        if args.output_dir is not None:
            names.append(safe_file_name(frame_id, names))
            path = args.output_dir / f'{names[-1]}.jpg'
            write_picture(path, picture[..., ::-1])
        if not args.not_show and not show(picture, args.show_interval):
            break
    if args.output_dir is not None:
        print(f'wrote {count} pictures to {args.output_dir}')


if __name__ == '__main__':
    main()
