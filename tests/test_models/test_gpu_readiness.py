"""The forward pass of a training step on a GPU, followed without one.

PyTorch's fake tensors have a device, a shape and no numbers. An operation on
tensors of two devices raises an error, and so does a condition on a result.
``NoWaiting`` refuses what else makes a program wait for a GPU, and what fake
tensors let pass: copies between host and device that do not run beside it,
and masks as indices.
"""

import pytest
import torch
from mmpose.registry import MODELS
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from view_batches import SIZE, make_samples

GPU = 'cuda:0'
pytestmark = pytest.mark.skipif(
    not torch.backends.cuda.is_built(),
    reason='this PyTorch has no tensors of a GPU, not even fake ones',
)


class Waits(Exception):
    """A program would wait for the GPU."""


class NoWaiting(TorchDispatchMode):
    """Refuses operations that wait for a GPU.

    Args:
        allowed (Sequence[str]): Names of operations not to look at.
    """

    def __init__(self, allowed=()):
        super().__init__()
        self.allowed = allowed

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        name = function._schema.name
        if name not in self.allowed and self._waits(name, args, kwargs or {}, result):
            raise Waits(name)
        return result

    def _waits(self, name, args, kwargs, result):
        if name == 'aten::_to_copy':
            devices = {args[0].device.type, result.device.type}
            # the other way round the numbers are wanted at once
            return len(devices) > 1 and not (
                kwargs.get('non_blocking') and result.device.type == 'cuda'
            )
        if name == 'aten::lift_fresh':  # torch.tensor(..., device='cuda')
            return result.device.type == 'cuda'
        if name.startswith('aten::index'):
            indices = args[1] if isinstance(args[1], (list, tuple)) else ()
            return any(x is not None and x.dtype == torch.bool for x in indices)
        return name.startswith(('aten::linalg_svd', 'aten::_linalg_svd'))


def to_fake_gpu(model, mode):
    for module in model.modules():
        for tensors in (module._parameters, module._buffers):
            for name, tensor in tensors.items():
                if tensor is None:
                    continue
                fake = mode.from_tensor(tensor.detach().clone())
                with mode:
                    fake = fake.to(GPU)
                if isinstance(tensor, torch.nn.Parameter):
                    fake = torch.nn.Parameter(fake)
                tensors[name] = fake
    return model


def with_arrays(samples):
    """As multiview_collate passes them on."""
    for sample in samples:
        labels = sample.gt_instance_labels
        for name, value in labels.items():
            labels.set_field(value.numpy(), name)
    return samples


def unknown_samples(sizes):
    return make_samples(sizes, calibrated=False)


def mixed_samples(sizes):
    known, unknown = make_samples(sizes), unknown_samples(sizes)
    return known[: sizes[0]] + unknown[sizes[0] :]


@pytest.mark.parametrize('sizes', ((3, 3), (3, 1), (1, 1)))
@pytest.mark.parametrize('samples', (make_samples, unknown_samples, mixed_samples))
def test_nothing_waits_and_all_is_on_the_gpu(config, sizes, samples):
    config['data_preprocessor'] = dict(
        type='HandDataPreprocessor',
        mean=[123.0, 116.0, 103.0],
        std=[58.0, 57.0, 57.0],
        bgr_to_rgb=True,
        channel_gain=(0.6, 1.4),
        non_blocking=True,
    )
    model = MODELS.build(config)
    model.init_weights()
    mode = FakeTensorMode()
    model = to_fake_gpu(model.train(), mode)
    samples = with_arrays(samples(sizes))
    # cuSOLVER's SVD waits for its check of convergence
    allowed = () if samples[-1].get('camera_param') else ('aten::_linalg_svd',)
    with mode:
        model.data_preprocessor.to(GPU)
        images = torch.zeros(sum(sizes), 3, SIZE, SIZE, dtype=torch.uint8)
        with NoWaiting(allowed):
            batch = model.data_preprocessor(
                dict(inputs=images, data_samples=samples), training=True
            )
            losses = model(**batch, mode='loss')
            frames = batch['data_samples'].targets.frames
            to_image = torch.zeros(sum(sizes), 2, 3, device=GPU)
            hands = model.predict_from_frames(batch['inputs'], frames, to_image)
    assert sum(name.startswith('loss') for name in losses) >= 6
    assert {str(loss.device) for loss in losses.values()} == {GPU}
    assert {str(values.device) for values in vars(hands).values()} == {GPU}
    assert hands.vertices.shape == (3, sum(sizes), 778, 3)


def test_what_is_found():
    with FakeTensorMode(), NoWaiting():
        on_gpu, on_cpu = torch.ones(3, device=GPU), torch.ones(3)
        with pytest.raises(RuntimeError, match='device'):
            on_gpu + on_cpu
        with pytest.raises(DataDependentOutputException):
            bool(on_gpu.all())
        on_cpu.to(GPU, non_blocking=True)
        mask = on_gpu > 0
        for waits in (
            lambda: on_cpu.to(GPU),
            lambda: on_gpu.cpu(),
            lambda: on_gpu.to('cpu', non_blocking=True),
            lambda: torch.tensor([1.0], device=GPU),
            lambda: on_gpu.index_put_((mask,), on_gpu),
            lambda: torch.linalg.svd(on_gpu.expand(3, 3)),
        ):
            with pytest.raises(Waits):
                waits()
