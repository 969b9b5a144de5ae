"""The demo district and the whole chain in one process: a real gateway, the loop, and pages."""

import io
from collections.abc import Iterator

import pytest
from database import readings_of_this_test, tables_are_emptied_row_by_row  # noqa: F401 fixtures
from PIL import Image
from terminal import terminals  # noqa: F401 a fixture
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
