"""From a message of a known device to readings of its channels, and to the form that its next packets will have."""

from array import array
from collections.abc import Container, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from math import isnan
from typing import NamedTuple

import numpy as np

from qingyuan.sensing.logic.forms import NO_FLAG, NO_NUMBER, Cut, Form, pick
from qingyuan.sensing.logic.plausible import LARGEST, MISSING, data_instant, largest
from qingyuan.sensing.logic.registry import Known, Registry
from qingyuan.sensing.logic.rows import Rows
from qingyuan.sensing.queries import MEDIUM
from qingyuan_science.hj212 import BadTime, Dialect, Message, grid, reports
from qingyuan_science.hj212.bulk.layout import FLAG, NUMBER, PLAIN, TIME, Layout
from qingyuan_science.hj212.errors import shown
from qingyuan_science.series import Mark
from qingyuan_science.units import canonical, convert

KIND_OF_COMMAND = {"2011": "r", "2051": "m", "2061": "h", "2031": "d", "2052": "r", "2111": "m"}
"""What kind of reading a command brings; of 2025, 2052 is one measurement of noise, 2111 a mean of five minutes."""

MARK_OF_VALIDITY = {
    "valid": Mark.NORMAL,
    "invalid": Mark.SUSPECT,
    "maintenance": Mark.MAINTENANCE,
    "calibration": Mark.CALIBRATION,
    "fault": Mark.FAULT,
    "over-range": Mark.OVER_RANGE,
    "comm-fault": Mark.COMMUNICATION,
    "manual": Mark.MANUAL,
    "stopped": Mark.STOPPED,
}

NO_READING = "NoReading"

_NO_NAME = ";"  # a separator is in no name
_EQUIVALENT = frozenset({"LA", "Leq"})
_PART_OF_DAY = {"DayData": "Ld", "NightData": "Ln"}  # what the equivalent level of a part of the day is called


@dataclass
class Doubts:
    """What was wrong with parts of a packet that was accepted as a whole: (error, detail).

    `kept` counts the readings that hold something nevertheless.
    """

    found: list[tuple[str, str]] = field(default_factory=list)
    kept: int = 0

    def add(self, error: str, detail: str) -> None:
        self.found.append((error, detail))


def read_into(rows: Rows, message: Message, *, device: Known, registry: Registry, received_us: int) -> Doubts:
    """Append the readings of a data message to `rows`; what cannot be a reading is named in the answer.

    Raises
    ------
    BadTime
        The message as a whole has no usable time.
    """
    doubts = Doubts()
    if message.data_time is None:
        raise BadTime("DataTime is missing: expected 14 digits YYYYMMDDhhmmss")
    at = data_instant(message.cn, message.data_time, device.dialect, received_us)
    sender = _Sender(device, registry, KIND_OF_COMMAND[message.cn])
    channels: list[int] = []
    columns: list[tuple[float, float, float, float]] = []
    marks = ""
    for code, parts in message.values().items():
        for reading in sender.readings(code, parts, doubts):
            before = len(doubts.found)
            numbers, mark = _values(reading, parts, sender, doubts)
            channels.append(reading.channel)
            columns.append(numbers)
            marks += mark
            doubts.kept += len(doubts.found) == before or not all(map(isnan, numbers))
    if channels:
        by_column, instants = list(zip(*columns, strict=True)), (at, received_us)
        rows.extend(channels, sender.kind.encode(), by_column, marks=marks.encode(), instants=instants)
    if not channels and not doubts.found:
        doubts.add(NO_READING, f"found no value of a factor in CN={message.cn}: expected one such as w01018-Rtd")
    return doubts


class _Reading(NamedTuple):
    """One reading that a factor's items make: its channel, and the names of value, low, high and total.

    `largest` is beyond what no value of it lies.
    """

    code: str
    channel: int
    scale: float  # from the unit sent to the unit of the channel
    largest: float
    names: tuple[str, str, str, str]


@dataclass(frozen=True)
class _Sender:
    device: Known
    registry: Registry
    kind: str

    def readings(self, code: str, parts: Container[str], doubts: Doubts) -> Iterator[_Reading]:
        """The readings of one factor, by the names of its items."""
        meant, unit = self.device.dialect.meaning(code)
        for factor, basis, names in _named("Rtd" if self.kind == "r" else "Avg", meant, parts):
            found = self._channel(factor, unit, basis) if factor else None
            if found is None:
                wanted = "a code of the factor table or of this station" if factor else f"{names[0]} of LA or Leq only"
                doubts.add("UnknownFactor", f"found factor {code}: expected {wanted}")
                return
            yield _Reading(code, *found, names)

    def _channel(self, meant: str, sent_unit: str, basis: str) -> tuple[int, float, float] | None:
        """Number of the channel, what brings a value in the unit sent to the channel's, and the largest."""
        station = self.device.station_id
        factor = self.registry.factor(meant, MEDIUM.get(self.device.station_kind, ""))
        if station is None or factor is None:
            return None
        factor = replace(factor, unit=canonical(sent_unit)) if sent_unit else factor
        number, unit = self.registry.channel(station, factor, basis)
        return number, 1.0 if unit == factor.unit else convert(1.0, factor.unit, unit), largest(factor.code)


def _named(main: str, factor: str, parts: Container[str]) -> Iterator[tuple[str, str, tuple[str, str, str, str]]]:
    """Factor and basis of each reading among a factor's items, and the names of its value, low, high and total.

    No factor for a value by day or by night of something of which no such factor exists.
    """
    value = main if main in parts or "Data" not in parts else "Data"  # noise of an interval
    if value in parts or "Cou" in parts:
        yield factor, "measured", (value, "Min", "Max", "Cou")
    if "Zs" + main in parts:
        yield factor, "converted", ("Zs" + main, "ZsMin", "ZsMax", _NO_NAME)
    for name, level in _PART_OF_DAY.items():
        if name in parts:
            yield level if factor in _EQUIVALENT else "", "measured", (name, _NO_NAME, _NO_NAME, _NO_NAME)


def _values(
    reading: _Reading, parts: dict[str, float | str], sender: _Sender, doubts: Doubts
) -> tuple[tuple[float, float, float, float], str]:
    code, _channel, scale, most, names = reading
    value, low, high, total = [sent if isinstance(sent, float) else MISSING for sent in map(parts.get, names)]
    numbers = (value * scale, low * scale, high * scale, total)
    if abs(numbers[0]) > most or abs(numbers[1]) > most or abs(numbers[2]) > most or abs(total) > most:
        doubts.add("AbsurdValue", f"found {code}-{names[0]}={parts.get(names[0])}: expected below {most:g}")
        return (MISSING,) * 4, Mark.SUSPECT.value
    sent = parts.get(names[0])
    if isinstance(sent, str) and sent:
        doubts.add("BadReading", f"found {code}-{names[0]}={shown(sent)}: expected a decimal number")
        return numbers, Mark.SUSPECT.value
    return numbers, _mark(str(parts.get("Flag", "N")), sender.device.dialect)


def _mark(flag: str, dialect: Dialect) -> str:
    return MARK_OF_VALIDITY.get(dialect.validity(flag), Mark.UNKNOWN).value


@cache
def _marks(dialect: Dialect) -> bytes:
    """The mark of each one-letter flag, as a table for `bytes.translate`."""
    return "".join(_mark(chr(code), dialect) for code in range(256)).encode()


def learn(message: Message, found: Cut, device: Known, registry: Registry) -> Form | None:
    """The form of a packet that was read in full without a doubt; None where it cannot be read by one."""
    if reports(message, device.dialect):
        return None  # it says things that a form does not keep
    sent = [(name.encode(), value.encode()) for group in message.cp for name, value in group]
    names = list(found.key[-1])
    if sent != list(zip(names, found.values, strict=False)) or len(sent) != len(names) or b"DataTime" not in names:
        return None
    sender = _Sender(device, registry, KIND_OF_COMMAND[message.cn])
    places = _places(message)
    readings = [reading for code, parts in places.items() for reading in sender.readings(code, parts, Doubts())]
    if not readings or any(reading.scale != 1.0 or reading.largest != LARGEST for reading in readings):
        return None
    columns = [[places[reading.code].get(reading.names[n], NO_NUMBER) for reading in readings] for n in range(4)]
    flags = [places[reading.code].get("Flag", NO_FLAG) for reading in readings]
    time, marks = names.index(b"DataTime"), _marks(device.dialect)
    filled = [column for column in columns if set(column) != {NO_NUMBER}]
    numbers = [place for column in filled for place in column]
    return Form(
        mn=device.mn,
        cn=message.cn,
        dialect=device.dialect,
        kind=sender.kind.encode(),
        channels=array("q", [reading.channel for reading in readings]),
        missing=array("d", [MISSING] * len(readings)),
        time=time,
        numbers=pick(numbers),
        starts=tuple(filled.index(column) * len(readings) if column in filled else None for column in columns),
        gaps=tuple(place for place, item in enumerate(numbers) if item == NO_NUMBER),
        flags=pick(flags),
        marks=marks,
        networks=device.networks,
        layout=_layout(found, columns, flags, time=time, marks=marks),
        grid=grid(message.cn, device.dialect),
    )


def _layout(found: Cut, columns: list[list[int]], flags: list[int], *, time: int, marks: bytes) -> Layout | None:
    """What packets of the form look like; None where the separators are not those of the standard."""
    _, header, separators, names = found.key
    if separators[::2] != b"=" * len(names) or len(separators) != 2 * len(names) - 1:
        return None
    between = [b";" + header + b";CP=&&", *(separators[place : place + 1] for place in range(1, len(separators), 2))]
    literals = [b"QN=", *(b"%s%s=" % pair for pair in zip(between, names, strict=True)), b"&&"]
    places, flag_places = np.array(columns, np.int64), np.array(flags, np.int64)
    roles = np.full(len(names), PLAIN, np.int64)
    roles[places[places >= 0]] = NUMBER
    roles[flag_places[flag_places >= 0]] = FLAG
    roles[time] = TIME
    return Layout(
        literals=np.frombuffer(b"".join(literals), np.uint8),
        cuts=np.cumsum([len(literal) for literal in literals]),
        roles=roles,
        places=places,
        flags=flag_places,
        marks=np.frombuffer(marks, np.uint8),
        largest=LARGEST,
    )


def _places(message: Message) -> dict[str, dict[str, int]]:
    """Which item of CP each value is, by the rules by which values are read: they are asked for numbered items."""
    number = count()
    numbered = tuple(tuple((name, str(next(number))) for name, _ in group) for group in message.cp)
    values = replace(message, cp=numbered).values()
    return {code: {name: int(place) for name, place in parts.items()} for code, parts in values.items()}
