"""A town at ten past ten: a station over its limit, its finding and case, a raw packet, people with browsers."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from casefile import LONG_AGO, NINE, OFFICE, inspect
from django.test import Client
from wire import hour_packet

from qingyuan.kit import clock


@pytest.fixture(autouse=True)
def ten_past_ten() -> Iterator[datetime]:
    """The hour from nine to ten is over; whatever day it is outside."""
    now = NINE + timedelta(hours=1, minutes=10)
    with clock.wound_to(now):
        yield now


@pytest.fixture
def browser(cast: SimpleNamespace) -> Callable[[str], Client]:
    """A browser in which a person of the cast is logged in, in English."""

    def open_as(name: str) -> Client:
        client = Client(headers={"accept-language": "en"})
        client.force_login(getattr(cast, name))
        return client

    return open_as


@pytest.fixture
def case(cast: SimpleNamespace, channel: Any, readings: Callable[..., Any]) -> Any:
    """COD of 68.4 mg/L at 09:00 against a limit of 50, found and opened as a case."""
    from qingyuan.dispatching.api import add_rule, open_case_for_finding
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.kit import log

    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    add_rule(
        title_zh="污水排口超标交城市管理局", title_en="Waste-water exceedances go to City Works",
        case_type="exceedance", organisation=cast.handler.organisation, valid_from=LONG_AGO,
    )  # fmt: skip
    judge_readings(readings(channel, "h", [(NINE, 68.4)]))
    line = next(line for line in log.about("finding/" + str(_newest_finding())) if line.act == "FindingOpened")
    open_case_for_finding(FindingOpened.from_detail(line.detail))
    return Case.objects.get()


def _newest_finding() -> int:
    from qingyuan.judging.queries import Finding

    return int(Finding.objects.latest("pk").pk)


@pytest.fixture
def inspected(case: Any, cast: SimpleNamespace) -> Any:
    """The case, signed for and inspected with one photo, not yet confirmed."""
    from qingyuan.dispatching.api import act

    act(case.pk, "accept", cast.grid_worker, OFFICE)
    inspect(case, cast.grid_worker)
    case.refresh_from_db()
    return case


@pytest.fixture
def packet(device: Any) -> Any:
    """The packet that brought the hour of 09:00, as the gateway keeps it."""
    from qingyuan.sensing.logic.raw import segments
    from qingyuan.sensing.queries import RawPacket

    raw = hour_packet(device.mn, "20261122090000", 68.4)
    received = NINE  # as `readings` stamps what it appends: a reading and its packet share the instant
    segment = segments.append(segments.Body(raw, 1, received))
    return RawPacket.objects.create(
        segment_id=segment.id, offset=0, length=len(raw), received_at=received, peer="10.0.0.9:4711", mn=device.mn,
        cn="2061", state="decoded",
    )  # fmt: skip


@pytest.fixture
def marked(channel: Any, cast: SimpleNamespace) -> Any:
    """The hour of 09:00, marked by the enterprise as calibration, with a report."""
    from qingyuan.recording.api import Evidence, mark_span

    return mark_span(
        channel.station.code, cast.enterprise, OFFICE, code="calibration", starts_at=NINE,
        ends_at=NINE + timedelta(hours=1), reason="零点与量程校准", attached=Evidence("报告.pdf", b"%PDF-1.7"),
    )  # fmt: skip


@pytest.fixture
def stranger(device: Any) -> Any:
    """A device in quarantine."""
    from qingyuan.sensing.queries import Device, DeviceState

    return Device.objects.create(
        mn="S" * 24, state=DeviceState.QUARANTINED, dialect=device.dialect, first_seen_at=NINE, last_seen_at=NINE
    )


@pytest.fixture
def fault(device: Any) -> Any:
    from qingyuan.sensing.queries import FaultCount

    return FaultCount.objects.create(
        day=NINE.date(), error="BadChecksum", peer="10.0.0.9", mn=device.mn, count=3, last_at=NINE, detail="found 0000"
    )


@pytest.fixture
def rehearsed(case: Any, cast: SimpleNamespace) -> Any:
    """The rules in force, rehearsed over the day of the case by the analyst; done."""
    from qingyuan.judging.api import export_rules, run_rehearsal, start_rehearsal
    from qingyuan.judging.queries import rehearsal

    made = start_rehearsal(cast.analyst, OFFICE, rules=export_rules(), days=(NINE.date(), NINE.date()), title="演练")
    run_rehearsal(made.pk)
    return rehearsal(made.pk)


@pytest.fixture
def feed(station: Any) -> Any:
    from qingyuan.sensing.api import define_feed

    return define_feed("meters", connector="push", title_zh="电表平台", title_en="Meter platform", stations=[station])
