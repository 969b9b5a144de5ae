"""Verbs on readings: appending what came in, computing hour means, taking in what was quarantined, checking."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import stations
from qingyuan.recording.events import (
    DataMarked,
    HoursComputed,
    MarkWithdrawn,
    ReadingsAppended,
    ReadingsChanged,
    StreamDescribed,
)
from qingyuan.recording.lake import executors, parts, table
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.lake.parts import DaySums
from qingyuan.recording.logic import disagreement, evidence, gaps, marking, means, newest, periods, references, store
from qingyuan.recording.logic.batch import Columns
from qingyuan.recording.logic.evidence import Evidence
from qingyuan.recording.logic.partitions import YOUNG_DAYS
from qingyuan.recording.logic.sealed import restoring, sealing, upkeep
from qingyuan.recording.logic.sealed.sealing import Sealed
from qingyuan.recording.logic.sealed.upkeep import Stats
from qingyuan.recording.models import KINDS, MarkedSpan, MeansDone, Stream
from qingyuan.recording.queries import MAY_MARK, MAY_WITHDRAW, marks
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.events import DeviceAdopted
from qingyuan.sensing.queries import Channel, requests_for, silences_to_settle

__all__ = [
    "DaySums",
    "Evidence",
    "Sealed",
    "Stats",
    "append",
    "check_lake",
    "compact_lake",
    "compute_ended",
    "compute_means",
    "describe_stream",
    "expire_readings",
    "fill_gaps",
    "keep_latest",
    "lake_day_sums",
    "lake_stats",
    "mark_span",
    "note_streams",
    "reference_faults",
    "restore_days",
    "seal_old_days",
    "take_in_quarantined",
    "withdraw_mark",
]


_NOTE = (
    "INSERT INTO recording_stream (channel_id, kind, name, description, properties)"
    " SELECT n.channel, n.kind, '', '', '{}' FROM unnest(%s::int[], %s::text[]) AS n(channel, kind)"
    " WHERE NOT EXISTS (SELECT FROM recording_stream s WHERE (s.channel_id, s.kind) = (n.channel, n.kind))"
    " ON CONFLICT DO NOTHING"
)


CATCH_UP = timedelta(days=2)  # further back the readings are computed with the events that brought them


OWN_TIME = timedelta(minutes=5)


MOST_SILENCES = 500


def append(rows: Rows, segment: Segment) -> int:
    """Store decoded readings inside the caller's transaction and tell the loop.

    Parameters
    ----------
    rows : Rows
        Readings in any order; a resent one changes nothing, a corrected one replaces the old, which the log keeps.
    segment : Segment
        The raw packets that they came in.

    Returns
    -------
    int
        How many readings were new, or other than before.

    Notes
    -----
    The gateway is handed this function as its sink and acknowledges a packet only after the transaction committed.
    """
    if not len(rows):
        return 0
    columns = Columns(
        channel=np.frombuffer(rows.channel, dtype=np.int64).astype(np.int32),
        kind=np.frombuffer(rows.kind, dtype="S1"),
        at=np.frombuffer(rows.at, dtype=np.int64),
        numbers=np.column_stack([np.frombuffer(column, dtype=np.float64) for column in rows.numbers]),
        mark=np.frombuffer(rows.mark, dtype="S1"),
        received=np.frombuffer(rows.received, dtype=np.int64),
    ).in_order()
    changed = store.merge(columns)
    fact = ReadingsAppended(id=segment.id, segment_hash=segment.hash.hex(), count=len(columns), spans=columns.spans())
    log.write(fact)
    return changed


def keep_latest(event: ReadingsAppended | HoursComputed) -> None:
    """Keep the newest reading of each channel and kind as a row of its own (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended or HoursComputed

    Notes
    -----
    Apart from the batch itself, so that a gateway need not wait for it: batches that wait are taken up together, by one
    statement.
    """
    with transaction.atomic():
        newest.advance(event.spans)


def compute_means(event: ReadingsChanged) -> None:
    """Compute the means of every finished period that new, corrected or marked readings touch (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended, DataMarked or MarkWithdrawn

    Notes
    -----
    Minutes, ten minutes, hours and days in turn, each out of the ones before; then what was sent is compared with what
    was computed. Late and corrected readings change the periods that they belong to, and what is converted or weighted
    by them.
    """
    now = clock.now()
    changed = [list(span) for span in event.spans]
    computed: list[list[Any]] = []
    with transaction.atomic():
        for rung in periods.LADDER:
            columns = means.compute(rung, periods.touched(rung, changed, now), now)
            if len(columns) and store.merge(columns):
                changed += columns.spans()
                computed += columns.spans()
        disagreement.compare(changed, now)
        if computed:
            log.write(HoursComputed(id=event.id if isinstance(event, ReadingsAppended) else 0, spans=computed))


def compute_ended() -> None:
    """Compute the means of the periods that ended since the last time, for every channel that has readings in them.

    Notes
    -----
    The clock calls this every minute. Where it could not for a while, it takes up where it stopped, two days back at
    most. A period waits a little for what is still on its way; what comes later than that is computed when it comes.
    """
    now = clock.now()
    for rung in periods.LADDER:
        with transaction.atomic():
            end = now - rung.after
            usual = end - timedelta(microseconds=rung.length)
            done, _created = MeansDone.objects.select_for_update().get_or_create(
                kind=rung.kind, defaults={"up_to": usual}
            )
            due = periods.ended(rung, max(done.up_to, now - CATCH_UP), end)
            done.up_to = end
            done.save(update_fields=["up_to"])
            columns = means.compute(rung, due, now)
            if len(columns) and store.merge(columns):
                disagreement.compare(columns.spans(), now)
                log.write(HoursComputed(id=0, spans=columns.spans()))


@transaction.atomic
def mark_span(
    station_code: str,
    user: User,
    origin: Origin,
    *,
    code: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    channel_ids: Sequence[int] = (),
    attached: Evidence | None = None,
) -> MarkedSpan:
    """Mark the data of a time at an outlet, as the operator of its monitor must.

    Parameters
    ----------
    station_code : str
        Code of a station of the user's enterprise.
    user : User
        An enterprise user.
    origin : Origin
    code : str
        A kind of mark of `qingyuan_science.standards.markings`.
    starts_at, ends_at : datetime
        Aware; `starts_at` belongs to the time, `ends_at` does not.
    reason : str
        What happened; it cannot be left out.
    channel_ids : sequence of int
        Channels of the station; all of them when left out.
    attached : Evidence, optional
        A PDF or a photo.

    Returns
    -------
    MarkedSpan
        In force at once; the loop computes anew what it touches.

    Raises
    ------
    NotFound
        The user has no such station.
    Forbidden
        The user's role may not mark data.
    BadInput
        The mark, the time, the channels, the reason or the evidence is not what it must be; says what it expects.
    """
    if user.role not in MAY_MARK:
        roles = ", ".join(str(Role(role).label) for role in MAY_MARK)
        raise Forbidden(_("Only these roles may mark data: %(roles)s") % {"roles": roles})
    station = stations(user).filter(code=station_code).first()
    if station is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": station_code})
    now = clock.now()
    kind = marking.kind_of(code, station)
    marking.check_span(starts_at, ends_at, now)
    if not reason.strip():
        raise BadInput(_("Say what happened"), "reason")
    there = list(Channel.objects.filter(station=station).values_list("pk", flat=True))
    chosen = marking.chosen(there, channel_ids)
    if attached is not None:
        evidence.keep(attached)
    row = MarkedSpan.objects.create(
        station=station, starts_at=starts_at, ends_at=ends_at, code=code,
        letter=kind.letter.value if kind.letter else "",
        counts_until=marking.counts_until(station, kind, starts_at, ends_at), reason=reason.strip(),
        evidence_name=Path(attached.name).name[:160] if attached else "",
        evidence_sha256=attached.sha256 if attached else "",
        marked_by=user, marked_at=now, due_at=marking.due_at(ends_at),
    )  # fmt: skip
    row.channels.set(chosen)
    fact = DataMarked(
        id=row.pk, spans=marking.spans(chosen, starts_at, ends_at, now), station=station.code, code=code,
        starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(),
        evidence_sha256=row.evidence_sha256, late=row.late,
    )  # fmt: skip
    log.write(fact, origin, row.reason)
    return row


@transaction.atomic
def withdraw_mark(mark_id: int, user: User, why: str, origin: Origin) -> MarkedSpan:
    """Decide that a mark does not hold; from now on the device's own marks stand again.

    Parameters
    ----------
    mark_id : int
    user : User
        An enforcement officer in whose territory the station stands.
    why : str
        The reason; it cannot be left out.
    origin : Origin

    Returns
    -------
    MarkedSpan
        Withdrawn; the row stays, and so does what it did to what was known before.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user's role may not withdraw marks.
    BadInput
        No reason is given.
    Refused
        It is withdrawn already.
    """
    found = marks(user).filter(pk=mark_id).first()
    if found is None:
        raise NotFound(_("There is no mark %(id)s in your territory.") % {"id": mark_id})
    if user.role not in MAY_WITHDRAW:
        roles = ", ".join(str(Role(role).label) for role in MAY_WITHDRAW)
        raise Forbidden(_("Only these roles may withdraw a mark: %(roles)s") % {"roles": roles})
    if not why.strip():
        raise BadInput(_("Say why the mark does not hold"), "why")
    row = MarkedSpan.objects.select_for_update().get(pk=found.pk)
    if row.withdrawn_at is not None:
        raise Refused(_("The mark is withdrawn already"))
    now = clock.now()
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, user, why.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    touched = marking.spans(row.channels.values_list("pk", flat=True), row.starts_at, row.ends_at, now)
    log.write(MarkWithdrawn(id=row.pk, spans=touched, station=found.station.code, code=row.code), origin, why.strip())
    return row


def take_in_quarantined(event: DeviceAdopted) -> None:
    """Decode and store everything that a device sent before it was adopted (a handler of the loop).

    Parameters
    ----------
    event : DeviceAdopted
    """
    sensing.decode_quarantined(event.id, append)


def note_streams(event: ReadingsChanged) -> None:
    """Enter the channels and kinds of which the first readings came (a handler of the loop).

    Parameters
    ----------
    event : ReadingsChanged
    """
    pairs = sorted({(int(channel), str(kind)) for channel, kind, _, _ in event.spans})
    if pairs:
        channels, kinds = zip(*pairs, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_NOTE, [list(channels), list(kinds)])


@transaction.atomic
def describe_stream(channel: Channel, kind: str, values: Mapping[str, Any], origin: Origin = log.PLATFORM) -> Stream:
    """Announce what will be measured at a channel, or describe it anew.

    Parameters
    ----------
    channel : Channel
    kind : str
        A letter of `KINDS`.
    values : mapping
        Any of `name`, `description`, `properties` and `instrument` (an Instrument); what is left out stays.
    origin : Origin

    Returns
    -------
    Stream

    Raises
    ------
    BadInput
        The kind is none of these, or the name is longer than 200 characters.
    """
    if kind not in KINDS:
        raise BadInput(f"found kind {kind!r}, expected one of: {', '.join(KINDS)}", "kind")
    if len(values.get("name", "")) > 200:
        raise BadInput(f"found name of {len(values['name'])} characters, expected at most 200", "name")
    stream, _ = Stream.objects.update_or_create(channel=channel, kind=kind, defaults=dict(values))
    told = {name: getattr(value, "pk", value) for name, value in values.items()}
    log.write(StreamDescribed(id=stream.pk, channel=channel.pk, kind=kind, values=told), origin)
    return stream


def seal_old_days() -> Iterator[Sealed]:
    """Move every day that is older than `QINGYUAN_HOT_DAYS` from the hot table into the lake, oldest first.

    Yields
    ------
    Sealed
        What came of each day. A day that somebody reads or writes at that moment is in the lake and stays in the hot
        table until the next time.

    Raises
    ------
    BadInput
        `QINGYUAN_HOT_DAYS` is too small.
    Refused
        Another process is changing the lake.
    """
    if settings.HOT_DAYS < YOUNG_DAYS:
        raise BadInput(f"QINGYUAN_HOT_DAYS is {settings.HOT_DAYS}, expected {YOUNG_DAYS} or more")
    with upkeep.alone():
        for day in sealing.old_days(clock.now(), timedelta(days=settings.HOT_DAYS)):
            yield sealing.seal(our_lake(), day, clock.now())


def compact_lake(*, thoroughly: bool = False) -> int:
    """Write months of the lake anew, sorted, whose readings lie in many files, and delete what is no longer needed.

    Parameters
    ----------
    thoroughly : bool
        Also months with a second file for a channel.

    Returns
    -------
    int
        How many months of a kind were written.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    running = f"{clock.now() - timedelta(days=settings.HOT_DAYS):%Y-%m}"
    table.ensure(our_lake())
    with upkeep.alone(), _workers() as workers:
        return upkeep.compact(our_lake(), running, workers, thoroughly=thoroughly)


def expire_readings() -> int:
    """Take months out of the lake that are older than `QINGYUAN_KEEP_DAYS` says; the log names them.

    Returns
    -------
    int
        How many readings.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    kept = {kind: timedelta(days=days) for kind, days in settings.KEEP_DAYS.items()}
    table.ensure(our_lake())
    with upkeep.alone():
        return upkeep.expire(our_lake(), kept, clock.now())


def restore_days(first: date, last: date, origin: Origin = PLATFORM) -> int:
    """Bring sealed days back to the hot table, for as long as a day stays there.

    Parameters
    ----------
    first, last : date
        UTC days, both included.
    origin : Origin

    Returns
    -------
    int
        How many readings the hot table did not have.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    with upkeep.alone():
        return restoring.restore(our_lake(), first, last, origin)


def check_lake() -> list[str]:
    """Read the whole lake and compare it with what was sealed.

    Returns
    -------
    list of str
        What is wrong, a sentence each; empty when all is as it was sealed.

    Raises
    ------
    LakeMissing, Refused
    """
    with upkeep.alone(), _workers() as workers:
        return upkeep.check(our_lake(), workers)


def lake_stats() -> list[Stats]:
    """What the lake holds, by kind.

    Returns
    -------
    list of Stats

    Raises
    ------
    LakeMissing
    """
    return upkeep.stats(our_lake())


def lake_day_sums(kind: str = "h") -> DaySums:
    """Sum and number of valid values of every channel on every day of China in the lake.

    Parameters
    ----------
    kind : str
        A letter of `KINDS`.

    Returns
    -------
    DaySums
        In order of (channel, day); daily means are `total / count`.

    Raises
    ------
    LakeMissing
    """
    work = parts.parts_of(our_lake(), table.snapshot(our_lake()), [kind])
    with _workers() as workers:
        return parts.joined_sums(list(executors.run(parts.day_sums, work, workers)))


@contextmanager
def _workers() -> Iterator[executors.Workers]:
    with executors.executor(settings.LAKE_CLUSTER) as workers:
        yield workers


@transaction.atomic
def fill_gaps() -> int:
    """Ask the devices that came back for what is missing of the time in which they were not heard.

    Returns
    -------
    int
        How many requests were made. A device gets some minutes first to send by itself what it kept.
    """
    asked = 0
    for silence in silences_to_settle(clock.now() - OWN_TIME)[:MOST_SILENCES]:
        for kind, code in gaps.REQUEST_OF.items():
            span = gaps.missing(silence, kind)
            if span is not None and code in {one.code for one in requests_for(silence.device)}:
                sensing.ask_for_history(silence.device, code, *span, why="missing after a silence")
                asked += 1
        sensing.settle_silence(silence.pk)
    return asked


def reference_faults() -> Iterator[str]:
    """Hold every line of the log about a batch of readings against the raw segment that it names.

    Returns
    -------
    iterator of str
        One sentence for each line whose segment is gone, or has another hash than the line says.
    """
    return references.faults()
