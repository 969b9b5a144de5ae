"""A finding at the outlet, the rule that makes it a case, and the case."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction


@pytest.fixture
def rule(cast: Any) -> Any:
    from casefile import LONG_AGO

    from qingyuan.dispatching.api import add_rule

    return add_rule(
        title_zh="污水排口超标交城市管理局",
        title_en="Waste-water exceedances go to City Works",
        case_type="exceedance",
        detector="exceedance",
        station_kind="outlet-water",
        organisation=cast.handler.organisation,
        valid_from=LONG_AGO,
    )


@pytest.fixture
def opened(channel: Any, readings: Callable[..., Any]) -> Callable[..., Any]:
    """Let a detector find something at a channel at an hour of the day; answers the event that opens a case."""
    from casefile import LONG_AGO, NINE

    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.judging.queries import Finding
    from qingyuan.kit import log

    set_watch("exceedance", kind="h", valid_from=LONG_AGO)

    def find(where: Any = channel, hour: int = 9) -> FindingOpened:
        with transaction.atomic():
            event = readings(where, "h", [(NINE.replace(hour=hour - 8), 68.4)])
        judge_readings(event)
        newest = Finding.objects.latest("pk")
        line = next(line for line in log.about(f"finding/{newest.pk}") if line.act == "FindingOpened")
        return FindingOpened.from_detail(line.detail)

    return find


@pytest.fixture
def case(rule: Any, opened: Callable[..., Any]) -> Any:
    from qingyuan.dispatching.api import open_case_for_finding
    from qingyuan.dispatching.queries import Case

    open_case_for_finding(opened())
    return Case.objects.get()
