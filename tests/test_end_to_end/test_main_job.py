import json

import cv2
import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope

pytestmark = pytest.mark.slow

CHECKPOINT = 'epoch_1.pth'


def test_train_and_test(run, repository, demo_options, trained, tmp_path):
    """From disk to metric: the numbers of a test of the people for validation are
    those of the training's last validation."""
    out = tmp_path / 'metrics.json'
    run(
        repository / 'tools/test.py',
        repository / 'configs/hamuco_demo.py',
        trained / CHECKPOINT,
        '--work-dir',
        tmp_path,
        '--out',
        out,
        *demo_options,
        'test_dataloader.dataset.dataset.split=val',
    )
    metrics = json.loads(out.read_text())
    for kind in ('single', 'interact', 'fusion'):
        for name in ('MPJPE', 'N-MPJPE', 'PA-MPJPE', 'MPVPE', 'PA-MPVPE'):
            assert 0 < metrics[f'{kind}/{name}'] < 500
    scalars = next(trained.glob('*/vis_data/scalars.json')).read_text()
    validated = [
        json.loads(line) for line in scalars.splitlines() if 'fusion/PA-MPJPE' in line
    ]
    assert metrics['fusion/PA-MPJPE'] == pytest.approx(
        validated[-1]['fusion/PA-MPJPE'], rel=1e-4
    )


def test_resume(run, repository, demo_options, tmp_path):
    """A run stopped after the first epoch and resumed counts on where it
    stopped. (Its random crops are others than those of an unbroken run.)"""
    command = [repository / 'tools/train.py', repository / 'configs/hamuco_demo.py']
    options = [*demo_options, 'default_hooks.checkpoint.max_keep_ckpts=3']
    two = [
        *options,
        'train_cfg.max_epochs=2',
        'default_hooks.loss_schedule.warmup_epochs=1',
    ]
    run(*command, '--work-dir', tmp_path / 'whole', *two)
    run(*command, '--work-dir', tmp_path / 'parts', *two, 'train_cfg.max_epochs=1')
    run(*command, '--work-dir', tmp_path / 'parts', '--resume', *two)
    whole, parts = (
        torch.load(tmp_path / name / 'epoch_2.pth', weights_only=False)
        for name in ('whole', 'parts')
    )
    assert parts['meta']['iter'] == whole['meta']['iter']
    assert parts['meta']['epoch'] == 2


def test_single_view_deployment(repository, demo_data, trained):
    """The checkpoint in a plain TopdownPoseEstimator, on one image, through
    MMPose's own inference function."""
    from mmpose.apis import inference_topdown, init_model

    import hamuco_mm  # noqa: F401, before mmpose.apis, see compat.py

    init_default_scope('mmpose')
    demo = Config.fromfile(repository / 'configs/hamuco_demo.py')
    plain = Config.fromfile(
        repository / 'configs/hand_3d_keypoint/hamuco/demo'
        '/td-mano_res18w32_demo-96x96.py'
    )
    path = demo_data / 'rgb/1200/cam0/00000000.jpg'
    model = init_model(plain, str(trained / CHECKPOINT), device='cpu')
    assert type(model).__name__ == 'TopdownPoseEstimator'
    assert demo.model.type == 'HaMuCo'
    size = cv2.imread(str(path)).shape[0]
    box = np.array([[0, 0, size, size]], np.float32)
    pred = inference_topdown(model, str(path), box)[0].pred_instances
    assert pred.keypoints.shape == (1, 21, 2)
    assert pred.vertices.shape == (1, 778, 3)
    assert np.isfinite(pred.keypoints_cam).all()


def test_missing_data_is_explained_before_training(run, repository, tmp_path):
    output = run(
        repository / 'tools/train.py',
        repository / 'configs/hamuco_demo.py',
        '--work-dir',
        tmp_path,
        '--cfg-options',
        f'train_dataloader.dataset.dataset.data_root={tmp_path}/nowhere',
        check=False,
    )
    assert f'{tmp_path}/nowhere' in output and 'data_root' in output
    assert 'Epoch(train)' not in output


def test_the_papers_config_trains_on_hancos_layout(run, repository, tmp_path):
    """One epoch at 256 px with the authors' crops, in which the losses
    between views come on."""
    data = tmp_path / 'hanco'
    run(
        repository / 'tools/misc/generate_demo_data.py',
        data,
        '--num-train-sequences',
        1,
        '--num-test-sequences',
        1,
        '--frames',
        2,
        '--views',
        3,
        '--image-size',
        224,
        '--workers',
        1,
    )
    # HanCo's test images have other backgrounds, in a folder of their own
    (data / 'rgb_merged').symlink_to(data / 'rgb')
    datasets = [
        f'{split}_dataloader.dataset.dataset' for split in ('train', 'val', 'test')
    ]
    output = run(
        repository / 'tools/train.py',
        repository / 'configs/hand_3d_keypoint/hamuco/hanco'
        '/hamuco_res18_1xb8-40e_hanco-256x256.py',
        '--work-dir',
        tmp_path,
        '--cfg-options',
        *[f'{name}.data_root={data}' for name in datasets],
        'model.head.hand_model.path=None',
        'model.backbone.init_cfg=None',
        'train_cfg.max_epochs=1',
        'train_dataloader.batch_size=1',
        'train_dataloader.num_workers=0',
        'val_dataloader.num_workers=0',
        'train_dataloader.persistent_workers=False',
        'train_dataloader.prefetch_factor=None',
        'val_dataloader.persistent_workers=False',
        'default_hooks.loss_schedule.warmup_epochs=0',
        'default_hooks.logger.interval=1',
    )
    assert 'loss_consistency_2d' in output
    assert 'loss_consistency_fusion' in output
    assert 'fusion/PA-MPJPE' in output
