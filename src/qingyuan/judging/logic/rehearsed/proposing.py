"""Rule sets as proposals: as if always in force, with one detector set otherwise, beside another (doors in `api`)."""

import hashlib
import json
from datetime import date
from importlib.metadata import version
from typing import Any

from qingyuan.judging.logic import rulesets
from qingyuan.kit import clock

_DAYS = ("valid_from", "last_day")


def always(given: dict[str, Any], today: date) -> dict[str, Any]:
    """A rule set in which what holds today has always held and always will; the other watches are left out.

    Parameters
    ----------
    given : dict
        A rule set.
    today : date

    Returns
    -------
    dict
        Overrides keep their days: they were made for a time.

    Raises
    ------
    BadInput
        It has not the form of a rule set.
    """
    rulesets.check_form(given)
    holding = [one for one in given.get("watches", ()) if _holds(one, today)]
    watches = [{name: value for name, value in one.items() if name not in _DAYS} for one in holding]
    return {**given, "watches": watches}


def set_everywhere(given: dict[str, Any], detector: str, kind: str, parameters: dict[str, Any]) -> dict[str, Any]:
    """A rule set with some settings of a detector changed in each of its watches, or a watch for everywhere added.

    Parameters
    ----------
    given : dict
        A rule set.
    detector : str
        Code of a detector.
    kind : str
        A value of `WatchKind`.
    parameters : dict
        The settings that change.

    Returns
    -------
    dict
    """
    watches = [
        {**one, "parameters": {**one.get("parameters", {}), **parameters}} if _is(one, detector, kind) else one
        for one in given.get("watches", ())
    ]
    if not any(_is(one, detector, kind) for one in watches):
        watches.append({"detector": detector, "kind": kind, "parameters": parameters})
    return {**given, "watches": watches}


def compare_rules(one: dict[str, Any], other: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What stands in one of two rule sets only.

    Parameters
    ----------
    one, other : dict
        Rule sets.

    Returns
    -------
    tuple of dict
        The rules of the first that the second lacks, and those of the second that the first lacks, as rule sets.
    """
    return _without(one, other), _without(other, one)


def rule_file(given: dict[str, Any]) -> dict[str, Any]:
    """A rule set as a file that says which edition it is and when it was written.

    Parameters
    ----------
    given : dict
        A rule set.

    Returns
    -------
    dict
        With `edition`, the same for the same rules wherever they are written, `exported_at` and `program`.
    """
    told = {"edition": edition(given), "exported_at": clock.now().isoformat(), "program": version("qingyuan")}
    return {"format": rulesets.FORMAT, "version": rulesets.VERSION, **told, **given}


def edition(given: dict[str, Any]) -> str:
    """A short name that is the same for the same rules, whenever and wherever they are written."""
    said = [sorted(json.dumps(row, sort_keys=True) for row in given.get(part, ())) for part in ("watches", "overrides")]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:12]


def _without(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    there = {json.dumps(row, sort_keys=True) for part in ("watches", "overrides") for row in other.get(part, ())}
    left = {
        part: [row for row in one.get(part, ()) if json.dumps(row, sort_keys=True) not in there]
        for part in ("watches", "overrides")
    }
    return {"format": rulesets.FORMAT, "version": rulesets.VERSION, **left}


def _is(one: dict[str, Any], detector: str, kind: str) -> bool:
    return (one.get("detector"), one.get("kind")) == (detector, kind)


def _holds(one: dict[str, Any], today: date) -> bool:
    first, last = (one.get(name) for name in _DAYS)
    return (not first or date.fromisoformat(first) <= today) and (not last or today <= date.fromisoformat(last))
