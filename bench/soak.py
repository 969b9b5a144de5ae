"""Everything switched on for long under the load of a province: what it takes of two cores, and whether memory grows.

    python bench/soak.py                    three minutes
    python bench/soak.py --minutes 60       the hour, as `make soak` runs it

1,200 readings a second come in as real-time packets of ten factors (600 devices, one packet every 5 s); gateway, worker
and web run, every detector watches every kind of reading that it may, a browser holds the live stream and opens pages.
The limits: a quarter of two cores, and memory that stands still.
"""

import argparse
import asyncio
import random
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing import get_context

import numpy as np
from _browser import Browser
from _district import DEVICE_PASSWORD, FACTORS, OFFICER, PASSWORD, SINCE, enter
from _platform import HOST, Platform, platform
from _senders import frame
from _weather import in_milliseconds, told

DEVICES, EVERY_S = 600, 5.0
SAMPLED_EVERY_S = 10.0
PROCESSES = ("gateway", "worker", "web", "postgres")
CORES, MOST_SHARE = 2, 0.25
SHANGHAI = timedelta(hours=8)
# about half of GB 18918-2002 1A; one device in a hundred is far over it
LEVELS = {"w01018": 24.0, "w21003": 2.0, "w21011": 0.2, "w21001": 7.0, "w01012": 5.0, "w22001": 0.5, "w01001": 7.2}
TRACE, OVER_EVERY = 0.004, 100
PAGES = ("/", "/watch/", "/findings/", "/cases/", "/stations/outlet-0/", "/map/")


def main() -> int:
    """Set up, send, sample, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=3.0)
    parser.add_argument("--quick", action="store_true", help="a few seconds")
    options = parser.parse_args()
    seconds, every = (8.0, 1.0) if options.quick else (60 * options.minutes, SAMPLED_EVERY_S)
    print(told(), flush=True)
    with platform(round(seconds) + 180) as made, ProcessPoolExecutor(1, get_context("spawn")) as pool:
        names = enter(60 if options.quick else DEVICES)
        print(f"{len(names)} outlets, {watch_everything()} watches", flush=True)
        made.start("gateway", "worker", "web")
        visitor = Visitor(f"http://{HOST}:{made.ports['web']}")
        with visitor.browser.listening():
            thread = threading.Thread(target=visitor.open_pages)
            thread.start()
            entering = pool.submit(send, names, made.ports["gateway"], 0.0).result()[0]
            print(f"{len(names)} devices spoke for the first time: last answer after {max(entering):.1f} s", flush=True)
            sending = pool.submit(send, names, made.ports["gateway"], seconds)
            samples = Samples(made)
            samples.take_until(time.monotonic() + seconds, every)
            visitor.ending.set()
            taken, repeated = sending.result()
            thread.join()
        behind = lines_behind(made)
    samples.report()
    print(f"     lines of the log that a handler had not taken up when sending ended: {behind}")
    readings = len(taken) * len(FACTORS) / seconds
    print(f"     {readings:,.0f} readings a second acknowledged; never answered {repeated}")
    print(in_milliseconds("packet sent → acknowledged", taken))
    print(in_milliseconds("page asked for → read", visitor.taken))
    print(told())
    return 0


def lines_behind(made: Platform) -> str:
    """How many lines wait for each handler that has any before it."""
    return ", ".join(f"{handler} {count}" for handler, count in made.lines_waiting().items()) or "none"


def watch_everything() -> int:
    """Let every detector look at every kind of reading that it is made for; how many watches that makes."""
    from qingyuan.judging.api import set_watch
    from qingyuan.judging.models import WatchKind
    from qingyuan.kit.errors import BadInput
    from qingyuan_science.detect import DETECTORS

    made = 0
    for detector in DETECTORS:
        for kind in WatchKind.values:
            with suppress(BadInput):
                set_watch(detector.code, kind=kind, valid_from=SINCE)
                made += 1
    return made


@dataclass
class Visitor:
    """A duty officer who has the live page open and looks at one page a second."""

    address: str
    taken: list[float] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.browser = Browser(self.address)
        self.browser.log_in(OFFICER, PASSWORD)

    def open_pages(self) -> None:
        """One page after the other until told to end."""
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.browser.cookies))
        while not self.ending.is_set():
            for page in PAGES:
                begun = time.perf_counter()
                opener.open(self.address + page, timeout=30).read()
                self.taken.append(time.perf_counter() - begun)
                if self.ending.wait(1.0):
                    return


@dataclass
class Samples:
    """Processor seconds and memory of every process, again and again."""

    made: Platform
    at: list[float] = field(default_factory=list)
    spent: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PROCESSES})
    held: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in PROCESSES})

    def take_until(self, ends: float, every: float) -> None:
        """One sample now, one every so often, one at the end."""
        self._take()
        while (left := ends - time.monotonic()) > 0:
            time.sleep(min(every, left))
            self._take()

    def _take(self) -> None:
        self.at.append(time.monotonic())
        for name in PROCESSES:
            self.spent[name].append(self.made.processor_seconds(name))
            self.held[name].append(self.made.memory(name) / 1e6)

    def report(self) -> None:
        """Share and slope of each process; the slope over the second half, when caches are warm."""
        wall, half = self.at[-1] - self.at[0], len(self.at) // 2
        total = 0.0
        print(f"over {wall:.0f} s, {len(self.at)} samples; share of {CORES} cores, memory, slope over the second half")
        for name, share, slope in self._lines(wall, half):
            total += share
            first, last = self.held[name][0], self.held[name][-1]
            print(f"     {name:<9} {100 * share:5.1f} %   {first:6.0f} → {last:6.0f} MB   {slope:+8.1f} MB/h")
            print(f"               at each eighth of the time {self._course(name)} MB")
        print(f"     together  {100 * total:5.1f} %   (aim at most {100 * MOST_SHARE:.0f} %)")

    def _course(self, name: str) -> str:
        """Memory in steps: whether it climbs, or made a few steps up when something was done for the first time."""
        places = np.linspace(0, len(self.at) - 1, 9).round().astype(int)
        return " ".join(f"{self.held[name][place]:.0f}" for place in places)

    def _lines(self, wall: float, half: int) -> Iterator[tuple[str, float, float]]:
        for name in PROCESSES:
            share = (self.spent[name][-1] - self.spent[name][0]) / wall / CORES
            hours = (np.array(self.at[half:]) - self.at[half]) / 3600
            slope = float(np.polyfit(hours, self.held[name][half:], 1)[0]) if len(hours) > 1 else 0.0
            yield name, share, slope


def send(names: list[str], port: int, seconds: float) -> tuple[list[float], int]:
    """All devices in a process of its own; seconds from packet to answer, and how many were never answered."""
    return asyncio.run(_send(names, port, seconds))


async def _send(names: list[str], port: int, seconds: float) -> tuple[list[float], int]:
    taken: list[float] = []
    ends = time.monotonic() + seconds
    missing = await asyncio.gather(*(_device(mn, port, ends, taken) for mn in names))
    return taken, sum(missing)


async def _device(mn: str, port: int, ends: float, taken: list[float]) -> int:
    """One device: the hour before when it is entered; then a real-time packet every few seconds by its own clock."""
    dice = random.Random(mn)
    reader, writer = await asyncio.open_connection(HOST, port)
    entered = ends > time.monotonic() + 1
    await asyncio.sleep(dice.uniform(0, EVERY_S) if entered else 0)
    due = time.monotonic()
    while due < ends or not entered:
        begun = time.perf_counter()
        writer.write(_realtime(mn, dice) if entered else _hour(mn, dice))
        try:
            await asyncio.wait_for(reader.readuntil(b"\r\n"), 60)
        except (OSError, EOFError, TimeoutError):
            return 1
        taken.append(time.perf_counter() - begun)
        if not entered:
            break
        due += EVERY_S
        await asyncio.sleep(max(0.0, due - time.monotonic()))
    writer.close()
    return 0


def _values(mn: str, name: str, dice: random.Random) -> str:
    times = 4.0 if int(mn[-4:]) % OVER_EVERY == 0 else 1.0
    levels = [(code, LEVELS.get(code, TRACE) * (times if code != "w01001" else 1.0)) for code in FACTORS]
    return ";".join(f"{code}-{name}={level * dice.uniform(0.9, 1.1):.4f},{code}-Flag=N" for code, level in levels)


def _realtime(mn: str, dice: random.Random) -> bytes:
    now = datetime.now(UTC) + SHANGHAI
    values = _values(mn, "Rtd", dice)
    return frame(
        f"QN={now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d};ST=32;CN=2011;PW={DEVICE_PASSWORD};MN={mn};Flag=5;"
        f"CP=&&DataTime={now:%Y%m%d%H%M%S};{values}&&"
    )


def _hour(mn: str, dice: random.Random) -> bytes:
    now = datetime.now(UTC) + SHANGHAI
    hour = now.replace(minute=0, second=0) - timedelta(hours=1)
    values = _values(mn, "Avg", dice)
    return frame(
        f"QN={now:%Y%m%d%H%M%S}{now.microsecond // 1000:03d};ST=32;CN=2061;PW={DEVICE_PASSWORD};MN={mn};Flag=5;"
        f"CP=&&DataTime={hour:%Y%m%d%H%M%S};{values}&&"
    )


if __name__ == "__main__":
    sys.exit(main())
