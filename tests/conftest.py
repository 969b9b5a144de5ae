"""The cluster that platform tests share: started once, thrown away at the end, nowhere near anybody's data."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a PostgreSQL that lives as long as the test run."""
    given = os.environ.get("QINGYUAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    from settings_for_tests import SCRATCH

    from qingyuan.kit.postgres import Postgres

    postgres = Postgres(Path(SCRATCH) / "postgres", durable=False)
    postgres.start()
    yield postgres.url
    postgres.stop()
