"""The benchmarks run and report the ratios that docs/speed.md names. How fast
a machine is, is no test."""
import json
import runpy

import pytest

RATIOS = dict(
    training_step_res18=[
        'train_step_over_backbone_res18',
        'besides_backbone_interaction_optimizer'
    ],
    inference_res18=['inference_2_views_over_backbone_res18'],
    data_pipeline=[
        'data_ms_per_time_step', 'data_over_decode_and_warp',
        'index_start_up_seconds_100', 'worker_memory_largest_over_smallest'
    ],
    hand_model=['smplx_over_hand_model_batch_64', 'largest_difference_m'],
    metrics=['metrics_seconds_per_100k'],
    live=['live_images_per_second_pytorch'])


@pytest.mark.slow
def test_quick_runs(repository, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(repository / 'benchmarks')
    for result in RATIOS:
        script = repository / f'benchmarks/{result.replace("_res18", "")}.py'
        monkeypatch.setattr(
            'sys.argv',
            [str(script), '--quick', '--out-dir', str(tmp_path)])
        runpy.run_path(str(script), run_name='__main__')
    for result, names in RATIOS.items():
        content = json.loads((tmp_path / f'{result}.json').read_text())
        assert content['quick'] and content['machine']['processor']
        for name in names:
            values = [
                value for key, value in content['ratios'].items()
                if key.startswith(name)
            ]
            assert len(values) == 1 and values[0] > 0, (result, name)
    difference = json.loads((tmp_path / 'hand_model.json').read_text())
    assert difference['ratios']['largest_difference_m (target <= 1e-5)'] < 1e-5
