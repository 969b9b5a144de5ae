"""The values that moves ask for, read from what a form sent."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.dispatching.casework import ROLE_TITLES, Field, Move
from qingyuan.dispatching.models import NO_VIOLATION, Case
from qingyuan.dispatching.permits import said
from qingyuan.kit.errors import BadInput
from qingyuan.people.queries import Role, User, people_with_role, person
from qingyuan.places.queries import GridCell, territory_of
from qingyuan_science.standards.procedure.violations import violations


def read(case: Case, move: Move, given: Mapping[str, Any]) -> dict[str, str]:
    """Every field of the move, checked; what the move does not ask for is refused."""
    for name in given:
        if name not in {field.name for field in move.fields}:
            raise BadInput(_("“%(name)s” is not asked for here") % {"name": name}, name)
    return {
        field.name: READERS[field.kind](case, field, str(given.get(field.name) or "").strip()) for field in move.fields
    }


def eligible(case: Case, field: Field) -> list[User]:
    """The people who can be named in a field: of its role, with the place of the case in their territory."""
    return [user for user in people_with_role(field.role or "") if answers_there(user, case)]


def answers_there(user: User, case: Case) -> bool:
    """Whether the place of the case is in the person's territory."""
    return GridCell.objects.filter(territory_of(user).of_cells(), pk=case.cell_id).exists()


def _person(case: Case, field: Field, value: str) -> str:
    named = person(value)
    if named is None or not named.is_active or named.role != field.role or not answers_there(named, case):
        role = said(ROLE_TITLES[Role(field.role or "")])
        expected = {"field": said(field.title), "role": role, "found": value or "—"}
        raise BadInput(
            _("%(field)s: expected a %(role)s who answers for the place, found %(found)s") % expected, field.name
        )
    return named.username


def _text(case: Case, field: Field, value: str) -> str:
    if not value:
        raise BadInput(_("%(field)s is missing") % {"field": said(field.title)}, field.name)
    return value


def _violation(case: Case, field: Field, value: str) -> str:
    _text(case, field, value)
    known = [NO_VIOLATION, *(one.code for one in violations())]
    if value not in known:
        words = {"field": said(field.title), "found": value, "known": ", ".join(known)}
        raise BadInput(_("%(field)s: found %(found)s, expected one of: %(known)s") % words, field.name)
    return value


def _source(case: Case, field: Field, value: str) -> str:
    """Whether it is one that the trace looked at is said by tracing, which the move hands it to."""
    return _text(case, field, value)


READERS: dict[str, Callable[[Case, Field, str], str]] = {
    "person": _person, "source": _source, "text": _text, "violation": _violation,
}  # fmt: skip
