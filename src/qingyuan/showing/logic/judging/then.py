"""What was known of a finding at an instant beside what is known now, line by line."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qingyuan.judging.hindsight import Known, known_of
from qingyuan.judging.queries import EXPECTED, Finding
from qingyuan.kit import clock
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import (
    ControlLevel,
    Enterprise,
    GridCell,
    cell_at,
    control_levels,
    orders_over,
    permits_of,
    person_answering_for,
)
from qingyuan.showing.logic.factors import limit_words, mark_title
from qingyuan.showing.logic.judging.words import place_words, settings_words
from qingyuan.showing.logic.papers.words import days_words
from qingyuan.showing.wayback import reading_address
from qingyuan.showing.wording import aside, enumerated, listed, said
from qingyuan_science.series import Mark, Series

MOST_ROWS = 200
POSTED = (Role.GRID_WORKER, Role.ENFORCEMENT_OFFICER, Role.DUTY_OFFICER, Role.SUPERVISOR)


@dataclass(frozen=True)
class Beside:
    """One thing as it was known then, and as it is known now."""

    what: str
    then: str
    now: str

    @property
    def is_same(self) -> bool:
        return self.then == self.now


@dataclass(frozen=True)
class Differing:
    """A reading that did not stand then as it stands now; None where there was none."""

    at: datetime
    then: float | None
    then_mark: str
    now: float | None
    now_mark: str
    href: str


@dataclass(frozen=True)
class ThenAndNow:
    """What was known then beside what is known now; `differing` are readings, the earliest first."""

    lines: list[Beside]
    verdict: Beside | None
    differing: list[Differing]
    more: int

    @property
    def changed(self) -> int:
        """How many things are known otherwise now."""
        return sum(not one.is_same for one in self.lines)


def then_and_now(found: Finding, at: datetime, now: datetime) -> ThenAndNow:
    """All that a decision about a finding rests on, as known at two instants."""
    about = [*_responsible(found, at, now), *_papers(found, at, now)]
    if found.channel is None or found.detector == EXPECTED:
        return ThenAndNow(about, None, [], 0)
    then, since = known_of(found, at), known_of(found, now)
    differing = _differing(found, then.readings, since.readings)
    lines = [_counts(then, since), _limits(then, since), _rule(found, then, since), *about]
    return ThenAndNow(lines, _verdict(then, since), differing[:MOST_ROWS], max(len(differing) - MOST_ROWS, 0))


def _verdict(then: Known, now: Known) -> Beside:
    return Beside(_("What the detector says of it"), _told(then), _told(now))


def _told(known: Known) -> str:
    if known.rule is None:
        return _("It was not told to look there.")
    if not known.runs:
        return _("It finds nothing.")
    worst = max(known.runs, key=lambda run: run.times_over)
    return said(worst.sentence)


def _counts(then: Known, now: Known) -> Beside:
    def words(series: Series) -> str:
        counts = {"all": len(series), "valid": int(np.count_nonzero(series.valid))}
        one, several = "%(all)d reading, %(valid)d of which count", "%(all)d readings, %(valid)d of which count"
        return ngettext(one, several, len(series)) % counts

    return Beside(_("Readings of its time"), words(then.readings), words(now.readings))


def _limits(then: Known, now: Known) -> Beside:
    def words(known: Known) -> str:
        return listed(limit_words(one) for one in known.limits) or _("none")

    return Beside(_("Limits that bound on the day of the data"), words(then), words(now))


def _rule(found: Finding, then: Known, now: Known) -> Beside:
    def words(known: Known) -> str:
        if known.rule is None:
            return _("none")
        return listed([place_words(known.rule.watch), *settings_words(found.detector, known.rule.parameters)])

    return Beside(_("Watch rule with its settings"), words(then), words(now))


def _responsible(found: Finding, at: datetime, now: datetime) -> list[Beside]:
    """Who answered for the place on the day of the decision, as known then and now."""
    on = at.astimezone(clock.SHANGHAI).date()
    cells = [cell_at(found.place.lon, found.place.lat, on, instant) for instant in (at, now)]
    rows = [Beside(_("Grid cell"), *(cell.title if cell else _("outside the grid") for cell in cells))]
    for role in POSTED:
        names = [_posted(cell, role, on, instant) for cell, instant in zip(cells, (at, now), strict=True)]
        rows.append(Beside(_("%(role)s of the cell") % {"role": role.label}, *names))
    return [one for one in rows if one.then or one.now]


def _posted(cell: GridCell | None, role: Role, on: date, known_at: datetime) -> str:
    person: User | None = person_answering_for(cell, role, on, known_at) if cell else None
    return person.name if person else ""


def _papers(found: Finding, at: datetime, now: datetime) -> list[Beside]:
    owner: Enterprise | None = found.place.enterprise
    if owner is None:
        return []
    day = found.started_at.astimezone(clock.SHANGHAI).date()
    permits = list(permits_of([owner.pk]))
    orders = list(orders_over([owner.pk], (found.started_at, found.ended_at)))
    levels = [control_levels([owner.pk], day, instant).get(owner.pk, "") for instant in (at, now)]

    def permitted(instant: datetime) -> str:
        return enumerated(f"{one.number}{aside(days_words(one.valid))}" for one in permits if one.holds(day, instant))

    def ordered(instant: datetime) -> str:
        return enumerated(one.number for one in orders if one.was_known(instant))

    rows = [
        Beside(_("Discharge permit"), permitted(at), permitted(now)),
        Beside(_("Orders"), ordered(at), ordered(now)),
        Beside(_("Control level"), *(_level_words(level) for level in levels)),
    ]
    return [one for one in rows if one.then or one.now]


def _level_words(level: str) -> str:
    return str(ControlLevel(level).label) if level else ""


def _differing(found: Finding, then: Series, now: Series) -> list[Differing]:
    """The readings of which value or mark stood otherwise then, or that were not there at one of the two instants."""
    stood, stands = _by_time(then), _by_time(now)
    channel = found.channel_id or 0
    rows = []
    for us in sorted(stood.keys() | stands.keys()):
        before, after = stood.get(us), stands.get(us)
        if before != after:
            at = datetime.fromtimestamp(us / 1e6, UTC)
            address = reading_address(channel, found.kind, at) if after else ""
            rows.append(Differing(at, *(before or (None, "")), *(after or (None, "")), address))
    return rows


def _by_time(series: Series) -> dict[int, tuple[float | None, str]]:
    """Value and mark in words by time; a value that does not count says why."""
    return {
        int(us): (None if np.isnan(value) else float(value), "" if mark == Mark.NORMAL else mark_title(str(mark)))
        for us, value, mark in zip(series.at, series.value, series.mark, strict=True)
    }
