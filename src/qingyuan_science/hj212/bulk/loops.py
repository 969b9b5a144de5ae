"""Many packets at a time: compiled loops over bytes for what a sender repeats from packet to packet.

Each loop takes only what is sound to the letter and stops before anything else, which `framing` and `message` then
read: they are the reference, and this gives what they give. Nothing here is needed to read a packet; importing it takes
`numba`, some 100 MB of memory, and at the first call the time to compile (kept for the next start).
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.compiling import compiled
from qingyuan_science.hj212.bulk.layout import (
    AROUND,
    FLAG,
    NUMBER,
    QN_LENGTH,
    TIME,
    Bytes,
    Clock,
    Integers,
    Layout,
    Read,
    Shelf,
    Stretch,
    shelved,
    stretch,
)
from qingyuan_science.hj212.checksum import TABLE

_TABLE: Final = np.array(TABLE, np.int64)
_MARK, _CR, _LF, _PLUS, _MINUS, _POINT = 0x23, 0x0D, 0x0A, 0x2B, 0x2D, 0x2E
_MOST_DIGITS = 15
_NORMAL = 0x4E  # flag N
_DAYS_BEFORE: Final = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334], np.int64)
_POWERS: Final = 10.0 ** np.arange(_MOST_DIGITS + 1)


@compiled
def _crc(data: Bytes, start: int, end: int) -> int:
    """The CRC of `data[start:end]`; see `checksum.crc` for why the bytes may be folded to eight first."""
    if start == end:
        return 0xFFFF
    register = 0
    for lane in range(8):
        first = start + ((end + lane - start) & 7)
        folded = 0xFF if first == start else 0
        for at in range(first, end, 8):
            folded ^= data[at]
        register = _TABLE[(register >> 8) ^ folded]
    return register


@compiled
def _digits(data: Bytes, start: int, end: int) -> int:
    """The number that some digits make; -1 where one of them is no digit."""
    number = 0
    for at in range(start, end):
        digit = data[at] - 48
        if digit < 0 or digit > 9:
            return -1
        number = number * 10 + digit
    return number


@compiled
def _hex(data: Bytes, start: int, end: int) -> int:
    """The number that some hex digits make; -1 where one of them is none."""
    number = 0
    for at in range(start, end):
        code = data[at]
        if 48 <= code <= 57:
            number = number * 16 + code - 48
        elif 65 <= code <= 70 or 97 <= code <= 102:
            number = number * 16 + (code & 0x5F) - 55
        else:
            return -1
    return number


@compiled
def _edges_of_frames(data: Bytes, longest: int, edges: Integers) -> int:
    at = count = edges[0] = 0
    while at + 2 * AROUND <= len(data) and data[at] == _MARK and data[at + 1] == _MARK:
        length = _digits(data, at + 2, at + AROUND)
        crc_at = at + AROUND + length
        end = crc_at + AROUND
        if length < 0 or length > longest or end > len(data) or data[end - 2] != _CR or data[end - 1] != _LF:
            break
        if _hex(data, crc_at, end - 2) != _crc(data, at + AROUND, crc_at):
            break
        count += 1
        edges[count] = at = end
    return count


def frames(data: bytes, longest: int) -> Integers:
    """Find the sound frames that bytes begin with, end to end.

    Parameters
    ----------
    data : bytes
        Bytes that begin where a frame may begin.
    longest : int
        Longest data segment that is taken. [byte]

    Returns
    -------
    int array, shape (n + 1,)
        Where the first frame begins, and where each ends: four digits of length, a right CRC of four digits,
        CR LF. [byte]

    Source
    ------
    HJ 212-2017, structure of the communication packet, and annex A (CRC).

    Examples
    --------
    >>> frames(bytes.fromhex("2323303030304646") + b"FF\\r\\n##0000", 1024)
    array([ 0, 12])
    """
    edges = np.empty(len(data) // (2 * AROUND) + 1, np.int64)
    return edges[: _edges_of_frames(np.frombuffer(data, np.uint8), longest, edges) + 1]


@compiled
def _same(data: Bytes, at: int, literals: Bytes, span: tuple[int, int]) -> bool:
    start, end = span
    for place in range(start, end):  # noqa: SIM110 what is compiled knows no generators
        if data[at + place - start] != literals[place]:
            return False
    return True


@compiled
def _number(data: Bytes, at: int, end: int) -> tuple[float, int]:
    """A plain decimal number and where it ends; -1 where there is none, or one of more digits than are exact."""
    negative = at < end and data[at] == _MINUS
    at += negative
    first, whole, behind, point = at, 0, 0, False
    while at < end and (48 <= data[at] <= 57 or (data[at] == _POINT and not point and at > first)):
        if data[at] == _POINT:
            point = True
        else:
            whole = whole * 10 + data[at] - 48
            behind += point
        at += 1
        if at - first - point > _MOST_DIGITS:
            return 0.0, -1
    if at == first:
        return 0.0, -1
    number = whole / _POWERS[behind]  # both exact, so the quotient is the nearest number there is
    return -number if negative else number, at


@compiled
def _seconds(data: Bytes, at: int) -> int:
    """Seconds from 1970 to a time YYYYMMDDhhmmss on the same clock; -1 where it is none."""
    year, month, day = _digits(data, at, at + 4), _digits(data, at + 4, at + 6), _digits(data, at + 6, at + 8)
    hour, minute = _digits(data, at + 8, at + 10), _digits(data, at + 10, at + 12)
    second = _digits(data, at + 12, at + 14)
    if year < 1970 or not 1 <= month <= 12 or not 0 <= hour < 24 or not 0 <= minute < 60 or not 0 <= second < 60:
        return -1
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 31 if month == 12 else _DAYS_BEFORE[month + 1] - _DAYS_BEFORE[month] + (leap and month == 2)
    if not 1 <= day <= longest:
        return -1
    years = year - 1
    days = years * 365 + years // 4 - years // 100 + years // 400 - 719_162
    days += _DAYS_BEFORE[month] + (leap and month > 2) + day - 1
    return int(((days * 24 + hour) * 60 + minute) * 60 + second)


@compiled
def _plain_end(data: Bytes, at: int, end: int) -> int:
    """Where a value ends that consists of letters, digits, points, colons and signs."""
    while at < end:
        code = data[at]
        if not (48 <= code <= 58 or 65 <= code <= 90 or 97 <= code <= 122 or code in (_PLUS, _MINUS, _POINT)):
            break
        at += 1
    return at


@compiled
def _values(data: Bytes, span: tuple[int, int], layout: Layout, values: NDArray[np.float64]) -> bool:
    """Read the values of one data segment: numbers, codes of flags, seconds; False where it has another form."""
    at, end = span
    start = 0
    for item in range(len(layout.cuts)):
        cut = layout.cuts[item]
        if at + cut - start > end or not _same(data, at, layout.literals, (start, cut)):
            return False
        at += cut - start
        start = cut
        if item == len(layout.cuts) - 1:
            break
        if item == 0:
            if at + QN_LENGTH > end or _digits(data, at, at + QN_LENGTH) < 0:
                return False
            at += QN_LENGTH
            continue
        role = layout.roles[item - 1]
        if role == NUMBER:
            values[item - 1], at = _number(data, at, end)
        elif role == TIME:
            values[item - 1] = _seconds(data, at) if at + 14 <= end else -1
            at = at + 14 if values[item - 1] >= 0 else -1
        elif role == FLAG:
            next_at = _plain_end(data, at, min(at + 1, end))
            values[item - 1] = data[at] if next_at > at else 0
            at = next_at if next_at > at else -1
        else:
            at = _plain_end(data, at, end)
        if at < 0:
            return False
    return at == end


@compiled
def _instant(values: NDArray[np.float64], layout: Layout, clock: Clock) -> int:
    """When the values of a packet hold; -1 where that is not to be believed."""
    for item in range(len(layout.roles)):
        if layout.roles[item] == TIME:
            local = int(values[item]) * 1_000_000 - clock.shift
            at = local - local % clock.step - clock.offset
            return at if clock.earliest <= at <= clock.latest else -1
    return -1


@compiled
def _layout(shelf: Shelf, number: int) -> Layout:
    begins, ends = shelf.ends[number], shelf.ends[number + 1]
    return Layout(
        shelf.literals[begins[0] : ends[0]],
        shelf.cuts[begins[1] : ends[1]],
        shelf.roles[begins[2] : ends[2]],
        shelf.places[:, begins[3] : ends[3]],
        shelf.flags[begins[3] : ends[3]],
        shelf.marks[number * 256 : number * 256 + 256],
        shelf.largest[number],
    )


@compiled
def _readings(values: NDArray[np.float64], layout: Layout, found: Read, row: int) -> bool:
    """Write the readings that the values of a packet make from `row` on; False where they are not to be believed."""
    size = 0.0
    for reading in range(len(layout.flags)):
        for column in range(4):
            place = layout.places[column, reading]
            found.numbers[column, row + reading] = values[place] if place >= 0 else np.nan
            size += abs(values[place]) if place >= 0 else 0.0
        flag = layout.flags[reading]
        found.marks[row + reading] = layout.marks[int(values[flag]) if flag >= 0 else _NORMAL]
    return not size > layout.largest


@compiled
def _read(asked: Stretch, shelf: Shelf, first: int, found: Read) -> tuple[int, int]:
    """Read runs from `first` on; which run it stopped in, and how many packets were read in all."""
    row, count, begin = 0, 0, asked.ends[first]
    for run in range(first, len(asked.layouts)):
        number = asked.layouts[run]
        if number < 0:
            return run, count
        layout, grid = _layout(shelf, number), shelf.grids[number]
        clock = Clock(grid[0], grid[1], grid[2], asked.earliest, asked.latest[run])
        values = np.empty(len(layout.roles), np.float64)
        for packet in range(asked.ends[run], asked.ends[run + 1]):
            span = asked.edges[packet] + AROUND, asked.edges[packet + 1] - AROUND
            if not _values(asked.data, span, layout, values):
                return run, count
            at = _instant(values, layout, clock)
            if at < 0 or not _readings(values, layout, found, row):
                return run, count
            found.at[packet - begin] = at
            count += 1
            row += len(layout.flags)
    return len(asked.layouts), count


def read_together(asked: Stretch, shelf: Shelf, first: int = 0) -> tuple[int, Read]:
    """Read the packets of runs, each run by its own layout, up to the first packet that does not have it.

    Parameters
    ----------
    asked : Stretch
        The runs.
    shelf : Shelf
        What the packets look like, and how their times are meant.
    first : int
        The run to begin with.

    Returns
    -------
    run : int
        In which run it stopped; as many as there are where all were read.
    found : Read
        What stood in the packets, up to there, one behind the other; the flag of a reading without one is N.
    """
    sizes = np.diff(shelf.ends[:, 3])
    counts = np.diff(asked.ends[first:])
    rows = int(counts @ np.where(asked.layouts[first:] < 0, 0, sizes[asked.layouts[first:]]))
    found = Read(np.empty(int(counts.sum()), np.int64), np.empty((4, rows)), np.empty(rows, np.uint8))
    run, count = _read(asked, shelf, first, found)
    own = np.repeat(sizes[asked.layouts[first:]], counts)[:count]
    rows = int(own.sum())
    return run, Read(found.at[:count], found.numbers[:, :rows], found.marks[:rows])


def read(data: bytes, edges: Integers, layout: Layout, clock: Clock) -> Read:
    """Read packets of one form.

    Parameters
    ----------
    data : bytes
        Sound frames, end to end.
    edges : int array, shape (n + 1,)
        Where the first frame begins, and where each ends. [byte]
    layout : Layout
        What the packets look like.
    clock : Clock
        How their times are meant.

    Returns
    -------
    Read
        Of as many packets as have that form, from the first on; the flag of a reading without one is N.
    """
    grid, latest = (clock.offset, clock.shift, clock.step), clock.latest
    taken = data[edges[0] : edges[-1]]
    asked = stretch([(taken, edges - edges[0])], [0], [latest], clock.earliest)
    return read_together(asked, shelved([layout], [grid]))[1]


@compiled
def _answers(data: Bytes, starts: Integers, pattern: tuple[Bytes, int], answers: Bytes) -> None:
    whole, qn_at = pattern
    size = len(whole)
    for packet in range(len(starts)):
        place = packet * size
        answers[place : place + size] = whole
        qn = starts[packet] + AROUND + 3
        answers[place + qn_at : place + qn_at + QN_LENGTH] = data[qn : qn + QN_LENGTH]
        crc = _crc(answers, place + AROUND, place + size - AROUND)
        for digit in range(4):
            nibble = (crc >> (12 - 4 * digit)) & 15
            answers[place + size - AROUND + digit] = nibble + (48 if nibble < 10 else 55)


def answers(data: bytes, starts: Integers, before: bytes, after: bytes) -> bytes:
    """Write the answers to packets of one form, which differ in QN and CRC.

    Parameters
    ----------
    data : bytes
        Sound frames whose data segments begin with QN.
    starts : int array, shape (n,)
        Where the frames begin. [byte]
    before, after : bytes
        An answer's bytes up to QN, and from there to the CRC.

    Returns
    -------
    bytes
        The answers, end to end.
    """
    whole = np.frombuffer(before + bytes(QN_LENGTH) + after + b"0000\r\n", np.uint8)
    written = np.empty(len(starts) * len(whole), np.uint8)
    _answers(np.frombuffer(data, np.uint8), starts, (whole, len(before)), written)
    return written.tobytes()


def rehearse() -> None:
    """Run each loop once, which compiles it, or loads what was compiled before."""
    packet = b"##0003QN=6480\r\n"
    edges = frames(packet, 1024)
    nothing = np.empty(0, np.int64)
    layout = Layout(
        literals=np.frombuffer(b"QN=&&", np.uint8),
        cuts=np.array([3, 5]),
        roles=nothing,
        places=np.empty((4, 0), np.int64),
        flags=nothing,
        marks=np.frombuffer(bytes(256), np.uint8),
        largest=0.0,
    )
    read(packet, edges, layout, Clock(0, 0, 1, 0, 0))
    answers(packet, nothing, b"##0000", b"")
