"""Make small weights from a training checkpoint, for others to start from.

Keeps the parameters and buffers of the named parts, in half precision, and
where they come from; drops the state of the optimizer and the run. Of several
checkpoints of one training, it is the mean.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import keep_inputs, output_file, require_files

if TYPE_CHECKING:
    import torch


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        'checkpoints', type=Path, nargs='+', metavar='checkpoint', help='of a training'
    )
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
    keep_inputs(parser, args, 'out')
    require_files(parser, *args.checkpoints)
    return args


def main() -> None:
    args = parse_args()

    from hamuco_mm import __version__
    from hamuco_mm.utils.checkpoint_files import write_checkpoint
    from hamuco_mm.utils.compat import load_from_local

    checkpoints = [load_from_local(str(path), 'cpu') for path in args.checkpoints]
    checkpoint = checkpoints[-1]
    states = [each['state_dict'] for each in checkpoints]
    for path, other in zip(args.checkpoints, states):
        if _shapes(other) != _shapes(states[-1]):
            raise SystemExit(
                f'{path} and {args.checkpoints[-1]} are of different networks: there '
                'is no mean'
            )
    state = {
        key: _mean([each[key] for each in states])
        if value.is_floating_point()
        else value
        for key, value in states[-1].items()
        if key.split('.')[0] in args.parts
    }
    if not state:
        parts = sorted({key.split('.')[0] for key in states[-1]})
        raise SystemExit(
            f'{args.checkpoints[-1]} has none of {args.parts}; its parts are {parts}'
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


def _shapes(state: 'dict[str, torch.Tensor]') -> 'dict[str, torch.Size]':
    return {key: value.shape for key, value in state.items()}


def _mean(values: 'list[torch.Tensor]') -> 'torch.Tensor':
    """In half precision."""
    import torch

    return torch.stack([value.double() for value in values]).mean(0).half()


if __name__ == '__main__':
    main()
