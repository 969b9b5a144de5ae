"""Sensors and observed properties: short lists that the platform has in memory, each member with its streams."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db.models import Min, Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.places.queries import Station
from qingyuan.recording.queries import Stream
from qingyuan.sensing.queries import Device, Instrument
from qingyuan.showing.sta.readers import Reader
from qingyuan_science.standards import Factor, UnknownFactor, all_factors, find_factor

URN = "urn:hj212:"


@dataclass(frozen=True)
class Member:
    """One entity of a list: its number, what the standard asks of it, and the condition on its streams."""

    pk: int
    values: dict[str, Any]
    streams: Q


def number_of_factor(code: str) -> int:
    """The number of a factor: its code, read as a number to the base of 36."""
    return int(code.casefold(), 36) if code.isalnum() and code.isascii() else 0


def factor_of_number(number: int) -> Factor:
    """The factor of a number.

    Raises
    ------
    NotFound
        No factor has it.
    """
    if number in _by_number():
        return _by_number()[number]
    code, rest = "", number
    while rest:
        rest, digit = divmod(rest, 36)
        code = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + code
    try:
        return find_factor(code or "?")
    except UnknownFactor:
        raise NotFound(f"found ObservedProperties({number}), expected the number of a factor") from None


@cache
def _by_number() -> dict[int, Factor]:
    """Those of the tables. A code may stand for another factor in another edition, and 025 and 25 have one number."""
    return {number_of_factor(factor.code): factor for factor in all_factors()}


def factor_names() -> dict[str, str]:
    """What each factor is called, in the language of who asks."""
    return _names("zh" if (get_language() or "zh").startswith("zh") else "en")


@cache
def _names(language: str) -> dict[str, str]:
    return {factor.code: factor.title.in_language(language) for factor in all_factors()}


@cache
def factor_numbers() -> dict[str, int]:
    """The number of each factor."""
    return {factor.code: number_of_factor(factor.code) for factor in all_factors()}


def observed_properties() -> list[Member]:
    """Everything that the tables of the standards know, in the order of the numbers."""
    return sorted((observed_property(factor) for factor in all_factors()), key=lambda member: member.pk)


def observed_property(factor: Factor) -> Member:
    """A factor as the standard wants it."""
    values = {
        "name": factor.title.in_language(get_language() or "zh-hans"),
        "definition": f"{URN}{factor.code}",
        "description": f"{factor.document} {factor.clause.in_language(get_language() or 'zh-hans')}",
        "properties": {"code": factor.code, "medium": factor.medium, "unit": factor.unit},
    }
    return Member(number_of_factor(factor.code), values, Q(channel__factor=factor.code))


def factor_meant(definition: str, name: str) -> Factor:
    """The factor that a client means by a definition or a name.

    Raises
    ------
    BadInput
        None has that code or name.
    """
    for found in all_factors():
        titles = {found.title.zh, found.title.en, found.short.zh, found.short.en}
        if name.strip().casefold() in {title.casefold() for title in titles}:
            return found
    code = definition.rstrip("/").replace("#", "/").replace(":", "/").rpartition("/")[2]
    for sent in (code, name):
        try:
            return find_factor(sent)
        except UnknownFactor:
            continue
    raise BadInput(
        f"found ObservedProperty {name!r} with definition {definition!r}, expected the code or the name of a factor of"
        f" HJ 212: a definition such as {URN}w01018, or a name such as 化学需氧量 or COD",
        "definition",
    )


def sensors(reader: Reader) -> list[Member]:
    """Instruments that feeds described and devices, of the stations that the reader may see."""
    devices = Device.objects.filter(station__isnull=False).filter(reader.of_stations("station__"))
    there = list(devices.select_related("station", "dialect"))
    first = set(first_devices(device.station_id for device in there if device.station_id is not None).values())
    found = [_device(device, first=device.pk in first) for device in there]
    found += [instrument_member(instrument) for instrument in _instruments(reader)]
    return sorted((unknown_sensor(), *found), key=lambda member: member.pk)


def _instruments(reader: Reader) -> Iterable[Instrument]:
    if reader.feed is not None:
        return Instrument.objects.filter(feed=reader.feed)
    seen = Station.objects.filter(reader.of_stations())
    return Instrument.objects.filter(feed__stations__in=seen).distinct()


def unknown_sensor() -> Member:
    """What stands for the sensor of a station at which no device is registered."""
    values = {
        "name": _("Not known"),
        "description": _("No device is registered at the station"),
        "encodingType": "text/plain",
        "metadata": "",
        "properties": {},
    }
    with_device = Device.objects.filter(station__isnull=False)
    return Member(0, values, Q(instrument=None) & ~Q(channel__station__in=with_device.values("station")))


def _device(device: Device, *, first: bool) -> Member:
    """A data logger. Its MN is not told: with it anybody could speak in its name."""
    values = {
        "name": _("Data logger %(number)d") % {"number": device.pk},
        "description": str(device.station or ""),
        "encodingType": "text/plain",
        "metadata": f"HJ 212, {device.dialect.code}",
        "properties": {},
    }
    own = Q(instrument=None, channel__station=device.station_id) if first else Q(pk__in=[])
    return Member(device.pk * 2, values, own)


def instrument_member(instrument: Instrument) -> Member:
    """What a feed measures with, as the standard wants it."""
    values = {
        "name": instrument.name,
        "description": instrument.description,
        "encodingType": instrument.encoding,
        "metadata": instrument.metadata,
        "properties": instrument.properties,
    }
    return Member(instrument.pk * 2 + 1, values, Q(instrument=instrument))


def sensor_of(stream: Stream, devices: dict[int, int]) -> int:
    """The number of a stream's sensor; `devices` has the first device of each station."""
    if stream.instrument_id is not None:
        return stream.instrument_id * 2 + 1
    return devices.get(stream.channel.station_id, 0) * 2


def first_devices(stations: Iterable[int]) -> dict[int, int]:
    """The first device of each station that has one."""
    found = Device.objects.filter(station__in=set(stations)).values_list("station").annotate(first=Min("pk"))
    return {int(station): int(first) for station, first in found if station is not None}
