"""What a device's page tells beside its packets: how its clock stands, how often it speaks, what it was asked."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Sum
from django.http import QueryDict
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.sensing.queries import (
    Command,
    CommandState,
    Device,
    PacketState,
    commands_of,
    dialect_of,
    keys_of,
    packet_bytes,
    packets_of,
    requests_for,
)
from qingyuan.showing.logic.lines import names_of
from qingyuan.showing.logic.paging import page_of
from qingyuan_science.hj212 import REQUESTS, Frame, Framer, Hj212Error, instant, parse
from qingyuan_science.hj212.codes import EXE_RETURNS, FIELDS, QN_RETURNS

LOOKED_AT = 5
OF_NOW = ("2011", "9015")  # real-time values and heartbeats
COMMANDS_A_PAGE = 10
MOST_FIELDS = 6
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
    packet: int | None


def clock_offset(device: Device) -> timedelta | None:
    """How far the device's clock is ahead, by the request numbers of its newest packets; None where none can tell.

    A number is given when a packet is made: what it lies behind by waiting says nothing of the clock. So packets count
    that no device sends again later, and of them the one that waited least.
    """
    sound = packets_of(device).filter(state=PacketState.DECODED)
    newest = list(sound.filter(cn__in=OF_NOW)[:LOOKED_AT]) or list(sound[:LOOKED_AT])
    return max((offset for packet in newest for offset in _offset(device, packet)), default=None)


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
    newest = packets_of(device).order_by().filter(received_at__gte=(now or clock.now()) - timedelta(hours=1))
    return int(newest.aggregate(count=Sum("packets", default=0))["count"])


def command_rows(commands: Iterable[Command]) -> list[CommandRow]:
    """Commands with their words, and the people by name."""
    commands = list(commands)
    names = names_of(command.asked_by for command in commands)
    return [
        CommandRow(
            command=command,
            title=request_title(command.code),
            kind=COMMAND_KINDS[CommandState(command.state)],
            arguments=_(", ").join(_argument(command.code, name, value) for name, value in command.arguments.items()),
            answer=_answer(command),
            asked_by=names.get(command.asked_by, command.asked_by),
            may_withdraw=command.state == CommandState.WAITING,
            packet=_answering_packet(command),
        )
        for command in commands
    ]


def _answering_packet(command: Command) -> int | None:
    """The packet that the shown answer came with: the last of the command's own while it was being carried out."""
    kind = REQUESTS.get(command.code)
    if not command.uploads or kind is None or command.sent_at is None or command.ended_at is None:
        return None
    during = packets_of(command.device).filter(cn=kind.cn, received_at__range=(command.sent_at, command.ended_at))
    return during.values_list("pk", flat=True).first()


def listed_commands(device: Device, query: QueryDict) -> dict[str, Any]:
    """A page of what a device was asked, newest first, and the numbers for its pager."""
    listed = page_of(commands_of(device), query, COMMANDS_A_PAGE)
    return {"commands": command_rows(listed["page"]), **listed}


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


def request_title(code: str) -> str:
    """What a request is called."""
    kind = REQUESTS.get(code)
    if kind is None:
        return code
    return _titled(kind)


def _argument(code: str, name: str, value: Any) -> str:
    """An argument of a request by its title, with its unit."""
    kind = REQUESTS.get(code)
    known = next((one for one in kind.arguments if one.name == name), None) if kind else None
    if known is None:
        return f"{name} {value}"
    return f"{_titled(known)} {value} {known.unit}".rstrip()


def _answer(command: Command) -> str:
    """What a device answered, by the titles of its fields; first why it did not do it."""
    pairs = [pair for group in command.answer for pair in group]
    shown = [
        _titled(returns[code]) if code in returns else f"{name} {code}"
        for name, returns, code in (("QnRtn", QN_RETURNS, command.qn_rtn), ("ExeRtn", EXE_RETURNS, command.exe_rtn))
        if code not in (None, 1)
    ]
    shown += [f"{_titled(FIELDS[name]) if name in FIELDS else name} {value}" for name, value in pairs[:MOST_FIELDS]]
    return _(", ").join(shown + (["…"] if len(pairs) > MOST_FIELDS else []))


def _titled(row: Any) -> str:
    """The title of a row of the standard's tables."""
    zh = (get_language() or "zh").startswith("zh")
    return str(row.title_zh if zh else row.title_en)
