"""How many operations a training step gives to the device.

On a GPU they cost more than their kernels. The number does not depend on the
sizes of images and batch.
"""

from collections import Counter

import pytest
import torch
from dispatched import DispatchedOperations, OperationsOfParts
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmpose.registry import MODELS
from view_batches import make_inputs, make_samples

from hamuco_mm.structures import HandTargets

CONFIG = 'configs/hand_3d_keypoint/hamuco/hanco/hamuco_res18_1xb8-40e_hanco-256x256.py'
# of the losses between views, two at a time take turns with the third
PHASES = {
    'warm-up': (),
    'L_c2D': ('loss_consistency_2d', 'loss_distill'),
    'L_cf': ('loss_consistency_fusion', 'loss_distill'),
    'all': ('loss_consistency_2d', 'loss_consistency_fusion', 'loss_distill'),
}
# what the table of docs/speed.md says, with some room for other PyTorch versions
MOST_STARTED = {'warm-up': 700, 'L_c2D': 785, 'L_cf': 755, 'all': 800}
MOST_WITH_VIEWS = 1520
PARTS = {
    'backbone': ('backbones/',),
    'decoding': ('heads/', 'layers/hand_decoder.py'),
    'interaction': ('necks/', 'layers/'),
    'alignment': ('view_alignment.py',),
    'losses': ('losses/', 'estimators/', 'finger_spread.py', 'caller'),
}
MOST_OF_PARTS = {
    'backbone': 180,
    'decoding': 280,
    'interaction': 150,
    'alignment': 55,
    'losses': 145,
}


@pytest.fixture(scope='module')
def model():
    init_default_scope('mmpose')
    cfg = Config.fromfile(CONFIG).model
    cfg.backbone.init_cfg = None
    cfg.head.hand_model.path = None
    return MODELS.build(cfg).train()


def count(model, active, sizes=(8,) * 8, counter=DispatchedOperations):
    targets = HandTargets.from_data_samples(make_samples(sizes))
    inputs = make_inputs(sizes)
    with counter() as operations:
        losses = model.loss_from_targets(inputs, targets, dict.fromkeys(active, 1.0))
        total, _ = model.parse_losses(losses)
        total.backward()
    model.zero_grad()
    return operations


@pytest.mark.parametrize('phase', PHASES)
def test_a_training_step_starts_few_operations(model, phase):
    operations = count(model, PHASES[phase])
    assert operations.started.total() <= MOST_STARTED[phase]
    assert operations.started.total() + operations.views.total() <= MOST_WITH_VIEWS
    assert operations.started['aten::convolution_backward'] == 21  # it has looked


def test_no_part_starts_many_operations(model):
    operations = count(model, PHASES['all'], counter=OperationsOfParts)
    parts = Counter()
    for file, number in operations.files.items():
        # the first part that the file belongs to
        parts[next(p for p, names in PARTS.items() if file.startswith(names))] += number
    assert parts.total() == operations.started.total()
    assert {part for part in PARTS if parts[part] > MOST_OF_PARTS[part]} == set()


def test_the_number_does_not_grow_with_the_batch(model):
    small, large = (count(model, PHASES['L_c2D'], sizes) for sizes in ((2,), (4,) * 3))
    assert small.started == large.started


def test_what_is_counted():
    with DispatchedOperations() as operations:
        (torch.ones(2, 3).t() + 1).sum()
    assert operations.started == {'aten::ones': 1, 'aten::add': 1, 'aten::sum': 1}
    assert operations.views == {'aten::t': 1}
