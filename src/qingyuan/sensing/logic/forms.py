"""Reading again what a sender repeats.

From packet to packet a device sends the same header but for QN, and the same names in CP: its form. What a form
means, which channel each value belongs to above all, is found out once, when a packet is read in full, and remembered;
a later packet of the same form is read by it. What does not fit a known form to the letter is read in full, so a form
saves work and decides nothing.
"""

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import NamedTuple

from qingyuan.sensing.door import Networks
from qingyuan.sensing.logic.plausible import LARGEST, MISSING, data_instant
from qingyuan.sensing.logic.rows import Rows
from qingyuan_science.hj212 import Dialect, Hj212Error, crc
from qingyuan_science.hj212.bulk.layout import QN_LENGTH, Layout

Key = tuple[str, bytes, bytes, tuple[bytes, ...]]
Pick = Callable[[Sequence[bytes]], tuple[bytes, ...]]
NO_NUMBER, NO_FLAG = -2, -1  # places of what is read where a packet has no such item
_INSTEAD = (b"0", b"N")
_MARK_AND_LENGTH = _CRC_AND_END = 6
_NOT_SEPARATORS = bytes(set(range(256)) - set(b";,="))


class Cut(NamedTuple):
    """A data segment, cut at every separator: QN, what is the same in every packet of its form, and the values."""

    qn: bytes
    key: Key  # the dialect's code, the header without QN, the separators of CP, the names in CP
    values: list[bytes]


def cut(segment: bytes, dialect: Dialect) -> Cut | None:
    """Cut a data segment; None where it takes more than that to understand it."""
    qn, _, rest = segment.partition(b";")
    header, _, cp = rest.partition(b";CP=&&")
    plain = segment.isascii() and cp.endswith(b"&&") and b"//" not in cp and b"_" not in cp
    if not plain or len(qn) != 3 + QN_LENGTH or not qn.startswith(b"QN=") or not qn[3:].isdigit():
        return None
    items = cp[:-2].replace(b";", b",").replace(b"=", b",").split(b",")
    return Cut(qn[3:], (dialect.code, header, cp.translate(None, _NOT_SEPARATORS), tuple(items[::2])), items[1::2])


@dataclass(slots=True)
class Form:
    """What the packets of one form mean; made by `qingyuan.sensing.logic.decoding.learn`.

    `numbers` picks the texts of all values, then of all lows, and so on, of those columns that `starts` names; `gaps`
    are the places among them that no item of the packet fills.
    """

    mn: str
    cn: str
    dialect: Dialect
    kind: bytes
    channels: "array[int]"
    missing: "array[float]"
    time: int
    numbers: Pick
    starts: tuple[int | None, ...]
    gaps: tuple[int, ...]
    flags: Pick
    marks: bytes
    networks: Networks = ()
    layout: Layout | None = None  # for reading many packets at a time
    grid: tuple[int, int, int] = (0, 0, 1)
    enciphered: bool = False  # whether its packets must have come under the device's key
    reply: "Reply | None" = None

    def read_into(self, rows: Rows, values: list[bytes], received_us: int) -> bool:
        """Append a packet's readings to `rows`; False, and nothing appended, where it must be read in full."""
        values += _INSTEAD
        count = len(self.channels)
        flags = b",".join(self.flags(values))
        try:
            at = data_instant(self.cn, values[self.time].decode(), self.dialect, received_us)
            numbers = list(map(float, self.numbers(values)))
        except (ValueError, Hj212Error):
            return False
        one_letter_each = len(flags) == 2 * count - 1 and flags[1::2] == b"," * (count - 1)
        if not (one_letter_each and sum(map(abs, numbers)) <= LARGEST):  # what is not a number is not small either
            return False
        for place in self.gaps:
            numbers[place] = MISSING
        columns = [self.missing if start is None else numbers[start : start + count] for start in self.starts]
        marks = flags[::2].translate(self.marks)
        rows.extend(self.channels, self.kind, columns, marks=marks, instants=(at, received_us))
        return True


def pick(places: Sequence[int]) -> Pick:
    """What takes the items at `places` out of a list, always as a tuple."""
    if len(places) == 1:
        return lambda values: (values[places[0]],)
    return itemgetter(*places)


@dataclass(frozen=True, slots=True)
class Reply:
    """The answer to every packet of a form: all of it but QN and the CRC; nothing where the sender wants none."""

    before: bytes
    after: bytes
    checksum: Callable[[bytes], int]

    @classmethod
    def like(cls, answer: bytes | None, qn: bytes, dialect: Dialect) -> "Reply | None":
        """From the answer to one packet; None where it cannot be seen in it which part is QN."""
        if answer is None:
            return cls(b"", b"", crc)
        if answer.count(qn) != 1:
            return None
        before, after = answer[:-_CRC_AND_END].split(qn)
        return cls(before, after, dialect.algorithms[0])

    def to(self, qn: bytes) -> bytes | None:
        """The answer's bytes to the packet with that QN."""
        if not self.before:
            return None
        whole = self.before + qn + self.after
        return b"%s%04X\r\n" % (whole, self.checksum(whole[_MARK_AND_LENGTH:]))
