"""The config reference says what every argument of every registered class means."""

import inspect

import pytest
from registered import (
    REQUIRED,
    arguments,
    components,
    description,
    documented_arguments,
)

import hamuco_mm.datasets
import hamuco_mm.models

COMPONENTS = [part for parts in components().values() for part in parts]


@pytest.mark.parametrize('component', COMPONENTS, ids=lambda part: part.name)
def test_each_argument_is_documented(component):
    made = component.made
    found = arguments(made)
    assert description(made)
    assert [argument.name for argument in found if not argument.text] == []
    names = {argument.name for argument in found} | {'args', 'kwargs'}
    assert set(documented_arguments(made)) <= names


@pytest.mark.parametrize('component', COMPONENTS, ids=lambda part: part.name)
def test_arguments_and_defaults_are_those_that_python_sees(component):
    found = {argument.name: argument.default for argument in arguments(component.made)}
    for parameter in inspect.signature(component.made).parameters.values():
        if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL):
            assert found[parameter.name] is parameter.default


def test_arguments_go_on_to_base_classes_where_they_are_passed_on():
    found = {a.name: a for a in arguments(hamuco_mm.datasets.HanCoDataset)}
    assert found['filter_cfg'].home is not hamuco_mm.datasets.HanCoDataset
    assert found['split'].home is hamuco_mm.datasets.HanCoDataset
    # CVINet passes nothing on
    names = {a.name for a in arguments(hamuco_mm.models.CVINet)}
    assert names == set(inspect.signature(hamuco_mm.models.CVINet).parameters)
    (first,) = (a for a in arguments(hamuco_mm.models.CVINet) if a.default is REQUIRED)
    assert first.name == 'in_channels' and first.kind == 'Sequence[int]'


def test_an_argument_without_a_word_is_seen():
    class Part:
        """A part.

        Args:
            known (int): What it is,
                in two lines.
            gone (int): No argument of this name.
        """

        def __init__(self, known: int, unknown: int = 2): ...

    known, unknown = arguments(Part)
    assert known.text == 'What it is,\nin two lines.' and known.kind == 'int'
    assert unknown.text == '' and unknown.default == 2
    assert set(documented_arguments(Part)) == {'known', 'gone'}
