"""Facts out of the lists of other departments: electricity, approvals without acceptance, penalties."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import OFFICE

from qingyuan.judging.fact import FACTS, Asked, Told
from qingyuan.sensing.api.records import bring_records, enter_records, take_over_list

pytestmark = pytest.mark.django_db
END = datetime(2026, 11, 23, tzinfo=UTC)


def bring(cast: SimpleNamespace, code: str, text: str) -> None:
    take_over_list(code, None)
    enter_records(bring_records(cast.analyst, code, "x.csv", text.encode(), origin=OFFICE).pk, cast.analyst, OFFICE)


def told(code: str, firm: Any, days: int = 30) -> Told:
    return FACTS.get(code)().measure(Asked((firm.pk,), END - timedelta(days=days), END))[firm.pk]


def test_electricity_of_the_newest_month_is_the_sum_of_all_accounts(cast: SimpleNamespace, enterprise: Any) -> None:
    name = enterprise.title_zh
    rows = f"1,{name},2026-09,900\n1,{name},2026-10,100\n2,{name},2026-10,50\n3,别的厂,2026-10,7000\n"
    bring(cast, "electricity", "户号,户名,月份,电量\n" + rows)
    found = told("electricity_of_month", enterprise)
    assert found.value == 150.0
    assert found.sentence.en == "150 kWh in 2026-10"
    assert found.evidence[0].key == f"electricity/{enterprise.code}"


def test_the_change_is_told_against_the_median_of_the_months_before(cast: SimpleNamespace, enterprise: Any) -> None:
    energy = {"2026-06": 100, "2026-07": 120, "2026-08": 80, "2026-09": 100, "2026-10": 40}
    rows = "".join(f"1,{enterprise.title_zh},{month},{kwh}\n" for month, kwh in energy.items())
    bring(cast, "electricity", "户号,户名,月份,电量\n" + rows)
    assert told("electricity_change", enterprise).value == pytest.approx(-60.0)


def test_an_enterprise_of_which_nothing_came_is_unknown(cast: SimpleNamespace, enterprise: Any) -> None:
    bring(cast, "electricity", "户号,户名,月份,电量\n1,别的厂,2026-10,7\n")
    for code in ("electricity_of_month", "electricity_change", "eia_without_acceptance"):
        assert told(code, enterprise).value is None


def test_an_old_approval_without_acceptance_is_counted(cast: SimpleNamespace, enterprise: Any) -> None:
    name = enterprise.title_zh
    head = "批复文号,项目名称,建设单位,批复日期\n"
    rows = f"审1号,甲,{name},2024-01-01\n审2号,乙,{name},2024-02-01\n审3号,丙,{name},2026-10-01\n"
    bring(cast, "eia_approvals", head + rows)
    bring(cast, "eia_acceptance", f"环评批复文号,项目名称,建设单位,验收日期\n审1号,甲,{name},2024-12-01\n")
    found = told("eia_without_acceptance", enterprise)
    assert found.value == 1.0
    assert "审2号" in found.sentence.zh


def test_penalties_of_the_time_asked_about_are_counted(cast: SimpleNamespace, enterprise: Any) -> None:
    name = enterprise.title_zh
    rows = f"罚1号,{name},超标,2026-11-01\n罚2号,{name},扬尘,2025-01-01\n"
    bring(cast, "penalties", "处罚决定书文号,当事人,违法事由,决定日期\n" + rows)
    assert told("penalties_on_record", enterprise).value == 1.0
    assert told("penalties_on_record", enterprise, days=800).value == 2.0


def test_the_week_is_told_against_the_median_of_the_days_before(
    cast: SimpleNamespace, enterprise: Any, tmp_path: Any, settings: Any
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    assert told("electricity_week", enterprise).value is None
    first = date(2026, 11, 1)
    days = [(first + timedelta(days=number), 50 if number < 14 else 20) for number in range(21)]
    rows = "".join(f"{meter},{enterprise.title_zh},{day},{kwh}\n" for day, kwh in days for meter in (1, 2))
    bring(cast, "electricity_days", "户号,户名,日期,电量\n" + rows)
    found = told("electricity_week", enterprise)
    assert found.value == pytest.approx(-60.0)
    assert found.sentence.en == "40 kWh a day in the seven days to 2026-11-21, 40% of the median of the 28 days before"
