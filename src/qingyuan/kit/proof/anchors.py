"""Heads of the log kept outside of the database: a line in a file, and where one is named, a POST to another host."""

import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import httpx
import structlog
from django.conf import settings
from django.db import transaction

from qingyuan.kit import canonical, clock
from qingyuan.kit.models import Anchor
from qingyuan.kit.proof import tree
from qingyuan.kit.proof.checking import Anchored
from qingyuan.kit.proof.tree import Head

PATIENCE_S = 10.0
_log = structlog.get_logger("anchors")


def anchor() -> Anchor:
    """Keep the head of the log as it stands now, and send every head that another host has not been told of."""
    with transaction.atomic():
        now = tree.head()
        row = Anchor.objects.create(size=now.size, root=now.root, at=clock.now())
        _append(row)
    send_waiting()
    row.refresh_from_db()
    return row


def send_waiting() -> int:
    """POST the heads that still wait, oldest first; answers how many wait on. What cannot be sent stays a row."""
    waiting = Anchor.objects.filter(sent_at=None).order_by("pk")
    if settings.ANCHOR_URL:
        with httpx.Client(timeout=PATIENCE_S) as client:
            for row in waiting:
                if not _sent(client, row):
                    break
    return waiting.count() if settings.ANCHOR_URL else 0


def kept(file: Path | None = None) -> tuple[list[Anchored], list[str]]:
    """Every head of the anchor file and of the table, and what of the file cannot be read."""
    path = file or Path(settings.ANCHOR_FILE)
    rows = [Anchored(Head(row.size, bytes(row.root)), f"row {row.pk}, {row.at:%Y-%m-%d}") for row in _rows()]
    heads, faults = [], []
    for place, found in _read(path):
        if isinstance(found, Head):
            heads.append(Anchored(found, place))
        else:
            faults.append(f"{place}: {found}")
    return [*rows, *heads], faults


def told(row: Anchor) -> dict[str, object]:
    """A head as the file and the other host get it."""
    return {"at": row.at.isoformat(timespec="seconds"), "root": bytes(row.root).hex(), "size": row.size}


def _rows() -> "Iterator[Anchor]":
    return Anchor.objects.order_by("pk").iterator()


def _append(row: Anchor) -> None:
    path = Path(settings.ANCHOR_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    line = canonical.text(told(row)).encode() + b"\n"
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def _sent(client: httpx.Client, row: Anchor) -> bool:
    row.attempts += 1
    try:
        client.post(settings.ANCHOR_URL, json=told(row)).raise_for_status()
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        row.error = _trouble(error)
        _log.warning("a head of the log could not be sent", size=row.size, attempt=row.attempts, error=row.error)
    else:
        row.sent_at, row.error = clock.now(), ""
    row.save(update_fields=["attempts", "error", "sent_at"])
    return row.sent_at is not None


def _trouble(error: Exception) -> str:
    """What went wrong, without the address: that may carry a token, and many read the row and the program's log."""
    if isinstance(error, httpx.HTTPStatusError):
        return f"answered {error.response.status_code}"
    return type(error).__name__


def _read(path: Path) -> Iterator[tuple[str, Head | str]]:
    if not path.exists():
        return
    for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
        place = f"{path.name} line {number}"
        try:
            found = json.loads(line)
            datetime.fromisoformat(found["at"])
            yield place, Head(int(found["size"]), bytes.fromhex(found["root"]))
        except (ValueError, KeyError, TypeError):
            yield place, f"found {line[:80]!r}: expected a head as JSON with at, root and size"
