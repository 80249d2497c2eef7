"""Make a checkpoint ready to be published: weights and meta alone, named by hash.

Writes OUT-<first 8 digits of SHA-256>_<date>.pth, as MMPose's tool of this name,
which cannot read the checkpoints of MMEngine with PyTorch 2.6 and later.
"""

import argparse
import sys
from datetime import date
from hashlib import sha256
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import output_file, require_files


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('in_file', type=Path, help='checkpoint of a training')
    parser.add_argument('out_file', type=output_file, help='where to, without the hash')
    parser.add_argument(
        '--save-keys',
        nargs='+',
        default=['meta', 'state_dict'],
        help='what to keep of the checkpoint (default: meta state_dict)',
    )
    return parser


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    require_files(parser, args.in_file)

    import hamuco_mm  # noqa: F401, makes mmpose importable with mmcv-lite
    from hamuco_mm.utils.checkpoint_files import checkpoint_bytes
    from hamuco_mm.utils.compat import load_from_local
    from hamuco_mm.utils.files import write_atomically

    checkpoint = load_from_local(str(args.in_file), 'cpu')
    absent = [key for key in args.save_keys if key not in checkpoint]
    if absent:
        sys.exit(
            f'{Path(__file__).name}: {args.in_file} has no {", ".join(absent)}; it '
            f'has {", ".join(checkpoint)}'
        )
    dropped = [key for key in checkpoint if key not in args.save_keys]
    stem = args.out_file.with_suffix('')
    content = checkpoint_bytes({key: checkpoint[key] for key in args.save_keys})
    digest = sha256(content).hexdigest()
    path = stem.with_name(f'{stem.name}-{digest[:8]}_{date.today():%Y%m%d}.pth')
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, content)
    print(f'wrote {path}; left out: {", ".join(dropped) or "nothing"}')


if __name__ == '__main__':
    main()
