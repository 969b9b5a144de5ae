"""How the payloads of a feed were read at some time, as the log has it: settings, meanings of names, stations."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from django.db.models import Q

from qingyuan.kit.queries import lines
from qingyuan.places.queries import Station
from qingyuan.sensing.events import FeedDefined, FeedNameMapped, FeedReplayed, FeedStationAdded
from qingyuan.sensing.models import Channel, Feed, FeedName, RawPacket

TAKEN_UP_WITHIN = timedelta(seconds=10)  # the process that listens may read by the settings before for as long


@dataclass(frozen=True)
class FeedEdition:
    """How a feed was read from `since` on, until it was changed: its connector, and the settings without secrets.

    `read_at` is when the payload in question was read so. `doubt` says why that is not certain: "unlogged" where the
    log holds no settings of that time, "replayed" where it does not say which payloads were read again since.
    """

    connector: str
    settings: dict[str, str]
    since: datetime
    by: str = ""
    until: datetime | None = None
    read_at: datetime | None = None
    doubt: str = ""


def editions_of(feed: Feed) -> list[FeedEdition]:
    """How a feed was read from when on.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    list of FeedEdition
        Earliest first. Lines of the log that changed other things than connector and settings make no edition.
    """
    found: list[FeedEdition] = []
    for line in lines(f"{FeedDefined.subject_kind}/{feed.pk}", (FeedDefined.__name__,)).order_by("seq"):
        told = line.detail["values"]
        if not found or (found[-1].connector, found[-1].settings) != (told["connector"], told["settings"]):
            found.append(FeedEdition(told["connector"], told["settings"], line.at, line.actor))
    ended = [replace(one, until=later.since) for one, later in pairwise(found)]
    return [*ended, *found[-1:]]


def editions_behind(feed: Feed, packet: RawPacket) -> list[FeedEdition]:
    """By which settings a payload was read when what is stored of it was stored.

    Parameters
    ----------
    feed : Feed
    packet : RawPacket

    Returns
    -------
    list of FeedEdition
        One: that of its arrival, or of the last time that it was read again and something of it was stored. More, the
        likeliest first, where the settings were changed in the seconds in which it came, or the log leaves a doubt.
    """
    known, came = editions_of(feed), packet.received_at
    replays = lines(f"{FeedReplayed.subject_kind}/{feed.pk}", (FeedReplayed.__name__,)).filter(at__gte=came)
    named = next((line.at for line in replays if packet.pk in line.detail.get("stored", ())), None)
    if named is not None:
        return [_in_force(known, feed, named)]
    first = _in_force(known, feed, came)
    unnamed = [_in_force(known, feed, line.at) for line in replays if "stored" not in line.detail]
    others = [replace(one, doubt="replayed") for one in unnamed if one.since != first.since]
    if others:
        return [replace(first, doubt="replayed"), *others]
    before = [one for one in known if one.until == first.since and came - first.since < TAKEN_UP_WITHIN]
    return [first, *(replace(one, read_at=came) for one in before)]


def _in_force(known: Sequence[FeedEdition], feed: Feed, at: datetime) -> FeedEdition:
    """The edition in force at an instant; the first one, or what stands now, where the log does not reach back."""
    since = [one for one in known if one.since <= at]
    if since:
        return replace(since[-1], read_at=at)
    first = known[0] if known else FeedEdition(feed.connector, feed.settings, at)
    return replace(first, read_at=at, doubt="unlogged")


def meanings_at(feed: Feed, names: Collection[str], at: datetime) -> dict[str, tuple[int | None, str]]:
    """What a feed meant by some names at an instant.

    Parameters
    ----------
    feed : Feed
    names : collection of str
    at : datetime

    Returns
    -------
    dict of str to (int or None, str)
        Number of the channel, None where the name was left out on purpose, and the kind. What the name means now, where
        the log says nothing of it up to that instant; names without a meaning are left out.
    """
    entered = FeedName.objects.filter(feed=feed, name__in=names)
    found: dict[str, tuple[int | None, str]] = {
        name: (channel, kind) for name, channel, kind in entered.values_list("name", "channel", "kind")
    }
    told = lines(f"{FeedNameMapped.subject_kind}/{feed.pk}", (FeedNameMapped.__name__,))
    for line in told.filter(at__lte=at, detail__name__in=list(names)).order_by("seq"):
        found[line.detail["name"]] = (line.detail["channel"], line.detail["kind"])
    return found


def stations_ever_of_feed(feed: Feed) -> set[int]:
    """Numbers of the stations that a feed may write to, or could at some time.

    Parameters
    ----------
    feed : Feed

    Returns
    -------
    set of int
    """
    codes: set[str] = set()
    channels: set[int] = set()
    acts = (FeedDefined.__name__, FeedStationAdded.__name__, FeedNameMapped.__name__)
    for act, told in lines(f"{FeedDefined.subject_kind}/{feed.pk}", acts).values_list("act", "detail"):
        if act == FeedDefined.__name__:
            codes.update(told["values"]["stations"])
        elif act == FeedStationAdded.__name__:
            codes.add(told["station"])
        elif told["channel"] is not None:
            channels.add(told["channel"])
    once = Station.objects.filter(code__in=codes).values_list("pk", flat=True)
    named = Channel.objects.filter(pk__in=channels).values_list("station", flat=True)
    return {*feed.stations.values_list("pk", flat=True), *once, *named}


def feeds_ever_of_channel(channel: Channel) -> set[int]:
    """Numbers of the feeds that may write to a channel, or could at some time.

    Parameters
    ----------
    channel : Channel

    Returns
    -------
    set of int
    """
    code = channel.station.code
    by_station = lines(acts=(FeedDefined.__name__,)).filter(detail__values__stations__contains=code)
    added = lines(acts=(FeedStationAdded.__name__,)).filter(detail__station=code)
    named = lines(acts=(FeedNameMapped.__name__,)).filter(detail__channel=channel.pk)
    once = {one for told in (by_station, added, named) for one in told.values_list("detail__id", flat=True)}
    now = Q(stations=channel.station_id) | Q(pk__in=FeedName.objects.filter(channel=channel).values("feed"))
    return once | set(Feed.objects.filter(now).values_list("pk", flat=True))
