"""What devices tell that is no reading: kept as reports, and what the platform does about it by itself."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, time
from secrets import token_hex
from typing import Any

from qingyuan.sensing.logic import commanding
from qingyuan.sensing.logic.raw.keeping import instant
from qingyuan.sensing.logic.raw.packets import storable
from qingyuan.sensing.models import Command, CommandState, Device, DeviceReport
from qingyuan.sensing.queries import dialect_of
from qingyuan_science.hj212 import Dialect, Message, reports
from qingyuan_science.hj212.codes import COMMANDS
from qingyuan_science.hj212.errors import shown
from qingyuan_science.hj212.reports import ClockWanted, Heartbeat, KeyWanted, Unread

Told = tuple[int, Message, int, Dialect]  # device, message, received [µs], how the device speaks
ANSWERS = frozenset({"9011", "9012", "9013", "9014"})
ECHOED = "3021"  # some tell what a parameter was set to under the command that set it
SPOKEN = frozenset({ECHOED, *(row.cn for row in COMMANDS if row.direction != "host-to-device")})
NO_REPORT = "NoReport"
_SUBJECT = ("installation", "factor", "code", "name")
_WITHOUT_SUBJECT = frozenset({"at", *_SUBJECT})
_SET_CLOCK, _SET_KEY = "set-clock", "set-key"


def store(told: Iterable[Told], *, late: bool = False) -> None:
    """Keep the reports in the caller's transaction; a report that came before is kept once.

    What a device asked for is not answered any more where it is taken up `late`.
    """
    rows = [row for one in told for row in _rows(*one, late=late)]
    if rows:
        DeviceReport.objects.bulk_create(rows, ignore_conflicts=True)


def doubts_of_report(message: Message, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """What of a report cannot be kept, as (error, detail); last what holds for all of it, where nothing can be."""
    if message.cn not in SPOKEN:
        yield "UnknownCommand", f"found CN {message.cn}: expected a command that devices send"
        return
    if message.cn in ANSWERS:
        return
    told = reports(message, dialect)
    for one in told:
        if isinstance(one, Unread):
            yield "BadReading", f"found {one.name}={shown(one.value)}: expected {one.expected}"
    if all(isinstance(one, Unread) for one in told):
        yield NO_REPORT, f"found nothing in CN={message.cn} that can be kept: expected what the standard has there"


def _rows(
    device_id: int, message: Message, received_us: int, dialect: Dialect, *, late: bool
) -> Iterator[DeviceReport]:
    received_at = instant(received_us)
    for report in reports(message, dialect):
        if isinstance(report, ClockWanted | KeyWanted) and not late:
            _oblige(device_id, _SET_CLOCK if isinstance(report, ClockWanted) else _SET_KEY)
        if isinstance(report, Heartbeat):
            continue
        yield DeviceReport(
            device_id=device_id,
            kind=type(report).__name__,
            subject="/".join(str(getattr(report, name)) for name in _SUBJECT if getattr(report, name, ""))[:40],
            at=getattr(report, "at", None) or received_at,
            received_at=received_at,
            values={
                field.name: _json(getattr(report, field.name))
                for field in dataclasses.fields(report)
                if field.name not in _WITHOUT_SUBJECT
            },
        )


def _json(value: Any) -> Any:
    if isinstance(value, datetime | time):
        return value.isoformat()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {storable(name): storable(text) for name, text in value.items()}
    return list(value) if isinstance(value, tuple) else value


def _oblige(device_id: int, code: str) -> None:
    """Answer what a device asked for with the command that gives it, unless one is on its way.

    A new key goes out under the old one only: a device that has none is given its first by hand on both sides.
    """
    device = Device.objects.select_related("dialect", "station").get(pk=device_id)
    if code == _SET_KEY and not (device.key and dialect_of(device.dialect).cipher != "none"):
        return
    open_states = (CommandState.WAITING, CommandState.ASKED, CommandState.ACCEPTED)
    if Command.objects.filter(device=device, code=code, state__in=open_states).exists():
        return
    arguments = {} if code == _SET_CLOCK else {"NewSK": token_hex(8)}  # the time is told when it is sent
    commanding.give(device, code, arguments, why="the device asked for it")
