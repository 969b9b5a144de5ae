"""Work by the clock, one thing after the other: one that fails does not keep the others from their turn."""

from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from qingyuan.kit.errors import QingyuanError

NAMED = 20  # things that the error names; the rest are counted
_log = structlog.get_logger("rounds")


class RoundIncomplete(QingyuanError):
    """Some things of a round failed; the others are done."""


class Round:
    """A round of a name, as the log of the process knows it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.failed: list[str] = []

    @contextmanager
    def turn(self, what: str) -> Iterator[None]:
        """One thing's turn; where it fails, that is logged and counted, and the round goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 the door of the job runner; `end` tells it, so the job's row is failed
            _log.exception("failed", round=self.name, what=what)
            self.failed.append(f"{what}: {type(error).__name__}: {error}")

    def end(self) -> None:
        """Say what failed, once all had their turn.

        Raises
        ------
        RoundIncomplete
            Something did; the job fails with it, which the list of jobs shows.
        """
        if self.failed:
            more = f" and {len(self.failed) - NAMED} more" if len(self.failed) > NAMED else ""
            raise RoundIncomplete(f"{self.name}: {len(self.failed)} failed: {'; '.join(self.failed[:NAMED])}{more}")
