"""Entering what a screening listed as a clue, which from then on is a finding like any other."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.judging.events import ScreenedClueEntered
from qingyuan.judging.fact import Comparison
from qingyuan.judging.logic.clues import Clue, enter
from qingyuan.judging.logic.screening.defining import may_screen
from qingyuan.judging.models import Finding, ScreeningRow, SeverityLevel, SuspectedProblem
from qingyuan.judging.queries import open_screened_clues, screening_row
from qingyuan.kit import log
from qingyuan.kit.errors import Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User
from qingyuan.places.queries import Point, Station
from qingyuan_science.plugins import Text


@transaction.atomic
def enter_screened_clue(row_id: int, user: User, origin: Origin, *, severity: int = SeverityLevel.MINOR) -> Finding:
    """Enter what a run listed into the list of findings, with its numbers and what shows them.

    Parameters
    ----------
    row_id : int
        A row of a run.
    user : User
        Somebody of the office.
    origin : Origin
    severity : int
        A value of `SeverityLevel`.

    Returns
    -------
    Finding
        Open, at the station that the numbers tell of most, or in the cell; dispatch rules take it up like what people
        report.

    Raises
    ------
    Forbidden
        The user's role may not screen.
    NotFound
        There is no row of that number in the user's territory.
    Refused
        The row was entered already, a clue about the same that a screening brought is open still, or the enterprise
        has no station.
    """
    may_screen(user)
    row = screening_row(user, row_id)
    # two people who press at once take turns
    type(row.subject).objects.select_for_update(no_key=True, of=("self",)).get(pk=row.subject.pk)
    entered = ScreeningRow.objects.get(pk=row.pk).clue_id
    if entered is not None:
        raise Refused(_("This row was entered already: finding %(id)s.") % {"id": entered})
    there = open_screened_clues([row]).get(row.pk)
    if there is not None:
        raise Refused(_("A clue about it is open still: finding %(id)s.") % {"id": there.pk})
    clue = Clue(
        title=Text("线索筛查", "Screening"), sentence=_sentence(row), span=(row.run.span_start, row.run.span_end),
        severity=severity, signs=_signs(row),
        edition={"screening": row.run.screening_id, "run": row.run_id, "screening_row": row.pk},
    )  # fmt: skip
    found = enter(_place(row), clue, user, origin)
    ScreeningRow.objects.filter(pk=row.pk).update(clue=found)
    fact = ScreenedClueEntered(id=row.run.screening_id, row=row.pk, enterprise=row.subject.code, finding=found.pk)
    log.write(fact, Origin(user.username, origin.place))
    return found


def _place(row: ScreeningRow) -> Station | Point:
    """The station that the evidence names first, condition by condition; else the enterprise's first one.

    In a grid cell, the place of the first suspected problem that the evidence names; else the middle of the cell.
    """
    if row.cell is not None:
        links = [link for answer in _met(row) for link in answer["evidence"] if link["kind"] == "problem"]
        seen = SuspectedProblem.objects.filter(pk=int(links[0]["key"])).first() if links else None
        return seen.place if seen else Point(row.cell, row.cell.label_lon, row.cell.label_lat)
    own = list(Station.objects.filter(enterprise=row.enterprise_id).order_by("code"))
    if not own:
        raise Refused(_("The enterprise has no station yet, so that a clue about it has no place."))
    by_code = {one.code: one for one in own}
    links = [link for answer in _met(row) for link in answer["evidence"]]
    numbers = [int(link["key"]) for link in links if link["kind"] == "finding"]
    at = dict(Finding.objects.filter(pk__in=numbers).values_list("pk", "station__code"))
    named = [link["key"] if link["kind"] == "station" else at.get(_number(link), "") for link in links]
    return next((by_code[code] for code in named if code in by_code), own[0])


def _number(link: dict[str, str]) -> int:
    return int(link["key"]) if link["kind"] == "finding" else 0


def _met(row: ScreeningRow) -> list[dict[str, Any]]:
    conditions = row.run.definition["conditions"]
    return [answer | {"of": one} for one, answer in zip(conditions, row.answers, strict=True) if answer["met"]]


def _sentence(row: ScreeningRow) -> Text:
    told, asked = row.run.definition, len(row.answers)
    who = row.subject
    return Text(
        f"{who.title_zh}符合筛查“{told['title_zh']}”{asked} 项条件中的 {row.met} 项："
        + "；".join(one["zh"] for one in _met(row)),
        f"{who.title_en} meets {row.met} of {asked} conditions of the screening “{told['title_en']}”: "
        + "; ".join(one["en"] for one in _met(row)),
    )


def _signs(row: ScreeningRow) -> list[dict[str, Any]]:
    """What was found beside the threshold; it is expected on the other side of it."""
    known = [one for one in _met(row) if one["value"] is not None]
    return [
        {
            "name_zh": one["of"]["title_zh"], "name_en": one["of"]["title_en"], "value": one["value"],
            "low": one["of"]["threshold"] if one["of"]["comparison"] == Comparison.AT_MOST else None,
            "high": one["of"]["threshold"] if one["of"]["comparison"] == Comparison.AT_LEAST else None,
            "unit": one["of"]["unit"],
        }
        for one in known
    ]  # fmt: skip
