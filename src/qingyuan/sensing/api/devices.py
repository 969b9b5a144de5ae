"""Verbs on devices: registering, adopting, decoding what was quarantined; dialects and channels."""

from dataclasses import asdict

from django.db import transaction

from qingyuan.kit import clock, log
from qingyuan.kit.errors import Refused
from qingyuan.kit.log import Origin
from qingyuan.places.queries import Station
from qingyuan.sensing.events import (
    ChannelDefined,
    DeviceAdopted,
    DeviceRegistered,
    DialectChanged,
)
from qingyuan.sensing.logic import quarantine
from qingyuan.sensing.logic.dialects import check_codes
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.models import (
    Channel,
    Device,
    DeviceState,
    DialectProfile,
    RawPacket,
)
from qingyuan_science.hj212 import STANDARD, Dialect


@transaction.atomic
def define_dialect(dialect: Dialect, *, title_zh: str, title_en: str) -> DialectProfile:
    """Enter a dialect profile, or bring it up to date.

    Parameters
    ----------
    dialect : qingyuan_science.hj212.Dialect
    title_zh, title_en : str

    Returns
    -------
    DialectProfile

    Raises
    ------
    qingyuan_science.hj212.BadDialect
        A code of the sender is given a meaning that no table knows.
    """
    check_codes(dialect)
    settings = {name: value for name, value in asdict(dialect).items() if name != "code"}
    values = {"title_zh": title_zh, "title_en": title_en, "settings": settings}
    before = DialectProfile.objects.filter(code=dialect.code).values_list("settings", flat=True).first()
    profile = DialectProfile.objects.update_or_create(code=dialect.code, defaults=values)[0]
    profile.refresh_from_db(fields=["settings"])
    if profile.settings != before:
        log.write(DialectChanged(profile.pk, profile.code, profile.settings, before))
    return profile


def register_device(
    mn: str, *, station: Station, password: str = "", dialect: str = STANDARD.code, keeps_samples: bool = False
) -> Device:
    """Enter a device before it speaks for the first time.

    Parameters
    ----------
    mn : str
    station : Station
    password : str
        What its PW field must hold; empty to accept any.
    dialect : str
        Code of a dialect profile.
    keeps_samples : bool
        Whether it is asked to retain a sample when a limit is exceeded.

    Returns
    -------
    Device
    """
    device = Device.objects.create(
        mn=mn,
        keeps_samples=keeps_samples,
        station=station,
        password=password,
        state=DeviceState.ACTIVE,
        dialect=DialectProfile.objects.get(code=dialect),
        first_seen_at=clock.now(),
    )
    log.write(DeviceRegistered(id=device.pk, mn=mn, station=station.code, dialect=dialect))
    return device


def define_channel(station: Station, *, factor: str, unit: str, basis: str = "measured") -> Channel:
    """Enter a channel before its first reading comes.

    Parameters
    ----------
    station : Station
    factor : str
        Code of the factor table.
    unit : str
        Unit of its readings.
    basis : {"measured", "converted"}
        Converted (折算) to the reference oxygen content, or as measured.

    Returns
    -------
    Channel
        The same row when it was entered before.
    """
    channel, created = Channel.objects.get_or_create(
        station=station, factor=factor, basis=basis, defaults={"unit": unit}
    )
    if created:
        log.write(ChannelDefined(id=channel.pk, station=station.code, factor=factor, basis=basis))
    return channel


@transaction.atomic
def adopt_device(device_id: int, station: Station, origin: Origin) -> Device:
    """Give a quarantined device its station; what it has sent so far will be decoded by the loop.

    Parameters
    ----------
    device_id : int
    station : Station
    origin : Origin
        Who adopts it.

    Returns
    -------
    Device

    Raises
    ------
    Refused
        The device is not in quarantine.
    """
    device = Device.objects.select_for_update().get(pk=device_id)
    if device.state != DeviceState.QUARANTINED:
        raise Refused(f"device {device.mn} is {device.state}: only a quarantined device can be adopted")
    device.state, device.station = DeviceState.ACTIVE, station
    device.save(update_fields=["state", "station"])
    log.write(DeviceAdopted(device.pk, device.mn, station.code, device.dialect.code), origin)
    return device


def decode_quarantined(device_id: int, sink: Sink) -> int:
    """Decode what a device sent while nobody knew it, and hand the readings to `sink`.

    Parameters
    ----------
    device_id : int
    sink : callable
        As the gateway's: takes the rows and the segment they came in.

    Returns
    -------
    int
        How many packets were decoded. A second call finds nothing left to do.

    Notes
    -----
    Packets of the quarantine, and those that name the device but were refused before it was known whose they are.
    """
    return quarantine.decode(Device.objects.get(pk=device_id), sink)


def read_device_again(
    device: Device, sink: Sink, origin: Origin, *, packet: RawPacket | None = None
) -> tuple[int, int]:
    """Read again what a device sent and was refused or stored in part, after its settings were mended.

    Parameters
    ----------
    device : Device
    sink : callable
        As the gateway's: takes the rows and the segment they came in.
    origin : Origin
    packet : RawPacket, optional
        One packet; all of the last 30 days when left out.

    Returns
    -------
    tuple of int
        How many packets were read again, and how many of them are sound now.

    Raises
    ------
    Refused
        The packet names another device, or none.
    """
    found = quarantine.read_again(device, sink, origin, packet)
    return found.packets, found.sound
