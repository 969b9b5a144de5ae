"""Whether a suspected problem is a clue: excluded places, how sure it is, and the reason either way."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import cos, radians

from django.db.models import Q
from shapely.geometry import Point as Shape

from qingyuan.judging.events import FindingGrew, ProblemNoted
from qingyuan.judging.logic.clues import Clue, enter
from qingyuan.judging.logic.suspecting import wording
from qingyuan.judging.logic.suspecting.joining import METRES_A_DEGREE, metres, rule_for
from qingyuan.judging.models import (
    ExcludedPlace,
    Finding,
    FindingState,
    ProblemState,
    SeverityLevel,
    SpotRule,
    SuspectedProblem,
)
from qingyuan.kit import clock, log
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import User
from qingyuan.places.geometry import from_wkb
from qingyuan.places.queries import Enterprise
from qingyuan.sensing.queries import Spot
from qingyuan_science.plugins import Text


@dataclass(frozen=True)
class Verdict:
    """What becomes of a suspected problem, and why."""

    state: ProblemState
    why: Text
    severity: int = SeverityLevel.MINOR


def decide(problem: SuspectedProblem) -> None:
    """Say anew what a problem is and whether it is a clue; a clue that there is takes in what came."""
    spots = spots_of(problem)
    verdict = _verdict(spots)
    before = problem.state
    if problem.finding is not None and spots:
        verdict = Verdict(ProblemState.CLUE, Text(problem.why_zh, problem.why_en))
    _describe(problem, spots, verdict)
    if problem.finding is not None:
        _grow(problem, spots)
    elif verdict.state == ProblemState.CLUE:
        make_clue(problem, verdict.severity, None, PLATFORM)
    problem.save()
    if before != problem.state or len(spots) == 1:
        _tell(problem)


def spots_of(problem: SuspectedProblem) -> list[Spot]:
    """What of it counts, earliest first."""
    rows = problem.spots.filter(spot__withdrawn_at=None).select_related("spot__file", "spot__cell")
    return [one.spot for one in rows.order_by("spot__observed_at", "spot_id")]


def _verdict(spots: Sequence[Spot]) -> Verdict:
    if not spots:
        return Verdict(ProblemState.WITHDRAWN, wording.WITHDRAWN)
    excluded = _excluded(spots)
    if excluded is not None:
        return Verdict(ProblemState.EXCLUDED, excluded)
    rule = rule_for(spots[0].kind, spots[-1])
    if rule is None:
        return Verdict(ProblemState.NO_RULE, wording.no_rule(spots[0]))
    return _by_rule(rule, max(one.sureness for one in spots))


def _by_rule(rule: SpotRule, sureness: int) -> Verdict:
    state = ProblemState.CLUE if sureness >= rule.least else ProblemState.UNSURE
    return Verdict(state, wording.by_rule(rule, sureness), rule.severity)


def _excluded(spots: Sequence[Spot]) -> Text | None:
    """Why it is excluded: the first place within whose distance every spot lies."""
    day = spots[-1].observed_at.astimezone(clock.SHANGHAI).date()
    for place in _places(spots[0].kind, day):
        around = list(_around(place, spots))
        for title, point in around:
            far = max(metres(from_wkb(one.shape), point) for one in spots)
            if far <= place.within_m:
                return wording.excluded(place, title, far)
    return None


def _places(kind: str, day: date) -> Iterable[ExcludedPlace]:
    held = ExcludedPlace.objects.filter(kind__in=(kind, ""), valid__contains=day)
    return held.select_related("enterprise").order_by("pk")


def _around(place: ExcludedPlace, spots: Sequence[Spot]) -> Iterable[tuple[Text, Shape]]:
    """What the place is: a point of its own, its enterprise, or every enterprise of its industry that is near."""
    if place.lon is not None and place.lat is not None:
        yield Text(place.title_zh, place.title_en), Shape(place.lon, place.lat)
    named = Q(pk=place.enterprise_id)
    if place.industry:
        one, degrees = spots[0], place.within_m / METRES_A_DEGREE
        wide = degrees / max(cos(radians(one.lat)), 0.1)
        named |= Q(
            industry_code__startswith=place.industry, lat__range=(one.lat - degrees, one.lat + degrees),
            lon__range=(one.lon - wide, one.lon + wide),
        )  # fmt: skip
    for enterprise in Enterprise.objects.filter(named).order_by("code"):
        yield Text(enterprise.title_zh, enterprise.title_en), Shape(enterprise.lon, enterprise.lat)


def _describe(problem: SuspectedProblem, spots: Sequence[Spot], verdict: Verdict) -> None:
    problem.state, problem.why_zh, problem.why_en = verdict.state, verdict.why.zh, verdict.why.en
    problem.count = len(spots)
    if not spots:
        return
    surest = max(spots, key=lambda one: (one.sureness, one.attributes.get("frp") or 0.0))
    if problem.finding is None:  # a clue stays where it was sent to
        problem.cell, problem.lon, problem.lat = surest.cell, surest.lon, surest.lat
    problem.first_at, problem.last_at, problem.sureness = spots[0].observed_at, spots[-1].observed_at, surest.sureness
    sentence = wording.seen(problem, spots)
    problem.sentence_zh, problem.sentence_en = sentence.zh, sentence.en


def make_clue(problem: SuspectedProblem, severity: int, user: User | None, origin: Origin) -> Finding:
    """Enter it into the list of findings, at its place; the spots are named with file and row."""
    clue = Clue(
        title=wording.title(problem.kind), sentence=wording.clue(problem), span=(problem.first_at, problem.last_at),
        severity=severity, edition=_edition(problem),
    )  # fmt: skip
    problem.finding = enter(problem.place, clue, user, origin)
    return problem.finding


def _edition(problem: SuspectedProblem) -> dict[str, object]:
    told = [
        {
            "spot": one.pk, "observed_at": one.observed_at.isoformat(), "satellite": one.satellite,
            "instrument": one.instrument, "lon": one.lon, "lat": one.lat, "confidence": one.told,
            "file": one.file.name, "sha256": one.file.sha256, "row": one.where,
        }
        for one in spots_of(problem)
    ]  # fmt: skip
    return {"suspected_problem": problem.pk, "spots": told}


def _grow(problem: SuspectedProblem, spots: Sequence[Spot]) -> None:
    """Bring the clue in line: what was seen later is added; when all was taken back, it means nothing any more."""
    assert problem.finding is not None  # noqa: S101 asked for by whoever calls it
    row = Finding.objects.select_for_update(of=("self",)).get(pk=problem.finding.pk)
    if not spots or row.state == FindingState.DISMISSED:
        return
    sentence = wording.clue(problem)
    row.started_at, row.ended_at = problem.first_at, problem.last_at
    row.sentence_zh, row.sentence_en, row.edition = sentence.zh, sentence.en, _edition(problem)
    row.save(update_fields=["started_at", "ended_at", "sentence_zh", "sentence_en", "edition"])
    fact = FindingGrew(
        id=row.pk, severity=row.severity, ended_at=row.ended_at.isoformat(), sentence_zh=row.sentence_zh,
        sentence_en=row.sentence_en,
    )  # fmt: skip
    log.write(fact)


def _tell(problem: SuspectedProblem) -> None:
    fact = ProblemNoted(
        id=problem.pk, kind=problem.kind, state=str(problem.state), cell=problem.cell.path,
        finding=problem.finding_id, sentence_zh=problem.sentence_zh, sentence_en=problem.sentence_en,
        why_zh=problem.why_zh, why_en=problem.why_en,
    )  # fmt: skip
    log.write(fact)
