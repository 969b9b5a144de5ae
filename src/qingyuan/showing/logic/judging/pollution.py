"""The type of pollution of a finding in the reader's words: verdict, probabilities, weight of each sign."""

from typing import Any

from django.utils.translation import gettext as _

from qingyuan.judging.api import MAY_SETTLE, pollution_verdict, read_for_pollution, type_scores
from qingyuan.judging.queries import Finding, SettledType
from qingyuan.people.queries import User
from qingyuan.sensing.queries import Channel, channels
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.wayback import readings_address
from qingyuan.showing.wording import cited, said
from qingyuan_science.assess.pollution import RULES, TYPES, PollutionType, Ranked, Scores, Turn, Verdict, pollution_type
from qingyuan_science.assess.pollution.rules import FIRST_ESTIMATE, WEIGHING

SHOWN = 3  # types whose weights stand side by side


def types_of_pollution() -> list[tuple[str, str]]:
    """The types as a form or a filter offers them."""
    return [(one.code, said(one.title)) for one in TYPES]


def pollution_of(viewer: User, found: Finding) -> dict[str, Any] | None:
    """What the page of a finding, or of its case, says of the type of pollution; None where there is none."""
    verdict = pollution_verdict(found)
    if verdict is None:
        return None
    first = verdict.ranked[:SHOWN]
    leader = first[0].type
    return {
        "sentence": said(verdict.sentence),
        "told": verdict.told is not None,
        "check": said(leader.check) if verdict.told else "",
        "ranked": [_ranked(one) for one in verdict.ranked if one.probability >= 0.005],
        "has_silent": bool(verdict.silent),
        "silent": [said(one) for one in verdict.silent],
        "strength": verdict.strength,
        "columns": [said(one.type.title) for one in first],
        "leader": said(leader.title),
        "terms": _terms(verdict, [one.type for one in first]),
        "behind": _behind(viewer, found),
        "turns": [_turn(one) for one in verdict.turns],
        "cases": verdict.cases,
        "worth": round(WEIGHING.worth),
        "tempered": WEIGHING.tempered,
        "settled": settled_of(found),
        "may_settle": viewer.role in MAY_SETTLE,
    }


def _behind(viewer: User, found: Finding) -> list[dict[str, str]]:
    """The readings that the signs are told from, on the pages of their stations, as far as the viewer may see them."""
    read, start, end = read_for_pollution(found)
    seen = channels(viewer).filter(pk__in=[one.pk for one in read]).order_by("pk")
    return [{"title": _named(one, found), "href": readings_address(one, "h", start, end)} for one in seen]


def _named(one: Channel, found: Finding) -> str:
    name = measured(one).short
    return name if one.station_id == found.station_id else f"{one.station.title} {name}"


def settled_of(found: Finding) -> dict[str, Any] | None:
    """What people settled it to be."""
    row = SettledType.objects.filter(finding=found).select_related("set_by").first()
    if row is None:
        return None
    told = said(pollution_type(row.told).title) if row.told else _("cannot tell")
    title = said(pollution_type(row.code).title)
    return {"title": title, "why": row.why, "by": row.set_by.name, "at": row.set_at, "told": told}


def _ranked(one: Ranked) -> dict[str, Any]:
    return {"title": said(one.type.title), "probability": one.probability, "least": one.least}


def _terms(verdict: Verdict, types: list[PollutionType]) -> list[dict[str, Any]]:
    return [
        {
            "title": said(one.title),
            "says": said(one.says),
            "said": said(one.said),
            "weights": [{"title": said(kind.title), "value": f"{one.weights[kind.code]:+.2f}"} for kind in types],
            "for_leader": f"{one.for_leader:+.2f}",
            "cases": one.cases,
            "source": cited(one.source),
        }
        for one in verdict.terms
    ]


def _turn(one: Turn) -> str:
    words = {
        "sign": said(one.title),
        "state": said(one.says),
        "type": said(one.type.title),
        "share": f"{one.probability:.0%}",
    }
    if one.known:
        return _("If %(sign)s were “%(state)s”, the likeliest would be %(type)s (%(share)s).") % words
    return _("%(sign)s is not known; were it “%(state)s”, the likeliest would be %(type)s (%(share)s).") % words


def learned_page() -> dict[str, Any]:
    """What was learned: scores before and after, and for each rule the first estimate beside what cases showed."""
    weights, before, after = type_scores()
    scored = [_scored(_("First estimate alone"), before), _scored(_("With the other settled cases"), after)]
    counts = [{"title": said(one.title), "count": weights.of_types.get(one.code, 0)} for one in TYPES]
    return {
        "scored": scored if before.cases else [],
        "cases": before.cases,
        "counts": counts,
        "types": [said(one.title) for one in TYPES],
        "rules": [
            {
                "title": said(rule.title),
                "source": cited(rule.source),
                "states": [
                    {"title": said(words), "cells": _cells(code, state, weights.of_states)}
                    for state, words in rule.states.items()
                ],
            }
            for code, rule in RULES.items()
        ],
        "estimate": cited(FIRST_ESTIMATE),
        "worth": round(WEIGHING.worth),
    }


def _cells(rule: str, state: str, seen: Any) -> list[dict[str, Any]]:
    return [
        {"chance": chance, "cases": seen.get((rule, state, one.code), 0)}
        for one, chance in zip(TYPES, RULES[rule].chances[state], strict=True)
    ]


def _scored(title: str, one: Scores) -> dict[str, Any]:
    return {
        "title": title,
        "named": one.named,
        "right": one.right,
        "share": f"{one.right / one.named:.0%}" if one.named else "—",
        "first": one.first,
        "surprise": f"{one.surprise:.2f}",
    }
