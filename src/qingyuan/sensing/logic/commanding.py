"""Commands as rows: taking them up, keeping how they go, and what follows when a device has carried one out."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.sensing.events import CommandEnded, CommandGiven, CommandSent, DeviceRegistered
from qingyuan.sensing.models import ENDED, Command, CommandState, Device, PacketState, RawPacket
from qingyuan.sensing.queries import SYSTEM_OF_KIND, dialect_of, keys_of, packet_bytes
from qingyuan_science.hj212 import (
    Addressee,
    Dialect,
    Frame,
    Framer,
    Hj212Error,
    Message,
    RequestError,
    key_to_use,
    parse,
    read_key,
    request,
)

ANSWERING = "91"  # the system of replies, which names no device
SET_KEY = "set-key"
TOLD_WHEN_SENT = {"set-clock": ("SystemTime",), SET_KEY: ("SKCreateTime",)}  # now, unless another time is given
AT_ONCE = 500
USUAL_PASSWORD = "123456"  # noqa: S105 what devices are delivered with; a device that has another one says so
SET_PASSWORD = "set-password"  # noqa: S105 the name of a command
UNDER_WAY = (CommandState.ASKED, CommandState.ACCEPTED)
UNSURE = (CommandState.UNANSWERED, CommandState.UNFINISHED)  # the device may have carried it out all the same
MOST_UNSURE = 3  # new keys not confirmed: each is tried on what comes under none that is known to hold
NEW = {SET_KEY: "new key", SET_PASSWORD: "new password"}  # what stays possible until the device is heard with it
SECRET = frozenset({"NewPW", "NewSK"})
LONGEST = timedelta(minutes=15)
TEN_MINUTES = timedelta(minutes=10)


@dataclass(frozen=True)
class Asking:
    """A command taken up: what is to be sent, to whom, and how."""

    id: int
    mn: str
    message: Message
    dialect: Dialect
    key: bytes | None


@dataclass(frozen=True)
class Progress:
    """How an exchange stands; `answer` holds the groups of the last upload."""

    state: str
    sent: int
    uploads: int
    qn_rtn: int | None
    exe_rtn: int | None
    answer: list[list[tuple[str, str]]]


def give(
    device: Device,
    code: str,
    arguments: Mapping[str, str],
    *,
    why: str = "",
    origin: log.Origin = log.PLATFORM,
    patience: timedelta = TEN_MINUTES,
) -> Command:
    """Enter a command; the gateway that the device is connected to takes it up. Its arguments are right already."""
    now = clock.now()
    plain = {name: value for name, value in arguments.items() if name not in SECRET}
    command = Command.objects.create(
        device=device,
        code=code,
        arguments=plain,
        secrets={name: value for name, value in arguments.items() if name in SECRET},
        asked_by=origin.actor,
        asked_at=now,
        expires_at=now + patience,
        why=why,
    )
    log.write(CommandGiven(id=device.pk, command=command.pk, code=code, arguments=plain), origin, why)
    return command


def written(device: Device, code: str, arguments: Mapping[str, str]) -> Message:
    """The message that a command will be, or the error of its arguments.

    Raises
    ------
    RequestError
    """
    heard = _heard(device)
    kind = device.station.kind if device.station else ""
    system = heard.st if heard is not None and heard.st not in ("", ANSWERING) else SYSTEM_OF_KIND.get(kind, "32")
    password = device.password or (heard.pw if heard is not None else "") or USUAL_PASSWORD
    to = Addressee(device.mn, system, password)
    now, dialect = clock.now(), dialect_of(device.dialect)
    times: dict[str, Any] = {name: now for name in TOLD_WHEN_SENT.get(code, ()) if not arguments.get(name)}
    return request(code, to, now, dialect, **{**arguments, **times})


def _heard(device: Device) -> Message | None:
    """The device's newest packet, which tells its system and its password where nobody registered one."""
    packet = RawPacket.objects.filter(mn=device.mn, state=PacketState.DECODED).order_by("-received_at").first()
    if packet is None:
        return None
    dialect = dialect_of(device.dialect)
    frames = Framer(dialect, keys=keys_of(device)).feed(packet_bytes(packet).raw)
    try:
        return next((parse(frame.segment, dialect) for frame in frames if isinstance(frame, Frame)), None)
    except Hj212Error:
        return None


def waiting(mns: Collection[str]) -> list[tuple[int, str]]:
    """Number and MN of the commands that wait for one of these devices, oldest first."""
    waits = Command.objects.filter(state=CommandState.WAITING)
    found = [
        (number, mn) for number, mn in waits.order_by("pk").values_list("pk", "device__mn").iterator() if mn in mns
    ]
    return found[:AT_ONCE]


@transaction.atomic
def take_up(command_id: int) -> Asking | None:
    """Take a command up for sending; None where another gateway was quicker or it cannot be written any more."""
    row = (
        Command.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("device__dialect", "device__station")
        .filter(pk=command_id, state=CommandState.WAITING)
        .first()
    )
    if row is None:
        return None
    device = row.device
    try:
        message = written(device, row.code, {**row.arguments, **row.secrets})
    except RequestError as error:
        _end(row, CommandState.FAILED, [[("error", str(error))]])
        return None
    now = clock.now()
    row.state, row.qn, row.sent_at, row.moved_at = CommandState.ASKED, message.qn, now, now
    row.save(update_fields=["state", "qn", "sent_at", "moved_at"])
    log.write(CommandSent(id=device.pk, command=row.pk, code=row.code, qn=message.qn))
    if row.code == SET_PASSWORD:
        _say(device, "new password sent")  # it may stand in the answer to the command already
    dialect = dialect_of(device.dialect)
    key = read_key(device.key) if device.key else None
    return Asking(row.pk, device.mn, message, dialect, key_to_use(message.cn, "host-to-device", dialect, key))


@transaction.atomic
def keep(command_id: int, progress: Progress) -> bool:
    """Keep how a command goes; what follows from its end is done in the same transaction. False if it has ended."""
    row = Command.objects.select_for_update(of=("self",)).select_related("device").get(pk=command_id)
    if row.has_ended:
        return False
    row.sent, row.uploads, row.qn_rtn, row.exe_rtn = (
        progress.sent, progress.uploads, progress.qn_rtn, progress.exe_rtn,
    )  # fmt: skip
    state = CommandState(progress.state)
    if state in ENDED:
        _end(row, state, progress.answer)
    else:
        row.state, row.answer, row.moved_at = state, progress.answer, clock.now()
        row.save()
    return True


def _end(row: Command, state: CommandState, answer: list[list[tuple[str, str]]]) -> None:
    follow = _FOLLOWS.get(row.code) if state == CommandState.DONE else None
    if follow is not None:
        follow(row)
    unsure = row.code in NEW and state in UNSURE
    row.state, row.answer, row.secrets, row.ended_at = state, answer, row.secrets if unsure else {}, clock.now()
    row.save()
    if unsure:
        forget_unsure(row.device, row.code, but=MOST_UNSURE)
        _say(row.device, f"{NEW[row.code]} not confirmed")  # gateways take it as possible from here on
    log.write(
        CommandEnded(
            id=row.device_id, command=row.pk, code=row.code, state=state.value, qn_rtn=row.qn_rtn, exe_rtn=row.exe_rtn
        )
    )


def _new_password(row: Command) -> None:
    forget_unsure(row.device, SET_PASSWORD)
    if row.device.password:
        _change(row.device, password=row.secrets["NewPW"])


def forget_unsure(device: Device, code: str, *, but: int = 0) -> None:
    """Forget the new keys or passwords of which the device did not say that it took them, but for the newest few."""
    rows = Command.objects.filter(device=device, code=code, state__in=UNSURE)
    newest = rows.order_by("-pk").values_list("pk", flat=True)[:but]
    rows.exclude(pk__in=list(newest)).update(secrets={})


def _new_key(row: Command) -> None:
    forget_unsure(row.device, SET_KEY)
    row.device.keep_former(row.device.key)
    _change(row.device, key=row.secrets["NewSK"], former_keys=row.device.former_keys)


def _change(device: Device, **values: str) -> None:
    for name, value in values.items():
        setattr(device, name, value)
    device.save(update_fields=list(values))
    _say(device, ", ".join(name for name in values if name != "former_keys"))


def _say(device: Device, what: str) -> None:
    station = device.station.code if device.station else ""
    log.write(DeviceRegistered(device.pk, device.mn, station, device.dialect.code), why=what)


_FOLLOWS = {SET_PASSWORD: _new_password, SET_KEY: _new_key}


@transaction.atomic
def confirm(command_id: int) -> None:
    """Take a new key or password for the device's own: something came with it, though its answer was lost."""
    row = Command.objects.select_for_update(of=("self",)).select_related("device").get(pk=command_id)
    if row.code in NEW and row.state in UNSURE and row.secrets:
        _end(row, CommandState.DONE, row.answer)


def passwords_possible() -> dict[int, dict[str, int]]:
    """By device the new passwords that it may have taken, and of each the command that set it."""
    found: dict[int, dict[str, int]] = {}
    for row in Command.objects.filter(code=SET_PASSWORD, state__in=(*UNDER_WAY, *UNSURE)).order_by("pk"):
        if "NewPW" in row.secrets:
            found.setdefault(row.device_id, {})[row.secrets["NewPW"]] = row.pk
    return found


@transaction.atomic
def tidy() -> None:
    """End the commands that waited in vain, and those whose gateway is gone."""
    now = clock.now()
    rows = Command.objects.select_for_update(skip_locked=True, of=("self",)).select_related("device")
    for row in rows.filter(state=CommandState.WAITING, expires_at__lt=now):
        _end(row, CommandState.EXPIRED, [])
    taken_up = rows.filter(state__in=UNDER_WAY)
    for row in taken_up.filter(moved_at__lt=now - LONGEST):
        _end(row, CommandState.UNFINISHED, row.answer)


@transaction.atomic
def fail(command_id: int, reason: str) -> None:
    """End a command that the platform itself could not send."""
    row = Command.objects.select_for_update(of=("self",)).select_related("device").get(pk=command_id)
    _end(row, CommandState.FAILED, [[("error", reason)]])


def withdraw(row: Command) -> None:
    """Take back a command that was not sent yet."""
    _end(row, CommandState.WITHDRAWN, [])


def checked(device: Device, code: str, arguments: Mapping[str, Any]) -> dict[str, str]:
    """The arguments that were given, as text.

    Raises
    ------
    RequestError
        The device's edition has no such command, or not with such arguments.
    """
    given = {name: str(value).strip() for name, value in arguments.items() if value not in (None, "")}
    written(device, code, given)
    return given
