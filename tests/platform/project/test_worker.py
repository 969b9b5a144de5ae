"""A handler of the worker goes on whatever interrupts it."""

import threading

import psycopg
import pytest

from qingyuan.kit import delivery
from qingyuan.project.commands import worker


@pytest.mark.parametrize("error", [psycopg.OperationalError("the connection is lost"), RuntimeError("cannot schedule")])
def test_a_handler_that_the_database_interrupts_goes_on(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    stop, bell, looks = threading.Event(), threading.Event(), 0

    def step(name: str) -> delivery.Step:
        nonlocal looks
        looks += 1
        if looks == 1:
            bell.set()
            raise error
        stop.set()
        return delivery.Step.NOTHING

    monkeypatch.setattr(delivery, "step", step)
    bell.set()
    thread = threading.Thread(target=worker._serve, args=(next(iter(delivery.handlers())), bell, stop))
    thread.start()
    thread.join(20)
    assert (looks, thread.is_alive()) == (2, False)
