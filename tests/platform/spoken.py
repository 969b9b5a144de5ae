"""A simulated device of the synthetic district that speaks over a real socket, in a thread of its own."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from qingyuan_science.hj212 import Dialect
from qingyuan_science.worlds import Behaviour, Device, World

STATION = "QJ-W01"


def simulated(dialect: Dialect, mn: str, behaviour: Behaviour | None = None, **options: Any) -> Device:
    """The logger of a waste-water outlet, three hours after the beginning of its world."""
    now = datetime.now(UTC)
    world = _undisturbed(now)
    station = replace(world.station(STATION), mn=mn, dialect=dialect)
    return Device(world, station, now - timedelta(minutes=1), behaviour=behaviour or Behaviour(), **options)


def _undisturbed(now: datetime) -> World:
    """The first world whose station is neither silent nor serviced around now: each has such hours on some days."""
    epoch = (now - timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
    for seed in count(1):
        world = World(epoch=epoch, seed=seed)
        around = world.interruptions(now - timedelta(hours=1), now + timedelta(hours=2))
        if all(one.station != STATION for one in around):
            return world
    raise AssertionError


@contextmanager
def speaking(device: Device, port: int) -> Iterator[Device]:
    """Let the device speak to a gateway until the block ends."""
    ends = threading.Event()
    thread = threading.Thread(target=_speak, args=(device, port, ends), daemon=True)
    thread.start()
    try:
        yield device
    finally:
        ends.set()
        thread.join(5)


def _speak(device: Device, port: int, ends: threading.Event) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as line:
        line.settimeout(0.02)
        device.connect()
        while not ends.is_set():
            device.advance(datetime.now(UTC))
            waiting = device.to_send(time.monotonic())
            if waiting:
                line.sendall(waiting)
            try:
                data = line.recv(65_536)
            except TimeoutError:
                continue
            if not data:
                return
            device.receive(data)
