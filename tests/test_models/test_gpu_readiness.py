"""A training step on a GPU, followed without one.

PyTorch's fake tensors have a device, a shape and no numbers. An operation on
tensors of two devices raises an error, and so does whatever would have to
wait for a number of the GPU: a condition, an index of unknown length.
"""
import pytest
import torch
from mmpose.registry import MODELS
from torch._subclasses.fake_tensor import (DataDependentOutputException,
                                           FakeTensorMode)

from .conftest import SIZE, make_samples

GPU = 'cuda:0'


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


def mixed_samples(sizes):
    known, unknown = make_samples(sizes), make_samples(sizes, False)
    return known[:sizes[0]] + unknown[sizes[0]:]


@pytest.mark.parametrize('sizes', ((3, 3), (3, 1), (1, 1)))
@pytest.mark.parametrize('samples', (
    make_samples, lambda sizes: make_samples(sizes, False), mixed_samples))
def test_nothing_waits_and_all_is_on_the_gpu(config, sizes, samples):
    config['data_preprocessor'] = dict(
        type='HandDataPreprocessor',
        mean=[123., 116., 103.],
        std=[58., 57., 57.],
        bgr_to_rgb=True,
        channel_gain=(0.6, 1.4))
    model = MODELS.build(config)
    model.init_weights()
    mode = FakeTensorMode()
    model = to_fake_gpu(model.train(), mode)
    samples = with_arrays(samples(sizes))
    with mode:
        model.data_preprocessor.to(GPU)
        images = torch.zeros(sum(sizes), 3, SIZE, SIZE, dtype=torch.uint8)
        batch = model.data_preprocessor(
            dict(inputs=images, data_samples=samples), training=True)
        losses = model(**batch, mode='loss')
        fused = model._fused_estimate(
            model._estimate(**batch), batch['data_samples'])
    assert sum(name.startswith('loss') for name in losses) >= 6
    assert {str(loss.device) for loss in losses.values()} == {GPU}
    assert str(fused.mesh.vertices.device) == GPU


def test_what_the_test_would_find():
    mode = FakeTensorMode()
    with mode:
        on_gpu, on_cpu = torch.ones(3, device=GPU), torch.ones(3)
        with pytest.raises(RuntimeError, match='device'):
            on_gpu + on_cpu
        with pytest.raises(DataDependentOutputException):
            bool(on_gpu.all())
