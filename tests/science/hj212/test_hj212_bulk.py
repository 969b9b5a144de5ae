"""Framing, reading and answering in bulk gives what is given one by one, whatever the bytes are."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import Dialect, Frame, Framer, Hj212Error, crc, grid, period_start
from qingyuan_science.hj212.bulk.layout import FLAG, NUMBER, PLAIN, TIME, Clock, Layout

bulk: Any = pytest.importorskip(
    "qingyuan_science.hj212.bulk.loops", reason="numba is not installed", exc_type=ImportError
)
DAY_US = 86_400_000_000


def frame(segment: bytes) -> bytes:
    return b"##%04d%s%04X\r\n" % (len(segment), segment, crc(segment))


STREAMS = st.lists(
    st.one_of(
        st.binary(max_size=40).map(frame),
        st.binary(max_size=40).map(frame).map(bytes.lower),
        st.sampled_from((b"\r\n", b"#", b"##", b"##0010", b"noise", b"##00x0", frame(b"a##0003b&&c"))),
        st.binary(max_size=12),
    ),
    max_size=8,
).map(b"".join)


def taken(pieces: list[bytes], *, together: bool) -> list[Any]:
    """What a framer makes of pieces of a stream, and of its end."""
    framer, found = Framer(), []
    for piece in pieces:
        if together:
            whole, cuts = framer.feed_in_bulk(piece, bulk.frames)
            frames = [whole[start:end] for start, end in pairwise(cuts)]
            found += [Frame(raw, raw[6:-6]) for raw in frames]
            piece = b""
        found += framer.feed(piece)
    return [(one.raw, str(getattr(one, "error", ""))) for one in (*found, *framer.close())]


@settings(max_examples=400, deadline=None)
@given(STREAMS, st.lists(st.integers(0, 200), max_size=4))
def test_frames_are_the_same_for_any_bytes_and_any_split(stream: bytes, places: list[int]) -> None:
    edges = [0, *sorted(min(place, len(stream)) for place in places), len(stream)]
    pieces = [stream[start:end] for start, end in pairwise(edges)]
    assert taken(pieces, together=True) == taken(pieces, together=False)


def test_the_largest_segment_that_is_taken_is_the_framers() -> None:
    data = frame(bytes(1024)) + frame(b"")
    assert bulk.frames(data, 1024).tolist() == [0, 1036, 1048]
    assert bulk.frames(data, 1023).tolist() == [0]


def layout(*roles: int, names: tuple[bytes, ...]) -> Layout:
    literals = [b"QN=", *(b";" + name + b"=" for name in names), b"&&"]
    numbers = [place for place, role in enumerate(roles) if role == NUMBER]
    places = np.full((4, len(numbers)), -2, np.int64)
    places[0] = numbers
    return Layout(
        np.frombuffer(b"".join(literals), np.uint8),
        np.cumsum([len(literal) for literal in literals]),
        np.array(roles, np.int64),
        places,
        np.array([place for place, role in enumerate(roles) if role == FLAG] or [-1] * len(numbers), np.int64),
        np.frombuffer(bytes(range(256)), np.uint8),
        1e9,
    )


ONE = layout(TIME, NUMBER, FLAG, PLAIN, names=(b"at", b"n", b"f", b"p"))
ANY_TIME = Clock(0, 0, 1, -(10**18), 10**18)


def edges(data: bytes) -> Any:
    """Where the first frame begins, and where each ends."""
    return bulk.frames(data, 9999)


def read(number: str, time: str = "20261122090000", flag: str = "N", clock: Clock = ANY_TIME) -> Any:
    data = frame(f"QN=20261122090000000;at={time};n={number};f={flag};p=x&&".encode())
    return bulk.read(data, edges(data), ONE, clock)


PLAIN_NUMBERS = st.from_regex(r"-?[0-9]{1,8}(\.[0-9]{0,7})?", fullmatch=True)


@settings(max_examples=400, deadline=None)
@given(PLAIN_NUMBERS)
def test_a_plain_number_is_the_one_that_python_reads(text: str) -> None:
    numbers = read(text).numbers
    assert np.isnan(numbers[1:]).all()
    assert numbers[0].tobytes() == np.float64(text).tobytes()


@settings(max_examples=400, deadline=None)
@given(st.text("0123456789.-+eE_ ", max_size=20))
def test_what_is_read_of_odd_numbers_is_what_python_reads(text: str) -> None:
    assert all(number == float(text) for number in read(text).numbers[0])


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(
        st.datetimes().map(lambda moment: f"{moment:%Y%m%d%H%M%S}".rjust(14, "0")),
        st.from_regex(r"(19|20)[0-9]{2}[01][0-9][0-3][0-9][0-2][0-9][0-6][0-9][0-6][0-9]", fullmatch=True),
    ),
    st.sampled_from(("2011", "2051", "2061", "2031")),
    st.sampled_from((Dialect("a"), Dialect("b", stamp="end"), Dialect("c", stamp="end", utc_offset_minutes=-210))),
)
def test_a_time_is_the_one_that_is_read_singly_or_is_left_to_that(text: str, cn: str, dialect: Dialect) -> None:
    found = read("1", text, clock=Clock(*grid(cn, dialect), 0, 2**62))
    try:
        expected = int(period_start(cn, text, dialect).timestamp()) * 1_000_000
    except Hj212Error:
        expected = -1
    assert found.at.tolist() == ([expected] if expected >= 0 and text >= "1970" else [])


def test_what_has_another_form_ends_the_reading_and_what_came_before_it_counts() -> None:
    sound = frame(b"QN=20261122090000000;at=20261122090000;n=1.5;f=D;p=x&&")
    for odd in (
        b"QN=2026112209000000x;at=20261122090000;n=1.5;f=D;p=x&&",
        b"QN=20261122090000000;at=20261122090000;n=1.5;f=;p=x&&",
        b"QN=20261122090000000;at=20261122090000;n=1.5;f=DD;p=x&&",
        b"QN=20261122090000000;at=20261122090000;m=1.5;f=D;p=x&&",
        b"QN=20261122090000000;at=20261122090000;n=1.5;f=D;p=x&&&&",
        b"QN=20261122090000000;at=20261122090000;n=2e9;f=D;p=x&&",
        b"QN=20261122090000000;at=20261122090000;n=2000000000;f=D;p=x&&",
        b"QN=2026112209",
        b"",
    ):
        data = sound + sound + frame(odd) + sound
        found = bulk.read(data, edges(data), ONE, ANY_TIME)
        assert (len(edges(data)) - 1, len(found.at), found.marks.tobytes()) == (4, 2, b"DD")
        assert bulk.read(data, edges(data)[3:], ONE, ANY_TIME).numbers[0].tolist() == [1.5]


def test_an_instant_outside_what_is_believed_is_left_out() -> None:
    noon = 1_795_305_600_000_000  # 2026-11-22 00:00 UTC
    assert read("1", "20261122000000", clock=Clock(0, 0, 1, noon, noon)).at.tolist() == [noon]
    assert not len(read("1", "20261122000000", clock=Clock(0, 0, 1, noon + 1, noon + DAY_US)).at)
    assert not len(read("1", "20261122000000", clock=Clock(0, 0, 1, 0, noon - 1)).at)


def test_answers_carry_each_packets_qn_and_a_checksum_of_their_own() -> None:
    data = b"".join(frame(b"QN=%017d;x" % number) for number in (7, 20261122090000000))
    starts = bulk.frames(data, 9999)[:-1]
    written = bulk.answers(data, starts, b"##0036ST=91;QN=", b";CN=9014&&")
    assert Framer().feed(written) == [
        Frame(frame(segment), segment)
        for segment in (b"ST=91;QN=00000000000000007;CN=9014&&", b"ST=91;QN=20261122090000000;CN=9014&&")
    ]
