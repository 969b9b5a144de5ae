"""Where findings would go if they were opened today: by the dispatch rules and the postings of today."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from qingyuan.dispatching.case_types import CASE_TYPES
from qingyuan.dispatching.casework import ROLE_TITLES, Giving
from qingyuan.dispatching.models import DispatchRule
from qingyuan.kit import clock
from qingyuan.people.queries import Organisation, Role, User
from qingyuan.places.queries import GridCell, person_answering_for
from qingyuan_science.plugins import Text

Finder = Callable[[GridCell, Role], User | None]


@dataclass(frozen=True)
class Happening:
    """What dispatch rules look at."""

    detector: str
    station_kind: str
    cell: GridCell
    severity: int


@dataclass(frozen=True)
class Route:
    """The rule that fits, and who gets the first task: a person, or everybody of a role."""

    rule: DispatchRule
    person: User | None
    role: Role

    @property
    def to(self) -> Text:
        """Who gets it, in words."""
        title = ROLE_TITLES[self.role]
        if self.person is None:
            return title
        return Text(
            f"{title.zh} {self.person.name_zh or self.person.username}",
            f"{self.person.name_en or self.person.username} ({title.en})",
        )

    @property
    def organisation(self) -> Organisation | None:
        """Whose department is responsible."""
        return self.rule.organisation


def routes(happenings: Iterable[Happening]) -> dict[Happening, Route | None]:
    """Where findings would go today.

    Parameters
    ----------
    happenings : iterable of Happening

    Returns
    -------
    dict of Happening to Route
        None where no dispatch rule fits; then no case is opened.
    """
    now = clock.now()
    held = DispatchRule.objects.filter(known__contains=now, valid__contains=now.astimezone(clock.SHANGHAI).date())
    rules = sorted(held.select_related("cell", "organisation", "person"), key=_order)
    answering: dict[tuple[int, str], User | None] = {}

    def person(cell: GridCell, role: Role) -> User | None:
        if (cell.pk, role) not in answering:
            answering[cell.pk, role] = person_answering_for(cell, role)
        return answering[cell.pk, role]

    found: dict[Happening, Route | None] = {}
    for one in set(happenings):
        rule = next((rule for rule in rules if _fits(rule, one)), None)
        found[one] = None if rule is None else _route(rule, one, person)
    return found


def _order(rule: DispatchRule) -> tuple[int, int, int]:
    """The highest priority first; of equals the smaller place, then the older rule."""
    return -rule.priority, -(rule.cell.level if rule.cell else -1), rule.pk


def _fits(rule: DispatchRule, one: Happening) -> bool:
    return (
        rule.detector in ("", one.detector)
        and rule.station_kind in ("", one.station_kind)
        and rule.severity_from <= one.severity
        and (rule.cell is None or f"{one.cell.path}/".startswith(f"{rule.cell.path}/"))
    )


def _route(rule: DispatchRule, one: Happening, person: Finder) -> Route:
    kind = CASE_TYPES.get(rule.case_type)
    first, unassigned = kind.state(kind.starts), kind.state(kind.starts_unassigned)
    role = first.holder or Role.DUTY_OFFICER
    if first.given_to is not Giving.PERSON:
        return Route(rule, None, role)
    named = rule.person if rule.person and rule.person.role == role else person(one.cell, role)
    return Route(rule, named, role if named else unassigned.holder or role)
