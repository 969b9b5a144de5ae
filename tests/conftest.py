"""The cluster that platform tests share: started once, thrown away at the end, nowhere near anybody's data."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qingyuan.project.settings")
_SCRATCH = Path(tempfile.mkdtemp(prefix="qingyuan-test-"))
_SCRATCH.chmod(0o755)
os.environ["QINGYUAN_DATA"] = str(_SCRATCH / "data")
os.environ["QINGYUAN_DEMO"] = "true"


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Address of a PostgreSQL that lives as long as the test run."""
    given = os.environ.get("QINGYUAN_TEST_DATABASE_URL")
    if given:
        yield given
        return
    from qingyuan.kit.postgres import Postgres

    postgres = Postgres(_SCRATCH / "postgres", durable=False)
    postgres.start()
    yield postgres.url
    postgres.stop()


@pytest.fixture(scope="session", autouse=True)
def _scratch_goes() -> Iterator[None]:
    yield
    shutil.rmtree(_SCRATCH, ignore_errors=True)
