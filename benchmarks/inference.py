"""Predicting one view, and the views of a time step, against the backbone.

Prediction is everything from normalised images to the results in pixels and
metres, fusion included; the backbone passes the same images in one batch.
"""
from _network import build_network, make_batch
from _timing import (interleaved, make_parser, milliseconds, prepare,
                     print_table, ratio, report)


def parse_args():
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument('--size', type=int, default=256)
    parser.add_argument('--views', type=int, nargs='+', default=[1, 8])
    return parser.parse_args()


def measure(args, device, dtype=None, compiled=False):
    """Rows of milliseconds, and the ratio for each number of views."""
    import torch
    model = build_network(args.depth).to(device).eval()
    model.to(memory_format=torch.channels_last)
    if compiled:
        for part in (model.backbone, model.head, model.view_neck,
                     model.view_head):
            part.compile()
    rows, ratios = [], {}
    for views in args.views:
        images, samples = make_batch(1, views, args.size, device)
        images = images.contiguous(memory_format=torch.channels_last)

        def guarded(function, *arguments):

            def run():
                with torch.no_grad(), torch.autocast(
                        device, dtype, enabled=dtype is not None):
                    function(*arguments)

            return run

        seconds = interleaved(
            dict(
                predict=guarded(model.predict, images, samples),
                backbone=guarded(model.backbone, images)),
            args.rounds or (2 if args.quick else 25),
            warmup=3)
        over = ratio(seconds['predict'], seconds['backbone'])
        rows.append((views, milliseconds(seconds['predict']),
                     milliseconds(seconds['backbone']), over))
        target = ' (target <= 1.1)' if views == 8 else ''
        name = f'inference_{views}_views_over_backbone_res{args.depth}'
        ratios[name + target] = over
    return rows, ratios


def main() -> None:
    args = parse_args()
    if args.quick:
        args.size, args.views = 64, [1, 2]
    import torch
    prepare(args)
    header = ('views', 'predict ms', 'backbone ms', 'ratio')
    rows, ratios = measure(args, 'cpu')
    print_table(f'ResNet-{args.depth}, CPU', header, rows)
    results = dict(cpu=rows)
    if torch.cuda.is_available():
        for name, dtype in (('fp32', None), ('bf16', torch.bfloat16)):
            for compiled in (False, True):
                title = f'cuda_{name}' + ('_compiled' if compiled else '')
                results[title], gpu = measure(args, 'cuda', dtype, compiled)
                ratios.update({f'{title}: {k}': v for k, v in gpu.items()})
                print_table(f'ResNet-{args.depth}, {title}', header,
                            results[title])
    report(f'inference_res{args.depth}', args, ratios, milliseconds=results)


if __name__ == '__main__':
    main()
