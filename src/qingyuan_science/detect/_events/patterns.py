"""Which known change of the water an event is most like."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from qingyuan_science.plugins import Text
from qingyuan_science.standards.factors import (
    AMMONIA_NITROGEN,
    COD,
    CONDUCTIVITY,
    DISSOLVED_OXYGEN,
    PERMANGANATE_INDEX,
    PH,
    SUSPENDED_SOLIDS,
    TOTAL_NITROGEN,
    TOTAL_PHOSPHORUS,
    TURBIDITY,
    WATER_TEMPERATURE,
)

_FULL = 6.0  # a deviation of so many usual scatters counts as a full step in its direction


@dataclass(frozen=True)
class Pattern:
    """A known change of the water.

    Parameters
    ----------
    code : str
        Its code.
    title : Text
        What people call it.
    directions : Mapping[str, float]
        By factor code, 1 where it rises, -1 where it falls, fractions where it may; a signal that stays is left out.
    orderly : bool
        Whether people hold it to be no event, for example a change of source that was announced.
    """

    code: str
    title: Text
    directions: Mapping[str, float]
    orderly: bool = False


@dataclass(frozen=True)
class Match:
    """How like a known pattern an event is.

    Parameters
    ----------
    pattern : Pattern
        The nearest one.
    likeness : float
        Cosine between the two, 1 where they agree in every signal [1].
    """

    pattern: Pattern
    likeness: float


_SEWAGE = {
    AMMONIA_NITROGEN: 1.0, COD: 1.0, PERMANGANATE_INDEX: 1.0, TOTAL_PHOSPHORUS: 1.0, TOTAL_NITROGEN: 1.0,
    CONDUCTIVITY: 0.7, TURBIDITY: 0.5, DISSOLVED_OXYGEN: -1.0,
}  # fmt: skip
_RUNOFF = {
    TURBIDITY: 1.0, SUSPENDED_SOLIDS: 1.0, CONDUCTIVITY: -0.8, TOTAL_PHOSPHORUS: 0.5, PERMANGANATE_INDEX: 0.5,
}  # fmt: skip

PATTERNS: tuple[Pattern, ...] = (
    Pattern("sewage", Text("生活污水混入", "sewage entering"), _SEWAGE),
    Pattern("acid", Text("酸性废水排入", "acid discharged"), {PH: -1.0, CONDUCTIVITY: 0.7}),
    Pattern("alkali", Text("碱性废水排入", "alkali discharged"), {PH: 1.0, CONDUCTIVITY: 0.7}),
    Pattern("salt", Text("高盐废水排入", "brine discharged"), {CONDUCTIVITY: 1.0}),
    Pattern("runoff", Text("降雨径流", "runoff of rain"), _RUNOFF),
    Pattern("algae", Text("藻类光合作用", "algae in sunlight"), {DISSOLVED_OXYGEN: 1.0, PH: 0.8}),
    Pattern("warm", Text("温排水", "warm water discharged"), {WATER_TEMPERATURE: 1.0, DISSOLVED_OXYGEN: -0.5}),
)


def nearest_pattern(
    deviations: Mapping[str, float], patterns: Sequence[Pattern] = PATTERNS, *, least: float = 0.7
) -> Match | None:
    """Return the known pattern that an event is most like.

    Parameters
    ----------
    deviations : Mapping[str, float]
        How far each signal moved, by factor code, in units of its usual scatter [1].
    patterns : Sequence[Pattern]
        The known ones.
    least : float
        Likeness from which it is named [1].

    Returns
    -------
    Match or None
        The nearest, or None if none is like it. A pattern of which the station measures under half is passed over.
    """
    moved = {code: max(-1.0, min(1.0, value / _FULL)) for code, value in deviations.items()}
    matches = [
        Match(pattern, _cosine(moved, pattern.directions))
        for pattern in patterns
        if 2 * sum(code in moved for code in pattern.directions) >= len(pattern.directions)
    ]
    best = max(matches, key=lambda match: match.likeness, default=None)
    return best if best is not None and best.likeness >= least else None


def _cosine(moved: Mapping[str, float], directions: Mapping[str, float]) -> float:
    shared = {code: directions.get(code, 0.0) for code in moved}
    lengths = sqrt(sum(value**2 for value in moved.values())) * sqrt(sum(value**2 for value in shared.values()))
    return sum(moved[code] * value for code, value in shared.items()) / lengths if lengths > 0.0 else 0.0
