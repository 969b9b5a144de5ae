"""What a device's page tells beside its packets: how its clock stands, how often it speaks, what it was asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from qingyuan.kit import clock
from qingyuan.sensing.queries import (
    Command,
    CommandState,
    Device,
    DeviceReport,
    PacketState,
    dialect_of,
    keys_of,
    packet_bytes,
    packets_of,
    requests_for,
)
from qingyuan.showing.logic.lines import names_of
from qingyuan_science.hj212 import REQUESTS, Frame, Framer, Hj212Error, instant, parse

LOOKED_AT = 5
COMMAND_KINDS = {
    CommandState.WAITING: "waiting",
    CommandState.ASKED: "working",
    CommandState.ACCEPTED: "working",
    CommandState.DONE: "good",
    CommandState.REFUSED: "bad",
    CommandState.FAILED: "bad",
    CommandState.UNANSWERED: "bad",
    CommandState.UNFINISHED: "bad",
    CommandState.EXPIRED: "idle",
    CommandState.WITHDRAWN: "idle",
}


@dataclass(frozen=True)
class CommandRow:
    """A command as the page lists it."""

    command: Command
    title: str
    kind: str
    arguments: str
    answer: str
    asked_by: str
    may_withdraw: bool


def clock_offset(device: Device) -> timedelta | None:
    """How far the device's clock is ahead, by the request numbers of its newest packets; None where none can tell."""
    newest = packets_of(device).filter(state=PacketState.DECODED)[:LOOKED_AT]
    offsets = sorted(offset for packet in newest for offset in _offset(device, packet))
    return offsets[len(offsets) // 2] if offsets else None


def _offset(device: Device, packet: Any) -> Iterator[timedelta]:
    dialect = dialect_of(device.dialect)
    try:
        for frame in Framer(dialect, keys=keys_of(device)).feed(packet_bytes(packet).raw):
            if isinstance(frame, Frame):
                yield instant(parse(frame.segment, dialect).qn, dialect) - packet.received_at
    except Hj212Error:
        return


def spoken_offset(offset: timedelta | None) -> str:
    """The offset in words: how many seconds ahead or behind."""
    if offset is None:
        return ""
    seconds = round(offset.total_seconds())
    if abs(seconds) < 2:
        return _("in time")
    words = _("%(seconds)s s ahead") if seconds > 0 else _("%(seconds)s s behind")
    return words % {"seconds": f"{abs(seconds):,}"}


def packets_an_hour(device: Device, now: datetime | None = None) -> int:
    """How many packets came in the last hour."""
    return packets_of(device).filter(received_at__gte=(now or clock.now()) - timedelta(hours=1)).count()


def command_rows(commands: Iterable[Command]) -> list[CommandRow]:
    """Commands with their words, and the people by name."""
    commands = list(commands)
    names = names_of(command.asked_by for command in commands)
    return [
        CommandRow(
            command=command,
            title=request_title(command.code),
            kind=COMMAND_KINDS[CommandState(command.state)],
            arguments=", ".join(f"{name} {value}" for name, value in command.arguments.items()),
            answer=_answer(command),
            asked_by=names.get(command.asked_by, command.asked_by),
            may_withdraw=command.state == CommandState.WAITING,
        )
        for command in commands
    ]


@dataclass(frozen=True)
class RequestChoice:
    """Something that can be asked of a device."""

    code: str
    cn: str
    title: str
    dangerous: bool


def request_choices(device: Device) -> list[RequestChoice]:
    """What can be asked of a device, harmless things first."""
    kinds = sorted(requests_for(device), key=lambda kind: kind.dangerous)
    return [RequestChoice(kind.code, kind.cn, request_title(kind.code), kind.dangerous) for kind in kinds]


@dataclass(frozen=True)
class ReportRow:
    """What a device told of itself, in words."""

    at: datetime
    title: str
    subject: str
    says: str


REPORT_TITLES = {
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
    "KeyWanted": _lazy("Asked for a new key"),
    "Unread": _lazy("Not understood"),
}


def report_rows(reports: Iterable[DeviceReport]) -> list[ReportRow]:
    """Reports with their words."""
    return [
        ReportRow(report.at, str(REPORT_TITLES.get(report.kind, report.kind)), report.subject, _says(report.values))
        for report in reports
    ]


def _says(values: dict[str, Any]) -> str:
    """The fields of a report; of a state in a table, its meaning."""
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    meaning = values.get("meaning")
    if isinstance(meaning, dict):
        return str(meaning.get(f"title_{language}") or values.get("value", ""))
    plain = {name: value for name, value in values.items() if not isinstance(value, dict) and value not in (None, "")}
    return ", ".join(f"{name} {_local(value)}" for name, value in plain.items())


def _local(value: Any) -> Any:
    """A time as people read it; anything else as it stands."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and "T" in value else None
    except ValueError:
        at = None
    return f"{at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M:%S}" if at and at.tzinfo else value


def request_title(code: str) -> str:
    """What a request is called."""
    kind = REQUESTS.get(code)
    if kind is None:
        return code
    return kind.title_zh if (get_language() or "zh").startswith("zh") else kind.title_en


def _answer(command: Command) -> str:
    pairs = [f"{name} {value}" for group in command.answer for name, value in group]
    returns = [f"QnRtn {command.qn_rtn}"] if command.qn_rtn not in (None, 1) else []
    returns += [f"ExeRtn {command.exe_rtn}"] if command.exe_rtn not in (None, 1) else []
    shown = returns + pairs[:6] + (["…"] if len(pairs) > 6 else [])
    return ", ".join(shown)
