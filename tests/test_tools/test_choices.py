"""Tools offer what the package knows: their parsers do not import it, to answer
--help at once."""

import pytest
from command_checks import load_script

from hamuco_mm.cameras import FORMATS
from hamuco_mm.datasets.frames import MATCH_CHOICES


@pytest.mark.parametrize(
    'script, option, known',
    [
        ('tools/dataset_converters/rig2coco.py', '--format', FORMATS),
        ('tools/dataset_converters/rig2coco.py', '--match', MATCH_CHOICES),
        ('demo/hamuco_demo.py', '--format', FORMATS),
        ('demo/hamuco_demo.py', '--match', MATCH_CHOICES),
    ],
)
def test_choices(repository, script, option, known):
    parser = load_script(repository / script).build_parser()
    (choices,) = (
        action.choices for action in parser._actions if option in action.option_strings
    )
    assert sorted(choices) == sorted(known)
