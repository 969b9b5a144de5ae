"""The log is the queue: each handler takes every line once, in order, and stumbles without stopping the others."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest

from qingyuan.kit import clock, delivery, log
from qingyuan.kit.events import Event
from qingyuan.kit.models import SetAside
from qingyuan.loop import LOOP

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class BellRung(Event):
    subject_kind: ClassVar[str] = "bell"
    id: int


@dataclass(frozen=True)
class RainFell(Event):
    subject_kind: ClassVar[str] = "rain"
    id: int
    amount: int

    def joins(self, later: Event) -> bool:
        return isinstance(later, RainFell)

    def together(self, later: Sequence[Event]) -> "RainFell":
        every = [self, *(one for one in later if isinstance(one, RainFell))]
        return RainFell(every[-1].id, sum(one.amount for one in every))


heard: list[int] = []
fallen: list[RainFell] = []


def hear(event: BellRung) -> None:
    if event.id == 13:
        raise ValueError("thirteen")
    heard.append(event.id)


def measure(event: RainFell) -> None:
    fallen.append(event)


@pytest.fixture(autouse=True)
def bells() -> Iterator[None]:
    heard.clear()
    fallen.clear()
    delivery.connect({BellRung: (hear,), RainFell: (measure,)})
    delivery.subscribe()
    yield
    delivery.connect(LOOP)


def test_every_line_is_taken_up_once_and_in_order() -> None:
    for number in (3, 1, 2):
        log.write(BellRung(id=number))
    delivery.run_until_quiet()
    delivery.run_until_quiet()
    assert heard == [3, 1, 2]


def test_a_handler_that_has_fallen_behind_takes_joined_events_at_once() -> None:
    for number in range(10):
        log.write(RainFell(id=number, amount=2))
    log.write(BellRung(id=1))
    delivery.run_until_quiet()
    assert fallen == [RainFell(id=9, amount=20)]


def test_a_line_that_cannot_be_taken_up_is_tried_again_then_set_aside_with_the_reason() -> None:
    for number in (12, 13, 14):
        log.write(BellRung(id=number))
    now = clock.now()
    for attempt in range(delivery.ATTEMPTS + 2):
        with clock.wound_to(now + timedelta(minutes=attempt)):
            delivery.run_until_quiet()
    assert heard == [12, 14]
    kept = SetAside.objects.get()
    assert kept.error == "ValueError: thirteen"


def test_what_a_failing_handler_wrote_is_rolled_back() -> None:
    def half(event: BellRung) -> None:
        log.write(RainFell(id=1, amount=1))
        raise ValueError("half way")

    delivery.connect({BellRung: (half,)})
    delivery.subscribe()
    log.write(BellRung(id=1))
    delivery.run_until_quiet()
    assert not list(log.about("rain/1"))
