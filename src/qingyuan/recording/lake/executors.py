"""Where lake work runs: processes of this machine, or a Dask cluster."""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from qingyuan.recording.lake.parts import Part

Task = TypeVar("Task")
Result = TypeVar("Result")
Workers = Executor
WORTH_A_PROCESS = 1_000_000  # readings
_KEPT_MEMORY = "dirty_decay_ms:30000,muzzy_decay_ms:-1"  # task after task reads as much; to fetch memory anew is slow
AHEAD = 64  # tasks handed out before the first result is taken: enough for a cluster, few enough for the memory


@contextmanager
def executor(scheduler: str = "", processes: int = 0) -> Iterator[Executor]:
    """An executor for lake work, shut down when the block is left.

    Parameters
    ----------
    scheduler : str
        Address of a Dask scheduler, such as `tcp://10.0.0.5:8786`; empty for processes of this machine.
    processes : int
        How many of those; as many as there are processors when 0.
    """
    if scheduler:
        from distributed import Client

        client = Client(scheduler)  # type: ignore[no-untyped-call]
        with client, client.get_executor(pure=False) as cluster:  # type: ignore[no-untyped-call]
            yield cluster
        return
    # forked children would inherit the threads' locks of Polars and deltalake, and stand still
    fresh = multiprocessing.get_context("spawn")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read as NumPy is loaded, which is before any initializer
    os.environ["_RJEM_MALLOC_CONF"] = _KEPT_MEMORY  # in place of what Polars set for this process as it was loaded
    with ProcessPoolExecutor(processes or None, mp_context=fresh, initializer=_one_thread_each) as pool:
        yield pool


def run(function: Callable[[Part], Result], parts: Sequence[Part], workers: Executor) -> Iterator[Result]:
    """Results in the order of the parts; a small lake is done in this process before another one would have started."""
    if sum(file.rows for part in parts for file in part.files) < WORTH_A_PROCESS:
        return map(function, parts)
    return spread(function, parts, workers)


def spread(
    function: Callable[[Task], Result], tasks: Iterable[Task], workers: Executor, ahead: int = AHEAD
) -> Iterator[Result]:
    """Results in the order of the tasks, without holding all of them at once; tasks are asked for as they are due."""
    waiting: deque[Future[Result]] = deque()
    for task in tasks:
        waiting.append(workers.submit(function, task))
        if len(waiting) > ahead:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _one_thread_each() -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"
