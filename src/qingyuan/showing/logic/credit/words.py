"""Environmental credit in the reader's words: levels, rules, and one grade with everything that it rests on."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.evaluating.api import objectionable
from qingyuan.evaluating.queries import BUREAU, Grade, GradeRun, levels, would_be
from qingyuan.judging.conditions import unit_words
from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.showing.logic.enforcing.violations import checked_words
from qingyuan.showing.logic.screening.words import link_of
from qingyuan.showing.rights import AUTHORITY, may_open
from qingyuan.showing.wording import listed, said
from qingyuan_science.plugins import Text

LEVEL_KINDS = {"green": "good", "blue": "fair", "yellow": "warning", "red": "bad", "": "waiting"}
NOT_GRADED = "none"


def level_words(code: str) -> str:
    """What a level is called."""
    for one in levels():
        if one.code == code:
            return said(one.name).capitalize()
    return _("Not graded")


def level_kind(code: str) -> str:
    """Colour and shape of a level, as `state_badge` takes them."""
    return LEVEL_KINDS.get(code, "waiting")


def run_words(run: GradeRun) -> str:
    """Which time an evaluation is about."""
    if run.year is not None:
        return _("Year %(year)d") % {"year": run.year}
    day = run.span_end.astimezone(SHANGHAI).date()
    return _("Twelve months to %(day)s") % {"day": day.isoformat()}


def told(given: Mapping[str, Any], name: str = "") -> str:
    """A text that was kept in both languages."""
    prefix = f"{name}_" if name else ""
    return said(Text(given[f"{prefix}zh"], given[f"{prefix}en"]))


def rule_words(one: Mapping[str, Any]) -> dict[str, Any]:
    """An indicator or a measure of the rules: who says it, and how far that was checked."""
    status = one.get("status") or (BUREAU if one.get("by") == BUREAU else "")
    own = status == "own"
    return {"source": told(one, "source"), "checked": "" if own or not status else checked_words(status), "own": own}


def curve_words(one: Mapping[str, Any]) -> str:
    """The points that a number costs, at the corners of the curve."""
    unit = said(unit_words(one["unit"]))
    return listed(f"{value:g} {unit}".strip() + f" → {_minus(points)}" for value, points in one["curve"])


def _minus(points: float) -> str:
    return f"−{points:g}" if points else "0"


def grade_words(viewer: User, grade: Grade) -> dict[str, Any]:
    """One grade as its page shows it: indicators by group, signs, why, and what would change the level."""
    sees_office = may_open(viewer, AUTHORITY)
    measures = {one["code"]: one for one in grade.run.rules["measures"]}
    items = [_item(one, measures, sees_office) for one in grade.items]
    return {
        "grade": grade,
        "level": level_words(grade.level),
        "kind": level_kind(grade.level),
        "assessed": [one for one in items if not one["state"]],
        "others": [one for one in items if one["state"]],
        "signs": [_sign(one, sees_office) for one in grade.signs],
        "why": [told(one) for one in grade.said],
        "changes": _changes(grade, measures),
        "run": run_words(grade.run),
        "unassessed_full": grade.run.rules["parameters"]["unassessed_full"],
    }


def _item(one: dict[str, Any], measures: Mapping[str, Any], sees_office: bool) -> dict[str, Any]:
    state = _("Not assessed: the platform knows nothing of it")
    if not one["weight"]:
        state = _("No weight is set")
    elif one["measures"]:
        state = _("Not assessed: no number is known")
    return {
        "of": one,
        "title": told(one),
        "group": told(one, "group"),
        "weight": one["weight"],
        "points": one["points"] if one["weight"] else None,
        "gained": one["gained"],
        "state": "" if one["weight"] and one["points"] is not None else state,
        "measures": [_measure(each, measures[each["code"]], sees_office) for each in one["measures"] if one["weight"]],
        **rule_words(one),
    }


def _measure(one: dict[str, Any], rule: Mapping[str, Any], sees_office: bool) -> dict[str, Any]:
    return {
        "code": one["code"],
        "title": told(rule),
        "sentence": told(one),
        "value": one["value"],
        "deducted": one["deducted"],
        "withdrawn": one["withdrawn_why"],
        "curve": curve_words(rule),
        "links": _links(one, sees_office),
        **rule_words(rule),
    }


def _sign(one: dict[str, Any], sees_office: bool) -> dict[str, Any]:
    kinds = {
        "veto": ("bad", _("Veto item")),
        "incident": ("warning", _("Incident")),
        "green": ("good", _("Green item")),
    }
    kind, title = kinds[one["kind"]]
    return {
        "kind": kind if one["counts"] else "idle", "badge": title, "title": told(one, "title"), "sentence": told(one),
        "counts": one["counts"], "withdrawn": one.get("withdrawn_why", ""), "links": _links(one, sees_office),
        "number": one["number"],
    }  # fmt: skip


def _links(one: Mapping[str, Any], sees_office: bool) -> list[dict[str, str]]:
    """What shows a number; an enterprise may open its stations and findings, and only reads the number of a case."""
    found = []
    for each in one["evidence"]:
        link = link_of(each)
        found.append(link if sees_office or each["kind"] != "case" else link | {"href": ""})
    return found


def _changes(grade: Grade, measures: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What the grade would be without each deduction or sign alone, the greatest change first."""
    titles = {one["code"]: told(measures[one["code"]]) for item in grade.items for one in item["measures"]}
    titles |= {one["measure"] or f"sign-{one['number']}": told(one, "title") for one in grade.signs}
    found = []
    for code in objectionable(grade):
        other = would_be(grade, code)
        level = other.level.code if other.level else ""
        found.append(
            {
                "title": titles[code], "score": other.score, "level": level_words(level), "kind": level_kind(level),
                "changes": level != grade.level, "more": (other.score or 0.0) - (grade.score or 0.0),
            }
        )  # fmt: skip
    return sorted(found, key=lambda one: (not one["changes"], -one["more"]))


def next_level(grade: Grade) -> dict[str, Any] | None:
    """The level above by score, and how many points are missing; None for the best and where there is no score."""
    if grade.score is None:
        return None
    better = [one for one in levels() if one.least > grade.score]
    if not better:
        return None
    return {"title": level_words(better[-1].code), "missing": better[-1].least - grade.score}
