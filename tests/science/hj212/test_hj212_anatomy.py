"""Packets taken apart: every byte once, whatever the bytes are; meanings and faults where they stand."""

import json

import pytest
from hj212_packets import ANNEX_A, ANNEX_A_FRAME, framed, messages, with_cp
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    EDITION_2025_SM4,
    LENIENT,
    STANDARD,
    Dialect,
    Message,
    Piece,
    anatomy,
    encode,
)
from qingyuan_science.plugins import Text

PIECES = [
    b"##",
    b"0101",
    b"&&",
    b"1C80",
    b"CP=&&",
    b"ST=32;",
    b"CN=2011;",
    b"\r\n",
    b"=//",
    b"//",
    b"\xff",
    b",",
    b";",
    ANNEX_A,
]
DIALECTS = st.sampled_from(
    [STANDARD, EDITION_2005, EDITION_2025_SM4, LENIENT, Dialect("c", length_counts="characters")]
)


def keys(mn: str) -> tuple[bytes, ...]:
    return (b"0" * 16,)


def hold_together(pieces: tuple[Piece, ...], start: int, end: int) -> None:
    for piece in pieces:
        assert piece.offset == start
        start += piece.length
        if piece.parts:
            hold_together(piece.parts, piece.offset, piece.offset + piece.length)
    assert start == end


@given(st.binary(max_size=120) | st.lists(st.sampled_from(PIECES), max_size=15).map(b"".join), DIALECTS)
@example(ANNEX_A_FRAME + b"noise" + ANNEX_A_FRAME[:50], STANDARD)
@settings(max_examples=300)
def test_every_byte_stands_in_exactly_one_of_the_smallest_pieces(raw: bytes, dialect: Dialect) -> None:
    pieces = anatomy(raw, dialect, keys)
    hold_together(pieces, 0, len(raw))
    smallest = [piece for packet in pieces for piece in packet.smallest()]
    hold_together(tuple(smallest), 0, len(raw))
    json.dumps([piece.as_plain("zh") for piece in pieces])


@given(messages())
@settings(max_examples=60)
def test_written_messages_are_taken_apart_into_their_names_and_values(message: Message) -> None:
    (packet,) = anatomy(
        encode(message), {"2005": EDITION_2005, "2017": STANDARD, "2025": EDITION_2025}[message.edition]
    )
    pairs = [piece for field in packet.parts[2].parts if field.text.startswith("CP=") for piece in walk(field)]
    found = [(pair.parts[0].text, pair.parts[2].text) for pair in pairs if pair.kind == "pair" and len(pair.parts) > 2]
    assert len(found) == sum(1 for group in message.cp for _, value in group if value)


def walk(piece: Piece) -> list[Piece]:
    return [piece, *(below for part in piece.parts for below in walk(part))]


def said(raw: bytes, dialect: Dialect = STANDARD) -> dict[str, str]:
    return {
        piece.text: piece.means.en for packet in anatomy(raw, dialect) for piece in packet.smallest() if piece.means.en
    }


def faults(raw: bytes, dialect: Dialect = STANDARD) -> list[tuple[str, str]]:
    return [(p.text, p.fault.en) for packet in anatomy(raw, dialect) for p in packet.faulty() if p.fault]


def test_the_annexed_example_has_a_meaning_for_each_piece_and_no_fault() -> None:
    """HJ 212-2017 annex A."""
    meanings = said(ANNEX_A_FRAME)
    assert faults(ANNEX_A_FRAME) == []
    assert meanings["0101"] == "The data segment takes 101 bytes"
    assert meanings["20160801085857223"] == "2016-08-01 08:58:57.223"
    assert meanings["32"] == "waste water source"
    assert meanings["1062"] == "set real-time interval"
    assert meanings["5"] == "HJ 212-2017, not split, answer wanted"
    assert meanings["30"] == "30 s"


def test_factors_states_and_codes_are_named() -> None:
    raw = framed(
        with_cp("DataTime=20160801085857;w01018-Rtd=1.2,w01018-Flag=M;SB1-RS=5;a21026-i13007-Info=0.1;QnRtn=3")
    )
    meanings = {
        piece.text: piece.means
        for packet in anatomy(raw, factor_title={"w01018": Text("化学需氧量", "COD")}.get)
        for piece in packet.smallest()
    }
    assert meanings["w01018-Rtd"] == Text("化学需氧量 实时值", "COD, real-time value")
    assert meanings["M"].en == "under maintenance"
    assert meanings["a21026-i13007-Info"].zh == "a21026 截距 现场端信息"
    assert (meanings["5"].en, meanings["3"].en) == ("blow-back", "PW wrong")


@pytest.mark.parametrize(
    ("raw", "dialect", "text", "fault"),
    [
        (ANNEX_A_FRAME[:-2], STANDARD, "", "CR LF is missing"),
        (ANNEX_A_FRAME.replace(b"1C80", b"1C08"), STANDARD, "1C08", "computed 1C80"),
        (b"##0102" + ANNEX_A_FRAME[6:], STANDARD, "0102", "expected 0101"),
        (ANNEX_A_FRAME[:60], STANDARD, ANNEX_A_FRAME[:60].decode(), "60 bytes"),
        (b"noise" + ANNEX_A_FRAME, STANDARD, "noise", "No ##"),
        (ANNEX_A_FRAME, EDITION_2005, "5", "The device speaks HJ/T 212-2005"),
        (framed("ST=80;CN=2011;CP=&&&&"), STANDARD, "80", "no such system code"),
        (framed("ST=32;CN=7777;CP=&&&&"), STANDARD, "7777", "no such command code"),
        (framed("ST=32;CN=2011;CP=&&DataTime=20210230000000&&"), STANDARD, "20210230000000", "Not a time"),
        (framed("ST=32;CN=2011;CP=&&w01018-Rtd=abc&&"), STANDARD, "abc", "Not a number"),
        (framed("ST=32;CN=2011;CP=&&w01018-Flag=Td&&"), STANDARD, "Td", "no such data flag"),
        (framed("ST=32;CN=2011;CP=&&w01018-Foo=1&&"), STANDARD, "w01018-Foo", "no such kind of value"),
        (framed("ST=32;CN=2011;CP=&&lonely&&"), STANDARD, "lonely", "No ="),
        (framed("ST=32;CN=2011;ST=32;CP=&&&&"), STANDARD, "ST", "stands twice"),
        (framed("CN=2011;CP=&&&&"), STANDARD, "CN=2011;CP=&&&&", "ST is missing"),
        (framed("ST=32;CN=2011;RF=1;CP=&&&&"), STANDARD, "1", "Only HJ 212-2025"),
        (framed("ST=32,CN=2011;CP=&&&&"), STANDARD, ",", "semicolon"),
        (framed("ST=32;CN=2011;CP=&&a=1"), STANDARD, "CP=&&a=1", "does not end with &&"),
        (framed("ST=32;CN=3020;CP=&&i11001-Info=text&&"), STANDARD, "text", "between // and //"),
    ],
)
def test_what_is_wrong_is_said_where_it_stands(raw: bytes, dialect: Dialect, text: str, fault: str) -> None:
    assert any(found == text and fault in said for found, said in faults(raw, dialect)), faults(raw, dialect)


def test_a_two_letter_flag_of_2025_has_its_meaning() -> None:
    raw = framed("ST=31;CN=2011;CP=&&a21026-Flag=Td&&")
    assert faults(raw, EDITION_2025) == []
    assert said(raw, EDITION_2025)["Td"] == "fault of a key condition parameter"


def test_every_meaning_and_fault_is_written_in_both_languages() -> None:
    raw = b"noise" + framed("ST=80;CN=7777;Flag=1;RF=1;CP=&&w01018-Rtd=x;foo=1;SB1-RS=9&&")[:-2]
    for packet in anatomy(raw):
        for piece in walk(packet):
            assert bool(piece.means.zh) == bool(piece.means.en)
            assert piece.fault is None or (piece.fault.zh and piece.fault.en)
