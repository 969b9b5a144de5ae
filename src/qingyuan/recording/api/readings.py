"""Verbs on readings: appending what came in, means, newest values, streams, what is missing."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.kit.rounds import Round
from qingyuan.recording.api.marks import _NOTE
from qingyuan.recording.events import (
    HoursComputed,
    MeansOutstanding,
    ReadingsAppended,
    ReadingsChanged,
    Span,
    StreamDescribed,
)
from qingyuan.recording.logic import (
    disagreement,
    gaps,
    means,
    newest,
    partitions,
    periods,
    references,
    store,
)
from qingyuan.recording.logic.batch import columns_of
from qingyuan.recording.logic.daily import keeping
from qingyuan.recording.logic.driving import keeping as driving
from qingyuan.recording.logic.periods import Due, Rung
from qingyuan.recording.made import MadeOf
from qingyuan.recording.models import KINDS, MeansDone, Stream
from qingyuan.sensing import api as sensing
from qingyuan.sensing.api import Rows, Segment
from qingyuan.sensing.events import DeviceAdopted
from qingyuan.sensing.queries import (
    Channel,
    Silence,
    commands_of,
    missed_parts,
    requests_for,
    silences_to_settle,
)
from qingyuan_science.series import microseconds

DRIVEN = "DrivesKept"  # what open pages are told when drives went on


CATCH_UP = timedelta(days=2)  # further back the readings are computed with the events that brought them


OWN_TIME = timedelta(minutes=5)


MOST_SILENCES = 500
MISSING, PARTS = "missing after a silence", "parts of a message did not come"
PARTS_ASKED_FOR = timedelta(days=1)  # how long after it was given up


CHANNELS_AT_ONCE = 200


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
    columns = columns_of(rows)
    changed = store.merge(columns)
    fact = ReadingsAppended(id=segment.id, segment_hash=segment.hash.hex(), count=len(columns), spans=columns.spans())
    log.write(fact)
    return changed


def keep_latest(event: ReadingsChanged) -> None:
    """Keep the newest reading of each channel and kind as a row of its own (a handler of the loop).

    Parameters
    ----------
    event : ReadingsChanged

    Notes
    -----
    Apart from the batch itself, so that a gateway need not wait for it: batches that wait are taken up together, by one
    statement. Open pages are told once it is done.
    """
    with transaction.atomic():
        if event.takes_back:
            newest.step_back(event.spans)
        newest.advance(event.spans)
        log.tell(newest.KEPT)


def compute_means(event: ReadingsChanged) -> None:
    """Compute the means of every finished period that new, corrected or marked readings touch (a handler of the loop).

    Parameters
    ----------
    event : ReadingsAppended, DataMarked or MarkWithdrawn

    Notes
    -----
    Minutes, ten minutes, hours and days in turn, each out of the ones before; then what was sent is compared with what
    was computed. Late and corrected readings change the periods that they belong to, and what is converted or weighted
    by them. A station of which it fails keeps no other from its means: see `compute_outstanding`.
    """
    _climb(event, means.keep)


def compute_outstanding(event: MeansOutstanding) -> None:
    """Compute what could not be computed with others, apart from them (a handler of the loop).

    Parameters
    ----------
    event : MeansOutstanding

    Notes
    -----
    What fails again is tried again and at last set aside as a row, with its reason.
    """
    _climb(event, means.keep_whole)


def _climb(event: ReadingsChanged, keep: Callable[[Rung, list[Due], datetime], list[Span]]) -> None:
    """From minutes to days, each out of the ones before."""
    now = clock.now()
    changed = [list(span) for span in event.spans]
    computed: list[Span] = []
    with transaction.atomic():
        for rung in periods.LADDER:
            spans = keep(rung, periods.touched(rung, changed, now), now)
            changed += spans
            computed += spans
        disagreement.compare(changed, now)
        if computed:
            segment = event.id if isinstance(event, ReadingsAppended) else 0
            log.write(HoursComputed(id=segment, spans=computed, computed_us=microseconds(now)))


def keep_day_values(event: ReadingsChanged) -> None:
    """Keep the valid value of every day that changed means belong to (a handler of the loop).

    Parameters
    ----------
    event : ReadingsChanged

    Notes
    -----
    Of stations of ambient air and surface water and of outlets, of these with what they emitted; pages over months and
    years read these rows. Late, corrected, marked and withdrawn readings change the days that they belong to.
    """
    due = keeping.touched(event.spans, clock.now())
    if due:
        with transaction.atomic():
            keeping.keep(due)


def keep_drives(event: ReadingsChanged) -> None:
    """Keep the drives to which new, corrected or withdrawn positions belong (a handler of the loop).

    Parameters
    ----------
    event : ReadingsChanged

    Notes
    -----
    A drive that goes on stays the same row. Open pages are told once it is done.
    """
    for station, (first, last) in driving.touched(event.spans).items():
        with transaction.atomic():
            driving.keep(station, first, last)
            log.tell(DRIVEN)


def compute_day_values(first: date, last: date) -> int:
    """Keep the valid value of every day between two days anew, for every station whose days are kept.

    Parameters
    ----------
    first, last : date
        In China, both included.

    Returns
    -------
    int
        How many rows, of a channel and a month each, were other than before.

    Raises
    ------
    BadInput
        A day lies outside the time in which anything is measured.

    Notes
    -----
    For days from before the platform kept such rows. It changes nothing where they stand as they should.
    """
    for day in (first, last):
        clock.check_day(day)
    changed = 0
    channels = list(keeping.channels().values_list("pk", flat=True))
    for place in range(0, len(channels), CHANNELS_AT_ONCE):
        with transaction.atomic():
            changed += keeping.keep({(first, last): channels[place : place + CHANNELS_AT_ONCE]})
    return changed


def compute_ended() -> None:
    """Compute the means of the periods that ended since the last time, for every channel that has readings in them.

    Notes
    -----
    The clock calls this every minute. Where it could not for a while, it takes up where it stopped, two days back at
    most. A period waits a little for what is still on its way; what comes later than that is computed when it comes. A
    station of which it fails keeps no other from its means: see `compute_outstanding`.
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
            spans = means.keep(rung, due, now)
            if spans:
                disagreement.compare(spans, now)
                log.write(HoursComputed(id=0, spans=spans, computed_us=microseconds(now)))


def made_of(channel: Channel, kind: str, at: datetime) -> list[MadeOf]:
    """The shorter readings of which a mean is computed here, as they stand now.

    Parameters
    ----------
    channel : Channel
    kind : str
        A letter of `KINDS`.
    at : datetime
        Start of the mean's period.

    Returns
    -------
    list of MadeOf
        The channel's own; of a value converted here, the measured concentration and the oxygen content; then the flow
        that weights them. Empty for readings that are not computed here.
    """
    rung = next((one for one in periods.LADDER if one.kind == kind), None)
    return means.made_of(rung, channel, at) if rung is not None else []


@transaction.atomic
def make_partitions() -> None:
    """Make the partitions of yesterday, today and the next three days, so that no packet has to wait for one."""
    today = clock.now().date()
    partitions.ensure(today + timedelta(days=ahead) for ahead in range(-1, 4))


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


def fill_gaps() -> int:
    """Ask the devices that came back for what is missing of the time in which they were not heard.

    Returns
    -------
    int
        How many requests were made. A device gets some minutes first to send by itself what it kept.

    Raises
    ------
    RoundIncomplete
        Of some devices it failed; all others were asked, and those come again the next time.

    Notes
    -----
    What broke off, or was not answered, is asked for again where it is still missing, three times in all. So is what a
    split message lacks of which a part never came, for a day.
    """
    devices, asked = Round("fill_gaps"), 0
    with devices.turn("parts of messages"):
        asked += _ask_for_parts(clock.now(), devices)
    for silence in silences_to_settle(clock.now() - OWN_TIME)[:MOST_SILENCES]:
        with devices.turn(f"device {silence.device.mn}"):
            asked += _settle(silence)
    devices.end()
    return asked


@transaction.atomic
def _settle(silence: Silence) -> int:
    """Ask for what is missing of a silence, or say that nothing is."""
    spoken = {one.code for one in requests_for(silence.device)}
    spans = {code: gaps.missing(silence, kind) for kind, code in gaps.REQUEST_OF.items() if code in spoken}
    wanted = {code: span for code, span in spans.items() if span and _may_ask(silence, code)}
    for code, span in wanted.items():
        sensing.ask_for_history(silence.device, code, *span, why=MISSING)
    if not wanted:
        sensing.settle_silence(silence.pk)
    return len(wanted)


def _may_ask(silence: Silence, code: str) -> bool:
    """Whether asking may bring anything: it was not tried often enough, and the device has not said what it has."""
    before = list(commands_of(silence.device).filter(code=code, why=MISSING, asked_at__gte=silence.ended_at))
    return gaps.worth_asking(before)


def _ask_for_parts(now: datetime, devices: Round) -> int:
    """Ask for the periods of split messages that are not whole."""
    missed, asked = missed_parts(now - PARTS_ASKED_FOR, now - OWN_TIME), 0
    for several in gaps.by_device(missed):
        with devices.turn(f"device {several[0].device.mn}"), transaction.atomic():
            wanted = list(gaps.of_parts(several, PARTS))
            for device, code, first, last in wanted:
                sensing.ask_for_history(device, code, first, last, why=PARTS)
            asked += len(wanted)
    return asked


def reference_faults() -> Iterator[str]:
    """Hold every line of the log about a batch of readings against the raw segment that it names.

    Returns
    -------
    iterator of str
        One sentence for each line whose segment is gone, or has another hash than the line says.
    """
    return references.faults()
