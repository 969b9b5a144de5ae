"""Where findings would go is where they go."""

from collections.abc import Callable
from typing import Any

import pytest
from casefile import LONG_AGO, NINE

from qingyuan.dispatching.api import Happening, add_rule, open_case_for_finding, routes
from qingyuan.dispatching.queries import Case
from qingyuan.judging.api import judge_readings, set_watch
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import Finding
from qingyuan.kit import log
from qingyuan.places.queries import StationKind

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [52.0, 68.4, 120.0])
def test_a_finding_would_go_where_it_goes(
    value: float, cast: Any, grid: Any, channel: Any, readings: Callable[..., Any]
) -> None:
    def rule(name: str, **values: Any) -> None:
        add_rule(title_zh=name, title_en=name, case_type="exceedance", valid_from=LONG_AGO, **values)

    rule("everywhere")
    rule("town", cell=grid.town)
    rule("elsewhere", cell=grid.other_town, priority=90)
    rule("grave", severity_from=3, priority=50, detector="exceedance")
    rule("air", station_kind=StationKind.AMBIENT_AIR, priority=90)
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    judge_readings(readings(channel, "h", [(NINE, value)]))
    found = Finding.objects.get()
    asked = Happening("exceedance", channel.station.kind, channel.station.cell, found.severity)
    told = routes([asked])[asked]
    opened = next(line for line in log.about(f"finding/{found.pk}") if line.act == "FindingOpened")
    open_case_for_finding(FindingOpened.from_detail(opened.detail))
    case = Case.objects.get()
    assert told is not None
    assert (told.rule, told.person) == (case.rule, case.tasks.get().assignee)
    assert told.rule.title_en == ("grave" if value > 100 else "town")


def test_what_no_rule_fits_goes_nowhere(channel: Any) -> None:
    asked = Happening("exceedance", channel.station.kind, channel.station.cell, 4)
    assert routes([asked]) == {asked: None}
