"""From a message to records: one reader for each command."""

from collections.abc import Callable, Iterator
from datetime import datetime, time
from math import isfinite
from typing import Final

from qingyuan_science.hj212.codes import FIELDS, INFORMATION, STATES
from qingyuan_science.hj212.dialect import STRICT_BY_EDITION, Dialect
from qingyuan_science.hj212.errors import BadTime
from qingyuan_science.hj212.message import Message
from qingyuan_science.hj212.reports.beside import MEANS, beside
from qingyuan_science.hj212.reports.records import (
    Alarm,
    AlarmLimits,
    Boot,
    Clock,
    ClockWanted,
    CycleData,
    HardwareIdentity,
    Heartbeat,
    InstallationState,
    KeyWanted,
    Report,
    RetainedSample,
    RunningTime,
    SamplingPeriod,
    SerialNumber,
    Setting,
    SiteInformation,
    StandardCheck,
    Unread,
)
from qingyuan_science.hj212.times import instant

Records = Iterator[Report]

_SETTINGS: Final = ("RtdInterval", "MinInterval", "AlarmTarget", "ReportTarget", "ReportTime")


def reports(message: Message, dialect: Dialect | None = None) -> tuple[Report, ...]:
    """Read what a message tells apart from values of factors.

    Parameters
    ----------
    message : Message
        An upload or a notice of a device.
    dialect : Dialect, optional
        How the sender speaks: the offset of its clock from UTC. The message's own edition where not given.

    Returns
    -------
    tuple of Report
        In the order sent; what could not be read as `Unread`. Of commands that carry values of factors, which
        `Message.values` gives, what means say beside them (2031, 2051, 2061, 2111); nothing of 2011 and 2052. Empty
        for answers and requests.

    Source
    ------
    HJ 212-2017 6.6.4, 6.6.5 and annex C; HJ/T 212-2005 for 1021, 1031, 1041, 2071 and 2072; HJ 212-2025 (second-hand)
    for 1001, 1014, 2013 and 2062.

    Examples
    --------
    >>> cp = ((("DataTime", "20160801085857"),), (("SB1-RS", "3"),))
    >>> (state,) = reports(Message("", "31", "2021", cp=cp))
    >>> state.installation, state.meaning.title_en
    ('SB1', 'maintenance')
    """
    if message.cn in MEANS:
        return beside(message, dialect)
    reader = _READERS.get(message.cn)
    return tuple(reader(_Content(message, dialect or STRICT_BY_EDITION[message.edition]))) if reader else ()


class _Content:
    """The pairs of a message, read one by one; what cannot be read is kept."""

    def __init__(self, message: Message, dialect: Dialect) -> None:
        self._dialect = dialect
        self.message = message
        self.pairs = [pair for group in message.cp for pair in group]
        self.unread: list[Unread] = []
        self.at = self.moment("DataTime", message.data_time)

    def keep(self, unread: Unread) -> None:
        """Keep what could not be read, once."""
        if unread not in self.unread:
            self.unread.append(unread)

    def text(self, name: str) -> str:
        return self.message.get(name) or ""

    def moment(self, name: str, text: str | None) -> datetime | None:
        if not text:
            return None
        try:
            return instant(text, self._dialect)
        except BadTime as error:
            self.keep(Unread(name, text, error.expected))
            return None

    def number(self, name: str, text: str | None) -> float | None:
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if isfinite(number) and "_" not in text:
            return number
        self.keep(Unread(name, text, "a decimal number"))
        return None

    def whole(self, name: str, text: str | None) -> int | None:
        number = self.number(name, text)
        if number is None or number == int(number):
            return None if number is None else int(number)
        self.keep(Unread(name, text or "", "a whole number"))
        return None

    def yes(self, name: str, text: str | None) -> bool | None:
        if text in ("0", "1"):
            return text == "1"
        if text:
            self.keep(Unread(name, text, "0 or 1"))
        return None

    def with_suffix(self, suffix: str) -> Iterator[tuple[str, str, str]]:
        """The name, the part before the suffix, and the value of each pair that ends so."""
        ending = f"-{suffix}".lower()
        for name, value in self.pairs:
            if name.lower().endswith(ending):
                yield name, name[: -len(ending)], value

    def factors(self) -> Iterator[tuple[str, dict[str, str]]]:
        """Code and values of each group of a factor, kinds of value in lower case; a factor may come repeatedly."""
        for group in self.message.cp:
            parts: dict[str, dict[str, str]] = {}
            for name, value in group:
                code, hyphen, kind = name.partition("-")
                if hyphen:
                    parts.setdefault(code, {})[kind.lower()] = value
            yield from parts.items()


def _states(content: _Content) -> Records:
    for _, installation, value in content.with_suffix("RS"):
        yield InstallationState(content.at, installation, value, STATES.get(("RS", value)))
    yield from content.unread


def _running_times(content: _Content) -> Records:
    for name, installation, value in content.with_suffix("RT"):
        if (hours := content.number(name, value)) is not None:
            yield RunningTime(content.at, installation, hours)
    yield from content.unread


def _boot(content: _Content) -> Records:
    restarted_at = content.moment("RestartTime", content.text("RestartTime"))
    if restarted_at is not None:
        yield Boot(content.at, restarted_at)
    yield from content.unread


def _alarms(content: _Content) -> Records:
    """Alarms; AlarmTime and AlarmType stand before the values that they belong to, or once for all."""
    at = content.moment("AlarmTime", content.text("AlarmTime")) or content.at
    raised = content.yes("AlarmType", content.text("AlarmType"))
    for name, value in content.pairs:
        code, hyphen, kind = name.partition("-")
        if name.lower() == "alarmtime":
            at = content.moment(name, value) or at
        elif name.lower() == "alarmtype":
            raised = content.yes(name, value)
        elif hyphen and kind.lower() == "ala":
            yield Alarm(at, code, content.number(name, value), raised)
    yield from content.unread


def _alarm_limits(content: _Content) -> Records:
    limits: dict[str, dict[str, float | None]] = {}
    for kind in ("LowValue", "UpValue"):
        for name, factor, value in content.with_suffix(kind):
            limits.setdefault(factor, {})[kind] = content.number(name, value)
    for factor, found in limits.items():
        yield AlarmLimits(factor, found.get("LowValue"), found.get("UpValue"))
    yield from content.unread


def _retained(content: _Content) -> Records:
    for name, value in content.pairs:
        if name.lower() == "vaseno" and (bottle := content.whole(name, value)) is not None:
            yield RetainedSample(content.at, bottle)
    yield from content.unread


def _serial_numbers(content: _Content) -> Records:
    for _, factor, number in content.with_suffix("SN"):
        yield SerialNumber(content.at, factor, number)
    yield from content.unread


def _site_information(content: _Content) -> Records:
    """Information; DataTime and PolId hold for what follows them, and a key may name its instrument itself."""
    at, factor = content.at, ""
    for name, value in content.pairs:
        if name.lower() == "datatime":
            at = content.moment(name, value)
        elif name.lower() == "polid":
            factor = value
        elif name.lower().endswith("-info"):
            *own, code = name[: -len("-info")].split("-")
            log = value[2:-2].strip() if value.startswith("//") and value.endswith("//") and len(value) >= 4 else value
            meaning = STATES.get((code, value.lstrip("0") or "0"))
            yield SiteInformation(at, own[0] if own else factor, code, log, INFORMATION.get(code), meaning)
    yield from content.unread


def _standard_checks(content: _Content) -> Records:
    for code, parts in content.factors():
        yield StandardCheck(
            content.moment(f"{code}-SampleTime", parts.get("sampletime")) or content.at,
            code,
            content.number(f"{code}-SampleRd", parts.get("samplerd")),
            content.number(f"{code}-StandardValue", parts.get("standardvalue")),
            content.yes(f"{code}-ResultType", parts.get("resulttype")),
        )
    yield from content.unread


def _cycles(content: _Content) -> Records:
    for code, parts in content.factors():
        sampled, completed = (parts.get(name.lower()) or content.text(name) for name in ("SampleTime", "CompleteTime"))
        yield CycleData(
            content.at,
            code,
            content.moment(f"{code}-SampleTime", sampled),
            content.moment(f"{code}-CompleteTime", completed),
            parts.get("sampletype") or content.text("SampleType"),
            content.number(f"{code}-Avg", parts.get("avg")),
            parts.get("info", ""),
            parts.get("flag", ""),
        )
    yield from content.unread


def _clock(content: _Content) -> Records:
    shows = content.moment("SystemTime", content.text("SystemTime"))
    if shows is not None:
        yield Clock(content.text("PolId"), shows)
    yield from content.unread


def _clock_wanted(content: _Content) -> Records:
    yield ClockWanted(content.text("PolId"))


def _settings(content: _Content) -> Records:
    for name in _SETTINGS:
        value = content.text(name)
        if value:
            field = FIELDS[name]
            number = content.number(name, value) if field.type == "number" else None
            yield Setting(name, value, number, field.unit)
    yield from content.unread


def _sampling(content: _Content) -> Records:
    first = None
    text = content.text("CstartTime")
    try:
        first = time(int(text[:2]), int(text[2:4]), int(text[4:6])) if len(text) == 6 and text.isdigit() else None
    except ValueError:
        first = None
    if text and first is None:
        content.keep(Unread("CstartTime", text, "a time of day hhmmss"))
    every = content.whole("CTime", content.text("CTime"))
    lasts = content.whole("Stime", content.text("Stime"))
    if (first, every, lasts) != (None, None, None):
        yield SamplingPeriod(content.text("PolId"), first, every, lasts)
    yield from content.unread


def _hardware(content: _Content) -> Records:
    serial, cpu, *macs = (content.text(f"i2300{number}-Info") for number in (5, 6, 7, 8))
    if serial or cpu:
        yield HardwareIdentity(serial, cpu, tuple(mac for mac in macs if mac))


def _key_wanted(content: _Content) -> Records:
    if not content.text("NewSK"):
        yield KeyWanted()


def _heartbeat(content: _Content) -> Records:
    yield Heartbeat()


_READERS: Final[dict[str, Callable[[_Content], Records]]] = {
    "1001": _hardware,
    "1011": _clock,
    "1013": _clock_wanted,
    "1014": _key_wanted,
    "1021": _alarm_limits,
    "1031": _settings,
    "1041": _settings,
    "1061": _settings,
    "1063": _settings,
    "2013": _cycles,
    "2021": _states,
    "2041": _running_times,
    "2062": _standard_checks,
    "2071": _alarms,
    "2072": _alarms,
    "2081": _boot,
    "3015": _retained,
    "3017": _sampling,
    "3018": _sampling,
    "3019": _serial_numbers,
    "3020": _site_information,
    "3021": _site_information,
    "9015": _heartbeat,
}
