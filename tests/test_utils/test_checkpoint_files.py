"""Checkpoints of tools, complete or not there."""

import pytest
import torch

from hamuco_mm.utils.checkpoint_files import write_checkpoint


def test_a_checkpoint_comes_back_and_its_folder_is_made(tmp_path):
    path = tmp_path / 'new' / 'weights.pth'
    write_checkpoint(path, dict(state_dict=dict(w=torch.arange(3.0))))
    weights = torch.load(path, weights_only=True)['state_dict']['w']
    assert weights.tolist() == [0, 1, 2]


def test_what_was_there_stays_if_the_new_one_cannot_be_made(tmp_path):
    path = tmp_path / 'weights.pth'
    write_checkpoint(path, dict(epoch=1))
    # a lambda cannot be pickled
    with pytest.raises((AttributeError, TypeError, RuntimeError)):
        write_checkpoint(path, dict(weights=torch.zeros(1000), broken=lambda: None))
    assert torch.load(path, weights_only=True) == dict(epoch=1)
    assert list(tmp_path.iterdir()) == [path]
