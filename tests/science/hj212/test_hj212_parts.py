"""Split messages: which parts have come, whatever their order, loss and repetition."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import BadPart, Message, PartsCollector, split

CP = ((("DataTime", "20160801085857"),),)


def part(pno: int | None, pnum: int | None = 2, *, qn: str = "", at: str = "20160801085857", mn: str = "1") -> Message:
    return Message(qn, "32", "2011", mn=mn, flag=7, pnum=pnum, pno=pno, cp=((("DataTime", at),),))


def test_a_pair_with_different_qns_in_reverse_order_is_complete() -> None:
    """HJ 212-2017 C.49: parts have consecutive QNs."""
    collector = PartsCollector()
    first = collector.take(part(2, qn="20160801085857332"), 0.0)
    assert first is not None
    assert (first.complete, first.missing) == (False, (1,))
    second = collector.take(part(1, qn="20160801085857331"), 1.0)
    assert second is not None
    assert (second.complete, second.missing, second.since, second.last) == (True, (), 0.0, 1.0)


def test_a_part_that_never_comes_is_told_once_after_the_time_to_wait() -> None:
    collector = PartsCollector(patience=60.0)
    collector.take(part(1, 3), 0.0)
    collector.take(part(3, 3), 10.0)
    assert collector.expired(70.0) == ()
    (status,) = collector.expired(70.5)
    assert (status.missing, status.key.cn, status.key.data_time) == ((2,), "2011", "20160801085857")
    assert collector.expired(1000.0) == ()
    assert len(collector) == 0


def test_a_duplicate_is_known_even_after_completion_for_a_while() -> None:
    collector = PartsCollector(patience=60.0)
    news = [collector.take(part(number), 0.0) for number in (1, 2, 2, 1)]
    assert [status.new for status in news if status] == [True, True, False, False]
    assert collector.expired(100.0) == ()
    again = collector.take(part(1), 200.0)
    assert again is not None
    assert again.new


@pytest.mark.parametrize("whole", [part(None, None), part(1, 1)])
def test_a_message_that_is_not_split_is_none_of_its_business(whole: Message) -> None:
    """Flag says split; the fields count."""
    assert PartsCollector().take(whole, 0.0) is None


@pytest.mark.parametrize(("pno", "pnum"), [(0, 2), (3, 2), (None, 2), (1, None), (1, 10_000), (1, 0)])
def test_impossible_numbers_have_a_name(pno: int | None, pnum: int | None) -> None:
    with pytest.raises(BadPart):
        PartsCollector().take(part(pno, pnum), 0.0)


def test_messages_without_data_time_are_told_apart_by_qn() -> None:
    collector = PartsCollector()
    bare = Message("20040516010101001", "32", "2051", pnum=2, pno=1)
    collector.take(bare, 0.0)
    other = collector.take(replace(bare, qn="20040516010101002", pno=2), 0.0)
    assert other is not None
    assert other.missing == (1,)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 5), st.floats(0, 40)), max_size=80))
@settings(max_examples=100)
def test_memory_is_bounded_and_every_incomplete_message_is_told_once(arrivals) -> None:
    collector = PartsCollector(patience=60.0, most=5)
    now, told, began = 0.0, [], set()
    for minute, pno, wait in arrivals:
        now += wait
        collector.take(part(pno, 5, at=f"201608010800{minute:02d}"), now)
        began.add(minute)
        assert len(collector) <= 5
        told += collector.expired(now)
    told += collector.expired(now + 61)
    assert len(collector) == 0
    assert {int(status.key.data_time[-2:]) for status in told} <= began
    assert all(not status.complete for status in told)


@given(st.randoms(use_true_random=False), st.integers(40, 150))
@settings(max_examples=30)
def test_what_split_parts_is_complete_after_the_last_of_any_order(random, factors: int) -> None:
    groups = tuple(((f"w{n:05d}-Avg", "1.234"), (f"w{n:05d}-Flag", "N")) for n in range(factors))
    parts = split(Message("20160801085857223", "32", "2061", flag=4, cp=(*CP, *groups)))
    random.shuffle(parts)
    collector = PartsCollector()
    statuses = [collector.take(one, 0.0) for one in parts]
    assert [status.complete for status in statuses if status] == [False] * (len(parts) - 1) + [True]
