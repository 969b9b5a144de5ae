"""Which dispatch rule fits a finding."""

from datetime import datetime

from django.db.models import F, Q

from qingyuan.dispatching.models import DispatchRule
from qingyuan.judging.queries import EXPECTED, Finding
from qingyuan.kit import clock


def rule_for(finding: Finding, at: datetime) -> DispatchRule | None:
    """The rule of the highest priority that fits; of equals the one for the smaller place, then the older one.

    A warning of what may come sends somebody out only by a rule that names warnings: nothing has happened yet.
    """
    named = (finding.detector,) if finding.detector == EXPECTED else ("", finding.detector)
    place = finding.place
    steps = place.cell.path.split("/")
    above = ["/".join(steps[: count + 1]) for count in range(len(steps))]
    fitting = DispatchRule.objects.filter(
        Q(cell=None) | Q(cell__path__in=above),
        detector__in=named,
        station_kind__in=("", place.kind),
        severity_from__lte=finding.severity,
        valid__contains=at.astimezone(clock.SHANGHAI).date(),
        known__contains=at,
    )
    return fitting.order_by("-priority", F("cell__level").desc(nulls_last=True), "pk").first()
