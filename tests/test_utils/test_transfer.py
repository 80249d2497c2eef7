import torch

from hamuco_mm.utils.transfer import pack, to_device_together, unpack


def test_any_dtypes_and_shapes_survive_one_piece_of_memory():
    tensors = [
        torch.tensor([True, False, True]),
        torch.randn(2, 3),
        torch.tensor(5),
        torch.zeros(0, 4),
        torch.randn(3, 2).double().T,
        torch.arange(3, dtype=torch.uint8),
    ]
    parts = unpack(pack(tensors), tensors)
    torch.testing.assert_close(parts, tensors, rtol=0, atol=0)
    assert len({part.untyped_storage().data_ptr() for part in parts}) == 1


def test_every_part_goes_to_the_device():
    tensors = [torch.ones(2), torch.ones(3, device='meta'), torch.ones(1).bool()]
    moved = to_device_together(tensors, 'meta')
    assert {part.device.type for part in moved} == {'meta'}
    assert [(part.shape, part.dtype) for part in moved] == [
        (tensor.shape, tensor.dtype) for tensor in tensors
    ]


def test_nothing_is_copied_on_the_cpu():
    tensors = [torch.ones(2), torch.ones(3)]
    same = to_device_together(tensors, 'cpu')
    assert all(one is other for one, other in zip(same, tensors))
