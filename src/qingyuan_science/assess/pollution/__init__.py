"""The type of pollution behind an anomaly at a water station: signs, what they weigh, and a verdict that may decline.

`window_of` makes a window out of series, `observe` reads the signs in it, `assess` weighs them; `learned` lets the
cases that people settled move the weights, and `scores` says whether that helps.
"""

from qingyuan_science.assess.pollution.learning import Case, Scores, learned, scores
from qingyuan_science.assess.pollution.rules import RULES, TYPES, PollutionType, Rule, UnknownType, pollution_type
from qingyuan_science.assess.pollution.signs import Observed, observe
from qingyuan_science.assess.pollution.verdict import Ranked, Term, Turn, Verdict, assess
from qingyuan_science.assess.pollution.weighing import PRIOR, Weights
from qingyuan_science.assess.pollution.window import Change, Shape, Window, window_of

__all__ = [
    "PRIOR",
    "RULES",
    "TYPES",
    "Case",
    "Change",
    "Observed",
    "PollutionType",
    "Ranked",
    "Rule",
    "Scores",
    "Shape",
    "Term",
    "Turn",
    "UnknownType",
    "Verdict",
    "Weights",
    "Window",
    "assess",
    "learned",
    "observe",
    "pollution_type",
    "scores",
    "window_of",
]
