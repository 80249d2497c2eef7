"""Predictions on a GPU, or to be tested on a CPU."""

from collections.abc import Callable
from functools import partial

from _device_time import captured, clocked, rows_of
from _gpu_step import Sizes, place
from _network import autocast, build_network, make_batch


def measure_prediction(depth: int, sizes: Sizes) -> list[dict]:
    """The networks eager and captured, and all of ``predict``, for one time step
    and for a batch."""
    import torch

    from hamuco_mm.models.prediction import square_to_image
    from hamuco_mm.structures import ViewFrames

    device = sizes.device
    dtype = torch.bfloat16 if device == 'cuda' else None
    model = place(build_network(depth), device).eval()

    def guarded(function, *arguments):
        with torch.no_grad(), autocast(device, dtype):
            return function(*arguments)

    rows = []
    for time_steps in sorted({1, sizes.time_steps}):
        images, samples = make_batch(time_steps, sizes.views, sizes.pixels, device)
        images = images.contiguous(memory_format=torch.channels_last)
        frames = ViewFrames.from_data_samples(samples, device)
        to_image = torch.from_numpy(square_to_image(samples)).to(device)
        networks = partial(guarded, model.predict_from_frames, images, frames, to_image)
        functions: dict[str, Callable[[], object]] = {
            'networks': networks,
            'networks, captured': captured(networks, device),
            'predict': partial(guarded, model.predict, images, samples),
            'backbone': partial(guarded, model.backbone, images),
        }
        times = clocked(functions, device)
        batch = f'{time_steps}x{sizes.views}'
        rows += [
            dict(batch=batch, **row)
            for row in rows_of(functions, times, device, ['backbone'])
        ]
    return rows
