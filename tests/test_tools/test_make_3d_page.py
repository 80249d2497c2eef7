"""The command that makes the 3D page."""

from functools import partial

import pytest
import torch
from mmengine.config import Config
from mmpose.registry import MODELS


@pytest.fixture
def run_tool(run_script):
    return partial(run_script, 'analysis_tools/make_3d_page.py')


@pytest.mark.slow
def test_page_of_a_config(run_tool, write_config, tmp_path, capsys):
    config = write_config()
    model = MODELS.build(Config.fromfile(config).model)
    torch.save(dict(state_dict=model.state_dict(), meta={}), tmp_path / 'w.pth')
    run_tool(
        config,
        'w.pth',
        '--out',
        'pages/page.html',
        '--first',
        1,
        '--num',
        5,
        '--device',
        'cpu',
        '--image-size',
        32,
    )
    assert 'wrote pages/page.html: 1 time steps' in capsys.readouterr().out
    text = (tmp_path / 'pages' / 'page.html').read_text()
    assert '<title>Hand: w.pth</title>' in text
    assert text.count('data:image/jpeg') == 8
    with pytest.raises(SystemExit, match='the test set has 2 time steps'):
        run_tool(config, 'w.pth', '--out', 'page.html', '--first', 2)


def test_bad_arguments(run_tool, tmp_path, capsys):
    (tmp_path / 'views.npz').write_text('text')
    for arguments, message in (
        (['none.npz'], 'there is no file none.npz'),
        (['config.py'], 'give a config and a checkpoint'),
        (['views.npz', '--num', '0'], '--num at least 1'),
    ):
        with pytest.raises(SystemExit):
            run_tool(*arguments, '--out', 'page.html')
        assert message in capsys.readouterr().err
    with pytest.raises(SystemExit, match='views.npz is no .npz file'):
        run_tool('views.npz', '--out', 'page.html')
