"""The truth is deterministic, and it can be seen in what the sensors say."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.series import Averaging, Mark, microseconds
from qingyuan_science.worlds import OUTLET_GAS, SURFACE_WATER, BadInterval, Station, World

START = datetime(2026, 11, 12, 16, tzinfo=UTC)
END = START + timedelta(days=6)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)

DIGEST = """
import hashlib, sys
from datetime import UTC, datetime, timedelta
from qingyuan_science.hj212 import encode
from qingyuan_science.worlds import World
world = World(epoch=datetime(2026, 11, 22, 2, 7, tzinfo=UTC))
start = world.epoch - timedelta(minutes=70)
digest = hashlib.sha256()
for _, message in world.all_messages(start, world.epoch):
    digest.update(encode(message))
for cell in world.district.cells:
    digest.update(cell.title.zh.encode() + cell.shape.wkb)
sys.stdout.write(digest.hexdigest())
"""


def digest_in_a_new_process(hash_seed: str) -> str:
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
    done = subprocess.run([sys.executable, "-c", DIGEST], capture_output=True, text=True, check=True, env=environment)
    return done.stdout


def test_the_same_seed_gives_the_same_bytes_in_every_process() -> None:
    first, second = digest_in_a_new_process("1"), digest_in_a_new_process("2")
    assert first == second
    assert len(first) == 64


def test_another_seed_gives_another_land_and_another_truth(world: World) -> None:
    other = World(epoch=world.epoch, seed=world.seed + 1)
    assert not other.district.cells[0].shape.equals(world.district.cells[0].shape)
    assert other.episodes(START, END) != world.episodes(START, END)


def test_a_restart_at_another_time_changes_nothing_but_the_opening(world: World) -> None:
    later = World(epoch=world.epoch + 30 * DAY)
    assert later.episodes(START, END) == world.episodes(START, END)
    station = world.station("QJ-G01")
    at = np.arange(microseconds(START), microseconds(END), 3_600_000_000)
    assert np.array_equal(later.value(station, "a21026", at), world.value(station, "a21026", at))


def test_values_do_not_depend_on_what_was_asked_together(world: World) -> None:
    station = world.station("QJ-W03")
    at = np.arange(microseconds(START), microseconds(END), 1_800_000_000)
    together = world.value(station, "w01018", at)
    shuffled = np.random.default_rng(1).permutation(at.size)
    assert np.array_equal(world.value(station, "w01018", at[shuffled]), together[shuffled])
    alone = [world.value(station, "w01018", at[place : place + 1])[0] for place in range(0, at.size, 37)]
    assert np.array_equal(alone, together[::37])


def test_times_may_be_numpy_times_or_microseconds(world: World) -> None:
    station = world.station("QJ-W01")
    at = np.arange(np.datetime64("2026-11-20T00:00"), np.datetime64("2026-11-20T03:00"), np.timedelta64(1, "m"))
    whole = at.astype("datetime64[us]").astype(np.int64)
    assert np.array_equal(world.value(station, "w21003", at), world.value(station, "w21003", whole))
    assert world.value(station, "w21003", whole[:0]).size == 0


def overlapping(world: World, station: Station, factor: str) -> list[tuple[datetime, datetime, bool]]:
    """What touches a factor in the tested days: from, to, and whether it is an episode of this very station."""
    return [
        (one.start, one.end, one.episode.station == station.code)
        for one in world.exposures(station, START, END)
        if one.factor == factor
    ]


def hours(world: World, station: Station, factor: str, *, converted: bool) -> list[tuple[datetime, float, str]]:
    series = world.means(station, factor, START, END, converted=converted)
    times = [datetime.fromtimestamp(at / 1_000_000, UTC) for at in series.at.tolist()]
    return list(zip(times, series.value.tolist(), series.mark.tolist(), strict=True))


@pytest.mark.parametrize("place", range(20))
def test_an_hour_exceeds_inside_an_episode_and_never_without_a_cause(world: World, place: int) -> None:
    station = world.stations[place]
    checked = 0
    for profile in station.profiles:
        limit = world.limit(station, profile.factor)
        if limit is None or limit.high is None:
            continue
        causes = overlapping(world, station, profile.factor)
        for at, value, mark in hours(world, station, profile.factor, converted=profile.converted):
            touching = [cause for cause in causes if cause[0] < at + HOUR and cause[1] > at]
            checked += 1
            if any(own and start <= at and end >= at + HOUR for start, end, own in touching):
                assert value > limit.high, (station.code, profile.factor, at)
            elif not touching and mark == Mark.NORMAL:
                assert value < limit.high, (station.code, profile.factor, at)
    assert checked > 24 * 5


def test_each_episode_holds_a_whole_hour_of_each_of_its_factors_above_the_limit(world: World) -> None:
    episodes = world.episodes(START + timedelta(hours=4), END - timedelta(hours=4))
    assert len(episodes) >= 40
    for episode in episodes:
        station = world.station(episode.station)
        for factor in episode.factors:
            limit = world.limit(station, factor)
            assert limit is not None
            converted = station.profiles[station.index(factor)].converted
            inside = world.means(station, factor, episode.start, episode.end, converted=converted)
            assert limit.high is not None
            assert inside.value.max() > limit.high


def test_episodes_come_every_two_to_four_hours_and_last_one_to_three(world: World) -> None:
    episodes = world.episodes(START, END)
    gaps = [(after.start - before.start) / HOUR for before, after in pairwise(episodes)]
    assert all(1.5 < gap < 4.5 for gap in gaps)
    for episode in episodes:
        assert 1 <= (episode.end - episode.start) / HOUR <= 3
        assert 1.2 <= episode.multiplier <= 3
        assert episode.end > START
        assert episode.start < END


def test_two_episodes_never_meet_at_one_station(world: World) -> None:
    episodes = world.episodes(START, START + 60 * DAY)
    by_station: dict[str, datetime] = {}
    for episode in episodes:
        assert by_station.get(episode.station, START - DAY) < episode.start
        by_station[episode.station] = episode.end
    assert len(by_station) >= 14


def test_most_episodes_are_at_outlets_and_each_of_those_names_its_owner(world: World) -> None:
    episodes = world.episodes(START, START + 60 * DAY)
    at_outlets = [episode for episode in episodes if world.station(episode.station).owner]
    assert len(at_outlets) > 0.7 * len(episodes)
    assert all(episode.source == world.station(episode.station).owner for episode in at_outlets)
    kinds = {episode.kind for episode in episodes}
    assert {"hidden-discharge", "photochemical", "overload", "filter-damage"} <= kinds


def test_a_hidden_discharge_shows_in_the_river_and_not_at_the_outlet(world: World) -> None:
    hidden = [one for one in world.episodes(START, START + 60 * DAY) if one.kind == "hidden-discharge"]
    assert hidden
    for episode in hidden:
        assert world.station(episode.station).kind == SURFACE_WATER
        outlets = [station for station in world.stations if station.owner == episode.source]
        for outlet in outlets:
            exposures = world.exposures(outlet, episode.start, episode.end)
            assert all(exposure.episode != episode for exposure in exposures)


@given(after=st.timedeltas(timedelta(0), timedelta(days=2000)))
@settings(max_examples=25, deadline=None)
def test_the_last_whole_hour_before_any_first_start_exceeds_and_the_episode_goes_on(after: timedelta) -> None:
    epoch = START + after
    world = World(epoch=epoch)
    opening = world.opening
    assert opening in world.episodes(epoch - HOUR, epoch)
    assert epoch - timedelta(hours=2.6) < opening.start < epoch - timedelta(hours=2.4)
    assert opening.end > epoch + HOUR
    last = epoch.replace(minute=0, second=0, microsecond=0) - HOUR
    station = world.station(opening.station)
    limit = world.limit(station, "w01018")
    reported = world.means(station, "w01018", last, last + timedelta(minutes=1))
    assert limit is not None
    assert limit.high is not None
    assert reported.value.tolist()[0] > limit.high
    assert reported.mark.tolist() == ["N"]


@pytest.mark.parametrize("hour", range(0, 48, 3))
def test_at_whatever_hour_it_starts_the_opening_is_all_that_happened_at_its_station_in_a_day(hour: int) -> None:
    epoch = datetime(2026, 11, 22, 23, 52, tzinfo=UTC) + hour * HOUR  # among them hours where another one was drawn
    world = World(epoch=epoch)
    of_a_day = world.episodes(epoch - timedelta(days=1), epoch + HOUR)
    assert [one for one in of_a_day if one.station == world.opening.station] == [world.opening]


def test_no_other_episode_meets_the_opening_at_its_station(world: World) -> None:
    margin = timedelta(hours=1)
    around = world.episodes(world.opening.start - margin, world.opening.end + margin)
    assert [one for one in around if one.station == world.opening.station] == [world.opening]


def test_what_an_outlet_discharges_arrives_downstream_later_and_thinner(world: World) -> None:
    outlet, river = world.station("QJ-W03"), world.station("QJ-S04")
    arrivals = [
        one for one in world.exposures(river, world.epoch, world.epoch + 8 * HOUR) if one.episode == world.opening
    ]
    own = [one for one in world.exposures(outlet, world.epoch, world.epoch + HOUR) if one.episode == world.opening]
    assert [one.factor for one in arrivals] == ["w01019"]
    assert arrivals[0].start > own[0].start + HOUR
    assert arrivals[0].end - arrivals[0].start > own[0].end - own[0].start
    assert 0 < arrivals[0].rise < 0.05 * own[0].rise
    without = World(epoch=world.epoch + 30 * DAY)
    middle = np.array([microseconds(arrivals[0].start + (arrivals[0].end - arrivals[0].start) / 2)])
    added = world.value(river, "w01019", middle) - without.value(river, "w01019", middle)
    assert added == pytest.approx(arrivals[0].rise)


def test_nothing_flows_upstream(world: World) -> None:
    inflow = world.station("QJ-S01")
    assert all(one.episode.station == inflow.code for one in world.exposures(inflow, START, END))


def test_measured_and_converted_values_agree_through_oxygen(world: World) -> None:
    """HJ 212-2017 annex D: converted = measured × (21 − reference) / (21 − oxygen)."""
    for station in world.stations:
        if station.kind != OUTLET_GAS:
            continue
        limit = world.limit(station, "a21002")
        assert limit is not None
        assert limit.reference_oxygen is not None
        at = np.arange(microseconds(START), microseconds(END), 3_600_000_000)
        measured, oxygen = (world.value(station, factor, at) for factor in ("a21002", "a19001"))
        converted = world.value(station, "a21002", at, converted=True)
        assert np.all((oxygen > 0) & (oxygen < 21))
        assert converted == pytest.approx(measured * (21 - limit.reference_oxygen) / (21 - oxygen))


def test_the_truth_as_a_series_has_unit_and_step(world: World) -> None:
    series = world.series(world.station("QJ-W01"), "w01018", START, START + HOUR, step=60)
    assert (series.unit, series.step, series.value.size) == ("mg/L", 60, 60)
    assert set(series.mark.tolist()) == {"N"}


def test_physical_relations_hold_between_factors(world: World) -> None:
    for station in world.stations:
        values = {factor: world.series(station, factor, START, END, step=600).value for factor in station.factors}
        assert all(np.all(value > 0) for value in values.values())
        if "a34002" in values:
            assert np.all(values["a34004"] < values["a34002"])
        if station.kind == "outlet-water":
            assert np.all(values["w21003"] < values["w21001"])


def test_service_takes_an_hour_a_day_and_never_hides_an_episode(world: World) -> None:
    pauses = world.interruptions(START, START + 30 * DAY)
    service = [one for one in pauses if one.kind == "maintenance"]
    lost = [one for one in pauses if one.kind == "lost"]
    assert 20 <= len(service) <= 30
    assert 10 <= len(lost) <= 60
    for one in pauses:
        assert one.end - one.start == HOUR
        assert one.start.minute == 0
        assert all(episode.station != one.station for episode in world.episodes(one.start, one.end))


def test_service_is_marked_in_hours_and_its_span_check_reads_above_the_limit(world: World) -> None:
    pauses = world.interruptions(START, START + 30 * DAY)
    outlets = {station.code for station in world.stations if station.kind in ("outlet-water", "outlet-gas")}
    one = next(one for one in pauses if one.kind == "maintenance" and one.station in outlets)
    station = world.station(one.station)
    factor = "w01018" if station.kind == "outlet-water" else "a21002"
    limit = world.limit(station, factor)
    converted = station.kind == OUTLET_GAS
    hour = world.means(station, factor, one.start, one.end, converted=converted)
    assert hour.mark.tolist() == ["M"]
    ten = world.means(station, factor, one.start, one.end, averaging=Averaging.TEN_MINUTE, converted=converted)
    assert set(ten.mark.tolist()) == {"M"}
    assert limit is not None
    assert limit.high is not None
    assert ten.value.max() > limit.high


def test_a_lost_hour_has_no_mean(world: World) -> None:
    lost = next(one for one in world.interruptions(START, START + 30 * DAY) if one.kind == "lost")
    station = world.station(lost.station)
    around = world.means(station, station.factors[0], lost.start - HOUR, lost.end + HOUR)
    assert microseconds(lost.start) not in around.at.tolist()
    assert around.value.size == 2


def test_odd_questions_are_refused_by_name(world: World) -> None:
    station = world.stations[0]
    with pytest.raises(BadInterval, match="without zone"):
        World(epoch=datetime(2026, 1, 1))  # noqa: DTZ001
    with pytest.raises(BadInterval, match="real-time interval of 45 s"):
        World(epoch=world.epoch, realtime_interval=45)
    with pytest.raises(BadInterval, match="step of 0 s"):
        world.series(station, "w01018", START, END, step=0)
    with pytest.raises(BadInterval, match="means over month"):
        world.means(station, "w01018", START, END, averaging=Averaging.MONTH)
