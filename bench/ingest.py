"""Readings a second, durable and acknowledged, beside other ways to store the same readings on the same machine.

    python bench/ingest.py             everything: 4 minutes
    python bench/ingest.py gateway     only the HJ 212 gateway beside binary COPY; or: http, rivals
    python bench/ingest.py --quick

gateway   packets of ten factors over 1,000 and 10,000 connections, beside one binary COPY of the same rows into
          the same table; what the gateway holds for each connection
http      observations over the SensorThings API, one by one (over four connections, and one after the other over
          one) and in data arrays: ours, and `django-ogc-sensorthings`
rivals    lines to InfluxDB and VictoriaMetrics, the packages of Debian
"""

import argparse
import asyncio
import http.client
import json
import random
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import psycopg
from _district import DEVICE_PASSWORD, FACTORS, enter
from _platform import HOST, Platform, platform
from _rivals import NotMeasured, Rival, SensorThings, asked, influxdb, sensorthings, unpacked, victoria_metrics
from _senders import Load, prepare
from _storing import Cost, by_copy, through_gateway
from _weather import told

ENTERED = 200  # through the doors; the other outlets are copied from these
ROUNDS, WARM_UP = 3, 1
STREAMS = 100
LINES, LINES_A_REQUEST = 1_000_000, 10_000
SHANGHAI = timedelta(hours=8)
AT_ONCE = 4  # connections over which HTTP is spoken
_STATIONS = (
    "INSERT INTO places_station (title_zh, title_en, code, kind, lon, lat, cell_id, body, section, drinking_source,"
    " background, purpose, level, key_area)"
    " SELECT s.title_zh, s.title_en, 'outlet-' || n, s.kind, s.lon, s.lat, s.cell_id, s.body, s.section,"
    " s.drinking_source, s.background, s.purpose, s.level, s.key_area"
    " FROM places_station s, generate_series(%s::int, %s::int - 1) n WHERE s.code = 'outlet-0'"
)
_DEVICES = (
    "INSERT INTO sensing_device (mn, state, password, first_seen_at, last_peer, packets, station_id, dialect_id,"
    " first_peer, addresses, key, former_keys, keeps_samples) SELECT 'BENCH' || lpad(n::text, 19, '0'), d.state,"
    " d.password, d.first_seen_at, '', 0, s.id, d.dialect_id, '', '', '', '', false"
    " FROM sensing_device d, generate_series(%s::int, %s::int - 1) n"
    " JOIN places_station s ON s.code = 'outlet-' || n WHERE d.mn = 'BENCH' || lpad('0', 19, '0')"
)
_CHANNELS = (
    "INSERT INTO sensing_channel (station_id, factor, basis, unit) SELECT s.id, f.code, 'measured', f.unit"
    " FROM places_station s, unnest(%s::text[], %s::text[]) AS f(code, unit) ORDER BY s.id"
)


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    connections: Sequence[int] = (1_000, 10_000)
    packets: int = 80_000
    rounds: int = ROUNDS
    one_by_one: int = 600
    arrays: int = 100_000
    lines: int = LINES


QUICK = Sizes((50, 200), 2_000, 1, 60, 4_000, 40_000)


def main() -> int:
    """Measure what was asked for, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", default=["gateway", "http", "rivals"])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    sizes = QUICK if options.quick else Sizes()
    print(told(), flush=True)
    with platform(600) as made:
        if "gateway" in options.parts or "http" in options.parts:
            names = enter(ENTERED)
        if "gateway" in options.parts:
            gateway(made, names, sizes)
        if "http" in options.parts:
            over_http(made, sizes)
    if "rivals" in options.parts:
        lines_to_rivals(sizes)
    print(told())
    return 0


def gateway(made: Platform, names: list[str], sizes: Sizes) -> None:
    """The same rows through the gateway and by COPY, in turns; the middle one of the rounds."""
    most = max(sizes.connections)
    names = names[:most] + [f"BENCH{number:019d}" for number in range(len(names), most)]
    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        _enter_the_others(connection, most)
        for count in sizes.connections:
            made.start("gateway")
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                _gateway_with(made, pool, connection, names[:count], sizes)
            made.stop("gateway")


def _enter_the_others(connection: psycopg.Connection, most: int) -> None:
    """Outlets, devices and channels by the database itself: this is no measurement of registering."""
    from qingyuan_science.standards import find_factor

    units = [find_factor(code, medium="water").unit for code in FACTORS]
    if most > ENTERED:
        connection.execute(_STATIONS, [ENTERED, most])
        connection.execute(_DEVICES, [ENTERED, most])
    connection.execute(_CHANNELS, [list(FACTORS), units])
    connection.execute("VACUUM ANALYZE")


def _gateway_with(
    made: Platform, pool: Executor, connection: psycopg.Connection, names: list[str], sizes: Sizes
) -> None:
    before = made.memory("gateway")
    idle = asyncio.run(_held_by(made, len(names)))
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2) + SHANGHAI
    load = Load(names, DEVICE_PASSWORD, FACTORS, max(1, sizes.packets // len(names)), start)
    through, copied = [], []
    for step in range(WARM_UP + sizes.rounds):
        connection.execute("TRUNCATE recording_reading, sensing_rawpacket, sensing_rawsegment")
        pool.submit(prepare, replace(load, start=start + timedelta(seconds=step * load.packets * load.step_s))).result()
        sending, copying = through_gateway(made, pool, connection, load), by_copy(made, connection, load)
        if step >= WARM_UP:
            through.append(sending)
            copied.append(copying)
    peak = made.memory("gateway")
    rates = ", ".join(f"{load.readings / one.wall:,.0f}" for one in through)
    print(f"gateway, {len(names):,} connections, {load.packets} packets each (readings/s of the rounds: {rates})")
    print(_middle(through).told("gateway", load.readings))
    print(_middle(copied).told("binary COPY", load.readings))
    print(
        f"     memory {before / 1e6:.0f} MB before, {idle / len(names) / 1024:.1f} kB a connection that says nothing,"
        f" {(peak - before) / len(names) / 1024:.1f} kB a connection after the load",
        flush=True,
    )


def _middle(costs: list[Cost]) -> Cost:
    return sorted(costs, key=lambda one: one.wall)[len(costs) // 2]


async def _held_by(made: Platform, count: int) -> int:
    """How much the gateway grows while that many connections stand open. [byte]"""
    before = made.memory("gateway")
    gate = asyncio.Semaphore(200)

    async def one() -> asyncio.StreamWriter:
        async with gate:
            return (await asyncio.open_connection(HOST, made.ports["gateway"]))[1]

    writers = await asyncio.gather(*(one() for _ in range(count)))
    await asyncio.sleep(1)
    grown = made.memory("gateway") - before
    for writer in writers:
        writer.transport.abort()
    await asyncio.sleep(1)
    return grown


Send = Callable[[http.client.HTTPConnection, int], int]


def over_http(made: Platform, sizes: Sizes) -> None:
    """Observations over HTTP: ours and the rival's, one by one and in data arrays."""
    print("observations over HTTP (SensorThings), acknowledged after commit in PostgreSQL, four connections")
    print("     where they are not sent one after the other over one")
    made.start("web")
    token, streams = _feed(made)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    ours = Api("qingyuan", made.ports["web"], "/sta/v1.1", headers, streams)
    _both_ways(ours, sizes, lambda: {name: made.processor_seconds(name) for name in ("web", "postgres")})
    made.stop("web")
    if sizes is QUICK:
        print("     django-ogc-sensorthings left out of a quick run: its environment takes longer than that")
        return
    try:
        with sensorthings(made.postgres.url, STREAMS) as rival:
            _both_ways(_api_of(rival), sizes, lambda: _spent(made, rival.rival))
    except NotMeasured as error:
        print(f"     django-ogc-sensorthings not measured: {error}")


@dataclass(frozen=True)
class Api:
    """An address at which SensorThings is spoken, with datastreams to send to."""

    title: str
    port: int
    root: str
    headers: dict[str, str]
    streams: Sequence[int | str]
    feature: str = ""

    def one(self, number: int) -> bytes:
        """A single observation."""
        body = {
            "phenomenonTime": _instant(number // len(self.streams)), "result": 1 + number % 600 / 10,
            "Datastream": {"@iot.id": self.streams[number % len(self.streams)]},
        }  # fmt: skip
        if self.feature:
            body["FeatureOfInterest"] = {"@iot.id": self.feature}
        return json.dumps(body).encode()

    def array(self, number: int, rows: int) -> bytes:
        """Data arrays of all datastreams with so many rows each; a rival's feature beside each."""
        components = ["phenomenonTime", "result", *(["FeatureOfInterest/id"] if self.feature else [])]
        more = [self.feature] if self.feature else []
        return json.dumps([
            {"Datastream": {"@iot.id": stream}, "components": components, "dataArray@iot.count": rows,
             "dataArray": [[_instant(100_000 + number * rows + row), 12.5, *more] for row in range(rows)]}
            for stream in self.streams
        ]).encode()  # fmt: skip


def _api_of(rival: SensorThings) -> Api:
    headers = {"Content-Type": "application/json"}
    return Api(rival.rival.title, rival.rival.port, "/sensorthings/v1.1", headers, rival.streams, rival.feature)


def _spent(made: Platform, rival: Rival) -> dict[str, float]:
    return {"rival": rival.processor_seconds(), "postgres": made.processor_seconds("postgres")}


def _instant(seconds: int) -> str:
    at = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=3)
    return f"{at + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


def _both_ways(api: Api, sizes: Sizes, spent: Callable[[], dict[str, float]]) -> None:
    rows = max(1, min(20, sizes.arrays // len(api.streams)))
    requests = sizes.arrays // (rows * len(api.streams))
    singles = [("/Observations", api.one(number)) for number in range(2 * sizes.one_by_one)]
    first, second = singles[: sizes.one_by_one], singles[sizes.one_by_one :]
    arrays = [("/CreateObservations", api.array(number, rows)) for number in range(requests)]
    for title, bodies, count, at_once in (
        ("one by one", first, len(first), AT_ONCE),
        ("one after the other", second, len(second), 1),
        (f"arrays of {rows * len(api.streams):,}", arrays, requests * rows * len(api.streams), AT_ONCE),
    ):
        costs = []
        share = -(-len(bodies) // ROUNDS)
        for step in range(0, len(bodies), share):  # three parts, and the middle one of them
            before, begun = spent(), time.perf_counter()
            _send(api, bodies[step : step + share], at_once=at_once)
            wall = time.perf_counter() - begun
            part = count * len(bodies[step : step + share]) / len(bodies)
            costs.append((wall / part, {name: (value - before[name]) / part for name, value in spent().items()}))
        wall, each = sorted(costs, key=lambda one: one[0])[len(costs) // 2]
        whole = Cost(wall * count, {name: value * count for name, value in each.items()})
        print(whole.told(f"{api.title} {title}", count), flush=True)


def _send(api: Api, bodies: Sequence[tuple[str, bytes]], expected: int = 201, at_once: int = AT_ONCE) -> None:
    """All of them, over a few connections; fails where one of them is not answered as expected."""
    troubles: list[BaseException] = []
    waiting = iter(bodies)
    lock = threading.Lock()

    def speak() -> None:
        line = http.client.HTTPConnection(HOST, api.port, timeout=120)
        try:
            while True:
                with lock:
                    path, body = next(waiting, ("", b""))
                if not path:
                    return
                found = asked(line, "POST", api.root + path, body, expected, api.headers)
                if b'"error' in found:
                    raise ConnectionError(f"found {found[:300]!r}, expected every row to be taken")
        except (OSError, http.client.HTTPException) as error:
            troubles.append(error)
        finally:
            line.close()

    threads = [threading.Thread(target=speak) for _ in range(at_once)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if troubles:
        raise troubles[0]


def _feed(made: Platform) -> tuple[str, list[int]]:
    """A feed that may write to a hundred datastreams; its token, and their numbers."""
    from qingyuan.kit.log import PLATFORM
    from qingyuan.places.queries import Station
    from qingyuan.recording.api import describe_stream
    from qingyuan.sensing.api import define_channel, define_feed, issue_token
    from qingyuan_science.standards import find_factor

    stations = list(Station.objects.order_by("pk")[: STREAMS // len(FACTORS)])
    feed = define_feed(
        "bench", connector="sta", title_zh="测量", title_en="Bench", settings={"station_kind": "surface-water"},
        stations=stations,
    )  # fmt: skip
    streams = []
    for station in stations:
        for code in FACTORS:
            channel = define_channel(station, factor=code, unit=find_factor(code, medium="water").unit)
            streams.append(describe_stream(channel, "r", {}).pk)
    return issue_token(feed, PLATFORM), streams


def lines_to_rivals(sizes: Sizes) -> None:
    """The line protocol of InfluxDB, to it and to VictoriaMetrics."""
    print("lines of one reading each over HTTP, 10,000 a request, four connections")
    try:
        with unpacked("influxdb", "victoria-metrics") as folder:
            for serving in (influxdb, victoria_metrics):
                try:
                    with serving(folder) as rival:
                        _lines_to(rival, sizes)
                except (NotMeasured, OSError) as error:
                    print(f"     {serving.__name__} not measured: {error}")
    except NotMeasured as error:
        print(f"     InfluxDB and VictoriaMetrics not measured: {error}")


def _lines_to(rival: Rival, sizes: Sizes) -> None:
    api = Api(rival.title, rival.port, "", {}, ())
    bodies = [("/write?db=bench&precision=s", body) for body in _lines(sizes.lines * ROUNDS)]
    costs = []
    for step in range(ROUNDS):
        part = bodies[step * len(bodies) // ROUNDS : (step + 1) * len(bodies) // ROUNDS]
        before, begun = rival.processor_seconds(), time.perf_counter()
        _send(api, part, 204)
        costs.append(Cost(time.perf_counter() - begun, {"rival": rival.processor_seconds() - before}))
    rates = statistics.median(sizes.lines / one.wall for one in costs)
    print(_middle(costs).told(rival.title, sizes.lines) + f"   {rival.memory() / 1e6:.0f} MB ({rates:,.0f}/s median)")


def _lines(count: int) -> Iterator[bytes]:
    """Readings of 10,000 channels by turns, so many lines a body."""
    dice = random.Random(1)
    start = int(time.time()) - 86_400
    values = [f"{dice.uniform(1, 60):.3f}" for _ in range(1_000)]
    for first in range(0, count, LINES_A_REQUEST):
        yield "\n".join(
            f"reading,channel={number % 10_000},kind=r value={values[number % 1_000]} {start + number // 10_000 * 5}"
            for number in range(first, first + LINES_A_REQUEST)
        ).encode()


if __name__ == "__main__":
    sys.exit(main())
