"""A case that the grid worker has signed for, and a folder for photos."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import transaction


@pytest.fixture(autouse=True)
def _photos_folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def case(cast: SimpleNamespace, channel: Any, readings: Any) -> Any:
    from casefile import LONG_AGO, NINE, walk

    from qingyuan.dispatching.api import add_rule, open_case_for_finding
    from qingyuan.dispatching.queries import Case
    from qingyuan.judging.api import judge_readings, set_watch
    from qingyuan.judging.events import FindingOpened
    from qingyuan.judging.queries import Finding

    add_rule(
        title_zh="超标", title_en="Exceedances", case_type="exceedance", valid_from=LONG_AGO,
        organisation=cast.handler.organisation,
    )  # fmt: skip
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    with transaction.atomic():
        event = readings(channel, "h", [(NINE, 68.4)])
    judge_readings(event)
    found = Finding.objects.get()
    open_case_for_finding(
        FindingOpened(
            id=found.pk, detector=found.detector, channel=channel.pk, station="outlet-1", severity=2,
            started_at=NINE.isoformat(), sentence_zh="", sentence_en="",
        )
    )  # fmt: skip
    return walk(Case.objects.get(), cast, "accept")
