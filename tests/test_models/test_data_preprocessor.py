"""The data preprocessor against MMPose's."""

import numpy as np
import pytest
import torch
from mmengine.dataset import pseudo_collate
from mmengine.structures import InstanceData
from mmpose.models.data_preprocessors import PoseDataPreprocessor
from mmpose.registry import MODELS
from mmpose.structures import PoseDataSample
from view_batches import make_inputs, make_samples

from hamuco_mm.datasets import multiview_collate
from hamuco_mm.models import HandDataPreprocessor

NORMALISATION = dict(mean=[123.675, 116.28, 103.53], std=[58.395, 57.12, 57.375])


def samples(count, labels):
    result = []
    for _ in range(count):
        sample = PoseDataSample()
        sample.gt_instance_labels = InstanceData(keypoint_labels=labels)
        result.append(sample)
    return result


@pytest.mark.parametrize('bgr_to_rgb', (True, False))
@pytest.mark.parametrize(
    'inputs',
    [
        torch.randint(256, (4, 3, 6, 8), dtype=torch.uint8),
        torch.randint(256, (4, 6, 8, 3), dtype=torch.uint8).permute(0, 3, 1, 2),
        [torch.randint(256, (3, 6, 8), dtype=torch.uint8) for _ in range(4)],
        torch.rand(4, 3, 6, 8),
    ],
)
def test_same_numbers(inputs, bgr_to_rgb):
    options = dict(NORMALISATION, bgr_to_rgb=bgr_to_rgb)
    before = [image.clone() for image in inputs]
    data = dict(inputs=inputs, data_samples=samples(4, np.zeros((1, 21, 2))))
    ours = HandDataPreprocessor(**options)(data)
    theirs = PoseDataPreprocessor(**options)(data)
    torch.testing.assert_close(ours['inputs'], theirs['inputs'], rtol=1e-6, atol=1e-6)
    for image, copy in zip(inputs, before):
        assert torch.equal(image, copy)


def test_padding_is_the_parents():
    data = dict(
        inputs=torch.zeros(2, 3, 5, 7, dtype=torch.uint8),
        data_samples=samples(2, np.zeros((1, 21, 2))),
    )
    padded = HandDataPreprocessor(pad_size_divisor=8, **NORMALISATION)(data)['inputs']
    assert padded.shape == (2, 3, 8, 8)


def test_samples_are_copied_only_for_their_tensors():
    preprocessor = HandDataPreprocessor(**NORMALISATION)
    inputs = torch.zeros(1, 3, 4, 4, dtype=torch.uint8)
    arrays = samples(1, np.zeros((1, 21, 2)))
    kept = preprocessor(dict(inputs=inputs, data_samples=arrays))
    assert kept['data_samples'][0] is arrays[0]
    tensors = samples(1, torch.zeros(1, 21, 2))
    moved = preprocessor(dict(inputs=inputs, data_samples=tensors))
    assert moved['data_samples'][0] is not tensors[0]


@pytest.mark.parametrize('pad_size_divisor', (1, 8))
def test_labels_of_training_are_stacked(pad_size_divisor):
    labels = [np.full((1, 21, 2), row, np.float32) for row in range(3)]
    given = [samples(1, label)[0] for label in labels]
    data = dict(inputs=torch.zeros(3, 3, 4, 4, dtype=torch.uint8), data_samples=given)
    preprocessor = HandDataPreprocessor(
        pad_size_divisor=pad_size_divisor, **NORMALISATION
    )
    stacked = preprocessor(data, training=True)['data_samples']
    assert torch.equal(
        stacked.targets.keypoints, torch.from_numpy(np.concatenate(labels))
    )
    assert preprocessor(data)['data_samples'] == given
    assert list(stacked) == given


BATCHES = [
    torch.randint(256, (300, 3, 2, 2), dtype=torch.uint8),
    [torch.randint(256, (3, 2, 2), dtype=torch.uint8) for _ in range(300)],
]


@pytest.mark.parametrize('inputs', BATCHES)
def test_channel_gains_of_training(inputs):
    """One gain for each channel of each image, uniform; white stays white."""
    data = dict(inputs=inputs, data_samples=samples(300, np.zeros((1, 2))))
    before = [image.clone() for image in inputs]
    mean, std = (
        torch.tensor(NORMALISATION[key]).view(3, 1, 1) for key in ('mean', 'std')
    )
    preprocessor = HandDataPreprocessor(channel_gain=(0.5, 1.5), **NORMALISATION)
    torch.manual_seed(0)
    result = preprocessor(data, training=True)['inputs'] * std + mean
    gains = []
    for image, values in zip(before, result):
        factors = values / image.clamp(min=1)
        for channel, factor in zip(values, factors):
            inside = (channel > 1) & (channel < 254)
            if inside.any():
                gains.append(factor[inside].mean())
                torch.testing.assert_close(
                    factor[inside],
                    gains[-1].expand(int(inside.sum())),
                    rtol=1e-3,
                    atol=1e-3,
                )
    gains = torch.stack(gains)
    assert result.max() <= 255.001 and (result > 254.9).any()
    assert 0.499 < gains.min() < 0.52 and 1.4 < gains.max() < 1.501
    assert abs(gains.quantile(0.25) - 0.75) < 0.06
    for image, copy in zip(inputs, before):
        assert torch.equal(image, copy)

    plain = HandDataPreprocessor(**NORMALISATION)
    torch.testing.assert_close(preprocessor(data)['inputs'], plain(data)['inputs'])


def test_processes_draw_different_gains(monkeypatch):
    data = dict(
        inputs=torch.full((4, 3, 2, 2), 100, dtype=torch.uint8),
        data_samples=samples(4, np.zeros((1, 2))),
    )

    def draw(rank):
        monkeypatch.setattr(
            'hamuco_mm.models.data_preprocessors.hand_data_preprocessor.get_rank',
            lambda: rank,
        )
        torch.manual_seed(3)
        preprocessor = HandDataPreprocessor(channel_gain=(0.8, 1.2), **NORMALISATION)
        return [preprocessor(data, training=True)['inputs'] for _ in range(2)]

    first, second = draw(0)
    assert not torch.equal(first, second)
    for again, before in zip(draw(0), (first, second)):
        assert torch.equal(again, before)
    assert not torch.equal(draw(1)[0], first)


def test_a_new_seed_gives_the_gains_of_a_new_process():
    """An epoch of a resumed training, which has drawn nothing before it."""
    data = dict(
        inputs=torch.full((4, 3, 2, 2), 100, dtype=torch.uint8),
        data_samples=samples(4, np.zeros((1, 2))),
    )
    drawn = []
    for seeds in ((3, 4), (4,)):
        preprocessor = HandDataPreprocessor(channel_gain=(0.8, 1.2), **NORMALISATION)
        for seed in seeds:
            torch.manual_seed(seed)
            batches = [preprocessor(data, training=True)['inputs'] for _ in range(2)]
        drawn.append(batches)
    for whole, resumed in zip(*drawn):
        assert torch.equal(whole, resumed)


@pytest.mark.parametrize('gain', ((0, 1), (1.2, 0.8), (-1, 1)))
def test_gains_that_make_no_sense(gain):
    with pytest.raises(ValueError, match='channel_gain'):
        HandDataPreprocessor(channel_gain=gain, **NORMALISATION)


def test_a_batch_of_time_steps_names_the_collate_function():
    views = [torch.zeros(3, 4, 4, dtype=torch.uint8)] * 2
    for inputs in ([views, views], [tuple(views)]):
        with pytest.raises(ValueError, match='multiview_collate'):
            HandDataPreprocessor()(dict(inputs=inputs, data_samples=None))


def test_heads_of_mmpose_learn_from_time_steps():
    """From the labels that they get of MMPose's own collate function."""
    loss = dict(type='L1Loss', use_target_weight=True)
    head = MODELS.build(
        dict(type='RegressionHead', in_channels=3, num_joints=21, loss=loss)
    )

    def losses(items, collate, preprocessor):
        batch = preprocessor(collate(items), training=True)
        features = batch['inputs'].mean((2, 3), keepdim=True)
        return head.loss((features,), batch['data_samples'])

    images = (make_inputs([2, 1]).sigmoid() * 255).byte()
    views = make_samples([2, 1])
    steps = [
        dict(inputs=[*images[part]], data_samples=views[part])
        for part in (slice(0, 2), slice(2, 3))
    ]
    singles = [
        dict(inputs=image, data_samples=view)
        for image, view in zip(images, make_samples([2, 1]))
    ]
    torch.testing.assert_close(
        losses(steps, multiview_collate, HandDataPreprocessor(**NORMALISATION)),
        losses(singles, pseudo_collate, PoseDataPreprocessor(**NORMALISATION)),
    )
