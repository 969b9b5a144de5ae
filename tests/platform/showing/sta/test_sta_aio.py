"""aio-sensorthings as it is published, in an interpreter of its own, walks through the API over TCP."""

import json
import os
import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytestmark = pytest.mark.django_db(transaction=True)
PYTHON = Path(__file__).resolve().parents[4] / ".make" / "aio-sensorthings" / "bin" / "python"
WALK = Path(__file__).with_name("walk_with_aio.py")


@pytest.mark.skipif(
    not PYTHON.exists(),
    reason="aio-sensorthings is not installed: tools/install_client.py does that where a Python 3.13 or 3.14 is",
)
def test_aio_sensorthings_creates_reads_pages_changes_and_copies(
    server: str, feed: SimpleNamespace, grid: Any, tmp_path: Path
) -> None:
    from qingyuan.kit.log import PLATFORM
    from qingyuan.sensing.api import define_feed, issue_token

    other = define_feed(
        "copy", connector="sta", title_zh="副本", title_en="Copy", settings={"station_kind": "surface-water"}
    )
    (tmp_path / "river").write_text(feed.token)
    (tmp_path / "copy").write_text(issue_token(other, PLATFORM))
    address = server.removesuffix("/v1.1")
    command = [PYTHON, WALK, address, "river", tmp_path / "river", "copy", tmp_path / "copy"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("DJANGO", "PYTHON"))}
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=100, check=False,
        env={**environment, "NO_PROXY": "127.0.0.1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    assert json.loads(done.stdout) == {
        "pages": [8, 9, 10, 11, 12, 13, 14],
        "high": [12, 13, 14],
        "stream": ["oxygen", "River gauge", "probe", "urn:hj212:w01009"],
        "thing": ["River gauge", [100.3, 30.1]],
        "patched": [True, False, "rebuilt"],
        "named": True,
        "copied": [["River gauge oxygen probe"]] * 2,
        "failures": [],
    }
