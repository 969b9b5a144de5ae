"""Work on instruments, reaches and complaints: what they explain, and what they show."""

# ruff: noqa: F811 fixtures of another module are asked for by name

from types import SimpleNamespace

import numpy as np
import pytest
from casefile import LONG_AGO, OFFICE
from paper_mill import (  # noqa: F401 fixtures
    DAY,
    HOUR,
    HOURS,
    MIDNIGHT,
    PAST,
    THAT_DAY,
    Readings,
    _joined,
    found_now,
    hours,
    later,
    mill,
    ways,
)

from qingyuan.judging.api import (
    dismiss,
    judge_clue,
    judge_readings,
    judge_span,
    report_clue,
    set_watch,
    try_out,
)
from qingyuan.judging.events import FindingOpened
from qingyuan.judging.queries import Finding
from qingyuan.kit import log
from qingyuan.loop import LOOP
from qingyuan.places.api import (
    enter_reach,
    register_station,
)
from qingyuan.recording.api import mark_span
from qingyuan.sensing.queries import Channel

pytestmark = pytest.mark.django_db


def test_work_on_one_probe_explains_what_the_others_at_the_outlet_show(
    mill: SimpleNamespace, cast: SimpleNamespace, readings: Readings
) -> None:
    """From six to nine the acidity probe is cleaned; conductivity and turbidity jump together, and a mark says why."""
    set_watch("water_event", kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    scatter = np.random.default_rng(3).normal(0.0, 1.0, (3, 24 * (PAST + 1)))
    signals = []
    for row, (factor, unit, usual, step) in enumerate(
        (("w01001", "1", 7.9, 0.0), ("w01014", "µS/cm", 400.0, 90.0), ("w01003", "NTU", 20.0, 15.0))
    ):
        channel = Channel.objects.create(station=mill.outlet, factor=factor, unit=unit)
        noise = 0.01 * usual * scatter[row]
        values = [usual + float(noise[hour + 24 * PAST]) + (step if 6 <= hour < 9 else 0.0) for hour in HOURS]
        readings(channel, "h", hours(lambda hour, values=values: values[hour + 24 * PAST]))
        signals.append(channel)
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert {one.detector for one in Finding.objects.all()} == {"water_event"}
    Finding.objects.all().delete()
    mark_span(
        "DW001", cast.enterprise, OFFICE, code="maintenance", reason="清洗探头", channel_ids=[signals[0].pk],
        starts_at=MIDNIGHT + 5 * HOUR, ends_at=MIDNIGHT + 10 * HOUR,
    )  # fmt: skip
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert found_now() == []


def test_more_than_comes_from_upstream_is_found(cast: SimpleNamespace, readings: Readings) -> None:
    set_watch("upstream_balance", kind="h", valid_from=LONG_AGO, station_kind="surface-water")
    upper, lower = (
        register_station(f"river-{number}", title_zh=name, title_en=name, kind="surface-water", lon=100.06, lat=30.1)
        for number, name in ((1, "上"), (2, "下"))
    )
    above, below = (Channel.objects.create(station=one, factor="w21003", unit="mg/L") for one in (upper, lower))
    values = {above: hours(lambda hour: 0.5, -12), below: hours(lambda hour: 2.0 if 2 <= hour < 8 else 0.5, -12)}
    assert list(ways(readings, values, MIDNIGHT)) == [[], []]
    enter_reach(lower, upper, travel_hours=2.0, days=(LONG_AGO, None))
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    found = Finding.objects.get()
    assert (found.station, found.started_at) == (lower, MIDNIGHT + 2 * HOUR)


def test_the_peak_from_upstream_explains_itself_after_its_travel_time(
    cast: SimpleNamespace, readings: Readings
) -> None:
    set_watch("upstream_balance", kind="h", valid_from=LONG_AGO)
    upper, lower = (
        register_station(f"river-{number}", title_zh="站", title_en="Site", kind="surface-water", lon=100.06, lat=30.1)
        for number in (1, 2)
    )
    above, below = (Channel.objects.create(station=one, factor="w21003", unit="mg/L") for one in (upper, lower))
    reach = enter_reach(lower, upper, travel_hours=5.0, days=(LONG_AGO, None))
    values = {
        above: hours(lambda hour: 2.0 if 2 <= hour < 8 else 0.5, -12),
        below: hours(lambda hour: 2.0 if 7 <= hour < 13 else 0.5, -12),
    }
    assert list(ways(readings, values, MIDNIGHT)) == [[], []]
    enter_reach(lower, upper, travel_hours=1.0, days=(LONG_AGO, None), replaces=reach, why="实测", origin=OFFICE)
    judge_span(MIDNIGHT, MIDNIGHT + DAY)
    assert Finding.objects.exists()


def test_three_complaints_near_a_station_are_a_cluster(
    mill: SimpleNamespace, cast: SimpleNamespace, readings: Readings
) -> None:
    set_watch("complaint_cluster", kind="h", valid_from=LONG_AGO, factor="w01018")
    for number in range(3):
        at = MIDNIGHT + (2 + number) * HOUR
        if number == 2:
            judge_readings(readings(mill.cod, "h", hours(lambda hour: 20.0, 0, 12)))
        clue = report_clue("meter-1", cast.grid_worker, OFFICE, what=f"异味 {number}", span=(at, at))
        assert judge_clue in LOOP[FindingOpened]
        judge_clue(FindingOpened.from_detail(next(iter(log.about(f"finding/{clue.pk}"))).detail))
        assert Finding.objects.filter(detector="complaint_cluster").count() == (number == 2)
    live = Finding.objects.get(detector="complaint_cluster")
    assert (live.started_at, live.ended_at) == (MIDNIGHT + 2 * HOUR, MIDNIGHT + 5 * HOUR)
    assert try_out("complaint_cluster", {"least": 4}, kind="h", channels=_joined([mill.cod]), span=THAT_DAY).found == ()
    assert try_out("complaint_cluster", {}, kind="h", channels=_joined([mill.cod]), span=THAT_DAY).found


def test_complaints_far_away_or_dismissed_do_not_count(
    mill: SimpleNamespace, cast: SimpleNamespace, readings: Readings
) -> None:
    far = register_station("far", title_zh="远", title_en="Far", kind="ambient-air", lon=100.3, lat=30.1)
    readings(mill.cod, "h", hours(lambda hour: 20.0, 0))
    at = MIDNIGHT + 2 * HOUR
    clues = [
        report_clue(code, cast.analyst, OFFICE, what="异味", span=(at, at)) for code in ("meter-1", "meter-1", far.code)
    ]
    channels = _joined([mill.cod])
    assert try_out("complaint_cluster", {"least": 3}, kind="h", channels=channels, span=THAT_DAY).found == ()
    assert try_out("complaint_cluster", {"least": 2}, kind="h", channels=channels, span=THAT_DAY).found
    dismiss(clues[0].pk, cast.analyst, "重复", OFFICE)
    assert try_out("complaint_cluster", {"least": 2}, kind="h", channels=channels, span=THAT_DAY).found == ()
