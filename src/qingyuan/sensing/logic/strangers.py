"""Devices that nobody registered: those of a batch are entered together, in quarantine."""

from collections.abc import Mapping

from django.db.models import Count

from qingyuan.kit import clock, log
from qingyuan.sensing.events import DeviceSeen
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.models import Device, DeviceState, DialectProfile
from qingyuan_science.hj212 import STANDARD

MOST = 5_000  # that one address may bring; a neighbouring authority may forward thousands


def enter(found: Mapping[str, str], registry: Registry) -> None:
    """Enter the devices that nobody knows yet; not those of an address that brought too many already.

    Parameters
    ----------
    found : mapping of str to str
        From the MN of a device to the address that it speaks from.
    registry : Registry
    """
    new = registry.missing(found)
    if not new:
        return
    registry.take_turn()
    profile = DialectProfile.objects.get(code=STANDARD.code)
    waiting = Device.objects.filter(state=DeviceState.QUARANTINED, first_peer__in={found[mn] for mn in new})
    held = dict(waiting.values_list("first_peer").annotate(Count("pk")))
    devices = []
    for mn in sorted(new):
        peer = found[mn]
        held[peer] = held.get(peer, 0) + 1
        if held[peer] <= MOST:
            devices.append(Device(mn=mn, first_seen_at=clock.now(), first_peer=peer, dialect=profile))
    for device in Device.objects.bulk_create(devices):
        log.write(DeviceSeen(id=device.pk, mn=device.mn, peer=device.first_peer))
        registry.meet(device)
