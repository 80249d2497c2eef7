"""The package's metadata, and that its builds carry what MIM needs."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import hamuco_mm


def requirements(path: Path) -> list:
    lines = map(str.strip, path.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith('#')]


@pytest.fixture(scope='module')
def lock(repository) -> list:
    return requirements(repository / 'requirements' / 'lock.txt')


@pytest.mark.parametrize('python', ['3.10', '3.11', '3.12'])
def test_lock_pins_each_package_once(lock, python):
    environment = dict(python_version=python)
    names = [
        line.name.lower()
        for line in lock
        if line.marker is None or line.marker.evaluate(environment)
    ]
    assert sorted(set(names)) == sorted(names)
    for line in lock:
        assert re.fullmatch(r'==[\w.]+', str(line.specifier)), line


@pytest.mark.parametrize(
    'name', ['runtime', 'mminstall', 'tests', 'docs', 'lint', 'build']
)
def test_lock_satisfies_the_loose_requirements(repository, lock, name):
    pins = {
        line.name.lower(): str(line.specifier).removeprefix('==')
        for line in lock
        if line.marker is None or line.marker.evaluate()
    }
    # the lock has mmcv without the compiled ops; pip and its companions are
    # pinned by build.txt alone
    pins['mmcv'] = pins['mmcv-lite']
    for line in requirements(repository / 'requirements' / f'{name}.txt'):
        applies = line.marker is None or line.marker.evaluate()
        if applies and line.name not in ('pip', 'setuptools', 'wheel'):
            assert line.specifier.contains(pins[line.name.lower()]), line


@pytest.fixture(scope='module')
def built(repository, tmp_path_factory) -> Path:
    """A copy of the committed or changed sources, with a wheel in dist/."""
    source = tmp_path_factory.mktemp('source')
    files = subprocess.check_output(
        ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
        cwd=repository,
        text=True,
    ).split('\0')
    for file in filter(None, files):
        if (repository / file).is_file():
            (source / file).parent.mkdir(parents=True, exist_ok=True)
            (source / file).write_bytes((repository / file).read_bytes())
    subprocess.check_call(
        [sys.executable, 'setup.py', '-q', 'bdist_wheel', 'sdist'],
        cwd=source,
        stderr=subprocess.DEVNULL,
    )
    return source


def test_wheel_carries_what_mim_looks_for(built):
    (wheel,) = (built / 'dist').glob('*.whl')
    assert wheel.name == f'hamuco_mm-{hamuco_mm.__version__}-py3-none-any.whl'
    names = set(zipfile.ZipFile(wheel).namelist())
    for file in (
        'tools/train.py',
        'tools/test.py',
        'tools/_arguments.py',
        'configs/_base_/default_runtime.py',
        'model-index.yml',
        'dataset-index.yml',
    ):
        assert f'hamuco_mm/.mim/{file}' in names
    # no module, hand model, weights or licence note is left behind
    sources = {
        path.relative_to(built).as_posix()
        for path in (built / 'hamuco_mm').rglob('*')
        if path.is_file()
    }
    assert 'hamuco_mm/hand_model/open_hand_right.npz' in sources
    assert sources <= names
    assert {name.split('/')[0] for name in names} == {
        'hamuco_mm',
        f'hamuco_mm-{hamuco_mm.__version__}.dist-info',
    }


def test_building_leaves_no_mim_folder_in_the_sources(built):
    assert not (built / 'hamuco_mm' / '.mim').exists()


def test_wheel_metadata(built):
    (wheel,) = (built / 'dist').glob('*.whl')
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [n for n in archive.namelist() if n.endswith('METADATA')]
        metadata = archive.read(name).decode()
    mandatory = [
        line
        for line in metadata.splitlines()
        if line.startswith('Requires-Dist') and 'extra ==' not in line
    ]
    # pip would resolve them, and with them chumpy, which does not build
    assert not re.search('mmpose|mmcv|mmdet|chumpy', '\n'.join(mandatory))
    assert 'Requires-Dist: torch' in metadata
    assert (
        'Requires-Python: <3.13,>=3.10' in metadata
        or 'Requires-Python: >=3.10,<3.13' in metadata
    )
