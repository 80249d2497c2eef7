"""Predicting one view, and the views of a time step, against the backbone.

Prediction is everything from normalised images to the results in pixels and
metres, fusion included; the backbone passes the same images in one batch. On a
GPU also images per second and peak memory in several precisions, with
channels_last and with torch.compile.
"""

import argparse

from _network import (
    NUM_GPU_VARIANTS,
    autocast,
    autocast_dtype,
    build_network,
    compile_parts,
    gpu_variants,
    make_batch,
    peak_gib,
)
from _timing import (
    add_device,
    chosen_device,
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--views', type=int, nargs='+', default=[1, 8])
    add_device(parser)
    return parser


def measure(
    args: argparse.Namespace,
    device: str,
    precision: str = 'fp32',
    channels_last: bool = True,
    compiled: bool = False,
) -> tuple[list[dict], dict]:
    """Rows of milliseconds, and the ratio for each number of views."""
    import torch

    memory_format = torch.channels_last if channels_last else torch.contiguous_format
    model = build_network(args.depth).eval()
    model.to(device, memory_format=memory_format)
    dtype = autocast_dtype(precision)
    if compiled:
        compile_parts(model)
    rows, ratios = [], {}
    for views in args.views:
        images, samples = make_batch(1, views, args.size, device)
        images = images.contiguous(memory_format=memory_format)

        def guarded(function, *arguments):

            def run():
                with torch.no_grad(), autocast(device, dtype):
                    function(*arguments)

            return run

        predict = guarded(model.predict, images, samples)
        seconds = interleaved(
            dict(predict=predict, backbone=guarded(model.backbone, images)),
            args.rounds or (2 if args.quick else 25),
            warmup=3,
        )
        over = ratio(seconds['predict'], seconds['backbone'])
        row = dict(
            views=views,
            predict_ms=milliseconds(seconds['predict']),
            backbone_ms=milliseconds(seconds['backbone']),
            ratio=over,
        )
        row['images_per_second'] = round(1000 * views / row['predict_ms'], 1)
        if device == 'cuda':
            row['peak_gib'] = peak_gib(predict)
        rows.append(row)
        target = ' (target <= 1.1)' if views == 8 else ''
        name = f'inference_{views}_views_over_backbone_res{args.depth}'
        ratios[name + target] = over
    return rows, ratios


def main() -> None:
    args = build_parser().parse_args()
    if args.quick:
        args.size, args.views = 64, [1, 2]
    device = chosen_device(args)
    variants = NUM_GPU_VARIANTS if device == 'cuda' else 1
    prepare(args, parts=variants * len(args.views))
    results: dict[str, list[dict]] = {device: []}
    ratios = {}
    if device == 'cpu':
        results['cpu'], ratios = measure(args, 'cpu')
    else:
        for variant in gpu_variants():
            rows, gpu = measure(args, 'cuda', **variant)
            results['cuda'] += [dict(variant, **row) for row in rows]
            if variant['channels_last']:
                title = f'cuda_{variant["precision"]}' + (
                    '_compiled' if variant['compiled'] else ''
                )
                ratios.update({f'{title}: {k}': v for k, v in gpu.items()})
    rows = results[device]
    print_table(
        f'ResNet-{args.depth}, {device}', rows[0], [row.values() for row in rows]
    )
    report(f'inference_res{args.depth}', args, ratios, milliseconds=results)


if __name__ == '__main__':
    main()
