"""What the standards say: data with document, clause, days of validity and degree of verification, and its reading."""

from qingyuan_science.standards.errors import (
    BrokenTable,
    StandardsError,
    UnknownFactor,
    UnknownLevel,
    UnknownLimit,
    UnknownMarking,
    UnknownStandard,
)
from qingyuan_science.standards.factors import Factor, all_factors, factor, find_factor
from qingyuan_science.standards.limits import Edition, Limit, all_limits, editions, limit, limits_for, limits_that_judge
from qingyuan_science.standards.marking import Marking, marking, marking_deadline, markings
from qingyuan_science.standards.reading import Status
from qingyuan_science.standards.rounding import round_half_even
from qingyuan_science.standards.validity import MeanRule, flow_factor, mean_rule, mean_rules, oxygen_factor

__all__ = [
    "BrokenTable",
    "Edition",
    "Factor",
    "Limit",
    "Marking",
    "MeanRule",
    "StandardsError",
    "Status",
    "UnknownFactor",
    "UnknownLevel",
    "UnknownLimit",
    "UnknownMarking",
    "UnknownStandard",
    "all_factors",
    "all_limits",
    "editions",
    "factor",
    "find_factor",
    "flow_factor",
    "limit",
    "limits_for",
    "limits_that_judge",
    "marking",
    "marking_deadline",
    "markings",
    "mean_rule",
    "mean_rules",
    "oxygen_factor",
    "round_half_even",
]
