"""The `_base_` configs of the published data sets give batches that a model
can train on."""

import argparse
import re
from pathlib import Path

import numpy as np
import pytest
from mmengine.config import Config, DictAction
from mmengine.runner import Runner
from mmpose.registry import METRICS
from published_layouts import (
    write_assemblyhands,
    write_dexycb,
    write_freihand,
    write_h2o,
    write_ho3d,
    write_interhand,
)

from hamuco_mm.datasets.hand_model_loan import lend_hand_model

CONFIGS = Path(__file__).resolve().parents[2] / 'configs/_base_/datasets'


def write_both(write, root, *splits):
    for split in splits:
        write(root, split)


def dexycb(root):
    write_dexycb(root, np.eye(45))


@pytest.mark.parametrize(
    'name, write, views',
    [
        (
            'freihand',
            lambda root: write_both(write_freihand, root, 'training', 'evaluation'),
            1,
        ),
        ('ho3d', lambda root: write_both(write_ho3d, root, 'train', 'evaluation'), 1),
        (
            'interhand26m',
            lambda root: write_both(write_interhand, root, 'train', 'test'),
            3,
        ),
        ('dexycb', dexycb, 2),
        (
            'h2o',
            lambda root: write_both(write_h2o, root, 'subject1/h1', 'subject4/k2'),
            3,
        ),
        (
            'assemblyhands',
            lambda root: write_both(write_assemblyhands, root, 'train', 'val'),
            2,
        ),
    ],
)
def test_batches(tmp_path, name, write, views):
    write(tmp_path)
    cfg = Config.fromfile(CONFIGS / f'{name}.py')
    for kind in ('train', 'val'):
        loader = cfg[f'{kind}_dataloader']
        loader.update(num_workers=0, persistent_workers=False, batch_size=2)
        flat = loader.dataset.get('dataset', loader.dataset)
        flat.data_root = str(tmp_path)
        if name == 'dexycb':  # of whose few sequences all belong to 'train'
            flat.split = 'train'
        batches = Runner.build_dataloader(loader, seed=0)
        lend_hand_model(batches.dataset, {})  # as a network with the open hand does
        batch = next(iter(batches))
        assert len(batch['inputs']) == 2 * views
        for image, sample in zip(batch['inputs'], batch['data_samples']):
            assert tuple(image.shape) == (3, 256, 256)
            meta = sample.metainfo
            assert meta['mirrored' if views > 1 else 'camera_param'] is not None
            assert meta.get('num_views', 1) == views
            if kind == 'train':
                assert 'keypoints_cam_labels' in sample.gt_instance_labels
                labels = np.asarray(sample.gt_instance_labels.keypoint_labels)[0]
                inside = (np.abs(labels) < 1).all(-1).mean()
                assert inside > 0.5, name  # the crop shows the hand
            else:
                assert sample.gt_instances.keypoints_cam.shape == (1, 21, 3)


@pytest.mark.parametrize(
    'name, write, evaluator',
    [
        ('freihand', write_freihand, 'DumpFreiHAND'),
        ('ho3d', write_ho3d, 'DumpHO3D'),
    ],
)
def test_the_server_route_needs_no_truth(tmp_path, repository, name, write, evaluator):
    """The page's options leave an evaluator and a data set that work without
    the labels of the evaluation."""
    write(tmp_path, 'evaluation', truth=False)
    page = (repository / f'docs/datasets/{name}.md').read_text()
    config, options = re.search(
        r'tools/test.py (\S+) CHECKPOINT \\\n *--cfg-options (.*)', page
    ).groups()
    parser = argparse.ArgumentParser()
    parser.add_argument('--cfg-options', nargs='+', action=DictAction)
    cfg = Config.fromfile(repository / config)
    cfg.merge_from_dict(
        parser.parse_args(['--cfg-options', *options.split()]).cfg_options
    )
    assert cfg.test_evaluator == dict(type=evaluator)
    loader = cfg.test_dataloader
    loader.update(num_workers=0, persistent_workers=False, batch_size=2)
    loader.dataset.data_root = str(tmp_path)
    batch = next(iter(Runner.build_dataloader(loader, seed=0)))
    sample = batch['data_samples'][0]
    assert 'keypoints_cam' not in sample.gt_instances
    METRICS.build(cfg.test_evaluator)
