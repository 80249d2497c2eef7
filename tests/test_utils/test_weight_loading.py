"""What a checkpoint lacks of a network, without MMEngine's list of it."""

import pytest
import torch
from mmengine.runner import load_checkpoint
from torch import nn

from hamuco_mm.utils.weight_loading import complete_loading, watched_loading


class Renaming(nn.Linear):
    """Reads older checkpoints, as networks of MMPose do."""

    def _load_from_state_dict(self, state_dict, prefix, *args):
        for name in ('weight', 'bias'):
            if f'{prefix}old_{name}' in state_dict:
                state_dict[prefix + name] = state_dict.pop(f'{prefix}old_{name}')
        super()._load_from_state_dict(state_dict, prefix, *args)


def network(width: int = 2) -> nn.Sequential:
    return nn.Sequential(Renaming(width, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))


def load(model: nn.Module, tmp_path, weights: dict) -> None:
    torch.save(dict(state_dict=weights), tmp_path / 'x.pth')
    load_checkpoint(model, str(tmp_path / 'x.pth'))


def test_what_is_missing_or_of_another_shape(tmp_path, capsys):
    weights = network(4).state_dict()
    del weights['2.bias'], weights['1.num_batches_tracked']
    weights['more'] = torch.zeros(1)
    model = network()
    with watched_loading(model) as lacking:
        load(model, tmp_path, weights)
    assert lacking == ['0.weight', '2.bias']
    printed = capsys.readouterr().out
    assert 'size mismatch' not in printed and 'missing keys' not in printed
    load(model, tmp_path, weights)  # others print it as before
    assert 'size mismatch for 0.weight' in capsys.readouterr().out


def test_weights_under_older_names_are_there(tmp_path):
    known = network().state_dict()
    weights = {k.replace('0.', '0.old_', 1): value for k, value in known.items()}
    model = network()
    with complete_loading(model, 'x.py', 'x.pth'):
        load(model, tmp_path, weights)
    torch.testing.assert_close(model[0].weight, known['0.weight'])


def test_the_message_names_the_parts(tmp_path):
    model = nn.ModuleDict(dict(head=network(), view_neck=nn.Linear(2, 2)))
    whole = model.state_dict()
    weights = {key: value for key, value in whole.items() if 'view' not in key}
    with (
        pytest.raises(
            ValueError,
            match=r'x.pth has no weights for 2 of 10 tensors of x.py \(view_neck.weight, '
            r'view_neck.bias\): it is of a single-view network.*fits view_neck',
        ),
        complete_loading(model, 'x.py', 'x.pth'),
    ):
        load(model, tmp_path, weights)
    weights['head.0.weight'] = torch.zeros(1)
    with (
        pytest.raises(ValueError, match=r'it is of another .* fits head, view_neck'),
        complete_loading(model, 'x.py', 'x.pth'),
    ):
        load(model, tmp_path, weights)
