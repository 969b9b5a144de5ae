"""A stored year of a whole district: channels of every kind of point, in the proportions that districts report.

The figures that districts published of themselves are 462 air stations, 377 of surface water, 500 of weather, 729
automatic monitors of waste water and stack gas with three outlets each, 4,000 enterprises whose power is metered, 5,000
building sites with dust monitors, 70 fume monitors and 2,000 traffic checkpoints. A `CYCLE` of 1,500 channels has them
in these proportions, and is repeated; channels are numbered from 1.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl
from _hourly import Piece, rows, written
from shapely.geometry import box

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import layout, table
from qingyuan.recording.lake.executors import executor, spread
from qingyuan.recording.lake.layout import File

YEAR = 2025
SINCE = date(2020, 1, 1)
ALWAYS = (SINCE, None)
CHINA = timedelta(hours=8)


class Measured(NamedTuple):
    """A channel: factor, unit, usual level, spread of the logarithm, decimals, and whether measured or converted."""

    factor: str
    unit: str
    level: float
    spread: float
    decimals: int
    basis: str = "measured"


class Points(NamedTuple):
    """How many points of a kind the cycle holds, what binds them, and what each measures."""

    name: str
    count: int
    kind: str
    standard: tuple[str, str] | None
    measures: tuple[Measured, ...]


_STACK = tuple(
    Measured(factor, "mg/m3", level, spread, 1, basis)
    for factor, level, spread in (("a21026", 120.0, 0.3), ("a21002", 130.0, 0.3), ("a34013", 18.0, 0.35))
    for basis in ("measured", "converted")
)
_POWER = (Measured("activepower", "kW", 500.0, 0.2, 1),)
POINTS = (
    Points("air", 11, "ambient-air", ("GB 3095", "2"), (
        Measured("a34004", "µg/m3", 45.0, 0.6, 0), Measured("a34002", "µg/m3", 80.0, 0.5, 0),
        Measured("a21026", "µg/m3", 9.0, 0.5, 0), Measured("a21004", "µg/m3", 35.0, 0.5, 0),
        Measured("a05024", "µg/m3", 60.0, 0.4, 0), Measured("a21005", "mg/m3", 0.8, 0.4, 1),
    )),
    Points("section", 9, "surface-water", ("GB 3838-2002", "III"), (
        Measured("w01010", "°C", 17.0, 0.1, 1), Measured("w01001", "dimensionless", 7.6, 0.02, 2),
        Measured("w01009", "mg/L", 8.0, 0.08, 2), Measured("w01014", "µS/cm", 420.0, 0.1, 0),
        Measured("w01003", "NTU", 25.0, 0.3, 1), Measured("w01019", "mg/L", 3.2, 0.2, 1),
        Measured("w21003", "mg/L", 0.3, 0.35, 3), Measured("w21011", "mg/L", 0.09, 0.25, 3),
        Measured("w21001", "mg/L", 1.6, 0.2, 2),
    )),
    Points("weather", 12, "weather", None, (
        Measured("a01007", "m/s", 2.2, 0.5, 1), Measured("a01008", "°", 180.0, 0.4, 0),
        Measured("a01001", "°C", 18.0, 0.2, 1), Measured("a01002", "%", 60.0, 0.2, 0),
        Measured("a01006", "kPa", 101.3, 0.005, 1),
    )),
    Points("outlet", 27, "outlet-water", ("GB 18918-2002", "1A"), (
        Measured("w00000", "L/s", 86.0, 0.4, 2), Measured("w01001", "dimensionless", 7.3, 0.02, 2),
        Measured("w01018", "mg/L", 24.0, 0.22, 1), Measured("w21003", "mg/L", 0.9, 0.5, 3),
        Measured("w21011", "mg/L", 0.21, 0.25, 2), Measured("w21001", "mg/L", 8.5, 0.18, 2),
    )),
    Points("stack", 27, "outlet-gas", ("GB 13271-2014", "new_coal"), (
        Measured("a00000", "m3/s", 22.0, 0.2, 2), *_STACK, Measured("a19001", "%", 9.0, 0.1, 2),
        Measured("a01012", "°C", 85.0, 0.1, 1), Measured("a01014", "%", 8.0, 0.15, 2),
    )),
    Points("production", 98, "power-meter", None, _POWER),
    Points("treatment", 98, "power-meter", None, _POWER),
    Points("site", 123, "dust-site", None, (
        Measured("a34001", "µg/m3", 165.0, 0.4, 0), Measured("a34002", "µg/m3", 80.0, 0.45, 0),
        Measured("a01007", "m/s", 2.2, 0.5, 1), Measured("a01001", "°C", 18.0, 0.2, 1),
        Measured("a01002", "%", 60.0, 0.2, 0),
    )),
    Points("fume", 2, "fume", None, (Measured("LAMPBLACK", "mg/m3", 0.9, 0.3, 2),)),
    Points("checkpoint", 48, "traffic", None, (Measured("trafficflow", "vehicles/h", 700.0, 0.4, 0),)),
)  # fmt: skip
ENTERPRISES = 98  # of the cycle: each has both meters, some an outlet or a stack too
_KINDS = [(points, one) for points in POINTS for _number in range(points.count) for one in points.measures]
CYCLE = len(_KINDS)
_LEVELS = tuple((one.level, one.spread, one.decimals) for _points, one in (_KINDS[-1], *_KINDS[:-1]))  # numbers from 1


def lake_of(folder: Path, channels: int) -> Lake:
    """The lake with the hours of that many channels, and the days of outlets and stacks: as it lies there, or new."""
    if channels % CYCLE:
        raise SystemExit(f"found {channels} channels, expected a multiple of {CYCLE}")
    lake, done = Lake(str(folder / f"mixed-{channels}")), folder / f"mixed-{channels}.json"
    os.environ["QINGYUAN_LAKE"] = lake.root
    if not done.exists():
        table.ensure(lake)
        with executor() as workers:
            files = list(chain.from_iterable(spread(_written, _pieces(lake, channels), workers)))
        table.commit(lake, files)
        done.write_text(json.dumps([asdict(file) for file in files]))
    return lake


def _pieces(lake: Lake, channels: int) -> list[Piece]:
    step = layout.ROWS_A_FILE // 745
    return [
        Piece(lake, YEAR, month, first, min(first + step, channels + 1), _LEVELS)
        for month in range(1, 13)
        for first in range(1, channels + 1, step)
    ]


def _written(piece: Piece) -> list[File]:
    """A month of hours, and of those whose days are judged the means of the days, by the functions of sealing."""
    judged = [number for number, (points, _one) in enumerate(_KINDS, 1) if points.kind.startswith("outlet")]
    begin = datetime(YEAR, piece.month, 1, tzinfo=UTC)
    several = rows(piece).filter(((pl.col("channel") - 1) % CYCLE + 1).is_in(judged), pl.col("mark") == "N")
    days = several.group_by("channel", at=(pl.col("at") + CHINA).dt.truncate("1d") - CHINA).agg(
        pl.col("value").mean().round(3), pl.col("low", "high", "total").first(), pl.col("mark").first(),
        pl.col("received_at").max(),
    )  # fmt: skip
    days = days.filter(pl.col("at") >= begin).select(several.columns)
    return [*written(piece), *table.write(piece.lake, "d", days)]


def enter(lake: Lake, channels: int) -> None:
    """The district: enterprises, points, channels, limits, what people wrote down, and which days are sealed."""
    from django.db import transaction

    from qingyuan.places import api as places
    from qingyuan.recording.models import SealedDay

    with transaction.atomic():
        shape, label = box(99.9, 29.9, 100.2, 30.2), (100.05, 30.05)
        district = places.draw_cell("01", path="01", title_zh="区", title_en="District", shape=shape, label=label)
        for turn in range(channels // CYCLE):
            _enter_cycle(turn, district)
        _write_down(district)
        now, version = datetime.now(UTC), table.snapshot(lake).version
        days = [date(YEAR, 1, 1) + timedelta(days=number) for number in range(365)]
        SealedDay.objects.bulk_create(
            SealedDay(day=day, kind=kind, rows=0, checksum="0" * 16, version=version, sealed_at=now)
            for day in days
            for kind in "hd"
        )


def _enter_cycle(turn: int, district: Any) -> None:
    from qingyuan.places.queries import AppliedStandard, Enterprise, Station
    from qingyuan.sensing.queries import Channel

    owners = Enterprise.objects.bulk_create(
        Enterprise(
            code=_code(turn, number), industry_code="2611", industry_zh="化工", industry_en="chemicals",
            management="key", lon=100.0, lat=30.0, cell=district, title_zh=f"企业 {turn}-{number}",
            title_en=f"Enterprise {turn}-{number}",
        )
        for number in range(ENTERPRISES)
    )  # fmt: skip
    made, bound = [], []
    for points, number in _points():
        owner = owners[number] if points.kind.startswith(("outlet", "power")) else None
        place = (_drawn(turn, points.name, number), _drawn(number, points.name, turn))
        station = Station(
            code=f"{points.name}-{turn}-{number}", kind=points.kind, title_zh=f"{points.name} {turn}-{number}",
            title_en=f"{points.name} {turn}-{number}", lon=99.9 + 0.3 * place[0], lat=29.9 + 0.3 * place[1],
            cell=district, enterprise=owner,
        )  # fmt: skip
        made.append(station)
        if points.standard:
            bound.append((station, points.standard))
    stations = {one.code: one for one in Station.objects.bulk_create(made)}
    AppliedStandard.objects.bulk_create(
        AppliedStandard(station=stations[one.code], standard=named, level=level, **_always())
        for one, (named, level) in bound
    )
    Channel.objects.bulk_create(
        Channel(pk=turn * CYCLE + place, station=station, factor=one.factor, unit=one.unit, basis=one.basis)
        for place, (station, one) in enumerate(
            ((station, one) for station, (points, _number) in zip(made, _points(), strict=True)
             for one in points.measures), 1
        )
    )  # fmt: skip


def _code(turn: int, number: int) -> str:
    from qingyuan_science.standards.codes.credit import make_credit_code, organisation_check

    body = f"{turn:04}{number:04}"
    return make_credit_code("9", "1", "330100", body + organisation_check(body))


def _points() -> Iterator[tuple[Points, int]]:
    return ((points, number) for points in POINTS for number in range(points.count))


def _drawn(*parts: Any) -> float:
    """A share of one that looks drawn and is the same each time."""
    value = 0
    for letter in repr(parts):
        value = (value * 1_000_003 + ord(letter)) % 2_147_483_647
    return value / 2_147_483_647


def _always() -> dict[str, Any]:
    from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

    return {"valid": DateRange(SINCE, None), "known": DateTimeTZRange(datetime(2020, 1, 1, tzinfo=UTC), None)}


def _write_down(district: Any) -> None:
    """Meters, plans, permits, reaches, warnings, orders and thresholds, through the doors for them."""
    from qingyuan.places import api as places
    from qingyuan.places.queries import Enterprise, Station

    stations = {one.code: one for one in Station.objects.select_related("enterprise")}
    for owner in Enterprise.objects.order_by("pk"):
        turn, number = (int(part) for part in owner.title_zh.split()[1].split("-"))
        for use in ("production", "treatment"):
            meter = stations[f"{use}-{turn}-{number}"]
            places.assign_meter(meter, use=use, title_zh=use, title_en=use, days=ALWAYS)
        pledges = [places.Pledge(level, cut, "减产") for level, cut in (("orange", 0.3), ("red", 0.5))]
        places.enter_plan(owner, days=ALWAYS, pledges=pledges)
        if (outlet := stations.get(f"outlet-{turn}-{number}")) is not None:
            totals = [places.OwnTotal(factor, 60_000.0, outlet) for factor in ("w01018", "w21003")]
            places.enter_permit(owner, number=f"{owner.code}001P", management="key", days=ALWAYS, totals=totals)
            if number % 9 == 0:
                span = (_noon(6, 10), _noon(6, 20))
                named = {"number": f"S{owner.code}", "title": "停止排放", "issued_by": "区生态环境局"}
                places.enter_order(owner, station=outlet, kind="stop-discharge", span=span, **named)
    for lower, upper in _reaches(stations):
        places.enter_reach(lower, upper, travel_hours=4.0, days=ALWAYS)
    for month in (1, 2, 11, 12):
        span = (_noon(month, 10), _noon(month, 13))
        places.declare_warning(district, level="orange", number=f"{YEAR}-{month}", span=span)
    places.enter_threshold(
        district, factor="a34002", averaging="hour", high=300.0, unit="µg/m3", issued_by="区生态环境局",
        basis="文件", reason="扬尘", days=ALWAYS, set_on=SINCE,
    )  # fmt: skip


def _reaches(stations: dict[str, Any]) -> Iterator[tuple[Any, Any]]:
    """Three sections in a row make a river: the second and the third have one above them."""
    for code, one in stations.items():
        name, turn, number = code.split("-")
        if name == "section" and int(number) % 3:
            yield one, stations[f"section-{turn}-{int(number) - 1}"]


def _noon(month: int, day: int) -> datetime:
    return datetime(YEAR, month, day, 4, tzinfo=UTC)


def watches(channels: int) -> list[dict[str, Any]]:
    """What the demo district is watched for from its first day, each detector where it is put there."""
    plain = [
        *(("exceedance", "h", kind, "") for kind in ("outlet-water", "outlet-gas", "ambient-air", "surface-water")),
        *(("exceedance", "d", kind, "") for kind in ("outlet-water", "outlet-gas")),
        *(("missing_data", "h", kind, "") for kind in ("outlet-water", "outlet-gas")),
        *(("impossible_values", "h", kind, "") for kind in ("outlet-water", "outlet-gas")),
        ("annual_total", "d", "outlet-water", ""), ("ordered_stop", "h", "", "w00000"),
        ("upstream_balance", "h", "surface-water", ""), ("impossible_values", "h", "ambient-air", ""),
        ("alarm_threshold", "h", "dust-site", ""),
    ]  # fmt: skip
    meters = [
        _watch(one, "h", station=f"production-{turn}-{number}")
        for turn in range(channels // CYCLE)
        for number in range(ENTERPRISES)
        for one in ("emergency_cut", "ordered_cut")
    ]
    return [*(_watch(one, kind, station_kind=where, factor=factor) for one, kind, where, factor in plain), *meters]


def learning() -> list[dict[str, Any]]:
    """Beside these, each detector that learns from the days before, at the points for which it is made."""
    everywhere = (
        "constant_value",
        "repeated_days",
        "copied_channel",
        "coarse_digits",
        "damped_signal",
        "limit_hugging",
    )
    where = [
        *((one, kind) for one in (*everywhere, "unlike_process") for kind in ("outlet-water", "outlet-gas")),
        ("mark_abuse", "outlet-water"), ("mark_abuse", "outlet-gas"), ("night_source", "outlet-water"),
        ("approaching_limit", "outlet-water"), ("approaching_limit", "outlet-gas"),
        ("step_after_service", "outlet-water"), ("step_after_service", "outlet-gas"),
        ("treatment_off", "outlet-water"), ("treatment_off", "outlet-gas"),
        ("water_event", "surface-water"), ("neighbour_disagreement", "ambient-air"), ("repeated_days", "ambient-air"),
        ("constant_value", "ambient-air"), ("constant_value", "surface-water"),
    ]  # fmt: skip
    return [_watch(one, "h", station_kind=kind) for one, kind in where]


def _watch(detector: str, kind: str, **place: str) -> dict[str, Any]:
    return {"detector": detector, "kind": kind, "valid_from": SINCE.isoformat()} | {
        name: value for name, value in place.items() if value
    }
