"""Observations that come at the same time are written together, and answered each for itself."""

import time
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
from django.db import transaction

from qingyuan.sensing.logic.raw import segments
from qingyuan.sensing.models import RawSegment
from qingyuan.sensing.queries import feed_packets


def test_those_that_wait_share_a_transaction_and_one_that_is_none_harms_no_other(
    api: httpx.Client, stream: Any, feed: SimpleNamespace
) -> None:
    def send(number: int) -> httpx.Response:
        body = {
            "Datastream": {"@iot.id": stream.pk}, "phenomenonTime": f"2026-11-20T05:00:{number:02d}Z",
            "result": "warm" if number == 5 else number / 4,
        }  # fmt: skip
        return api.post("/Observations", json=body)

    assert send(30).status_code == 201  # enters the name
    before = RawSegment.objects.count()
    with ThreadPoolExecutor(8) as senders:
        with transaction.atomic():
            segments.take_turn()  # the first that comes waits for the chain, and the others for it
            answers = [senders.submit(send, number) for number in range(8)]
            time.sleep(1)
        found = [answer.result() for answer in answers]
    assert [answer.status_code for answer in found] == [201, 201, 201, 201, 201, 400, 201, 201]
    for number, answer in enumerate(found):
        if number != 5:
            assert answer.json()["result"] == number / 4
            assert answer.json()["phenomenonTime"] == f"2026-11-20T05:00:{number:02d}Z"
            assert api.get(answer.headers["Location"]).json() == answer.json()
    assert "found result 'warm'" in found[5].json()["message"]
    assert feed_packets(feed.row).count() == 9
    assert RawSegment.objects.count() <= before + 3
    assert feed_packets(feed.row).exclude(error="").count() == 1
