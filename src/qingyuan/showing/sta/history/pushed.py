"""What a `$filter` of Observations says of their time, result and time of receipt, and of the Datastreams they are of.

The lake is asked for no more than that; the filter itself is answered by PostgreSQL all the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import inf, nextafter
from typing import Any

from django.db.models import QuerySet

from qingyuan.kit.errors import BadInput
from qingyuan.recording.queries import LAST, STEPS, Bounds
from qingyuan.showing.sta.conditions import Place, condition, paths, relation_named, without
from qingyuan.showing.sta.documents import MICROSECOND
from qingyuan.showing.sta.entities import ENTITIES
from qingyuan.showing.sta.filters.grammar import Binary, Call, Instant, Interval, Negative, Node, Number, Path

_MIRRORED = {"gt": "lt", "ge": "le", "lt": "gt", "le": "ge", "eq": "eq"}
_TIME, _RESULT, _RECEIVED = (Path((name,)) for name in ("phenomenonTime", "result", "resultTime"))
_SPANNING = ("h", "H", "d", "D")  # kinds of which a reading's time has an end
_LOOKING_BACK = max(STEPS[kind] or 0 for kind in _SPANNING)
_PLACES = {"Datastream": ("Datastream", ""), "FeatureOfInterest": ("FeatureOfInterest", "channel__station__")}


@dataclass(frozen=True)
class Narrowed:
    """Bounds of the readings, and conditions on their streams; `exact`: a filter says no more than that.

    `ends` says that it speaks of the end of readings: bounds know when they begin.
    """

    bounds: Bounds = field(default_factory=Bounds)
    of_streams: tuple[tuple[Node, str], ...] = ()
    exact: bool = True
    ends: bool = False

    def streams(self, there: QuerySet[Any]) -> QuerySet[Any]:
        """Those of some streams whose readings the filter can keep."""
        for node, relation in self.of_streams:
            target, prefix = _PLACES[relation]
            there = there.filter(condition(node, Place(ENTITIES[target], prefix)))
        return there

    def is_exact(self, kinds: set[str]) -> bool:
        """Whether every reading of these kinds within bounds is kept."""
        return self.exact and not (self.ends and kinds & set(_SPANNING))


def narrowed(node: Node | None, before: Narrowed | None = None) -> Narrowed:
    """What a filter leaves of readings.

    Raises
    ------
    BadInput
        It leads from Observations to a Datastream and back to others.
    """
    found = before or Narrowed()
    if node is None:
        return found
    if any("Observations" in path.steps for path in paths(node)):
        raise BadInput("found a $filter that leads from Observations to other Observations, expected one of their own")
    match node:
        case Binary("and", left, right):
            return narrowed(right, narrowed(left, found))
        case Binary(sign, left, Path() as path) if sign in _MIRRORED and not isinstance(left, Path):
            return narrowed(Binary(_MIRRORED[sign], path, left), found)
        case Binary(sign, path, value) if sign in _MIRRORED and path in (_TIME, _RESULT, _RECEIVED):
            return _compared(found, sign, path, value)
        case Call(name, (path, Interval(start, end))) if name in ("during", "overlaps", "intersects") and path == _TIME:
            return _touching(found, start, end, within=name == "during")
    return _of_streams(found, node)


def _compared(found: Narrowed, sign: str, path: Node, value: Node) -> Narrowed:
    match path, value:
        case (Path(("phenomenonTime",)), Instant(at)):
            return _timed(found, sign, at, at)
        case (Path(("phenomenonTime",)), Interval(start, end)):
            return replace(_timed(found, sign, start, end), exact=False)
        case (Path(("resultTime",)), Instant(at)):
            limits = _limits(found.bounds.received, sign, min(at, LAST), _microsecond)
            return replace(found, bounds=replace(found.bounds, received=limits))
        case (Path(("result",)), Number(number)):
            limits = _limits(found.bounds.value, sign, float(number), nextafter)
            return replace(found, bounds=replace(found.bounds, value=limits))
        case (Path(("result",)), Negative(Number(number))):
            return _compared(found, sign, path, Number(-number))
    return replace(found, exact=False)


def _timed(found: Narrowed, sign: str, start: datetime, end: datetime) -> Narrowed:
    """Bounds on when readings begin: after the end of a span, from its start on, before its start, or until its end."""
    bounds, ends = found.bounds, found.ends or sign in ("lt", "le", "eq")
    start, end = min(start, LAST), min(end, LAST)
    if sign in ("gt", "ge", "eq"):
        bounds = replace(bounds, start=max(bounds.start, start + MICROSECOND if sign == "gt" else start))
    if sign in ("lt", "le", "eq"):
        last = {"lt": start, "le": end + MICROSECOND, "eq": start + MICROSECOND}[sign]
        bounds = replace(bounds, end=min(bounds.end, last))
    return replace(found, bounds=bounds, ends=ends)


def _touching(found: Narrowed, start: datetime, end: datetime, *, within: bool) -> Narrowed:
    """Readings inside a span, or those that share an instant with it, which may have begun before."""
    begins = start if within else max(found.bounds.start, start - timedelta(seconds=_LOOKING_BACK))
    bounds = replace(
        found.bounds, start=max(found.bounds.start, begins), end=min(found.bounds.end, min(end, LAST) + MICROSECOND)
    )
    return replace(found, bounds=bounds, exact=False)


def _limits(known: tuple[Any, Any], sign: str, value: Any, beside: Callable[[Any, float], Any]) -> tuple[Any, Any]:
    """The first and the last value that will do, one more comparison taken in."""
    least, most = known
    if sign in ("gt", "ge", "eq"):
        bound = beside(value, inf) if sign == "gt" else value
        least = bound if least is None else max(least, bound)
    if sign in ("lt", "le", "eq"):
        bound = beside(value, -inf) if sign == "lt" else value
        most = bound if most is None else min(most, bound)
    return least, most


def _microsecond(at: datetime, direction: float) -> datetime:
    return at + MICROSECOND if direction > 0 else at - MICROSECOND


def _of_streams(found: Narrowed, node: Node) -> Narrowed:
    """A statement about the Datastream alone, or the FeatureOfInterest alone, chooses streams."""
    steps = {path.steps[0] if len(path.steps) > 1 else "" for path in paths(node)}
    relation = relation_named(ENTITIES["Observation"], next(iter(steps))) if len(steps) == 1 else None
    if relation is None:
        return replace(found, exact=False)
    inner = without(node, tuple(steps))
    return replace(found, of_streams=(*found.of_streams, (inner, relation.name)))
