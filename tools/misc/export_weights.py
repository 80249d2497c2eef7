"""Make small weights from a training checkpoint, for others to start from.

Keeps the parameters and buffers of the named parts, in half precision, and
where they come from; drops the state of the optimizer and the run.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_file, require_files


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('checkpoint', type=Path, help='of a training')
    parser.add_argument('out', type=output_file, help='file to write (.pth)')
    parser.add_argument(
        '--parts',
        nargs='+',
        default=['backbone'],
        help='parts of the model to keep (default: %(default)s)',
    )
    parser.add_argument(
        '--note', default='', help='where the weights come from, in a sentence'
    )
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    require_files(parser, args.checkpoint)
    return args


def main() -> None:
    args = parse_args()

    from hamuco_mm import __version__
    from hamuco_mm.utils.checkpoint_files import write_checkpoint
    from hamuco_mm.utils.compat import load_from_local

    checkpoint = load_from_local(str(args.checkpoint), 'cpu')
    state = {
        key: value.half() if value.is_floating_point() else value
        for key, value in checkpoint['state_dict'].items()
        if key.split('.')[0] in args.parts
    }
    if not state:
        parts = sorted({key.split('.')[0] for key in checkpoint['state_dict']})
        raise SystemExit(
            f'{args.checkpoint} has none of {args.parts}; its parts are {parts}'
        )
    write_checkpoint(
        args.out,
        dict(
            state_dict=state,
            meta=dict(
                note=args.note,
                hamuco_mm_version=__version__,
                epoch=checkpoint['meta']['epoch'],
                iter=checkpoint['meta']['iter'],
            ),
        ),
    )
    print(
        f'{args.out}: {len(state)} tensors, {args.out.stat().st_size / 2**20:.1f} MiB'
    )


if __name__ == '__main__':
    main()
