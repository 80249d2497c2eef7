"""Fit on validation data what makes `keypoint_sigmas` hold 68 % of the errors.

Predicts the validation set of a config and writes the checkpoint again, with one
factor for each of its results. Predictions themselves stay as they are.
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from _arguments import (
    add_common_arguments,
    check_common_arguments,
    keep_inputs,
    load_config,
    output_file,
    require_files,
    short_errors,
)
from _interruption import exit_when_terminated

# Where a checkpoint has the factor of each stage.
KEYS = dict(
    single='head.uncertainty.sigma_factor',
    interact='view_head.uncertainty.sigma_factor',
    fusion='fused_sigma_factor',
)


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', type=Path, help='checkpoint file')
    parser.add_argument('out', type=output_file, help='checkpoint to write')
    add_common_arguments(parser)
    return parser


def main() -> None:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out')
    require_files(parser, args.checkpoint)
    check_common_arguments(parser, args)

    from mmengine.dist import is_main_process

    from hamuco_mm.engine.evaluation_runner import EvaluationRunner
    from hamuco_mm.utils.checkpoint_files import write_checkpoint
    from hamuco_mm.utils.compat import load_from_local, prepare_processes_without_gpu

    with short_errors():
        checkpoint = load_from_local(str(args.checkpoint), 'cpu')
        weights = checkpoint.get('state_dict', {})
        stages = [stage for stage, key in KEYS.items() if key in weights]
        if not stages:
            raise ValueError(
                f'{args.checkpoint} has no sigmas to calibrate: train with '
                'with_uncertainty=True in head and view_head'
            )
        cfg = load_config(args)
    cfg.load_from = str(args.checkpoint)
    cfg.test_dataloader = cfg.val_dataloader
    cfg.test_evaluator = dict(type='KeypointSigmaMetric')
    cfg.test_cfg = dict()
    prepare_processes_without_gpu(cfg)
    with short_errors(cfg.work_dir, cfg):
        metrics = EvaluationRunner.from_cfg(cfg).test()
    if not is_main_process():
        return
    for stage in stages:
        factor = metrics[f'{stage}/sigma_factor']
        weights[KEYS[stage]] = weights[KEYS[stage]] * factor
        share = 100 * metrics[f'{stage}/sigma_share']
        print(
            f'{stage}: {share:.0f} % of the errors were within one sigma; sigmas are '
            f'now {factor:.3g} times as large'
        )
    write_checkpoint(args.out, checkpoint)
    print(f'wrote {args.out}')


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
