"""Commands in pages, docstrings and comments are understood by their tools."""

import re
from pathlib import Path

import pytest
from command_checks import missing_files, problems_of
from config_keys import unknown_keys
from documented_commands import Command, commands_of

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted(
    [
        *REPOSITORY.glob('*.md'),
        *(p for p in REPOSITORY.glob('docs/**/*.md') if '_generated' not in p.parts),
        *REPOSITORY.glob('configs/**/*.md'),
        *REPOSITORY.glob('hamuco_mm/**/*.md'),
    ]
)
SOURCES = sorted(
    path
    for folder in ('benchmarks', 'configs', 'demo', 'hamuco_mm', 'tools')
    for path in (REPOSITORY / folder).rglob('*.py')
)


def name_of(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))


@pytest.mark.parametrize('page', PAGES, ids=name_of)
def test_commands_of_a_page(page):
    problems = {str(command): problems_of(command) for command in commands_of(page)}
    assert {name: found for name, found in problems.items() if found} == {}


def test_commands_in_docstrings_and_comments():
    commands = [command for path in SOURCES for command in commands_of(path)]
    problems = {str(command): problems_of(command) for command in commands}
    assert {name: found for name, found in problems.items() if found} == {}


@pytest.mark.parametrize('page', PAGES, ids=name_of)
def test_files_and_settings_that_a_page_names_in_passing(page):
    text = re.sub(r'^ *```.*?^ *```', '', page.read_text(), flags=re.M | re.S)
    spans = [' '.join(span.split()) for span in re.findall(r'`([^`]+)`', text)]
    files = [span for span in spans if re.fullmatch(r'[\w.-]+(/[\w.-]+)+', span)]
    settings = [
        word.partition('=')[0]
        for span in spans
        if span.startswith('--cfg-options ')
        for word in span.split()[1:]
    ]
    assert missing_files(tuple(files)) == []
    assert unknown_keys(dict.fromkeys(settings, ''), None) == []


@pytest.mark.parametrize(
    'line',
    [
        'python tools/no_such_tool.py',
        'python tools/train.py configs/no_such_config.py',
        'python tools/train.py configs/hamuco_demo.py --no-such-flag',
        'python tools/train.py configs/hamuco_demo.py --launcher no_such_launcher',
        'python tools/train.py configs/hamuco_demo.py --cfg-options model.no_such=1',
        'python tools/train.py CONFIG --cfg-options model.no_such.key=1',
        'bash tools/dist_train.sh configs/hamuco_demo.py 2 --no-such-flag',
        'mim train hamuco_mm configs/hamuco_demo.py --no-such-flag',
        'mim test hamuco_mm configs/hamuco_demo.py --checkpoint a.pth --no-such-flag',
        'mim run hamuco_mm no_such_tool',
        'bash tools/check.sh lint no_such_check',
        'OMP_NUM_THREADS=1 python benchmarks/live.py \\\n    --no-such-flag',
    ],
)
def test_a_wrong_command_is_found(line, tmp_path):
    page = tmp_path / 'page.md'
    page.write_text(f'Run\n\n```bash\n{line}   # a comment\n```\n')
    (command,) = commands_of(page)
    assert command.line == 4
    assert problems_of(command)


@pytest.mark.parametrize(
    'options',
    [
        'model.backbone.frozen_stages=1',
        'train_dataloader.dataset.dataset.data_prefix.calib=another',
        'test_evaluator._delete_=True test_evaluator.type=DumpViews',
    ],
)
def test_arguments_that_only_the_class_knows_are_settings(options):
    """The config does not write them, the registered class takes them."""
    words = f'python tools/test.py configs/hamuco_demo.py a.pth --cfg-options {options}'
    assert problems_of(Command(Path('page.md'), 1, tuple(words.split()))) == []
