"""HJ 212-2025 on the line: SM4 without padding, the CRC of what it says, frames whose cipher text holds anything."""

import subprocess
import sys
from itertools import count

import pytest
from hj212_packets import ANNEX_A_FRAME, crc_by_definition, framed, messages
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2025,
    EDITION_2025_SM4,
    BadFrame,
    BadKey,
    Dialect,
    Frame,
    Framer,
    Hj212Error,
    Message,
    NoKey,
    anatomy,
    decode_packet,
    encode,
    must_be_enciphered,
    parse,
    read_key,
)
from qingyuan_science.hj212.cipher import as_literal, decipher, encipher

KEY = b"0" * 16
LITERAL = Dialect("literal", edition="2025", cipher="sm4-literal")
ANNEX_HEAD = b"QN=20240520210700000;ST=31;CN=2051;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&"
ANNEX_SAYS = (
    b"DataTime=20240520210600;a01011-Min=1.35,a01011-Avg=1.35,a01011-Max=1.35,a01011-Flag=N;"
    b"a01014-Min=3.20,a01014-Avg=3.20,a01014-Max=3.20,a01014-Flag=N"
)
ANNEX_CIPHER = bytes.fromhex(
    "e43e159acfab242cb53155fb8b9281a1a242577abfaed881be88b72d69fc55ed1a80119faac8b3cd33d285cc76f57f2ca7f88b9573c6647e"
    "0f07e24609bd6b63eb20c5b9784f28e71d2f4994ff61d9e13b391a1d2a454b65388d5d9435dbf021528c7bf9755ef16518710c0cac0adef9"
    "c5156cd0a5a17674ac0ed2abc40023e9ef70128554b82438e91adce98a0d03a4673d4e"
)
ANNEX_FRAME = b"##0234" + ANNEX_HEAD + ANNEX_CIPHER + b"&&B541\r\n"
PRINTED = b"##0234" + ANNEX_HEAD + as_literal(ANNEX_CIPHER) + b"&&B541\r\n"


def keys(mn: str) -> tuple[bytes, ...]:
    return (KEY,)


def everything(stream: bytes, dialect: Dialect = EDITION_2025_SM4) -> list[Frame | BadFrame]:
    framer = Framer(dialect, keys=keys)
    return framer.feed(stream) + framer.close()


def test_the_block_cipher_is_that_of_the_national_standard() -> None:
    """GB/T 32907-2016 appendix A, example 1."""
    block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    assert encipher(block, block).hex() == "681edf34d206965e86b3e94f536e4246"


def test_the_annexed_example_is_read_from_its_cipher_text() -> None:
    """HJ 212-2025 annex A.2 (second-hand): key of sixteen zeros, length 0234, CRC B541 of what it says."""
    assert decipher(ANNEX_CIPHER, KEY) == ANNEX_SAYS
    assert encipher(ANNEX_SAYS, KEY) == ANNEX_CIPHER
    assert crc_by_definition(ANNEX_HEAD + ANNEX_SAYS + b"&&") == 0xB541
    assert everything(ANNEX_FRAME) == [Frame(ANNEX_FRAME, ANNEX_HEAD + ANNEX_SAYS + b"&&", True)]


def test_the_annexed_example_is_written_to_the_byte() -> None:
    message = parse(ANNEX_HEAD + ANNEX_SAYS + b"&&", EDITION_2025_SM4)
    assert encode(message, EDITION_2025_SM4, KEY) == ANNEX_FRAME


def test_the_form_that_the_annex_prints_is_read_whatever_its_length_counts() -> None:
    whole = len(PRINTED) - 12
    for frame in (PRINTED, b"##%04d" % whole + PRINTED[6:]):
        assert everything(frame + ANNEX_A_FRAME)[0] == Frame(frame, ANNEX_HEAD + ANNEX_SAYS + b"&&", True)
        assert len(everything(frame + ANNEX_A_FRAME)) == 2
    message = parse(ANNEX_HEAD + ANNEX_SAYS + b"&&", LITERAL)
    assert encode(message, LITERAL, KEY) == PRINTED


def test_a_short_rest_stays_clear() -> None:
    assert encipher(b"0123456789abcdefN", KEY)[16:] == b"N"
    assert encipher(b"QnRtn=1", KEY) == b"QnRtn=1"


@given(st.binary(max_size=100), st.binary(min_size=16, max_size=16))
def test_what_was_enciphered_is_deciphered(content: bytes, key: bytes) -> None:
    assert decipher(encipher(content, key), key) == content
    assert len(encipher(content, key)) == len(content)


def dangerous_frames() -> list[bytes]:
    """Frames whose cipher text holds what a careless receiver takes for an end or a beginning."""
    found: dict[bytes, bytes] = {}
    for number in count():
        cp = ((("DataTime", "20240520210600"),), (("w01018-Avg", f"{number:06d}"), ("w01018-Flag", "N")))
        frame = encode(Message("", "32", "2051", cp=cp, edition="2025"), EDITION_2025_SM4, KEY)
        for mark in (b"\r\n", b"##", b"&&"):
            if mark in frame[30:-10] and mark not in found:
                found[mark] = frame
        if len(found) == 3:
            return list(found.values())
    raise AssertionError


DANGEROUS = dangerous_frames()


@given(st.data())
@settings(max_examples=50)
def test_cipher_text_with_line_ends_heads_and_ends_in_it_survives_any_cut(data: st.DataObject) -> None:
    stream = b"".join(DANGEROUS) * 2
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer = Framer(EDITION_2025_SM4, keys=keys)
    items = [
        item for a, b in zip([0, *places], [*places, len(stream)], strict=True) for item in framer.feed(stream[a:b])
    ]
    assert [item.raw for item in items] == DANGEROUS * 2
    assert all(isinstance(item, Frame) and item.enciphered for item in items)


@given(st.data())
@settings(max_examples=50)
def test_the_printed_form_survives_any_cut(data: st.DataObject) -> None:
    stream = PRINTED + ANNEX_FRAME + PRINTED
    places = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    framer = Framer(EDITION_2025_SM4, keys=keys)
    items = [
        item for a, b in zip([0, *places], [*places, len(stream)], strict=True) for item in framer.feed(stream[a:b])
    ]
    assert [item.raw for item in items] == [PRINTED, ANNEX_FRAME, PRINTED]


@given(messages(), st.sampled_from([EDITION_2025_SM4, LITERAL]))
@settings(max_examples=60)
def test_a_message_of_any_edition_survives_the_cipher(message: Message, dialect: Dialect) -> None:
    try:
        raw = encode(message, dialect, KEY)
    except Hj212Error:
        return
    (item,) = everything(raw, dialect)
    assert isinstance(item, Frame)
    assert item.segment == encode(message, dialect)[6:-6]


def test_a_key_is_found_by_the_device_that_speaks_and_an_old_one_still_reads() -> None:
    asked: list[str] = []

    def by_device(mn: str) -> list[bytes]:
        asked.append(mn)
        return [b"n" * 16, KEY]

    (item,) = Framer(EDITION_2025_SM4, keys=by_device).feed(ANNEX_FRAME)
    assert isinstance(item, Frame)
    assert asked == ["010000A8900016F000169DC0"]


@pytest.mark.parametrize("given_keys", [None, lambda mn: (), lambda mn: (b"wrong key of 16b",)])
@pytest.mark.parametrize("frame", [ANNEX_FRAME, PRINTED])
def test_without_the_key_a_frame_is_kept_whole_and_named(frame: bytes, given_keys) -> None:
    """Whole: heads that stand in its cipher text are no frames."""
    items = Framer(EDITION_2025_SM4, keys=given_keys).feed(frame + framed(b"ST=32;CN=9015;CP=&&&&"))
    assert items[0].raw == frame
    assert isinstance(items[0], BadFrame)
    assert isinstance(items[0].error, NoKey)
    assert isinstance(items[1], Frame)


def test_a_head_inside_cipher_text_that_cannot_be_read_is_no_frame() -> None:
    content = bytes(range(128, 160)) + b"##0003\x01\r\n&&" + bytes(range(160, 180))
    segment = ANNEX_HEAD + content + b"&&"
    frame = b"##%04d%s0000\r\n" % (len(segment), segment)
    (item,) = Framer(EDITION_2025_SM4).feed(frame)
    assert (item.raw, isinstance(item, BadFrame)) == (frame, True)


def test_a_sender_that_enciphers_nothing_is_understood_all_the_same() -> None:
    plain = encode(parse(ANNEX_HEAD + ANNEX_SAYS + b"&&", EDITION_2025), EDITION_2025)
    assert everything(plain) == [Frame(plain, plain[6:-6])]


def test_a_wrong_byte_in_the_cipher_text_is_noticed() -> None:
    for place in range(95, 220, 7):
        damaged = bytearray(ANNEX_FRAME)
        damaged[place] ^= 0x20
        assert all(isinstance(item, BadFrame) for item in everything(bytes(damaged)))


def test_what_must_be_enciphered() -> None:
    """HJ 212-2025 (second-hand): uploads 2000 to 2999, 1014 and 3020."""
    up, down = "device-to-host", "host-to-device"
    assert all(must_be_enciphered(cn, up) for cn in ("2011", "2061", "2062", "2111", "2999", "1014", "3020"))
    assert not any(must_be_enciphered(cn, up) for cn in ("1011", "1001", "3019", "9011", "9015", "20111"))
    assert must_be_enciphered("1014", down)
    assert not must_be_enciphered("2061", down)


@pytest.mark.parametrize("text", ["", "short", "zz" * 16, "密" * 16, "0" * 31])
def test_a_key_of_another_form_is_refused_without_being_told(text: str) -> None:
    with pytest.raises(BadKey) as caught:
        read_key(text)
    assert not text or text not in str(caught.value)


def test_a_recorded_packet_is_deciphered_for_people() -> None:
    for raw in (ANNEX_FRAME, ANNEX_FRAME[:-2], PRINTED):
        answer = decode_packet(raw, EDITION_2025_SM4, keys)
        assert answer["ok"], answer
        assert answer["values"]["a01014"] == {"Min": 3.2, "Avg": 3.2, "Max": 3.2, "Flag": "N"}
        assert "warnings" not in answer
    assert decode_packet(ANNEX_FRAME, EDITION_2025_SM4)["error"] == "NoKey"


def test_the_pieces_of_an_enciphered_packet_stand_where_they_were_sent() -> None:
    (packet,) = anatomy(ANNEX_FRAME, EDITION_2025_SM4, keys)
    assert list(packet.faulty()) == []
    pieces = {piece.text: piece.offset for piece in packet.smallest()}
    assert pieces["a01014-Flag"] == 6 + len(ANNEX_HEAD) + ANNEX_SAYS.index(b"a01014-Flag")
    (sealed,) = [p for p in anatomy(ANNEX_FRAME, EDITION_2025_SM4)[0].smallest() if p.kind == "cipher"]
    assert (sealed.offset, sealed.length) == (6 + len(ANNEX_HEAD), len(ANNEX_CIPHER))
    assert sealed.fault is not None


def test_without_keys_the_cipher_library_is_not_loaded() -> None:
    code = "import sys, qingyuan_science.hj212; sys.exit('cryptography' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": ":".join(sys.path)}, check=False).returncode
        == 0
    )
