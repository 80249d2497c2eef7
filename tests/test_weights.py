import pytest
import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmengine.runner.checkpoint import CheckpointLoader
from mmpose.registry import MODELS

from hamuco_mm.weights import FOLDER


@pytest.mark.parametrize('part', ['backbone', 'head', 'view_neck', 'view_head'])
def test_the_demo_starts_from_the_weights_that_it_names(repository, part):
    """Every tensor of the network comes from the file."""
    init_default_scope('mmpose')
    config = Config.fromfile(repository / 'configs/hamuco_demo.py').model
    model = MODELS.build(config)
    model.init_weights()
    source = config[part].init_cfg.checkpoint
    state = CheckpointLoader.load_checkpoint(source, 'cpu')['state_dict']
    for key, value in model.get_submodule(part).state_dict().items():
        torch.testing.assert_close(
            value, state[f'{part}.{key}'].to(value.dtype), msg=key
        )


def test_shipped_weights_are_light_half_precision_data():
    files = list(FOLDER.glob('*.pth'))
    assert files
    for path in files:
        assert path.stat().st_size < 16 * 2**20
        state = torch.load(path, weights_only=True)['state_dict']
        assert all(
            value.dtype == torch.float16
            for value in state.values()
            if value.is_floating_point()
        )
        assert all(value.isfinite().all() for value in state.values())


def test_unknown_weights_are_explained():
    with pytest.raises(FileNotFoundError, match='these do: hamuco_mm://'):
        CheckpointLoader.load_checkpoint('hamuco_mm://nothing.pth')


@pytest.mark.parametrize('name', ['hamuco', 'hamuco-demo', 'hamuco-self-supervised'])
def test_weights_of_an_alias_are_all_that_its_network_has(name, repository):
    """Nothing of the network stays at its random start."""
    from hamuco_mm.apis import HaMuCoInferencer

    torch.manual_seed(0)
    first = HaMuCoInferencer(name, device='cpu').model.state_dict()
    torch.manual_seed(1)
    second = HaMuCoInferencer(name, device='cpu').model.state_dict()
    for key, value in first.items():
        torch.testing.assert_close(value, second[key], rtol=0, atol=0, msg=key)


def test_weights_of_several_checkpoints_are_their_mean(run_script, tmp_path):
    def write(name, value, shape=(2,)):
        state = {
            'backbone.weight': torch.full(shape, value),
            'backbone.steps': torch.tensor(int(value)),
            'head.weight': torch.zeros(1),
        }
        torch.save(dict(state_dict=state, meta=dict(epoch=1, iter=10)), tmp_path / name)
        return tmp_path / name

    first, last = write('first.pth', 1.0), write('last.pth', 4.0)
    run_script('misc/export_weights.py', first, last, tmp_path / 'mean.pth')
    state = torch.load(tmp_path / 'mean.pth', weights_only=True)['state_dict']
    assert set(state) == {'backbone.weight', 'backbone.steps'}
    assert state['backbone.weight'].tolist() == [2.5, 2.5]
    assert state['backbone.weight'].dtype == torch.float16
    assert state['backbone.steps'] == 4
    other = write('other.pth', 1.0, (3,))
    with pytest.raises(SystemExit, match=r'other.pth and .*last.pth are of different'):
        run_script('misc/export_weights.py', other, last, tmp_path / 'none.pth')
    assert not (tmp_path / 'none.pth').exists()
