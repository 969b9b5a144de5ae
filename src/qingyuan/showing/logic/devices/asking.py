"""What a device may be asked about, as its forms offer it."""

from collections.abc import Iterator
from dataclasses import dataclass

from qingyuan.sensing.queries import Channel, Device, dialect_of
from qingyuan.showing.logic.factors import factor_of, measured
from qingyuan_science.hj212 import Dialect


@dataclass(frozen=True)
class Offered:
    """A factor of a device, by the code that the device itself uses."""

    code: str
    title: str


def factors_of(device: Device) -> list[Offered]:
    """The factors of the device's station, each once, under every code by which the device may know it."""
    channels = Channel.objects.filter(station=device.station_id).select_related("station").order_by("factor", "-basis")
    by_factor = {channel.factor: channel for channel in channels}
    dialect = dialect_of(device.dialect)
    return [
        Offered(code, measured(channel).short) for channel in by_factor.values() for code in _sent_as(channel, dialect)
    ]


def _sent_as(channel: Channel, dialect: Dialect) -> Iterator[str]:
    """The profile's own codes for a factor; without any that of the edition."""
    own = [code for code in dialect.codes if dialect.meaning(code)[0] == channel.factor]
    found = factor_of(channel)
    if own or found is None or dialect.edition != "2005" or not found.code_2005:
        yield from own or [channel.factor]
    else:
        yield found.code_2005
