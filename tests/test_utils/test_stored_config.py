import pytest
from mmengine.config import Config

from hamuco_mm.utils.stored_config import config_from_checkpoint


def test_dumped_config_is_read_as_it_was(repository):
    cfg = Config.fromfile(repository / 'configs/hamuco_demo.py')
    stored = config_from_checkpoint(dict(meta=dict(cfg=cfg.pretty_text)), 'x.pth')
    assert stored == cfg._cfg_dict


@pytest.mark.parametrize(
    'text',
    [
        '__import__("os").system("true")',
        'a = open("x")',
        'a = dict([("b", 1)])',
        'import os',
        'a = b',
        'a = 1 +',
        'a = dict(type="subprocess.Popen", args=["true"])',
        'a = [{"type": "os.system"}]',
    ],
)
def test_code_is_refused(text):
    with pytest.raises(ValueError, match='x.pth is not plain data'):
        config_from_checkpoint(dict(meta=dict(cfg=text)), 'x.pth')


def test_weights_without_config():
    with pytest.raises(ValueError, match='holds no config'):
        config_from_checkpoint(dict(state_dict={}), 'x.pth')
