"""Water-quality events at one station: what its signals did together that they do not do by themselves.

    checks → what was expected → in units of its own scatter → one joint score → so many of the last few → event

Each step keeps a bounded state, looks at no later row, and gives the same whether rows come one by one or all at once.
The threshold is set by how many false alarms a week people accept, and learned from an orderly stretch of the past.
"""

from qingyuan_science.detect._events.checks import Bounds, Checked, checked
from qingyuan_science.detect._events.course import daily_course, hours_of
from qingyuan_science.detect._events.discriminator import binomial_cdf, event_probability, least_outliers, nth_largest
from qingyuan_science.detect._events.errors import EventError, TooLittlePast, UnequalShapes
from qingyuan_science.detect._events.expecting import Companions, Expectation, Level, Trailing
from qingyuan_science.detect._events.gating import after_rain, after_steps
from qingyuan_science.detect._events.joint import Components, Joint, Neighbours, Norm
from qingyuan_science.detect._events.learning import learn
from qingyuan_science.detect._events.patterns import PATTERNS, Match, Pattern, nearest_pattern
from qingyuan_science.detect._events.promise import Promise, block_maxima, promise
from qingyuan_science.detect._events.settings import Settings
from qingyuan_science.detect._events.watching import Event, Judged, Watch

__all__ = [
    "PATTERNS",
    "Bounds",
    "Checked",
    "Companions",
    "Components",
    "Event",
    "EventError",
    "Expectation",
    "Joint",
    "Judged",
    "Level",
    "Match",
    "Neighbours",
    "Norm",
    "Pattern",
    "Promise",
    "Settings",
    "TooLittlePast",
    "Trailing",
    "UnequalShapes",
    "Watch",
    "after_rain",
    "after_steps",
    "binomial_cdf",
    "block_maxima",
    "checked",
    "daily_course",
    "event_probability",
    "hours_of",
    "learn",
    "least_outliers",
    "nearest_pattern",
    "nth_largest",
    "promise",
]
