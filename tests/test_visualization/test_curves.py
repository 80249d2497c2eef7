import json

import pytest
from plotted_lines import lines

from hamuco_mm.visualization.curves import training_figure
from hamuco_mm.visualization.training_log import Curve, read_training_log

ITERATIONS = 10


def write_run(work_dir, name, epochs, loss, val_every=1, warmup=1):
    """A log as MMEngine writes it, one training record each 5 iterations."""
    lines = []
    for epoch in epochs:
        for i in (5, 10):
            step = (epoch - 1) * ITERATIONS + i
            record = dict(lr=1e-3, data_time=0.1, loss=loss, loss_kpt=loss / 2)
            if epoch > warmup:
                record['loss_distill'] = loss / 4
            lines.append({**record, 'epoch': epoch, 'iter': step, 'step': step})
        if epoch % val_every == 0:
            metrics = {
                f'{stage}/{name}': 10.0 + epoch
                for stage in ('single', 'fusion')
                for name in ('MPJPE', 'PA-MPJPE', 'pose_spread')
            }
            lines.append({**metrics, 'data_time': 0.1, 'step': epoch})
    path = work_dir / name / 'vis_data' / 'scalars.json'
    path.parent.mkdir(parents=True)
    path.write_text(''.join(json.dumps(line) + '\n' for line in lines))
    return path


def test_read(tmp_path):
    write_run(tmp_path, '20250101_000000', (1, 2, 3), loss=4.0)
    log = read_training_log(tmp_path)
    assert set(log.losses) == {'loss', 'loss_kpt', 'loss_distill'}
    assert log.losses['loss'] == Curve((0.5, 1, 1.5, 2, 2.5, 3), (4.0,) * 6)
    assert log.losses['loss_distill'].epochs == (1.5, 2, 2.5, 3)
    assert log.metrics['fusion/PA-MPJPE'] == Curve((1, 2, 3), (11, 12, 13))
    assert set(log.metrics) == {
        f'{stage}/{name}'
        for stage in ('single', 'fusion')
        for name in ('MPJPE', 'PA-MPJPE', 'pose_spread')
    }


def test_resumed_run_continues_the_curve(tmp_path):
    write_run(tmp_path, '20250101_000000', (1, 2), loss=4.0)
    write_run(tmp_path, '20250101_100000', (2, 3), loss=2.0, val_every=3)
    log = read_training_log(tmp_path)
    assert log.losses['loss'].epochs == (0.5, 1, 1.5, 2, 2.5, 3)
    assert log.losses['loss'].values == (4, 4, 2, 2, 2, 2)
    assert log.metrics['single/MPJPE'].epochs == (1, 2, 3)


def test_bad_logs(tmp_path):
    with pytest.raises(FileNotFoundError, match='scalars.json'):
        read_training_log(tmp_path)
    path = write_run(tmp_path, '20250101_000000', (1,), loss=1.0)
    path.write_text(path.read_text() + '{"loss": 1.2, "st')
    with pytest.raises(ValueError, match='scalars.json, line 4'):
        read_training_log(tmp_path)


def test_figure(tmp_path):
    write_run(tmp_path, '20250101_000000', (1, 2, 3), loss=4.0)
    baselines = dict(mean_hand={'PA-MPJPE': 16.2}, other={'MPJPE': 3.0})
    figure = training_figure(
        read_training_log(tmp_path), warmup_epochs=1, baselines=baselines
    )
    losses, aligned, spread = figure.axes
    assert 'losses' in losses.get_title()
    assert 'PA-MPJPE' in aligned.get_title()
    assert 'spread' in spread.get_title()

    assert {'sum', 'kpt', 'distill'} <= set(lines(losses))
    shown = lines(aligned)
    assert set(shown) >= {'single', 'fusion', 'mean hand'}
    assert 'other' not in shown
    assert list(shown['fusion'].get_ydata()) == [11, 12, 13]
    assert set(shown['mean hand'].get_ydata()) == {16.2}
    for panel in figure.axes:
        warmup = [line for line in panel.get_lines() if set(line.get_xdata()) == {1}]
        assert len(warmup) == 1
    # With a prefix of the metric the names are found as well.
    path = tmp_path / '20250101_000000' / 'vis_data' / 'scalars.json'
    path.write_text(path.read_text().replace('"fusion/', '"val/fusion/'))
    figure = training_figure(read_training_log(tmp_path))
    assert 'fusion' in lines(figure.axes[1])
    figure.savefig(tmp_path / 'curves.png')


def test_curves_are_not_covered(tmp_path):
    """By a legend, or by a curve of another stage that is equal."""
    write_run(tmp_path, '20250101_000000', (1, 2, 3), loss=4.0)
    figure = training_figure(read_training_log(tmp_path))
    figure.savefig(tmp_path / 'curves.png')
    for panel in figure.axes:
        assert panel.get_legend().get_window_extent().y1 <= panel.bbox.y0
    shown = lines(figure.axes[1])
    assert list(shown['single'].get_ydata()) == list(shown['fusion'].get_ydata())
    assert shown['single'].get_linewidth() > shown['fusion'].get_linewidth()
