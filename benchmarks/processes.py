"""Training by several processes: images per second, and what the exchange costs.

Weak scaling: each process has a batch of its own, of the same size. On a CPU
processes of one thread (gloo) stand against one process alone, with one thread
and with as many as the largest number of processes; on GPUs (nccl) each process
has one. Everything is timed in turn: some ranks work while the others wait. A
time is that of the slowest rank, after a barrier. The step without exchange is
the same one, whose gradients stay with their process (``no_sync``); the
exchange alone is one sum of as many numbers, which steps overlap with their
backward pass.
"""

import argparse
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median

import _timing
from _timing import (
    clock,
    make_parser,
    milliseconds,
    prepare,
    print_table,
    ratio,
    report,
)
from training_step import Workload

STEP, APART, EXCHANGE = 'step', 'step without exchange', 'exchange alone'
NUMBERS = {1: 'one', 2: 'two', 4: 'four', 8: 'eight'}


def build_parser() -> argparse.ArgumentParser:
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument(
        '--processes',
        type=int,
        nargs='+',
        help='default: 1 2; with GPUs 1, 2, 4, ... up to their number',
    )
    parser.add_argument('--time-steps', type=int, default=1, help='of each process')
    parser.add_argument('--views', type=int, default=8)
    parser.add_argument('--size', type=int, default=256)
    return parser


def parse_args() -> argparse.Namespace:
    parser = build_parser()
    args = parser.parse_args()
    if args.cpu_time:
        parser.error('--cpu-time does not count waiting for other processes')
    return args


def default_processes(gpus: int) -> list[int]:
    """Powers of two up to the number of GPUs, and that number."""
    if not gpus:
        return [1, 2]
    powers = [2**n for n in range(gpus.bit_length())]
    return sorted({*powers, gpus})


class Team:
    """The first ``count`` ranks, which train one model together.

    Args:
        args (argparse.Namespace): Sizes.
        count (int): How many processes.
        rank (int): Of this process.
        device (str): 'cpu' or 'cuda'.
    """

    def __init__(self, args, count, rank, device):
        import torch
        import torch.distributed as dist
        from torch.nn.parallel import DistributedDataParallel

        self.member = rank < count
        self.timed = [STEP, APART, EXCHANGE] if count > 1 else [STEP]
        # every rank has to ask for it, those outside too
        self.group = dist.new_group(list(range(count)))
        if not self.member:
            return
        self.work = Workload(args, device, channels_last=True)
        self.gradients = torch.zeros(
            sum(p.numel() for p in self.work.model.parameters() if p.requires_grad),
            device=device,
        )
        if count > 1:
            # as MMEngine wraps a model; buffers are not exchanged
            self.work.network = DistributedDataParallel(
                self.work.model, process_group=self.group, broadcast_buffers=False
            )

    def run(self, what: str) -> None:
        """One of those that are timed. Without exchange the copies of the
        model part, which changes no time."""
        import torch.distributed as dist

        if what == STEP:
            self.work.step()
        elif what == APART:
            with self.work.network.no_sync():
                self.work.step()
        else:
            dist.all_reduce(self.gradients, group=self.group)


def seconds_of(function, device) -> float:
    """Wall-clock seconds of a function in this process."""
    import torch

    if device == 'cuda':
        torch.cuda.synchronize()
    start = clock()
    function()
    if device == 'cuda':
        torch.cuda.synchronize()
    return clock() - start


def measure(rank, args, processes, device, store) -> None:
    """What each rank does; the first one prints and writes."""
    import torch
    import torch.distributed as dist

    prepare(args)
    threads = args.threads or 1
    torch.set_num_threads(threads)
    if device == 'cuda':
        torch.cuda.set_device(rank)
    world = max(processes)
    dist.init_process_group(
        'nccl' if device == 'cuda' else 'gloo',
        init_method=f'file://{store}',
        rank=rank,
        world_size=world,
    )

    teams = {count: Team(args, count, rank, device) for count in processes}
    calls = [
        (count, threads, what) for count, team in teams.items() for what in team.timed
    ]
    if device == 'cpu' and 1 in teams and world > 1:
        calls.append((1, world * threads, STEP))
    rounds = args.rounds or (1 if args.quick else 7)
    warmup = 1 if args.quick else 2
    seconds = {call: [] for call in calls}
    end = time.monotonic() + _timing.time_box.share()
    for index in range(warmup + rounds):
        # all ranks have to agree: the first one's clock counts
        late = torch.tensor(float(time.monotonic() > end), device=device)
        dist.broadcast(late, 0)
        if index > warmup and late.item():
            break
        for call in calls:
            count, wanted, what = call
            team = teams[count]
            torch.set_num_threads(wanted)
            dist.barrier()
            elapsed = (
                seconds_of(partial(team.run, what), device) if team.member else 0.0
            )
            slowest = torch.tensor(elapsed, dtype=torch.float64, device=device)
            dist.all_reduce(slowest, dist.ReduceOp.MAX)
            if index >= warmup:
                seconds[call].append(slowest.item())
    torch.set_num_threads(threads)
    if rank == 0:
        summarise(args, seconds, threads, world, device, teams[world].gradients.nbytes)
    dist.barrier()
    dist.destroy_process_group()


def summarise(args, seconds, threads, world, device, num_bytes) -> None:
    """Print the table and write the JSON."""
    images = args.time_steps * args.views
    rows = [
        dict(
            processes=count,
            threads=wanted,
            what=what,
            ms=milliseconds(times),
            images_per_second=None
            if what == EXCHANGE
            else round(count * images / median(times), 1),
        )
        for (count, wanted, what), times in seconds.items()
    ]
    ratios = {}
    alone = seconds.get((1, threads, STEP))
    for count in sorted({count for count, _, _ in seconds} - {1}):
        name = f'{NUMBERS.get(count, count)}_processes'
        together, apart, exchange = (
            seconds[count, threads, what] for what in (STEP, APART, EXCHANGE)
        )
        if alone:
            # images per second: the inverse of the times
            ratios[f'{name}_over_one'] = round(count * ratio(alone, together), 4)
        if count == world and (1, world * threads, STEP) in seconds:
            wide = f'{NUMBERS.get(world * threads, world * threads)}_threads'
            ratios[f'{name}_over_one_with_{wide}'] = round(
                count * ratio(seconds[1, world * threads, STEP], together), 4
            )
        ratios[f'{name}_step_over_step_without_exchange'] = ratio(together, apart)
        ratios[f'{name}_exchange_alone_over_step'] = ratio(exchange, together)
        print(
            f'{name}: {100 * (1 - ratio(apart, together)):.1f} % of a step '
            'is exchange of gradients'
        )
    print_table(
        f'ResNet-{args.depth}, {images} images per process, {device}',
        rows[0],
        [row.values() for row in rows],
    )
    report(
        f'processes_res{args.depth}',
        args,
        ratios,
        device=device,
        batch_of_a_process=[args.time_steps, args.views, args.size],
        gradients_mib=round(num_bytes / 2**20, 1),
        rows=rows,
    )


def main() -> None:
    args = parse_args()
    if args.quick:
        args.time_steps, args.views, args.size = 1, 2, 64
    import torch
    import torch.multiprocessing as multiprocessing

    gpus = torch.cuda.device_count()
    processes = sorted(set(args.processes or default_processes(gpus)))
    if processes[0] < 1:
        raise SystemExit('--processes are 1 or more')
    if gpus and processes[-1] > gpus:
        raise SystemExit(f'--processes {processes[-1]}: there are {gpus} GPUs')
    with tempfile.TemporaryDirectory() as folder:
        multiprocessing.spawn(
            measure,
            args=(
                args,
                processes,
                'cuda' if gpus else 'cpu',
                Path(folder) / 'rendezvous',
            ),
            nprocs=processes[-1],
        )


if __name__ == '__main__':
    main()
