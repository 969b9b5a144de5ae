"""The log is the queue: each handler takes every line once, in order, and stumbles without stopping the others."""

import errno
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import OperationalError, connection

from qingyuan.kit import clock, delivery, log
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry, SetAside, Subscription
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
followed: list[bool] = []


def hear(event: BellRung) -> None:
    if event.id == 13:
        raise ValueError("thirteen")
    heard.append(event.id)


def measure(event: RainFell) -> None:
    if event.amount % 10 == 3:
        raise ValueError("three")
    fallen.append(event)
    followed.append(delivery.carries_on())


@pytest.fixture(autouse=True)
def bells() -> Iterator[None]:
    heard.clear()
    fallen.clear()
    followed.clear()
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


def _disk_full_in_a_file() -> None:
    raise OSError(errno.ENOSPC, "No space left on device")


def _disk_full_in_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DO $$ BEGIN RAISE 'no room' USING ERRCODE = 'disk_full'; END $$")


@pytest.mark.parametrize("fail", [_disk_full_in_a_file, _disk_full_in_the_database])
def test_a_full_disk_is_no_lines_fault_so_nothing_is_set_aside_and_all_is_taken_up_once_there_is_room(
    fail: Callable[[], None],
) -> None:
    room: list[bool] = []

    def needs_room(event: BellRung) -> None:
        if not room:
            fail()
        heard.append(event.id)

    delivery.connect({BellRung: (needs_room,)})
    delivery.subscribe()
    for number in (1, 2):
        log.write(BellRung(id=number))
    now = clock.now()
    for attempt in range(delivery.ATTEMPTS + 2):
        with clock.wound_to(now + timedelta(minutes=attempt)), pytest.raises((OSError, OperationalError)):
            delivery.run_until_quiet()
    room.append(True)
    delivery.run_until_quiet()
    assert heard == [1, 2]
    assert not SetAside.objects.exists()


def test_what_a_failing_handler_wrote_is_rolled_back() -> None:
    def half(event: BellRung) -> None:
        log.write(RainFell(id=1, amount=1))
        raise ValueError("half way")

    delivery.connect({BellRung: (half,)})
    delivery.subscribe()
    log.write(BellRung(id=1))
    delivery.run_until_quiet()
    assert not list(log.about("rain/1"))


def test_of_several_lines_that_fail_together_only_the_bad_one_is_set_aside() -> None:
    for number, amount in ((1, 20), (2, 3), (3, 20), (4, 20)):
        log.write(RainFell(id=number, amount=amount))
    now = clock.now()
    for attempt in range(delivery.ATTEMPTS + 2):
        with clock.wound_to(now + timedelta(minutes=attempt)):
            delivery.run_until_quiet()
    assert sum(one.amount for one in fallen) == 60
    assert SetAside.objects.get().error == "ValueError: three"


def test_what_is_too_much_together_is_taken_up_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivery, "LARGEST", 2)
    for number in range(7):
        log.write(RainFell(id=number, amount=1))
    delivery.run_until_quiet()
    assert [one.amount for one in fallen] == [2, 2, 2, 1]


def test_a_line_wakes_those_who_take_it_up_and_no_others() -> None:
    takers = delivery.takers()
    assert takers["BellRung"] == (delivery.name_of(hear),)
    assert takers["RainFell"] == (delivery.name_of(measure),)
    assert not delivery.gathers(delivery.name_of(hear))
    assert delivery.gathers(delivery.name_of(measure))


def test_a_new_handler_takes_up_lines_also_where_its_place_was_made_at_a_later_time() -> None:
    Subscription.objects.all().delete()
    with clock.wound_to(clock.now() + timedelta(days=30)):
        delivery.subscribe()
    log.write(RainFell(id=1, amount=1))
    delivery.step(delivery.name_of(measure))
    assert [one.amount for one in fallen] == [1]


@pytest.mark.django_db(transaction=True)
def test_a_handler_carries_on_only_where_this_process_left_it() -> None:
    name = delivery.name_of(measure)

    def rain(amount: int = 1) -> None:
        log.write(RainFell(id=1, amount=amount))
        delivery.step(name)

    rain()
    rain()
    log.write(RainFell(id=1, amount=1))
    newest = Entry.objects.order_by("-seq")[0].seq
    Subscription.objects.filter(handler=name).update(seq=newest)  # as if another process had taken it up
    rain()
    rain()
    rain(3)
    Subscription.objects.filter(handler=name).update(retry_at=clock.now(), attempts=0, seq=newest + 3)
    rain()
    assert followed == [False, True, False, True, False]


@pytest.mark.django_db(transaction=True)
def test_a_handler_that_found_nothing_left_by_another_process_does_not_carry_on() -> None:
    name = delivery.name_of(measure)

    def rain() -> int:
        log.write(RainFell(id=1, amount=1))
        return Entry.objects.order_by("-seq")[0].seq

    rain()
    delivery.step(name)
    delivery.step(name)  # nothing waits, and it was this process that took up the last
    rain()
    delivery.step(name)
    Subscription.objects.filter(handler=name).update(seq=rain())  # as if another process had taken it up
    delivery.step(name)  # nothing waits
    rain()
    delivery.step(name)
    assert followed == [False, True, False]


def test_handlers_of_judging_keep_the_names_under_which_their_places_in_the_log_are_kept() -> None:
    from qingyuan.loop import LOOP

    names = {delivery.name_of(handler) for handlers in LOOP.values() for handler in handlers}
    ours = {name for name in names if name.startswith("judging.") and ".logic." not in name}
    assert ours == {
        "judging.judge_again", "judging.judge_clue", "judging.judge_readings", "judging.judge_spots",
        "judging.judge_withdrawn_spots",
    }  # fmt: skip
