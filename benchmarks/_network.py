"""The networks of HanCo's configs with random weights, batches for them, and
the variants of both on a GPU."""

import gc
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from _timing import ROOT

if TYPE_CHECKING:
    from torch import Tensor, nn

HANCO_CONFIG = (
    'configs/hand_3d_keypoint/hamuco/hanco/hamuco_res{depth}_1xb8-40e_hanco-256x256.py'
)


def build_network(depth: int):
    """HaMuCo as configured for HanCo, with the open hand.

    Args:
        depth (int): Of the ResNet, 18 or 50.
    """
    from mmengine.config import Config
    from mmpose.registry import MODELS

    cfg = Config.fromfile(ROOT / HANCO_CONFIG.format(depth=depth)).model
    cfg.backbone.init_cfg = None
    cfg.head.hand_model.path = None
    model = MODELS.build(cfg)
    model.init_weights()
    return model


def make_batch(
    time_steps: int, views: int, size: int, device='cpu'
) -> tuple['Tensor', list]:
    """Random images, labels and cameras of a batch.

    Returns:
        tuple: Images (time_steps * views, 3, size, size) and their samples.
    """
    import numpy as np
    import torch
    from mmengine.structures import InstanceData
    from mmpose.structures import PoseDataSample
    from scipy.spatial.transform import Rotation

    rng = np.random.default_rng(0)
    samples = []
    for index in range(time_steps * views):
        frame, view = divmod(index, views)
        sample = PoseDataSample()
        sample.gt_instance_labels = InstanceData(
            keypoint_labels=rng.uniform(-1, 1, (1, 21, 2)).astype(np.float32),
            keypoint_weights=rng.uniform(0, 1, (1, 21)).astype(np.float32),
        )
        sample.set_metainfo(
            dict(
                frame_id=f'0000/{frame:08d}',
                camera_id=view,
                view_index=view,
                num_views=views,
                input_size=(size, size),
                input_center=np.array([112.0, 112.0]),
                input_scale=np.array([140.0, 140.0]),
                bbox_rotation=np.array([rng.uniform(-180, 180)]),
                camera_param=dict(
                    K=np.array([[450.0, 0, 112], [0, 450, 112], [0, 0, 1]]),
                    R=Rotation.random(random_state=rng).as_matrix(),
                    t=np.array([0, 0, 0.7]),
                ),
            )
        )
        samples.append(sample)
    images = torch.randn(time_steps * views, 3, size, size, device=device)
    return images, samples


def network_parts(model: 'nn.Module') -> tuple:
    """The submodules that take and give tensors alone."""
    return model.backbone, model.head, model.view_neck, model.view_head


def compile_parts(model: 'nn.Module') -> None:
    """As :class:`~hamuco_mm.engine.hooks.CompileHook` does."""
    for part in network_parts(model):
        part.compile()


def autocast(device, dtype):
    """The context of a precision: of float32 where ``dtype`` is None."""
    import torch

    return torch.autocast(device, dtype, enabled=dtype is not None)


# Of `gpu_variants`: precisions, memory formats, compiled or not.
NUM_GPU_VARIANTS = 3 * 2 * 2


def gpu_variants() -> Iterator[dict]:
    """Precisions, memory formats, compiled or not, on a GPU.

    Sets whether products may use TF32, and forgets what was compiled for the
    variant before.

    Yields:
        dict: ``precision`` ('fp32', 'tf32' or 'bf16'), ``channels_last`` and
        ``compiled``.
    """
    import torch

    backends = torch.backends.cuda.matmul, torch.backends.cudnn
    before = [backend.allow_tf32 for backend in backends]
    for precision in ('fp32', 'tf32', 'bf16'):
        for backend in backends:
            backend.allow_tf32 = precision == 'tf32'
        for channels_last in (False, True):
            for compiled in (False, True):
                torch.compiler.reset()
                yield dict(
                    precision=precision, channels_last=channels_last, compiled=compiled
                )
    for backend, allowed in zip(backends, before):
        backend.allow_tf32 = allowed


def autocast_dtype(precision: str):
    """Of a variant: ``torch.bfloat16``, or None for no autocast."""
    import torch

    return torch.bfloat16 if precision == 'bf16' else None


def peak_gib(function: Callable) -> float:
    """GPU memory while a function runs, with all that is there already."""
    import torch

    gc.collect()
    torch.cuda.reset_peak_memory_stats()
    function()
    torch.cuda.synchronize()
    return round(torch.cuda.max_memory_allocated() / 2**30, 2)
