"""A table comes in, is counted, and can be taken back to the value."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import connection
from django.utils import translation

from qingyuan.kit import clock, log
from qingyuan.kit.delivery import run_until_quiet
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.kit.queries import lines
from qingyuan.places.api import apply_standard, register_station
from qingyuan.recording.api import (
    append,
    compute_means,
    confirm_import,
    drop_expired_drafts,
    import_table,
    lay_out_import,
    restore_days,
    seal_old_days,
    start_import,
    undo_import,
)
from qingyuan.recording.events import ReadingsWithdrawn
from qingyuan.recording.logic.sealed import upkeep
from qingyuan.recording.queries import (
    Disagreement,
    Import,
    ImportDraft,
    day_values,
    import_draft,
    import_faults,
    imports,
    latest,
    received_at,
    window,
)
from qingyuan.sensing.api import define_channel, define_feed, replay_feed
from qingyuan.sensing.queries import Channel, FaultCount, Feed, feed_packets, packet_bytes

pytestmark = pytest.mark.django_db
EIGHT = datetime(2026, 11, 22, tzinfo=UTC)  # 08:00 in Shanghai
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = EIGHT + timedelta(days=2)
DESK = Origin("analyst", "127.0.0.1")
TABLE = "时间,COD(mg/L),氨氮(mg/L)\n2026-11-22 08:00,48.2,1.5\n2026/11/22 9:00,50.1,坏\n".encode("gb18030")
LAYOUT = {"time": "时间", "at": "outlet-1", "period": "h",
          "columns": '{"COD(mg/L)": {"name": "w01018", "unit": "mg/L"}, "氨氮(mg/L)": {"name": "w21003"}}'}  # fmt: skip
COD_ONLY = {**LAYOUT, "columns": '{"COD(mg/L)": {"name": "w01018", "unit": "mg/L"}}'}
Put = Callable[..., Any]


@pytest.fixture(autouse=True)
def two_days_later() -> Any:
    with clock.wound_to(NOW):
        yield


def taken_in(user: Any, raw: bytes = TABLE, layout: dict[str, str] = LAYOUT, name: str = "月报.csv") -> Import:
    draft = start_import(user, name, raw)
    lay_out_import(draft.pk, user, layout)
    return confirm_import(draft.pk, user, DESK)


def cod(kind: str = "h") -> list[float]:
    channel = Channel.objects.get(factor="w01018")
    return list(window(channel.pk, kind, EIGHT - HOUR, EIGHT + 24 * HOUR).value)


def test_a_table_lands_in_the_channels_and_its_bytes_are_evidence(station: Any, cast: SimpleNamespace) -> None:
    made = taken_in(cast.analyst)
    assert (made.new, made.changed, made.unchanged, made.repeated, made.faulty) == (3, 0, 0, 0, 1)
    assert cod() == [48.2, 50.1]
    packet = feed_packets(made.feed).get()
    assert packet_bytes(packet).raw == TABLE
    channel = Channel.objects.get(factor="w01018")
    assert received_at(channel.pk, "h", EIGHT) == packet.received_at
    (line,) = [line for line in lines(f"import/{made.pk}") if line.act == "ImportDone"]
    assert (line.actor, line.detail["new"], line.detail["faulty"]) == ("analyst", 3, 1)


def test_what_could_not_be_read_is_listed_with_its_cell_and_counted(station: Any, cast: SimpleNamespace) -> None:
    made = taken_in(cast.analyst)
    ((fault, detail),) = import_faults(made)
    assert fault == "BadCell"
    assert detail.startswith("C3 (氨氮(mg/L)): found '坏', expected")
    assert made.fault_counts == {"BadCell": 1}
    assert FaultCount.objects.get().error == "BadCell"


def test_a_second_import_counts_what_is_new_changed_and_unchanged(station: Any, cast: SimpleNamespace) -> None:
    taken_in(cast.analyst, layout=COD_ONLY)
    more = "时间,COD(mg/L),氨氮(mg/L)\n2026-11-22 08:00,48.2,\n2026-11-22 09:00,7,\n2026-11-22 10:00,8,\n"
    again = "2026-11-22 10:00,9,\n"
    with clock.wound_to(NOW + HOUR):
        made = taken_in(cast.analyst, (more + again).encode(), COD_ONLY)
    assert (made.new, made.changed, made.unchanged, made.repeated) == (1, 1, 1, 1)
    assert cod() == [48.2, 7.0, 9.0]


def test_undoing_removes_what_was_new_and_gives_back_what_was_changed(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put
) -> None:
    readings(channel, "h", [(EIGHT, 11.0)])
    made = taken_in(cast.analyst, layout=COD_ONLY)
    assert (made.new, made.changed, cod()) == (1, 1, [48.2, 50.1])
    with clock.wound_to(NOW + HOUR):
        undone = undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
    assert (undone.removed, undone.restored, undone.kept) == (1, 1, 0)
    assert cod() == [11.0]
    assert received_at(channel.pk, "h", EIGHT) == EIGHT
    (line,) = [line for line in lines(f"import/{made.pk}") if line.act == "ImportUndone"]
    assert (line.why, line.detail["removed"], line.detail["restored"]) == ("wrong outlet", 1, 1)
    assert feed_packets(made.feed).count() == 1


def test_undoing_leaves_alone_what_somebody_changed_since(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put
) -> None:
    made = taken_in(cast.analyst, layout=COD_ONLY)
    with clock.wound_to(NOW + HOUR):
        taken_in(cast.analyst, "时间,COD(mg/L)\n2026-11-22 08:00,12\n".encode(), COD_ONLY)
    undone = undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
    assert (undone.removed, undone.restored, undone.kept, cod()) == (1, 0, 1, [12.0])


def test_undoing_takes_the_hour_means_along_and_the_loop_computes_what_is_left(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put
) -> None:
    first = readings(channel, "m", [(EIGHT + timedelta(minutes=10 * number), 10.0) for number in range(6)])
    compute_means(first)
    other = "时间,COD(mg/L)\n" + "".join(f"2026-11-22 08:{10 * number:02},70\n" for number in range(6))
    other += "".join(f"2026-11-22 09:{10 * number:02},70\n" for number in range(6))
    made = taken_in(cast.analyst, other.encode(), {**COD_ONLY, "period": "m"})
    compute_means(ReadingsWithdrawn(id=1, spans=[[channel.pk, "m", *span()]]))
    assert cod("H") == [70.0, 70.0]
    undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
    assert cod("H") == []
    (line,) = [line for line in log.about(f"segment/{made.segment}") if line.act == "ReadingsWithdrawn"]
    compute_means(ReadingsWithdrawn.from_detail(line.detail))
    assert cod("H") == [10.0]


MIDNIGHT = EIGHT - 8 * HOUR


def a_day_of_hours(value: float) -> bytes:
    return ("时间,COD(mg/L)\n" + "".join(f"2026-11-22 {hour:02}:00,{value}\n" for hour in range(24))).encode()


def test_undoing_hours_takes_the_day_mean_its_disagreement_and_its_newest_value_along(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put
) -> None:
    readings(channel, "d", [(MIDNIGHT, 50.0)])
    made = taken_in(cast.analyst, a_day_of_hours(70), COD_ONLY)
    run_until_quiet()
    assert (latest([channel.pk], "D", 5 * DAY)[channel.pk].value, Disagreement.objects.get().sent) == (70.0, 50.0)
    with clock.wound_to(NOW + HOUR):
        undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
        assert not Disagreement.objects.exists()
        run_until_quiet()
        assert latest([channel.pk], "D", 5 * DAY) == {}
        day = date(2026, 11, 22)
        assert day_values([channel.pk], day, day)[channel.pk, "mean"].tolist() == [50.0]
    assert window(channel.pk, "D", MIDNIGHT, MIDNIGHT + DAY).value.tolist() == []
    assert window(channel.pk, "D", MIDNIGHT, MIDNIGHT + DAY, as_of=NOW).value.tolist() == [70.0]
    assert window(channel.pk, "D", MIDNIGHT, MIDNIGHT + DAY, as_of=NOW + HOUR).value.tolist() == []


def test_undoing_hours_leaves_the_means_of_other_days_as_they_are(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put
) -> None:
    compute_means(readings(channel, "h", [(MIDNIGHT - (24 - number) * HOUR, 5.0) for number in range(24)]))
    made = taken_in(cast.analyst, a_day_of_hours(70), COD_ONLY)
    run_until_quiet()
    before = received_at(channel.pk, "D", MIDNIGHT - DAY)
    with clock.wound_to(NOW + HOUR):
        undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
        run_until_quiet()
    assert window(channel.pk, "D", MIDNIGHT - DAY, MIDNIGHT + DAY).value.tolist() == [5.0]
    assert received_at(channel.pk, "D", MIDNIGHT - DAY) == before


def test_undoing_takes_along_what_was_converted_by_the_readings(enterprise: Any, cast: SimpleNamespace) -> None:
    """40 mg/m3 at 11 % oxygen make 48 at the 9 % of GB 13271-2014; without the 40 there is no converted value."""
    with clock.wound_to(datetime(2020, 1, 1, tzinfo=UTC)):
        stack = register_station(
            "stack-1", title_zh="锅炉排放口", title_en="Boiler stack", kind="outlet-gas", lon=100.05, lat=30.1,
            enterprise=enterprise,
        )  # fmt: skip
        apply_standard(stack, standard="GB 13271-2014", level="new_coal", valid_from=date(2020, 1, 1))
    minutes = [f"2026-11-22 08:{minute:02}" for minute in range(60)]
    dust = {"time": "时间", "at": "stack-1", "period": "m", "columns": '{"颗粒物": {"name": "a34013"}}'}
    oxygen = {**dust, "columns": '{"含氧量": {"name": "a19001"}}'}
    for name, value, layout in (("含氧量", 11, oxygen), ("颗粒物", 40, dust)):
        table = f"时间,{name}\n" + "".join(f"{minute},{value}\n" for minute in minutes)
        made = taken_in(cast.analyst, table.encode(), layout)
        run_until_quiet()
    (twin,) = Channel.objects.filter(station=stack, basis="converted")
    assert [round(value, 9) for value in window(twin.pk, "H", EIGHT, EIGHT + HOUR).value] == [48.0]
    undo_import(made.pk, cast.analyst, "wrong stack", DESK)
    run_until_quiet()
    for kind in "MTHD":
        assert window(twin.pk, kind, MIDNIGHT, EIGHT + HOUR).value.tolist() == []


def test_an_import_whose_readings_lie_in_the_lake_is_not_undone(
    station: Any, cast: SimpleNamespace, channel: Any, settings: Any, tmp_path: Path
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    made = taken_in(cast.analyst, layout=COD_ONLY)
    with clock.wound_to(NOW + 60 * DAY):
        assert [sealed.dropped for sealed in seal_old_days()] == [True]
        with translation.override("en"), pytest.raises(Refused, match="2026-11-22, lie in the history lake already"):
            undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
    made.refresh_from_db()
    assert (made.undone_at, made.kept, cod()) == (None, 0, [48.2, 50.1])


def test_an_import_over_a_sealed_day_is_undone_to_what_the_lake_holds(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put, settings: Any, tmp_path: Path
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    readings(channel, "h", [(EIGHT, 11.0)])
    with clock.wound_to(NOW + 60 * DAY):
        list(seal_old_days())
        made = taken_in(cast.analyst, layout=COD_ONLY)
        assert cod() == [48.2, 50.1]
        undone = undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
    assert (undone.removed, undone.kept, cod()) == (2, 0, [11.0])


@pytest.mark.parametrize("restored", [False, True], ids=["nothing else is hot", "an older day is hot again"])
def test_the_newest_value_after_an_undone_import_comes_from_the_lake(
    station: Any, cast: SimpleNamespace, channel: Any, readings: Put, settings: Any, tmp_path: Path, *, restored: bool
) -> None:
    settings.LAKE = str(tmp_path / "lake")
    early = EIGHT - 60 * DAY
    readings(channel, "h", [(early - DAY, 10.0), (early, 11.0)])
    with clock.wound_to(EIGHT - 10 * DAY):
        list(seal_old_days())
    with clock.wound_to(NOW):
        if restored:
            restore_days(date(2026, 9, 22), date(2026, 9, 22))
        made = taken_in(cast.analyst, layout=COD_ONLY)
        run_until_quiet()
        assert latest([channel.pk], "h", 90 * DAY)[channel.pk].value == 50.1
        undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
        run_until_quiet()
        assert latest([channel.pk], "h", 90 * DAY)[channel.pk][1:3] == (early, 11.0)


@pytest.mark.django_db(transaction=True)
def test_an_import_is_not_undone_while_the_lake_changes(station: Any, cast: SimpleNamespace, cluster: str) -> None:
    made = taken_in(cast.analyst, layout=COD_ONLY)
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [upkeep._LOCK])
        with translation.override("en"), pytest.raises(Refused, match="Another process is changing"):
            undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
        other.execute("SELECT pg_advisory_unlock(%s)", [upkeep._LOCK])
    assert undo_import(made.pk, cast.analyst, "wrong outlet", DESK).removed == 2


def span() -> tuple[int, int]:
    return tuple(round(at.timestamp() * 1_000_000) for at in (EIGHT, EIGHT + 2 * HOUR))  # type: ignore[return-value]


def test_what_was_undone_does_not_come_back_by_reading_the_feed_again(station: Any, cast: SimpleNamespace) -> None:
    made = taken_in(cast.analyst)
    undo_import(made.pk, cast.analyst, "wrong outlet", DESK)
    with pytest.raises(Refused):
        replay_feed(made.feed, append, DESK)
    assert cod() == []


def test_only_the_maker_or_an_administrator_undoes_and_only_once_and_with_a_reason(
    station: Any, cast: SimpleNamespace
) -> None:
    made = taken_in(cast.analyst)
    with pytest.raises(Forbidden):
        undo_import(made.pk, cast.enterprise, "why not", DESK)
    with pytest.raises(BadInput):
        undo_import(made.pk, cast.administrator, "  ", DESK)
    undo_import(made.pk, cast.administrator, "wrong outlet", DESK)
    with pytest.raises(Refused):
        undo_import(made.pk, cast.administrator, "again", DESK)
    with pytest.raises(NotFound):
        undo_import(0, cast.administrator, "nothing", DESK)


def test_only_some_roles_import_and_an_enterprise_only_for_its_own_stations(
    station: Any, cast: SimpleNamespace
) -> None:
    with pytest.raises(Forbidden):
        start_import(cast.leader, "月报.csv", TABLE)
    assert taken_in(cast.enterprise).new == 3
    with pytest.raises(BadInput, match="outlet-1"):
        taken_in(cast.other_enterprise)
    by_code = TABLE.decode("gb18030").replace("时间", "站点,时间").replace("\n2026", "\noutlet-1,2026")
    stranger = {**LAYOUT, "at": "", "station": "站点", "stations": '{"other": "outlet-1"}'}
    with pytest.raises(BadInput, match="outlet-1"):
        taken_in(cast.other_enterprise, by_code.encode(), stranger)


def test_a_name_out_of_scope_that_slips_through_the_station_column_waits(station: Any, cast: SimpleNamespace) -> None:
    from qingyuan.places.api import register_enterprise, register_station

    mill = register_enterprise(
        "91500000TEST000002", lon=100.3, lat=30.1, organisation=cast.other_enterprise.organisation,
        title_zh="西山纸业", title_en="West Paper", industry_code="2221", industry_zh="造纸", industry_en="Paper",
        management="key",
    )  # fmt: skip
    register_station("mill-1", title_zh="排口", title_en="Outlet", kind="outlet-water", lon=100.3, lat=30.1,
                     enterprise=mill)  # fmt: skip
    table = "站点,时间,COD(mg/L)\nmill-1,2026-11-22 08:00,5\noutlet-1,2026-11-22 08:00,6\n"
    layout = {**COD_ONLY, "at": "", "station": "站点", "stations": '{"mill-1": "mill-1"}'}
    made = taken_in(cast.other_enterprise, table.encode(), layout)
    assert (made.new, made.fault_counts) == (1, {"UnknownName": 1})
    assert not Channel.objects.filter(station=station).exists()


def test_a_layout_is_remembered_for_the_organisation_and_these_titles(station: Any, cast: SimpleNamespace) -> None:
    taken_in(cast.analyst)
    assert start_import(cast.administrator, "次月.csv", TABLE).layout["at"] == "outlet-1"
    assert "at" not in start_import(cast.enterprise, "次月.csv", TABLE).layout
    assert "at" not in start_import(cast.analyst, "其他.csv", TABLE.replace(b"COD", b"TOC")).layout


def test_a_layout_that_did_not_change_is_not_defined_again(station: Any, cast: SimpleNamespace) -> None:
    made = taken_in(cast.analyst)
    with clock.wound_to(NOW + HOUR):
        taken_in(cast.analyst)
    assert [line.act for line in lines(f"feed/{made.feed_id}")].count("FeedDefined") == 1


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"at": ""}, r"station|站点"),
        ({"columns": '{"COD(mg/L)": {"name": "w99999"}}'}, "w99999"),
        ({"columns": '{"COD(mg/L)": {"name": "w01018", "unit": "kWh"}}'}, "kWh"),
        ({"columns": '{"COD(mg/L)": {"name": "w01018/twice"}}'}, "twice"),
        ({"zone": "Mars/North"}, "Mars"),
    ],
)
def test_a_layout_that_cannot_be_is_refused_and_the_draft_stays(
    station: Any, cast: SimpleNamespace, change: dict[str, str], found: str
) -> None:
    with pytest.raises(BadInput, match=found):
        taken_in(cast.analyst, layout={**LAYOUT, **change})
    assert ImportDraft.objects.count() == 1
    assert not Import.objects.exists()
    assert not Feed.objects.exists()


def test_nothing_is_kept_as_evidence_before_the_import_is_confirmed(station: Any, cast: SimpleNamespace) -> None:
    from qingyuan.sensing.queries import RawPacket

    draft = start_import(cast.analyst, "月报.csv", TABLE)
    assert (RawPacket.objects.count(), Feed.objects.count()) == (0, 0)
    with pytest.raises(NotFound):
        import_draft(cast.administrator, draft.pk)


def test_a_draft_expires_after_a_day_and_is_confirmed_once(station: Any, cast: SimpleNamespace) -> None:
    draft = start_import(cast.analyst, "月报.csv", TABLE)
    lay_out_import(draft.pk, cast.analyst, LAYOUT)
    confirm_import(draft.pk, cast.analyst, DESK)
    with pytest.raises(NotFound):
        confirm_import(draft.pk, cast.analyst, DESK)
    late = start_import(cast.analyst, "月报.csv", TABLE)
    with clock.wound_to(NOW + timedelta(days=1)):
        with pytest.raises(NotFound):
            confirm_import(late.pk, cast.analyst, DESK)
        assert drop_expired_drafts() == 1
    assert not ImportDraft.objects.exists()


def test_a_file_that_is_no_table_is_refused_at_once(cast: SimpleNamespace) -> None:
    for raw in (b"", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04broken", b"a\0b"):
        with pytest.raises(BadInput, match="found"):
            start_import(cast.analyst, "x", raw)
    assert not ImportDraft.objects.exists()


def test_people_see_the_imports_of_their_organisation(station: Any, cast: SimpleNamespace) -> None:
    made = taken_in(cast.enterprise)
    assert list(imports(cast.enterprise)) == [made]
    assert list(imports(cast.administrator)) == [made]
    for other in (cast.other_enterprise, cast.analyst, cast.leader):
        assert not imports(other).exists()


def test_a_feed_of_tables_takes_files_in_by_its_settings(station: Any, cast: SimpleNamespace) -> None:
    define_channel(station, factor="w01018", unit="ug/L")
    feed = define_feed(
        "monthly", connector="table", title_zh="月报", title_en="Monthly", stations=[station], settings=COD_ONLY
    )
    made = import_table(feed, "月报.csv", TABLE, Origin("", "command"))
    assert (made.new, made.made_by, cod()) == (2, None, [48200.0, 50100.0])
    other = define_feed("meters", connector="push", title_zh="电表", title_en="Meters")
    with pytest.raises(BadInput, match="push"):
        import_table(other, "月报.csv", TABLE, DESK)
