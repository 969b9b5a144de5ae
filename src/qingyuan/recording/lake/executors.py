"""Where lake work runs: processes of this machine, or a Dask cluster."""

import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from qingyuan.recording.lake.parts import Part

Result = TypeVar("Result")
Workers = Executor
AHEAD = 4  # parts handed out for each worker before the first result is taken


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
        with client, client.get_executor(pure=False) as cluster:
            yield cluster
        return
    # forked children would inherit the threads' locks of Polars and deltalake, and stand still
    fresh = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes or None, mp_context=fresh, initializer=_one_thread_each) as pool:
        yield pool


def run(function: Callable[[Part], Result], parts: Sequence[Part], workers: Executor) -> Iterator[Result]:
    """Results in the order of the parts, without holding all of them at once."""
    ahead = AHEAD * (os.cpu_count() or 1)
    waiting = [workers.submit(function, part) for part in parts[:ahead]]
    for number in range(len(parts)):
        yield waiting[number].result()
        waiting[number] = None  # type: ignore[call-overload]
        if number + ahead < len(parts):
            waiting.append(workers.submit(function, parts[number + ahead]))


def _one_thread_each() -> None:
    os.environ["POLARS_MAX_THREADS"] = "1"
