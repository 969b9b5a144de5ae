"""Special stations of the synthetic world: hours of components, in packets as the standard wants them, with a truth."""

from datetime import datetime, timedelta

import numpy as np

from qingyuan_science.assess.components import by_sector, group_of, reconstructed
from qingyuan_science.hj212 import encode
from qingyuan_science.series import microseconds
from qingyuan_science.worlds import HOURLY, Device, World
from qingyuan_science.worlds.scene.channels import CARRIED

DAY = timedelta(days=1)
HOUR = 3_600_000_000


def means(world: World, code: str, factor: str, days: int) -> np.ndarray:
    return world.means(world.station(code), factor, world.epoch - days * DAY, world.epoch).value


def test_there_is_one_of_each_kind_and_none_touches_the_schedule_of_the_others(world: World) -> None:
    assert [one.purpose for one in world.special] == ["superstation", "photochemical", "transport"]
    numbers = [one.number for one in (*world.stations, *world.strangers, *world.special)]
    assert numbers == list(range(24))
    touched = {one.station for one in world.episodes(world.epoch - 30 * DAY, world.epoch)}
    assert touched.isdisjoint(one.code for one in world.special)


def test_stations_of_other_kinds_stand_around_and_send_everything(world: World) -> None:
    kinds = ["weather", "dust-site", "noise", "fume", "ambient-air"]
    assert [(one.kind, one.st) for one in world.around] == list(zip(kinds, ("22", "39", "23", "31", "22"), strict=True))
    assert len({one.code for one in (*world.stations, *world.strangers, *world.special, *world.around)}) == 29
    for station in world.around:
        sent = list(world.messages(station, world.epoch, world.epoch + timedelta(hours=1)))
        assert {message.st for _, message in sent} == {station.st}
        assert {"2011", "2061"} <= {message.cn for _, message in sent}


def test_a_building_site_dusts_when_the_world_starts_and_on_some_days_and_lies_low_otherwise(world: World) -> None:
    site = world.station("QJ-K02")
    lifted = world.exposures(site, world.epoch - 30 * DAY, world.epoch)
    assert {one.factor for one in lifted} == {"a34002", "a34001"}
    assert 8 <= len({one.start for one in lifted}) <= 25
    opening = world.means(site, "a34002", world.epoch - timedelta(hours=2), world.epoch).value
    assert opening.max() > 250.0
    at = world.means(site, "a34002", world.epoch - 30 * DAY, world.epoch)
    starts = [microseconds(one.start) for one in lifted]
    ends = [microseconds(one.end) for one in lifted]
    quiet = np.ones(len(at), dtype=bool)
    for start, end in zip(starts, ends, strict=True):
        quiet &= (at.at + HOUR <= start) | (at.at >= end)
    assert at.value[quiet].max() < 150.0


def test_a_special_station_sends_hours_alone_in_numbered_parts_below_the_limit_of_the_standard(world: World) -> None:
    for station in world.special:
        sent = list(world.messages(station, world.epoch, world.epoch + 2 * timedelta(hours=1)))
        assert {message.cn for _, message in sent} == {HOURLY}
        assert [at for at, _ in sent] == sorted(at for at, _ in sent)
        assert len({message.qn for _, message in sent}) == len(sent)
        assert max(len(encode(message, station.dialect)) for _, message in sent) <= 1024 + 12
        first = sent[: sent[0][1].pnum]
        assert [message.pno for _, message in first] == list(range(1, len(first) + 1))
        codes = {station.dialect.meaning(code)[0] for _, message in first for code in message.values()}
        assert codes == set(station.factors)


def test_what_the_standard_has_no_code_for_goes_under_the_instruments_own(world: World) -> None:
    _, message = next(one for one in world.messages(world.special[0], world.epoch, None) if "SO4" in one[1].values())
    assert "pmsulfate" not in message.values()


def test_the_parts_of_the_superstations_particles_come_to_what_it_weighs(world: World) -> None:
    station = world.special[0]
    species = [code for code in station.factors if (group := group_of(code)) and group.family == "pm"]
    mass = reconstructed({code: means(world, station.code, code, 3) for code in species if code.startswith("pm")})
    weighed = means(world, station.code, "a34004", 3)
    assert not mass.missing
    assert abs(mass.total.mean() / weighed.mean() - 1) < 0.15
    assert np.corrcoef(mass.total, weighed)[0, 1] > 0.9


def test_the_transport_channel_station_is_highest_when_the_wind_comes_from_the_neighbour(world: World) -> None:
    read = [means(world, "QJ-A53", factor, 60) for factor in ("a01008", "a01007", "a34004")]
    parted = [one for one in by_sector(*read) if one.counted >= 20 and not np.isnan(one.direction)]
    highest = max(parted, key=lambda one: one.mean)
    assert abs(highest.direction - CARRIED.direction) <= 22.5
    elsewhere = [one.mean for one in parted if abs(one.direction - CARRIED.direction) > CARRIED.half_width]
    assert highest.mean > 1.3 * max(elsewhere)


def test_its_logger_wakes_only_once_an_hour(world: World) -> None:
    device = Device(world, world.special[1], world.epoch)
    device.connect()
    start: datetime = world.epoch
    device.advance(start + timedelta(minutes=59))
    assert device.waiting <= 3
