"""The second of two jobs on one output is refused in words."""

import sys

import pytest

from hamuco_mm.utils.one_writer import only_writer


@pytest.mark.parametrize(
    'script, arguments',
    [
        ('tools/dataset_converters/rig2coco.py', ['OUT', 'DATA/rgb']),
        ('tools/misc/export_predictions.py', ['OUT.npz', '--out-dir', 'OUT']),
    ],
)
def test_a_tool_is_refused(
    repository, demo_data, run_command, tmp_path, script, arguments
):
    out = tmp_path / 'out'
    given = [
        argument.replace('DATA', str(demo_data)).replace('OUT', str(out))
        for argument in arguments
    ]
    with only_writer(out, beside=True):
        printed = run_command(sys.executable, repository / script, *given, status=1)
    assert f'another process is writing {out}: wait until it is done' in printed
    assert 'Traceback' not in printed
