"""Each kind of operation that waits for a GPU is found."""

import pytest
import torch
from gpu_waits import NoWaiting, Waits
from torch._subclasses.fake_tensor import FakeTensorMode

GPU = 'cuda:0'
needs_cuda_build = pytest.mark.skipif(
    not torch.backends.cuda.is_built(),
    reason='this PyTorch has no tensors of a GPU, not even fake ones',
)


def set_places(x, places, value=1.0):
    x[places] = value


# with a 3x3 matrix, three places in it and a mask on the device, and a vector on
# the host
WAITS = {
    'a host number at places': lambda x, places, mask, host: set_places(x, places),
    'a mask as an index': lambda x, places, mask, host: x[mask],
    'a mask as an index to set': lambda x, places, mask, host: set_places(x, mask, x),
    'a list as an index': lambda x, places, mask, host: x[[0, 2]],
    'a list as an index to set': lambda x, places, mask, host: set_places(x, [0, 2]),
    'an index on the host': lambda x, places, mask, host: x[host.long()],
    'a place as an index': lambda x, places, mask, host: x[places[0]],
    'the bound of a slice': lambda x, places, mask, host: x[: places[0]],
    'a number': lambda x, places, mask, host: x.sum().item(),
    'numbers': lambda x, places, mask, host: x.tolist(),
    'a condition': lambda x, places, mask, host: bool(mask.any()),
    'a comparison': lambda x, places, mask, host: torch.equal(x, x),
    'nonzero': lambda x, places, mask, host: mask.nonzero(),
    'where': lambda x, places, mask, host: torch.where(mask),
    'masked_select': lambda x, places, mask, host: x.masked_select(mask),
    'unique': lambda x, places, mask, host: places.unique(),
    'repetitions': lambda x, places, mask, host: x.repeat_interleave(places, 0),
    'classes that are counted': lambda x, places, mask, host: (
        torch.nn.functional.one_hot(places)
    ),
    'draws': lambda x, places, mask, host: x.multinomial(1),
    'svd': lambda x, places, mask, host: torch.linalg.svd(x),
    'svdvals': lambda x, places, mask, host: torch.linalg.svdvals(x),
    'eigh': lambda x, places, mask, host: torch.linalg.eigh(x),
    'eigvalsh': lambda x, places, mask, host: torch.linalg.eigvalsh(x),
    'eig': lambda x, places, mask, host: torch.linalg.eig(x),
    'inv': lambda x, places, mask, host: torch.linalg.inv(x),
    'solve': lambda x, places, mask, host: torch.linalg.solve(x, x),
    'cholesky': lambda x, places, mask, host: torch.linalg.cholesky(x),
    'lstsq': lambda x, places, mask, host: torch.linalg.lstsq(x, x),
    'pinv': lambda x, places, mask, host: torch.linalg.pinv(x),
    'torch.tensor': lambda x, places, mask, host: torch.tensor([1.0], device=GPU),
    'torch.as_tensor': lambda x, places, mask, host: torch.as_tensor([1.0], device=GPU),
    'new_tensor': lambda x, places, mask, host: x.new_tensor([1.0]),
    'to the device': lambda x, places, mask, host: host.to(GPU),
    'into memory of the device': lambda x, places, mask, host: x[0].copy_(host),
    'a vector set from the host': lambda x, places, mask, host: set_places(x, 0, host),
    'to the host': lambda x, places, mask, host: x.cpu(),
    'to the host, not blocking': lambda x, places, mask, host: x.to(
        'cpu', non_blocking=True
    ),
    'into memory of the host': lambda x, places, mask, host: host.copy_(x[0]),
    'a scalar of the host in where': lambda x, places, mask, host: torch.where(
        mask, host.sum(), x
    ),
}

WAITS_NOT = {
    'to the device, not blocking': lambda x, places, mask, host: host.to(
        GPU, non_blocking=True
    ),
    'into memory of the device, not blocking': lambda x, places, mask, host: x[0].copy_(
        host, non_blocking=True
    ),
    'a number in a row': lambda x, places, mask, host: set_places(x, 0),
    'a number where a mask is': lambda x, places, mask, host: x.masked_fill_(mask, 1),
    'numbers in where': lambda x, places, mask, host: torch.where(mask, 1.0, 2.0),
    'rows at places': lambda x, places, mask, host: set_places(x, places, x),
    'a scalar of the host as a factor': lambda x, places, mask, host: x * host.sum(),
    'counted classes': lambda x, places, mask, host: torch.nn.functional.one_hot(
        places, 3
    ),
    'a determinant': lambda x, places, mask, host: torch.linalg.det(x),
    'another type': lambda x, places, mask, host: x.double(),
    'work on the host': lambda x, places, mask, host: torch.linalg.inv(
        host.diag() + torch.tensor(2.0).item()
    ),
}


def run(function):
    with FakeTensorMode():
        x = torch.ones(3, 3, device=GPU)
        places = torch.arange(3, device=GPU)
        mask = torch.ones(3, 3, dtype=torch.bool, device=GPU)
        host = torch.ones(3)
        with NoWaiting():
            function(x, places, mask, host)


@needs_cuda_build
@pytest.mark.parametrize('kind', WAITS)
def test_what_waits_is_found(kind):
    with pytest.raises(Waits):
        run(WAITS[kind])


@needs_cuda_build
@pytest.mark.parametrize('kind', WAITS_NOT)
def test_what_does_not_wait_passes(kind):
    run(WAITS_NOT[kind])


@pytest.mark.parametrize(
    'function',
    [
        lambda x: x.sum().item(),
        lambda x: x[x > 0],
        lambda x: x.nonzero(),
        lambda x: torch.linalg.svd(x),
        lambda x: x.new_tensor([1.0]),
    ],
)
def test_tensors_on_the_host_can_stand_for_those_on_the_device(function):
    x = torch.eye(3)
    with NoWaiting('cpu'):
        (x.t() @ x + 1).sum()
        with pytest.raises(Waits):
            function(x)
