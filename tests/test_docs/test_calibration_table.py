"""The table of calibration formats says what the readers do."""

import re
import warnings
from pathlib import Path

import calibration_files
import pytest
import tool_calibrations
from calibration_files import make_cameras

from hamuco_mm.cameras import FORMATS, CalibrationError, read_calibration

PAGE = Path(__file__).resolve().parents[2] / 'docs/your_own_rig.md'
MEANING = {'--extrinsics': dict(extrinsics='world2cam'), '--unit': dict(unit='m')}


def rows():
    """Format -> options that have to be given, and its fixtures."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip('|').split('|')]
        if len(cells) == 6 and cells[5].startswith('`write_'):
            name = cells[0].strip('`')
            found[name] = (
                re.findall(r'--\w+', cells[4]),
                re.findall(r'write_\w+', cells[5]),
            )
    return found


def test_every_format_has_a_row():
    assert sorted(rows()) == sorted(FORMATS)


@pytest.mark.parametrize(
    'format, options, fixture',
    [
        (name, options, fixture)
        for name, (options, fixtures) in rows().items()
        for fixture in fixtures
    ],
)
def test_what_has_to_be_said(tmp_path, format, options, fixture):
    """With the options of the row, and not with one less."""
    cameras = make_cameras()
    if hasattr(tool_calibrations, fixture):
        path = getattr(tool_calibrations, fixture)(tmp_path).path
    elif fixture == 'write_stereo':
        path = calibration_files.write_stereo(
            tmp_path / 'stereo.yml', *list(cameras.values())[:2]
        )
    else:
        suffix = dict(toml='.toml', json='.json', hanco='.json').get(format, '')
        path = tmp_path / f'calibration{suffix}'
        path = getattr(calibration_files, fixture)(path, cameras)
    said = {key: value for o in options for key, value in MEANING[o].items()}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        for given in (said, dict(said, format=format)):
            assert read_calibration(path, **given).cameras
        for left_out in said:
            less = {key: value for key, value in said.items() if key != left_out}
            with pytest.raises(CalibrationError, match=f'--{left_out}'):
                read_calibration(path, **less)
