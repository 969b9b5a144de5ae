"""What the bytes of clips and stills say of themselves, and what is refused."""

from contextlib import suppress

import pytest
from film import SAMPLE, box, fragments, mp4
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.sensing.filmed.film import BadFilm, Film
from qingyuan.sensing.filmed.looking import look


@pytest.mark.parametrize(
    ("raw", "seconds", "codec"),
    [
        (mp4(), 7.5, "H.264"),
        (mp4(b"av01", 10_000), 1.0, "AV1"),
        (fragments(45_000, 90_000), 3.0, "H.264"),
    ],
    ids=["one movie", "AV1", "fragments"],
)
def test_an_mp4_says_its_length_codec_and_size(raw: bytes, seconds: float, codec: str) -> None:
    assert look(raw) == Film("video/mp4", codec, 1280, 720, seconds)


def test_a_webm_that_chromium_recorded_says_its_length() -> None:
    found = look(SAMPLE.read_bytes())
    assert (found.content_type, found.codec, found.width, found.height) == ("video/webm", "VP8", 320, 180)
    assert 10.0 <= found.duration_s <= 10.5


def test_a_webm_without_a_duration_lasts_from_its_first_block_to_its_last() -> None:
    raw = SAMPLE.read_bytes()
    at = raw.index(b"\x44\x89\x84")  # Duration, a float of four bytes; a Void takes its place
    assert look(raw[:at] + b"\xec\x85" + bytes(5) + raw[at + 7 :]).duration_s == pytest.approx(10.2, abs=0.2)


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (b"", "found a file of 0 bytes"),
        (b"GIF89a" + bytes(20), "begins with 47 49 46"),
        (mp4(b"hvc1"), "found video in H.265"),
        (mp4()[:-3], "cut short"),
        (box(b"ftyp", b"isom", bytes(4)) + box(b"mdat", b"x"), "lacks its index"),
        (mp4(b"avc1", 0), "a clip of 0 seconds"),
        (SAMPLE.read_bytes()[:2_000], "found"),
        (b"\xff\xd8\xff\xe0" + bytes(40), "damaged JPEG"),
    ],
    ids=["empty", "gif", "H.265", "cut", "no index", "no length", "cut webm", "broken jpeg"],
)
def test_what_no_browser_plays_is_refused_with_what_was_found(raw: bytes, why: str) -> None:
    with pytest.raises(BadFilm, match=why) as refusal:
        look(raw)
    assert "expected" in str(refusal.value)


WHOLE = (mp4(), fragments(45_000, 90_000), SAMPLE.read_bytes()[:3_000])


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.sampled_from(WHOLE),
    st.lists(st.tuples(st.integers(0, 2_999), st.integers(0, 255)), max_size=6),
    st.integers(0, 3_000),
)
def test_hostile_bytes_are_read_or_refused_and_break_nothing(
    whole: bytes, changes: list[tuple[int, int]], length: int
) -> None:
    raw = bytearray(whole)
    for place, value in changes:
        raw[place % len(raw)] = value
    cut = bytes(raw[: length % len(raw) + 1])
    with suppress(BadFilm):
        assert 0 < look(cut).duration_s <= 24 * 3600
