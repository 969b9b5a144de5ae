"""From a message of a known device to readings of its channels."""

import math
from dataclasses import dataclass, field

from qingyuan.sensing.logic.registry import Known, Registry
from qingyuan.sensing.logic.rows import Rows
from qingyuan_science.hj212 import BadTime, Dialect, Message, period_start
from qingyuan_science.series import Mark
from qingyuan_science.units import convert

KIND_OF_COMMAND = {"2011": "r", "2051": "m", "2061": "h", "2031": "d"}
EARLIEST_US = 946_684_800_000_000  # 2000-01-01: no automatic monitor reported before
AHEAD_US = 3_600_000_000  # a clock may run at most an hour ahead
LARGEST = 1e9  # far above the widest data type of the standard's tables
MISSING = math.nan
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
_MEDIUM = {
    "outlet-water": "water",
    "surface-water": "water",
    "outlet-gas": "air_emission",
    "ambient-air": "ambient_air",
}


@dataclass
class Doubts:
    """What was wrong with parts of a packet that was accepted as a whole: (error, detail)."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, error: str, detail: str) -> None:
        self.found.append((error, detail))


def data_instant(message: Message, dialect: Dialect, received_us: int) -> int:
    """When the data hold. [µs since 1970 UTC]

    Raises
    ------
    BadTime
        DataTime is missing, not a time, before 2000, or more than an hour ahead of the clock here.
    """
    text = message.data_time
    if text is None:
        raise BadTime("DataTime is missing: expected 14 digits YYYYMMDDhhmmss")
    at = int(period_start(message.cn, text, dialect).timestamp()) * 1_000_000
    if not EARLIEST_US <= at <= received_us + AHEAD_US:
        raise BadTime(f"found DataTime {text}: expected between 2000-01-01 and one hour from now")
    return at


def read_into(rows: Rows, message: Message, device: Known, registry: Registry, received_us: int) -> Doubts:
    """Append the readings of a data message to `rows`; what cannot be a reading is named in the answer.

    Raises
    ------
    BadTime
        The message as a whole has no usable time.
    """
    doubts = Doubts()
    kind = KIND_OF_COMMAND[message.cn]
    at = data_instant(message, device.dialect, received_us)
    for code, parts in message.values().items():
        _read_factor(rows, (code, parts), _Frame(device, registry, kind, at, received_us), doubts)
    return doubts


@dataclass(frozen=True)
class _Frame:
    device: Known
    registry: Registry
    kind: str
    at: int
    received: int

    def channel(self, code: str, basis: str) -> tuple[int, float] | None:
        """Number of the channel, and what brings a value in the sent code's unit to the channel's unit."""
        station = self.device.station_id
        factor = self.registry.factor(code, _MEDIUM.get(self.device.station_kind, ""))
        if station is None or factor is None:
            return None
        number, unit = self.registry.channel(station, factor, basis)
        return number, 1.0 if unit == factor.unit else convert(1.0, factor.unit, unit)


def _read_factor(rows: Rows, item: tuple[str, dict[str, float | str]], frame: _Frame, doubts: Doubts) -> None:
    code, parts = item
    main = "Rtd" if frame.kind == "r" else "Avg"
    flag = str(parts.get("Flag", "N"))
    for basis, prefix in (("measured", ""), ("converted", "Zs")):
        if prefix + main not in parts and not (basis == "measured" and "Cou" in parts):
            continue
        found = frame.channel(code, basis)
        if found is None:
            doubts.add("UnknownFactor", f"found factor {code}: expected a code of the factor table or of this station")
            return
        channel, scale = found
        numbers = _numbers(parts, prefix + main, basis == "measured")
        if scale != 1.0:
            numbers = (numbers[0] * scale, numbers[1] * scale, numbers[2] * scale, numbers[3])
        mark = MARK_OF_VALIDITY.get(frame.device.dialect.validity(flag), Mark.UNKNOWN).value
        if any(abs(number) > LARGEST for number in numbers):
            doubts.add(
                "AbsurdValue", f"found {code}-{prefix}{main}={parts.get(prefix + main)}: expected below {LARGEST:g}"
            )
            numbers, mark = (MISSING,) * 4, Mark.SUSPECT.value
        rows.add((channel, frame.kind, frame.at), numbers, mark, frame.received)


def _numbers(parts: dict[str, float | str], main: str, measured: bool) -> tuple[float, float, float, float]:
    def number(name: str) -> float:
        value = parts.get(name)
        return value if isinstance(value, float) else MISSING

    prefix = "" if measured else "Zs"
    return number(main), number(prefix + "Min"), number(prefix + "Max"), number("Cou") if measured else MISSING
