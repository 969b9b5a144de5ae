"""Whether what is kept of a delivery is what the log said of it when it was made."""

import base64
import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

import zstandard

from qingyuan.forwarding.models import Run, Sent
from qingyuan.forwarding.queries import RESULTS, details_of
from qingyuan.kit.errors import SealedOtherwise

_TOLD_OF_MESSAGES = ("id", "asked", "messages", "accepted", "refused", "withheld", "details", "sent")
_SENT_US = 6  # where of a message it stands when it went out, nought where it did not
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


def unpacked(row: Sent) -> bytes:
    """What is kept of each message of a row, as it was hashed."""
    return zstandard.decompress(base64.b64decode(row.messages))


def fault_of_messages(number: int, told: Mapping[str, Any]) -> str | None:
    """What is wrong with messages that were made here, held against the detail of their line; None where nothing is."""
    try:
        row = Sent.objects.filter(pk=number).first()
        details = unpacked(row) if row else b""
    except (SealedOtherwise, ValueError, zstandard.ZstdError) as error:
        return f"messages {number} cannot be read: {error}"
    if row is None:
        return f"messages {number} are gone, though the log names them"
    sent = hashlib.sha256(b"".join(one[-1].encode("latin-1") for one in json.loads(details) if one[_SENT_US]))
    kept = (
        row.destination_id, row.asked_id or 0, row.count, row.accepted, row.refused, row.withheld,
        hashlib.sha256(details).hexdigest(), sent.hexdigest(), bytes(row.sent_hash).hex(),
    )  # fmt: skip
    said = (*(told[name] for name in _TOLD_OF_MESSAGES), told["sent"])
    return None if kept == said else f"messages {number} were changed after they were written"
