"""Test a checkpoint: predict the test set and evaluate the predictions."""

import argparse

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
from mmengine.config import Config

# that MMEngine can write
_OUT = ('.json', '.yaml', '.yml', '.pkl', '.pickle')


def build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('config', help='config file')
    parser.add_argument('checkpoint', help='checkpoint file, or its URL')
    parser.add_argument(
        '--out',
        type=output_file,
        metavar='FILE',
        help='file to save the metrics in (.json, .yaml or .pkl)',
    )
    parser.add_argument(
        '--dump',
        type=output_file,
        metavar='FILE',
        help='file to save the prediction of every view in: .npz, plain '
        'arrays, or .pkl',
    )
    add_common_arguments(parser)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    keep_inputs(parser, args, 'out', 'dump')
    require_files(parser, args.checkpoint)
    check_common_arguments(parser, args)
    if args.dump and args.dump.suffix not in ('.npz', '.pkl', '.pickle'):
        parser.error(f'--dump {args.dump} should end with .npz, .pkl or .pickle')
    if args.out and args.out.suffix not in _OUT:
        parser.error(f'--out {args.out} should end with one of {", ".join(_OUT)}')
    return args


def add_metric(cfg: Config, metric: dict) -> None:
    """Let a metric have its results before those of the config, of which one may find
    nothing to measure."""
    evaluators = cfg.test_evaluator
    if not isinstance(evaluators, (list, tuple)):
        evaluators = [evaluators]
    cfg.test_evaluator = [metric, *evaluators]


def main() -> None:
    args = parse_args()

    from mmengine.dist import is_main_process
    from mmengine.fileio import dump

    from hamuco_mm.engine.evaluation_runner import EvaluationRunner
    from hamuco_mm.utils.compat import prepare_processes_without_gpu
    from hamuco_mm.utils.files import write_atomically

    with short_errors():
        cfg = load_config(args)
    cfg.load_from = args.checkpoint
    if args.dump:
        add_metric(cfg, dict(type='DumpViews', out_file_path=str(args.dump)))
    prepare_processes_without_gpu(cfg)
    with short_errors(cfg.work_dir, cfg):
        metrics = EvaluationRunner.from_cfg(cfg).test()
        if args.out and is_main_process():
            args.out.parent.mkdir(parents=True, exist_ok=True)
            content = dump(metrics, file_format=args.out.suffix[1:])
            write_atomically(args.out, content)


if __name__ == '__main__':
    # killed at once, it would leave its data loaders' workers behind
    exit_when_terminated()
    main()
