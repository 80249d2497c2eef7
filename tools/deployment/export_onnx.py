"""Write a trained network as an ONNX file, and check the file.

The single-view estimator of any config with a MANOHead, or the whole HaMuCo
with the interaction and fusion of any number of calibrated views. Hand model
and normalisation are in the file; docs/deployment.md describes its inputs and
outputs. The file is run by onnxruntime and compared with PyTorch.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_cfg_options,
    keep_inputs,
    output_file,
    require_files,
    short_errors,
)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file, or its URL')
    parser.add_argument(
        '--out', type=output_file, required=True, help='file to write (.onnx)'
    )
    parser.add_argument(
        '--multi-view',
        action='store_true',
        help='the network for all views of a time step (default: the '
        'single-view estimator)',
    )
    parser.add_argument(
        '--opset', type=int, default=18, help='ONNX operator set (default: %(default)s)'
    )
    parser.add_argument(
        '--no-check', action='store_true', help='do not compare the file with PyTorch'
    )
    add_cfg_options(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    require_files(parser, args.config, kind='config')
    require_files(parser, args.checkpoint)
    return args


def main() -> None:
    args = parse_args()

    from hamuco_mm.apis.view_predictions import load_model
    from hamuco_mm.export.onnx_file import (
        export_onnx,
        largest_differences,
        uses_viewing_ray,
    )
    from hamuco_mm.export.onnx_graphs import MultiViewGraph, SingleViewGraph
    from hamuco_mm.utils.config_options import read_config

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
        # a single-view config does not use the rest of a checkpoint
        model = load_model(cfg, args.checkpoint, 'cpu', strict=False)
    build = MultiViewGraph if args.multi_view else SingleViewGraph
    try:
        graph = build(model)
        export_onnx(graph, args.out, args.opset, uses_viewing_ray(cfg))
        print(
            f'wrote {args.out}: {args.out.stat().st_size / 2**20:.1f} MiB, '
            f'opset {args.opset}, crops of '
            f'{graph.input_size[0]} x {graph.input_size[1]}, '
            f'{graph.hand.side} hand ({graph.hand.name})'
        )
        if not args.no_check:
            numbers = (1, 2, 5)
            differences = largest_differences(graph, args.out, numbers)
            print(f'onnxruntime against PyTorch, {numbers} views; largest differences:')
            for name, value in differences.items():
                print(f'  {name:22} {value:.1e}')
    except (ImportError, ValueError) as error:
        raise SystemExit(f'{Path(__file__).name}: {error}') from error


if __name__ == '__main__':
    main()
