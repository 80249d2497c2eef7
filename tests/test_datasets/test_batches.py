"""Batches: collate, data loader workers, mixing with other data sets."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.registry import DATA_SAMPLERS, FUNCTIONS
from mmengine.runner import Runner
from mmpose.registry import DATASETS, MODELS
from mmpose.structures import PoseDataSample
from torch.utils.data import DataLoader

from hamuco_mm.datasets import multiview_collate
from hamuco_mm.datasets.metainfo import HAND_METAINFO
from hamuco_mm.structures import ViewGroups

PREPROCESSOR = dict(type='PoseDataPreprocessor', mean=[120.0] * 3, std=[60.0] * 3)


def item(num_views=None):
    if num_views is None:
        return dict(inputs=torch.zeros(3, 4, 4), data_samples=PoseDataSample())
    samples = [
        PoseDataSample(metainfo=dict(view_index=v, num_views=num_views))
        for v in range(num_views)
    ]
    return dict(
        inputs=[torch.full((3, 4, 4), float(v)) for v in range(num_views)],
        data_samples=samples,
    )


def test_collate_lays_views_one_after_another():
    collate = FUNCTIONS.get('multiview_collate')
    assert collate is multiview_collate
    batch = collate([item(3), item(), dict(item(1), flip_indices=[0]), item(2)])
    assert set(batch) == {'inputs', 'data_samples'}
    levels = [int(image[0, 0, 0]) for image in batch['inputs']]
    assert levels == [0, 1, 2, 0, 0, 0, 1]
    groups = ViewGroups.from_data_samples(batch['data_samples'])
    assert groups.sizes == (3, 1, 1, 2)


def multiview_cfg(tree, pipeline, **kwargs):
    flat = dict(type='HanCoDataset', data_root=str(tree.root), pipeline=pipeline)
    return dict(type='MultiViewDataset', dataset=flat, **kwargs)


def test_varying_number_of_views_through_workers(make_tree, pipeline):
    tree = make_tree(sequences={0: 5})
    tree.image_path(0, 1, 0).unlink()
    tree.label_path(0, 2, 1).unlink()
    tree.label_path(0, 2, 2).unlink()
    loader = Runner.build_dataloader(
        dict(
            batch_size=4,
            num_workers=2,
            sampler=dict(type='DefaultSampler', shuffle=False),
            collate_fn=dict(type='multiview_collate'),
            dataset=multiview_cfg(tree, pipeline),
        )
    )
    first, second = list(loader)
    sizes = [
        ViewGroups.from_data_samples(batch['data_samples']).sizes
        for batch in (first, second)
    ]
    assert sizes == [(3, 2, 1, 3), (3,)]
    cameras = [s.metainfo['camera_id'] for s in first['data_samples']]
    assert cameras == [0, 1, 2, 1, 2, 0, 0, 1, 2]

    batch = MODELS.build(PREPROCESSOR)(first, training=True)
    assert batch['inputs'].shape == (9, 3, 64, 64)
    for image, sample in zip(batch['inputs'], first['data_samples']):
        frame = int(sample.metainfo['frame_id'][-8:])
        level = tree.level(0, frame, sample.metainfo['camera_id'])
        assert abs(image[0, 32, 32].item() * 60 + 120 - level) <= 2


@pytest.mark.parametrize(
    'method', ['fork', pytest.param('spawn', marks=pytest.mark.slow)]
)
def test_workers_map_the_same_files(make_tree, pipeline, method):
    tree = make_tree()
    dataset = DATASETS.build(multiview_cfg(tree, pipeline))
    loader = DataLoader(
        dataset,
        2,
        num_workers=1,
        multiprocessing_context=method,
        collate_fn=multiview_collate,
    )
    batch = next(iter(loader))
    expected = dataset[0]['data_samples'][2].gt_instances.keypoints
    np.testing.assert_array_equal(
        batch['data_samples'][2].gt_instances.keypoints, expected
    )


@pytest.mark.parametrize(
    'metainfo', [HAND_METAINFO, dict(from_file='configs/_base_/datasets/freihand2d.py')]
)
def test_mixed_with_a_single_view_data_set(
    make_tree, pipeline, metainfo, tmp_path, monkeypatch
):
    """CombinedDataset and MultiSourceSampler, as MMPose mixes data sets."""
    monkeypatch.chdir(tmp_path)  # MMPose's own file is found from anywhere
    rig = make_tree('rig', sequences={0: 8})
    photos = make_tree('photos', sequences={0: 10}, num_cameras=1)
    photos.remove('calib')
    photos.remove('xyz')
    dataset = DATASETS.build(
        dict(
            type='CombinedDataset',
            metainfo=metainfo,
            datasets=[
                multiview_cfg(rig, pipeline, num_views=(1, 3)),
                dict(
                    type='HanCoDataset', data_root=str(photos.root), pipeline=pipeline
                ),
            ],
        )
    )
    assert dataset.lens == [8, 10]
    sampler = DATA_SAMPLERS.build(
        dict(
            type='MultiSourceSampler',
            dataset=dataset,
            batch_size=3,
            source_ratio=[2, 1],
            seed=0,
        )
    )
    loader = DataLoader(
        dataset, 3, sampler=sampler, num_workers=2, collate_fn=multiview_collate
    )
    torch.manual_seed(0)  # which the draws of the workers follow
    sizes = set()
    for batch in loader:
        groups = ViewGroups.from_data_samples(batch['data_samples'])
        assert len(groups) == 3
        assert groups.sizes[2] == 1  # the photo
        assert 'photos' in batch['data_samples'][-1].metainfo['img_path']
        assert 'rig' in batch['data_samples'][0].metainfo['img_path']
        assert len(batch['inputs']) == sum(groups.sizes)
        sizes.update(groups.sizes[:2])
    assert sizes > {1} and sizes <= {1, 2, 3}


DISTRIBUTED = """
import json, logging, sys
import torch.distributed as dist
from mmengine.dataset import DefaultSampler
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
import hamuco_mm
from hamuco_mm.datasets import HanCoDataset, MultiViewDataset

init_default_scope('mmpose')
dist.init_process_group('gloo')
messages = []
handler = logging.Handler()
handler.emit = lambda record: messages.append(record.getMessage())
MMLogger.get_current_instance().addHandler(handler)
dist.barrier()
dataset = MultiViewDataset(HanCoDataset(sys.argv[1]))
frames = [dataset.get_data_info(i)['frame_id']
          for i in DefaultSampler(dataset, shuffle=False)]
results = [None, None]
builds = sum('Building the index' in message for message in messages)
dist.all_gather_object(results, (builds, len(dataset), frames))
if dist.get_rank() == 0:
    print('RESULT', json.dumps(results))
dist.destroy_process_group()
"""


@pytest.mark.slow
def test_two_processes_build_one_index_and_share_the_items(make_tree, tmp_path):
    tree = make_tree(sequences={0: 5})
    script = tmp_path / 'distributed.py'
    script.write_text(DISTRIBUTED)
    root = Path(__file__).parents[2]
    result = subprocess.run(
        [
            sys.executable,
            '-m',
            'torch.distributed.run',
            '--nproc-per-node=2',
            '--standalone',
            str(script),
            str(tree.root),
        ],
        env=dict(os.environ, PYTHONPATH=str(root), OMP_NUM_THREADS='1'),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr
    line = re.search('RESULT (.*)', result.stdout).group(1)
    (built_0, len_0, frames_0), (built_1, len_1, frames_1) = json.loads(line)
    assert built_0 + built_1 == 1
    assert len_0 == len_1 == 5
    assert len(frames_0) == len(frames_1) == 3  # rounded up
    assert set(frames_0) | set(frames_1) == {f'0000/0000000{f}' for f in range(5)}
