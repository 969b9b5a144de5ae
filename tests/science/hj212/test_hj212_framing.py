"""Cutting a stream into frames: by length alone, whatever stands inside, however the bytes arrive."""

import pytest
from hj212_packets import (
    ANNEX_A,
    ANNEX_A_FRAME,
    crc_by_definition,
    framed,
    modbus_by_definition,
    whose_checksum_begins_with_zero,
)
from hypothesis import example, given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    LENIENT,
    STANDARD,
    BadChecksum,
    BadFrame,
    BadLength,
    Dialect,
    Frame,
    Framer,
    Hj212Error,
    NoFrameEnd,
    NoFrameHead,
    SegmentTooLong,
    Truncated,
)
from qingyuan_science.hj212 import checksum as checksums

SCANNER = b"GET / HTTP/1.0\r\nUser-Agent: anybody\r\nAccept: */*\r\n\r\n"
OTHER = framed(b"QN=20160801085857999;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=60&&")
SWAPPED = Dialect("swapped", crc="modbus-swapped")
COUNTS_ALL = Dialect("counts-all", length_excess=6)


def swapped_by_definition(data: bytes) -> int:
    value = modbus_by_definition(data)
    return value >> 8 | (value & 0xFF) << 8


def everything(stream: bytes, dialect: Dialect = STANDARD) -> list[Frame | BadFrame]:
    framer = Framer(dialect)
    return framer.feed(stream) + framer.close()


def segments(items: list[Frame | BadFrame]) -> list[bytes]:
    return [item.segment for item in items if isinstance(item, Frame)]


def faults(items: list[Frame | BadFrame]) -> list[Hj212Error]:
    return [item.error for item in items if isinstance(item, BadFrame)]


def described(items: list[Frame | BadFrame]) -> list[tuple[bytes, str, str]]:
    return [
        (item.raw, "", "") if isinstance(item, Frame) else (item.raw, type(item.error).__name__, str(item.error))
        for item in items
    ]


def test_the_worked_example_is_one_frame() -> None:
    """HJ 212-2017 annex A."""
    assert Framer().feed(ANNEX_A_FRAME) == [Frame(ANNEX_A_FRAME, ANNEX_A)]


def test_an_empty_data_segment_is_a_frame() -> None:
    assert segments(everything(b"##0000FFFF\r\n")) == [b""]


def test_frames_in_one_read_come_in_order() -> None:
    framer = Framer()
    assert segments(framer.feed(ANNEX_A_FRAME + OTHER)) == [ANNEX_A, OTHER[6:-6]]
    assert framer.pending == 0


def test_a_frame_that_comes_byte_by_byte_is_given_with_its_last_byte() -> None:
    framer = Framer()
    given_out = [framer.feed(bytes([byte])) for byte in ANNEX_A_FRAME]
    assert given_out[:-1] == [[]] * (len(ANNEX_A_FRAME) - 1)
    assert segments(given_out[-1]) == [ANNEX_A]


def test_pending_counts_the_bytes_of_an_unfinished_frame() -> None:
    framer = Framer()
    framer.feed(ANNEX_A_FRAME[:50])
    assert framer.pending == 50
    framer.feed(ANNEX_A_FRAME[50:])
    assert framer.pending == 0


@pytest.mark.parametrize("inside", ["##", "&&", "\r\n", "##0101", "&&1C80\r\n##0003", "##0000FFFF\r\n"])
def test_marks_inside_a_value_do_not_end_the_frame(inside: str) -> None:
    segment = f"ST=32;CN=3020;CP=&&i11001-Info=//{inside}//&&".encode()
    assert segments(everything(framed(segment) + OTHER)) == [segment, OTHER[6:-6]]


def test_cipher_text_of_any_bytes_is_framed_when_its_checksum_fits() -> None:
    segment = b"ST=32;CN=2011;CP=&&" + bytes(range(256)) + b"\r\n##&&&&"
    assert segments(everything(framed(segment))) == [segment]


def test_noise_before_a_frame_is_reported_once() -> None:
    found = everything(SCANNER + ANNEX_A_FRAME)
    assert [type(error) for error in faults(found)] == [NoFrameHead]
    assert found[0].raw == SCANNER
    assert segments(found) == [ANNEX_A]


def test_noise_that_comes_byte_by_byte_is_reported_once() -> None:
    framer = Framer()
    found = [item for byte in SCANNER for item in framer.feed(bytes([byte]))] + framer.close()
    assert [item.raw for item in found] == [SCANNER]


def test_line_ends_between_frames_are_passed_over() -> None:
    framer = Framer()
    assert segments(framer.feed(ANNEX_A_FRAME + b"\n\r\n" + OTHER + b"\r\n\r")) == [ANNEX_A, OTHER[6:-6]]
    assert framer.pending == 0


def test_a_checksum_in_lower_case_fits() -> None:
    assert segments(everything(ANNEX_A_FRAME.replace(b"1C80", b"1c80"))) == [ANNEX_A]


def test_a_wrong_checksum_is_named_with_both_values_and_its_place() -> None:
    """HJ 212-2017 prints this CRC in the running text of annex A; the right one is 1C80."""
    (error,) = faults(everything(b"noise" + ANNEX_A_FRAME.replace(b"1C80", b"1C08")))[1:]
    assert isinstance(error, BadChecksum)
    assert (error.found, error.computed, error.offset) == ("1C08", "1C80", 5 + 6 + 101)
    assert str(error) == "found 1C08, computed 1C80, at byte 112"


def test_after_a_wrong_checksum_the_next_frame_is_found() -> None:
    damaged = ANNEX_A_FRAME.replace(b"30&&", b"31&&")
    found = everything(damaged + OTHER)
    assert [item.raw for item in found] == [damaged, OTHER]
    assert segments(found) == [OTHER[6:-6]]


def test_a_wrong_checksum_is_reported_as_soon_as_the_frame_is_complete() -> None:
    assert [type(error) for error in faults(Framer().feed(ANNEX_A_FRAME.replace(b"1C80", b"0000")))] == [BadChecksum]


def test_a_length_that_is_too_large_costs_none_of_the_frames_it_covers() -> None:
    damaged = ANNEX_A_FRAME.replace(b"##0101", b"##0301")
    found = everything(damaged + OTHER * 3)
    assert segments(found) == [OTHER[6:-6]] * 3
    assert found[0].raw == damaged


def test_frames_behind_a_false_length_are_given_when_the_stream_ends() -> None:
    framer = Framer()
    assert framer.feed(b"##9999" + ANNEX_A_FRAME) == []
    found = framer.close()
    assert [type(error) for error in faults(found)] == [Truncated]
    assert segments(found) == [ANNEX_A]


def test_a_frame_that_the_stream_cuts_short_says_how_much_came() -> None:
    (error,) = faults(everything(ANNEX_A_FRAME[:60]))
    assert isinstance(error, Truncated)
    assert str(error) == "found 60 bytes, expected 113 bytes as its length 101 says, at byte 0"


def test_a_closed_framer_is_empty_and_can_be_used_again() -> None:
    framer = Framer()
    framer.feed(ANNEX_A_FRAME[:60])
    framer.close()
    assert framer.pending == 0
    assert segments(framer.feed(ANNEX_A_FRAME)) == [ANNEX_A]


@pytest.mark.parametrize("text", [b"101Q", b"abcd", b"-101", b" 101", b"1 01"])
def test_a_length_text_that_is_no_number_is_named(text: bytes) -> None:
    (error,) = faults(everything(b"##" + text + ANNEX_A_FRAME[6:]))
    assert isinstance(error, BadLength)
    assert text.decode() in error.found
    assert error.offset == 2


def test_a_segment_beyond_the_limit_is_refused_by_its_head() -> None:
    framer = Framer(max_segment=100)
    (error,) = faults(framer.feed(ANNEX_A_FRAME) + framer.close())
    assert isinstance(error, SegmentTooLong)
    assert str(error) == "found length 0101, expected at most 100, at byte 2"


def test_a_frame_without_line_end_is_refused_where_it_is_demanded() -> None:
    found = everything(ANNEX_A_FRAME[:-2] + OTHER)
    (error,) = faults(found)
    assert isinstance(error, NoFrameEnd)
    assert "'##'" in error.found
    assert segments(found) == [OTHER[6:-6]]


def test_a_frame_without_line_end_is_taken_at_once_where_the_dialect_allows_it() -> None:
    framer = Framer(LENIENT)
    assert framer.feed(ANNEX_A_FRAME[:-2]) == [Frame(ANNEX_A_FRAME[:-2], ANNEX_A)]
    assert segments(framer.feed(b"\r\n" + OTHER[:-2] + ANNEX_A_FRAME)) == [OTHER[6:-6], ANNEX_A]
    assert framer.pending == 0


@pytest.mark.parametrize("text", [b"101", b"0101"])
def test_a_length_of_fewer_digits_is_taken_where_the_dialect_allows_it(text: bytes) -> None:
    assert segments(everything(b"##" + text + ANNEX_A_FRAME[6:], Dialect("short", length_digits=3))) == [ANNEX_A]


def test_a_length_that_counts_more_than_the_segment_is_a_matter_of_dialect() -> None:
    counted_all = ANNEX_A_FRAME.replace(b"##0101", b"##0107")
    assert segments(everything(counted_all, COUNTS_ALL)) == [ANNEX_A]
    assert segments(everything(counted_all)) == []
    assert [type(error) for error in faults(everything(b"##0003" + b"x" * 20, COUNTS_ALL))] == [BadLength]


def test_a_checksum_without_its_leading_zero_is_taken_where_the_dialect_allows_it() -> None:
    segment = whose_checksum_begins_with_zero()
    short = framed(segment).replace(b"&&0", b"&&")
    for demanded in (True, False):
        dialect = Dialect("short", crc_digits=3, require_crlf=demanded)
        assert segments(everything(short, dialect)) == [segment]
        assert segments(everything(framed(segment), dialect)) == [segment]
    assert segments(everything(short)) == []


@pytest.mark.parametrize(
    ("dialect", "definition"),
    [
        (STANDARD, crc_by_definition),
        (Dialect("m", crc="modbus"), modbus_by_definition),
        (SWAPPED, swapped_by_definition),
    ],
    ids=["standard", "modbus", "swapped"],
)
def test_each_dialect_takes_its_own_checksum_and_no_other(dialect: Dialect, definition) -> None:
    for other in (crc_by_definition, modbus_by_definition, swapped_by_definition):
        assert segments(everything(framed(ANNEX_A, other), dialect)) == ([ANNEX_A] if other is definition else [])
    assert segments(everything(framed(ANNEX_A, definition), LENIENT)) == [ANNEX_A]


# -- what holds for every stream

streams = st.lists(
    st.sampled_from(
        [ANNEX_A_FRAME, OTHER, SCANNER, b"##", b"##9", b"##0003", b"##9999", b"\r\n", b"#", b"##000", b"&&FFFF"]
    )
    | st.binary(max_size=20)
    | st.binary(max_size=20).map(framed),
    max_size=12,
).map(b"".join)


@settings(max_examples=400)
@given(streams, st.data(), st.sampled_from([STANDARD, LENIENT, COUNTS_ALL, Dialect("short", crc_digits=3)]))
@example(b"#" * 50, None, STANDARD)
def test_however_a_stream_is_cut_the_same_comes_out(
    stream: bytes, draw: st.DataObject | None, dialect: Dialect
) -> None:
    whole, pieces = Framer(dialect, max_segment=120), Framer(dialect, max_segment=120)
    cuts = sorted(draw.draw(st.lists(st.integers(0, len(stream)), max_size=8))) if draw else range(len(stream))
    found = [item for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) for item in pieces.feed(stream[a:b])]
    assert described(found) == described(whole.feed(stream))
    assert described(pieces.close()) == described(whole.close())


@settings(max_examples=400)
@given(streams, st.sampled_from([STANDARD, LENIENT, COUNTS_ALL]))
def test_every_byte_comes_out_exactly_once(stream: bytes, dialect: Dialect) -> None:
    """Line ends between frames are the only bytes that are passed over."""
    framer = Framer(dialect, max_segment=120)
    rest = stream
    for item in framer.feed(stream) + framer.close():
        position = rest.find(item.raw)
        assert rest[:position].strip(b"\r\n") == b""
        rest = rest[position + len(item.raw) :]
    assert rest.strip(b"\r\n") == b""


@given(st.lists(st.binary(max_size=60), max_size=6))
def test_sound_frames_are_all_found_whatever_bytes_they_hold(contents: list[bytes]) -> None:
    assert segments(everything(b"".join(map(framed, contents)))) == contents


@given(st.binary(min_size=1, max_size=80), st.data())
def test_a_single_wrong_byte_in_the_segment_never_passes(content: bytes, draw: st.DataObject) -> None:
    position = draw.draw(st.integers(0, len(content) - 1))
    damage = draw.draw(st.integers(1, 255))
    damaged = content[:position] + bytes([content[position] ^ damage]) + content[position + 1 :]
    frame = framed(content)
    assert damaged not in segments(everything(frame[:6] + damaged + frame[-6:] + OTHER))


def test_no_single_wrong_byte_anywhere_in_a_frame_makes_another_message_of_it() -> None:
    """All 255 × 113 of them: what comes out is the same segment, if only the case of the CRC changed, or none."""
    for position in range(len(ANNEX_A_FRAME)):
        for value in range(256):
            damaged = ANNEX_A_FRAME[:position] + bytes([value]) + ANNEX_A_FRAME[position + 1 :]
            assert segments(everything(damaged)) in ([], [ANNEX_A])


# -- hostile streams

HOSTILE = {
    "marks": b"#",
    "digits": b"0123456789",
    "heads": b"##9999",
    "heads with a checksum where it belongs": b"##9990AAAA",
    "small frames": b"##0000AAAA\r\n",
    "line ends": b"\r\n",
    "ampersands": b"&&",
    "overlapping claims of many sizes": b"##0300##9999##0150##9000",
}


@pytest.mark.parametrize("pattern", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("dialect", [STANDARD, LENIENT], ids=["standard", "lenient"])
def test_a_hostile_stream_costs_little_memory_and_little_work_per_byte(
    pattern: bytes, dialect: Dialect, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = 0

    def counted(data: bytes) -> int:
        nonlocal work
        work += len(data)
        return 0

    for name in checksums.VARIANTS:
        monkeypatch.setitem(checksums.VARIANTS, name, counted)
    stream = pattern * (300_000 // len(pattern))
    framer = Framer(dialect)
    given_out = 0
    for start in range(0, len(stream), 16_384):
        given_out += sum(len(item.raw) for item in framer.feed(stream[start : start + 16_384]))
        assert framer.pending <= 9999 + 12
    given_out += sum(len(item.raw) for item in framer.close())
    assert given_out <= len(stream)
    assert work <= 40 * len(stream)


def test_ten_megabytes_without_a_frame_come_out_in_few_pieces() -> None:
    assert len(everything(b"x" * 10_000_000)) <= 1_001
