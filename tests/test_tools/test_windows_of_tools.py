"""Tools look at the time steps of windows one by one."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmpose.registry import MODELS

from hamuco_mm.structures import PredictedViews

pytestmark = pytest.mark.slow

WINDOWS = """
_base_ = ['{base}']
windows = dict(_delete_=True, type='FrameWindowDataset', seq_len=2)
train_dataloader = dict(dataset=dict(windows, dataset=_base_.train_dataloader.dataset))
val_dataloader = dict(dataset=dict(windows, dataset=_base_.val_dataloader.dataset))
test_dataloader = dict(dataset=dict(windows, dataset=_base_.test_dataloader.dataset))
"""


@pytest.fixture
def configs(write_config, tmp_path):
    """Of time steps, and of windows of them."""
    plain = write_config()
    windows = tmp_path / 'windows.py'
    windows.write_text(WINDOWS.format(base=plain.name))
    return plain, windows


@pytest.fixture
def weights(configs, tmp_path):
    model = MODELS.build(Config.fromfile(configs[0]).model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'w.pth')
    return 'w.pth'


def test_baselines_are_the_same(configs, run_tool, tmp_path):
    found = []
    for config in configs:
        out = tmp_path / f'{config.stem}.json'
        run_tool('evaluate_baselines', config, '--out', out)
        found.append(json.loads(out.read_text()))
    assert found[0] == found[1] and found[0]['ransac_triangulation']


def test_all_time_steps_are_tested_and_dumped(configs, weights, run_script, tmp_path):
    found = []
    for config in configs:
        out = tmp_path / f'{config.stem}.npz'
        run_script('test.py', config, weights, '--dump', out)
        found.append(PredictedViews.load(out))
    plain, windows = found
    assert len(plain) == 16 and windows.frame_id.tolist() == plain.frame_id.tolist()
    assert windows.item.tolist() == plain.item.tolist()
    for name, values in plain.predictions.items():
        np.testing.assert_allclose(windows.predictions[name], values, atol=1e-4)


def test_pages_and_pictures_are_of_time_steps(
    configs, weights, run_tool, tmp_path, capsys
):
    _, windows = configs
    cpu = ('--device', 'cpu')
    run_tool('make_3d_page', windows, weights, '--out', 'page.html', '--first', 1, *cpu)
    assert 'wrote page.html: 1 time steps' in capsys.readouterr().out
    with pytest.raises(SystemExit, match='the test set has 2 time steps'):
        run_tool('make_3d_page', windows, weights, '--out', 'page.html', '--first', 2)
    run_tool('draw_predictions', windows, weights, '--out-dir', 'drawn', *cpu)
    assert (tmp_path / 'drawn' / 'views.png').is_file()


def test_what_takes_no_windows_says_so(configs, weights, run_tool, run_script):
    _, windows = configs
    with pytest.raises(SystemExit, match='looks at each time step alone'):
        run_tool(
            'evaluate_views', windows, weights, '--views', 2, '--out', 'views.json'
        )
    with pytest.raises(SystemExit, match='is a FrameWindowDataset; relabel.py takes'):
        run_script('misc/relabel.py', windows, weights)
