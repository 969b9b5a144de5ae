"""Reads of all that delivers data, devices and feeds alike: whose they are, what they brought lately, what is wrong."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import get_language

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import Departments, User
from qingyuan.places.queries import sees_whole_district, stations
from qingyuan.sensing.models import DayStart, DeviceState, Feed, FeedName, RawPacket, WaitingName
from qingyuan.sensing.queries.devices import devices
from qingyuan.sensing.queries.packets import REFUSED

DEVICE = "device"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True)
class Source:
    """A device, or a feed: what its sender is, whose it is, when it was heard of last.

    `kind` is `DEVICE` or the code of the feed's connector; `sender` is what its raw packets carry. `department` is an
    organisation's number as named or inherited, `ENTERPRISES` for any enterprise, None where there is no bureau.
    `packets` is how many came in all. `every` is how often something comes of a feed at least, None where nobody said.
    `feed` is None for a device.
    """

    kind: str
    code: str
    title: str
    sender: str
    department: int | None
    is_named: bool
    since: datetime | None
    newest_at: datetime | None
    packets: int
    stations: frozenset[int]
    station_code: str = ""
    feed: int | None = None
    every: timedelta | None = None
    enabled: bool = True
    trouble: str = ""


@dataclass(frozen=True)
class Intake:
    """What came of a source in the last hour and today, how much of a day was refused or waits, in packets.

    `today` begins at midnight in Shanghai, and is None where that was not noted. `refused` counts 24 hours, `names`
    those that nobody has explained yet, of whatever age.
    """

    hour: int = 0
    today: int | None = 0
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
        "mn", "department", "first_seen_at", "last_seen_at", "packets", "station", "station__code",
        "station__title_zh" if zh else "station__title_en", "station__enterprise",
        "station__enterprise__organisation",
    )  # fmt: skip
    found = devices(viewer).filter(state=DeviceState.ACTIVE).order_by("mn").values_list(*fields)
    return [
        Source(
            DEVICE, mn, title, mn,
            known.counts_as(named or whose, of_enterprise=not named and firm is not None), named is not None,
            since, newest, packets, frozenset({station}), code,
        )
        for mn, named, since, newest, packets, station, code, title, firm, whose in found
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
            known.counts_as(one.department_id), one.department_id is not None, None, one.last_seen_at, one.packets,
            frozenset(writes[one.pk]), "", one.pk,
            timedelta(minutes=one.every_minutes) if one.every_minutes else None, one.enabled, one.trouble,
        )
        for one in Feed.objects.order_by("code").defer("settings", "position")
        if own is None or writes[one.pk] & own
    ]  # fmt: skip


def intakes(found: Sequence[Source], now: datetime) -> dict[str, Intake]:
    """What came of sources lately, and what of it was refused or waits; by four queries.

    Parameters
    ----------
    found : sequence of Source
    now : datetime

    Returns
    -------
    dict of str to Intake
        By sender; an entry for each.
    """
    hour = _packets(found, RawPacket.objects.filter(received_at__gte=now - HOUR))
    odd = RawPacket.objects.filter(state__in=REFUSED)
    refused = _packets(found, odd.filter(received_at__gte=now - DAY))
    names = dict(WaitingName.objects.order_by().values_list("feed").annotate(Count("pk")))
    began = {
        sender: (day, packets) for sender, day, packets in DayStart.objects.values_list("sender", "day", "packets")
    }
    today = now.astimezone(SHANGHAI).date()
    return {
        one.sender: Intake(
            hour.get(one.sender, 0), _of_today(one, began.get(one.sender), today), refused.get(one.sender, 0),
            names.get(one.feed or 0, 0),
        )
        for one in found
    }  # fmt: skip


def _packets(found: Sequence[Source], rows: QuerySet[RawPacket]) -> dict[str, int]:
    counted = rows.filter(mn__in=[one.sender for one in found]).order_by().values_list("mn")
    return dict(counted.annotate(Sum("packets")))


def _of_today(source: Source, began: tuple[date, int] | None, today: date) -> int | None:
    """What came since midnight; of a sender that was not noted then, everything did."""
    if began is None:
        return source.packets
    return source.packets - began[1] if began[0] == today else None
