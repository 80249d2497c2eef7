"""Sources that are none are named before anything is read."""

import json

import numpy as np
import pytest
from mmengine.registry import init_default_scope
from mmpose.registry import TRANSFORMS

from hamuco_mm.datasets.build import open_dataset
from hamuco_mm.datasets.hanco.parsing import read_hand_fit
from hamuco_mm.datasets.storage.packing import check_packable
from hamuco_mm.labelling.rig_labels import RigLabels
from hamuco_mm.visualization.training_log import read_training_log


def test_a_file_that_is_no_data_set(tmp_path):
    path = tmp_path / 'rig.txt'
    path.write_text('')
    with pytest.raises(ValueError, match='rig.txt should be a config'):
        open_dataset(str(path))


def test_folders_that_cannot_be_packed(tmp_path):
    with pytest.raises(FileNotFoundError, match='there is no folder .*rgb'):
        check_packable(tmp_path / 'rgb')
    (tmp_path / 'rgb' / '0').mkdir(parents=True)
    with pytest.raises(ValueError, match='rgb has no files'):
        check_packable(tmp_path / 'rgb')


@pytest.mark.parametrize(
    'content, words', [([1, 2], 'the key "poses"'), (dict(poses=[0] * 7), '48 finite')]
)
def test_hand_fits_of_another_form(tmp_path, content, words):
    path = tmp_path / '00000000.json'
    path.write_text(json.dumps(content))
    with pytest.raises(ValueError, match=f'00000000.json.*{words}'):
        read_hand_fit(path)


def test_labels_stay_beside_their_images(tmp_path):
    path = tmp_path / 'rig.json'
    path.write_text(json.dumps(dict(images=[], annotations=[])))
    with pytest.raises(ValueError, match='should be in'):
        RigLabels(path, out=tmp_path / 'elsewhere' / 'labels.json')
    (tmp_path / 'rig_pseudo.json').write_text('{}')
    with pytest.raises(FileExistsError, match='rig_pseudo.json is there'):
        RigLabels(path)


def test_a_run_without_losses(tmp_path):
    with pytest.raises(FileNotFoundError, match='no .*scalars.json with losses'):
        read_training_log(tmp_path)


def test_a_log_that_was_cut_off(tmp_path):
    path = tmp_path / 'run' / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text('{"loss": 1.0, "step": 1}\n{"loss": ')
    with pytest.raises(ValueError, match='scalars.json, line 2: .* delete the line'):
        read_training_log(tmp_path)


def test_views_that_a_device_cannot_crop():
    init_default_scope('mmpose')
    transform = TRANSFORMS.build(dict(type='DeviceTopdownAffine', input_size=(8, 8)))
    results = dict(
        img=np.zeros((16, 16, 3), np.uint8),
        bbox_center=np.array([[8.0, 8.0]]),
        bbox_scale=np.array([[16.0, 16.0]]),
    )
    with pytest.raises(ValueError, match='use FastTopdownAffine'):
        transform.transform(results)
