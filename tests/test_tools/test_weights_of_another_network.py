"""What measures or exports a network refuses weights of another one: MMEngine warns,
and the rest of the network is random."""

import sys

import pytest

pytestmark = pytest.mark.slow

SINGLE_VIEW = 'hamuco_mm://res18w32_generated-hands.pth'


@pytest.mark.parametrize(
    ('script', 'options'),
    [
        ('tools/test.py', []),
        ('tools/analysis_tools/evaluate_views.py', ['--views', 1, '--out', 'o.json']),
        ('tools/analysis_tools/evaluate_absolute.py', ['--out', 'o.json']),
        ('tools/deployment/export_onnx.py', ['--multi-view', '--out', 'o.onnx']),
    ],
    ids=lambda part: part.split('/')[-1] if isinstance(part, str) else '',
)
def test_weights_of_another_network(
    run_command, write_config, repository, script, options
):
    """Single-view weights for a network of several views."""
    printed = run_command(
        *(sys.executable, repository / script, write_config(), SINGLE_VIEW, *options),
        status=1,
        PYTHONPATH=str(repository),
    )
    assert f'{SINGLE_VIEW} has no weights for ' in printed
    assert 'small.py (view_neck.' in printed and 'it is of another network' in printed
    assert 'Traceback' not in printed
