"""Verbs on feeds: entering them, their names and tokens, taking in what they deliver."""

import hashlib
import secrets
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from qingyuan.kit import log
from qingyuan.kit.errors import BadInput, Forbidden, Refused
from qingyuan.kit.log import Origin
from qingyuan.kit.sealed import SealedJSON
from qingyuan.places.queries import Station
from qingyuan.sensing.connector import CONNECTORS, Payload
from qingyuan.sensing.events import (
    FeedDefined,
    FeedNameMapped,
    FeedReplayed,
    FeedStationAdded,
    FeedTokenIssued,
    InstrumentDescribed,
)
from qingyuan.sensing.logic import feeding
from qingyuan.sensing.logic.feeding import (
    Delivery,
    Target,
)
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.models import (
    Channel,
    Feed,
    FeedName,
    Instrument,
    RawPacket,
    WaitingName,
)
from qingyuan_science.units import UnitError, convert

_IDENTITY = ("id", "code", "title_zh", "title_en", "connector", "settings", "enabled", "department_id")  # as in the row
_BY_TOKEN = f"SELECT {', '.join(_IDENTITY)} FROM sensing_feed WHERE token_hash = %s AND enabled"  # noqa: S608


@transaction.atomic
def define_feed(
    code: str,
    *,
    connector: str,
    title_zh: str,
    title_en: str,
    settings: Mapping[str, Any] | None = None,
    stations: Iterable[Station] = (),
    enabled: bool = True,
    origin: Origin = log.PLATFORM,
) -> Feed:
    """Enter a feed, or bring it up to date.

    Parameters
    ----------
    code : str
    connector : str
        Code of a connector.
    title_zh, title_en : str
    settings : mapping, optional
        The connector's settings; those left out take their defaults.
    stations : iterable of Station
        Stations whose channels the feed may name by the platform's codes.
    enabled : bool
    origin : Origin

    Returns
    -------
    Feed

    Raises
    ------
    BadInput
        There is no such connector, or a setting is unknown, missing or wrong.
    """
    if connector not in CONNECTORS:
        known = ", ".join(plugin.code for plugin in CONNECTORS)
        raise BadInput(f"found connector {connector!r}, expected one of: {known}", "connector")
    plugin = CONNECTORS.get(connector)
    checked = plugin.checked(settings or {})
    values = {"title_zh": title_zh, "title_en": title_en, "connector": connector, "enabled": enabled}
    feed, _new = Feed.objects.update_or_create(code=code, defaults={**values, "settings": checked})
    feed.stations.set(stations)
    secrets_left_out = {setting.name: checked[setting.name] for setting in plugin.settings if not setting.secret}
    told = {**values, "settings": secrets_left_out, "stations": [station.code for station in feed.stations.all()]}
    log.write(FeedDefined(id=feed.pk, code=code, values=told), origin)
    return feed


@transaction.atomic
def add_station_to_feed(feed: Feed, station: Station, origin: Origin) -> None:
    """Let a feed name the channels of one more station.

    Parameters
    ----------
    feed : Feed
    station : Station
    origin : Origin
    """
    feed.stations.add(station)
    log.write(FeedStationAdded(id=feed.pk, station=station.code), origin)


@transaction.atomic
def describe_instrument(
    feed: Feed, values: Mapping[str, Any], instrument: Instrument | None = None, origin: Origin = log.PLATFORM
) -> Instrument:
    """Write down what a feed measures with.

    Parameters
    ----------
    feed : Feed
    values : mapping
        Any of `name`, `description`, `encoding`, `metadata` and `properties`.
    instrument : Instrument, optional
        The one to describe anew; a new one when left out.
    origin : Origin

    Returns
    -------
    Instrument

    Raises
    ------
    BadInput
        The name is longer than 200 characters, or the encoding than 120.
    """
    for name, most in (("name", 200), ("encoding", 120)):
        if len(values.get(name, "")) > most:
            raise BadInput(f"found {name} of {len(values[name])} characters, expected at most {most}", name)
    described = instrument or Instrument(feed=feed)
    for name, value in values.items():
        setattr(described, name, value)
    described.save()
    log.write(InstrumentDescribed(id=described.pk, feed=feed.code, values=dict(values)), origin)
    return described


@transaction.atomic
def map_name(
    feed: Feed,
    name: str,
    channel: Channel | None,
    *,
    kind: str = "r",
    unit: str = "",
    origin: Origin = log.PLATFORM,
) -> FeedName:
    """Say which channel a name of a feed means.

    Parameters
    ----------
    feed : Feed
    name : str
    channel : Channel or None
        None leaves the name out on purpose.
    kind : str
        One of r, m, h, d: real-time values, or means of minutes, hours or days.
    unit : str
        Unit of what is sent; the channel's own when empty.
    origin : Origin

    Returns
    -------
    FeedName

    Raises
    ------
    BadInput
        The name is empty or too long, the kind is not one of these, or the unit does not convert to the channel's.
    """
    if not name or len(name) > feeding.LONGEST_NAME:
        raise BadInput(f"found name {name[:40]!r}, expected 1 to {feeding.LONGEST_NAME} letters", "name")
    if kind not in feeding.KINDS_SENT:
        raise BadInput(f"found kind {kind!r}, expected one of: {', '.join(feeding.KINDS_SENT)}", "kind")
    if channel is not None and unit:
        try:
            convert(1.0, unit, channel.unit)
        except UnitError as error:
            raise BadInput(str(error), "unit") from error
    values = {"channel": channel, "kind": kind, "unit": unit}
    row, _new = FeedName.objects.update_or_create(feed=feed, name=name, defaults=values)
    WaitingName.objects.filter(feed=feed, name=name).delete()
    number = channel.pk if channel else None
    log.write(FeedNameMapped(id=feed.pk, name=name, channel=number, kind=kind, unit=unit), origin)
    return row


@transaction.atomic
def issue_token(feed: Feed, origin: Origin) -> str:
    """Give a feed a new token; the one before opens nothing any more.

    Parameters
    ----------
    feed : Feed
    origin : Origin

    Returns
    -------
    str
        The token. It is shown once: only its hash is kept.
    """
    token = secrets.token_urlsafe(32)
    feed.token_hash = _token_hash(token)
    feed.save(update_fields=["token_hash"])
    log.write(FeedTokenIssued(id=feed.pk, code=feed.code), origin)
    return token


def feed_by_token(token: str) -> Feed:
    """The enabled feed that a token belongs to.

    Parameters
    ----------
    token : str

    Returns
    -------
    Feed
        What else it has than its identity and its settings is read when it is asked for.

    Raises
    ------
    Forbidden
        No enabled feed has that token.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BY_TOKEN, [_token_hash(token)])
        row = cursor.fetchone() if token else None
    if row is None:
        raise Forbidden("found a token of no enabled feed, expected one that an administrator issued")
    values = dict(zip(_IDENTITY, row, strict=True))
    values["settings"] = SealedJSON().from_db_value(values["settings"])
    return Feed.from_db(connection.alias, _IDENTITY, list(values.values()))


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def take_in_payloads(
    feed: Feed, payloads: Sequence[Payload], sink: Sink, meant: Mapping[str, Target] | None = None
) -> list[Delivery]:
    """Store what a feed delivered: the bytes as evidence, the readings through `sink`, and what is wrong as counts.

    Parameters
    ----------
    feed : Feed
    payloads : sequence of Payload
    sink : callable
        As the gateway's: takes the rows and the segment they came in.
    meant : mapping of str to Target, optional
        What names of the feed mean, where the caller has just looked them up.

    Returns
    -------
    list of Delivery
        One a payload: what became of it, and how many readings it held. All are committed when this returns.

    Notes
    -----
    The same payload twice stores its bytes twice and its readings once.
    """
    return feeding.take_in(feed, payloads, sink, meant)


@transaction.atomic
def replay_feed(feed: Feed, sink: Sink, origin: Origin, *, packet: RawPacket | None = None) -> tuple[int, int]:
    """Read again what a feed delivered and could not be stored in whole, after its names or settings were mended.

    Parameters
    ----------
    feed : Feed
    sink : callable
    origin : Origin
    packet : RawPacket, optional
        One payload of the feed; all of them when left out.

    Returns
    -------
    tuple of int
        How many payloads were read again, and how many of them are sound now.

    Raises
    ------
    Refused
        Its payloads were brought by hand, and may have been taken back since; or its connector is not installed.
    """
    if feed.connector not in CONNECTORS:
        raise Refused(_("The connector %(code)s is not installed.") % {"code": feed.connector})
    if CONNECTORS.get(feed.connector).by_hand:
        raise Refused(_("Tables are not read again by themselves: import the file again."))
    found = feeding.replay(feed, sink, packet)
    fact = FeedReplayed(feed.pk, found.payloads, found.sound, found.stored, found.late, found.grown)
    log.write(fact, origin)
    return found.payloads, found.sound
