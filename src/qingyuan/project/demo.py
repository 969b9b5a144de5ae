"""The demo district: the synthetic world entered through the same doors that an authority would use."""

from datetime import date, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction

from qingyuan.dispatching import api as dispatching
from qingyuan.evaluating import api as evaluating
from qingyuan.evaluating.queries import DEFINITION
from qingyuan.forwarding import api as forwarding
from qingyuan.forwarding.queries import Names
from qingyuan.judging import api as judging
from qingyuan.judging.conditions import Condition, Definition
from qingyuan.judging.fact import Comparison
from qingyuan.judging.queries import REPORTED, Subject
from qingyuan.kit import clock, log
from qingyuan.people import api as people
from qingyuan.people.queries import Organisation, User
from qingyuan.places import api as places
from qingyuan.places.geometry import along_km
from qingyuan.places.queries import Enterprise, GridCell, NetworkPart, Station, StationKind, WaterBody
from qingyuan.project import outfalls, papers, records
from qingyuan.project.events import DemoMade
from qingyuan.project.streaming.flying import FLOWN
from qingyuan.project.streaming.moving import DRIVEN, SCANNED
from qingyuan.project.streaming.products import BACKGROUND, FILMED, FOLDER, FORETOLD
from qingyuan.sensing import api as sensing
from qingyuan.sensing.queries import Device, Feed, SpotKind
from qingyuan_science.worlds import World
from qingyuan_science.worlds.filming import Filming
from qingyuan_science.worlds.moving import flights, patrol, scanning
from qingyuan_science.worlds.moving.flights import Flights
from qingyuan_science.worlds.moving.patrol import Patrol
from qingyuan_science.worlds.moving.scanning import Lidar
from qingyuan_science.worlds.papers import Papers

PASSWORD = "qingyuan-demo"  # noqa: S105 shown on the demo's log-in page
IN_FORCE = date(2020, 1, 1)
DIALECTS = {
    "end-stamp": ("HJ 212-2017，时标为时段终点", "HJ 212-2017, stamped at the end of a period"),
    "components": ("HJ 212-2017，颗粒物组分用设备自定编码", "HJ 212-2017, components of particles under own codes"),
}
NETWORK = {
    "QJ-S01": NetworkPart(section="provincial", drinking_source=True),
    "QJ-S03": NetworkPart(section="municipal", drinking_source=True),  # an enterprise discharges in secret above it
    "QJ-S04": NetworkPart(section="provincial"),
    "QJ-A02": NetworkPart(key_area=True),  # the air of the industrial park
    **{code: NetworkPart(background=True) for code in BACKGROUND},
}


ON_SITE = {
    "ordered_stop": (
        "停产停排期间仍有排放 → 所在镇街网格员到场核查，主管部门督促停排",
        "Discharge during an ordered stop → the town's grid worker checks on site, the department sees that it ends",
    ),
    "annual_total": (
        "年排放总量超许可 → 所在镇街网格员核查，主管部门督促减排",
        "Annual total over the permit → the town's grid worker checks, the department sees to the reduction",
    ),
    "emergency_cut": (
        "应急减排未落实 → 所在镇街网格员到场核查用电与工况，主管部门督促落实",
        "Emergency cut not carried out → the town's grid worker checks meters and plant, the department sees to it",
    ),
    "alarm_threshold": (
        "工地扬尘超过自设报警阈值 → 所在镇街网格员到场核查，督促降尘",
        "Dust above the authority's own threshold → the town's grid worker checks on site and has it damped",
    ),
}
"""Findings of paper against readings that send somebody out, with the titles of their rules."""


WATER_AUTHORITY = ("QJ-S01", "QJ-S03")  # the sections of drinking-water sources


def world() -> World | None:
    """The demo's world, with the epoch of its first start; None where no demo was made."""
    made = next(iter(log.about("demo/district")), None)
    return World(epoch=made.at) if made else None


def ensure() -> str:
    """Enter the district unless it stands already; the answer says which of the two."""
    if world() is not None:
        return "the demo district stands"
    new = World(epoch=clock.now())
    with transaction.atomic():
        _draw(new)
        homes = _people(new)
        _stations(new, homes)
        _rules()
        _satellites()
        _cameras(new)
        _forecasters()
        _movers(new)
        _departments(homes)
        _above(new)
        records.enter(new, homes)
        _screenings()
        outfalls.enter(new)
        papers.enter(Papers(new))
        _credit(Papers(new))
        log.write(DemoMade(id="district", seed=new.seed), at=new.epoch)
    count = len(new.stations) + len(new.special) + len(new.around) + 3
    return f"entered {len(new.district.cells)} cells, {len(new.enterprises)} enterprises, {count} stations"


def _draw(new: World) -> None:
    for cell in new.district.cells:
        label = (cell.label.x, cell.label.y)
        places.draw_cell(
            cell.code, path=cell.path, title_zh=cell.title.zh, title_en=cell.title.en, shape=cell.shape, label=label
        )
    drawn: dict[str, WaterBody] = {}
    for water in new.district.watercourses:
        into = drawn.get(water.into)
        mouth = water.line.coords[-1]
        drawn[water.code] = places.draw_water(
            water.code, title_zh=water.title.zh, title_en=water.title.en, kind="river", shape=water.line,
            level="county" if into else "municipal", into=into,
            into_km=along_km(new.district.watercourse(water.into).line, *mouth)[0] if into else None,
        )  # fmt: skip


def _people(new: World) -> dict[str, Organisation]:
    homes = {
        home.code: people.register_organisation(
            home.code, title_zh=home.title.zh, title_en=home.title.en, kind=home.kind
        )
        for home in new.organisations
    }
    encoded = make_password(PASSWORD)
    opening = new.station(new.opening.station).cell
    # whoever answers for the opening case comes first, and so stands on the log-in page for the role
    for one in sorted(new.people, key=lambda one: not opening.startswith(one.cell or "-")):
        user = people.register_person(
            one.username, name_zh=one.name.zh, name_en=one.name.en, role=one.role,
            organisation=homes[one.organisation], encoded_password=encoded,
        )  # fmt: skip
        if one.cell is not None:
            places.post_person(user, GridCell.objects.get(path=one.cell), valid_from=IN_FORCE)
    return homes


def _stations(new: World, homes: dict[str, Organisation]) -> None:
    owners: dict[str, Enterprise] = {}
    for one in new.enterprises:
        owners[one.code] = places.register_enterprise(
            one.code, lon=one.location.x, lat=one.location.y, organisation=homes[one.code],
            title_zh=one.title.zh, title_en=one.title.en, industry_code=one.industry_code,
            industry_zh=one.industry.zh, industry_en=one.industry.en, management=one.management,
            address_zh=one.address.zh, address_en=one.address.en,
        )  # fmt: skip
    for station in (*new.stations, *new.special, *new.around):
        code = station.dialect.code
        title_zh, title_en = DIALECTS.get(code, (code, code))
        sensing.define_dialect(station.dialect, title_zh=title_zh, title_en=title_en)
        entered = places.register_station(
            station.code, title_zh=station.title.zh, title_en=station.title.en, kind=station.kind,
            lon=station.location.x, lat=station.location.y, enterprise=owners.get(station.owner or ""),
        )  # fmt: skip
        places.place_in_network(
            entered, NETWORK.get(station.code, NetworkPart(purpose=station.purpose, level=station.network))
        )
        for standard, level in station.limits:
            places.apply_standard(entered, standard=standard, level=level, valid_from=IN_FORCE)
        sampler = station.kind == StationKind.OUTLET_WATER and station.dialect.edition != "2005"
        sensing.register_device(
            station.mn, station=entered, password=station.pw, dialect=station.dialect.code, keeps_samples=sampler
        )
        measured = () if station.purpose else station.profiles  # channels of special stations come as they speak
        for profile in measured:
            for basis in ("measured", "converted") if profile.converted else ("measured",):
                sensing.define_channel(entered, factor=profile.factor, unit=profile.unit, basis=basis)


def _rules() -> None:
    for kind in (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS, StationKind.AMBIENT_AIR):
        judging.set_watch("exceedance", kind="h", valid_from=IN_FORCE, station_kind=kind)
    for kind in (StationKind.OUTLET_WATER, StationKind.OUTLET_GAS):
        judging.set_watch("exceedance", kind="d", valid_from=IN_FORCE, station_kind=kind)
        for detector in ("missing_data", "impossible_values"):
            judging.set_watch(detector, kind="h", valid_from=IN_FORCE, station_kind=kind)
    judging.set_watch("annual_total", kind="d", valid_from=IN_FORCE, station_kind=StationKind.OUTLET_WATER)
    judging.set_watch("ordered_stop", kind="h", valid_from=IN_FORCE, factor="w00000")
    judging.set_watch("upstream_balance", kind="h", valid_from=IN_FORCE, station_kind=StationKind.SURFACE_WATER)
    judging.set_watch("exceedance", kind="h", valid_from=IN_FORCE, station_kind=StationKind.SURFACE_WATER)
    judging.set_watch("impossible_values", kind="h", valid_from=IN_FORCE, station_kind=StationKind.AMBIENT_AIR)
    handler = User.objects.filter(role="department_handler").select_related("organisation").order_by("pk").first()
    dispatching.add_rule(
        title_zh="监测超标 → 所在镇街网格员核查，主管部门督促整改",
        title_en="Exceedance → the town's grid worker checks, the department sees to the remedy",
        case_type="exceedance", valid_from=IN_FORCE, detector="exceedance",
        organisation=handler.organisation if handler else None,
    )  # fmt: skip
    dispatching.add_rule(
        title_zh="河流断面超标 → 六步执法，先溯源再派执法员",
        title_en="Exceedance at a river section → six steps: the source is traced before an officer is sent",
        case_type="enforcement", valid_from=IN_FORCE, detector="exceedance", station_kind=StationKind.SURFACE_WATER,
        priority=20, organisation=handler.organisation if handler else None,
    )  # fmt: skip
    for detector, titles in ON_SITE.items():
        dispatching.add_rule(
            title_zh=titles[0], title_en=titles[1], case_type="exceedance", valid_from=IN_FORCE, detector=detector,
            organisation=handler.organisation if handler else None,
        )  # fmt: skip


def _credit(written: Papers) -> None:
    """The bureau's own rules of credit with weights that our sources do not tell, and items entered; all invented."""
    own = {"permit": 8.0, "facilities": 8.0, "self_monitoring": 8.0, "complaints": 6.0, "disclosure": 6.0}
    document = "清环〔2026〕8号（演示）"
    evaluating.set_grade_rules({"weights": own}, document=document, valid_from=IN_FORCE)
    analyst = User.objects.filter(role="analyst").order_by("pk").first()
    if analyst is None:
        return
    for owner, row in written.rows("signs"):
        evaluating.enter_sign(
            Enterprise.objects.get(code=owner.code), analyst, log.PLATFORM, code=row["code"], what=row["what"],
            on=written.ordered.date() - timedelta(days=row["ago"]), document=row["document"],
        )  # fmt: skip


def _satellites() -> None:
    """Fires come as files into a folder; who burns by licence is excluded, and clues go to the grid worker."""
    sensing.define_feed(
        "satellite-fires", connector="folder", title_zh="卫星火点（文件夹）", title_en="Satellite fires (folder)",
        settings={"path": FOLDER, "pattern": "*.csv", "form": "fires"},
    )  # fmt: skip
    judging.set_spot_rule(
        title_zh="热异常点列为线索", title_en="Heat anomalies become clues", kind=SpotKind.FIRE, valid_from=IN_FORCE,
        near_m=1000.0, within_hours=24.0,
        reason_zh="VIIRS 像元星下点约 375 米，扫描边缘约 800 米，相邻像元按一处计；两次过境约隔 12 小时，容许缺测一次。"
        "低可信度多为日间太阳耀斑",
        reason_en="a pixel of VIIRS measures 375 m below the satellite and some 800 m at the edge, so neighbours"
        " are one fire; overpasses are some 12 hours apart, and one may be missed; low confidence is mostly glint",
    )  # fmt: skip
    judging.set_excluded_place(
        title_zh="持证热源：热力与热电企业", title_en="Licensed sources of heat: heat and power plants",
        kind=SpotKind.FIRE, industry="44", within_m=800.0, valid_from=IN_FORCE,
        reason_zh="锅炉、烟囱等固定热源常年可见；800 米约为扫描边缘一个像元",
        reason_en="boilers and chimneys are seen all year; 800 m is a pixel at the edge of the view",
    )  # fmt: skip
    handler = User.objects.filter(role="department_handler").select_related("organisation").order_by("pk").first()
    dispatching.add_rule(
        title_zh="人员反映与卫星线索 → 所在网格的网格员核查",
        title_en="Clues of people and satellites → the grid worker checks",
        case_type="exceedance", valid_from=IN_FORCE, detector=REPORTED,
        organisation=handler.organisation if handler else None,
    )  # fmt: skip


def _forecasters() -> None:
    """A model and a shift of forecasters put their bulletins of the coming seven days into a folder."""
    sensing.define_feed(
        "air-bulletins", connector="folder", title_zh="空气质量预报（文件夹）",
        title_en="Air quality forecasts (folder)",
        settings={"path": FORETOLD, "pattern": "*.csv", "form": "bulletins"},
    )  # fmt: skip


def _cameras(new: World) -> None:
    """Two cameras at the outlet of the opening episode, one at a store of waste; stills come as files, drawn."""
    for one in Filming(new).cameras:
        values = {
            "title_zh": one.title.zh, "title_en": one.title.en, "looks_at": one.looks_at,
            "infrared": one.infrared,
            "owner": "演示 Demo" if one.looks_at == "outlet" else "演示运维单位 Demo operator", "keep_days": 3,
        }  # fmt: skip
        sensing.register_camera(one.code, Station.objects.get(code=one.station), values, valid_from=IN_FORCE)
    watched = sensing.define_feed(
        "cameras", connector="folder", title_zh="摄像头图片（文件夹）", title_en="Stills of cameras (folder)",
        settings={"path": FILMED, "pattern": "*.jpg", "form": "footage"},
    )  # fmt: skip
    for station in Station.objects.filter(code__in={one.station for one in Filming(new).cameras}):
        sensing.add_station_to_feed(watched, station, log.PLATFORM)


def _movers(new: World) -> None:
    """A vehicle on the avenue, a drone with the areas it patrols, a lidar on a roof; all deliver through folders."""
    lon, lat = Patrol(new).home
    vehicle = places.register_station(
        patrol.CODE, title_zh="走航监测车一号", title_en="Monitoring Vehicle One", kind=StationKind.VEHICLE,
        lon=lon, lat=lat,
    )  # fmt: skip
    for area in Flights(new).areas:
        places.draw_zone(area.code, title_zh=area.title.zh, title_en=area.title.en, kind=area.kind, shape=area.shape)
    drone = places.register_station(
        flights.CODE, title_zh="巡检无人机一号", title_en="Patrol Drone One", kind=StationKind.DRONE, lon=lon, lat=lat
    )
    sensing.define_feed(
        "drone", connector="folder", title_zh="无人机（文件夹）", title_en="Drone (folder)",
        settings={"path": FLOWN, "pattern": "*.json", "form": "push"}, stations=[drone],
    )  # fmt: skip
    lon, lat = Lidar(new).site
    lidar = places.register_station(
        scanning.CODE, title_zh="颗粒物激光雷达", title_en="Particle Lidar", kind=StationKind.LIDAR, lon=lon, lat=lat
    )
    sensing.define_feed(
        "vehicle", connector="folder", title_zh="走航车（文件夹）", title_en="Monitoring vehicle (folder)",
        settings={"path": DRIVEN, "pattern": "*.json", "form": "push"}, stations=[vehicle],
    )  # fmt: skip
    sensing.define_feed(
        "lidar", connector="folder", title_zh="激光雷达（文件夹）", title_en="Lidar (folder)",
        settings={"path": SCANNED, "pattern": "*.json", "form": "lidar"}, stations=[lidar],
    )  # fmt: skip


def _departments(homes: dict[str, Organisation]) -> None:
    """The water authority's sections, the meteorologists' fires, the cameras of urban management."""
    for device in Device.objects.filter(station__code__in=WATER_AUTHORITY):
        sensing.name_department(device, homes["qj-water"])
    for code, department, minutes in (
        ("satellite-fires", "qj-weather", 24 * 60),
        ("cameras", "qj-urban", 30),
        ("air-bulletins", "qj-weather", 24 * 60),
    ):
        feed = Feed.objects.get(code=code)
        sensing.name_department(feed, homes[department])
        sensing.set_pace(feed, minutes)


def _above(new: World) -> None:
    """Two platforms above: of the province, for waste water and rivers, and of the ministry, for air made anew."""
    common = {"host": settings.GATEWAY_HOST, "port": settings.DEMO_ABOVE_PORT, "over_time_s": 5, "re_count": 3}
    river = new.station("QJ-S01")
    forwarding.define_destination(
        "province",
        common | {
            "title_zh": "省级平台（演示）", "title_en": "Platform of the province (demo)", "what": ["r", "h", "d", "s"],
            "kinds": ["outlet-water", "surface-water"], "reason": "演示：省厅关于联网直报的通知",
        },
        valid_from=new.epoch.date() - timedelta(days=1),
        identities={river.mn: Names("510000" + river.mn[6:], "654321")},
    )  # fmt: skip
    forwarding.define_destination(
        "ministry",
        common | {
            "title_zh": "部级平台（演示）", "title_en": "Platform of the ministry (demo)", "what": ["h", "d"],
            "form": "anew", "kinds": ["ambient-air"], "reason": "演示：部级环境空气质量联网要求",
        },
        valid_from=new.epoch.date() - timedelta(days=1),
    )  # fmt: skip


def _screenings() -> None:
    """A few questions that an analyst would ask every morning, so that the page is not empty."""
    analyst = User.objects.filter(role="analyst").order_by("pk").first()
    if analyst is None:
        return
    at_least, at_most = Comparison.AT_LEAST, Comparison.AT_MOST
    for definition in (
        DEFINITION,
        Definition(
            "有超标且近 90 天未现场核查", title_en="Over the limit, and not inspected for 90 days", needed=2,
            schedule="daily", conditions=(
                Condition("hours_over_limit", at_least, 3.0),
                Condition("days_since_inspection", at_least, 90.0),
                Condition("days_since_inspection", Comparison.UNKNOWN),
            ),
        ),
        Definition(
            "疑似数据失真：贴限值、有线索、运维标记多", schedule="daily", needed=2,
            title_en="Signs of distorted data: near the limit, findings, much marked as service",
            conditions=(
                Condition("hours_near_limit", at_least, 15.0),
                Condition("findings_of_distortion", at_least, 1.0),
                Condition("hours_marked", at_least, 24.0),
            ),
        ),
        Definition(
            "传输有效率低或数据缺失", title_en="Low effective transmission, or data missing", needed=1,
            schedule="weekly", conditions=(
                Condition("effective_rate", at_most, 90.0),
                Condition("hours_missing", at_least, 24.0),
            ),
        ),
        Definition(
            "治理用电下降而排放量上升", title_en="Treatment draws less power, and more COD goes out",
            conditions=(
                Condition("treatment_electricity", at_most, 70.0),
                Condition("load_change", at_least, 20.0, "w01018"),
            ),
        ),
        Definition(
            "网格疑似问题排查：云上数据与卫星", title_en="Suspected problems of grid cells, by cloud and satellite",
            subject=Subject.CELL, schedule="daily", needed=1, days=7, conditions=(
                Condition("seen_by_satellite", at_least, 1.0),
                Condition("findings_without_case", at_least, 1.0),
                Condition("devices_silent", at_least, 1.0),
                Condition("clues_repeated", at_least, 2.0),
            ),
        ),
    ):  # fmt: skip
        judging.save_screening(definition, analyst, log.PLATFORM)
