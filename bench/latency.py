"""How soon a packet's reading can be seen under load, and how long reads take however much is stored.

    python bench/latency.py                A and B, up to ten million stored readings
    python bench/latency.py B --large      B with a hundred million besides: 15 GB of disk and a quarter of an hour

A   seconds from a packet sent to its answer, to its reading in `recording.queries.window` and `latest`, and to the next
    hint in a subscribed browser, while 1,000 other packets of ten factors come in a second
B   a day of minutes as JSON over HTTP, the newest values of 100 and of 15,000 channels, with more and more stored
"""

import argparse
import bisect
import http.client
import random
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from multiprocessing import get_context

import psycopg
from _browser import Browser
from _district import DEVICE_PASSWORD, FACTORS, OFFICER, PASSWORD, enter
from _paced import Background, stream
from _platform import HOST, Platform, platform
from _senders import frame
from _weather import in_milliseconds, told

SENDING, RATE = 100, 1_000
STATIONS, WITH_MINUTES = 1_500, 10
POLLED_S, ASKED_EVERY_S = 0.004, 0.05
SHANGHAI = timedelta(hours=8)
ROUNDS = 3
_HOURS = (
    "INSERT INTO recording_reading (channel_id, kind, at, value, mark, received_at)"
    " SELECT c, 'h', t, 20 + 10 * random(), 'N', t + interval '62 minutes' FROM unnest(%s::int[]) c,"
    " generate_series(%s::timestamptz, %s::timestamptz - interval '1 hour', '1 hour') t ORDER BY c, t"
)
_MINUTES = (
    "INSERT INTO recording_reading (channel_id, kind, at, value, mark, received_at)"
    " SELECT c, 'm', t, 20 + 10 * random(), 'N', t + interval '62 seconds' FROM unnest(%s::int[]) c,"
    " generate_series(%s::timestamptz, %s::timestamptz - interval '1 minute', '1 minute') t ORDER BY c, t"
)
_NEWEST = (
    "INSERT INTO recording_latest (channel_id, kind, at, value, mark, received_at)"
    " SELECT channel_id, kind, at, value, mark, received_at FROM recording_reading WHERE at = %s AND kind = 'h'"
    " ORDER BY channel_id"
)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="?", default="AB", choices=("A", "B", "AB"))
    parser.add_argument("--large", action="store_true")
    parser.add_argument("--quick", action="store_true", help="a few seconds of each, up to half a million readings")
    options = parser.parse_args()
    if len(options.parts) > 1:  # a process knows one database only
        rest = [one for one in sys.argv[1:] if one.startswith("-")]
        return max(subprocess.call([sys.executable, __file__, part, *rest]) for part in options.parts)
    print(told(), flush=True)
    if options.parts == "A":
        with platform(300) as made:
            visible(made, 3.0 if options.quick else 20.0, 1 if options.quick else ROUNDS)
    else:
        with platform(3_600) as made:
            sizes = [2e5] if options.quick else [1e6, 1e7, *([1e8] if options.large else [])]
            names = enter(STATIONS // 10 if options.quick else STATIONS)
            reads(made, names, [int(size) for size in sizes], 40 if options.quick else 200)
    print(told())
    return 0


def visible(made: Platform, seconds: float, rounds: int) -> None:
    """A: one device asks again and again while the others send."""
    names = enter(SENDING + 1)
    made.start("gateway", "worker", "web")
    browser = Browser(f"http://{HOST}:{made.ports['web']}")
    browser.log_in(OFFICER, PASSWORD)
    port = made.ports["gateway"]
    load = Background(names[1:], DEVICE_PASSWORD, FACTORS, RATE, 0.3, port)
    taken: dict[str, list[list[float]]] = {}
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        pool.submit(stream, load).result()  # channels are entered; a stream that is told of each would be let go
        time.sleep(3)
        for number in range(rounds):
            running = pool.submit(
                stream, replace(load, seconds=seconds + 8 if rounds > 1 else seconds + 3, hours_ago=20.0 - number)
            )
            time.sleep(1)
            with browser.listening():
                for title, found in probe(port, names[0], browser, seconds, number).items():
                    taken.setdefault(title, []).append(found)
            sent, answered = running.result()
            print(f"     round {number + 1}: {sent:,} packets beside, {answered:,} answered", flush=True)
    print(f"A  from packet sent, {RATE * len(FACTORS):,} other readings a second; all of {rounds} rounds")
    for title, found in taken.items():
        print(in_milliseconds(title, list(chain.from_iterable(found))))


def probe(port: int, mn: str, browser: Browser, seconds: float, number: int) -> dict[str, list[float]]:
    """Packets of one device, one after the other, each watched until everybody can see it."""
    taken: dict[str, list[float]] = {title: [] for title in ("acknowledged", "in window", "in latest", "browser told")}
    asked: list[tuple[float, float]] = []
    at = datetime.now(UTC).replace(microsecond=0) - timedelta(hours=3 - number)
    with socket.create_connection((HOST, port), timeout=30) as device:
        begun = time.perf_counter()
        _ask(device, mn, at)  # enters the channel, and the day's partition
        print(f"     the first packet of the day was answered after {time.perf_counter() - begun:.2f} s", flush=True)
        ends = time.monotonic() + seconds
        while time.monotonic() < ends:
            at += timedelta(seconds=1)
            begun = time.perf_counter()
            _ask(device, mn, at)
            asked.append((begun, time.perf_counter()))
            taken["acknowledged"].append(time.perf_counter() - begun)
            _wait(mn, at, begun, taken)
            time.sleep(ASKED_EVERY_S)
    time.sleep(2)  # for the last hint
    heard = [browser.heard.get_nowait() for _ in range(browser.heard.qsize())]
    hints = sorted(hint.at for hint in heard if hint.act == "ReadingsAppended")
    for begun, acknowledged in asked:
        place = bisect.bisect(hints, acknowledged)
        taken["browser told"] += [hint - begun for hint in hints[place : place + 1]]
    return taken


def _wait(mn: str, at: datetime, begun: float, taken: dict[str, list[float]]) -> None:
    """Until both reads give the reading."""
    from qingyuan.recording.queries import latest, window
    from qingyuan.sensing.queries import Channel, Device

    station = Device.objects.get(mn=mn).station_id
    channel = Channel.objects.get(station=station, factor=FACTORS[0]).pk
    while not len(window(channel, "r", at, at + timedelta(seconds=1))):
        time.sleep(POLLED_S)
    taken["in window"].append(time.perf_counter() - begun)
    patience = time.monotonic() + 20
    while (found := latest([channel])).get(channel) is None or found[channel].at < at:
        if time.monotonic() > patience:
            raise TimeoutError(f"found {found}, expected a newest reading of {at}")
        time.sleep(POLLED_S)
    taken["in latest"].append(time.perf_counter() - begun)


def _ask(device: socket.socket, mn: str, at: datetime) -> None:
    local = f"{at + SHANGHAI:%Y%m%d%H%M%S}"
    device.sendall(frame(
        f"QN={local}000;ST=32;CN=2011;PW={DEVICE_PASSWORD};MN={mn};Flag=5;"
        f"CP=&&DataTime={local};{FACTORS[0]}-Rtd=12.5,{FACTORS[0]}-Flag=N&&"
    ))  # fmt: skip
    got = b""
    while not got.endswith(b"\r\n"):
        got += device.recv(4096)


def reads(made: Platform, names: list[str], sizes: list[int], times: int) -> None:
    """B: the same reads at each size."""
    channels = _channels(made, len(names))
    made.start("web")
    client = Client(made)
    begins = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    day, first = begins, {}
    print("B  reads (median of each round of three), by what is stored")
    for size in sizes:
        day, count = _fill(made, channels, day, begins, size)
        client.line.close()  # the server has hung up while the table was filled
        for title, aim, read in client.reads(channels):
            share = 10 if f"{len(channels):,}" in title else 1
            low, middle, high = sorted(statistics.median(_timed(read, max(10, times // share))) for _ in range(ROUNDS))
            first.setdefault(title, middle)
            print(
                f"     {count:>12,} stored  {title:<36} {1000 * middle:7.2f} ms (aim {aim} ms), rounds from"
                f" {1000 * low:.2f} to {1000 * high:.2f} ms, {middle / first[title]:.2f} of the first size",
                flush=True,
            )


def _timed(read: Callable[[], object], times: int) -> list[float]:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        read()
        taken.append(time.perf_counter() - begun)
    return taken


class Client:
    """A logged-in program, and what it reads."""

    def __init__(self, made: Platform) -> None:
        browser = Browser(f"http://{HOST}:{made.ports['web']}")
        browser.log_in(OFFICER, PASSWORD)
        self.cookie = "; ".join(f"{one.name}={one.value}" for one in browser.cookies)
        self.line = http.client.HTTPConnection(HOST, made.ports["web"], timeout=60)
        self.dice = random.Random(1)

    def reads(self, channels: list[int]) -> list[tuple[str, int, Callable[[], object]]]:
        """Titles, aims [ms] and what to do."""
        from qingyuan.recording.queries import latest

        chosen = self.dice.sample(channels, 100)
        return [
            ("a day of minutes as JSON over HTTP", 8, self.day_of_minutes),
            ("the newest of 100 channels", 4, lambda: self._of(latest(chosen, "h"), 100)),
            (f"the newest of {len(channels):,} channels", 50, lambda: self._of(latest(channels, "h"), len(channels))),
        ]

    def _of(self, found: dict[int, object], expected: int) -> None:
        if len(found) != expected:
            raise AssertionError(f"found {len(found)} newest values, expected {expected}")

    def day_of_minutes(self) -> None:
        """One of the channels that have minutes."""
        station, factor = self.dice.randrange(WITH_MINUTES), self.dice.choice(FACTORS)
        address = f"/api/stations/outlet-{station}/series?factor={factor}&kind=m&range=24h"
        self.line.request("GET", address, headers={"Cookie": self.cookie})
        answer = self.line.getresponse()
        body = answer.read()
        if answer.status != 200 or body.count(b'"N"') < 1_380:
            raise AssertionError(f"found {answer.status} and {body.count(b'N')} minutes, expected a day of them")


def _channels(made: Platform, stations: int) -> list[int]:
    query = (
        "INSERT INTO sensing_channel (station_id, factor, basis, unit) SELECT s.id, f, 'measured', 'mg/L'"
        " FROM (SELECT id FROM places_station ORDER BY id LIMIT %s) s, unnest(%s::text[]) f ORDER BY s.id RETURNING id"
    )
    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        return [row[0] for row in connection.execute(query, [stations, list(FACTORS)]).fetchall()]


def _fill(made: Platform, channels: list[int], day: datetime, begins: datetime, size: int) -> tuple[datetime, int]:
    """Hours of every channel, a day further back at a time, until so many are stored; minutes of some at the first."""
    from django.db import transaction

    from qingyuan.recording.logic import partitions

    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        if day == begins:
            with transaction.atomic():
                partitions.ensure([begins.date(), (begins - timedelta(days=1)).date()])
            few = channels[: WITH_MINUTES * len(FACTORS)]
            connection.execute(_MINUTES, [few, begins - timedelta(days=1), begins + timedelta(hours=1)])
        count = _stored(connection)
        while count + len(channels) * 24 <= size or day == begins:
            day -= timedelta(days=1)
            with transaction.atomic():
                partitions.ensure([day.date(), (day + timedelta(days=1)).date()])
            count += connection.execute(_HOURS, [channels, day, day + timedelta(days=1)]).rowcount
        if not connection.execute("SELECT count(*) FROM recording_latest").fetchone()[0]:
            connection.execute(_NEWEST, [begins - timedelta(hours=1)])
        connection.execute("VACUUM ANALYZE recording_reading")
        connection.execute("VACUUM ANALYZE recording_latest")
        connection.execute("CHECKPOINT")
    return day, count


def _stored(connection: psycopg.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM recording_reading").fetchone()[0])


if __name__ == "__main__":
    sys.exit(main())
