"""How far a job is that somebody asked for, as its page follows it."""

from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from qingyuan.kit import clock

SILENT = timedelta(minutes=10)
KINDS = {"waiting": "waiting", "running": "working", "done": "good", "failed": "bad"}


def going(one: Any) -> bool:
    """Whether a job waits or runs."""
    return one.state in ("waiting", "running")


def silent(one: Any, others: QuerySet[Any]) -> bool:
    """Whether nobody seems to be at a job; one that waits does so while others of its kind move."""
    still = clock.now() - SILENT
    moving = others.filter(state="running", moved_at__gte=still)
    return one.moved_at < still and (one.state == "running" or (one.state == "waiting" and not moving.exists()))


def share(done: int, whole: int) -> int:
    """How much is done. [%]"""
    return round(100 * done / whole) if whole else 0
