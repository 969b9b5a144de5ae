"""A monitoring vehicle that delivers a drive by push."""

import json
from datetime import datetime, timedelta
from typing import Any

from loop_runner import run_waiting_jobs

from qingyuan.kit import clock
from qingyuan.places.api import register_station
from qingyuan.recording.api import append
from qingyuan.sensing.api import Payload, define_feed, take_in_payloads

M_A_DEGREE = 96_201.0  # of longitude at 30.1° north


def vehicle(code: str = "car-1") -> Any:
    station = register_station(
        code, title_zh="走航车一号", title_en="Vehicle One", kind="vehicle", lon=100.05, lat=30.1
    )
    define_feed(code, connector="push", title_zh=code, title_en=code, stations=[station])
    return station


def deliver(station: Any, rows: list[dict[str, Any]]) -> Any:
    from qingyuan.sensing.queries import Feed

    feed = Feed.objects.get(code=station.code)
    received = round(clock.now().timestamp() * 1_000_000)
    payload = Payload(json.dumps({"readings": rows}).encode(), "10.0.0.9", received)
    (told,) = take_in_payloads(feed, [payload], append)
    return told


def driving_east(
    station: Any, start: datetime, *, seconds: int = 600, lon: float = 100.05, lat: float = 30.1,
    plume: tuple[int, int] = (300, 330), value: float = 180.0, speed: float = 10.0,
) -> Any:  # fmt: skip
    """A drive to the east, a position and a PM2.5 value each second, through a plume; answers the delivery."""
    rows = []
    for second in range(seconds):
        at = (start + timedelta(seconds=second)).isoformat()
        inside = plume[0] <= second < plume[1]
        told = {
            "longitude": lon + second * speed / M_A_DEGREE, "latitude": lat,
            "a34004": value if inside else 30.0 + second % 2,
        }  # fmt: skip
        rows += [{"name": f"{station.code}/{name}", "at": at, "value": each} for name, each in told.items()]
    return deliver(station, rows)


def the_loop_runs() -> None:
    from datetime import UTC

    with clock.wound_to(datetime.now(UTC)):  # handlers begin when the platform was set up, which is now
        run_waiting_jobs()


def drive_of(station: Any, start: datetime) -> Any:
    """Two minutes of driving, cut into a drive without anything else that follows from readings."""
    from qingyuan.recording.api import keep_drives
    from qingyuan.recording.events import ReadingsAppended
    from qingyuan.recording.queries import Drive
    from qingyuan.sensing.queries import Channel

    driving_east(station, start, seconds=120, plume=(60, 70))
    first, last = (round((start + timedelta(seconds=second)).timestamp() * 1_000_000) for second in (0, 119))
    channel = Channel.objects.get(station=station, factor="longitude")
    keep_drives(ReadingsAppended(id=0, spans=[[channel.pk, "r", first, last]]))
    return Drive.objects.get(station=station)


def scan_of(start: datetime) -> Any:
    """A ring of twelve rays by a lidar of East Town, with something to the east."""
    from qingyuan.sensing.queries import Scan

    station = register_station("lidar-1", title_zh="雷达", title_en="Lidar", kind="lidar", lon=100.05, lat=30.1)
    feed = define_feed("lidar-1", connector="lidar", title_zh="雷达", title_en="Lidar", stations=[station])
    rays = [
        {"at": (start + timedelta(seconds=n)).isoformat(), "azimuth": n * 30.0, "elevation": 1.0,
         "values": [0.9 if n == 3 and 300 <= metres <= 700 else 0.2 for metres in range(100, 1100, 100)]}
        for n in range(12)
    ]  # fmt: skip
    document = {"lidar": "lidar-1", "range_m": list(range(100, 1100, 100)), "rays": rays}
    received = round(clock.now().timestamp() * 1_000_000)
    payload = Payload(json.dumps(document).encode(), "10.0.0.9", received)
    (told,) = take_in_payloads(feed, [payload], append)
    assert told.faults == []
    return Scan.objects.get(station=station)
