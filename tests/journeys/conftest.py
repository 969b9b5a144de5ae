"""The demo district and the whole chain in one process: a real gateway, the loop, and pages."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from database import readings_of_this_test  # noqa: F401 a fixture
from PIL import Image
from wire import running_gateway

from qingyuan.project import demo
from qingyuan_science.worlds import World


@pytest.fixture
def world(transactional_db: None) -> World:
    """The demo district, entered through its own doors."""
    from qingyuan.sensing.api import define_dialect
    from qingyuan_science.hj212 import STANDARD

    define_dialect(STANDARD, title_zh="标准", title_en="Standard")
    demo.ensure()
    made = demo.world()
    assert made is not None
    return made


@pytest.fixture
def gateway_port(world: World) -> Iterator[int]:
    with running_gateway() as (_, port):
        yield port


@pytest.fixture
def photo() -> bytes:
    """A photo as a phone would take it."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 480), (90, 120, 130)).save(buffer, "JPEG")
    return buffer.getvalue()


def send_the_past_of(world: World, station: str, port: int, hours: int = 6) -> Any:
    """Let the station's device send what it kept over the last hours, over TCP, until all of it is answered."""
    import time

    from wire import Sender

    from qingyuan_science.worlds import HOURLY, TEN_MINUTE, Device

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
