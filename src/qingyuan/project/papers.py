"""The demo district's papers, and the past that shows what became of them, entered through the platform's own doors."""

import json
from collections.abc import Iterable
from datetime import date, timedelta

from qingyuan.judging import api as judging
from qingyuan.kit import log
from qingyuan.places import api as places
from qingyuan.places.queries import ControlLevel, Enterprise, GridCell, Station, StationKind
from qingyuan.recording.api import import_table
from qingyuan.sensing import api as sensing
from qingyuan_science.series import Series, moment
from qingyuan_science.worlds.papers import Papers

IN_FORCE = (date(2021, 3, 1), None)
LEVELS = ("yellow", "orange", "red")


def enter(papers: Papers) -> None:
    """Permits, plans, meters and reaches; an order and a warning of the days before; and what was measured then."""
    owners = {one.code: one for one in Enterprise.objects.all()}
    stations = {one.code: one for one in Station.objects.all()}
    _controls(owners)
    _permits(papers, owners, stations)
    _disclosures(papers, owners, stations)
    _plans(papers, owners)
    _meters(papers, owners, stations)
    for lower, upper, hours in papers.reaches():
        places.enter_reach(stations[lower.code], stations[upper.code], travel_hours=hours, days=IN_FORCE)
    _sites(papers, stations)
    _documents(papers, owners)
    district = GridCell.objects.get(level=1)
    places.declare_warning(district, level="orange", number="清重污染预警〔2026〕2号", span=papers.warning)
    for owner, row in papers.rows("orders"):
        places.enter_order(
            owners[owner.code], station=stations[row["outlet"]], kind="stop-discharge", number=row["number"],
            title=row["zh"], issued_by="清江区生态环境局", span=(papers.ordered, None),
        )  # fmt: skip
    _past(papers)


def _documents(papers: Papers, owners: dict[str, Enterprise]) -> None:
    """What some enterprises have beside their permits; of others it is missing, ends soon or has ended."""
    today = papers.ordered.date()
    for owner, row in papers.rows("documents"):
        places.enter_document(
            owners[owner.code], kind=row["kind"], number=row["number"], title=row["zh"], issued_by=row["issued_by"],
            days=(today - timedelta(days=row["since"]), today + timedelta(days=row["until"]) if row["until"] else None),
            file=places.BroughtFile(f"{row['kind']}.pdf", papers.scan(row)),
        )  # fmt: skip


def _sites(papers: Papers, stations: dict[str, Station]) -> None:
    """What is built where dust is measured, and above which values the bureau wants to be alarmed."""
    today = papers.ordered.date()
    for row in papers.of_sites("projects"):
        until = today - timedelta(days=row["to_days"]) if row["to_days"] else None
        places.enter_project(
            stations[row["site"]], name=row["zh"], builder=row["builder"], stage=row["stage"],
            days=(today - timedelta(days=row["from_days"]), until),
        )  # fmt: skip
    for row in papers.of_sites("thresholds"):
        place = stations.get(row["place"]) or GridCell.objects.get(path=row["place"])
        places.enter_threshold(
            place, stage=row["stage"], factor=row["factor"], averaging=row["averaging"], high=row["high"],
            unit=row["unit"], issued_by="清江区生态环境局", basis="清环〔2025〕112号（演示）", reason=row["reason"],
            days=(date(2026, 1, 1), None), set_on=date(2025, 12, 18),
        )  # fmt: skip


def _controls(owners: dict[str, Enterprise]) -> None:
    """The first enterprises in turn of each control level; the others stand on no list."""
    first = sorted(owners.values(), key=lambda one: one.code)[: 2 * len(ControlLevel) + 1]
    listed = {one: ControlLevel.values[number % len(ControlLevel)] for number, one in enumerate(first)}
    places.enter_controls(listed, document="清江区重点监控名录（2026）", days=(date(2026, 1, 1), None))


def _permits(papers: Papers, owners: dict[str, Enterprise], stations: dict[str, Station]) -> None:
    limits = [(owner.code, row) for owner, row in papers.rows("limits")]
    for owner, row in papers.rows("permits"):
        outlet = papers.world.station(row["outlet"])
        own = [
            places.OwnLimit(stations[one["outlet"]], one["factor"], one["averaging"], one["high"], one["unit"])
            for code, one in limits
            if code == owner.code
        ]
        total = round(papers.total(outlet, row["factor"], row["room"]), 1)
        places.enter_permit(
            owners[owner.code], number=f"{owner.code}001P", management=owner.management,
            days=(IN_FORCE[0], _ended(papers, row["ended"])), limits=own,
            totals=[places.OwnTotal(row["factor"], total, stations[outlet.code])],
        )  # fmt: skip


def _ended(papers: Papers, days: int) -> date | None:
    """The last day of a permit that ended so many days before the stream begins; None for one that goes on."""
    return papers.ordered.date() - timedelta(days=days) if days else None


def _disclosures(papers: Papers, owners: dict[str, Enterprise], stations: dict[str, Station]) -> None:
    """What some enterprises disclosed about the year before; one declared less than it emitted."""
    year = papers.last_year_begins.year
    for owner, row in papers.rows("disclosures"):
        outlet = papers.world.station(row["outlet"])
        declared = round(row["share"] * papers.emitted_last_year(outlet, row["factor"]), 1)
        places.enter_disclosure(
            owners[owner.code], year=year, published_on=date(year + 1, 3, 12), number=f"{owner.code}001P",
            facilities=row["zh"], amounts=[places.OwnTotal(row["factor"], declared, stations[outlet.code])],
        )  # fmt: skip


def _plans(papers: Papers, owners: dict[str, Enterprise]) -> None:
    for owner, row in papers.rows("plans"):
        pledges = [places.Pledge(level, row[level], row["zh"]) for level in LEVELS if row[level]]
        exempt = {} if pledges else {"exempt": True, "grounds": row["zh"]}
        places.enter_plan(owners[owner.code], days=IN_FORCE, pledges=pledges, **exempt)


def _meters(papers: Papers, owners: dict[str, Enterprise], stations: dict[str, Station]) -> None:
    for meter in papers.meters:
        owner = owners[meter.enterprise.code]
        stations[meter.code] = places.register_station(
            meter.code, title_zh=meter.title.zh, title_en=meter.title.en, kind=StationKind.POWER_METER,
            lon=owner.lon, lat=owner.lat, enterprise=owner,
        )  # fmt: skip
        sensing.define_channel(stations[meter.code], factor="activepower", unit="kW")
        places.assign_meter(
            stations[meter.code], use=meter.use, title_zh=meter.equipment.zh, title_en=meter.equipment.en,
            days=IN_FORCE,
        )  # fmt: skip
        if meter.use == "production":
            for detector in ("emergency_cut", "ordered_cut"):
                judging.set_watch(detector, kind="h", valid_from=IN_FORCE[0], station=stations[meter.code])


def _past(papers: Papers) -> None:
    """The ordered outlet's flow, the year of the permit that is used up, meters, air and water, each as a table."""
    for _owner, row in papers.rows("orders"):
        station = papers.world.station(row["outlet"])
        _table(station.code, "h", {"w00000": papers.hours(station, "w00000")})
    for _owner, row in papers.rows("permits"):
        if not row["room"]:
            station = papers.world.station(row["outlet"])
            _table(station.code, "d", {one: papers.days(station, one) for one in ("w00000", row["factor"])})
    for _owner, row in papers.rows("disclosures"):
        station = papers.world.station(row["outlet"])
        _table(station.code, "d", {one: papers.two_years(station, one) for one in ("w00000", row["factor"])})
    for meter in papers.meters:
        _table(meter.code, "h", {"activepower": papers.power(meter)})
    for station in papers.world.stations:
        factors = [one.factor for one in station.profiles]
        if station.kind == StationKind.AMBIENT_AIR:
            _table(station.code, "h", {one: papers.orderly_hours(station, one) for one in factors})
        if station.kind == StationKind.SURFACE_WATER:
            _table(station.code, "d", {one: papers.days(station, one) for one in factors})


def _table(station: str, period: str, values: dict[str, Series]) -> None:
    """Import a table of one station, a factor a column."""
    feed = sensing.define_feed(
        f"past-{station}".lower(), connector="table", title_zh=f"{station} 历史数据", title_en=f"{station}, the past",
        settings={"time": "time", "at": station, "period": period, "columns": _columns(values)},
        stations=Station.objects.filter(code=station),
    )  # fmt: skip
    import_table(feed, f"{station}.csv", "\n".join(_lines(values)).encode(), log.PLATFORM)


def _columns(values: dict[str, Series]) -> str:
    return json.dumps({code: {"name": code, "unit": one.unit} for code, one in values.items()})


def _lines(values: dict[str, Series]) -> Iterable[str]:
    yield ",".join(("time", *values))
    every = list(values.values())
    for number, at in enumerate(every[0].at.tolist()):
        yield ",".join((moment(at).isoformat(), *(f"{one.value[number]:g}" for one in every)))
