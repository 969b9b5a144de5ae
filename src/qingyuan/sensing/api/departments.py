"""Verbs on where data come from: the department of a device or a feed, how often it brings something."""

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Organisation
from qingyuan.sensing.events import DeviceAttributed, FeedAttributed, FeedPaceSet
from qingyuan.sensing.models import DayStart, Device, Feed

LONGEST_PACE = 366 * 24 * 60  # a year [min]
_NOTE = (
    "INSERT INTO sensing_daystart AS known (sender, day, packets)"
    " SELECT s.sender, %s, CASE WHEN %s THEN s.packets ELSE 0 END FROM"
    " (SELECT mn AS sender, packets FROM sensing_device UNION ALL SELECT 'feed:' || code, packets FROM sensing_feed) s"
    " ON CONFLICT (sender) DO UPDATE SET day = excluded.day, packets = excluded.packets"
)


@transaction.atomic
def name_department(source: Device | Feed, department: Organisation | None, origin: Origin = log.PLATFORM) -> None:
    """Say which department the data of a device or a feed come from; the same again changes nothing.

    Parameters
    ----------
    source : Device or Feed
    department : Organisation or None
        None where nobody is named: a device then counts as its station's enterprise's, anything else as the bureau's.
    origin : Origin
    """
    before = source.department
    if before == department:
        return
    source.department = department
    source.save(update_fields=["department"])
    log.write(department_named(source, before), origin)


def department_named(source: Device | Feed, before: Organisation | None) -> DeviceAttributed | FeedAttributed:
    """What is written to the log when the department of a source was named.

    Parameters
    ----------
    source : Device or Feed
        As it is now.
    before : Organisation or None

    Returns
    -------
    DeviceAttributed or FeedAttributed
    """
    codes = {"department": source.department.code if source.department else "", "before": before.code if before else ""}
    if isinstance(source, Device):
        return DeviceAttributed(id=source.pk, mn=source.mn, **codes)
    return FeedAttributed(id=source.pk, code=source.code, **codes)


@transaction.atomic
def set_pace(feed: Feed, every_minutes: int | None, origin: Origin = log.PLATFORM) -> None:
    """Say how often something comes of a feed at least; the same again changes nothing.

    Parameters
    ----------
    feed : Feed
    every_minutes : int or None
        After so long without anything it stands silent; None where it comes at no fixed pace. [min]
    origin : Origin

    Raises
    ------
    BadInput
        It is not between a minute and a year.
    """
    if every_minutes is not None and not 0 < every_minutes <= LONGEST_PACE:
        found = {"found": every_minutes, "most": LONGEST_PACE}
        raise BadInput(_("Found %(found)s minutes, expected 1 to %(most)s.") % found, "every_minutes")
    before = feed.every_minutes
    if before == every_minutes:
        return
    feed.every_minutes = every_minutes
    feed.save(update_fields=["every_minutes"])
    log.write(FeedPaceSet(id=feed.pk, code=feed.code, every_minutes=every_minutes, before=before), origin)


@transaction.atomic
def note_day_start(now: datetime | None = None) -> int:
    """Note how many packets had come of each sender when the day began; once a day, as early as it is called.

    Parameters
    ----------
    now : datetime, optional
        The present instant when left out.

    Returns
    -------
    int
        Of how many senders it was noted; none where it was done that day. Who speaks for the first time later that day
        has no row, and all that came of it came that day.
    """
    today = (now or clock.now()).astimezone(clock.SHANGHAI).date()
    if DayStart.objects.filter(day=today).exists():
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            _NOTE, [today, DayStart.objects.exists()]
        )  # where no day was noted before, this is the first one
        return int(cursor.rowcount)
