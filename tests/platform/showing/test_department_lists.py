"""What many departments hold beside what is measured: on one page, in one file of each enterprise, in one registry."""

from collections.abc import Callable
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE
from django.test import Client
from pages import get, words

from qingyuan.people.api import register_organisation
from qingyuan.places.api import enter_permit, register_enterprise, register_station
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list
from qingyuan.sensing.queries.records import counted_by, data_list, data_lists, records_of
from qingyuan.sensing.records.catalogue import entries

pytestmark = pytest.mark.django_db
Browser = Callable[[str], Client]
MILL = "91110000802100433B"  # the code of the worked example of the credit code
SAMPLE = {
    "text": "文字",
    "code": "A1",
    "number": "1.5",
    "date": "2026-10-31",
    "month": "2026-10",
    "year": "2026",
    "moment": "2026-10-31 08:00",
}
EXTERNAL = {"weather_days", "electricity", "tax", "business_registration", "industrial_output", "construction_projects"}
AGGREGATED = {"muck_transport", "construction_projects", "land_parcels", "weather_days", "sewer_network", "green_land"}


@pytest.fixture
def mill(cast: SimpleNamespace) -> Any:
    """An enterprise in West Town."""
    return register_enterprise(
        MILL, lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation, title_zh="西山纸业有限公司",
        title_en="West Paper Ltd", industry_code="2221", industry_zh="造纸", industry_en="Paper", management="key",
    )  # fmt: skip


def bring(user: Any, code: str, text: str) -> Any:
    file = bring_records(user, code, f"{code}.csv", text.encode(), origin=OFFICE)
    return enter_records(file.pk, user, OFFICE)


def sample_of(ready: Any) -> str:
    """One row of a list under its own titles, of the mill where it names an enterprise by code."""
    cells = [SAMPLE[one.kind] for one in ready.definition.columns]
    places = ready.definition.places
    if ready.definition.until:
        cells[places[ready.definition.until]] = "2027-01-31"
    if ready.definition.firm.get("code"):
        cells[places[ready.definition.firm["code"]]] = MILL
    return ",".join(one.zh for one in ready.definition.columns) + "\n" + ",".join(cells) + "\n"


@pytest.mark.mission("S3-16")
@pytest.mark.mission("S0-33")
@pytest.mark.mission("S1-07")
def test_more_than_21_departments_bring_their_lists_onto_one_page(
    cast: SimpleNamespace, mill: Any, browser: Browser
) -> None:
    homes: dict[str, Any] = {}
    for ready in entries():
        title = ready.department
        if title.zh not in homes:
            homes[title.zh] = register_organisation(
                f"d{len(homes)}", title_zh=title.zh, title_en=title.en, kind="department"
            )
        take_over_list(ready.code, homes[title.zh])
        bring(cast.analyst, ready.code, sample_of(ready))
    delivered = {one.code: one.department.title_zh for one in data_lists(cast.analyst) if one.held == 1}
    assert len(set(delivered.values())) >= 21
    assert delivered.keys() >= EXTERNAL | AGGREGATED
    assert len({delivered[one] for one in EXTERNAL}) >= 6
    assert len({delivered[one] for one in AGGREGATED}) >= 4
    page = words(get(browser("leader"), "records"))
    assert all(title.title_en in page for title in homes.values())
    own = words(get(browser("leader"), "enterprise", code=mill.code))
    assert all(one in own for one in ("Taxes of enterprises", "Electricity of enterprises", "Building projects"))


@pytest.mark.mission("S1-06")
def test_monitoring_approval_permit_and_enforcement_stand_in_one_file(
    cast: SimpleNamespace, mill: Any, browser: Browser
) -> None:
    register_station(
        "mill-1",
        title_zh="纸业总排口",
        title_en="Mill outlet",
        kind="outlet-water",
        lon=100.3,
        lat=30.1,
        enterprise=mill,
    )
    enter_permit(mill, number=f"{MILL}001P", days=(date(2026, 1, 1), None), management="key")
    for code in ("eia_approvals", "penalties"):
        take_over_list(code, None)
    bring(cast.analyst, "eia_approvals", f"批复文号,项目名称,统一社会信用代码\n审1号,扩建,{MILL}\n")
    bring(cast.analyst, "penalties", f"处罚决定书文号,当事人,违法事由\n罚1号,{mill.title_zh},超标\n")
    page = words(get(browser("duty_officer"), "enterprise", code=mill.code))
    for told in ("Mill outlet", f"{MILL}001P", "审1号", "罚1号"):
        assert told in page


@pytest.mark.mission("S1-19")
def test_a_registry_of_35000_machines_is_brought_searched_and_counted(
    cast: SimpleNamespace, mill: Any, browser: Browser
) -> None:
    take_over_list("nonroad_machines", None)
    kinds = ("挖掘机", "装载机", "叉车", "推土机", "压路机")
    rows = "".join(f"2QA{n:06d},{kinds[n % 5]},国三,{MILL if n % 7 == 0 else ''}\n" for n in range(35_000))
    file = bring(cast.analyst, "nonroad_machines", "环保登记号码,机械类型,排放阶段,所有人统一社会信用代码\n" + rows)
    assert (file.new, file.matched, file.faulty) == (35_000, 5_000, 0)
    found = data_list(cast.analyst, "nonroad_machines")
    assert {number for _values, number, _sum in counted_by(found, records_of(cast.analyst, found), ("type",))} == {
        7_000
    }
    asked = words(get(browser("duty_officer"), "record-list", {"q": "2QA034999"}, code="nonroad_machines"))
    assert "1 to 1 of 1" in asked
    bring(cast.analyst, "nonroad_machines", "环保登记号码,机械类型,排放阶段,使用状态\n2QA034999,压路机,国三,报废\n")
    assert records_of(cast.analyst, found).get(key="2QA034999").values[12] == "报废"


@pytest.mark.mission("S1-23")
def test_restaurants_and_freight_of_the_internet_are_matched_to_enterprises(cast: SimpleNamespace, mill: Any) -> None:
    for code in ("catering_online", "transport_online"):
        take_over_list(code, None)
    head = "商户编号,来源平台,店名,营业执照名称,统一社会信用代码\n"
    shops = bring(
        cast.analyst, "catering_online", head + f"1,甲,食堂,西山纸业有限公司,\n2,乙,食堂,,{MILL}\n3,甲,面馆,,\n"
    )
    head = "运单号,来源平台,日期,托运单位,货物质量\n"
    freight = bring(cast.analyst, "transport_online", head + "9,甲,2026-11-01,西山纸业有限公司,31.5\n")
    assert (shops.new, shops.matched, freight.new, freight.matched) == (3, 2, 1, 1)
