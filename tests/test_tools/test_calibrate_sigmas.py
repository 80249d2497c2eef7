"""The command that makes predicted sigmas hold 68 % of the errors."""

import pytest
import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmpose.registry import MODELS

pytestmark = pytest.mark.slow

UNCERTAIN = dict(with_uncertainty=True, loss_keypoint=dict(type='LaplaceKeypointLoss'))


@pytest.fixture
def config(write_config):
    """The demo's network with uncertainty."""
    path = write_config()
    path.write_text(
        path.read_text() + f'model = dict(head={UNCERTAIN}, view_head={UNCERTAIN})\n'
    )
    return path


def save(model, path):
    torch.save(dict(state_dict=model.state_dict(), meta={}), path)


def shares(config, checkpoint, tmp_path):
    """Measured on the validation set."""
    cfg = Config.fromfile(config)
    cfg.update(
        load_from=str(checkpoint),
        work_dir=str(tmp_path / 'measured'),
        test_dataloader=cfg.val_dataloader,
        test_evaluator=dict(type='KeypointSigmaMetric'),
        test_cfg=dict(),
    )
    metrics = Runner.from_cfg(cfg).test()
    return [value for name, value in metrics.items() if 'share' in name]


def test_sigmas_are_right_afterwards_and_nothing_else_changes(
    run_tool, config, tmp_path, capsys
):
    torch.manual_seed(0)
    save(MODELS.build(Config.fromfile(config).model), tmp_path / 'raw.pth')
    run_tool('../misc/calibrate_sigmas', config, 'raw.pth', 'out/calibrated.pth')
    assert 'fusion' in capsys.readouterr().out
    assert shares(config, tmp_path / 'out/calibrated.pth', tmp_path) == pytest.approx(
        [0.68] * 3, abs=0.02
    )
    assert shares(config, tmp_path / 'raw.pth', tmp_path) != pytest.approx(
        [0.68] * 3, abs=0.08
    )
    before, after = (
        torch.load(tmp_path / name, weights_only=True)['state_dict']
        for name in ('raw.pth', 'out/calibrated.pth')
    )
    changed = {n for n in before if not torch.equal(before[n], after[n])}
    assert len(changed) == 3 and all('sigma_factor' in name for name in changed)


def test_checkpoints_without_sigmas_are_refused(run_tool, write_config, tmp_path):
    config = write_config()
    save(MODELS.build(Config.fromfile(config).model), tmp_path / 'plain.pth')
    with pytest.raises(SystemExit, match='with_uncertainty=True'):
        run_tool('../misc/calibrate_sigmas', config, 'plain.pth', 'out.pth')
