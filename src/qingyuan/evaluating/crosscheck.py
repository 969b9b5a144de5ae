"""Cross-checking monitoring with permit, credit and disclosure (1+3): a screening like any other, ready to be saved.

Thresholds and days are ours to begin with; whoever saves it changes them on the page of the screening.
"""

from qingyuan.judging.api import start_screening
from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.fact import Comparison
from qingyuan.judging.queries import Screening, ScreeningRun, screenings

CHECKS = (
    Condition("amount_beyond_declared", Comparison.AT_LEAST, 10.0),
    Condition("outlets_not_in_permit", Comparison.AT_LEAST, 1.0),
    Condition("days_without_permit", Comparison.AT_LEAST, 1.0),
    Condition("violations_not_disclosed", Comparison.AT_LEAST, 1.0),
    Condition("credit_against_findings", Comparison.AT_LEAST, 1.0),
)
DEFINITION = Definition(
    "非现场监管“1+3”交叉比对：监测与许可、信用、披露不一致",
    CHECKS,
    title_en="Off-site supervision 1+3: monitoring against permit, credit and disclosure",
    needed=1,
    days=365,
    schedule="daily",
)


def cross_check() -> Screening | None:
    """The screening that cross-checks: the first saved one that asks for all of these facts, None where none does."""
    wanted = {one.fact for one in CHECKS}
    return next((one for one in screenings() if wanted <= {each["fact"] for each in one.conditions}), None)


def newest_run(of: Screening) -> ScreeningRun | None:
    """Its newest run that is done."""
    return of.runs.filter(state="done").order_by("-started_at", "-pk").first()


def compare_first() -> None:
    """Let a saved cross-check that never ran run now, beside the first evaluation."""
    saved = cross_check()
    if saved is not None and not saved.runs.exists():
        start_screening(saved.pk, None)
