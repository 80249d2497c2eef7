"""Make one HTML page that shows predictions of several views in 3D.

Either predict time steps of a config's test set, or show predictions: those of
several calibrated views that `demo/hamuco_demo.py --cameras ... --out-dir OUT`
wrote (a file or the folder OUT/predictions), or what
`tools/test.py CONFIG CHECKPOINT --dump views.npz` wrote. The page needs no
network: open it in a browser.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    add_device,
    add_side,
    hands_of_side,
    keep_inputs,
    output_file,
    require_files,
    require_owner,
)

if TYPE_CHECKING:
    import numpy as np

    from hamuco_mm.structures import PredictedViews


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        description=__doc__,
        usage='%(prog)s (CONFIG CHECKPOINT | PREDICTIONS) --out PAGE.html [options]',
    )
    parser.add_argument(
        'inputs',
        nargs='+',
        help='config and checkpoint; or predictions: a .json file of the inferencer, '
        'a folder of these, or a .npz file of test.py',
    )
    parser.add_argument(
        '--out', type=output_file, required=True, help='page to write (.html)'
    )
    parser.add_argument(
        '--first',
        type=int,
        default=0,
        metavar='N',
        help='first time step of the test set or file, counted from 0',
    )
    parser.add_argument(
        '--num',
        type=int,
        default=20,
        help='how many time steps in a row, about 0.2 MB each (default: %(default)s)',
    )
    parser.add_argument(
        '--image-size',
        type=int,
        default=256,
        help='longer side of the images in the page (default: %(default)s)',
    )
    parser.add_argument('--title', help='default: where the input comes from')
    parser.add_argument(
        '--hand-model',
        metavar='FILE',
        help='with predictions: the MANO file that the model was trained with, '
        'for the faces (default: the open hand)',
    )
    add_side(parser)
    add_device(parser)
    add_cfg_options(parser, 'test_dataloader.batch_size=4')
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    if len(args.inputs) > 2:
        parser.error('give a config and a checkpoint, or one file of predictions')
    if len(args.inputs) == 1:
        require_owner(
            parser, args, ['--cfg-options'], 'a config and a checkpoint', False
        )
        path = Path(args.inputs[0])
        if not path.is_dir() and path.suffix not in ('', '.npz', '.json'):
            parser.error(
                'give a config and a checkpoint, or predictions: a .json file of the '
                'inferencer, a folder of these, or a .npz file'
            )
    require_files(parser, *args.inputs, kind='file')
    if args.first < 0 or args.num < 1:
        parser.error('--first should be at least 0 and --num at least 1')
    return args


def predict(args: argparse.Namespace) -> tuple['PredictedViews', 'np.ndarray']:
    """Views of the wanted time steps of the test set, and the faces."""
    from hamuco_mm.apis.view_predictions import (
        build_test_set,
        faces_of,
        load_model,
        predict_batches,
    )
    from hamuco_mm.datasets.frame_window_dataset import time_steps_of
    from hamuco_mm.structures import PredictedViews
    from hamuco_mm.utils.config_options import read_config

    cfg = read_config(args.inputs[0], args.cfg_options)
    model = load_model(cfg, args.inputs[1], args.device)
    dataset = build_test_set(cfg)
    num_steps = len(time_steps_of(dataset))
    chosen = range(args.first, min(args.first + args.num, num_steps))
    if not chosen:
        raise ValueError(
            f'the test set has {num_steps} time steps, so '
            f'none from --first {args.first} on'
        )
    batches = predict_batches(cfg, model, dataset, chosen)
    samples = [sample for batch in batches for sample in batch]
    views = PredictedViews.from_samples(samples)
    views, _ = hands_of_side(views, args.inputs[0], args.side)
    faces = faces_of(model)
    # a mirror turns meshes inside out
    return views, faces[:, ::-1] if views.hand_sides == {'left'} else faces


def read(args: argparse.Namespace) -> tuple['PredictedViews', 'np.ndarray']:
    """Views of the wanted time steps of a file, and the faces."""
    from hamuco_mm.hand_model import MANOLayer
    from hamuco_mm.structures import PredictedViews

    views = PredictedViews.load(args.inputs[0])
    views, side = hands_of_side(views, args.inputs[0], args.side)
    time_steps = views.time_steps()[args.first : args.first + args.num]
    if not time_steps:
        raise ValueError(f'{args.inputs[0]} has no time step {args.first}')
    faces = MANOLayer(args.hand_model, side=side).faces.numpy()
    return views.select([row for rows in time_steps for row in rows]), faces


def main() -> None:
    args = parse_args()

    import hamuco_mm  # noqa: F401, first: mmpose imports with mmcv-lite
    from hamuco_mm.visualization.page_3d import write_page

    try:
        views, faces = (read if len(args.inputs) == 1 else predict)(args)
        title = args.title or f'Hand: {Path(args.inputs[-1]).name}'
        write_page(args.out, views, faces, title, args.image_size)
    except (OSError, ValueError) as error:
        raise SystemExit(f'{Path(__file__).name}: {error}') from error
    print(
        f'wrote {args.out}: {len(views.time_steps())} time steps, '
        f'{args.out.stat().st_size / 2**20:.1f} MiB'
    )


if __name__ == '__main__':
    main()
