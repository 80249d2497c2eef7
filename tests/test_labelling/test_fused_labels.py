"""Labels of a trained network, and trainings with them."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_checks import load_script
from mmengine.structures import InstanceData
from mmpose.structures import PoseDataSample

from hamuco_mm.labelling import labels_of_time_steps, view_agreement
from hamuco_mm.synthesis import DatasetConfig, SceneConfig, generate_dataset
from hamuco_mm.synthesis.rig import RigConfig

REPOSITORY = Path(__file__).resolve().parents[2]
RNG = np.random.default_rng(0)
HAND = RNG.uniform(-0.08, 0.08, (21, 3))


def views_of(hand, number=4):
    return np.repeat(hand[None], number, 0)


def test_views_that_agree_are_trusted():
    fused = views_of(HAND)
    np.testing.assert_allclose(view_agreement(fused, fused), 1)
    # a hand that is elsewhere is the same hand
    np.testing.assert_allclose(view_agreement(fused + 0.03, fused), 1)


def test_agreement_of_one_joint_in_closed_form():
    fused = views_of(HAND)
    own = fused.copy()
    own[0, 4, 0] += 0.02
    size = np.ptp(HAND, axis=0).max()
    # the centre of that view's joints moves, too
    squared = (0.02 * 20 / 21 / size) ** 2 / 4
    found = view_agreement(own, fused, tolerance=0.1)
    assert found[4] == pytest.approx(np.exp(-2 * squared / 0.01))
    assert found.argmin() == 4


def test_larger_disagreement_is_less_confidence():
    fused = views_of(HAND)
    noise = RNG.normal(size=fused.shape)
    levels = [view_agreement(fused + s * noise, fused) for s in (0.002, 0.01, 0.03)]
    assert (levels[0] > levels[1]).all() and (levels[1] > levels[2]).all()
    assert ((levels[2] >= 0) & (levels[0] <= 1)).all()


def sample(frame, camera, num_views):
    instances = InstanceData(
        keypoints_fused=RNG.uniform(0, 100, (1, 21, 2)),
        keypoints_cam_interact=HAND[None],
        keypoints_cam_fused=HAND[None],
    )
    metainfo = dict(frame_id=frame, camera_id=camera, num_views=num_views)
    made = PoseDataSample(metainfo=metainfo)
    made.pred_instances = instances
    return made


def test_labels_are_the_fused_hand_of_each_image():
    samples = [
        sample('0003/00000001', 2, 2),
        sample('0003/00000001', 5, 2),
        sample('0003/00000002', 2, 1),
        sample('0004/00000001', 0, 2),
        sample('0004/00000001', 1, 2),
    ]
    labels = dict(labels_of_time_steps(samples))
    assert list(labels) == [
        '0003/cam2/00000001',
        '0003/cam5/00000001',
        '0004/cam0/00000001',
        '0004/cam1/00000001',
    ]
    expected = samples[1].pred_instances.keypoints_fused[0]
    np.testing.assert_array_equal(labels['0003/cam5/00000001'].keypoints, expected)


@pytest.mark.slow
def test_two_rounds_in_one_call(tmp_path):
    """Round 2 trains with the labels of round 1; a call again does nothing."""
    data, work_dir = tmp_path / 'data', tmp_path / 'work'
    config = DatasetConfig(
        num_train_sequences=2,
        num_test_sequences=1,
        frames=2,
        scene=SceneConfig(image_size=48, rig=RigConfig(num_views=3)),
    )
    generate_dataset(config, str(data), workers=1)
    base = (
        'hand_3d_keypoint/hamuco/openhandmv/hamuco_res18_1xb16-10e_openhandmv-128x128'
    )
    config = tmp_path / 'small.py'
    config.write_text(f"""
_base_ = [{str(REPOSITORY / 'configs' / base) + '.py'!r}]
train_cfg = dict(max_epochs=1, val_interval=5)
val_cfg = val_dataloader = val_evaluator = None
here = dict(num_workers=0, persistent_workers=False, pin_memory=False, batch_size=2)
inside = dict(data_root={str(data)!r}, fixed_bbox=(0, 0, 48, 48))
train_dataloader = dict(here, prefetch_factor=None, dataset=dict(dataset=inside))
test_dataloader = dict(here, dataset=dict(dataset=inside))
model = dict(
    backbone=dict(stem_channels=8, base_channels=8), head=dict(hidden_channels=16),
    view_head=dict(hidden_channels=16))
""")

    def relabel(*options):
        command = [REPOSITORY / 'tools/misc/relabel.py', config, '--rounds', 2]
        command += ['--work-dir', work_dir, '--workers', 0, '--shard-size', 3]
        done = subprocess.run(
            [sys.executable, *map(str, command), *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert done.returncode == 0, done.stdout[-4000:]
        return done.stdout

    relabel()
    for number in (1, 2):
        labels = work_dir / f'round_{number}/labels'
        names = sorted(path.relative_to(labels) for path in labels.rglob('0*.json'))
        before = data / 'rgb_2D_keypoints'
        assert names == sorted(p.relative_to(before) for p in before.rglob('0*.json'))
        for name in names:
            points, confidence = json.loads((labels / name).read_text())
            assert np.shape(points) == (21, 2) and np.shape(confidence) == (21,)
            points_before, _ = json.loads((before / name).read_text())
            kept = np.allclose(points, points_before, atol=1e-3)
            assert kept == (int(name.parts[0]) >= 1200), name
    assert (
        str(work_dir / 'round_1/labels')
        in (work_dir / 'round_2/relabel_config.py').read_text()
    )
    again = relabel()
    assert again.count('is complete') == 2 and 'warning: ' not in again
    again = relabel('--cfg-options', 'train_cfg.max_epochs=2')
    assert (
        again.count('is complete') == again.count('was made with another config') == 2
    )


def test_rounds_of_other_settings(tmp_path):
    """They are complete, and not what the command asks for now."""
    tool = load_script(REPOSITORY / 'tools/misc/relabel.py')
    checkpoint = tmp_path / 'best.pth'
    checkpoint.write_bytes(b'network')
    made_with = [('lr = 1', None), ('lr = 2', None), ('lr = 1', checkpoint)]
    settings = [tool.settings_of_round(*arguments) for arguments in made_with]
    checkpoint.write_bytes(b'trained on')
    settings.append(tool.settings_of_round('lr = 1', checkpoint))
    for made in settings:
        source = dict(made, sha256='of the network', config='a.py')
        (tmp_path / 'source.json').write_text(json.dumps(source))
        assert [tool.is_of_other_settings(tmp_path, now) for now in settings] == [
            now != made for now in settings
        ]
    assert len({str(made) for made in settings}) == 4
