"""Old days move into the lake, and nobody who reads readings can tell."""

import argparse
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qingyuan.kit import clock, log
from qingyuan.kit.lakes import Lake
from qingyuan.kit.rounds import RoundIncomplete
from qingyuan.recording import api
from qingyuan.recording.lake import below, reading, table
from qingyuan.recording.logic import partitions
from qingyuan.recording.logic.sealed import hot_days, sealing
from qingyuan.recording.models import SealedDay
from qingyuan.recording.queries import coverage, delays, late, quality, received_at, stored, window, windows
from qingyuan_science.series import Delivery

pytestmark = pytest.mark.django_db
FIRST = datetime(2026, 1, 30, tzinfo=UTC)
NOW = FIRST + timedelta(days=60)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
Put = Callable[..., Any]


@pytest.fixture(autouse=True)
def lake(tmp_path: Path, settings: Any) -> Iterator[Lake]:
    settings.LAKE = str(tmp_path / "lake")
    with clock.wound_to(NOW):
        yield Lake(settings.LAKE)


def seal() -> list[api.Sealed]:
    return list(api.seal_old_days())


def hours(count: int, start: datetime = FIRST, first: float = 0.0) -> list[tuple[datetime, float]]:
    return [(start + number * HOUR, first + number / 10) for number in range(count)]


def in_hot_table() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_reading")
        return int(cursor.fetchone()[0])


def test_a_window_is_the_same_before_and_after_its_days_are_sealed(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(100))
    before = window(channel.pk, "h", FIRST + 5 * HOUR, FIRST + 90 * HOUR)
    assert [sealed.added for sealed in seal()] == [24, 24, 24, 24, 4]
    assert in_hot_table() == 0
    after = window(channel.pk, "h", FIRST + 5 * HOUR, FIRST + 90 * HOUR)
    assert (after.at.tolist(), after.value.tolist(), after.mark.tolist(), after.unit, after.step) == (
        before.at.tolist(), before.value.tolist(), before.mark.tolist(), "mg/L", 3600.0,
    )  # fmt: skip
    assert len(after.at) == coverage(channel.pk, "h", FIRST + 5 * HOUR, FIRST + 90 * HOUR) == 85
    assert received_at(channel.pk, "h", FIRST + 5 * HOUR) == FIRST + 5 * HOUR


def test_how_late_readings_came_is_the_same_before_and_after_their_days_are_sealed(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(30))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE recording_reading SET received_at = at + interval '90 seconds' WHERE at < %s", [FIRST + DAY]
        )
    expected = [90.0] * 24 + [0.0] * 6
    asked = [channel.pk], "h", FIRST, FIRST + 2 * DAY
    assert delays(*asked)[channel.pk].value.tolist() == expected
    with clock.wound_to(FIRST + timedelta(days=36, hours=1)):
        seal()
    assert in_hot_table() == 6
    assert delays(*asked)[channel.pk].value.tolist() == expected
    seal()
    found = delays(*asked)[channel.pk]
    assert (found.value.tolist(), found.at.tolist()) == (expected, window(channel.pk, "h", *asked[2:]).at.tolist())


def test_young_days_stay_in_the_hot_table(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(24, NOW - 34 * DAY))
    assert seal() == []
    assert in_hot_table() == 24


def test_what_was_sealed_is_a_row_and_a_line_of_the_log(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(24))
    seal()
    (day,) = SealedDay.objects.all()
    assert (day.day, day.kind, day.rows) == (FIRST.date(), "h", 24)
    (line,) = log.about(f"day/{FIRST.date()}")
    assert (line.act, line.detail["holds"]) == ("DaySealed", {"h": [24, day.checksum]})


def test_the_lake_is_not_opened_for_hot_days(channel: Any, readings: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    readings(channel, "h", hours(24))
    readings(channel, "h", hours(24, NOW - DAY))
    seal()

    def opened(*_: object) -> None:
        raise AssertionError("the lake was opened")

    monkeypatch.setattr(reading, "snapshot", opened)
    assert len(window(channel.pk, "h", NOW - 2 * DAY, NOW).at) == 24
    with pytest.raises(AssertionError, match="the lake was opened"):
        window(channel.pk, "h", FIRST, NOW)


def test_late_readings_of_a_sealed_day_stand_over_it_and_follow_it(channel: Any, readings: Put) -> None:
    readings(channel, "h", [(FIRST, 1.0), (FIRST + HOUR, 2.0), (FIRST + 2 * HOUR, 3.0)])
    seal()
    readings(channel, "h", [(FIRST + HOUR, 2.5), (FIRST + 2 * HOUR, 3.0), (FIRST + 3 * HOUR, 4.0)])
    for expected_hot in (3, 0):
        assert in_hot_table() == expected_hot
        assert window(channel.pk, "h", FIRST, FIRST + DAY).value.tolist() == [1.0, 2.5, 3.0, 4.0]
        if expected_hot:
            (sealed,) = seal()
            assert (sealed.added, sealed.replaced) == (1, 1)
    (day,) = SealedDay.objects.all()
    assert day.rows == 4
    (line,) = [line for line in log.about(f"channel/{channel.pk}") if line.act == "ReadingsCorrected"]
    assert line.detail["old"] == [["h", round((FIRST + HOUR).timestamp() * 1e6), "2.0", None, None, None, "N"]]
    assert api.check_lake() == []


class Crash(BaseException):
    """As when the process ends; what merely fails is told, and other days go on."""


def interrupted(monkeypatch: pytest.MonkeyPatch, module: Any, name: str, *, after: bool) -> None:
    """Let a step of sealing break off, before or after it did its work."""
    step = getattr(module, name)

    def broken(*arguments: Any, **named: Any) -> Any:
        if after:
            step(*arguments, **named)
        raise Crash

    with monkeypatch.context() as patch:
        patch.setattr(module, name, broken)
        with pytest.raises(Crash):
            seal()


@pytest.mark.parametrize(
    ("module", "step", "after"),
    [
        (table, "write", True),
        (sealing, "_intend", True),
        (table, "commit", False),
        (table, "commit", True),
        (sealing, "_make_known", False),
        (hot_days, "let_go", False),
        (hot_days, "let_go", True),
    ],
)
def test_a_crash_at_any_step_loses_nothing_and_doubles_nothing(
    channel: Any, readings: Put, monkeypatch: pytest.MonkeyPatch, module: Any, step: str, after: bool
) -> None:
    readings(channel, "h", hours(24))
    readings(channel, "r", hours(7))
    seal()
    readings(channel, "h", [(FIRST + HOUR, 9.0), (FIRST + 30 * MINUTE, 8.0)])
    expected = [0.0, 8.0, 9.0, *(number / 10 for number in range(2, 24))]
    interrupted(monkeypatch, module, step, after=after)
    assert window(channel.pk, "h", FIRST, FIRST + DAY).value.tolist() == expected
    seal()
    assert seal() == []
    assert in_hot_table() == 0
    assert window(channel.pk, "h", FIRST, FIRST + DAY).value.tolist() == expected
    assert coverage(channel.pk, "r", FIRST, FIRST + DAY) == 7
    corrected = [line for line in log.about(f"channel/{channel.pk}") if line.act == "ReadingsCorrected"]
    assert [item[2] for line in corrected for item in line.detail["old"]] == ["0.1"]
    sealed = [line for line in log.about(f"day/{FIRST.date()}") if line.act == "DaySealed"]
    assert [line.detail["holds"]["h"][0] for line in sealed] == [24, 25]
    assert api.check_lake() == []


def test_a_day_that_cannot_be_sealed_keeps_no_other_in_the_hot_table(
    channel: Any, readings: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings(channel, "h", hours(72))
    rows = hot_days.rows

    def broken(day: date, *given: Any) -> Any:
        if day == FIRST.date():
            raise ValueError("no such row")
        return rows(day, *given)

    with monkeypatch.context() as wrong:
        wrong.setattr(hot_days, "rows", broken)
        with pytest.raises(RoundIncomplete, match="1 failed: 2026-01-30: ValueError: no such row"):
            seal()
        assert in_hot_table() == 24
    assert [one.day for one in seal()] == [FIRST.date()]
    assert len(window(channel.pk, "h", FIRST, FIRST + 3 * DAY)) == 72


def test_readings_that_come_while_their_day_is_sealed_stay_in_the_hot_table(
    channel: Any, readings: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings(channel, "h", hours(3))
    commit = table.commit

    def meanwhile(*arguments: Any, **named: Any) -> int:
        readings(channel, "h", [(FIRST, 5.0), (FIRST + 4 * HOUR, 6.0)])
        return commit(*arguments, **named)

    with monkeypatch.context() as patch:
        patch.setattr(table, "commit", meanwhile)
        (sealed,) = seal()
    assert not sealed.dropped
    assert window(channel.pk, "h", FIRST, FIRST + DAY).value.tolist() == [5.0, 0.1, 0.2, 6.0]
    (sealed,) = seal()
    assert (sealed.added, sealed.replaced, sealed.dropped) == (1, 1, True)
    assert window(channel.pk, "h", FIRST, FIRST + DAY).value.tolist() == [5.0, 0.1, 0.2, 6.0]


def test_a_process_that_remembers_a_dropped_partition_stores_late_readings(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(3))
    remembered = {FIRST.date()}
    seal()
    partitions.remember(remembered)
    readings(channel, "h", [(FIRST, 5.0)])
    assert in_hot_table() == 1


def test_a_restored_day_is_hot_again_and_is_not_sealed_at_once(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(48))
    seal()
    readings(channel, "h", [(FIRST, 7.0)])
    assert api.restore_days(FIRST.date(), FIRST.date()) == 23
    assert in_hot_table() == 24
    assert seal() == []
    assert window(channel.pk, "h", FIRST, FIRST + 2 * DAY).value.tolist() == [7.0, *(n / 10 for n in range(1, 48))]
    with clock.wound_to(NOW + 36 * DAY):
        (sealed,) = seal()
    assert (sealed.added, sealed.replaced, in_hot_table()) == (0, 1, 0)
    assert api.check_lake() == []


def test_a_lost_or_changed_file_is_found(channel: Any, readings: Put, lake: Lake) -> None:
    readings(channel, "h", hours(24))
    readings(channel, "r", hours(24))
    seal()
    assert api.check_lake() == []
    kept, lost = table.snapshot(lake).files
    Path(lake.path(lost.path)).unlink()
    assert len(api.check_lake()) == 2
    other = table.write(lake, kept.kind, sealing.rows_of(lake, [kept]).with_columns(value=1.0))
    table.commit(lake, other, [kept, lost])
    wrong = api.check_lake()
    assert any("not those that were sealed" in line for line in wrong)
    assert any("0 rows, 24 were sealed" in line for line in wrong)


def test_an_older_copy_of_the_lake_is_not_taken_for_the_lake(
    channel: Any, readings: Put, settings: Any, tmp_path: Path
) -> None:
    readings(channel, "h", hours(24))
    seal()
    settings.LAKE = str(tmp_path / "elsewhere")
    with pytest.raises(table.LakeMissing, match="elsewhere"):
        window(channel.pk, "h", FIRST, FIRST + DAY)
    table.ensure(Lake(settings.LAKE))
    with pytest.raises(table.LakeBehind, match="version 0, expected 1"):
        window(channel.pk, "h", FIRST, FIRST + DAY)


def test_another_engine_reads_each_reading_once_as_it_stands(channel: Any, readings: Put, lake: Lake) -> None:
    readings(channel, "h", hours(24))
    seal()
    readings(channel, "h", [(FIRST, 5.0), (FIRST + 30 * MINUTE, 6.0)])
    seal()
    files = pl.scan_delta(lake.root).filter(pl.col("kind") == "h", pl.col("channel") == channel.pk).sort("at").collect()
    assert files["value"].to_list() == [5.0, 6.0, *(number / 10 for number in range(1, 24))]
    assert files["month"].unique().to_list() == ["2026-01"]


def test_starting_the_platform_loads_none_of_the_lakes_libraries() -> None:
    code = (
        "import django, sys; django.setup(); import qingyuan.recording.api, qingyuan.project.commands;"
        "print({'polars', 'deltalake', 'distributed'} & set(sys.modules))"
    )
    named = os.environ | {"DJANGO_SETTINGS_MODULE": "qingyuan.project.settings"}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=named, check=True)
    assert done.stdout == "set()\n"


def test_a_database_older_than_the_lake_learns_again_what_is_sealed(channel: Any, readings: Put) -> None:
    for more in ([], [(FIRST + 30 * MINUTE, 5.0)]):
        readings(channel, "h", hours(24))
        seal()
        SealedDay.objects.all().delete()
        sealing.Sealing.objects.all().delete()
        readings(channel, "h", [*hours(24), *more])
        seal()
        assert in_hot_table() == 0
        assert len(window(channel.pk, "h", FIRST, FIRST + DAY).at) == 24 + len(more)
        assert api.check_lake() == []


def test_many_small_files_become_one_without_a_change_to_what_is_read(channel: Any, readings: Put, lake: Lake) -> None:
    readings(channel, "h", hours(12 * 24, FIRST + 2 * DAY))
    seal()
    before = window(channel.pk, "h", FIRST, NOW)
    assert len(table.snapshot(lake).files) == 12
    assert api.compact_lake() == 1
    assert len(table.snapshot(lake).files) == 1
    assert window(channel.pk, "h", FIRST, NOW).value.tolist() == before.value.tolist()
    assert api.check_lake() == []
    (held,) = api.lake_stats()
    assert (held.kind, held.months, held.files, held.rows) == ("h", 1, 1, 288)


def test_the_command_seals_shows_checks_compacts_restores_and_expires(
    channel: Any, readings: Put, capsys: pytest.CaptureFixture[str], lake: Lake
) -> None:
    from qingyuan.project.commands import COMMANDS

    def lake_command(*words: str) -> tuple[int, str]:
        parser = argparse.ArgumentParser()
        COMMANDS["lake"].options(parser)
        status = COMMANDS["lake"].run(parser.parse_args(words))
        said = capsys.readouterr()
        return status, said.out + said.err

    assert lake_command("stats") == (1, f"LakeMissing: no lake lies at {lake.root}; QINGYUAN_LAKE names the place\n")
    readings(channel, "h", hours(24))
    assert lake_command("seal") == (0, "2026-01-30: 24 readings new, 0 replaced\n")
    assert "24 readings in 1 files of 1 months" in lake_command("stats")[1]
    assert lake_command("check") == (
        0,
        "whole: every day of the lake is as it was sealed, every list in bulk as it was written\n",
    )
    compacted = "0 months of readings written anew\n0 months of lists in bulk written anew\n"
    assert lake_command("compact", "--all") == (0, compacted)
    assert lake_command("expire") == (0, "0 readings taken out\n")
    assert lake_command("restore", "2026-01-30", "2026-01-31") == (0, "24 readings brought back\n")
    (file,) = table.snapshot(lake).files
    Path(lake.path(file.path)).write_bytes(b"")
    status, said = lake_command("check")
    assert (status, "has 0 bytes, expected" in said) == (1, True)


def test_readings_expire_by_whole_months_and_kind(channel: Any, readings: Put, settings: Any) -> None:
    settings.KEEP_DAYS = {"r": 100}
    for kind in "rh":
        readings(channel, kind, hours(24, FIRST))
        readings(channel, kind, hours(24, FIRST + 5 * DAY))
    seal()
    with clock.wound_to(datetime(2026, 5, 15, tzinfo=UTC)):
        assert api.expire_readings() == 24
        assert api.expire_readings() == 0
    assert coverage(channel.pk, "r", FIRST, FIRST + 10 * DAY) == 24
    assert coverage(channel.pk, "h", FIRST, FIRST + 10 * DAY) == 48
    (line,) = log.about("kind/r")
    assert (line.act, line.detail["months"], line.detail["count"]) == ("ReadingsExpired", ["2026-01"], 24)
    assert api.check_lake() == []


number = st.one_of(st.just(None), st.floats(allow_nan=False, width=64), st.sampled_from([0.0, -0.0, 1.5, 2.25, 0.1]))
batch = st.lists(
    st.tuples(st.integers(0, 5 * 24 - 1), st.sampled_from("hr"), number, st.sampled_from("NDF")), max_size=12
)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(batch, st.integers(30, 70), st.just("restore")), min_size=2, max_size=8), st.data())
def test_a_window_is_what_was_sent_last_whatever_was_sealed_when(
    station: Any, readings: Put, settings: Any, tmp_path_factory: pytest.TempPathFactory, steps: list[Any], data: Any
) -> None:
    from qingyuan.sensing.queries import Channel

    settings.LAKE = str(tmp_path_factory.mktemp("lake"))
    for model in (SealedDay, sealing.Sealing):
        model.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE recording_reading")
    channel, _ = Channel.objects.get_or_create(station=station, factor="w01018", basis="measured", unit="mg/L")
    sent: dict[tuple[str, int], tuple[float | None, str]] = {}
    for step in steps:
        if isinstance(step, int):
            with clock.wound_to(FIRST + timedelta(days=step)):
                seal()
        elif step == "restore":
            for day in {hour // 24 for _, hour in sent}:
                api.restore_days((FIRST + day * DAY).date(), (FIRST + day * DAY).date())
        else:
            for hour, kind, value, mark in step:
                sent[kind, hour] = (value, mark)
                readings(channel, kind, [(FIRST + hour * HOUR, np.nan if value is None else value)], mark=mark)
    first = data.draw(st.integers(0, 100))
    last = data.draw(st.integers(first, 125))
    for kind in "hr":
        found = window(channel.pk, kind, FIRST + first * HOUR, FIRST + last * HOUR)
        hours_sent = sorted(hour for letter, hour in sent if letter == kind and first <= hour < last)
        assert found.at.tolist() == [round((FIRST + hour * HOUR).timestamp() * 1e6) for hour in hours_sent]
        expected = [sent[kind, hour] for hour in hours_sent]
        values = [np.nan if value is None else value for value, _ in expected]
        assert np.array_equal(found.value, values, equal_nan=True)
        assert found.mark.tolist() == [mark for _, mark in expected]


def test_windows_of_several_channels_take_each_from_where_it_lies(station: Any, readings: Put) -> None:
    from qingyuan.sensing.queries import Channel

    channels = [Channel.objects.create(station=station, factor=f, basis="measured") for f in ("w01018", "w21003")]
    silent = Channel.objects.create(station=station, factor="w01001", basis="measured")
    readings(channels[0], "h", hours(30))
    readings(channels[1], "h", hours(5, NOW - DAY))
    seal()
    found = windows([silent.pk, *(channel.pk for channel in channels)], "h", FIRST, NOW)
    assert [len(found[channel.pk].at) for channel in (*channels, silent)] == [30, 5, 0]


def test_a_day_is_a_date_in_the_partition_names(channel: Any, readings: Put) -> None:
    readings(channel, "h", hours(30))
    assert hot_days.days_before(date(2026, 1, 31)) == [date(2026, 1, 30)]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_lost_while_writers_readers_and_sealing_meet(channel: Any, readings: Put) -> None:
    expected: dict[int, float] = {}
    stop, trouble = threading.Event(), []

    def write() -> None:
        try:
            for round_ in range(15):
                batch = hours(8, FIRST + (round_ % 5) * 6 * HOUR, first=float(round_))
                with clock.wound_to(NOW), transaction.atomic():
                    readings(channel, "h", batch)
                expected.update({round(at.timestamp() * 1e6): value for at, value in batch})
        finally:
            stop.set()
            connection.close()

    def read() -> None:
        try:
            seen = 0
            while not stop.is_set():
                found = len(window(channel.pk, "h", FIRST, FIRST + 3 * DAY).at)
                if found < seen:
                    trouble.append((seen, found))
                seen = found
        finally:
            connection.close()

    threads = [threading.Thread(target=write), threading.Thread(target=read)]
    for thread in threads:
        thread.start()
    rounds = []
    while not stop.is_set():
        rounds += seal()
    for thread in threads:
        thread.join()
    rounds += seal()
    found = window(channel.pk, "h", FIRST, FIRST + 3 * DAY)
    assert trouble == []
    assert dict(zip(found.at.tolist(), found.value.tolist(), strict=True)) == expected
    assert sum(sealed.added for sealed in rounds) == len(expected)
    assert api.check_lake() == []


def test_what_was_known_is_found_where_a_day_is_sealed_while_it_is_asked(
    channel: Any, readings: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    readings(channel, "h", hours(24))
    read = below.versions

    def sealed_behind(*asked: Any) -> Any:
        found = read(*asked)
        seal()
        return found

    def sealed_before(*asked: Any) -> Any:
        seal()
        return read(*asked)

    for meanwhile in (sealed_behind, sealed_before):
        monkeypatch.setattr(below, "versions", meanwhile)
        assert len(window(channel.pk, "h", FIRST, FIRST + DAY, as_of=NOW).at) == 24


def test_whoever_still_knows_a_file_that_was_swept_away_asks_again(channel: Any, readings: Put, lake: Lake) -> None:
    readings(channel, "h", hours(4 * 24, FIRST + 2 * DAY))
    seal()
    old = table.snapshot(lake)
    assert api.compact_lake(thoroughly=True) == 1
    for file in old.files:
        Path(lake.path(file.path)).unlink()
    at, opened = FIRST + 3 * DAY, table._known[lake][1]
    for ask in (
        lambda: len(window(channel.pk, "h", at, at + DAY).at) == 24,
        lambda: len(window(channel.pk, "h", at, at + DAY, as_of=NOW).at) == 24,
        lambda: received_at(channel.pk, "h", at) == at,
    ):
        table._known[lake] = (old, opened)
        assert ask()


def test_what_is_kept_and_how_it_came_is_told_of_sealed_days_as_before(channel: Any, readings: Put, send: Put) -> None:
    midnight = FIRST - 8 * HOUR
    for number in range(24):
        at = midnight + number * HOUR
        send(channel, "h", [(at, number / 3, "D" if number < 6 else "N")], at + (3 if number == 7 else 1) * HOUR)
    send(channel, "d", [(midnight, np.nan, "N")], midnight + 25 * HOUR)

    def told() -> Any:
        day = FIRST.date()
        counted = quality([channel.pk], (day - DAY, day + DAY), "h", NOW)
        return stored([channel.pk], "hdr", FIRST - DAY, NOW), counted, late(channel.pk, day, "h")

    before = told()
    assert (len(before[0]), before[1][1].delivery, len(before[2])) == (25, Delivery(24, 24, 18, 23), 1)
    seal()
    assert (in_hot_table(), told()) == (0, before)
    send(channel, "h", [(midnight + 7 * HOUR, 5.0, "N")], NOW)
    over = told()
    assert [one.value for one in over[0] if one.at == midnight + 7 * HOUR] == [5.0]
    assert (over[1][1].delivery, over[2][0].received_at) == (before[1][1].delivery, NOW)
    seal()
    assert (in_hot_table(), told()) == (0, over)


def corrections() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recording_correction")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("late_hours", [30, 1], ids=["received after", "received before, decoded after"])
def test_what_was_known_is_the_same_before_and_after_a_sealed_day_is_sealed_again(
    channel: Any, send: Put, monkeypatch: pytest.MonkeyPatch, late_hours: int
) -> None:
    send(channel, "h", [(FIRST, 1.0, "N"), (FIRST + HOUR, 2.0, "N")], FIRST + 2 * HOUR)
    seal()
    send(channel, "h", [(FIRST, 5.0, "D"), (FIRST + HOUR, 2.0, "N")], FIRST + late_hours * HOUR)

    def known() -> list[Any]:
        instants = [FIRST + hour * HOUR for hour in (0, 1, 2, 29, 30, 31)]
        found = [window(channel.pk, "h", FIRST, FIRST + DAY, as_of=at) for at in instants]
        return [(one.value.tolist(), one.mark.tolist()) for one in found]

    before = known()
    expected = [5.0, 2.0] if late_hours == 30 else [1.0, 2.0]
    assert before[-1][0] == expected
    assert before[1][0] == ([] if late_hours == 30 else [5.0, 2.0])
    interrupted(monkeypatch, hot_days, "let_go", after=False)
    (sealed,) = seal()
    assert (sealed.replaced, in_hot_table(), corrections()) == (0, 0, 1 if late_hours == 30 else 2)
    assert known() == before
    assert window(channel.pk, "h", FIRST, FIRST + DAY).value.tolist() == expected
    assert api.check_lake() == []
