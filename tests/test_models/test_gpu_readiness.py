"""A training step and a prediction on a GPU, followed without one.

PyTorch's fake tensors have a device, a shape and no numbers. An operation on
tensors of two devices raises an error, and so does a condition on a result.
``NoWaiting`` refuses what else makes a program wait for a GPU. Gradients of
fake tensors of a GPU need one, so the way back is followed on the host.
"""

import contextlib

import pytest
import torch
from gpu_waits import NoWaiting
from mmpose.registry import MODELS
from torch._subclasses.fake_tensor import FakeTensorMode
from view_batches import SIZE, make_samples

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


def unknown_samples(sizes):
    return make_samples(sizes, calibrated=False)


def mixed_samples(sizes):
    known, unknown = make_samples(sizes), unknown_samples(sizes)
    return known[: sizes[0]] + unknown[sizes[0] :]


def network(config, **changes):
    config['data_preprocessor'] = dict(
        type='HandDataPreprocessor',
        mean=[123.0, 116.0, 103.0],
        std=[58.0, 57.0, 57.0],
        bgr_to_rgb=True,
        channel_gain=(0.6, 1.4),
        non_blocking=True,
    )
    config['view_neck'].update(changes)
    model = MODELS.build(config)
    model.init_weights()
    return model.train()


def batch_of(samples):
    images = torch.zeros(len(samples), 3, SIZE, SIZE, dtype=torch.uint8)
    return dict(inputs=images, data_samples=samples)


def a_step(model, optimizer, batch):
    loss, _ = model.parse_losses(model(**batch, mode='loss'))
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    optimizer.zero_grad()


batches = pytest.mark.parametrize(
    'sizes, samples',
    [
        (sizes, samples)
        for sizes in ((3, 3), (3, 1), (1, 1))
        for samples in (make_samples, unknown_samples, mixed_samples)
    ],
)


needs_fake_gpu = pytest.mark.skipif(
    not torch.backends.cuda.is_built(),
    reason='this PyTorch has no tensors of a GPU, not even fake ones',
)


def follow(model, samples, **test_cfg):
    """Losses and predictions of samples on a GPU that is none, without waiting."""
    mode = FakeTensorMode()
    model = to_fake_gpu(model, mode)
    samples = with_arrays(samples)
    with mode:
        model.data_preprocessor.to(GPU)
        raw = batch_of(samples)
        with NoWaiting():
            batch = model.data_preprocessor(raw, training=True)
            losses = model(**batch, mode='loss')
            model.parse_losses(losses)
            frames = batch['data_samples'].targets.frames
            to_image = torch.zeros(len(samples), 2, 3, device=GPU)
            hands = model.predict_from_frames(batch['inputs'], frames, to_image)
            model.test_cfg = test_cfg
            model.predict_from_frames(batch['inputs'], frames, to_image)
    assert {str(loss.device) for loss in losses.values()} == {GPU}
    assert {str(values.device) for values in hands.tensors()} == {GPU}
    assert hands.vertices.shape == (3, len(samples), 778, 3)
    return losses


@needs_fake_gpu
@batches
def test_nothing_waits_and_all_is_on_the_gpu(config, sizes, samples):
    model = network(config, random_view_mask=True)
    losses = follow(model, samples(sizes), rotation_test=True)
    assert sum(name.startswith('loss') for name in losses) >= 6


@batches
def test_no_operation_of_a_step_waits(config, sizes, samples):
    model = network(config)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    batch = model.data_preprocessor(batch_of(samples(sizes)), training=True)
    with NoWaiting('cpu'):
        for _ in range(2):
            a_step(model, optimizer, batch)


def with_extras(config):
    """What the paper does not have; and samples in windows of two time steps."""
    config.update(
        relabelling=dict(type='FusedRelabelling'),
        loss_distill_features=dict(type='FeatureDistillLoss'),
    )
    return network(config, temporal_layer=dict(type='FrameAttention'))


def in_windows(samples):
    for sample in samples:
        sample.set_metainfo(dict(frame_index=int(sample.frame_id[-1]), num_frames=2))
    return samples


@needs_fake_gpu
@pytest.mark.parametrize('sizes', [(3, 3), (3, 1)])
def test_extras_do_not_wait_either(config, sizes):
    losses = follow(with_extras(config), in_windows(make_samples(sizes)))
    assert 'loss_distill_features' in losses


@pytest.mark.parametrize('sizes', [(3, 3), (3, 1)])
def test_no_operation_of_a_step_with_extras_waits(config, sizes):
    model = with_extras(config)
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    samples = in_windows(make_samples(sizes))
    batch = model.data_preprocessor(batch_of(samples), training=True)
    with NoWaiting('cpu'):
        for _ in range(2):
            a_step(model, optimizer, batch)


@contextlib.contextmanager
def waiting_is_an_error():
    torch.cuda.set_sync_debug_mode('error')
    try:
        yield
    finally:
        torch.cuda.set_sync_debug_mode('default')


@pytest.mark.skipif(not torch.cuda.is_available(), reason='needs a GPU')
@batches
def test_steps_and_predictions_on_a_gpu_do_not_wait(config, sizes, samples):
    model = network(config, random_view_mask=True).cuda()
    optimizer = torch.optim.AdamW(model.parameters(), fused=True)
    raw = batch_of(with_arrays(samples(sizes)))

    def train_and_predict():
        batch = model.data_preprocessor(raw, training=True)
        a_step(model, optimizer, batch)
        frames = batch['data_samples'].targets.frames
        to_image = torch.zeros(sum(sizes), 2, 3, device='cuda')
        with torch.no_grad():
            model.predict_from_frames(batch['inputs'], frames, to_image)

    # libraries are loaded and memory is set aside at first
    train_and_predict()
    with waiting_is_an_error():
        train_and_predict()
