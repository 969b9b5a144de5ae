"""Numbers, passwords and keys that a platform above gave: as a form brings them, and a key as its command sets it.

A key may be set by the platform above itself while somebody has the form open. What the form did not touch stays as it
is by now; what it did touch is refused where it was changed meanwhile. The key before is kept.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.models import Destination, Identity
from qingyuan.forwarding.queries import KEPT, MadeFrom, Names, digest_of, made_from, read_made_from
from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Station
from qingyuan.sensing.queries import Device
from qingyuan_science.hj212 import BadKey, Frame, Message, came_under, read_key
from qingyuan_science.hj212.codes import SYSTEMS

SETS_KEY = "1014"


def offered(plan: Plan, message: Message, frame: Frame) -> str | None:
    """The key that a request sets; None where it may not.

    It has to come enciphered under the key that holds now: who knows only an older one sets nothing. What is set
    already may be asked for again under the one before, since our answer may have been lost.
    """
    text = message.get("NewSK") or ""
    try:
        new = read_key(text)
    except BadKey:
        return None
    cover = plan.cover
    now = cover.by_mn.get(message.mn, cover.key)
    if now is None or not frame.enciphered:
        return None
    former = cover.former.get(message.mn) if new == now else None
    known = [key for key in (now, former) if key is not None]
    return text if any(came_under(key, frame.raw, frame.segment) for key in known) else None


@transaction.atomic
def take_over(destination: Destination, own: str, mn: str, key: str) -> bool:
    """Keep a key for the number that the platform above named, and the one before; whether it was not kept already."""
    Destination.objects.select_for_update().get(pk=destination.pk)  # a form that is being saved takes its turn there
    rows = list(Identity.objects.select_for_update().filter(destination=destination))
    row = next((one for one in rows if (one.mn or one.own) == mn), None) or _named(destination, rows, own)
    if row.key == key:
        return False
    row.former_key, row.key, row.key_at = row.key, key, clock.now()
    row.save()
    return True


def _named(destination: Destination, rows: list[Identity], own: str) -> Identity:
    """A line of its own for a device that has none; password and system stay those of its station."""
    device = Device.objects.select_related("station").filter(mn=own).first()
    station = device.station.code if device is not None and device.station is not None else ""
    like = next((one for one in rows if one.own == station), None)
    if like is None:
        return Identity(destination=destination, own=own)
    return Identity(destination=destination, own=own, password=like.password, system=like.system)


def name(one: Destination, identities: Mapping[str, Names], seen: MadeFrom | None = None) -> None:
    """Keep numbers, passwords and keys; of a form that was made from `seen`, only what it touched.

    Raises
    ------
    BadInput
        A number names nobody or comes twice, a value is none, or a key was set meanwhile that the form changes too.
    """
    before = {row.own: row for row in Identity.objects.select_for_update().filter(destination=one)}
    if seen is not None:
        identities = _with_keys_set_meanwhile(before, identities, seen)
    wanted = {own: _kept(names, before.get(own)) for own, names in identities.items()}
    _check(wanted)
    Identity.objects.filter(destination=one).delete()
    Identity.objects.bulk_create(
        Identity(
            destination=one, own=own, mn=names.mn, password=names.password, system=names.system, key=names.key,
            **_key_before(before.get(own), names.key),
        )
        for own, names in wanted.items()
    )  # fmt: skip


def see_unchanged(one: Destination, seen: MadeFrom) -> None:
    """Refuse a form of a platform above that somebody changed after the form was made.

    Raises
    ------
    BadInput
    """
    now = read_made_from(made_from(one))
    named = {own: names for own, (names, _key) in now.names.items() if own in seen.names}
    if now.rest != seen.rest or named != {own: names for own, (names, _key) in seen.names.items()}:
        raise BadInput(_("Somebody changed this platform since the form was opened; open it again before saving."))


def _with_keys_set_meanwhile(
    rows: Mapping[str, Identity], identities: Mapping[str, Names], seen: MadeFrom
) -> dict[str, Names]:
    """What a form wants, with the lines that came meanwhile; keys set meanwhile stay, and are not changed unseen."""
    wanted = dict(identities)
    for own, row in rows.items():
        key_seen = seen.names[own][1] if own in seen.names else None
        if key_seen == digest_of(row.key):
            continue
        shown = KEPT if key_seen else ""
        if own not in wanted and key_seen is None:
            wanted[own] = Names(row.mn, row.password, row.system, KEPT)
        elif own in wanted and wanted[own].key == shown:
            wanted[own] = replace(wanted[own], key=KEPT)
        else:
            raise BadInput(
                _("The key of %(own)s was set since the form was opened; open it again before saving.") % {"own": own},
                "identities",
            )
    return wanted


def _kept(names: Names, row: Identity | None) -> Names:
    """Names with what is kept in place of the stars."""
    password, key = (row.password, row.key) if row is not None else ("", "")
    return replace(
        names,
        password=password if names.password == KEPT else names.password,
        key=key if names.key == KEPT else names.key,
    )


def _check(identities: Mapping[str, Names]) -> None:
    devices = set(Device.objects.filter(mn__in=identities).values_list("mn", flat=True))
    known = devices | set(Station.objects.filter(code__in=identities).values_list("code", flat=True))
    above: dict[str, str] = {}
    for own, names in identities.items():
        if own not in known:
            raise BadInput(
                _("Found %(own)s, expected the MN of a device or the code of a station.") % {"own": own}, "identities"
            )
        if names.system and names.system not in SYSTEMS:
            raise BadInput(
                _("Found system code %(code)s, expected one of HJ 212 such as 32.") % {"code": names.system},
                "identities",
            )
        if any(mark in text for text in (names.mn, names.password) for mark in ";,=& "):
            raise BadInput(
                _("Found ; , = & or a blank in a number or password of %(own)s.") % {"own": own}, "identities"
            )
        if names.key:
            check_key(names.key, "identities")
        if names.mn and above.setdefault(names.mn, own) != own:
            raise BadInput(_("Found the number %(mn)s twice.") % {"mn": names.mn}, "identities")


def check_key(text: str, field: str) -> None:
    """Refuse what is no key.

    Raises
    ------
    BadInput
    """
    try:
        read_key(text)
    except BadKey as error:
        raise BadInput(
            _("Found a key of %(found)s characters, expected 16 characters or 32 hex digits.") % {"found": len(text)},
            field,
        ) from error


def _key_before(row: Identity | None, key: str) -> dict[str, Any]:
    """What is kept of keys before: of one that stays what was, of a new one that it was another."""
    if row is None or not key:
        return {}
    if row.key == key:
        return {"former_key": row.former_key, "key_at": row.key_at}
    return {"former_key": row.key}
