"""The generator's command: looks, and options that say nothing."""

import json
import sys

import pytest

SMALL = (
    *('--num-train-sequences', '1', '--num-test-sequences', '0', '--frames', '1'),
    *('--views', '2', '--image-size', '32', '--workers', '1', '--no-label-noise'),
)


@pytest.fixture(scope='module')
def tool(repository):
    return repository / 'tools/misc/generate_demo_data.py'


@pytest.mark.slow
def test_look_and_shares_are_in_the_record(tool, run_command, tmp_path):
    run_command(
        sys.executable, tool, tmp_path, *SMALL, '--look', 'wild', '--held', '0.5',
        '--motion-blur', '0',
    )  # fmt: skip
    scene = json.loads((tmp_path / 'demo.json').read_text())['settings']['scene']
    assert scene['motion']['any_direction'] and scene['rig']['num_views'] == 2
    assert scene['things']['held'] == 0.5
    assert scene['things']['second_hand'] > 0  # the look's
    assert scene['sensor']['motion_blur'] == 0 < scene['sensor']['white_balance']
    assert len(list(tmp_path.glob('rgb/0000/cam*/*.jpg'))) == 2


@pytest.mark.parametrize(
    'options, message',
    [
        (('--look', 'wild', '--tilt', '20'), '--tilt and --turn say nothing'),
        (('--held', '1.5'), 'held is a share, 0 to 1, got 1.5'),
        (('--motion-blur', '-1'), 'motion_blur is a share'),
        (('--limbs', '7'), 'limbs is a share'),
    ],
)
def test_impossible_options_are_named(tool, run_command, tmp_path, options, message):
    root = tmp_path / 'data'
    printed = run_command(sys.executable, tool, root, *SMALL, *options, status=1)
    assert message in printed and 'Traceback' not in printed
    assert not root.exists()
