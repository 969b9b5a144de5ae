"""Three editions side by side: the vectors that every receiver should own, and text beyond ASCII."""

import pytest
from hj212_packets import ANNEX_A, ANNEX_A_FRAME, crc_by_definition, framed, messages, modbus_by_definition, with_cp
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2005,
    EDITION_2025,
    LENIENT,
    STANDARD,
    BadFrame,
    Dialect,
    Frame,
    Framer,
    Message,
    anatomy,
    crc,
    decode_packet,
    encode,
    joined,
    parse,
    split,
)
from qingyuan_science.hj212.errors import BadPart

COUNTS_TEXT = Dialect("counts-text", length_counts="characters")
COUNTS_GBK = Dialect("counts-gbk", length_counts="characters", encodings=("gbk",))
LOG = "DataTime=20160801085857;PolId=w01018;i11001-Info=//清洗;管路,a=b//"


def frames(stream: bytes, dialect: Dialect = STANDARD) -> list[Frame | BadFrame]:
    framer = Framer(dialect)
    return framer.feed(stream) + framer.close()


def test_both_worked_examples_of_the_checksum() -> None:
    """HJ 212-2017 annex A; HJ 212-2025 annex A (text second-hand)."""
    assert crc(ANNEX_A) == 0x1C80
    assert crc(b"QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&") == 0x2200


def test_the_checksum_of_modbus_is_refused() -> None:
    assert not any(isinstance(item, Frame) for item in frames(framed(ANNEX_A, modbus_by_definition)))


def test_a_lower_case_checksum_and_an_empty_content_are_taken() -> None:
    segment = b"ST=91;CN=9014;CP=&&&&"
    raw = b"##%04d%s%04x\r\n" % (len(segment), segment, crc_by_definition(segment))
    (item,) = frames(raw)
    assert isinstance(item, Frame)
    assert parse(item.segment).cp == ()


def test_flag_9_of_surface_water_is_not_the_edition_of_2025() -> None:
    segment = b"QN=20210412154520280;ST=21;CN=9015;PW=123456;MN=A140100_2006;Flag=9;CP=&&&&"
    old, new = parse(segment, STANDARD), parse(segment, EDITION_2025)
    assert (old.edition, new.edition) == ("2017", "2025")
    assert old.suggested_edition == new.suggested_edition == "2025"


@pytest.mark.parametrize(
    ("segment", "cn", "cp"),
    [
        ("QN=20160801085857223,ST=31;CN=2061;Flag=5;CP=&&DataTime=20160801080000&&", "2061", 1),
        ("QN=20160801085857223;ST=32;CN=3017;PW=1;MN=0;Flag=5CP=&&PolId=w01018&&", "3017", 1),
        ("QN=20160801085857223;ST=32;CN=1013;PW=1;MN=0;Flag=5;CP=&& &&", "1013", 0),
        ("ST=32;CN=9012;CP=&& ExeRtn=1&&", "9012", 1),
        ("ST=32;CN=3015;CP=&&DataTime=20160801080000;VaseNo=1 &&", "3015", 2),
        ("ST=32;CN=2061;CP=&&BeginTime=20160801000000,EndTime=20160801080000;&&", "2061", 1),
        ("ST=32;CN=2011;CP=&&DataTime=20160801080000;01018-Rtd=1.0,01018-Flag=N;;&&", "2011", 2),
        ("ST=31;CN=3020;CP=&&PolId=a21026;a21026-I33400-Info=3&&", "3020", 2),
    ],
)
def test_what_the_standard_itself_misprints_is_read(segment: str, cn: str, cp: int) -> None:
    """HJ 212-2017, examples C.4 to C.48."""
    message = parse(segment.encode())
    assert (message.cn, len(message.cp)) == (cn, cp)
    assert message.qn in ("", "20160801085857223")
    assert all(name == name.strip() and value == value.strip() for group in message.cp for name, value in group)


def test_a_log_may_hold_what_parts_everything_else() -> None:
    message = parse(with_cp(LOG))
    assert message.get("i11001-Info") == "//清洗;管路,a=b//"
    assert message.get("PolId") == "w01018"


@pytest.mark.parametrize(("dialect", "encoding"), [(COUNTS_TEXT, "utf-8"), (COUNTS_TEXT, "gbk"), (COUNTS_GBK, "gbk")])
def test_a_length_that_counts_characters_is_read_by_the_profile(dialect: Dialect, encoding: str) -> None:
    segment = with_cp(LOG).decode()
    data = segment.encode(encoding)
    raw = b"##%04d%s%04X\r\n" % (len(segment), data, crc_by_definition(data))
    assert frames(raw + ANNEX_A_FRAME, dialect) == [Frame(raw, data), Frame(ANNEX_A_FRAME, ANNEX_A)]
    assert isinstance(frames(raw)[0], BadFrame)
    assert "warnings" not in decode_packet(raw, dialect)
    assert [piece.fault for piece in anatomy(raw, dialect)[0].faulty()] == []


def test_a_length_in_characters_is_written_by_the_profile() -> None:
    message = parse(with_cp(LOG))
    text, octets = encode(message, COUNTS_TEXT), encode(message)
    assert int(octets[2:6]) - int(text[2:6]) == 2 * len("清洗管路")
    assert text[6:] == octets[6:]
    assert frames(text, COUNTS_TEXT) == [Frame(text, octets[6:-6])]


@given(st.text(st.sampled_from("清洗ab;,=é"), min_size=1, max_size=30), st.data())
@settings(max_examples=80)
def test_counted_characters_survive_any_cut(text: str, data: st.DataObject) -> None:
    message = Message("", "32", "3020", cp=((("i11001-Info", f"//{text}//"),),))
    stream = encode(message, COUNTS_TEXT) * 2
    cut = data.draw(st.integers(0, len(stream)))
    framer = Framer(COUNTS_TEXT)
    items = framer.feed(stream[:cut]) + framer.feed(stream[cut:])
    assert [item.raw for item in items] == [encode(message, COUNTS_TEXT)] * 2


@given(messages(), st.data())
@settings(max_examples=150)
def test_every_edition_is_read_as_it_was_written_however_it_was_cut(message: Message, data: st.DataObject) -> None:
    dialect = {"2005": EDITION_2005, "2017": STANDARD, "2025": EDITION_2025}[message.edition]
    raw = encode(message, dialect)
    cut = data.draw(st.integers(0, len(raw)))
    framer = Framer(dialect)
    (item,) = framer.feed(raw[:cut]) + framer.feed(raw[cut:])
    assert isinstance(item, Frame)
    assert parse(item.segment, dialect) == message


def test_a_resend_is_marked_by_rf_alone() -> None:
    marked = b"QN=20240520210700000;ST=31;CN=2051;Flag=9;RF=1;CP=&&DataTime=20240520210600&&"
    assert parse(marked, EDITION_2025).rf
    assert not parse(marked.replace(b"RF=1;", b""), EDITION_2025).rf
    assert encode(parse(marked, EDITION_2025), EDITION_2025)[6:-6] == marked


@given(st.integers(2, 80), st.randoms(use_true_random=False), st.sampled_from(["2005", "2017", "2025"]))
@settings(max_examples=40)
def test_a_message_that_was_parted_is_put_together_from_any_order(factors: int, random, edition: str) -> None:
    groups = tuple(((f"w{n:05d}-Avg", "1.234"), (f"w{n:05d}-Flag", "N")) for n in range(factors))
    whole = Message("20160801085857223", "32", "2061", flag=4, cp=((("DataTime", "2016"),), *groups), edition=edition)
    parts = split(whole)
    random.shuffle(parts)
    if len(parts) > 1:
        assert joined(parts) == whole
        with pytest.raises(BadPart):
            joined(parts[1:])


MUTATIONS = [b"#", b"&&", b";", b",", b"=", b"\r\n", b"\xff", b"//", b"{0x", b"0", b"##0000", b"CP=&&"]


@given(st.lists(st.tuples(st.integers(0, 400), st.sampled_from(MUTATIONS), st.booleans()), max_size=6))
@settings(max_examples=200)
def test_damaged_frames_are_cut_explained_and_read_without_surprise(damage: list[tuple[int, bytes, bool]]) -> None:
    raw = bytearray(framed(with_cp(LOG)) + ANNEX_A_FRAME)
    for place, piece, replaced in damage:
        raw[place : place + len(piece) * replaced] = piece
    stream = bytes(raw)
    for dialect in (STANDARD, EDITION_2025, LENIENT, COUNTS_TEXT):
        items = frames(stream, dialect)
        assert b"".join(item.raw for item in items).replace(b"\r", b"").replace(b"\n", b"") == stream.replace(
            b"\r", b""
        ).replace(b"\n", b"")
        decode_packet(stream, dialect)
