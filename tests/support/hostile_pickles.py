"""Pickles of NumPy objects whose dtypes lie, written instruction by instruction."""

import struct

_BYTES = b'A' * 32


def _text(text: str) -> bytes:
    return b'X' + struct.pack('<I', len(text)) + text.encode()


def _number(number: int) -> bytes:
    return b'J' + struct.pack('<i', number)


def _bytes(data: bytes) -> bytes:
    """As Python 3 writes them in protocol 2."""
    return b'c_codecs\nencode\n' + _text(data.decode()) + _text('latin1') + b'\x86R'


def dtype(code: str, size: int = -1, order: str = '<', fields: bytes = b'NNN') -> bytes:
    """Instructions that make a dtype of a size and with fields as the file says."""
    state = b'(K\x03' + _text(order) + fields + _number(size) + _number(1) + b'K\x00t'
    return b'cnumpy\ndtype\n' + _text(code) + b'K\x00K\x01\x87R' + state + b'b'


def scalar(kind: bytes, data: bytes = _BYTES) -> bytes:
    """Instructions that make a scalar of a dtype from bytes."""
    return b'cnumpy.core.multiarray\nscalar\n' + kind + _bytes(data) + b'\x86R'


def array(kind: bytes, length: int = 4, data: bytes = _BYTES) -> bytes:
    """Instructions that make an array (length,) of a dtype from bytes."""
    new = b'cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85'
    state = b'(K\x01' + _number(length) + b'\x85' + kind + b'\x89' + _bytes(data)
    return new + _bytes(b'b') + b'\x87R' + state + b'tb'


# An object at offset 0 of 8 bytes, which are said to hold no reference.
OBJECT = dtype(
    'V8',
    8,
    '|',
    b'N'
    + _text('a')
    + b'\x85}'
    + _text('a')
    + b'cnumpy\ndtype\n'
    + _text('O8')
    + b'K\x00K\x01\x87RK\x00\x86s',
)
HOSTILE = {
    'text of negative size': scalar(dtype('U1', -(2**30))),
    'bytes of negative size': scalar(dtype('S1', -8, '|')),
    'bytes beyond the end': scalar(dtype('S1', 2**30, '|')),
    'bytes taken for a pointer': scalar(OBJECT),
    'an array of pointers': array(OBJECT),
    'an array of negative items': array(dtype('S1', -8, '|')),
    'an array without a shape': b'cnumpy\nndarray\nJ\xff\xff\xff\x7f\x85R',
    'a state for a scalar': scalar(dtype('f8'), b'A' * 8) + b'NK\x01\x86b',
}
DAMAGED = {
    'more items than bytes': array(dtype('f8'), 2**30),
    'fewer items than bytes': array(dtype('f8'), 3),
    'a negative shape': array(dtype('f8'), -4),
    'a scalar of too many bytes': scalar(dtype('f8')),
}


def pickle_of(value: bytes) -> bytes:
    """A pickle of ``dict(x=value)``."""
    return b'\x80\x02}' + _text('x') + value + b's.'
