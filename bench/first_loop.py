"""The first loop, measured on the real processes: how soon a case is seen, and what a stored reading costs.

A   seconds from an hour packet sent over TCP to its case in a subscribed browser stream, one new case an event
B   packets and readings a second, stored durably and acknowledged by the gateway, beside one binary COPY of the same
    rows into the same table in the same run
"""

import socket
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import psycopg
from _browser import Browser
from _district import DEVICE_PASSWORD, FACTORS, OFFICER, PASSWORD, enter
from _platform import HOST, Platform, platform
from _senders import Load, frame, prepare
from _storing import WINDOW, Cost, by_copy, through_gateway

EVENTS = 200
DEVICES = 1_000
PACKETS = 160_000
ROUNDS, WARM_UP = 4, 1  # in the first round each device gets its channels
SHANGHAI = timedelta(hours=8)


def main(chosen: Sequence[str]) -> None:
    """Set up, measure, print."""
    with platform() as made:
        print(f"entering {DEVICES} outlets", flush=True)
        names = enter(DEVICES)
        made.start("gateway")
        if "A" in chosen:
            made.start("web", "worker")
            first_case_seen(made, names[: EVENTS + 10])
            made.stop("web", "worker")
        if "B" in chosen:
            with ProcessPoolExecutor(1, get_context("spawn")) as pool:
                for connections in (100, DEVICES):
                    stored_readings(made, pool, names[:connections])


def first_case_seen(made: Platform, names: list[str]) -> None:
    """A: each device sends an hour in order, and then, one after the other, an hour far over the limit."""
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=3)
    browser = Browser(f"http://{HOST}:{made.ports['web']}")
    browser.log_in(OFFICER, PASSWORD)
    answered, found, seen = [], [], []
    with browser.listening(), socket.create_connection((HOST, made.ports["gateway"]), timeout=20) as device:
        for mn in names:
            _ask(device, _hour(mn, hour, 20.0))
        time.sleep(2)
        for mn in names:
            begun = time.perf_counter()
            answered.append(_ask(device, _hour(mn, hour + timedelta(hours=1), 180.0)) - begun)
            heard = browser.wait_for(("FindingOpened", "CaseOpened"))
            found.append(heard["FindingOpened"].at - begun)
            seen.append(heard["CaseOpened"].at - begun)
    print(f"A  from packet sent to its case in the browser's stream, {EVENTS} events, each a new finding and case")
    for title, taken in (("acknowledged", answered), ("finding told", found), ("case told", seen)):
        steps = statistics.quantiles(taken[-EVENTS:], n=100, method="inclusive")
        print(f"     {title:<13} p50 {steps[49]:6.3f} s   p99 {steps[98]:6.3f} s   most {max(taken[-EVENTS:]):6.3f} s")


def _hour(mn: str, at: datetime, value: float) -> bytes:
    local = f"{at + SHANGHAI:%Y%m%d%H%M%S}"
    parts = f"w01018-Cou=1.2,w01018-Min={value - 1},w01018-Avg={value},w01018-Max={value + 1},w01018-Flag=N"
    return frame(f"QN={local}000;ST=32;CN=2061;PW={DEVICE_PASSWORD};MN={mn};Flag=5;CP=&&DataTime={local};{parts}&&")


def _ask(device: socket.socket, packet: bytes) -> float:
    """Send a packet and wait for its answer; the instant at which it had come."""
    device.sendall(packet)
    got = b""
    while not got.endswith(b"\r\n"):
        got += device.recv(4096)
    if b"CN=9014" not in got:
        raise ConnectionError(f"found {got!r}: expected an answer 9014")
    return time.perf_counter()


def stored_readings(made: Platform, pool: ProcessPoolExecutor, names: list[str]) -> None:
    """B: the same rows through the gateway and by one COPY, in turns, so that both meet the same weather."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1) + SHANGHAI
    load = Load(names, DEVICE_PASSWORD, FACTORS, PACKETS // ROUNDS // len(names), start)
    through, copied, size = Cost(), Cost(), 0
    with psycopg.connect(made.postgres.url, autocommit=True) as connection:
        for step in range(WARM_UP + ROUNDS):
            connection.execute("TRUNCATE recording_reading, sensing_rawpacket, sensing_rawsegment")
            at = start + timedelta(seconds=step * load.packets * load.step_s)
            sent = pool.submit(prepare, replace(load, start=at)).result()
            sending = through_gateway(made, pool, connection, load)
            copying = by_copy(made, connection, load)
            made.wait_for_line("gateway", "read together")
            if step >= WARM_UP:
                through, copied, size = through + sending, copied + copying, size + sent
    count = PACKETS * len(FACTORS)
    print(
        f"B  {PACKETS:,} packets of {len(FACTORS)} factors ({size / PACKETS:.0f} bytes) over {len(names)} connections,"
        f" {WINDOW} on the way in each: {PACKETS / through.wall:,.0f} packets/s stored and acknowledged"
    )
    print(through.told("gateway", count))
    print(copied.told("binary COPY", count))
    wall, processor = copied.wall / through.wall, copied.processor / through.processor
    print(f"     gateway / COPY: {processor:.2f} of the readings a processor second (aim 0.50), {wall:.2f} a second")


if __name__ == "__main__":
    main(sys.argv[1:] or "AB")
