"""Explaining recorded packets: what the command line prints, whatever the file holds."""

import json
from base64 import b64encode

import pytest
from hj212_packets import ANNEX_A, ANNEX_A_FRAME, framed, modbus_by_definition, whose_checksum_begins_with_zero, with_cp
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import LENIENT, Dialect, decode_lines, decode_packet

SEGMENT = with_cp("DataTime=20160801085857;w01018-Rtd=12.2,w01018-Flag=N")
PACKET = framed(SEGMENT)
DECODED = {
    "ok": True,
    "st": "32",
    "cn": "1062",
    "mn": "010000A8900016F000169DC0",
    "qn": "20160801085857223",
    "flag": 5,
    "data_time": "20160801085857",
    "values": {"w01018": {"Rtd": 12.2, "Flag": "N"}},
}


def without_warnings(answer: dict) -> dict:
    return {name: value for name, value in answer.items() if name != "warnings"}


def warnings(answer: dict) -> str:
    return "\n".join(answer.get("warnings", []))


@pytest.mark.parametrize("end", [b"\r\n", b"\n", b"", b"\r\n\n", b"  "])
def test_a_sound_packet_gives_exactly_its_content(end: bytes) -> None:
    assert decode_packet(PACKET[:-2] + end) == DECODED


def test_what_belongs_to_no_factor_is_listed_in_order() -> None:
    answer = decode_packet(
        framed("ST=32;CN=3020;Flag=6;PNUM=2;PNO=1;CP=&&DataTime=20160801085857;PolId=1;PolId=2;i12001-Info=0&&")
    )
    assert (answer["pnum"], answer["pno"], answer["cp"]) == (2, 1, [["PolId", "1"], ["PolId", "2"]])
    assert (answer["mn"], answer["qn"]) == (None, None)
    assert answer["values"] == {"i12001": {"Info": 0.0}}


@pytest.mark.parametrize("length", [b"0823", b"0001", b"0000", b"9999", b"", b"99", b"152", b"00152"])
def test_a_length_that_does_not_fit_is_a_warning_when_the_checksum_does(length: bytes) -> None:
    answer = decode_packet(b"##" + length + PACKET[6:])
    assert without_warnings(answer) == DECODED
    assert f"expected '{len(SEGMENT):04d}'" in warnings(answer)
    assert (f"'{length[:4].decode()}'" if length else "nothing") in warnings(answer)


@pytest.mark.parametrize("length", [b"0101", b"0104", b"99"])
def test_a_wrong_checksum_is_an_error_whatever_the_length(length: bytes) -> None:
    """The CRC that HJ 212-2017 misprints in annex A."""
    answer = decode_packet(b"##" + length + ANNEX_A + b"1C08\r\n")
    assert (answer["ok"], answer["error"]) == (False, "BadChecksum")
    assert "found 1C08, computed 1C80" in answer["detail"]


def test_a_checksum_of_another_kind_names_the_dialect_to_choose() -> None:
    packet = framed(ANNEX_A, modbus_by_definition)
    assert "choose a dialect with crc modbus" in decode_packet(packet)["detail"]
    assert decode_packet(packet, Dialect("m", crc="modbus"))["ok"]
    assert not decode_packet(ANNEX_A_FRAME, Dialect("m", crc="modbus"))["ok"]


def test_a_checksum_without_its_leading_zero_names_the_dialect_to_choose() -> None:
    packet = framed(whose_checksum_begins_with_zero()).replace(b"&&0", b"&&")
    assert "crc_digits 3" in decode_packet(packet)["detail"]
    assert decode_packet(packet, LENIENT)["ok"]


def test_noise_before_the_packet_is_a_warning() -> None:
    answer = decode_packet(b"10:03:12 recv: " + PACKET)
    assert without_warnings(answer) == DECODED
    assert "bytes stand before ##" in warnings(answer)


@pytest.mark.parametrize("length", [b"0152", b"0160"])
def test_of_glued_packets_the_first_is_explained_and_the_others_are_mentioned(length: bytes) -> None:
    answer = decode_packet(b"##" + length + PACKET[6:] + ANNEX_A_FRAME)
    assert without_warnings(answer) == DECODED
    assert "with 1 '##' in them" in warnings(answer)


def test_of_glued_packets_a_first_one_with_a_wrong_checksum_is_not_hidden_by_the_next() -> None:
    answer = decode_packet(ANNEX_A_FRAME.replace(b"1C80", b"1C08") + PACKET)
    assert "found 1C08, computed 1C80" in answer["detail"]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        (b"", "NoFrameHead"),
        (ANNEX_A, "NoFrameHead"),
        (b"GET / HTTP/1.0\n", "NoFrameHead"),
        (b"##", "BadLength"),
        (b"## hello", "BadLength"),
        (ANNEX_A_FRAME[:60], "Truncated"),
        (b"##0101" + ANNEX_A, "Truncated"),
        (b"##0010" + b"x" * 40, "BadChecksum"),
        (b"##0000FFFF\r\n", "MissingField"),
        (framed(b"ST=32;CP=&&&&"), "MissingField"),
        (framed(b"ST=32;CN=2011;CP=&&a=\xff&&"), "BadEncoding"),
    ],
)
def test_each_fault_has_its_name(raw: bytes, error: str) -> None:
    answer = decode_packet(raw)
    assert (answer["ok"], answer["error"]) == (False, error)
    assert set(answer) == {"ok", "error", "detail"}
    assert "found" in answer["detail"]


@pytest.mark.parametrize(
    ("segment", "warning"),
    [
        ("ST=80;CN=2011;CP=&&&&", "ST '80'"),
        ("ST=32;CN=2011;Flag=x;CP=&&&&", "'FLAG' with 'x'"),
        ("ST=32;CN=2011;CP=&&DataTime=20210230140300&&", "DataTime: found '20210230140300'"),
        ("ST=32;CN=2011;CP=&&w01018-Rtd=1;w01018-Rtd=2&&", "'w01018-Rtd' stands 2 times"),
    ],
)
def test_oddities_of_a_readable_packet_are_warnings(segment: str, warning: str) -> None:
    answer = decode_packet(framed(segment))
    assert answer["ok"]
    assert warning in warnings(answer)


# -- files


def line(**record: object) -> bytes:
    return json.dumps(record).encode() + b"\n"


LATIN = PACKET.decode("latin-1")


@pytest.mark.parametrize(
    "one",
    [
        PACKET,
        PACKET[:-2] + b"\n",
        line(raw=LATIN),
        line(raw=LATIN, encoding=None),
        line(raw=LATIN, encoding="UTF-8", note="anything"),
        line(raw=LATIN, encoding="latin-1"),
        line(raw=LATIN, encoding="gbk"),
        line(raw=PACKET.hex(), encoding="hex"),
        line(raw=b64encode(PACKET).decode(), encoding="base64"),
        b"\xef\xbb\xbf" + line(raw=LATIN),
        b"  " + line(raw=LATIN),
    ],
)
def test_a_line_is_a_packet_or_an_object_that_holds_one(one: bytes) -> None:
    assert list(decode_lines([one])) == [DECODED]


def test_bytes_that_are_no_text_survive_as_latin_1() -> None:
    packet = framed(b"ST=32;CN=3020;CP=&&i11001-Info=//" + "清洗".encode("gbk") + b"//&&")
    (answer,) = decode_lines([line(raw=packet.decode("latin-1"), encoding="latin-1")])
    assert answer["values"] == {"i11001": {"Info": "//清洗//"}}


@pytest.mark.parametrize(
    "one",
    [
        b"{",
        b'{"raw": 1}',
        b'{"raw": null}',
        b"{}",
        b'{"raw": "x", "encoding": "rot13"}',
        b'{"raw": "x", "encoding": 7}',
        b'{"raw": "\xff"}',
        b'{"raw": "\\ud800"}',
        b'{"raw": "zz", "encoding": "hex"}',
        b'{"raw": "###", "encoding": "base64"}',
        '{"raw": "清", "encoding": "latin-1"}'.encode(),
        b'{"raw": ' + b"[" * 100_000,
        b'{"raw": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_broken_line_is_an_error_and_the_next_is_read(one: bytes) -> None:
    broken, sound = decode_lines([one + b"\n", PACKET])
    assert (broken["ok"], broken["error"]) == (False, "BadLine")
    assert len(broken["detail"]) < 400
    assert sound == DECODED


def test_blank_lines_are_passed_over() -> None:
    assert list(decode_lines([b"\n", PACKET, b"\r\n", b"  \n"])) == [DECODED]


def test_every_answer_can_be_printed_as_json() -> None:
    for answer in decode_lines([PACKET, b"noise", line(raw="x"), framed("ST=32;CN=1;CP=&&a-b=1e999,a-c=nan&&")]):
        assert json.loads(json.dumps(answer, allow_nan=False)) == answer


PIECES = [
    b"##",
    b"0101",
    b"&&",
    b"1C80",
    b"CP=",
    b"ST=32;",
    b"CN=1;",
    b"\r\n",
    b"=//",
    b"\xff",
    b"{",
    b'"raw":',
    b'"',
    ANNEX_A,
]


@settings(max_examples=500)
@given(st.binary(max_size=120) | st.lists(st.sampled_from(PIECES), max_size=15).map(b"".join))
def test_nothing_in_a_file_stops_the_explanation(raw: bytes) -> None:
    answers = [decode_packet(raw), decode_packet(raw, LENIENT), *decode_lines([raw, b"{" + raw])]
    for answer in answers:
        assert answer["ok"] or answer["detail"]
        json.dumps(answer, allow_nan=False)


def test_a_packet_with_one_wrong_byte_anywhere_is_read_right_or_not_at_all() -> None:
    """All of them; a wrong byte in the length, or in what stands around the packet, costs only a warning."""
    for position in range(len(PACKET)):
        for value in {
            0,
            9,
            13,
            35,
            38,
            48,
            49,
            57,
            61,
            65,
            70,
            97,
            102,
            255,
            PACKET[position] ^ 1,
            PACKET[position] ^ 32,
        }:
            answer = decode_packet(PACKET[:position] + bytes([value]) + PACKET[position + 1 :])
            assert not answer["ok"] or without_warnings(answer) == DECODED
