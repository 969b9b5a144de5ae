"""Footage that is brought again while its bytes are removed stays."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from casefile import OFFICE
from database import readings_of_this_test  # noqa: F401 a fixture
from django.db import connection, transaction
from film import mp4

from qingyuan.kit import clock
from qingyuan.sensing.api import bring_footage, footage_faults, register_camera, remove_expired_footage

pytestmark = pytest.mark.django_db(transaction=True)
NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)
LATER = NINE + timedelta(days=31)
VALUES = {"title_zh": "总排口摄像头", "title_en": "Outlet camera", "looks_at": "outlet", "owner": "区生态环境局"}


@pytest.fixture
def removed_meanwhile(cast: Any, station: Any, settings: Any, tmp_path: Path) -> Any:
    """The bytes were kept for one camera, whose time has ended; the job that removes them, in a thread of its own."""
    settings.MEDIA_ROOT = tmp_path
    for code in ("C-1", "C-2"):
        register_camera(code, station, {**VALUES, "keep_days": 30}, valid_from=date(2020, 1, 1))
    with clock.wound_to(NINE):
        bring_footage(cast.analyst, "C-1", "a.mp4", mp4(), begins_at=NINE, origin=OFFICE)

    def remove() -> None:
        try:
            with clock.wound_to(LATER):
                remove_expired_footage()
        finally:
            connection.close()

    return Thread(target=remove)


def test_bytes_that_another_camera_brings_while_they_are_removed_stay(cast: Any, removed_meanwhile: Any) -> None:
    with clock.wound_to(LATER), transaction.atomic():
        new, _is_new = bring_footage(cast.analyst, "C-2", "a.mp4", mp4(), begins_at=NINE, origin=OFFICE)
        removed_meanwhile.start()
        removed_meanwhile.join(1.0)  # it waits for the end of this transaction, or is through
    removed_meanwhile.join(20)
    assert new.path.read_bytes() == mp4()
    assert list(footage_faults()) == [None]


def test_a_file_that_a_crash_left_behind_its_row_goes_in_the_next_round(
    cast: Any, removed_meanwhile: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    del removed_meanwhile
    with clock.wound_to(LATER), monkeypatch.context() as crash:
        crash.setattr(Path, "unlink", _crash)
        with pytest.raises(KeyboardInterrupt):
            remove_expired_footage()
    with clock.wound_to(LATER + timedelta(days=1)):
        again, is_new = bring_footage(cast.analyst, "C-1", "a.mp4", mp4(), begins_at=NINE, origin=OFFICE)
        path = again.path
        assert is_new
    with clock.wound_to(LATER + timedelta(days=33)), monkeypatch.context() as crash:
        crash.setattr(Path, "unlink", _crash)
        with pytest.raises(KeyboardInterrupt):
            remove_expired_footage()
    assert path.exists()
    with clock.wound_to(LATER + timedelta(days=34)):
        assert remove_expired_footage() == 0
    assert not path.exists()


def _crash(*_given: Any, **_named: Any) -> None:
    raise KeyboardInterrupt
