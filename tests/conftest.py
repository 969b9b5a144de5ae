"""The cluster that platform tests share: started once, thrown away at the end, nowhere near anybody's data."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# no test measures wall time: on a busy machine the first example, which reads the whole source, takes seconds
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs a browser comes first: it is the longest file, and would otherwise end alone on one of two processors.

    Such tests hold no connection to the tests' database; the order of all others stays.
    """
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


@pytest.fixture(autouse=True)
def language_of_the_platform() -> Iterator[None]:
    """Each test ends in the language that it began with, whatever its pages were asked for in."""
    yield
    if translation := sys.modules.get("django.utils.translation"):
        translation.deactivate()


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a PostgreSQL that lives as long as the test run."""
    given = os.environ.get("QINGYUAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    from qingyuan.kit.postgres import Postgres
    from settings_for_tests import SCRATCH

    postgres = Postgres(Path(SCRATCH) / "postgres", durable=False)
    postgres.start()
    yield postgres.url
    postgres.stop()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(cluster: str) -> None:
    """Point the settings at the cluster of this test run."""
    from django.conf import settings
    from django.db import connections
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(cluster)

    for values in (settings.DATABASES["default"], connections["default"].settings_dict):
        values.update(
            NAME=str(parts.get("dbname", "qingyuan")),
            USER=str(parts.get("user", "")),
            PASSWORD=str(parts.get("password", "")),
            HOST=str(parts.get("host", "")),
            PORT=str(parts.get("port", "")),
        )
