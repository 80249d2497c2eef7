"""Changed and made-up files leave readers by their documented errors alone.

``FUZZ_EXAMPLES`` says how many files each reader gets.
"""

import os
import pickle
import warnings
from collections.abc import Callable, Collection
from pathlib import Path
from resource import RUSAGE_SELF, getrusage

import pytest
from fuzzed_files import PUBLISHED, READERS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

EXAMPLES = int(os.environ.get('FUZZ_EXAMPLES', '30'))
_PIECES = st.sampled_from(
    [
        *(b'[' * 200, b'{"a":' * 200, b'1' * 400, b'-', b'1e400', b'NaN', b'null'),
        *(b'"', b'[]', b'{}', b'0', b'..', b'/etc/passwd', b'\xff' * 8, b'\0' * 8),
    ]
)


@st.composite
def changed(draw: st.DrawFn, whole: bytes) -> bytes:
    """A file that was cut, or has other pieces in some places."""
    content = whole
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        removed = draw(st.sampled_from([0, 1, 2, 8, 50, len(content)]))
        piece = draw(_PIECES | st.binary(max_size=8) | st.just(b''))
        content = content[:start] + piece + content[start + removed :]
    return content


@pytest.fixture(scope='module', autouse=True)
def _memory():
    """No file makes the process grow by more than 1 GB."""
    before = getrusage(RUSAGE_SELF).ru_maxrss
    yield
    assert getrusage(RUSAGE_SELF).ru_maxrss - before < 1e6  # kB


def fuzz(
    path: Path, whole: bytes, read: Callable[[], object], names: Collection[str] = ()
) -> None:
    """Put files at a path and read them; errors have its name, or one of these."""

    @settings(
        max_examples=EXAMPLES,
        suppress_health_check=list(HealthCheck),
        database=None,
        deadline=None,
    )
    @given(changed(whole) | st.binary(max_size=60))
    def leaves_by_documented_errors(content: bytes) -> None:
        path.write_bytes(content)
        with warnings.catch_warnings():
            warnings.simplefilter('ignore')
            try:
                read()
            except (ValueError, OSError, pickle.UnpicklingError) as error:
                assert not isinstance(error, UnicodeError)
                assert any(name in str(error) for name in (path.name, *names))

    leaves_by_documented_errors()


@pytest.mark.parametrize('name', READERS)
def test_only_documented_errors(name, tmp_path):
    file, path = READERS[name], tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    for other, content in file.beside.items():
        path.with_name(other).write_bytes(content)
    beside = [path.parent.name, *file.beside] if file.beside else []
    fuzz(path, file.whole, lambda: file.read(path), beside)


@pytest.mark.slow  # a whole data set is opened for each
@pytest.mark.parametrize(
    'layout, name',
    [(layout, name) for layout, tree in PUBLISHED.items() for name in tree.files],
)
def test_published_data_sets(layout, name, tmp_path):
    tree = PUBLISHED[layout]
    tree.write(tmp_path)
    path = tmp_path / name
    fuzz(path, path.read_bytes(), lambda: tree.read(tmp_path), [str(tmp_path)])
