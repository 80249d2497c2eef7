"""A tool that reads data without MMEngine's runner lists what it left out, too."""

import json
import shutil
import sys

import pytest

pytestmark = pytest.mark.slow


def test_left_out_of_baselines(
    run_command, write_config, demo_data, repository, tmp_path
):
    data = tmp_path / 'data'
    # without the index of other tests, which a file rewritten in place leaves valid
    shutil.copytree(demo_data, data, ignore=shutil.ignore_patterns('.hamuco_index'))
    broken = sorted((data / 'rgb_2D_keypoints').glob('*/cam3/*.json'))[-1]
    broken.write_text('{}')
    config = tmp_path / 'broken.py'
    config.write_text(write_config().read_text().replace(str(demo_data), str(data)))
    command = [
        *(sys.executable, repository / 'tools/analysis_tools/evaluate_baselines.py'),
        *(config, '--out', tmp_path / 'out/baselines.json'),
    ]
    printed = run_command(*command, PYTHONPATH=str(repository))
    (line,) = (tmp_path / 'out/left_out.tsv').read_text().splitlines()
    assert line.startswith(f'{broken}: expected a list of two')
    assert line.endswith('\tviews left out: the 2D label is not readable')
    assert f'1 files or parts of files were left out: {tmp_path}/out' in printed
    assert 'mean_hand' in json.loads((tmp_path / 'out/baselines.json').read_text())
