"""Component stations from packet to page: sums that tell what is missing, ozone, PM2.5, wind, and who may see."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override
from loop_runner import run_waiting_jobs
from openpyxl import load_workbook
from pages import get, words
from wire import Sender, frame, running_gateway

from qingyuan.kit import clock
from qingyuan.places.api import place_in_network, register_station
from qingyuan.places.queries import GridCell, NetworkPart, Purpose, Station
from qingyuan.sensing.api import define_dialect, register_device
from qingyuan.sensing.queries import Channel, FaultCount
from qingyuan_science.hj212 import STANDARD, BadDialect, Dialect

Browser = Callable[[str], Client]
HOUR = timedelta(hours=1)
MN = "C" * 24
TEN = datetime(2026, 11, 21, 2, tzinfo=UTC)  # 10:00 in China
ALL_DAY = {"period": "day", "last": "2026-11-21"}
IONS = Dialect("ions", codes={"SO4": "pmsulfate", "NO3": "pmnitrate", "NH4": "pmammonium", "OC": "pmoc", "EC": "pmec"})


@pytest.fixture
def station_for(grid: Any) -> Callable[..., Any]:
    """An air station with a purpose, and a device that speaks a dialect."""

    def make(purpose: Purpose, dialect: Dialect = STANDARD, code: str = "air-9") -> Any:
        station = register_station(
            code, title_zh="组分站", title_en="Component station", kind="ambient-air", lon=100.05, lat=30.1
        )
        place_in_network(station, NetworkPart(purpose=purpose))
        define_dialect(dialect, title_zh=dialect.code, title_en=dialect.code)
        register_device(MN, station=station, dialect=dialect.code)
        return station

    return make


def hour_packet(at: datetime, values: dict[str, float | None]) -> bytes:
    """The means of an hour as a component station sends them; None is flagged as a fault."""
    local = f"{at + 8 * HOUR:%Y%m%d%H%M%S}"
    items = ";".join(
        f"{code}-Avg={0 if value is None else value},{code}-Flag={'D' if value is None else 'N'}"
        for code, value in values.items()
    )
    return frame(f"QN={local}001;ST=22;CN=2061;PW=1;MN={MN};Flag=5;CP=&&DataTime={local};{items}&&")


def send(*packets: bytes) -> None:
    with running_gateway() as (_, port):
        sender = Sender(port)
        for packet in packets:
            sender.send(packet)
            assert b"CN=9014" in sender.answer()


@pytest.mark.django_db(transaction=True)
@pytest.mark.mission("S2-08")
def test_packets_of_a_photochemical_station_become_sums_by_group_and_ozone_formation(
    station_for: Any, browser: Browser
) -> None:
    station_for(Purpose.PHOTOCHEMICAL)
    send(
        hour_packet(TEN, {"a24042": 1.0, "a25002": 2.0, "a25003": 4.0, "a25005": 9.0, "a25007": 3.0, "a24004": 0.5}),
        hour_packet(
            TEN + HOUR, {"a24042": 3.0, "a25002": 4.0, "a25003": None, "a25005": 9.0, "a25007": 5.0, "a24004": 0.5}
        ),
    )
    with clock.wound_to(TEN + 2 * HOUR):
        page = words(get(browser("duty_officer"), "component-station", ALL_DAY, code="air-9"))
    # aromatics: 2 + 4 + 3 = 9, then 4 + 5 = 9 without toluene; xylene stands for its isomer and counts in none
    assert "aromatics 9.00 2 / 3 9.00 1" in page
    assert "alkanes 3.00 1 / 1 2.00 0" in page
    assert "oxygenated" not in page, "what nobody measures here is no group, and no zero"
    # 2.0 * 1.24 + 3.0 * 0.72 + 4.0 * 4.00 + 4.0 * 9.75 = 59.64; chloroform has no reactivity here
    assert "Ozone formation potential: 59.6 µg/m³" in page
    assert "Carter 2010 (SAPRC-07)" in page
    assert "not in the potential: Chloroform" in page
    assert "HJ 212-2017 has no code for ethane" in page
    assert "Toluene a25003 — no value 4.00 4.00 11-21 10:00" in page
    assert "Xylene a25005 · stands for others that are measured; in no sum" in page


@pytest.mark.django_db(transaction=True)
def test_a_sum_leads_to_its_hours_and_each_species_of_them_to_its_packet(station_for: Any, browser: Browser) -> None:
    station_for(Purpose.PHOTOCHEMICAL)
    first = hour_packet(TEN, {"a25002": 2.0, "a25003": 4.0, "a25007": 3.0})
    send(first, hour_packet(TEN + HOUR, {"a25002": 4.0, "a25003": None, "a25007": 5.0}))
    with clock.wound_to(TEN + 2 * HOUR):
        client = browser("leader")
        page = get(client, "component-station", ALL_DAY, code="air-9").content.decode()
        address = unescape(re.findall(r'href="(/environment/components/air-9/parts/[^"]*)"><strong>9.00', page)[0])
        listed = client.get(address)
        missing = client.get(address + "&which=incomplete")
        assert client.get("/environment/components/air-9/parts/?of=x").status_code == 404
    assert "2 h · Mean 9.00 µg/m³" in words(listed)
    assert "11-21 11:00 9.00 4.00 — no value 5.00 11-21 10:00 9.00 2.00 4.00 3.00" in words(listed)
    assert "Hours with species missing 1 h" in words(missing)
    reading = re.findall(r'<a class="qy-origin" href="(/readings/[^"]+)">2.00', listed.content.decode())[0]
    assert "The packet that brought it" in words(client.get(reading))


@pytest.mark.django_db(transaction=True)
@pytest.mark.mission("S2-07")
def test_a_superstation_sends_ions_under_its_own_codes_and_pm25_is_put_together(
    station_for: Any, browser: Browser
) -> None:
    station_for(Purpose.SUPERSTATION, IONS)
    sent = {"a34004": 40.0, "SO4": 6.0, "NO3": 10.0, "NH4": 5.0, "OC": 5.0, "EC": 2.0, "a20044": 12.0}
    send(*(hour_packet(TEN + n * HOUR, sent) for n in range(2)))
    assert {one.factor: one.unit for one in Channel.objects.all()}["pmsulfate"] == "µg/m3"
    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()
    with clock.wound_to(TEN + 2 * HOUR):
        client = browser("leader")
        page = words(get(client, "component-station", ALL_DAY, code="air-9"))
        listed = words(get(client, "components"))
    assert "water-soluble ions 21.00 3 / 3" in page
    assert "carbon 7.00 2 / 2" in page
    assert "metals and crustal elements 0.01" in page, "lead comes in ng/m³ and is summed in µg/m³"
    # 6 + 10 + 5 + 1.8 * 5 + 2 = 32 of the 40 weighed
    assert "Sum of the parts 32.00" in page
    assert "PM2.5 as measured 40.00 80.0" in page
    assert "Without fine soil:" in page
    assert "Without sea salt: not measured here are chloride in PM2.5." in page
    assert "Component station air-9 Superstation" in listed
    assert "— no value 28.0 6 / 6" in listed


@pytest.mark.django_db(transaction=True)
@pytest.mark.mission("S2-09")
def test_a_transport_channel_station_tells_from_where_the_wind_brought_it(station_for: Any, browser: Browser) -> None:
    station_for(Purpose.TRANSPORT)
    wind = [(350.0, 2.0, 20.0), (10.0, 4.0, 30.0), (135.0, 3.0, 90.0), (40.0, 0.1, 50.0)]
    send(
        *(
            hour_packet(TEN + n * HOUR, {"a34004": value, "a01008": direction, "a01007": speed})
            for n, (direction, speed, value) in enumerate(wind)
        )
    )
    with clock.wound_to(TEN + 5 * HOUR):
        page = words(get(browser("analyst"), "component-station", ALL_DAY, code="air-9"))
        north = get(browser("analyst"), "component-station", {**ALL_DAY, "sector": "0"}, code="air-9")
        still = words(get(browser("analyst"), "component-station", {**ALL_DAY, "sector": "16"}, code="air-9"))
        speaks = browser("analyst")
        speaks.cookies["django_language"] = "zh-hans"
        with override("zh-hans"):
            chinese = words(get(speaks, "component-station", ALL_DAY, code="air-9"))
        for strange in ("17", "x", "9" * 30):
            asked = {**ALL_DAY, "sector": strange}
            assert "Hours of" not in words(get(browser("analyst"), "component-station", asked, code="air-9"))
    assert "Hours of N: 2" in words(north)
    assert "Hours of still air: 1" in still
    assert "各来向小时的 PM2.5 均值" in chinese
    hours = north.content.decode().partition('id="wind-hours"')[2].partition("</table>")[0]
    assert hours.count('href="/readings/') == 6, "direction, speed and concentration of two hours"
    assert "350" in hours
    assert "135" not in hours
    assert "N 2 50.0 3.0 25 2" in page
    assert "SE 1 25.0 3.0 90 1" in page
    assert "still air 1 25.0 0.1 50 1" in page
    assert "No component is measured here" in page


@pytest.mark.django_db(transaction=True)
def test_the_hours_and_the_species_are_taken_away(station_for: Any, browser: Browser) -> None:
    station_for(Purpose.PHOTOCHEMICAL)
    send(hour_packet(TEN, {"a25002": 2.0, "a25003": 4.0}), hour_packet(TEN + HOUR, {"a25002": 4.0, "a25003": None}))
    with clock.wound_to(TEN + 2 * HOUR):
        client = browser("analyst")
        rows = get(client, "components-table", ALL_DAY | {"form": "json"}, code="air-9").json()["rows"]
        hours = get(client, "components-table", ALL_DAY | {"what": "hours"}, code="air-9").content.decode()
        book = load_workbook(BytesIO(get(client, "components-table", ALL_DAY | {"form": "xlsx"}, code="air-9").content))
    by_code = {row["code"]: row for row in rows}
    assert (by_code["a25003"]["mean"], by_code["a25003"]["valid_hours"], by_code["a25003"]["hours_due"]) == (4.0, 1, 12)
    assert by_code["a25002"]["greatest_at"] == "2026-11-21 11:00"
    lines = hours.splitlines()
    assert len(lines) == 13, "the hours of the day that are over"
    assert lines[-2].startswith("2026-11-21 10:00,2.0,4.0")
    assert lines[-1].split(",")[2] != "0.0", "a missing hour is no zero"
    assert any("Carter 2010" in str(row[0]) for row in book.worksheets[1].values)


@pytest.mark.django_db
def test_who_does_not_answer_for_the_place_sees_no_component_station(station_for: Any, browser: Browser) -> None:
    station_for(Purpose.PHOTOCHEMICAL)
    assert get(browser("grid_worker"), "component-station", code="air-9").status_code == 200
    for name in ("component-station", "components-table"):
        assert get(browser("other_grid_worker"), name, code="air-9").status_code == 404
        assert get(browser("other_enterprise"), name, code="air-9").status_code == 404
    assert "No such station here" in words(get(browser("other_grid_worker"), "components"))
    assert "air-9" not in words(get(browser("other_grid_worker"), "components"))


@pytest.mark.django_db
def test_a_station_that_sent_nothing_says_so_and_days_that_cannot_be_are_refused(
    station_for: Any, browser: Browser
) -> None:
    station_for(Purpose.SUPERSTATION)
    client = browser("leader")
    assert "No component is measured here" in words(get(client, "component-station", code="air-9"))
    for ask in ({"period": "year"}, {"last": "soon"}, {"last": "2999-01-01"}, {"last": "1999-01-01"}):
        assert get(client, "component-station", ask, code="air-9").status_code == 422


@pytest.mark.django_db
def test_a_special_station_is_no_point_of_the_area_and_stands_in_a_group_of_its_own(
    station_for: Any, browser: Browser
) -> None:
    station_for(Purpose.SUPERSTATION)
    assert "No ambient-air station here" in words(get(browser("leader"), "air"))
    assert "Superstation 1" in words(get(browser("duty_officer"), "watch"))
    assert "Superstation" in words(get(browser("leader"), "station", code="air-9"))


@pytest.mark.django_db(transaction=True)
def test_a_code_that_neither_the_table_nor_the_profile_knows_is_told_and_not_guessed(station_for: Any) -> None:
    station_for(Purpose.SUPERSTATION, IONS)
    send(hour_packet(TEN, {"SO4": 6.0, "a34048": 5.0, "Zn": 1.0}))
    assert set(Channel.objects.values_list("factor", flat=True)) == {"pmsulfate", "a34048"}
    assert "Zn" in FaultCount.objects.get(error="UnknownFactor").detail


@pytest.mark.django_db(transaction=True)
def test_a_profile_says_in_which_unit_a_device_sends(station_for: Any, browser: Browser) -> None:
    station_for(Purpose.PHOTOCHEMICAL, Dialect("milligrams", codes={"a25002": "a25002 mg/m3", "Tol": "a25003"}))
    send(hour_packet(TEN, {"a25002": 0.003, "Tol": 4.0}), hour_packet(TEN + HOUR, {"a25002": 0.005, "Tol": 6.0}))
    assert dict(Channel.objects.values_list("factor", "unit")) == {"a25002": "mg/m3", "a25003": "µg/m3"}
    with clock.wound_to(TEN + 2 * HOUR):
        page = words(get(browser("leader"), "component-station", ALL_DAY, code="air-9"))
    assert "aromatics 11.00 2 / 2 9.00 0" in page


@pytest.mark.django_db
def test_the_settings_page_refuses_a_profile_with_a_code_that_means_nothing(cast: Any) -> None:
    type(cast.administrator).objects.filter(pk=cast.administrator.pk).update(is_staff=True, is_superuser=True)
    cast.administrator.refresh_from_db()
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.administrator)
    form = {"code": "mine", "title_zh": "我", "title_en": "Mine"}
    refused = client.post("/admin/sensing/dialectprofile/add/", form | {"settings": '{"codes": {"SO4": "sulphate"}}'})
    assert "a code of the factor table" in refused.context["adminform"].form.errors["settings"][0]
    taken = client.post("/admin/sensing/dialectprofile/add/", form | {"settings": '{"codes": {"SO4": "pmsulfate"}}'})
    assert taken.status_code == 302


@pytest.mark.django_db
def test_only_a_station_of_ambient_air_is_given_a_purpose(cast: Any) -> None:
    type(cast.administrator).objects.filter(pk=cast.administrator.pk).update(is_staff=True, is_superuser=True)
    cast.administrator.refresh_from_db()
    client = Client(headers={"accept-language": "en"})
    client.force_login(cast.administrator)
    values = {
        "code": "s-1", "title_zh": "站", "title_en": "Station", "kind": "surface-water", "lon": 100.05, "lat": 30.1,
        "cell": GridCell.objects.get(path="01/01/01").pk, "purpose": "superstation", "body": "river",
    }  # fmt: skip
    refused = client.post("/admin/places/station/add/", values)
    assert "Only a station of ambient air" in refused.context["adminform"].form.errors["purpose"][0]
    assert client.post("/admin/places/station/add/", values | {"kind": "ambient-air"}).status_code == 302
    assert Station.objects.get(code="s-1").purpose == "superstation"


@pytest.mark.parametrize("codes", [{"SO4": "sulphate"}, {"SO4": "pmsulfate dB"}, {"SO4": ""}])
def test_a_profile_that_gives_a_code_a_meaning_nobody_knows_is_refused(codes: dict[str, str], db: None) -> None:
    with pytest.raises(BadDialect, match="SO4"):
        define_dialect(Dialect("wrong", codes=codes), title_zh="错", title_en="Wrong")
