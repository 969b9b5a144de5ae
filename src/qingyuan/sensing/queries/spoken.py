"""How a device spoke at some time, as the log has it: its dialect profile, and what the profile said then."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from typing import Any

from qingyuan.kit.queries import lines
from qingyuan.sensing.events import (
    DeviceAdopted,
    DeviceRegistered,
    DialectChanged,
)
from qingyuan.sensing.models import Device, DialectProfile, RawPacket
from qingyuan.sensing.queries.devices import dialect_from
from qingyuan_science.hj212 import Dialect

_ENTERED = (DeviceRegistered.__name__, DeviceAdopted.__name__)


@dataclass(frozen=True)
class Spoken:
    """The dialect by which a device's packets were read from `since` until `until`.

    None for `since` where it held from the beginning, for `until` where it holds now. `is_known` is false where the
    log does not say what the profile held then; the dialect is what the profile says now.
    """

    dialect: Dialect
    since: datetime | None = None
    until: datetime | None = None
    is_known: bool = True


def spoken_by(device: Device) -> list[Spoken]:
    """By which dialects a device's packets were read from when on.

    Parameters
    ----------
    device : Device

    Returns
    -------
    list of Spoken
        Earliest first, each another than the one before; the last one is that of now.
    """
    present = DialectProfile.objects.get(pk=device.dialect_id)
    profiles = _steps(_entered(device), present.code)
    codes = {code for _, code in profiles if code}
    settings = {code: _steps(_changed(code), _settings_now(code)) for code in codes}
    instants = {since for since, _ in profiles} | {since for told in settings.values() for since, _ in told}
    found: list[Spoken] = []
    for since in sorted(instants, key=lambda at: (at is not None, at)):
        spoken = _at(since, profiles, settings, present)
        if not found or found[-1].dialect != spoken.dialect:
            found.append(spoken)
    ended = [replace(one, until=later.since) for one, later in pairwise(found)]
    return [*ended, *found[-1:]]


def spoken_behind(device: Device, packet: RawPacket) -> Spoken:
    """By which dialect a packet was read when what is stored of it was stored.

    Parameters
    ----------
    device : Device
    packet : RawPacket

    Returns
    -------
    Spoken
        That of its arrival, or of the last time that it was read again.
    """
    known, at = spoken_by(device), packet.read_again_at or packet.received_at
    return next((one for one in reversed(known) if one.since is None or one.since <= at), known[0])


def _entered(device: Device) -> Iterable[tuple[datetime, str, str]]:
    """When the log says that a device was given a profile: the instant, the code before ("" if unknown), the code."""
    for line in lines(f"{DeviceRegistered.subject_kind}/{device.pk}", _ENTERED).order_by("seq"):
        code = line.detail.get("dialect", "")
        if code:
            yield line.at, line.detail.get("dialect_before", "") or code, code


def _changed(code: str) -> Iterable[tuple[datetime, Any, Any]]:
    """When the log says that a profile was changed, what it said before, and what after."""
    changes = lines(acts=(DialectChanged.__name__,)).filter(detail__code=code)
    for line in changes.order_by("seq"):
        if line.detail.get("settings") is not None:
            before = line.detail.get("settings_before")
            yield line.at, line.detail["settings"] if before is None else before, line.detail["settings"]


def _settings_now(code: str) -> Any:
    return DialectProfile.objects.filter(code=code).values_list("settings", flat=True).first()


def _steps(changes: Iterable[tuple[datetime, Any, Any]], now: Any) -> list[tuple[datetime | None, Any]]:
    """From when on which value held: the one before the first change from the beginning on; that of now without any."""
    told = list(changes)
    if not told:
        return [(None, now)]
    return [(None, told[0][1]), *((at, after) for at, _, after in told)]


def _at(since: datetime | None, profiles: list[Any], settings: dict[str, list[Any]], present: DialectProfile) -> Spoken:
    """The dialect that began to hold at an instant."""
    code = _last(profiles, since)
    held = _last(settings[code], since)
    if held is None:
        return Spoken(dialect_from(present.code, present.settings), since, is_known=False)
    return Spoken(dialect_from(code, held), since)


def _last(steps: list[tuple[datetime | None, Any]], at: datetime | None) -> Any:
    return next(value for since, value in reversed(steps) if since is None or (at is not None and since <= at))
