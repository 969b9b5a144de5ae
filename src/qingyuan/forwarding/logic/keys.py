"""The key that a platform above sets by its command: taken over for the number that it names, the one before kept."""

from django.db import transaction

from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.models import Destination, Identity
from qingyuan.kit import clock
from qingyuan.sensing.queries import Device
from qingyuan_science.hj212 import BadKey, Frame, Message, came_under, read_key

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
