"""A mill with its papers, its meters and its hours, and ways to look at what is found there."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO

from qingyuan.judging.api import (
    judge_again,
    judge_readings,
    judge_span,
    set_watch,
)
from qingyuan.judging.queries import Finding
from qingyuan.kit import clock, log
from qingyuan.kit.events import Event
from qingyuan.loop import LOOP
from qingyuan.places.api import (
    assign_meter,
    declare_warning,
    enter_order,
    enter_permit,
    register_enterprise,
    register_station,
)
from qingyuan.sensing.queries import Channel

Readings = Callable[..., Any]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MIDNIGHT = datetime(2026, 11, 19, 16, tzinfo=UTC)  # in Shanghai, of 20 November
CODE = "91110000802100433B"  # HJ 608-2017, annex A
THAT_DAY = (MIDNIGHT, MIDNIGHT + DAY)
PAST = 45  # days; more than half of what the detectors by days learn from before the block of thirty
HOURS = range(-24 * PAST, 24)


@pytest.fixture(autouse=True)
def later() -> Any:
    """Everything is looked at two days later."""
    with clock.wound_to(MIDNIGHT + 2 * DAY):
        yield


@pytest.fixture
def mill(cast: SimpleNamespace) -> SimpleNamespace:
    """A paper mill of East Town: an outlet with COD and flow, a stack, two meters."""
    owner = register_enterprise(
        CODE, lon=100.06, lat=30.1, organisation=cast.enterprise.organisation,
        title_zh="东山纸业", title_en="East Paper", industry_code="2221",
        industry_zh="造纸", industry_en="Paper making", management="key",
    )  # fmt: skip

    def stand(code: str, kind: str, **factors: str) -> list[Any]:
        at = register_station(code, title_zh=code, title_en=code, kind=kind, lon=100.06, lat=30.1, enterprise=owner)
        return [at, *(Channel.objects.create(station=at, factor=name, unit=unit) for name, unit in factors.items())]

    outlet, cod, flow = stand("DW001", "outlet-water", w01018="mg/L", w00000="L/s")
    pulper, pulper_power = stand("meter-1", "power-meter", activepower="kW")
    fan, fan_power = stand("meter-2", "power-meter", activepower="kW")
    return SimpleNamespace(
        owner=owner, outlet=outlet, cod=cod, flow=flow, pulper=pulper, fan=fan, power=pulper_power, fan_power=fan_power
    )


def hours(value: Callable[[int], float], first: int = -24 * PAST, last: int = 24) -> list[tuple[datetime, float]]:
    """Hour means around `MIDNIGHT`, by the number of the hour since."""
    return [(MIDNIGHT + hour * HOUR, value(hour)) for hour in range(first, last)]


def ways(readings: Readings, values: dict[Any, list[tuple[datetime, float]]], since: datetime) -> Iterable[Any]:
    """What is found live, batch by batch of six hours, and then in one go of what is stored."""
    for channel, rows in values.items():
        readings(channel, "h", [row for row in rows if row[0] < since])
    for number in range(8):
        begin = since + 6 * number * HOUR
        for channel, rows in values.items():
            batch = [row for row in rows if begin <= row[0] < begin + 6 * HOUR]
            if batch:
                judge_readings(readings(channel, "h", batch))
    yield found_now()
    Finding.objects.all().delete()
    judge_span(since, since + 2 * DAY)
    yield found_now()


def found_now() -> list[tuple[Any, ...]]:
    names = ("detector", "channel__factor", "started_at", "ended_at", "sentence_zh", "sentence_en")
    return sorted(Finding.objects.values_list(*names))


def hear(subject: str) -> None:
    """Let the loop's handlers of judging take up the last fact about something."""
    line = list(log.about(subject))[-1]
    event = Event.known[line.act].from_detail(line.detail)
    assert judge_again in LOOP[type(event)]
    judge_again(event)


def stop(mill: SimpleNamespace, **more: Any) -> Any:
    values = {
        "kind": "stop-discharge",
        "number": "责停〔2026〕3号",
        "issued_by": "局",
        "span": (MIDNIGHT, None),
        **more,
    }
    return enter_order(mill.owner, **values)


def powered(hour: int) -> float:
    """500 kW by day and 50 by night, also under a warning."""
    return (500.0 if hour % 24 >= 6 else 50.0) + hour % 3


@pytest.fixture
def warned(mill: SimpleNamespace, grid: SimpleNamespace) -> SimpleNamespace:
    """An orange warning over the district for a day, a plan to stop at orange, meters with their uses."""
    set_watch("emergency_cut", kind="h", valid_from=LONG_AGO, station_kind="power-meter", factor="activepower")
    days = (LONG_AGO, None)
    assign_meter(mill.pulper, use="production", title_zh="碎浆机", title_en="pulper", days=days)
    assign_meter(mill.fan, use="treatment", title_zh="风机", title_en="fan", days=days)
    span = (MIDNIGHT, MIDNIGHT + DAY)
    mill.warning = declare_warning(grid.district, level="orange", number="橙色预警1号", span=span)
    return mill


def cut(mill: SimpleNamespace, share: float = 0.5, **more: Any) -> Any:
    return stop(mill, **{"kind": "cut-production", "cut": share, "span": THAT_DAY, "number": "限产〔2026〕1号", **more})


def days(first: date, count: int, value: float) -> list[tuple[datetime, float]]:
    begin = datetime(first.year, first.month, first.day, tzinfo=clock.SHANGHAI)
    return [(begin + number * DAY, value) for number in range(count)]


def permit(mill: SimpleNamespace, **more: Any) -> Any:
    return enter_permit(mill.owner, **{"number": f"{CODE}001P", "management": "key", "days": (LONG_AGO, None), **more})


def _joined(channels: list[Any]) -> list[Any]:
    ids = [one.pk for one in channels]
    return list(Channel.objects.filter(pk__in=ids).select_related("station__enterprise"))
