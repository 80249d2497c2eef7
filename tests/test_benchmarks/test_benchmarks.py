"""The benchmarks run and report the ratios that docs/speed.md names. How fast
a machine is, is no test."""

import json
import runpy

import pytest

RATIOS = dict(
    training_step_res18=[
        'train_step_over_backbone_res18',
        'besides_backbone_interaction_optimizer',
    ],
    inference_res18=['inference_2_views_over_backbone_res18'],
    data_pipeline=[
        'data_ms_per_time_step',
        'data_over_decode_and_warp',
        'index_start_up_seconds_100',
        'worker_memory_largest_over_smallest',
    ],
    hand_model=['smplx_over_hand_model_batch_64', 'largest_difference_m'],
    metrics=['metrics_seconds_per_100k'],
    growth_res18=[
        'ms_per_image_2_views_over_1',
        'step_over_backbone_2_views',
        'step_over_backbone_2_time_steps',
        'step_over_backbone_96_size',
    ],
    triangulation=[
        'ransac_over_weighted_dlt',
        'pictorial_over_weighted_dlt',
        'opt_center_over_weighted_dlt',
        'opencv_two_views_over_dlt_two_views',
        'seconds_per_10000_weighted_dlt',
    ],
    storage=[
        'files_over_lmdb',
        'decoded_files_over_lmdb',
        'cold_files_over_lmdb',
        'cold_lmdb_over_lmdb_readahead',
    ],
    live=['live_images_per_second_pytorch'],
    generation=['images_per_second_rig', 'image_over_jpeg_photo'],
    attention=['attention_small_bfloat16_over_cvi_net'],
    startup=[
        'imports_over_pytorch_alone',
        'config_texts_each_over_formatted_once',
    ],
)


@pytest.mark.slow
def test_quick_runs(repository, tmp_path, monkeypatch):
    for result in RATIOS:
        run_quick(repository, tmp_path, monkeypatch, result.replace('_res18', ''))
    for result, names in RATIOS.items():
        content = json.loads((tmp_path / f'{result}.json').read_text())
        assert content['quick'] and content['machine']['processor']
        for name in names:
            values = [
                value
                for key, value in content['ratios'].items()
                if key.startswith(name)
            ]
            assert len(values) == 1 and values[0] > 0, (result, name)
    difference = json.loads((tmp_path / 'hand_model.json').read_text())
    assert difference['ratios']['largest_difference_m (target <= 1e-5)'] < 1e-5
    # the scene has the errors that the methods are there to overcome
    errors = {
        name: row['mpjpe_mm']
        for name, row in json.loads((tmp_path / 'triangulation.json').read_text())[
            'methods'
        ].items()
    }
    assert (
        errors['pictorial']
        < errors['RANSAC']
        < errors['weighted DLT']
        < errors['DLT']
        < errors['DLT, two views']
    )
    assert errors['OpenCV, two views'] == pytest.approx(
        errors['DLT, two views'], rel=1e-3
    )


@pytest.mark.slow
def test_training_step_beside_its_variants(repository, tmp_path, monkeypatch):
    run_quick(
        repository,
        tmp_path,
        monkeypatch,
        'training_step',
        '--bf16',
        '--plain',
        '--no-parts',
    )
    content = json.loads((tmp_path / 'training_step_res18.json').read_text())
    assert set(content['milliseconds']) == {
        'step',
        'backbone_step',
        'step (bf16)',
        'step (plain)',
    }
    assert content['ratios']['step_over_step_bf16'] > 0
    assert content['ratios']['step_over_step_plain'] > 0


@pytest.mark.slow
def test_processes_train_together(repository, tmp_path, monkeypatch):
    run_quick(repository, tmp_path, monkeypatch, 'processes')
    content = json.loads((tmp_path / 'processes_res18.json').read_text())
    assert set(content['ratios']) == {
        'two_processes_over_one',
        'two_processes_over_one_with_two_threads',
        'two_processes_step_over_step_without_exchange',
        'two_processes_exchange_alone_over_step',
    }
    assert min(content['ratios'].values()) > 0
    assert [
        (row['processes'], row['threads'], row['what']) for row in content['rows']
    ] == [
        (1, 1, 'step'),
        (2, 1, 'step'),
        (2, 1, 'step without exchange'),
        (2, 1, 'exchange alone'),
        (1, 2, 'step'),
    ]


def test_processes_refuse_the_processor_time(repository, tmp_path, monkeypatch, capsys):
    with pytest.raises(SystemExit):
        run_quick(repository, tmp_path, monkeypatch, 'processes', '--cpu-time')
    assert 'waiting for other processes' in capsys.readouterr().err


STEPS = {
    'step',
    'step, captured',
    'train_step',
    'train_step, recorded',
    'backbone',
    'backbone, captured',
}


@pytest.mark.slow
def test_all_of_a_gpu_runs_small_on_a_cpu(repository, tmp_path, monkeypatch):
    options = ('--device', 'cpu', '--minutes', '0', '--no-compile')
    run_quick(repository, tmp_path, monkeypatch, 'gpu', *options)
    content = json.loads((tmp_path / 'gpu.json').read_text())
    for part, names in (
        ('steps', STEPS),
        ('predictions', {'networks', 'networks, captured', 'predict', 'backbone'}),
    ):
        rows = content['res18'][part]
        assert {row['what'] for row in rows} == names
        assert min(row['ms'] for row in rows) > 0
    # the CPU against itself
    assert content['accuracy'] == dict(losses=0, gradients=0)
    assert 0 <= content['feeding']['share_of_waiting'] < 1
    assert min(content['ratios'].values()) >= 0
    page = (tmp_path / 'gpu.md').read_text()
    for name, value in content['ratios'].items():
        assert f'| {name} | {value} |' in page


def test_a_gpu_is_asked_for_where_there_is_none(repository, tmp_path, monkeypatch):
    monkeypatch.setattr('torch.cuda.is_available', lambda: False)
    for options in ((), ('--device', 'cuda')):
        with pytest.raises(SystemExit, match='no GPU here'):
            run_script(repository, tmp_path, monkeypatch, 'gpu', *options)


def test_minutes_are_shared_out(repository, monkeypatch):
    now = [100.0]
    monkeypatch.setattr('time.monotonic', lambda: now[0])
    TimeBox = runpy.run_path(str(repository / 'benchmarks/_time_box.py'))['TimeBox']

    def rounds(box, seconds_each):
        count = 0
        for _ in box.within(range(1000)):
            count += 1
            now[0] += seconds_each
        return count

    box = TimeBox(1, parts=3)
    assert rounds(box, 2) == 10
    assert rounds(box, 30) == 1  # longer than its share
    assert rounds(box, 1) == 10  # what is left
    assert rounds(box, 1) == 1  # in any case
    assert rounds(TimeBox(None), 1) == 1000


def test_exponent_of_a_power_law(repository, monkeypatch):
    monkeypatch.syspath_prepend(repository / 'benchmarks')
    growth = runpy.run_path(str(repository / 'benchmarks/growth.py'))
    sizes = [1, 2, 5, 16]
    assert growth['exponent'](
        sizes, [3 * size**1.5 for size in sizes]
    ) == pytest.approx(1.5)


def test_data_workers_from_the_pipelines_result(repository, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(repository / 'benchmarks')
    step = runpy.run_path(str(repository / 'benchmarks/training_step.py'))
    assert step['images_per_worker'](tmp_path) is None
    result = dict(quick=False, ratios={'data_ms_per_time_step (target <= 10)': 16.0})
    path = tmp_path / 'data_pipeline.json'
    path.write_text(json.dumps(result))
    assert step['images_per_worker'](tmp_path) == pytest.approx(500)
    path.write_text(json.dumps(dict(result, quick=True)))
    assert step['images_per_worker'](tmp_path) is None


def run_quick(repository, out_dir, monkeypatch, name, *options):
    """Run a benchmark within this process, small."""
    run_script(repository, out_dir, monkeypatch, name, '--quick', *options)


def run_script(repository, out_dir, monkeypatch, name, *options):
    """Run a benchmark within this process."""
    monkeypatch.syspath_prepend(repository / 'benchmarks')
    script = repository / f'benchmarks/{name}.py'
    monkeypatch.setattr('sys.argv', [str(script), '--out-dir', str(out_dir), *options])
    runpy.run_path(str(script), run_name='__main__')
