"""What the quickstart says to type is what it does by itself."""

import shlex
import subprocess
import sys
from pathlib import Path

from documented_commands import commands_of

REPOSITORY = Path(__file__).resolve().parents[2]
# of the steps alone, which may begin anew and are timed; of the page alone
EXTRAS = {'--resume', '--minutes', 'work_dirs/hamuco_demo/timings.json', '--report'}


def plain(words):
    return [word.rstrip('/') for word in words if word not in EXTRAS]


def test_the_steps_by_hand_are_those_of_the_demo():
    listed = subprocess.run(
        [sys.executable, 'tools/misc/run_demo.py', '--list'],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    steps = [plain(shlex.split(line)) for line in listed.splitlines()]
    by_hand = [
        plain(command.words)
        for command in commands_of(REPOSITORY / 'docs/quickstart.md')
        if command.words[0] in ('python', 'mim')
    ]
    first = by_hand.index(steps[0])
    assert by_hand[first : first + len(steps)] == steps
