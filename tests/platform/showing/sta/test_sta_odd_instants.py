"""Instants at the ends of the calendar, by the SensorThings API: answered, or refused in a sentence."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from qingyuan.kit import clock
from qingyuan.recording.api import seal_old_days

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 22, 1, tzinfo=UTC)
ODD = (
    "0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-12:00",
    "0001-01-01T00:00:00-12:00", "9999-12-31T23:59:59.999999+14:00",
)  # fmt: skip
CONDITIONS = (
    "phenomenonTime lt {at}", "phenomenonTime gt {at}", "phenomenonTime eq {at}", "resultTime le {at}",
    "phenomenonTime ge {at} and phenomenonTime lt 2026-11-23T00:00:00Z", "date(phenomenonTime) eq date({at})",
    "phenomenonTime add duration'P1D' gt {at}", "{at} sub duration'P1D' lt phenomenonTime", "year({at}) eq 1",
    "during(phenomenonTime, {at}/{at})", "before(phenomenonTime, {at})", "day({at}) gt 0",
    "{at} add duration'P1D' lt phenomenonTime", "now() sub {at} gt duration'P1D'",
)  # fmt: skip


@pytest.fixture
def sealed(readings: Callable[..., Any], stream: Any, settings: Any, tmp_path: Any) -> None:
    """A day of readings in the lake, another in the hot table."""
    settings.LAKE = str(tmp_path / "lake")
    readings(stream.channel, "r", [(AT, 1.0), (AT + timedelta(days=60), 2.0)])
    with clock.wound_to(AT + timedelta(days=60)):
        list(seal_old_days())


@pytest.mark.parametrize("odd", ODD)
def test_a_condition_with_an_odd_instant_is_answered_or_refused(sealed: None, program: Any, odd: str) -> None:
    """The client raises what a view raises."""
    for condition in CONDITIONS:
        for path, name in (("Observations", "phenomenonTime"), ("HistoricalLocations", "time")):
            text = condition.format(at=odd).replace("phenomenonTime", name)
            for order in ("phenomenonTime asc", "resultTime desc") if path == "Observations" else ("time asc",):
                answer = program.client.get(f"/sta/v1.1/{path}", {"$filter": text, "$orderby": order})
                assert answer.status_code in {200, 400}


@pytest.mark.parametrize("odd", ODD)
def test_an_observation_of_an_odd_instant_is_refused(program: Any, stream: Any, odd: str) -> None:
    observed = {"result": 1.0, "Datastream": {"@iot.id": stream.pk}}
    for told in (odd, f"{odd}/2026-11-20T05:00:00Z", f"{odd}/{odd}"):
        refused = program.post("Observations", observed | {"phenomenonTime": told}, 400)
        assert "expected between 2000-01-01 and one hour from now" in refused["message"]
