"""One world for all tests of worlds; it has no state that a test could change."""

from datetime import UTC, datetime

import pytest

from qingyuan_science.worlds import World

EPOCH = datetime(2026, 11, 22, 2, 7, tzinfo=UTC)


@pytest.fixture(scope="session")
def world() -> World:
    return World(epoch=EPOCH)
