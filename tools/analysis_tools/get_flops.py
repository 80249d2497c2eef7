"""Count the operations and parameters of a config's network, layer by layer.

Counts the whole network from crops to meshes: the single-view estimator, and for
a HaMuCo, with --views, also the interaction and the fusion. MMPose's tool of this
name counts a HaMuCo's single-view part, and needs the full mmcv.
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import add_cfg_options, positive, short_errors

if TYPE_CHECKING:
    from mmengine.config import Config

    from hamuco_mm.export.onnx_graphs import SingleViewGraph


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', type=Path, help='config file')
    parser.add_argument(
        '--views',
        type=positive,
        help='views of one time step that go through all of a HaMuCo; default: one '
        'crop through the single-view estimator',
    )
    add_cfg_options(parser)
    return parser


def build_graph(cfg: 'Config', with_views: bool) -> 'SingleViewGraph':
    """The network as a function of tensors."""
    from mmengine.registry import init_default_scope
    from mmpose.registry import MODELS

    from hamuco_mm.export.onnx_graphs import MultiViewGraph, SingleViewGraph

    init_default_scope(cfg.get('default_scope', 'mmpose'))
    return (MultiViewGraph if with_views else SingleViewGraph)(MODELS.build(cfg.model))


def main() -> None:
    args = build_parser().parse_args()

    from mmengine.analysis import get_model_complexity_info

    from hamuco_mm.utils.config_options import read_config

    with short_errors():
        cfg = read_config(args.config, args.cfg_options)
        graph = build_graph(cfg, args.views is not None)
    info = get_model_complexity_info(
        graph, inputs=graph.example(args.views or 1), show_arch=False
    )
    print(info['out_table'])
    width, height = graph.input_size
    print(
        f'{args.views or 1} crops of {width} x {height}: {info["flops_str"]} '
        f'multiply-adds, {info["params_str"]} parameters'
    )


if __name__ == '__main__':
    main()
