"""Whatever a program sends, what it is told, and what is counted of it, is short."""

import json
from typing import Any

import pytest

from qingyuan.sensing.queries import FaultCount, feed_packets

pytestmark = pytest.mark.django_db
LONG = "9" * 100_000
STREAM, AT = {"@iot.id": 1}, "2026-11-20T05:00:00Z"


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("Observations", {"phenomenonTime": LONG, "result": 1}),
        ("Observations", {"phenomenonTime": AT, "result": LONG}),
        ("Observations", {"phenomenonTime": AT, "result": 1, "resultQuality": LONG}),
        ("Observations", {"phenomenonTime": AT, "result": 1, "parameters": [LONG]}),
        ("Observations", {"phenomenonTime": AT, "result": [LONG]}),
        ("Observations", {"phenomenonTime": AT, "result": 1, "Datastream": {LONG: LONG}}),
        ("CreateObservations", [{"components": ["phenomenonTime", "result"], "dataArray": [[LONG, 1], LONG]}]),
        ("CreateObservations", [{"components": [LONG, "result"], "dataArray": {LONG: 1}}]),
        ("Things", {"name": "a", "description": LONG, LONG: LONG}),
        ("Things", {"name": LONG, "description": [LONG], "Locations": LONG}),
    ],
)
def test_a_long_text_is_told_and_counted_in_short(
    program: Any, feed: Any, stream: Any, path: str, document: Any
) -> None:
    for one in document if isinstance(document, list) else [document]:
        if path != "Things":
            one.setdefault("Datastream", {"@iot.id": stream.pk})
    answer = program.client.post(f"/sta/v1.1/{path}", json.dumps(document), content_type="application/json")
    assert answer.status_code in {201, 400, 404}
    assert len(answer.content) < 5000
    assert "expected" in answer.content.decode()
    assert all(len(row.detail) <= 500 for row in FaultCount.objects.all())
    assert all(len(row.note) <= 500 for row in feed_packets(feed.row))
