"""Which devices and stations concern a platform above, and by which numbers it knows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.db.models import Q, QuerySet

from qingyuan.forwarding.logic.covering import Cover, cover_of
from qingyuan.forwarding.models import Destination, Form, What
from qingyuan.forwarding.queries import Names
from qingyuan.places.queries import Station
from qingyuan.sensing.queries import SYSTEM_OF_KIND, Device, DeviceState, dialect_of, keys_of
from qingyuan_science.hj212 import Dialect, Framer, Keys

COMMANDS = {What.REALTIME: ("2011",), What.MINUTE: ("2051",), What.HOUR: ("2061",), What.DAY: ("2031",)}
TOLD = ("2013", "2021", "2041", "2052", "2062", "2071", "2072", "2081", "2111")
"""What devices say that is no value of the four kinds, and is handed on as it was received."""


@dataclass(frozen=True)
class Sender:
    """A device whose packets are handed on."""

    mn: str
    station: int
    dialect: Dialect
    keys: Keys
    names: Names
    as_received: bool
    plain: bool  # frames to the letter of the standard, in the clear


@dataclass(frozen=True)
class Home:
    """A station out of whose stored values messages are made: as whom it speaks to the platform above."""

    code: str
    kind: str
    mn: str
    password: str
    system: str
    enciphers: bool = False  # whether a device there has a key, so that what is stored may have come enciphered


@dataclass(frozen=True)
class OwnTerms:
    """How a platform above is given means that are computed here: whose number, kinds, how long each is waited for."""

    destination: int
    kinds: frozenset[str]
    wait_minutes: int
    late: str


@dataclass(frozen=True)
class Plan:
    """All that is needed to hand on what came: senders by MN, homes by station, commands; None of a home: no number."""

    senders: Mapping[str, Sender]
    homes: Mapping[int, Home]
    commands: frozenset[str]
    kinds: frozenset[str]
    edition: str
    form: str
    cover: Cover
    own_mark: str = ""  # in EFlag of means that are computed here
    mns: Mapping[str, str] = field(default_factory=dict)  # from the MN above to our own
    own: OwnTerms | None = None  # where means that are computed here are handed on


def stations_of(destination: Destination) -> QuerySet[Station]:
    """The stations whose data are handed on."""
    listed = list(destination.stations.values_list("pk", flat=True))
    fits = Q()
    if destination.kinds:
        fits &= Q(kind__in=destination.kinds)
    if destination.levels:
        fits &= Q(level__in=destination.levels)
    if destination.cell is not None:
        path = destination.cell.path
        fits &= Q(cell__path=path) | Q(cell__path__startswith=f"{path}/")
    if listed:
        fits = Q(pk__in=listed) | fits if fits else Q(pk__in=listed)
    return Station.objects.filter(fits)


def commands_of(destination: Destination) -> frozenset[str]:
    """The commands whose packets are handed on."""
    chosen = [What(letter) for letter in destination.what]
    found = {cn for what in chosen for cn in COMMANDS.get(what, ())}
    return frozenset(found | set(TOLD if What.TOLD in chosen else ()))


def plan_of(destination: Destination) -> Plan:
    """What holds now."""
    stations = {station.pk: station for station in stations_of(destination)}
    named = {one.own: Names(one.mn, one.password, one.system, one.key) for one in destination.identities.all()}
    devices = Device.objects.filter(state=DeviceState.ACTIVE, station__in=list(stations)).select_related("dialect")
    senders = {}
    homes: dict[int, Home] = {}
    for device in devices.order_by("mn"):
        station = stations[device.station_id or 0]
        dialect = dialect_of(device.dialect)
        names = named.get(device.mn) or named.get(station.code) or Names()
        as_received = destination.form == Form.RECEIVED and dialect.edition == destination.edition
        plain = Framer(dialect).plain
        senders[device.mn] = Sender(device.mn, station.pk, dialect, keys_of(device), names, as_received, plain)
        own = Names(names.mn or device.mn, names.password or device.password, names.system)
        homes.setdefault(station.pk, _home(station, named.get(station.code) or own))
        if keys_of(device)(device.mn):
            homes[station.pk] = replace(homes[station.pk], enciphers=True)
    for station in stations.values():
        if station.pk not in homes and station.code in named:
            homes[station.pk] = _home(station, named[station.code])
    kinds = frozenset(letter for letter in destination.what if letter != What.TOLD)
    mns = {sender.names.mn or mn: mn for mn, sender in senders.items()}
    mns |= {home.mn: mns.get(home.mn, home.code) for home in homes.values() if home.mn}
    commands = commands_of(destination)
    cover, own_mark = cover_of(destination), destination.own_mark
    edition, form, terms = destination.edition, destination.form, _own_terms(destination)
    return Plan(senders, homes, commands, kinds, edition, form, cover, own_mark, mns, terms)


def _own_terms(destination: Destination) -> OwnTerms | None:
    kinds = frozenset(destination.own_means)
    return OwnTerms(destination.pk, kinds, destination.own_wait_minutes, destination.own_late) if kinds else None


def _home(station: Station, names: Names) -> Home:
    system = names.system or SYSTEM_OF_KIND.get(station.kind, "32")
    return Home(station.code, station.kind, names.mn, names.password, system)
