"""Joint orders by name."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hamuco_mm.datasets.joint_order import (
    joint_names,
    names_of_side,
    reorder_by_name,
    standard_joint_name,
)
from hamuco_mm.hand_model import HAND_JOINT_NAMES


@pytest.mark.parametrize(
    'name, standard',
    [
        ('wrist', 'wrist'),
        ('r_wrist', 'wrist'),
        ('thumb1', 'thumb_cmc'),
        ('thumb4', 'thumb_tip'),
        ('right_forefinger1', 'index_mcp'),
        ('left_middle_finger3', 'middle_dip'),
        ('l_pinky2', 'pinky_pip'),
        ('little4', 'pinky_tip'),
        ('ring_finger4', 'ring_tip'),
        ('ring_dip', 'ring_dip'),
    ],
)
def test_names(name, standard):
    assert standard_joint_name(name) == standard


@pytest.mark.parametrize('name', ['elbow', 'thumb5', 'thumb_pip', 'toe1', ''])
def test_unknown_names_are_refused(name):
    with pytest.raises(ValueError, match='no known name'):
        standard_joint_name(name)


@given(
    shuffled=st.permutations(HAND_JOINT_NAMES),
    wanted=st.permutations(HAND_JOINT_NAMES),
    side=st.sampled_from(['', 'right_', 'l_']),
)
def test_reordering_is_by_name(shuffled, wanted, side):
    """From any order to any other, whatever the side in the names is; going
    back undoes it."""
    order = reorder_by_name([side + name for name in shuffled], wanted)
    assert [shuffled[i] for i in order] == wanted
    back = reorder_by_name(wanted, shuffled)
    assert order[back].tolist() == list(range(21))


@given(
    missing=st.sampled_from(HAND_JOINT_NAMES), twice=st.sampled_from(HAND_JOINT_NAMES)
)
def test_no_joint_is_missing_or_there_twice(missing, twice):
    names = [name for name in HAND_JOINT_NAMES if name != missing]
    with pytest.raises(ValueError, match=missing):
        reorder_by_name(names)
    with pytest.raises(ValueError, match=f'both the joint {twice!r}'):
        reorder_by_name([*HAND_JOINT_NAMES, f'right_{twice}'])


def test_mmposes_tables_of_single_hands_have_our_order():
    for file in ('freihand2d', 'onehand10k', 'panoptic_hand2d'):
        names = joint_names(dict(from_file=f'configs/_base_/datasets/{file}.py'))
        np.testing.assert_array_equal(reorder_by_name(names), range(21))


def test_mmposes_table_of_both_hands():
    names = joint_names(dict(from_file='configs/_base_/datasets/interhand3d.py'))
    right = names_of_side(names, 'right')
    assert right == list(range(21))
    order = reorder_by_name([names[i] for i in right])
    assert order[0] == 20 and order[1] == 3 and order[8] == 4


def test_bad_orders():
    names = list(HAND_JOINT_NAMES)
    with pytest.raises(ValueError, match="both the joint 'thumb_cmc'"):
        reorder_by_name(names + ['thumb1'])
    with pytest.raises(ValueError, match='pinky_tip'):
        reorder_by_name(names[:-1])
    with pytest.raises(ValueError, match='does not say its side'):
        names_of_side(['r_wrist', 'thumb1'], 'right')


def test_synonyms_go_before_the_rules():
    """DexYCB calls the base of the thumb its MCP."""
    assert standard_joint_name('thumb_mcp', dict(thumb_mcp='thumb_cmc')) == 'thumb_cmc'
