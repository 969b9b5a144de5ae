"""Saving what a screening asks."""

from dataclasses import fields
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.conditions import MOST_CLUES, MOST_CONDITIONS, MOST_DAYS, Condition, Definition
from qingyuan.judging.events import ScreeningSaved
from qingyuan.judging.models import Schedule, Screening, Subject
from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import cells

MAY_SCREEN = (
    Role.DUTY_OFFICER, Role.ANALYST, Role.ENFORCEMENT_OFFICER, Role.SUPERVISOR, Role.LEADER, Role.ADMINISTRATOR,
)  # fmt: skip


@transaction.atomic
def save_screening(definition: Definition, user: User, origin: Origin, screening_id: int | None = None) -> Screening:
    """Save a screening, a new one or an existing one; runs that were made keep the definition that they had.

    Parameters
    ----------
    definition : Definition
    user : User
        Somebody of the office. Who makes it owns it, and the timer runs it in the owner's territory.
    origin : Origin
    screening_id : int, optional
        A new one when left out.

    Returns
    -------
    Screening

    Raises
    ------
    Forbidden
        The user's role may not screen.
    NotFound
        There is no screening of that number.
    BadInput
        Something in the definition is missing or wrong; `field` names it, in a condition as `condition-0-threshold`.
    """
    may_screen(user)
    row = Screening(owner=user) if screening_id is None else _locked(screening_id)
    values = _checked(definition, user, row.cell_id)
    for name, value in values.items():
        setattr(row, name, value)
    row.saved_at = clock.now()
    row.save()
    told = values | {"cell": definition.cell.code if definition.cell else ""}
    log.write(ScreeningSaved(id=row.pk, new=screening_id is None, values=told), Origin(user.username, origin.place))
    return row


def may_screen(user: User) -> None:
    """Refuse who may not screen.

    Raises
    ------
    Forbidden
        The role is another; says which roles may.
    """
    if user.role not in MAY_SCREEN:
        roles = ", ".join(str(role.label) for role in MAY_SCREEN)
        raise Forbidden(_("Only these roles may screen for clues: %(roles)s") % {"roles": roles})


def definition_of(row: Screening) -> Definition:
    """What a saved screening asks."""
    conditions = tuple(Condition.from_json(one) for one in row.conditions)
    names = {one.name for one in fields(Definition)} - {"conditions"}
    return Definition(conditions=conditions, **{name: getattr(row, name) for name in names})


def _locked(screening_id: int) -> Screening:
    row = Screening.objects.select_for_update().filter(pk=screening_id).first()
    if row is None:
        raise NotFound(_("There is no screening %(id)s.") % {"id": screening_id})
    return row


def _checked(given: Definition, user: User, cell_before: int | None) -> dict[str, Any]:
    title = given.title_zh.strip()
    if not title:
        raise BadInput(_("Found no title, expected one."), "title_zh")
    if given.industry and not given.industry.isascii():
        raise BadInput(
            _("Found industry “%(found)s”, expected the beginning of a code, such as 46.") % {"found": given.industry},
            "industry",
        )
    cell = given.cell
    if cell is not None and cell.pk != cell_before and not cells(user).filter(pk=cell.pk).exists():
        raise BadInput(_("The grid cell is not in your territory."), "cell")
    if given.subject not in Subject:
        found = {"found": given.subject, "known": ", ".join(Subject.values)}
        raise BadInput(_("Found subject “%(found)s”, expected one of: %(known)s.") % found, "subject")
    if given.subject == Subject.CELL and (given.industry or given.management):
        raise BadInput(_("A grid cell has no industry and no permit: leave both empty."), "industry")
    if not 1 <= given.days <= MOST_DAYS:
        expected = {"found": given.days, "most": MOST_DAYS}
        raise BadInput(_("Found %(found)s days, expected 1 to %(most)s.") % expected, "days")
    if not 0 <= given.enters <= MOST_CLUES:
        expected = {"found": given.enters, "most": MOST_CLUES}
        raise BadInput(_("Found %(found)s clues, expected 0 to %(most)s.") % expected, "enters")
    if given.schedule not in Schedule:
        found = {"found": given.schedule, "known": ", ".join(Schedule.values)}
        raise BadInput(_("Found schedule “%(found)s”, expected one of: %(known)s.") % found, "schedule")
    return {
        "title_zh": title, "title_en": given.title_en.strip() or title, "industry": given.industry, "cell": given.cell,
        "management": given.management, "subject": str(given.subject), "conditions": _conditions(given),
        "needed": given.needed, "days": given.days, "schedule": given.schedule, "enabled": given.enabled,
        "enters": given.enters,
    }  # fmt: skip


def _conditions(given: Definition) -> list[dict[str, Any]]:
    found = len(given.conditions)
    if not 1 <= found <= MOST_CONDITIONS:
        expected = {"found": found, "most": MOST_CONDITIONS}
        raise BadInput(_("Found %(found)s conditions, expected 1 to %(most)s.") % expected, "add")
    if given.needed is not None and not 1 <= given.needed <= found:
        expected = {"found": given.needed, "most": found}
        raise BadInput(_("Found %(found)s conditions to be met, expected 1 to %(most)s.") % expected, "needed")
    checked = [one.checked(f"condition-{place}") for place, one in enumerate(given.conditions)]
    for place, one in enumerate(checked):
        if one.plugin().subject != given.subject:
            raise BadInput(_("This fact is not about what the screening looks at."), f"condition-{place}-fact")
    return [one.as_json() for one in checked]
