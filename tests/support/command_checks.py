"""Whether a documented command would be understood by what it calls."""

import contextlib
import importlib.util
import io
import re
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from functools import cache
from pathlib import Path
from types import ModuleType

from config_keys import unknown_keys
from documented_commands import Command
from mim.commands.run import cli as mim_run
from mim.commands.test import cli as mim_test
from mim.commands.train import cli as mim_train

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = (
    'benchmarks',
    'configs',
    'demo',
    'docs',
    'hamuco_mm',
    'requirements',
    'tests',
    'tools',
)


def problems_of(command: Command) -> list[str]:
    """What is wrong with a command; empty if nothing is."""
    problems = missing_files(command.words)
    if problems:
        return problems
    program, *arguments = command.words
    if program == 'mim' and arguments[0] in ('train', 'test', 'run'):
        return _mim_problems(*arguments)
    if program == 'bash':
        return _bash_problems(*arguments)
    scripts = [word for word in arguments if word.endswith('.py')]
    if scripts and (program.startswith('python') or program == 'srun'):
        first = arguments.index(scripts[0])
        return _argument_problems(scripts[0], arguments[first + 1 :])
    return []


def missing_files(words: tuple[str, ...]) -> list[str]:
    """Words that name a file of the repository that is not there."""
    return [
        f'there is no {word}'
        for word in words
        if word.partition('/')[0] in FOLDERS
        and '/' in word
        and not set('$*<>…').intersection(word)
        and not (REPOSITORY / word).exists()
    ]


def _mim_problems(name: str, *arguments: str) -> list[str]:
    """MIM's own options are MIM's parser's; it passes on what it does not know."""
    command = dict(train=mim_train, test=mim_test, run=mim_run)[name]
    parsed = command.make_context(name, list(arguments)).params
    if parsed['package'] != 'hamuco_mm':
        return []
    rest = list(parsed['other_args'])
    if name == 'run':
        found = list((REPOSITORY / 'tools').rglob(f'{parsed["command"]}.py'))
        if len(found) != 1:
            return [f'tools/ has {len(found)} files {parsed["command"]}.py']
        return _argument_problems(found[0], rest)
    checkpoint = [parsed['checkpoint']] if parsed.get('checkpoint') else []
    return _argument_problems(
        f'tools/{name}.py', [parsed['config'], *checkpoint, *rest]
    )


def _bash_problems(script: str, *arguments: str) -> list[str]:
    name = Path(script).name
    if name == 'check.sh':
        unknown = set(arguments) - set(_checks())
        return [f'no check is named {check}' for check in sorted(unknown)]
    if name == 'quickstart.sh':
        return _argument_problems('tools/misc/run_demo.py', arguments)
    if name == 'dist_train.sh':
        config, _, *rest = arguments
        return _argument_problems('tools/train.py', [config, *rest])
    if name == 'dist_test.sh':
        config, checkpoint, _, *rest = arguments
        return _argument_problems('tools/test.py', [config, checkpoint, *rest])
    if name == 'slurm_train.sh':
        _, _, config, work_dir, *rest = arguments
        return _argument_problems(
            'tools/train.py', [config, '--work-dir', work_dir, *rest]
        )
    if name == 'slurm_test.sh':
        return _argument_problems('tools/test.py', arguments[2:])
    return []


def _argument_problems(script: Path | str, arguments) -> list[str]:
    script = REPOSITORY / script
    if not script.is_relative_to(REPOSITORY) or not script.exists():
        return []  # a script of the reader's
    output = io.StringIO()
    try:
        with contextlib.redirect_stderr(output):
            args = _parser(script).parse_args(list(arguments))
    except SystemExit:
        return [output.getvalue().strip().splitlines()[-1]]
    return _setting_problems(args)


def _setting_problems(args: Namespace) -> list[str]:
    """``--cfg-options`` that change nothing: no config has such a key."""
    options = getattr(args, 'cfg_options', None) or {}
    config = str(getattr(args, 'config', ''))
    is_ours = config.startswith('configs/') and '$' not in config
    return unknown_keys(options, REPOSITORY / config if is_ours else None)


@cache
def _checks() -> list[str]:
    """Names of the checks that tools/check.sh lists."""
    command = ['bash', str(REPOSITORY / 'tools/check.sh'), '--help']
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return re.findall(r'^  (\w+)  ', text, re.M) + ['fix']


@cache
def _parser(script: Path) -> ArgumentParser:
    return load_script(script).build_parser()


def load_script(script: Path) -> ModuleType:
    """A tool as a module, with the files beside it importable as for Python."""
    name = f'documented_{script.stem}'
    spec = importlib.util.spec_from_file_location(name, script)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    sys.path.insert(0, str(script.parent))
    try:
        spec.loader.exec_module(module)
    finally:
        sys.path.remove(str(script.parent))
    return module
