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
    assert 'small.py (view_neck.' in printed
    assert 'it is of a single-view network' in printed
    assert 'Traceback' not in printed and 'missing keys' not in printed


def test_a_training_does_not_go_on_with_another_network(
    run_command, write_config, repository
):
    """With the same, it goes on without a warning of its data."""

    def train(config, *arguments, status=0) -> str:
        train = (sys.executable, repository / 'tools/train.py', config)
        options = ('--work-dir', 'work', '--no-validate', *arguments)
        return run_command(*train, *options, status=status, PYTHONPATH=str(repository))

    train(write_config())
    longer = write_config(max_epochs=2)
    printed = train(longer, '--resume')
    assert 'resumed epoch: 1' in printed and 'metainfo' not in printed

    change = ('--cfg-options', 'model.view_neck.grid_size=5')
    printed = train(longer, '--resume', *change, status=1)
    assert 'epoch_2.pth is of another model: model.view_neck.grid_size' in printed
    assert 'Name another --work-dir' in printed and 'Traceback' not in printed

    # a part may start anew
    change = ('--cfg-options', f'load_from={SINGLE_VIEW}')
    printed = train(longer, *change)
    assert f'{SINGLE_VIEW} has no weights for 50 of 162 tensors of' in printed
    assert 'missing keys' not in printed
