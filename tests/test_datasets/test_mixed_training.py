"""The configs that mix data sets, or start from a single-view checkpoint, on
data small enough for a test."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from json_writing import write_json
from mmengine.config import Config
from mmengine.runner import Runner, load_checkpoint
from mmpose.registry import MODELS
from published_layouts import write_freihand, write_image
from scipy.spatial import procrustes

CONFIGS = Path(__file__).resolve().parents[2] / 'configs/hand_3d_keypoint/hamuco'
SIZE = (64, 64)


def shrink(cfg, work_dir):
    """A narrow network, small crops, no downloads, a few iterations."""
    cfg.codec.input_size = SIZE
    cfg.model.backbone.update(depth=18, stem_channels=8, base_channels=8, init_cfg=None)
    cfg.model.head.update(
        in_channels=64, hidden_channels=32, hand_model=None, decoder=cfg.codec
    )
    if 'view_neck' in cfg.model:
        cfg.model.view_neck.update(
            in_channels=(8, 16, 32, 64),
            location_channels=8,
            global_channels=8,
            local_channels=16,
            grid_size=2,
        )
        cfg.model.view_head.update(in_channels=32, hidden_channels=32, hand_model=None)
    cfg.work_dir = str(work_dir)
    # one of this name may be there already, of another test
    cfg.visualizer.name = str(work_dir)
    if 'hand_model' in cfg.visualizer:
        cfg.visualizer.hand_model = None
    cfg.default_hooks.logger.interval = 1
    cfg.env_cfg.dist_cfg.backend = 'gloo'
    return cfg


def shrink_pipeline(pipeline):
    for step in pipeline:
        if step.type == 'FastTopdownAffine':
            step.input_size = SIZE
        if step.type == 'GenerateTarget':
            step.encoder.input_size = SIZE


def single_process(loader):
    loader.num_workers = 0
    loader.persistent_workers = False
    loader.prefetch_factor = None


def write_rig(root, with_truth=False):
    """Three time steps of three cameras, without a calibration; or with one, and
    with 3D joints."""
    rng = np.random.default_rng(0)
    for frame in range(3):
        for camera in ('left', 'right', 'top'):
            write_image(root / f'images/0000/{camera}/{frame:04d}.jpg', (160, 120))
            joints = np.column_stack(
                [rng.uniform(40, 100, (21, 2)), rng.uniform(0.5, 1, 21)]
            )
            write_json(
                root / f'labels/0000/{camera}/{frame:04d}.json',
                dict(keypoints=joints.tolist()),
            )
        if with_truth:
            xyz = rng.uniform(-0.1, 0.1, (21, 3))
            write_json(root / f'xyz/0000/{frame:04d}.json', xyz.tolist())
    if with_truth:
        K = [[200, 0, 80], [0, 200, 60], [0, 0, 1]]
        camera = dict(K=K, R=np.eye(3).tolist(), t=[0, 0, 0.6], width=160, height=120)
        cameras = dict.fromkeys(('left', 'right', 'top'), camera)
        meaning = dict(extrinsics='world2cam', unit='m')
        write_json(root / 'calibration.json', dict(meaning, cameras=cameras))


@pytest.fixture
def work_dir(tmp_path):
    return tmp_path / 'work'


@pytest.mark.slow
def test_unlabelled_views_with_labelled_photos(make_tree, tmp_path, work_dir):
    """Only the photos' 3D labels count, and everything gets a gradient."""
    rig = make_tree(sequences={0: 3})
    write_freihand(tmp_path / 'freihand')
    cfg = shrink(
        Config.fromfile(
            CONFIGS / 'mixed' / 'hamuco_res50_1xb8-40e_hanco-freihand-256x256.py'
        ),
        work_dir,
    )
    multiview, photos = cfg.train_dataloader.dataset.datasets
    for dataset in (multiview.dataset, photos):
        shrink_pipeline(dataset.pipeline)
    multiview.dataset.data_root = str(rig.root)
    photos.data_root = str(tmp_path / 'freihand')
    photos.hand_model.path = None
    loader = cfg.train_dataloader
    single_process(loader)
    loader.batch_size = loader.sampler.batch_size = 6
    loader.sampler.source_ratio = [2, 4]
    cfg.val_dataloader = cfg.val_evaluator = cfg.val_cfg = None
    cfg.test_dataloader = cfg.test_evaluator = cfg.test_cfg = None
    cfg.train_cfg = dict(by_epoch=True, max_epochs=2)
    cfg.default_hooks.checkpoint = dict(type='CheckpointHook', interval=2)
    cfg.default_hooks.loss_schedule.warmup_epochs = 1
    runner = Runner.from_cfg(cfg)

    batch = next(iter(runner.build_dataloader(cfg.train_dataloader, seed=0)))
    labelled = [
        'keypoints_cam_labels' in sample.gt_instance_labels
        and 'vertices_labels' in sample.gt_instance_labels
        for sample in batch['data_samples']
    ]
    assert labelled == 6 * [False] + 4 * [True]

    runner.model.init_weights()
    data = runner.model.data_preprocessor(batch, training=True)
    losses = runner.model.loss(data['inputs'], data['data_samples'])
    # the loss of the four photos, whatever is beside them in the batch
    runner.model.head.train()
    photos_only = data['data_samples'][6:]
    estimate = runner.model.head.forward(runner.model.extract_feat(data['inputs']))
    joints = estimate.mesh.joints[6:]
    target = torch.as_tensor(
        np.concatenate(
            [
                np.asarray(sample.gt_instance_labels.keypoints_cam_labels)
                for sample in photos_only
            ]
        )
    )
    expected = 5 * (joints - target).abs().mean() / 0.2
    torch.testing.assert_close(losses['loss_kpt_cam_single'], expected)
    total, _ = runner.model.parse_losses(losses)
    total.backward()
    assert [
        name
        for name, p in runner.model.named_parameters()
        if p.requires_grad and p.grad is None
    ] == []

    runner.train()
    log = next(work_dir.glob('*/vis_data/scalars.json'))
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert runner.iter == len(lines) == 6  # 15 items in batches of 6, twice
    names = {
        'loss_kpt_single',
        'loss_kpt_cam_single',
        'loss_vertex_single',
        'loss_kpt_cam_interact',
        'loss_vertex_interact',
    }
    for line in lines:
        assert names <= set(line)
        assert np.isfinite(list(map(line.get, names))).all()
    assert 'loss_distill' not in lines[0] and 'loss_distill' in lines[-1]


@pytest.mark.slow
def test_a_single_view_checkpoint_on_a_new_rig(tmp_path, work_dir):
    single = shrink(
        Config.fromfile(CONFIGS / 'hanco/td-mano_res50_hanco-256x256.py'), work_dir
    )
    trained = MODELS.build(single.model)
    checkpoint = tmp_path / 'single.pth'
    torch.save(dict(state_dict=trained.state_dict(), meta={}), checkpoint)

    root = tmp_path / 'rig'
    write_rig(root)
    cfg = shrink(
        Config.fromfile(
            CONFIGS / 'rig' / 'hamuco_res50_1xb8-10e_finetune-rig-256x256.py'
        ),
        work_dir,
    )
    cfg.load_from = str(checkpoint)
    # epochs as short as this data set, which rigs repeat
    cfg.train_dataloader.sampler = dict(type='DefaultSampler', shuffle=True)
    for name in ('train', 'val', 'test'):
        loader = cfg[f'{name}_dataloader']
        single_process(loader)
        loader.batch_size = 2
        loader.dataset.dataset.update(data_root=str(root), ann_file='')
        shrink_pipeline(loader.dataset.dataset.pipeline)
    cfg.train_cfg.max_epochs = 2
    cfg.default_hooks.loss_schedule.warmup_epochs = 1
    runner = Runner.from_cfg(cfg)
    runner.train()

    log = next(work_dir.glob('*/vis_data/scalars.json')).read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    losses = [line for line in lines if 'loss' in line]
    assert len(losses) == 4
    assert not any('kpt_cam' in key for line in losses for key in line)
    assert 'loss_distill' in losses[-1]
    scores = [line for line in lines if 'fusion/reprojection_px' in line]
    assert len(scores) == 2
    # it began at the checkpoint, and the backbone moved little
    before = trained.state_dict()
    after = runner.model.state_dict()
    for key in ('backbone.layer4.0.conv1.weight', 'head.pose.0.weight'):
        change = (after[key] - before[key]).abs().max()
        assert 0 < change < 2e-3, key
    single_view = MODELS.build(single.model)
    saved = sorted(work_dir.glob('epoch_*.pth'))[-1]
    load_checkpoint(single_view, str(saved), map_location='cpu')
    torch.testing.assert_close(
        single_view.head.pose[0].weight, after['head.pose.0.weight']
    )


@pytest.mark.slow
def test_a_rig_with_generated_hands(tmp_path, work_dir):
    """Only generated hands teach in 3D; they are rendered as the training goes on."""
    root = tmp_path / 'rig'
    write_rig(root, with_truth=True)
    cfg = shrink(
        Config.fromfile(
            CONFIGS / 'rig' / 'hamuco_res18w32_generated-mix_1xb8-10e_rig-96x96.py'
        ),
        work_dir,
    )
    for part in ('head', 'view_neck', 'view_head'):
        cfg.model[part].init_cfg = None
    recorded, generated = cfg.train_dataloader.dataset.datasets
    for dataset in (recorded.dataset, generated.dataset):
        shrink_pipeline(dataset.pipeline)
    loader = cfg.val_dataloader
    single_process(loader)
    shrink_pipeline(loader.dataset.dataset.pipeline)
    for dataset in (recorded, loader.dataset):
        dataset.dataset.update(data_root=str(root), ann_file='')
    generated.dataset.update(num_time_steps=5, scene=dict(labels=None, image_size=48))
    cfg.test_dataloader = cfg.test_evaluator = cfg.test_cfg = None
    cfg.train_cfg.max_epochs = 2
    runner = Runner.from_cfg(cfg)

    batch = next(iter(runner.build_dataloader(cfg.train_dataloader, seed=0)))
    in_3d = [
        'keypoints_cam_labels' in sample.gt_instance_labels
        for sample in batch['data_samples']
    ]
    assert in_3d == 12 * [False] + 12 * [True]
    assert (
        'keypoints_cam'
        in runner.val_loop.dataloader.dataset[0]['data_samples'][0].gt_instances
    )
    assert all('keypoint_labels' in s.gt_instance_labels for s in batch['data_samples'])

    runner.train()
    log = next(work_dir.glob('*/vis_data/scalars.json')).read_text()
    lines = [json.loads(line) for line in log.splitlines()]
    assert runner.iter == 2  # 3 + 5 time steps in batches of 8, twice
    losses = [line for line in lines if 'loss' in line][-1]
    assert np.isfinite(losses['loss_kpt_cam_single'])
    assert np.isfinite(losses['loss_kpt_cam_interact'])
    assert any('fusion/reprojection_px' in line for line in lines)


@pytest.mark.slow
def test_freihands_challenge(tmp_path, work_dir):
    """The file for the server gives the number that the metric reports."""
    write_freihand(tmp_path / 'data', 'evaluation', count=4)
    cfg = shrink(
        Config.fromfile(CONFIGS / 'freihand/td-mano_res50_freihand-256x256.py'),
        work_dir,
    )
    loader = cfg.test_dataloader
    single_process(loader)
    loader.batch_size = 3
    loader.dataset.data_root = str(tmp_path / 'data')
    shrink_pipeline(loader.dataset.pipeline)
    cfg.test_evaluator[1].out_file = str(tmp_path / 'pred.json')
    for part in ('dataloader', 'evaluator', 'cfg'):
        cfg[f'val_{part}'] = None
    cfg.train_dataloader = cfg.train_cfg = cfg.optim_wrapper = None
    cfg.param_scheduler = None
    reported = Runner.from_cfg(cfg).test()

    predicted, meshes = json.loads((tmp_path / 'pred.json').read_text())
    truth = json.loads((tmp_path / 'data/evaluation_xyz.json').read_text())
    assert np.shape(meshes) == (4, 778, 3)
    errors = []
    for points, target in zip(np.array(predicted), np.array(truth)):
        size = np.linalg.norm(target - target.mean(0))
        a, b, _ = procrustes(target, points)  # scipy's, both of size 1
        errors.append(size * np.linalg.norm(a - b, axis=-1).mean())
    assert reported['FreiHAND/xyz_al_mean3d'] == pytest.approx(
        100 * np.mean(errors), rel=1e-4
    )
    assert reported['FreiHAND/xyz_mean3d'] > reported['FreiHAND/xyz_al_mean3d']
    assert 0 <= reported['FreiHAND/f_al_score_15'] <= 1
