"""What a platform above asks for: the past is answered out of the store, anything else is refused or passed on."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.forwarding.events import RequestFromAbove
from qingyuan.forwarding.logic import anew, keys, own_means
from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.models import Asked, Destination
from qingyuan.kit import clock, log
from qingyuan.kit.errors import QingyuanError
from qingyuan.recording.queries import stored
from qingyuan.sensing.api import pass_command_on
from qingyuan.sensing.queries import Command, Device
from qingyuan_science.hj212 import BadTime, Frame, Message, instant

DONE, FAILED, CONDITION_WRONG, NO_DATA = 1, 2, 3, 100  # ExeRtn
READY, REFUSED, WRONG_PASSWORD, WRONG_MN, WRONG_QN = 1, 2, 3, 4, 7  # QnRtn
OLDEST = {"2005": (READY, REFUSED, WRONG_PASSWORD)}  # what an edition has of them
HISTORY, PASSED_ON, TURNED_DOWN, NEW_KEY = "history", "passed-on", "refused", "new-key"
LONGEST = timedelta(days=366)
STRETCHES = {"2011": timedelta(hours=1), "2051": timedelta(hours=12), "2061": timedelta(days=5)}
_STRETCH = timedelta(days=60)
_SECRET = ("NewPW", "NewSK", "PW")


@dataclass
class Verdict:
    """What is to become of a request: the answer to it, its row, and for the past the span and the station."""

    row: Asked
    qn_rtn: int
    station: int | None = None
    begin: datetime | None = None
    end: datetime | None = None
    key: str = ""  # that it sets


def judge(destination: Destination, plan: Plan, message: Message, frame: Frame) -> Verdict:
    """Decide on a request, and write it down."""
    own = plan.mns.get(message.mn)
    station = next((number for number, home in plan.homes.items() if home.mn == message.mn), None)
    if station is None and own is not None and own in plan.senders:
        station = plan.senders[own].station
    row = Asked(
        destination=destination, at=clock.now(), mn=own or message.mn[:64], cn=message.cn[:8], qn=message.qn[:20],
        content=_content(message), outcome=TURNED_DOWN,
    )  # fmt: skip
    verdict = Verdict(row, REFUSED, station)
    if own is None or station is None:
        verdict.qn_rtn = WRONG_MN
    elif not _password_fits(plan, own, station, message) or not message.qn:
        verdict.qn_rtn = WRONG_QN if _password_fits(plan, own, station, message) else WRONG_PASSWORD
    else:
        _decide(verdict, (destination, plan), own, (message, frame))
    if destination.edition == "2005" and verdict.qn_rtn not in OLDEST["2005"]:
        verdict.qn_rtn = REFUSED
    row.qn_rtn = verdict.qn_rtn
    row.ended_at = None if verdict.qn_rtn == READY else clock.now()
    row.save()
    if verdict.qn_rtn != READY:
        _say(row)
    return verdict


def _decide(verdict: Verdict, above: tuple[Destination, Plan], own: str, asked: tuple[Message, Frame]) -> None:
    """What becomes of a request by somebody who may ask."""
    (destination, plan), (message, frame) = above, asked
    if message.cn in anew.KINDS_OF_COMMAND and message.get("BeginTime"):
        _see_span(verdict, message)
        home = plan.homes.get(verdict.station or 0)
        if not plan.cover.lets_out(came_enciphered=home is not None and home.enciphers):
            verdict.row.outcome, verdict.qn_rtn = TURNED_DOWN, REFUSED
    elif message.cn == keys.SETS_KEY:
        _see_key(verdict, keys.offered(plan, message, frame))
    elif destination.passes_commands and own in plan.senders:
        _pass_on(verdict, own, message)


def _content(message: Message) -> str:
    """What CP says, without passwords and keys."""
    pairs = [(name, "…" if name in _SECRET else value) for group in message.cp for name, value in group]
    return ";".join(f"{name}={value}" for name, value in pairs)[:1000]


def _password_fits(plan: Plan, own: str, station: int, message: Message) -> bool:
    home = plan.homes.get(station)
    expected = home.password if home is not None else ""
    sender = plan.senders.get(own)
    expected = sender.names.password or expected if sender is not None else expected
    return not expected or not message.pw or message.pw == expected


def _see_span(verdict: Verdict, message: Message) -> None:
    """The span asked for; refused where it is none."""
    try:
        begin, end = (instant((message.get(name) or "")[:14]) for name in ("BeginTime", "EndTime"))
    except BadTime:
        return
    if begin <= end <= begin + LONGEST:
        verdict.row.outcome, verdict.qn_rtn, verdict.begin, verdict.end = HISTORY, READY, begin, end


def _see_key(verdict: Verdict, key: str | None) -> None:
    """The key that is set; turned down where it may not be."""
    if key is not None:
        verdict.row.outcome, verdict.qn_rtn, verdict.key = NEW_KEY, READY, key


def _pass_on(verdict: Verdict, own: str, message: Message) -> None:
    """Give the device the command, if it is one that may be passed on."""
    device = Device.objects.select_related("dialect", "station").get(mn=own)
    why = f"{verdict.row.destination.code}: CN={message.cn} QN={message.qn}"
    try:
        command = pass_command_on(device, message, why=why)
    except QingyuanError as error:
        verdict.row.content = f"{verdict.row.content} · {error}"[:1000]
        return
    verdict.row.command, verdict.row.outcome, verdict.qn_rtn = command, PASSED_ON, READY


def stretches(verdict: Verdict) -> Iterator[tuple[datetime, datetime]]:
    """The span asked for in pieces, so that a long one is not read all at once; both ends belong to it."""
    if verdict.begin is None or verdict.end is None:
        return
    step, begin = STRETCHES.get(verdict.row.cn, _STRETCH), verdict.begin
    after = verdict.end + timedelta(microseconds=1)
    while begin < after:
        yield begin, min(begin + step, after)
        begin += step


def past(plan: Plan, verdict: Verdict, span: tuple[datetime, datetime]) -> list[Message]:
    """The messages that tell what is stored of a station in a part of the span; QN is left empty."""
    if verdict.station is None:
        return []
    homes = {number: home for number, home in plan.homes.items() if number == verdict.station}
    channels = anew.channels_of(homes)
    kinds = anew.KINDS_OF_COMMAND[verdict.row.cn]
    sent = list(anew.messages(stored(list(channels), kinds, *span), channels, homes, plan.edition))
    chosen = verdict.row.destination.own_means
    own_kinds = [kind for kind, cn in anew.COMMAND_OF_OWN.items() if cn == verdict.row.cn and kind in chosen]
    return sent + own_means.own_between(plan, own_kinds, verdict.station, span)


def finish(row: Asked, exe_rtn: int, uploads: int) -> None:
    """Write down how a request ended."""
    row.exe_rtn, row.uploads, row.ended_at = exe_rtn, uploads, clock.now()
    row.save(update_fields=["exe_rtn", "uploads", "ended_at"])
    _say(row)


def ended_command(row: Asked) -> Command | None:
    """The command that was passed on, once it has ended."""
    command = Command.objects.filter(pk=row.command_id or 0).first()
    return command if command is not None and command.has_ended else None


def _say(row: Asked) -> None:
    fact = RequestFromAbove(row.destination_id, row.pk, row.cn, row.mn, row.outcome)
    log.write(fact)
