"""The data of the presets, made where they are not there."""

import hashlib
import json
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from time import monotonic

from _interruption import run_program

from .commands import TOOLS

DEMO = 'demo'
# Those of the weights that are made of noisy labels alone.
SCRATCH = 'scratch'
# Their looks, and the settings that are not the generator's own.
RECORDINGS: dict[str, tuple[str, dict]] = {
    DEMO: ('lab', dict(num_train_sequences=80, num_val_sequences=4)),
    SCRATCH: (
        'rig',
        dict(
            stream='pretrain',
            seed=4,
            num_train_sequences=1100,
            num_val_sequences=40,
            num_test_sequences=100,
            frames=6,
        ),
    ),
}
# Photographs in HanCo's layout, for the test alone: nothing makes them.
LOOKS = 'looks'
# The data as they are, of any size.
OWN = 'own'


def make_data(root: Path, preset: str, deadline: float | None) -> dict:
    """What the runs are trained on; made where it is not there.

    Returns:
        dict: Their name, version and digest.

    Raises:
        FileNotFoundError: If there are none, and ``preset`` does not say which.
        TimeoutError: If the time is not enough; the next call goes on.
        ValueError: If there are others.
    """
    make = {DEMO: _make_demo, SCRATCH: _make_recordings, LOOKS: _find_photographs}
    return make.get(preset, _make_openhandmv)(root, preset, deadline)


def _make_openhandmv(root: Path, preset: str, deadline: float | None) -> dict:
    from hamuco_mm.synthesis.openhandmv import PRESETS, RECORD
    from hamuco_mm.utils.json_files import read_json, take

    path = root / RECORD
    if not path.is_file():
        if preset == OWN:
            raise FileNotFoundError(
                f'there is no {path}: make the data with '
                'tools/misc/generate_openhandmv.py, or choose a --preset'
            )
        _call(root, deadline, 'generate_openhandmv.py', root, '--preset', preset)
    record = read_json(path)
    if preset != OWN and record.get('preset') != asdict(PRESETS[preset]):
        raise ValueError(
            f'{root} is not OpenHandMV {preset}: name another --data-root, where it '
            'is or will be made'
        )
    return {key: take(record, [key], path) for key in ('name', 'version', 'digest')}


def _make_demo(root: Path, preset: str, deadline: float | None) -> dict:
    """The recordings of the demo, with cleaned labels beside its own."""
    content = _make_recordings(root, preset, deadline)
    clean = root / 'rgb_2D_keypoints_clean'
    if not clean.is_dir():
        _call(root, deadline, 'clean_labels.py', root, clean)
    return content


def _make_recordings(root: Path, preset: str, deadline: float | None) -> dict:
    """What the generator makes with the settings of the preset."""
    from hamuco_mm.utils.json_files import read_json, take

    look, wanted = RECORDINGS[preset]
    path = root / 'demo.json'
    if not path.is_file():
        options = ['--look', look]
        for name, value in wanted.items():
            options += [f'--{name.replace("_", "-")}', value]
        _call(root, deadline, 'generate_demo_data.py', root, *options)
    record = read_json(path)
    settings = take(record, ['settings'], path)
    for name, value in wanted.items():
        name = dict(stream='train_stream').get(name, name)
        if settings.get(name) != value:
            raise ValueError(
                f'{path} has {name}={settings.get(name)}, and {preset} needs {value}: '
                'name another --data-root, where its data are or will be made'
            )
    # what is measured of the labels differs between machines, in the last digits
    text = json.dumps(settings, sort_keys=True)
    return dict(
        name=preset,
        version=take(record, ['generator'], path),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _find_photographs(root: Path, preset: str, deadline: float | None) -> dict:
    """The recording whose photographs are the test."""
    from hamuco_mm.version import __version__

    files = sorted(root.glob('rgb_2D_keypoints/*/*/*.json'))
    if not files:
        raise FileNotFoundError(
            f'there are no labels {root}/rgb_2D_keypoints/*/*/*.json: name a recording '
            "of photographs in HanCo's layout as --data-root"
        )
    digest = hashlib.sha256(b''.join(path.read_bytes() for path in files))
    version = f'hamuco_mm {__version__}'
    return dict(name=preset, version=version, digest=digest.hexdigest())


def _call(root: Path, deadline: float | None, script: str, *arguments: object) -> None:
    """Run a tool that makes data, until the time is over."""
    command = [sys.executable, str(TOOLS / 'misc' / script), *map(str, arguments)]
    left = None if deadline is None else max(1.0, deadline - monotonic())
    try:
        status = run_program(command, left)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f'{root} is not complete: call this again') from None
    if status:
        raise ValueError(f'{root} could not be made, see above')
