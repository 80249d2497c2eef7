"""A word to those whose trainings wait for other programs."""

import os

import pytest
import torch

from hamuco_mm.utils.machine import busy_note


@pytest.fixture
def machine(monkeypatch):
    """Function: load, and what is set -> the note on a machine of 4 cores."""
    monkeypatch.setattr(os, 'cpu_count', lambda: 4)
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: False)
    monkeypatch.delenv('OMP_NUM_THREADS', raising=False)

    def note(load):
        monkeypatch.setattr(os, 'getloadavg', lambda: (load, 0.0, 0.0))
        return busy_note()

    return note


def test_a_busy_machine_is_said(machine):
    assert 'these 4 cores busy (load 5.3)' in machine(5.3)
    assert machine(0.5) == ''


def test_nothing_to_say_where_it_would_not_help(machine, monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    assert machine(9.0) == ''
    monkeypatch.delenv('OMP_NUM_THREADS')
    monkeypatch.setattr(torch.cuda, 'is_available', lambda: True)
    assert machine(9.0) == ''
