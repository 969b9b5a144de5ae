"""A device of the demo district that sends what it kept."""

import time
from datetime import UTC, datetime, timedelta

from wire import Sender

from qingyuan_science.worlds import HOURLY, TEN_MINUTE, Device, World


def send_the_past_of(world: World, station: str, port: int, hours: int = 6) -> Device:
    """Let the station's device send what it kept over the last hours, over TCP, until all of it is answered."""
    now = datetime.now(UTC)
    device = Device(world, world.station(station), now - timedelta(hours=hours), kinds=(TEN_MINUTE, HOURLY))
    device.advance(now)
    device.connect()
    line = Sender(port)
    ends = time.monotonic() + 30
    while device.waiting:
        assert time.monotonic() < ends, "the gateway did not answer everything"
        line.send(device.to_send(time.monotonic()))
        device.receive(line.socket.recv(65_536))
    line.close()
    return device
