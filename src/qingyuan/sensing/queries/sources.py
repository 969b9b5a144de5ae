"""Reads of all that delivers data, devices and feeds alike: whose they are, what they brought lately, what is wrong."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, Sum
from django.utils.translation import get_language

from qingyuan.people.queries import Departments, User
from qingyuan.places.queries import sees_whole_district, stations
from qingyuan.sensing.models import DeviceState, Feed, FeedName, PacketState, RawPacket, WaitingName
from qingyuan.sensing.queries.devices import devices

DEVICE = "device"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Source:
    """A device, or a feed: what its sender is, whose it is, when it was heard of last.

    `kind` is `DEVICE` or the code of the feed's connector; `sender` is what its raw packets carry. `department` is an
    organisation's number as named or inherited, `ENTERPRISES` for any enterprise, None where there is no bureau.
    `every` is how often something comes of a feed at least, None where nobody said. `feed` is None for a device.
    """

    kind: str
    code: str
    title: str
    sender: str
    department: int | None
    is_named: bool
    since: datetime | None
    newest_at: datetime | None
    stations: frozenset[int]
    station_code: str = ""
    feed: int | None = None
    every: timedelta | None = None
    enabled: bool = True
    trouble: str = ""


@dataclass(frozen=True)
class Intake:
    """What came of a source in the last hour and the last day, how much of the day was refused or waits, in packets.

    `names` are those that nobody has explained yet, of whatever age.
    """

    hour: int = 0
    day: int = 0
    refused: int = 0
    names: int = 0


def sources(viewer: User, known: Departments) -> list[Source]:
    """Every device in use and every feed that the viewer may see; the queries do not grow with their number.

    Parameters
    ----------
    viewer : User
        Of feeds, those that may write to a station in the territory; a whole district sees all.
    known : Departments
        Under which they count.

    Returns
    -------
    list of Source
        Devices by MN, then feeds by code.
    """
    return [*_devices(viewer, known), *_feeds(viewer, known)]


def _devices(viewer: User, known: Departments) -> list[Source]:
    zh = (get_language() or "zh").startswith("zh")
    fields = (
        "mn", "department", "first_seen_at", "last_seen_at", "station", "station__code",
        "station__title_zh" if zh else "station__title_en", "station__enterprise",
        "station__enterprise__organisation",
    )  # fmt: skip
    found = devices(viewer).filter(state=DeviceState.ACTIVE).order_by("mn").values_list(*fields)
    return [
        Source(
            DEVICE, mn, title, mn,
            known.counts_as(named or whose, of_enterprise=not named and firm is not None), named is not None,
            since, newest, frozenset({station}), code,
        )
        for mn, named, since, newest, station, code, title, firm, whose in found
    ]  # fmt: skip


def _feeds(viewer: User, known: Departments) -> list[Source]:
    writes: dict[int, set[int]] = defaultdict(set)
    for feed, station in Feed.stations.through.objects.values_list("feed_id", "station_id"):
        writes[feed].add(station)
    meant = FeedName.objects.filter(channel__isnull=False).order_by().values_list("feed_id", "channel__station_id")
    for feed, station in meant.distinct():
        writes[feed].add(station)
    own = None if sees_whole_district(viewer) else set(stations(viewer).values_list("pk", flat=True))
    return [
        Source(
            one.connector, one.code, one.title, one.sender,
            known.counts_as(one.department_id), one.department_id is not None, None, one.last_seen_at,
            frozenset(writes[one.pk]), "", one.pk,
            timedelta(minutes=one.every_minutes) if one.every_minutes else None, one.enabled, one.trouble,
        )
        for one in Feed.objects.order_by("code").defer("settings", "position")
        if own is None or writes[one.pk] & own
    ]  # fmt: skip


def intakes(found: Sequence[Source], now: datetime) -> dict[str, Intake]:
    """What came of sources lately, and what of it was refused or waits; by three queries.

    Parameters
    ----------
    found : sequence of Source
    now : datetime

    Returns
    -------
    dict of str to Intake
        By sender; an entry for each.
    """
    senders, since = [one.sender for one in found], now - DAY
    came = {mn: (lately or 0, every) for mn, lately, every in _came(senders, since, now - HOUR)}
    odd = RawPacket.objects.filter(received_at__gte=since, state__in=(PacketState.REJECTED, PacketState.QUARANTINED))
    refused = dict(odd.filter(mn__in=senders).order_by().values_list("mn").annotate(Sum("packets")))
    names = dict(WaitingName.objects.order_by().values_list("feed").annotate(Count("pk")))
    return {
        one.sender: Intake(*came.get(one.sender, (0, 0)), refused.get(one.sender, 0), names.get(one.feed or 0, 0))
        for one in found
    }


def _came(senders: Collection[str], since: datetime, hour: datetime) -> Sequence[tuple[str, int | None, int]]:
    newest = RawPacket.objects.filter(mn__in=senders, received_at__gte=since).order_by()
    lately = Sum("packets", filter=Q(received_at__gte=hour))
    return list(newest.values_list("mn").annotate(lately=lately, all=Sum("packets")))
