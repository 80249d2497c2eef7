"""Time by the clock, time of the kernels, and captured functions, on a GPU.

On a CPU the clock works alike, there are no kernels to count, and a captured
function is the function itself: the benchmarks run there to be tested.
"""

import time
from collections.abc import Callable, Iterable

import _timing


def clocked(
    functions: dict[str, Callable[[], object]], device: str, rounds: int = 1000
) -> dict[str, list[float]]:
    """Seconds per call by the clock, launches included, in turn.

    A call is timed as one of several that follow each other, after which the
    GPU is waited for: so the host may run ahead, as in training.

    Args:
        functions (dict[str, Callable]): What to time.
        device (str): 'cpu' or 'cuda'.
        rounds (int): How often, if ``--minutes`` allows it.
    """
    calls = 10 if device == 'cuda' else 1
    seconds: dict[str, list[float]] = {name: [] for name in functions}
    for function in functions.values():
        for _ in range(3 if device == 'cuda' else 1):
            function()
    for _ in _timing.time_box.within(range(rounds)):
        for name, function in functions.items():
            synchronize(device)
            start = time.perf_counter()
            for _ in range(calls):
                function()
            synchronize(device)
            seconds[name].append((time.perf_counter() - start) / calls)
    return seconds


def synchronize(device: str) -> None:
    """Wait for the GPU."""
    import torch

    if device == 'cuda':
        torch.cuda.synchronize()


def kernels(function: Callable[[], object], device: str) -> dict:
    """Milliseconds of all kernels of one call, and how many launches it took;
    None on a CPU."""
    if device == 'cpu':
        return dict(kernels_ms=None, launches=None)
    import torch
    from torch.autograd import DeviceType
    from torch.profiler import ProfilerActivity, profile

    function()
    torch.cuda.synchronize()
    with profile(activities=[ProfilerActivity.CPU, ProfilerActivity.CUDA]) as profiler:
        function()
        torch.cuda.synchronize()
    events = profiler.key_averages()
    launches = sum(event.count for event in events if _is_launch(event.key))
    # operations on the host have the time of their kernels once more
    microseconds = sum(
        event.self_device_time_total
        for event in events
        if event.device_type == DeviceType.CUDA and not event.is_user_annotation
    )
    return dict(kernels_ms=round(microseconds / 1000, 3), launches=launches)


def _is_launch(name: str) -> bool:
    """Of a kernel or of a whole graph, in CUDA's runtime or driver."""
    return name.startswith(('cudaLaunch', 'cuLaunch', 'cudaGraphLaunch'))


def captured(function: Callable[[], object], device: str) -> Callable[[], object]:
    """The function as a CUDA graph; what it reads and writes stays in place."""
    import torch

    from hamuco_mm.utils.cuda_graphs import graph_type_of

    graph_type = graph_type_of(torch.device(device))
    if graph_type is None:
        return function
    with graph_type.warming_up():
        for _ in range(4):
            function()
    graph = graph_type()
    graph.capture(function)
    return graph.replay


def rows_of(
    functions: dict[str, Callable[[], object]],
    seconds: dict[str, list[float]],
    device: str,
    over: Iterable[str],
) -> list[dict]:
    """A line for each function.

    Args:
        functions (dict[str, Callable]): What was timed.
        seconds (dict[str, list[float]]): From :func:`clocked`.
        device (str): 'cpu' or 'cuda'.
        over (Iterable[str]): Functions that each is compared with.
    """
    return [
        dict(
            what=name,
            ms=_timing.milliseconds(times),
            **kernels(functions[name], device),
            **{f'over {other}': _timing.ratio(times, seconds[other]) for other in over},
        )
        for name, times in seconds.items()
    ]
