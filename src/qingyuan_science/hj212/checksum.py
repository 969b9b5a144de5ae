"""The CRC of HJ 212, and the two wrong ones that are met in the wild."""

from collections.abc import Callable
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ONE: Final = np.uint16(1)
_POLYNOMIAL: Final = np.uint16(0xA001)
_START: Final = 0xFFFF


def _shifted(registers: NDArray[np.uint16], steps: int) -> NDArray[np.uint16]:
    for _ in range(steps):
        registers = registers >> _ONE ^ (registers & _ONE) * _POLYNOMIAL
    return registers


TABLE: Final[tuple[int, ...]] = tuple(_shifted(np.arange(256, dtype=np.uint16), 8).tolist())


def crc(data: bytes) -> int:
    """Compute the CRC of a data segment.

    Parameters
    ----------
    data : bytes
        The data segment.

    Returns
    -------
    int
        The CRC, 0 to 0xFFFF; sent as four hex digits, high byte first.

    Source
    ------
    HJ/T 212-2005 annex A, HJ 212-2017 annex A (same algorithm).

    Notes
    -----
    By definition, for each byte ``b``: ``register = (register >> 8) ^ b``, then eight times: shift right by one bit
    and, if the bit that fell out was 1, XOR with 0xA001. Not ``register ^ b``, which is the CRC known from Modbus.

    The low byte of the register falls out at each step, so the state is a single byte and the result one of only 256
    values. The step on that byte is linear and, applied eight times, the identity. Hence bytes eight places apart act
    alike: the segment is first folded to eight bytes by XOR, and only these pass through the table.

    Any single wrong byte is noticed. Two or more wrong bytes pass with probability about 1/256, and two bytes eight
    places apart may be exchanged unnoticed: a right CRC is weak evidence.

    Examples
    --------
    >>> header = b"QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;"
    >>> f"{crc(header + b'CP=&&RtdInterval=30&&'):04X}"
    '1C80'
    >>> f"{crc(b''):04X}"
    'FFFF'
    """
    if not data:
        return _START
    padded = bytes(-len(data) % 8) + bytes((data[0] ^ 0xFF,)) + data[1:]
    register = 0
    for byte in np.bitwise_xor.reduce(np.frombuffer(padded, np.uint64)).tobytes():
        register = TABLE[register >> 8 ^ byte]
    return register


@cache
def _advance(doublings: int) -> NDArray[np.uint16]:
    """Every register after 2 ** `doublings` two-byte words of zeros, under the Modbus step."""
    if doublings:
        half = _advance(doublings - 1)
        return half[half]
    return _shifted(np.arange(1 << 16, dtype=np.uint16), 16)


def crc_modbus(data: bytes) -> int:
    """Compute the CRC-16 known from Modbus, which some senders use by mistake.

    Parameters
    ----------
    data : bytes
        The data segment.

    Returns
    -------
    int
        The CRC, 0 to 0xFFFF.

    Source
    ------
    MODBUS over serial line, specification and implementation guide V1.02, 6.2.2: CRC generation.

    Notes
    -----
    By definition ``register = register ^ b``, then eight shifts as in `crc`. The step is linear in the register, so
    neighbouring words are combined pairwise, which numpy does for the whole segment at a time.

    Examples
    --------
    >>> f"{crc_modbus(b'123456789'):04X}"
    '4B37'
    """
    if len(data) < 2:
        return _START >> 8 ^ TABLE[0xFF ^ data[0]] if data else _START
    padded = bytes(len(data) % 2) + bytes((data[0] ^ 0xFF, data[1] ^ 0xFF)) + data[2:]
    words = np.frombuffer(padded, np.dtype("<u2"))
    doublings = 0
    while len(words) > 1:
        if len(words) % 2:
            words = np.concatenate((np.zeros(1, np.uint16), words))
        words = _advance(doublings)[words[0::2]] ^ words[1::2]
        doublings += 1
    return int(_advance(0)[words[0]])


def crc_modbus_swapped(data: bytes) -> int:
    """Compute the Modbus CRC-16 with its two bytes exchanged, which some senders use by mistake.

    Parameters
    ----------
    data : bytes
        The data segment.

    Returns
    -------
    int
        The CRC, 0 to 0xFFFF.

    Examples
    --------
    >>> f"{crc_modbus_swapped(b'123456789'):04X}"
    '374B'
    """
    value = crc_modbus(data)
    return value >> 8 | (value & 0xFF) << 8


VARIANTS: Final[dict[str, Callable[[bytes], int]]] = {
    "standard": crc,
    "modbus": crc_modbus,
    "modbus-swapped": crc_modbus_swapped,
}
"""The CRC algorithms by the name that a dialect calls them."""
