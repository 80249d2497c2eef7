"""Pseudo labels by a model: what they are, resuming, and bad input."""

import importlib.util
import json
import sys

import numpy as np
import pytest
import torch
from label_trees import SIZE, LabelTree, write_model
from mmpose.apis import inference_topdown, init_model

from hamuco_mm.datasets import HanCoDataset, RigHandDataset
from hamuco_mm.labelling import (
    ModelInputs,
    Shards,
    label_images,
    open_target,
    predictor,
    read_labels,
)
from hamuco_mm.labelling import boxes as box_sources

# RHD's names, and where those joints are among our 21
RHD = {'wrist': 0}
for finger, start in dict(
    thumb=0, forefinger=4, middle_finger=8, ring_finger=12, pinky_finger=16
).items():
    RHD.update({f'{finger}{i}': start + i for i in (1, 2, 3, 4)})


@pytest.fixture(scope='module')
def model_files(tmp_path_factory):
    return write_model(tmp_path_factory.mktemp('model'))


@pytest.fixture(scope='module')
def model(model_files):
    return init_model(*map(str, model_files), device='cpu')


@pytest.fixture
def tree(tmp_path):
    return LabelTree(tmp_path, frames=2, cameras=3)


@pytest.fixture
def tool(repository, monkeypatch):
    """Runs the command within this process."""
    path = repository / 'tools/misc/pseudo_label.py'
    spec = importlib.util.spec_from_file_location('pseudo_label', path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)

    def run(*arguments):
        monkeypatch.setattr(
            sys, 'argv', [str(path), *map(str, arguments), '--workers', '0']
        )
        module.main()

    return run


def expected(model, path, box=None):
    """What MMPose predicts, one image at a time, in our order."""
    found = inference_topdown(model, str(path), None if box is None else [box])
    found = found[0].pred_instances
    names = model.dataset_meta['keypoint_id2name']
    points, scores = np.zeros((21, 2)), np.zeros(21)
    for joint in range(21):
        points[RHD[names[joint]]] = found.keypoints[0, joint]
        scores[RHD[names[joint]]] = found.keypoint_scores[0, joint]
    return points, scores.clip(0, 1)


def hanco_label(directory, name):
    points, scores = json.loads((directory / f'{name}.json').read_text())
    return np.array(points), np.array(scores)


def test_hanco_labels_are_those_of_mmpose(tree, tool, model, model_files):
    tool(tree.hanco, *model_files, '--batch-size', 4, '--shard-size', 5)
    out = tree.hanco / 'rgb_2D_keypoints'
    for name in tree.names:
        points, scores = expected(model, tree.image(name))
        found = hanco_label(out, name)
        np.testing.assert_allclose(found[0], points, atol=2e-3)
        np.testing.assert_allclose(found[1], scores, atol=2e-3)
        assert found[1].max() > 0.3 and np.ptp(found[0]) > 5
    # nothing else is left, and the data set reads it
    assert sorted(path.name for path in tree.hanco.iterdir()) == [
        'rgb',
        'rgb_2D_keypoints',
    ]
    assert json.loads((out / 'source.json').read_text())['boxes'] == 'image'
    assert len(HanCoDataset(str(tree.hanco), test_mode=True)) == 6


def test_settings_of_the_model(tree, tool, model_files, tmp_path, capsys):
    """On the command line are those in its config file."""
    config, checkpoint = model_files
    source = tree.write_rig(labelled=False)
    other = tmp_path / 'other.py'
    other.write_text(config.read_text().replace('flip_test=True', 'flip_test=False'))
    changed = ['--cfg-options', 'model.test_cfg.flip_test=False']
    written = []
    for path, *options in ((config,), (config, *changed), (other,)):
        out = tree.rig / f'labels{len(written)}.json'
        tool(source, path, checkpoint, '--out', out, *options)
        written.append(json.loads(out.read_text())['annotations'])
    assert written[1] == written[2] != written[0]
    for wrong in ('model.tset_cfg.flip_test=False', 'modell.test_cfg=None'):
        with pytest.raises(SystemExit, match='did you mean|nearest'):
            tool(source, *model_files, '--cfg-options', wrong)
    with pytest.raises(SystemExit):
        tool(source, '--openpose', tmp_path, *changed)
    assert '--cfg-options needs CONFIG and CHECKPOINT' in capsys.readouterr().err


def test_rig_labels_are_those_of_mmpose(tree, tool, model, model_files):
    source = tree.write_rig(labelled=False)
    before = json.loads(source.read_text())
    tool(tree.rig, *model_files, '--box', 4, 6, 50, 40)
    after = json.loads((tree.rig / 'rig_pseudo.json').read_text())
    assert json.loads(source.read_text()) == before
    assert after['images'] == before['images']
    assert after['cameras'] == before['cameras']
    assert after['info']['pseudo_labels']['checkpoint'].endswith('tiny.pth')
    dataset = RigHandDataset(str(tree.rig), 'rig_pseudo.json')
    assert len(dataset) == 6
    for i in range(6):
        item = dataset.get_data_info(i)
        points, scores = expected(model, item['img_path'], np.array([4, 6, 50, 40.0]))
        np.testing.assert_allclose(item['keypoints'][0], points, atol=2e-3)
        np.testing.assert_allclose(item['keypoints_visible'][0], scores, atol=2e-3)


@pytest.mark.parametrize('form', ['rig', 'hanco'])
def test_boxes_of_the_data_set(tree, tool, model, model_files, form):
    """Existing annotations keep their id and box, and get new joints."""
    if form == 'rig':
        source = tree.write_rig()
        before = json.loads(source.read_text())
        tool(source, *model_files, '--boxes', 'data', '--out', tree.rig / 'new.json')
        after = json.loads((tree.rig / 'new.json').read_text())
        for old, new in zip(before['annotations'], after['annotations']):
            assert new['id'] == old['id'] and new['bbox'] == old['bbox']
            x, y, w, h = old['bbox']
            name = tree.names[old['image_id']]
            points, _ = expected(
                model, tree.image(name), np.array([x, y, x + w, y + h])
            )
            np.testing.assert_allclose(
                np.reshape(new['keypoints'], (21, 3))[:, :2], points, atol=2e-3
            )
        return
    tree.write_hanco_labels()
    boxes = {
        item['img_path']: item['bbox'][0]
        for item in HanCoDataset(str(tree.hanco), test_mode=True)
    }
    tool(tree.hanco, *model_files, '--boxes', 'data', '--overwrite')
    for name in tree.names:
        box = boxes[str(tree.image(name))]
        points, _ = expected(model, tree.image(name), box)
        found, _ = hanco_label(tree.hanco / 'rgb_2D_keypoints', name)
        np.testing.assert_allclose(found, points, atol=2e-3)


def test_a_box_file_says_where_there_is_no_hand(
    tree, tool, model, model_files, tmp_path
):
    boxes = {name: [10, 5, 60, 45] for name in tree.names[1:]}
    boxes[tree.names[1]] = None
    file = tmp_path / 'boxes.json'
    file.write_text(json.dumps(boxes))
    tool(tree.hanco, *model_files, '--boxes', file)
    out = tree.hanco / 'rgb_2D_keypoints'
    for name in tree.names[:2]:
        assert not hanco_label(out, name)[1].any()
    points, _ = expected(model, tree.image(tree.names[2]), np.array([10, 5, 60, 45.0]))
    np.testing.assert_allclose(hanco_label(out, tree.names[2])[0], points, atol=2e-3)


def test_a_detector_gives_the_box(tree):
    def detect(pixels):
        assert pixels.shape == (SIZE[1], SIZE[0], 3)
        return np.array([[0, 0, 9, 9, 0.4], [8, 4, 40, 30, 0.8], [1, 1, 5, 5, 0.1]])

    images = open_target(tree.hanco).images
    box = box_sources.DetectorBoxes(detect)(images[0])
    np.testing.assert_array_equal(box, [8, 4, 40, 30])
    assert box_sources.DetectorBoxes(detect, 0.9)(images[0]) is None


def test_unreadable_images_get_no_label(tree, tool, model_files, capsys):
    for name in tree.names[:2]:
        tree.image(name).write_bytes(b'no image')
    tool(tree.hanco, *model_files)
    out = tree.hanco / 'rgb_2D_keypoints'
    assert len(list(out.glob('*/*/*.json'))) == 4
    assert '2 of 6 images are not readable' in capsys.readouterr().out
    # also where the box does not need the image
    (out / 'source.json').unlink()
    tool(tree.hanco, *model_files, '--box', 0, 0, 40, 40, '--overwrite')
    assert len(list(out.glob('*/*/*.json'))) == 4


def test_interrupted_and_resumed_is_uninterrupted(tree, tool, model_files, monkeypatch):
    options = *model_files, '--batch-size', 1, '--shard-size', 2
    whole, halved = tree.hanco / 'whole', tree.hanco / 'halved'
    tool(tree.hanco, *options, '--out', whole)

    predict, predicted = predictor.HandPredictor.__call__, []

    def interrupted(self, inputs, sides):
        if len(predicted) == 3:
            raise KeyboardInterrupt
        predicted.append(len(inputs))
        return predict(self, inputs, sides)

    monkeypatch.setattr(predictor.HandPredictor, '__call__', interrupted)
    with pytest.raises(KeyboardInterrupt):
        tool(tree.hanco, *options, '--out', halved)
    shards = halved.with_name('halved.shards')
    assert not halved.exists() and len(list(shards.glob('*.npz'))) == 1

    # other settings do not go on with it
    with pytest.raises(SystemExit, match='other settings .boxes.'):
        tool(tree.hanco, *options, '--out', halved, '--box', 0, 0, 9, 9)
    with pytest.raises(SystemExit, match='other settings'):
        setting = 'model.test_cfg.flip_test=False'
        tool(tree.hanco, *options, '--out', halved, '--cfg-options', setting)

    predicted.clear()
    predicted += [0] * 4  # never interrupts
    tool(tree.hanco, *options, '--out', halved)
    assert sum(predicted) == 4  # 6 images less the shard that was there
    assert not shards.exists()
    for name in tree.names:
        assert (whole / f'{name}.json').read_text() == (
            halved / f'{name}.json'
        ).read_text()


def test_shards_are_the_same_for_any_number_of_processes(tree, model_files, tmp_path):
    predict = predictor.HandPredictor(*map(str, model_files))
    images = open_target(tree.hanco).images
    inputs = ModelInputs(
        images, box_sources.WholeImage(), predict.pipeline, predict.meta
    )
    labels = []
    for world_size in (1, 2):
        shards = Shards(tmp_path / str(world_size), tree.names, dict(a=(1, 2)), size=2)
        shards.open()
        for rank in range(world_size):
            label_images(inputs, predict, shards, rank, world_size, 3)
        shards.open()  # the same settings
        labels.append(dict(read_labels(shards)))
    assert list(labels[0]) == list(range(6))
    for index in range(6):
        np.testing.assert_allclose(
            labels[0][index].keypoints, labels[1][index].keypoints, atol=1e-4
        )


def test_scores_without_a_limit_are_said_once(tree, model_files, logged):
    """Those of RTMW and DWPose go up to 8 and more."""
    predict = predictor.HandPredictor(*map(str, model_files))
    images = open_target(tree.hanco).images
    inputs = ModelInputs(
        images, box_sources.WholeImage(), predict.pipeline, predict.meta
    )
    batch = [inputs[0][2]], ['right']
    predict(*batch)
    assert not any('taken as 1' in line for line in logged)
    with torch.no_grad():
        predict.model.head.final_layer.bias.fill_(8)
    for _ in range(2):
        assert predict(*batch)[1].min() == 1
    (said,) = (line for line in logged if 'taken as 1' in line)
    assert 'clean_labels.py' in said


def test_a_run_does_not_go_on_with_images_that_were_replaced(tree):
    image = open_target(tree.hanco).images[0]
    before = image.version()
    assert before == image.version() != ''
    content = image.path.read_bytes()
    image.path.write_bytes(content + b' ')
    assert image.version() != before
    assert image._replace(path=image.path / 'none').version() == ''


def test_the_hand_of_a_model_of_both(model):
    names = [f'{side}_{name}' for side in ('right', 'left') for name in RHD]
    meta = dict(keypoint_id2name=dict(enumerate(names)))
    right = predictor.joint_order(meta, 'right')
    assert [names[i] for i in right] == [
        f'right_{name}' for name, _ in sorted(RHD.items(), key=lambda i: i[1])
    ]
    np.testing.assert_array_equal(predictor.joint_order(meta, 'left'), right + 21)


def test_files_of_another_rig(tree, tool, tmp_path):
    (tmp_path / 'empty').mkdir()
    with pytest.raises(SystemExit, match='empty/0000/cam0/00000000'):
        tool(
            tree.hanco, '--mediapipe', tmp_path / 'empty', '--coordinates', 'normalized'
        )
    assert not (tree.hanco / 'rgb_2D_keypoints').exists()


@pytest.mark.parametrize(
    'options',
    [
        ('config.py',),
        (),
        ('--mediapipe', 'd'),
        ('--openpose', 'd', '--coordinates', 'pixels'),
        ('--openpose', 'd', '--launcher', 'pytorch'),
        ('config.py', 'weights.pth', '--batch-size', '0'),
    ],
)
def test_options_that_do_not_go_together(tree, tool, options):
    with pytest.raises(SystemExit) as raised:
        tool(tree.hanco, *options)
    assert raised.value.code == 2


def test_bad_input(tree, tool, model_files, tmp_path):
    def refused(match, *arguments):
        with pytest.raises(SystemExit, match=match):
            tool(*arguments)

    config, checkpoint = model_files
    refused('there is no .*nowhere', tmp_path / 'nowhere', *model_files)
    refused('neither a rig', tmp_path, *model_files)
    (tmp_path / 'rgb.lmdb').mkdir()
    (tmp_path / 'rgb.lmdb/data.mdb').write_bytes(b'')
    refused('in rgb.lmdb alone', tmp_path, *model_files)
    refused('there is no .*none.pth', tree.hanco, config, tmp_path / 'none.pth')
    refused("'image', 'data' or a JSON", tree.hanco, *model_files, '--boxes', 'all')
    refused('x1 < x2', tree.hanco, *model_files, '--box', 9, 9, 1, 1)
    boxes = tmp_path / 'boxes.json'
    boxes.write_text('{"elsewhere": [0, 0, 9, 9]}')
    refused('has no box of any image', tree.hanco, *model_files, '--boxes', boxes)
    boxes.write_text(json.dumps({tree.names[0]: [0.1, 0.2, 0.5, 1]}))
    parts = 'has no coordinate above 1: parts of the image, not pixels'
    refused(f'{tree.names[0]} {parts}', tree.hanco, *model_files, '--boxes', boxes)
    refused(f'the box {parts}', tree.hanco, *model_files, '--box', 0, 0, 1, 1)
    tree.write_hanco_labels()
    refused('--overwrite', tree.hanco, *model_files)
    refused(
        'should be in', tree.write_rig(), *model_files, '--out', tmp_path / 'rig.json'
    )

    text = config.read_text()
    other = tmp_path / 'other.py'
    other.write_text(
        text.replace('base_channels=8', 'base_channels=16').replace(
            'in_channels=8', 'in_channels=16'
        )
    )
    refused('it is of another network', tree.rig, other, checkpoint)
    other.write_text(text.replace('rhd2d.py', 'coco.py'))
    refused('are not those of a hand', tree.rig, other, checkpoint)

    rig = json.loads((tree.rig / 'rig.json').read_text())
    rig['annotations'].append(dict(rig['annotations'][0], id=999, hand_side='left'))
    (tree.rig / 'rig.json').write_text(json.dumps(rig))
    refused('has two hands', tree.rig, *model_files)
    assert not list(tmp_path.glob('**/*.shards'))


def test_left_hands_are_not_for_a_model_of_right_ones(
    tree, tool, model_files, repository
):
    """The head of td-mano has a right hand; a heatmap head has none."""
    source = tree.write_rig()
    content = json.loads(source.read_text())
    content['annotations'][-1]['hand_side'] = 'left'
    source.write_text(json.dumps(content))
    config = (
        repository
        / 'configs/hand_3d_keypoint/hamuco/demo'
        / 'td-mano_res18w32_demo-96x96.py'
    )
    with pytest.raises(SystemExit, match='left hand.*right hands alone'):
        tool(source, config, 'hamuco_mm://res18w32_generated-hands.pth')
    assert sorted(path.name for path in tree.rig.iterdir()) == ['images', 'rig.json']
    tool(source, *model_files)
