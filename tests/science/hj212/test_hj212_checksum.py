"""The checksum against its definition, its worked examples, and what it can and cannot notice."""

import pytest
from hj212_packets import ANNEX_A, crc_by_definition, modbus_by_definition
from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science.hj212 import crc, crc_modbus, crc_modbus_swapped


def test_the_worked_example_of_annex_a() -> None:
    """HJ 212-2017 annex A; its running text prints 1C08 in one place, which is a misprint."""
    assert crc(ANNEX_A) == 0x1C80


def test_the_worked_example_of_the_2025_annex() -> None:
    segment = b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&"
    assert crc(segment) == 0x2200


@pytest.mark.parametrize(
    ("first_bytes", "register"),
    [(b"", 0xFFFF), (b"Q", 0xBC81), (b"QN", 0x8581), (b"QN=", 0x7200), (b"QN=2", 0xF001)],
)
def test_the_register_after_each_of_the_first_bytes(first_bytes: bytes, register: int) -> None:
    """HJ 212-2017 annex A, steps 1 to 10 followed by hand for its example."""
    assert crc(first_bytes) == register


@given(st.binary(max_size=300))
def test_the_folded_form_equals_the_definition(data: bytes) -> None:
    assert crc(data) == crc_by_definition(data)


@given(st.binary(max_size=300))
def test_the_modbus_form_equals_its_definition(data: bytes) -> None:
    assert crc_modbus(data) == modbus_by_definition(data)
    assert crc_modbus_swapped(data) == int.from_bytes(modbus_by_definition(data).to_bytes(2, "little"), "big")


def test_the_check_value_of_the_modbus_checksum() -> None:
    """The usual check value of CRC-16/MODBUS over the digits 1 to 9."""
    assert crc_modbus(b"123456789") == 0x4B37


@given(st.binary(min_size=1, max_size=200), st.data())
def test_a_single_wrong_byte_is_always_noticed(data: bytes, draw: st.DataObject) -> None:
    position = draw.draw(st.integers(0, len(data) - 1))
    damage = draw.draw(st.integers(1, 255))
    damaged = data[:position] + bytes([data[position] ^ damage]) + data[position + 1 :]
    assert crc(damaged) != crc(data)


@given(st.binary(min_size=9, max_size=200), st.data())
def test_two_bytes_exchanged_eight_places_apart_go_unnoticed(data: bytes, draw: st.DataObject) -> None:
    """A weakness of the algorithm that callers have to know: a right checksum is weak evidence."""
    position = draw.draw(st.integers(0, len(data) - 9))
    exchanged = bytearray(data)
    exchanged[position], exchanged[position + 8] = exchanged[position + 8], exchanged[position]
    assert crc(bytes(exchanged)) == crc(data)
