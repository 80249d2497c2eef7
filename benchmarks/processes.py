"""Training by several processes: images a second, and what the exchange costs.

Weak scaling: each process has a batch of its own, of the same size. On a CPU
processes of one thread (gloo) stand against one process alone, with one thread
and with as many as the largest number of processes; on GPUs (nccl) each process
has one. Everything is timed in turn: some ranks work while the others wait. A
time is that of the slowest rank, after a barrier. The step without exchange is
the same one, whose gradients stay with their process (``no_sync``).
"""
import contextlib
import tempfile
from pathlib import Path
from statistics import median

from _timing import (clock, make_parser, milliseconds, prepare, print_table,
                     ratio, report)
from training_step import Workload

NUMBERS = {1: 'one', 2: 'two', 4: 'four', 8: 'eight'}


def parse_args():
    parser = make_parser(__doc__)
    parser.add_argument('--depth', type=int, default=18, choices=(18, 50))
    parser.add_argument(
        '--processes',
        type=int,
        nargs='+',
        help='default: 1 2; with GPUs 1, 2, 4, ... up to their number')
    parser.add_argument(
        '--time-steps', type=int, default=1, help='of each process')
    parser.add_argument('--views', type=int, default=8)
    parser.add_argument('--size', type=int, default=256)
    args = parser.parse_args()
    if args.cpu_time:
        parser.error('--cpu-time does not count waiting for other processes')
    return args


def default_processes(gpus: int):
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
        import torch.distributed as dist
        from torch.nn.parallel import DistributedDataParallel
        self.member = rank < count
        self.distributed = None
        # every rank has to ask for it, those outside too
        group = dist.new_group(list(range(count)))
        if not self.member:
            return
        self.work = Workload(args, device, channels_last=True)
        if count > 1:
            # as MMEngine wraps a model; buffers are not exchanged
            self.distributed = DistributedDataParallel(
                self.work.model, process_group=group, broadcast_buffers=False)
            self.work.network = self.distributed

    def step(self, exchange: bool) -> None:
        """A training step; without an exchange of gradients the copies part,
        which changes no time."""
        keep = self.distributed is not None and not exchange
        with self.distributed.no_sync() if keep else contextlib.nullcontext():
            self.work.step()


def seconds_of(function, device) -> float:
    """What a function takes this process, on the clock."""
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
        world_size=world)

    teams = {
        count: Team(args, count, rank, device)
        for count in processes
    }
    calls = {}  # (processes, threads, exchange) -> team
    for count, team in teams.items():
        calls[count, threads, True] = team
        if count > 1:
            calls[count, threads, False] = team
    if device == 'cpu' and 1 in teams and world > 1:
        calls[1, world * threads, True] = teams[1]
    rounds = args.rounds or (1 if args.quick else 7)
    warmup = 1 if args.quick else 2
    seconds = {call: [] for call in calls}
    for index in range(warmup + rounds):
        for (count, wanted, exchange), team in calls.items():
            torch.set_num_threads(wanted)
            dist.barrier()
            elapsed = seconds_of(lambda: team.step(exchange),
                                 device) if team.member else 0.
            slowest = torch.tensor(
                elapsed, dtype=torch.float64, device=device)
            dist.all_reduce(slowest, dist.ReduceOp.MAX)
            if index >= warmup:
                seconds[count, wanted, exchange].append(slowest.item())
    torch.set_num_threads(threads)
    if rank == 0:
        parameters = sum(
            p.numel() for p in teams[world].work.model.parameters()
            if p.requires_grad)
        summarise(args, seconds, threads, world, device, parameters)
    dist.barrier()
    dist.destroy_process_group()


def summarise(args, seconds, threads, world, device, parameters) -> None:
    """Print the table and write the JSON."""
    images = args.time_steps * args.views
    rows = [
        dict(
            processes=count,
            threads=wanted,
            exchange=exchange if count > 1 else None,
            step_ms=milliseconds(times),
            images_per_second=round(count * images / median(times), 1))
        for (count, wanted, exchange), times in seconds.items()
    ]
    ratios = {}
    alone = seconds.get((1, threads, True))
    for count in sorted({count for count, _, _ in seconds} - {1}):
        name = f'{NUMBERS.get(count, count)}_processes'
        together = seconds[count, threads, True]
        if alone:
            # images a second, so the times the other way round
            ratios[f'{name}_over_one'] = round(
                count * ratio(alone, together), 4)
        if count == world and (1, world * threads, True) in seconds:
            wide = f'{NUMBERS.get(world * threads, world * threads)}_threads'
            ratios[f'{name}_over_one_with_{wide}'] = round(
                count * ratio(seconds[1, world * threads, True], together), 4)
        apart = seconds[count, threads, False]
        ratios[f'{name}_step_over_step_without_exchange'] = ratio(
            together, apart)
        print(f'{name}: {100 * (1 - ratio(apart, together)):.1f} % of a step '
              'is exchange of gradients')
    print_table(f'ResNet-{args.depth}, {images} images a process, {device}',
                rows[0], [row.values() for row in rows])
    report(
        f'processes_res{args.depth}',
        args,
        ratios,
        device=device,
        batch_of_a_process=[args.time_steps, args.views, args.size],
        gradient_mib=round(4 * parameters / 2**20, 1),
        rows=rows)


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
            args=(args, processes, 'cuda' if gpus else 'cpu',
                  Path(folder) / 'rendezvous'),
            nprocs=processes[-1])


if __name__ == '__main__':
    main()
