import pytest
import torch
from mmengine.registry import init_default_scope
from small_networks import model_config
from view_batches import SIZE


@pytest.fixture(autouse=True)
def scope():
    init_default_scope('mmpose')
    torch.manual_seed(0)


@pytest.fixture
def config():
    """A HaMuCo with every part and every loss, all views alike."""
    config = model_config(
        input_size=(SIZE, SIZE),
        loss_consistency_2d=dict(type='ViewConsistency2DLoss'),
        loss_consistency_fusion=dict(type='FusedPointsLoss'),
        loss_distill=dict(type='FusedPointsLoss'),
    )
    config['view_neck'].update(grid_size=2, num_blocks=2)
    del config['data_preprocessor'], config['alignment']
    return config
