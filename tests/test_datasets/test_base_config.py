"""configs/_base_/datasets/hanco.py builds and gives what it promises."""

from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

CONFIG = Path(__file__).parents[2] / 'configs/_base_/datasets/hanco.py'


@pytest.mark.parametrize(
    'loader, img, sequence',
    [
        ('train_dataloader', 'rgb', '0001'),
        ('val_dataloader', 'rgb_merged', '1200'),
        ('test_dataloader', 'rgb_merged', '1200'),
    ],
)
def test_loaders(make_tree, loader, img, sequence):
    tree = make_tree(sequences={1: 2, 1200: 2}, img=img)
    cfg = Config.fromfile(CONFIG)[loader]
    cfg.dataset.dataset.data_root = str(tree.root)
    cfg.update(
        batch_size=2, num_workers=0, persistent_workers=False, prefetch_factor=None
    )
    batch = next(iter(Runner.build_dataloader(cfg, seed=0)))
    assert len(batch['inputs']) == 6
    for image, sample in zip(batch['inputs'], batch['data_samples']):
        assert image.shape == (3, 256, 256)
        meta = sample.metainfo
        assert meta['frame_id'].startswith(sequence)
        assert {'camera_param', 'camera_id', 'num_views'} <= set(meta)
        if loader == 'train_dataloader':
            assert 108 <= meta['input_scale'][0] <= 176
            assert np.abs(meta['input_center'] - 112).max() <= 30
            assert 0 < abs(meta['bbox_rotation'].item()) <= 180
        else:
            np.testing.assert_array_equal(meta['input_scale'], [130, 130])
            np.testing.assert_array_equal(meta['input_center'], [112, 112])
            assert sample.gt_instances.keypoints_cam.shape == (1, 21, 3)
