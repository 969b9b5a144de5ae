"""`qingyuan import`: a dry run that only tells, a feed made on the way, and errors that say what was found."""

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from qingyuan.project.commands.import_table import IMPORT
from qingyuan.recording.queries import Import, window
from qingyuan.sensing.queries import Channel, Feed

pytestmark = pytest.mark.django_db
EIGHT = datetime(2025, 11, 22, tzinfo=UTC)


def run(file: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    IMPORT.options(parser)
    return IMPORT.run(parser.parse_args([str(file), "--feed", "works", *arguments]))


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "report.csv"
    file.write_bytes("时间,COD(mg/L)\n2025-11-22 08:00,48.2\n坏,1\n".encode("gb18030"))
    return file


def test_a_dry_run_tells_what_it_guesses_and_stores_nothing(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(table, "--dry-run") == 0
    out = capsys.readouterr().out
    assert '"time": "时间"' in out
    assert "row 2 2025-11-22T00:00:00+00:00 w01018 48.2 mg/L N" in out
    assert "1 values in 2 rows, 1 faults" in out
    assert not Feed.objects.exists()


def test_settings_make_the_feed_and_the_next_import_needs_none(
    table: Path, station: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    columns = json.dumps({"COD(mg/L)": {"name": "w01018", "unit": "mg/L"}})
    assert run(table, "--settings", json.dumps({"time": "时间", "at": station.code, "columns": columns})) == 0
    assert run(table) == 0
    out = capsys.readouterr().out
    assert "1 new, 0 changed, 0 unchanged, 1 faulty" in out
    assert "0 new, 0 changed, 1 unchanged, 1 faulty" in out
    channel = Channel.objects.get()
    assert list(window(channel.pk, "h", EIGHT, EIGHT + timedelta(hours=1)).value) == [48.2]


def test_what_cannot_be_done_is_said(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(table) == 1
    assert "found no feed 'works'" in capsys.readouterr().err
    assert run(tmp_path / "nothing.csv", "--dry-run") == 1
    assert run(table, "--settings", '{"colour": "red"}') == 1
    assert "found setting 'colour'" in capsys.readouterr().err
    assert not Import.objects.exists()
