"""Whether what is kept of a delivery is what the log said of it when it was made."""

import hashlib
from collections import Counter
from collections.abc import Mapping
from typing import Any

import zstandard

from qingyuan.forwarding.models import Run
from qingyuan.forwarding.queries import RESULTS, details_of

_NOT_ARRIVED = ("refused", "unanswered", "unwritable", "behind")


def fault_of(run: Run | None, told: Mapping[str, Any]) -> str | None:
    """What is wrong with a delivery, held against the detail of its line; None where nothing is."""
    if run is None:
        return f"delivery {told['run']} is gone, though the log names it"
    try:
        hashed = hashlib.sha256(zstandard.decompress(bytes(run.details))).hexdigest()
    except zstandard.ZstdError as error:
        return f"delivery {run.pk} was changed after it was written: {error}"
    kept = (run.destination_id, run.after, run.up_to, hashed, bytes(run.details_hash).hex(), bytes(run.sent_hash).hex())
    said = (told["id"], told["after"], told["up_to"], told["details"], told["details"], told["sent"])
    if kept != said or _counts(run) != _told_counts(told):
        return f"delivery {run.pk} was changed after it was written"
    return None


def _told_counts(told: Mapping[str, Any]) -> tuple[int, ...]:
    return told["accepted"], told["refused"], told["left_out"], told.get("withheld", 0)


def _counts(run: Run) -> tuple[int, ...]:
    """How many packets were accepted, did not arrive, were left out, and were withheld, by the details."""
    found = Counter(RESULTS.get(int(one), "") for one in details_of(run)["result"])
    return (
        found["accepted"] + found["corrected"],
        sum(found[name] for name in _NOT_ARRIVED),
        found["too-old"],
        found["withheld"],
    )
