"""What the standards say: data with document, clause, days of validity and degree of verification, and its reading."""

from qingyuan_science.standards.errors import (
    BrokenTable,
    StandardsError,
    UnknownFactor,
    UnknownLevel,
    UnknownLimit,
    UnknownStandard,
)
from qingyuan_science.standards.factors import Factor, all_factors, factor, find_factor
from qingyuan_science.standards.limits import Edition, Limit, all_limits, editions, limit, limits_for
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.rounding import round_half_even

__all__ = [
    "BrokenTable",
    "Edition",
    "Factor",
    "Limit",
    "StandardsError",
    "Status",
    "UnknownFactor",
    "UnknownLevel",
    "UnknownLimit",
    "UnknownStandard",
    "all_factors",
    "all_limits",
    "editions",
    "factor",
    "find_factor",
    "limit",
    "limits_for",
    "round_half_even",
]
