"""What checks that a device reports as failed make invalid at an outlet, and how much of it nobody marked yet."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, StationKind
from qingyuan.recording.queries import MarkedSpan, marks
from qingyuan.sensing.queries import Channel, channels, standard_checks
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.wording import aside, cited
from qingyuan_science.plugins import Source
from qingyuan_science.standards.emission.checks import Checked, InvalidTime, invalid_times, means_lost

LOOKED_BACK = timedelta(days=92)
NEWEST = 5
ONE_MARK = timedelta(days=31)  # what one mark may span
MARKS: Mapping[str, tuple[Checked, str]] = {
    StationKind.OUTLET_WATER: ("water", "failed-check"),
    StationKind.OUTLET_GAS: ("gas", "out-of-control"),
}
_PROPOSED = ("code", "starts_at", "ends_at", "reason")
Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class FailedCheckRow:
    """A failed check, what it makes invalid, and where the time that nobody marked yet can be marked."""

    factor: str
    failed: datetime
    begins: datetime | None
    ends: datetime | None
    hours: float | None
    means: int | None
    is_gas: bool
    clause: str
    unmarked: tuple[str, ...]


def failed_checks(viewer: User, station: Station, now: datetime) -> list[FailedCheckRow]:
    """Failed checks of the last three months at an outlet, newest first."""
    medium, code = MARKS[station.kind]
    told: dict[str, list[tuple[datetime, bool]]] = defaultdict(list)
    for factor, at, passed in standard_checks(station, now - LOOKED_BACK):
        if at <= now:
            told[factor].append((at, passed))
    found = [(factor, one) for factor, checks in told.items() for one in invalid_times(medium, checks)]
    if not found:
        return []
    measures: dict[str, list[Channel]] = defaultdict(list)
    for channel in channels(viewer).filter(station=station, factor__in=told):
        measures[channel.factor].append(channel)
    marked = list(marks(viewer).filter(station=station, withdrawn_at=None, ends_at__gt=now - LOOKED_BACK))
    newest = sorted(found, key=lambda one: one[1].failed, reverse=True)[:NEWEST]
    look = _Look(station, medium, code, now)
    return [look.row(one, measures[factor], marked) for factor, one in newest if measures[factor]]


@dataclass(frozen=True)
class _Look:
    station: Station
    medium: Checked
    code: str
    now: datetime

    def row(self, found: InvalidTime, measures: Sequence[Channel], marked: Iterable[MarkedSpan]) -> FailedCheckRow:
        begins, ends = found.begins or found.failed, found.ends or self.now
        known = found.begins is not None and found.ends is not None
        over = [(one.starts_at, one.counts_until) for one in marked if one.letter and _marks_all(one, measures)]
        return FailedCheckRow(
            measured(measures[0]).name,
            found.failed,
            found.begins,
            found.ends,
            (ends - begins) / timedelta(hours=1) if known else None,
            means_lost(self.medium, begins, ends) if known else None,
            self.medium == "gas",
            _clause(found.source),
            tuple(self._address(found, measures, one) for one in _in_marks(_without((begins, ends), over))),
        )

    def _address(self, found: InvalidTime, measures: Sequence[Channel], span: Span) -> str:
        """The form of a mark with everything filled in but the evidence."""
        reason = _("The check of %(failed)s was not passed; %(clause)s") % {
            "failed": f"{found.failed.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
            "clause": _clause(found.source),
        }
        values = {"code": self.code, "starts_at": _typed(span[0]), "ends_at": _typed(span[1]), "reason": reason}
        query = urlencode({**values, "factors": [one.pk for one in measures]}, doseq=True)
        return f"{reverse('station-mark', kwargs={'code': self.station.code})}?{query}"


def proposed_mark(query: Any) -> dict[str, Any]:
    """What an address proposes for a mark, as its form begins; nothing of it is in force before somebody sends it."""
    return {name: query[name] for name in _PROPOSED if name in query} | {"factors": query.getlist("factors")}


def _marks_all(mark: MarkedSpan, measures: Sequence[Channel]) -> bool:
    return {one.pk for one in measures} <= {one.pk for one in mark.channels.all()}


def _without(span: Span, marked: Iterable[Span]) -> Iterator[Span]:
    """What of a time no other covers."""
    begins, ends = span
    for first, after in sorted(marked):
        if after <= begins or first >= ends:
            continue
        if first > begins:
            yield begins, first
        begins = after
    if begins < ends:
        yield begins, ends


def _in_marks(spans: Iterable[Span]) -> Iterator[Span]:
    """The times, each no longer than one mark may be."""
    for begins, ends in spans:
        while begins < ends:
            yield begins, min(ends, begins + ONE_MARK)
            begins += ONE_MARK


def _clause(source: Source) -> str:
    in_words = cited(source)
    return f"{in_words.document} {in_words.clause}{aside(in_words.note) if in_words.note else ''}"


def _typed(at: datetime) -> str:
    """As a field of the form takes a time."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%dT%H:%M:%S}".removesuffix(":00")
