"""The cluster that platform tests share: started once, thrown away at the end, nowhere near anybody's data."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings

if TYPE_CHECKING:
    from qingyuan.kit.postgres import Postgres

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
def own_cluster() -> Iterator["Postgres | None"]:
    """A PostgreSQL that lives as long as the test run; None where an address of one was given."""
    if os.environ.get("QINGYUAN_TEST_DATABASE_URL"):
        yield None
        return
    import kept_cluster
    from qingyuan.kit.postgres import Postgres
    from settings_for_tests import SCRATCH

    postgres = Postgres(Path(SCRATCH) / "postgres", durable=False)
    kept_cluster.lay_down(postgres)
    postgres.start()
    yield postgres
    postgres.stop()


@pytest.fixture(scope="session")
def cluster(own_cluster: "Postgres | None") -> str:
    """Address of a PostgreSQL for this test run."""
    return own_cluster.url if own_cluster else os.environ["QINGYUAN_TEST_DATABASE_URL"]


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, own_cluster: "Postgres | None") -> bool:
    """Whether the tests' database is there already, as in a cluster that was kept."""
    if own_cluster is None:
        return bool(request.config.getvalue("reuse_db"))
    import kept_cluster

    return kept_cluster.holds_tests(own_cluster)


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None, django_db_keepdb: bool, django_db_blocker: Any, own_cluster: "Postgres | None"
) -> None:
    """The database, migrated; its cluster is kept for the next run where it was not laid down."""
    if own_cluster is None or django_db_keepdb:
        return
    from django.db import connections

    import kept_cluster

    with django_db_blocker.unblock():
        connections.close_all()
    own_cluster.stop()
    kept_cluster.keep(own_cluster)
    own_cluster.start()


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
