"""Attention of all joints of eight views, forward and gradient, on a CPU.

PyTorch's in float32 and in bfloat16, and what CVI-Net calls, to which a training in
bfloat16 gives bfloat16.
"""

import argparse
from collections.abc import Callable

from _timing import (
    interleaved,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)

VIEWS, JOINTS, HEADS = 8, 21, 4
# Channels of a head: of the small networks and of HanCo's.
SIZES = dict(small=32, hanco=64)


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument(
        '--time-steps', type=int, default=8, help='default: %(default)s'
    )
    return parser


def passes(time_steps: int, channels: int) -> dict[str, Callable[[], None]]:
    """Name -> function that computes attention and its gradient once."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    from hamuco_mm.models.layers.view_interaction import attend

    shape = time_steps, HEADS, VIEWS * JOINTS, channels
    tokens = [torch.randn(shape).requires_grad_() for _ in range(3)]
    halves = [x.detach().bfloat16().requires_grad_() for x in tokens]

    def backward(attended):
        attended.sum().backward()

    return {
        'float32': lambda: backward(scaled_dot_product_attention(*tokens)),
        'bfloat16': lambda: backward(scaled_dot_product_attention(*halves)),
        'CVI-Net, bfloat16': lambda: backward(attend(*halves, None)),
    }


def main() -> None:
    args = build_parser().parse_args()
    prepare(args, len(SIZES))
    time_steps = 1 if args.quick else args.time_steps
    rows, ratios = {}, {}
    for size, channels in SIZES.items():
        seconds = interleaved(
            passes(time_steps, channels), args.rounds or (2 if args.quick else 30)
        )
        rows[size] = {name: milliseconds(times) for name, times in seconds.items()}
        for name in ('float32', 'CVI-Net, bfloat16'):
            key = name.partition(',')[0].lower().replace('-', '_')
            ratios[f'attention_{size}_bfloat16_over_{key}'] = ratio(
                seconds['bfloat16'], seconds[name]
            )
    print_table(
        f'{time_steps} time steps of {VIEWS} views',
        ('', *(f'{name}, ms' for name in next(iter(rows.values())))),
        [
            (f'{HEADS} heads of {SIZES[size]}', *(f'{ms:.2f}' for ms in row.values()))
            for size, row in rows.items()
        ],
    )
    report('attention', args, ratios, milliseconds=rows)


if __name__ == '__main__':
    main()
