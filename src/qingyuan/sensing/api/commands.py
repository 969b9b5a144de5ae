"""Verbs of the other direction: asking a device, taking it back, asking for its past."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import Station
from qingyuan.sensing.logic import commanding
from qingyuan.sensing.models import (
    ENDED,
    Command,
    CommandState,
    Device,
    DeviceState,
    Silence,
)
from qingyuan.sensing.queries import dialect_of, requests_for, retaining_request
from qingyuan_science.hj212 import REQUESTS, Message, RequestError, span_to_ask
from qingyuan_science.hj212.requests import request_number

MAY_COMMAND = (Role.ADMINISTRATOR, Role.ENFORCEMENT_OFFICER)


MAY_COMMAND_ALL = (Role.ADMINISTRATOR,)


def command_device(
    device: Device, code: str, arguments: Mapping[str, Any], *, user: User, why: str, origin: Origin
) -> Command:
    """Ask something of a device; the gateway that it is connected to sends it and keeps how it goes.

    Parameters
    ----------
    device : Device
    code : str
        Code of a row of `qingyuan_science.hj212.REQUESTS`.
    arguments : mapping
        Values by the names of that row.
    user : User
        An administrator or an enforcement officer; dangerous commands are for administrators.
    why : str
        Needed for a dangerous command.
    origin : Origin

    Returns
    -------
    Command
        It waits for ten minutes for the device to be connected.

    Raises
    ------
    Forbidden
        The user's role may not give this command.
    Refused
        The device is not active.
    BadInput
        The device's edition has no such command, an argument is wrong, or the reason is missing.
    """
    dangerous = code in REQUESTS and REQUESTS[code].dangerous
    allowed = MAY_COMMAND_ALL if dangerous else MAY_COMMAND
    if user.role not in allowed:
        roles = ", ".join(str(role.label) for role in allowed)
        raise Forbidden(_("Only these roles may give this command: %(roles)s") % {"roles": roles})
    if device.state != DeviceState.ACTIVE:
        raise Refused(_("Only an active device can be commanded; adopt it first."))
    if dangerous and not why.strip():
        raise BadInput(_("Say why: this command changes what the device measures or who may command it."), "why")
    try:
        given = commanding.checked(device, code, arguments)
    except RequestError as error:
        raise BadInput(str(error)) from error
    return commanding.give(device, code, given, why=why.strip(), origin=origin)


@transaction.atomic
def withdraw_command(command_id: int, user: User) -> Command:
    """Take back a command that was not sent yet.

    Parameters
    ----------
    command_id : int
    user : User
        Whoever may give commands.

    Returns
    -------
    Command

    Raises
    ------
    Forbidden
        The user's role may not give commands.
    Refused
        It was sent already, or has ended.
    """
    if user.role not in MAY_COMMAND:
        raise Forbidden(_("Your role may not give commands."))
    row = Command.objects.select_for_update(of=("self",)).select_related("device").get(pk=command_id)
    if row.state != CommandState.WAITING:
        raise Refused(_("The command was sent already and cannot be taken back."))
    commanding.withdraw(row)
    return row


def ask_for_history(device: Device, code: str, start: datetime, end: datetime, *, why: str) -> Command:
    """Let the platform ask a device for data of the past.

    Parameters
    ----------
    device : Device
    code : {"minute-history", "hour-history", "day-history"}
    start, end : datetime
        First and last period that is missing: where each begins.
    why : str

    Returns
    -------
    Command
        It waits for a day for the device to be connected.

    Raises
    ------
    BadInput
        The device's edition has no such command.
    """
    dialect = dialect_of(device.dialect)
    span = span_to_ask(REQUESTS[code].cn, start, end, dialect)
    local = [request_number(at, dialect)[:14] for at in span]
    arguments = dict(zip(("BeginTime", "EndTime"), local, strict=True))
    try:
        given = commanding.checked(device, code, arguments)
    except RequestError as error:
        raise BadInput(str(error)) from error
    return commanding.give(device, code, given, why=why, patience=timedelta(days=1))


def pass_command_on(device: Device, message: Message, *, why: str) -> Command:
    """Ask of a device what a platform above asked for.

    Parameters
    ----------
    device : Device
    message : qingyuan_science.hj212.Message
        The request as it came.
    why : str

    Returns
    -------
    Command
        It waits for ten minutes for the device to be connected.

    Raises
    ------
    Refused
        The device is not active, its edition has no such request, or it is one that only an administrator may give.
    BadInput
        An argument is wrong, or cannot be told from the request.
    """
    if device.state != DeviceState.ACTIVE:
        raise Refused(_("Only an active device can be commanded; adopt it first."))
    kind = next((one for one in requests_for(device) if one.cn == message.cn and one.uploads != "stream"), None)
    if kind is None or kind.dangerous:
        raise Refused(_("Found CN=%(cn)s: expected a request that needs no administrator.") % {"cn": message.cn})
    wanted = kind.arguments_in(dialect_of(device.dialect).edition)
    told = {one.name: message.get(one.written) for one in wanted if one.written and "{" not in one.written}
    try:
        given = commanding.checked(device, kind.code, told)
    except RequestError as error:
        raise BadInput(str(error)) from error
    return commanding.give(device, kind.code, given, why=why)


def retain_samples(station: Station, *, why: str) -> list[Command]:
    """Let the platform ask the samplers of a station to retain a sample of what flows now.

    Parameters
    ----------
    station : Station
    why : str

    Returns
    -------
    list of Command
        One for each active device with a sampler that was not asked yet; each waits for ten minutes for its device.

    Source
    ------
    HJ 212-2017, 3015; HJ 212-2025, 3022.
    """
    given = []
    for device in Device.objects.filter(station=station, state=DeviceState.ACTIVE, keeps_samples=True).order_by("pk"):
        code = retaining_request(device.dialect)
        open_ones = Command.objects.filter(device=device, code=code).exclude(state__in=ENDED)
        if code is not None and not open_ones.exists():
            given.append(commanding.give(device, code, {}, why=why))
    return given


def settle_silence(silence_id: int) -> None:
    """Note that a silence was looked into, and what was missing was asked for.

    Parameters
    ----------
    silence_id : int
    """
    Silence.objects.filter(pk=silence_id).update(settled_at=clock.now())
