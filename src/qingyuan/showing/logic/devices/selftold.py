"""What a device tells of itself, in words: states, alarms, settings, site information."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from qingyuan.kit import clock
from qingyuan.kit.faults.sentences import in_words
from qingyuan.sensing.queries import (
    Device,
    DeviceReport,
    PacketState,
    RawPacket,
    keys_of,
    packet_bytes,
    packets_of,
    spoken_behind,
)
from qingyuan.showing.logic.devices.packets import KIND_OF_COMMAND
from qingyuan.showing.logic.factors import capital
from qingyuan_science.hj212 import Frame, Framer, Hj212Error, parse, reports
from qingyuan_science.hj212.codes import FIELDS, INFORMATION, SUFFIXES
from qingyuan_science.standards import StandardsError, find_factor
from qingyuan_science.units import UnitError, shown_as


@dataclass(frozen=True)
class ReportRow:
    """What a device told of itself, in words."""

    at: datetime
    title: str
    subject: str
    says: str
    packet: int | None = None


TITLES = {
    "InstallationState": _lazy("State of an installation"),
    "RunningTime": _lazy("Running time"),
    "Boot": _lazy("Restarted"),
    "Alarm": _lazy("Alarm"),
    "AlarmLimits": _lazy("Alarm limits"),
    "RetainedSample": _lazy("Sample retained"),
    "SerialNumber": _lazy("Serial number"),
    "SiteInformation": _lazy("Site information"),
    "StandardCheck": _lazy("Standard check"),
    "CycleData": _lazy("Cycle of an analyser"),
    "Clock": _lazy("Clock"),
    "ClockWanted": _lazy("Asked for the time"),
    "Setting": _lazy("Setting"),
    "SamplingPeriod": _lazy("Sampling period"),
    "HardwareIdentity": _lazy("Hardware"),
    "Beside": _lazy("Beside a mean"),
    "KeyWanted": _lazy("Asked for a new key"),
    "Unread": _lazy("Not understood"),
}
FIELD_WORDS = {
    "value": "%(value)s",
    "number": "%(value)s",
    "hours": _lazy("%(value)s h"),
    "restarted_at": _lazy("started again at %(value)s"),
    "low": _lazy("lower limit %(value)s"),
    "high": _lazy("upper limit %(value)s"),
    "bottle": _lazy("bottle %(value)s"),
    "reading": _lazy("read %(value)s"),
    "standard": _lazy("standard sample %(value)s"),
    "sampled_at": _lazy("sampled at %(value)s"),
    "completed_at": _lazy("done at %(value)s"),
    "sample_type": _lazy("type of sample %(value)s"),
    "mean": _lazy("mean %(value)s"),
    "information": _lazy("information %(value)s"),
    "flag": _lazy("mark %(value)s"),
    "shows": _lazy("shows %(value)s"),
    "first": _lazy("first at %(value)s"),
    "every": _lazy("every %(value)s h"),
    "lasts": _lazy("for %(value)s min"),
    "serial": _lazy("serial number %(value)s"),
    "cpu": _lazy("processor %(value)s"),
    "macs": _lazy("network addresses %(value)s"),
    "expected": _lazy("expected %(value)s"),
}
OUTCOMES = {
    ("raised", True): _lazy("raised"),
    ("raised", False): _lazy("over"),
    ("passed", True): _lazy("passed"),
    ("passed", False): _lazy("not passed"),
}
BESIDE = ("unit", "about", "meaning", "cn")
BESIDE_A_MEAN = "Beside"


def report_rows(told: Iterable[DeviceReport], packets: Mapping[int, int] = MappingProxyType({})) -> list[ReportRow]:
    """Reports with their words, and the number of the packet where it is known."""
    return [
        ReportRow(
            report.at,
            str(TITLES.get(report.kind, report.kind)),
            _subject(report.subject),
            _says(report.values),
            packets.get(report.pk),
        )
        for report in told
    ]


def packets_telling(device: Device, told: Iterable[DeviceReport]) -> dict[int, int]:
    """The packet that each report came with: received at that instant, and saying so."""
    told = list(told)
    came = packets_of(device).filter(received_at__in={report.received_at for report in told})
    if not any(report.kind == BESIDE_A_MEAN for report in told):
        came = came.exclude(cn__in=KIND_OF_COMMAND)
    candidates = [packet for packet in came if packet.state == PacketState.DECODED]
    said = {packet.pk: _said(device, packet) for packet in candidates}
    return {
        report.pk: packet.pk
        for report in told
        for packet in candidates
        if packet.received_at == report.received_at and (report.kind, report.at) in said[packet.pk]
    }


def _said(device: Device, packet: RawPacket) -> set[tuple[str, datetime]]:
    """What a packet tells that is no reading, by kind and time."""
    dialect = spoken_behind(device, packet).dialect
    try:
        frames = Framer(dialect, keys=keys_of(device)).feed(packet_bytes(packet).raw)
        messages = [parse(frame.segment, dialect) for frame in frames if isinstance(frame, Frame)]
    except Hj212Error:
        return set()
    return {
        (type(one).__name__, getattr(one, "at", None) or packet.received_at)
        for message in messages
        for one in reports(message, dialect)
    }


def _subject(subject: str) -> str:
    """What a report is about: each code by its name, and the code where it has one."""
    return " · ".join(_named(code) for code in subject.split("/") if code)


def _named(code: str) -> str:
    row = INFORMATION.get(code) or FIELDS.get(code)
    if row is not None:
        return _in_language(row.title_zh, row.title_en)
    try:
        return capital(find_factor(code).short.in_language(get_language() or "zh-hans"))
    except StandardsError:
        return code


def _says(values: dict[str, Any]) -> str:
    """The fields of a report in words; of a state in a table, its meaning."""
    meaning = values.get("meaning")
    if isinstance(meaning, dict) and meaning.get("title_zh"):
        return _in_language(meaning["title_zh"], meaning["title_en"])
    unit = values.get("unit") or (values.get("about") or {}).get("unit") or ""
    return f"{_(', ').join(_fields(values))} {_unit(unit)}".strip()


def _fields(values: dict[str, Any]) -> Iterator[str]:
    both = values.get("value") and values.get("number") is not None
    for name, value in values.items():
        if name in BESIDE or value in (None, "", []) or (name == "number" and both):
            continue
        if isinstance(value, dict):
            yield from (f"{_kind(kind)} {text}" for kind, text in value.items())
        elif isinstance(value, bool):
            yield str(OUTCOMES.get((name, value), name))
        else:
            yield str(FIELD_WORDS.get(name, f"{name} %(value)s")) % {"value": _local(value)}


def _kind(kind: str) -> str:
    """A kind of value by its name, and as it stands in packets."""
    row = SUFFIXES.get(kind)
    return f"{_in_language(row.title_zh, row.title_en)} {kind}" if row is not None else kind


def _local(value: Any) -> str:
    """A time as people read it, a list as one line; anything else as it stands."""
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        at = None
    if at is not None and at.tzinfo is not None:
        return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}"
    return in_words(str(value))


def _unit(unit: str) -> str:
    if unit in ("", "1"):
        return ""
    try:
        return shown_as(unit)
    except UnitError:
        return unit


def _in_language(zh: str, en: str) -> str:
    return zh if (get_language() or "zh").startswith("zh") else en
