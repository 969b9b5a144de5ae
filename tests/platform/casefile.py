"""What tests of the later stages share: hours over the limit, photos, records, and walking a case along its table."""

from datetime import UTC, date, datetime
from io import BytesIO
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

from PIL import Image

from qingyuan.kit.log import Origin

NINE = datetime(2026, 11, 22, 1, tzinfo=UTC)  # 09:00 in Shanghai
LONG_AGO = date(2020, 1, 1)
OFFICE = Origin(place="10.0.0.7")
INSPECTION = {
    "production_state": "normal",
    "discharge_state": "abnormal",
    "treatment_state": "stopped",
    "conclusion": "confirmed",
    "lon": 100.0501,
    "lat": 30.1,
    "accuracy_m": 8,
}
RECTIFICATION = {"measure": "更换曝气风机，恢复生化池运行", "finished_on": "2026-11-24"}


def jpeg(colour: str = "green", **save: Any) -> bytes:
    """A small photo; another colour is another photo."""
    file = BytesIO()
    Image.new("RGB", (64, 48), colour).save(file, "JPEG", **save)
    return file.getvalue()


def inspect(case: Any, user: Any, **changes: Any) -> Any:
    """Record an inspection with one photo."""
    from qingyuan.inspecting.api import Photo, record_inspection

    values = {**INSPECTION, "client_id": uuid4(), **changes}
    return record_inspection(case.pk, user, OFFICE, values=values, photos=[Photo("outlet.jpg", jpeg())])


def rectify(case: Any, user: Any, **changes: Any) -> Any:
    """Record a rectification without a photo."""
    from qingyuan.inspecting.api import record_rectification

    return record_rectification(case.pk, user, OFFICE, values={**RECTIFICATION, "client_id": uuid4(), **changes})


def screened(screening_id: int, user: Any, origin: Origin = OFFICE, end: datetime | None = None) -> Any:
    """A run of a screening, ended, as the worker ends it."""
    from qingyuan.judging.api import run_screening, start_screening

    run = start_screening(screening_id, user, origin, end)
    run_screening(run.pk)
    run.refresh_from_db()
    return run


def walk(case: Any, cast: SimpleNamespace, *verbs: str) -> Any:
    """Do the verbs in turn, each by who may, with the record that it needs filed before."""
    from qingyuan.dispatching.api import act

    for verb in verbs:
        user = getattr(cast, _WHO[verb])
        if verb in {"confirm", "refute"}:
            inspect(case, user)
        if verb == "rectified":
            rectify(case, user)
        fields = _FIELDS.get(verb, {}) | ({"assignee": cast.grid_worker.username} if verb == "assign" else {})
        case = act(case.pk, verb, user, OFFICE, why="现场情况说明", fields=fields)
    return case


_FIELDS = {"confirm": {"violation": "over-limit"}}
_WHO = {
    "assign": "duty_officer",
    "accept": "grid_worker",
    "hand_back": "grid_worker",
    "confirm": "grid_worker",
    "refute": "grid_worker",
    "send_back": "supervisor",
    "close_unfounded": "supervisor",
    "rectified": "handler",
    "return": "supervisor",
    "accept_closure": "supervisor",
}
