"""The package's metadata, and that its builds carry what MIM needs."""

import re
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import hamuco_mm


def requirements(path: Path) -> list:
    lines = map(str.strip, path.read_text().splitlines())
    return [Requirement(line) for line in lines if line and not line.startswith('#')]


def pins(repository: Path, lock: str, python: str) -> dict[str, str]:
    """Versions that a lock gives to packages, for a version of Python."""
    lines = [
        line
        for line in requirements(repository / 'requirements' / f'{lock}.txt')
        if line.marker is None or line.marker.evaluate(dict(python_version=python))
    ]
    names = [line.name.lower() for line in lines]
    assert sorted(set(names)) == sorted(names)
    for line in lines:
        assert re.fullmatch(r'==[\w.]+', str(line.specifier)), line
    return {
        name: str(line.specifier).removeprefix('==')
        for name, line in zip(names, lines, strict=True)
    }


@pytest.mark.parametrize(
    'lock, python, names',
    [
        *(
            ('lock', python, ('runtime', 'mminstall', 'tests', 'docs', 'lint', 'build'))
            for python in ('3.10', '3.11', '3.12')
        ),
        # the forks have versions and names of their own, which mminstall.txt lacks
        ('lock-newest', '3.13', ('runtime', 'tests')),
    ],
)
def test_lock_pins_each_package_once_as_the_loose_requirements_ask(
    repository, lock, python, names
):
    pinned = pins(repository, lock, python)
    # the lock has mmcv without the compiled ops; pip and its companions are
    # pinned by build.txt alone
    pinned.setdefault('mmcv', pinned.get('mmcv-lite'))
    for name in names:
        for line in requirements(repository / 'requirements' / f'{name}.txt'):
            if line.marker and not line.marker.evaluate(dict(python_version=python)):
                continue
            if name != 'build' or line.name not in ('pip', 'setuptools', 'wheel'):
                assert line.specifier.contains(pinned[line.name.lower()]), line


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


@pytest.fixture(scope='module')
def editable(built, tmp_path_factory) -> Path:
    """The site-packages that an editable install of the copy is in."""
    prefix = tmp_path_factory.mktemp('prefix')
    subprocess.check_call(
        [
            *(sys.executable, '-m', 'pip', 'install', '-q', '--no-deps'),
            *('--no-build-isolation', '--ignore-installed', '--prefix', prefix),
            *('-e', built),
        ],
        stderr=subprocess.DEVNULL,
    )
    return Path(sysconfig.get_path('purelib', vars=dict(base=prefix)))


@pytest.mark.parametrize(
    'command, tool, expected, status',
    [
        ('search', (), 'config id: hamuco_res50', 0),
        ('run', ('train',), 'usage: train.py', 1),  # started, it misses its config
    ],
)
def test_mim_finds_models_and_tools_of_an_editable_install(
    editable, run_command, command, tool, expected, status
):
    mim = Path(sys.executable).with_name('mim')
    printed = run_command(
        mim, command, 'hamuco_mm', *tool, status=status, PYTHONPATH=editable
    )
    assert expected in printed


def test_editable_install_follows_edits(built, editable):
    """What MIM is led to are the sources themselves."""
    (metadata,) = editable.glob('hamuco_mm-*.dist-info')
    first, *_ = (metadata / 'top_level.txt').read_text().splitlines()
    package = editable / first
    assert package == built / 'hamuco_mm'
    assert not (editable / 'hamuco_mm').exists()
    for item in ('configs', 'tools', 'model-index.yml', 'dataset-index.yml'):
        assert (package / '.mim' / item).samefile(built / item)


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
    assert not re.search('mmpose|mmengine|mmcv|mmdet|chumpy', '\n'.join(mandatory))
    assert 'Requires-Dist: torch' in metadata
    assert (
        'Requires-Python: <3.14,>=3.10' in metadata
        or 'Requires-Python: >=3.10,<3.14' in metadata
    )
