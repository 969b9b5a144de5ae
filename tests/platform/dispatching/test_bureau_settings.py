"""Rules, time limits and watches as an administrator sets them: added, retired, and in the log with who did it."""

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO
from django.urls import reverse

from qingyuan.dispatching.queries import DispatchRule, dispatch_rules, time_limit
from qingyuan.judging.queries import watches
from qingyuan.kit import log

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _static_folder(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def office(client: Any, cast: SimpleNamespace) -> Any:
    client.force_login(cast.administrator)
    return client


def test_a_rule_is_added_and_retired_and_the_log_knows_by_whom(office: Any, grid: Any, cast: SimpleNamespace) -> None:
    values = {
        "title_zh": "东镇超标", "title_en": "East Town", "priority": 30, "detector": "exceedance", "station_kind": "",
        "cell": grid.town.pk, "severity_from": 1, "case_type": "exceedance", "valid_from": "2020-01-01",
        "organisation": cast.handler.organisation.pk, "person": "",
    }  # fmt: skip
    answer = office.post(reverse("admin:dispatching_dispatchrule_add"), values)
    assert answer.status_code == 302, answer.context["errors"]
    rule = dispatch_rules(LONG_AGO).get()
    assert (rule.cell, rule.priority, rule.organisation) == (grid.town, 30, cast.handler.organisation)
    office.post(
        reverse("admin:dispatching_dispatchrule_changelist"), {"action": "retire", "_selected_action": [rule.pk]}
    )
    assert not dispatch_rules().exists()
    assert DispatchRule.objects.count() == 1
    assert [(line.act, line.actor) for line in log.about(f"dispatch-rule/{rule.pk}")] == [
        ("RuleAdded", "administrator"),
        ("RuleRetired", "administrator"),
    ]


def test_a_rule_cannot_be_changed_in_place(office: Any, rule: Any) -> None:
    address = reverse("admin:dispatching_dispatchrule_change", args=[rule.pk])
    assert office.post(address, {"title_zh": "别的"}).status_code == 403
    rule.refresh_from_db()
    assert rule.title_zh == "污水排口超标交城市管理局"


def test_a_time_limit_is_set_from_a_day_on(office: Any) -> None:
    values = {"limit": "exceedance.sign", "hours": "0.5", "document": "8号", "valid_from": "2026-12-01"}
    assert office.post(reverse("admin:dispatching_timelimitedition_add"), values).status_code == 302
    assert time_limit("exceedance.sign", date(2026, 12, 1)).hours == 0.5
    assert time_limit("exceedance.sign", date(2026, 11, 30)).hours == 2


def test_a_watch_with_settings_its_detector_does_not_take_stays_a_form_with_the_reason(office: Any) -> None:
    values = {"detector": "exceedance", "kind": "h", "parameters": '{"minimum": 3}', "valid_from": "2020-01-01"}
    answer = office.post(reverse("admin:judging_watch_add"), values)
    assert "minimum_periods" in answer.content.decode()
    assert not watches().exists()
    assert office.post(reverse("admin:judging_watch_add"), {**values, "parameters": "{}"}).status_code == 302
    assert watches().get().detector == "exceedance"


def test_others_do_not_reach_the_settings(client: Any, cast: SimpleNamespace) -> None:
    client.force_login(cast.duty_officer)
    assert client.get(reverse("admin:dispatching_dispatchrule_changelist")).status_code == 302
