"""Verbs on the history lake."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from typing import TypeVar

from django.conf import settings

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.kit.rounds import Round
from qingyuan.recording.lake import executors, parts, table
from qingyuan.recording.lake.ours import our_lake
from qingyuan.recording.lake.parts import DaySums
from qingyuan.recording.logic.partitions import YOUNG_DAYS
from qingyuan.recording.logic.sealed import restoring, sealing, upkeep
from qingyuan.recording.logic.sealed.sealing import Sealed
from qingyuan.recording.logic.sealed.upkeep import Stats

Task = TypeVar("Task")
Result = TypeVar("Result")


def seal_old_days() -> Iterator[Sealed]:
    """Move every day that is older than `QINGYUAN_HOT_DAYS` from the hot table into the lake, oldest first.

    Yields
    ------
    Sealed
        What came of each day. A day that somebody reads or writes at that moment is in the lake and stays in the hot
        table until the next time.

    Raises
    ------
    BadInput
        `QINGYUAN_HOT_DAYS` is too small.
    Refused
        Another process is changing the lake.
    RoundIncomplete
        Of some days it failed; all others were done, and those come again the next time.
    """
    if settings.HOT_DAYS < YOUNG_DAYS:
        raise BadInput(f"QINGYUAN_HOT_DAYS is {settings.HOT_DAYS}, expected {YOUNG_DAYS} or more")
    days = Round("seal_old_days")
    with upkeep.alone():
        for day in sealing.old_days(clock.now(), timedelta(days=settings.HOT_DAYS)):
            sealed = None
            with days.turn(day.isoformat()):
                sealed = sealing.seal(our_lake(), day, clock.now())
            if sealed is not None:
                yield sealed
    days.end()


def compact_lake(*, thoroughly: bool = False) -> int:
    """Write months of the lake anew, sorted, whose readings lie in many files, and delete what is no longer needed.

    Parameters
    ----------
    thoroughly : bool
        Also months with a second file for a channel.

    Returns
    -------
    int
        How many months of a kind were written.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    running = f"{clock.now() - timedelta(days=settings.HOT_DAYS):%Y-%m}"
    table.ensure(our_lake())
    with upkeep.alone(), _workers() as workers:
        return upkeep.compact(our_lake(), running, workers, thoroughly=thoroughly)


def expire_readings() -> int:
    """Take months out of the lake that are older than `QINGYUAN_KEEP_DAYS` says; the log names them.

    Returns
    -------
    int
        How many readings.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    kept = {kind: timedelta(days=days) for kind, days in settings.KEEP_DAYS.items()}
    table.ensure(our_lake())
    with upkeep.alone():
        return upkeep.expire(our_lake(), kept, clock.now())


def restore_days(first: date, last: date, origin: Origin = PLATFORM) -> int:
    """Bring sealed days back to the hot table, for as long as a day stays there.

    Parameters
    ----------
    first, last : date
        UTC days, both included.
    origin : Origin

    Returns
    -------
    int
        How many readings the hot table did not have.

    Raises
    ------
    Refused
        Another process is changing the lake.
    """
    with upkeep.alone():
        return restoring.restore(our_lake(), first, last, origin)


def check_lake() -> list[str]:
    """Read the whole lake and compare it with what was sealed.

    Returns
    -------
    list of str
        What is wrong, a sentence each; empty when all is as it was sealed.

    Raises
    ------
    LakeMissing, Refused
    """
    with upkeep.alone(), _workers() as workers:
        return upkeep.check(our_lake(), workers)


def lake_stats() -> list[Stats]:
    """What the lake holds, by kind.

    Returns
    -------
    list of Stats

    Raises
    ------
    LakeMissing
    """
    return upkeep.stats(our_lake())


def lake_day_sums(kind: str = "h") -> DaySums:
    """Sum and number of valid values of every channel on every day of China in the lake.

    Parameters
    ----------
    kind : str
        A letter of `KINDS`.

    Returns
    -------
    DaySums
        In order of (channel, day); daily means are `total / count`.

    Raises
    ------
    LakeMissing
    """
    work = parts.parts_of(our_lake(), table.snapshot(our_lake()), [kind])
    with _workers() as workers:
        return parts.joined_sums(list(executors.run(parts.day_sums, work, workers)))


def spread_work(
    function: Callable[[Task], Result], tasks: Iterable[Task], *, ahead: int, processes: int = 0
) -> Iterator[Result]:
    """Run a function over tasks where lake work runs: in processes of this machine, or on the cluster of the settings.

    Parameters
    ----------
    function : callable
        Of a module that can be imported without Django.
    tasks : iterable
        Each can be pickled. They are asked for one after the other, as they are due.
    ahead : int
        How many tasks are handed out before the first result is taken.
    processes : int
        How many processes of this machine; as many as there are processors when 0.

    Yields
    ------
    Result
        In the order of the tasks.
    """
    with executors.executor(settings.LAKE_CLUSTER, processes) as workers:
        yield from executors.spread(function, tasks, workers, ahead)


@contextmanager
def _workers() -> Iterator[executors.Workers]:
    with executors.executor(settings.LAKE_CLUSTER) as workers:
        yield workers
