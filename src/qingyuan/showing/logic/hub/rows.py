"""The departments of an authority in rows: what each delivers, what came of it, what it holds."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from qingyuan.dispatching.queries import Held, cases, held_by_organisation, times_to_sign
from qingyuan.judging.queries import CameFrom, count_by_origin, heads
from qingyuan.people.queries import Departments, User, departments
from qingyuan.places.queries import stations
from qingyuan.sensing.queries import Source, sources
from qingyuan.showing.logic.hub.delivering import Delivering, delivering, slug_of, title_of

LOOKED_BACK = timedelta(days=30)


@dataclass(frozen=True)
class Origins:
    """Under which department what was found counts, by where it came from."""

    known: Departments
    by_station: Mapping[int, int | None]
    by_feed: Mapping[int, int | None]

    def department_of(self, came: CameFrom) -> int | None:
        """A feed's department, else that of who reported it, else that of who delivers the station's data."""
        if came.feed is not None and came.feed in self.by_feed:
            return self.by_feed[came.feed]
        if came.organisation is not None:
            return self.known.counts_as(came.organisation)
        return self.by_station.get(came.station or 0, self.known.bureau)

    def title_of(self, came: CameFrom) -> str:
        return title_of(self.department_of(came), self.known)


@dataclass(frozen=True)
class Row:
    """One department; `found` and `opened` count its findings and cases of 30 days, `to_sign` is a median."""

    slug: str
    title: str
    lines: tuple[Delivering, ...]
    found: int
    opened: int
    held: Held
    to_sign: timedelta | None

    @property
    def kinds(self) -> list[tuple[str, int]]:
        """The kinds of its sources, the most numerous first."""
        return Counter(one.kind_title for one in self.lines).most_common()

    @property
    def newest_at(self) -> datetime | None:
        return max((one.source.newest_at for one in self.lines if one.source.newest_at), default=None)

    @property
    def missing(self) -> list[Delivering]:
        """The sources of which something should have come, longest overdue first."""
        return [one for one in self.lines if one.is_missing]

    @property
    def awaited(self) -> int:
        """How many of its sources something should come of."""
        return sum(one.is_missing or one.key == "in-order" for one in self.lines)

    @property
    def hour(self) -> int:
        return sum(one.intake.hour for one in self.lines)

    @property
    def today(self) -> int | None:
        """Packets since midnight; None where of none it is known."""
        known = [one.intake.today for one in self.lines if one.intake.today is not None]
        return sum(known) if known else None

    @property
    def refused(self) -> int:
        return sum(one.intake.refused for one in self.lines)

    @property
    def names(self) -> int:
        return sum(one.intake.names for one in self.lines)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to tell of it but that it is known."""
        return not (self.lines or self.found or self.opened or self.held.open or self.to_sign)

    @property
    def rank(self) -> tuple[int, bool, str]:
        """Where most is missing first, then those that deliver."""
        return -len(self.missing), not self.lines, self.slug


@dataclass(frozen=True)
class Hub:
    """The rows of those departments of which there is something to tell, and the names of the others."""

    rows: list[Row]
    idle: list[str]
    origins: Origins

    @property
    def sources(self) -> int:
        return sum(len(row.lines) for row in self.rows)

    @property
    def missing(self) -> int:
        return sum(len(row.missing) for row in self.rows)

    @property
    def refused(self) -> int:
        return sum(row.refused for row in self.rows)

    @property
    def overdue(self) -> int:
        return sum(row.held.overdue for row in self.rows)

    @property
    def delivering(self) -> int:
        return sum(bool(row.lines) for row in self.rows)


def hub_of(viewer: User, now: datetime) -> Hub:
    """The departments as the viewer sees them; the queries do not grow with their sources.

    Parameters
    ----------
    viewer : User
    now : datetime
        Aware; findings, cases and signatures of the last thirty days count.

    Returns
    -------
    Hub
        Every organisation of the authority, all enterprises together, and what no department was named for.
    """
    known, found = delivering(viewer, now)
    origins = _origins(viewer, known, [one.source for one in found])
    lines: dict[int | None, list[Delivering]] = defaultdict(list)
    for one in found:
        lines[one.source.department].append(one)
    since = now - LOOKED_BACK
    seen = _counted(origins, count_by_origin(heads(viewer).filter(opened_at__gte=since)))
    opened = _counted(origins, count_by_origin(cases(viewer).filter(opened_at__gte=since), "finding__"))
    held = _together(known, held_by_organisation(viewer, now))
    signed = {known.counts_as(pk): waited for pk, waited in times_to_sign(viewer, since).items()}
    keys = dict.fromkeys([*(one.pk for one in known.known), *lines, *seen, *opened, *held])
    every = [
        Row(slug_of(key, known), title_of(key, known), tuple(lines[key]), seen[key], opened[key],
            held.get(key, Held()), signed.get(key))
        for key in keys
    ]  # fmt: skip
    rows = sorted((row for row in every if not row.is_idle), key=lambda row: row.rank)
    return Hub(rows, [row.title for row in every if row.is_idle], origins)


def origins_of(viewer: User) -> Origins:
    """Under which department what the viewer sees counts."""
    known = departments()
    return _origins(viewer, known, sources(viewer, known))


def _origins(viewer: User, known: Departments, found: list[Source]) -> Origins:
    """A station counts under the department of its first device, else that named at a feed to it, else its owner's."""
    by_station: dict[int, int | None] = {}
    telling = [one for one in found if one.feed is None or one.is_named]
    for one in sorted(telling, key=lambda one: (one.feed is not None, one.code)):
        for station in one.stations:
            by_station.setdefault(station, one.department)
    for pk, firm, whose in stations(viewer).values_list("pk", "enterprise", "enterprise__organisation"):
        by_station.setdefault(pk, known.counts_as(whose, of_enterprise=firm is not None))
    return Origins(known, by_station, {one.feed: one.department for one in found if one.feed})


def _counted(origins: Origins, counts: Mapping[CameFrom, int]) -> Counter[int | None]:
    summed: Counter[int | None] = Counter()
    for came, number in counts.items():
        summed[origins.department_of(came)] += number
    return summed


def _together(known: Departments, held: Mapping[int | None, Held]) -> dict[int | None, Held]:
    """Tasks by department; what anybody of a role may do is the bureau's own."""
    summed: dict[int | None, Held] = {}
    for pk, one in held.items():
        there = summed.get(key := known.counts_as(pk), Held())
        summed[key] = Held(there.open + one.open, there.due_soon + one.due_soon, there.overdue + one.overdue)
    return summed
