"""One request from sending to end: the flows of the standard, and any interleaving."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.hj212 import (
    EDITION_2005,
    STANDARD,
    Exchange,
    Message,
    State,
    answer_9011,
    answer_9012,
    notice_9013,
)
from qingyuan_science.hj212.exchange import FINAL, TRANSITIONS, Step

QN, MN = "20160801085857223", "010000A8900016F000169DC0"
SPAN = ((("BeginTime", "20160801000000"),), (("EndTime", "20160801120000"),))
READ_CLOCK = Message(QN, "32", "1011", "123456", MN, 5)
HISTORY = Message(QN, "32", "2061", "123456", MN, 5, cp=SPAN)
STOP = Message(QN, "32", "2012", "123456", MN, 5)
OLD = Message(QN, "32", "1062", "123456", "88888880000001", 1, edition="2005")
CLOCK = Message(QN, "32", "1011", "123456", MN, 4, cp=((("SystemTime", "20160801085857"),),))


def hour(stamp: str, qn: str = "20160801090000001") -> Message:
    return Message(qn, "32", "2061", "123456", MN, 5, cp=((("DataTime", stamp),),))


def begun(request: Message = READ_CLOCK, **options) -> Exchange:
    exchange = Exchange(request, **options)
    assert exchange.tick(0.0) == (request,)
    return exchange


def test_the_flow_of_a_request_that_reads_one_thing() -> None:
    """HJ 212-2017 C.2: 1011, 9011, 1011, 9012, all with one QN."""
    exchange = begun()
    states = [exchange.state]
    for message in (answer_9011(READ_CLOCK, 1), CLOCK, answer_9012(READ_CLOCK, 1)):
        exchange.take(message, 1.0)
        states.append(exchange.state)
    assert states == [State.ASKED, State.ACCEPTED, State.ACCEPTED, State.DONE]
    assert (exchange.uploads, exchange.last_upload, exchange.due) == (1, CLOCK, None)


def test_a_refusal_ends_the_exchange() -> None:
    exchange = begun()
    exchange.take(answer_9011(READ_CLOCK, 3), 1.0)
    assert (exchange.state, exchange.qn_rtn, exchange.tick(100.0)) == (State.REFUSED, 3, ())


def test_an_unanswered_request_is_repeated_with_its_qn_and_then_given_up() -> None:
    """HJ 212-2017, table on timeouts: 10 s, 3 repeats."""
    exchange = begun()
    assert [len(exchange.tick(float(second))) for second in range(1, 50)].count(1) == 3
    assert (exchange.state, exchange.sent) == (State.UNANSWERED, 4)


def test_after_acceptance_every_upload_renews_the_wait() -> None:
    exchange = begun(HISTORY, execution_time=60.0)
    exchange.take(answer_9011(HISTORY, 1), 1.0)
    for second in (50.0, 100.0, 150.0):
        exchange.take(hour("20160801080000"), second)
        assert exchange.tick(second + 59.0) == ()
    assert exchange.state is State.ACCEPTED
    exchange.tick(210.0)
    assert (exchange.state, exchange.sent) == (State.UNFINISHED, 1)


@pytest.mark.parametrize(
    ("message", "ours"),
    [
        (hour("20160801000000"), True),
        (hour("20160801120000"), True),
        (hour("20160731230000"), False),
        (hour("20160801130000"), False),
        (Message("", "32", "2061", mn=MN), False),
        (Message("", "32", "2051", mn=MN, cp=((("DataTime", "20160801080000"),),)), False),
        (Message("", "32", "2061", mn="another", cp=((("DataTime", "20160801080000"),),)), False),
    ],
)
def test_uploads_of_the_past_are_tied_by_device_command_and_span(message: Message, ours: bool) -> None:
    """HJ 212-2017 C.50: each has a QN of its own."""
    exchange = begun(HISTORY)
    assert exchange.take(message, 0.5).step is None  # before 9011 the same data may come unasked
    exchange.take(answer_9011(HISTORY, 1), 1.0)
    assert (exchange.take(message, 2.0).step is Step.UPLOADED) == ours


def test_a_notice_ends_with_its_answer() -> None:
    exchange = begun(STOP)
    exchange.take(notice_9013(STOP), 1.0)
    assert exchange.state is State.DONE


def test_replies_of_2005_carry_the_qn_inside_and_the_last_is_answered() -> None:
    """HJ/T 212-2005: QN in CP; the host answers 9012 with 9014."""
    exchange = begun(OLD)
    accepted = answer_9011(OLD, 1, EDITION_2005)
    assert accepted.qn == ""
    exchange.take(accepted, 1.0)
    taken = exchange.take(answer_9012(OLD, 1, EDITION_2005), 2.0)
    assert exchange.state is State.DONE
    assert [reply.cn for reply in taken.replies] == ["9014"]
    assert taken.replies[0].get("QN") == QN


def test_answers_to_something_else_change_nothing() -> None:
    exchange = begun()
    other = Message("20160801085857999", "32", "1011", "123456", MN, 5)
    assert exchange.take(answer_9011(other, 2), 1.0).step is None
    assert (exchange.state, exchange.late) == (State.ASKED, 0)


def test_late_and_duplicate_answers_are_counted_and_change_nothing() -> None:
    exchange = begun()
    for message in (answer_9011(READ_CLOCK, 1), answer_9011(READ_CLOCK, 1), answer_9012(READ_CLOCK, 1)):
        exchange.take(message, 1.0)
    assert exchange.take(answer_9012(READ_CLOCK, 2), 2.0).late
    assert exchange.take(CLOCK, 3.0).late
    assert (exchange.state, exchange.exe_rtn, exchange.late) == (State.DONE, 1, 3)


def test_an_answer_that_overtook_or_lost_its_9011_counts() -> None:
    exchange = begun()
    exchange.take(CLOCK, 1.0)
    assert exchange.state is State.ACCEPTED
    failing = begun()
    failing.take(answer_9012(READ_CLOCK, 5), 1.0)
    assert (failing.state, failing.exe_rtn) == (State.FAILED, 5)


@pytest.mark.parametrize("value", ["", "x", "9999999999", "-1", "１"])
def test_a_return_code_that_is_no_number_is_no_consent(value: str) -> None:
    exchange = begun()
    exchange.take(Message(QN, "91", "9011", cp=((("QnRtn", value),),)), 1.0)
    assert (exchange.state, exchange.qn_rtn) == (State.REFUSED, None)


def test_the_table_of_states_leads_everywhere_and_never_out_of_an_end() -> None:
    assert not {state for state, _ in TRANSITIONS} & FINAL
    reached = {State.READY}
    while more := {to for (state, _), to in TRANSITIONS.items() if state in reached} - reached:
        reached |= more
    assert reached == set(State)


MESSAGES = [
    answer_9011(READ_CLOCK, 1), answer_9011(READ_CLOCK, 2), answer_9012(READ_CLOCK, 1), answer_9012(READ_CLOCK, 5),
    notice_9013(READ_CLOCK), CLOCK, HISTORY, hour("20160801080000"), answer_9011(READ_CLOCK, 1, EDITION_2005),
    Message(QN, "91", "9012"), Message("", "91", "9011"), Message(QN, "32", "1011", mn="another"),
]  # fmt: skip


@given(
    st.lists(st.tuples(st.floats(0.0, 25.0), st.none() | st.sampled_from(MESSAGES)), max_size=40),
    st.integers(0, 5),
    st.sampled_from([READ_CLOCK, HISTORY, STOP]),
)
@settings(max_examples=300)
def test_any_interleaving_ends_and_never_sends_more_than_allowed(steps, re_count: int, request: Message) -> None:
    exchange = Exchange(request, STANDARD, over_time=10.0, re_count=re_count, execution_time=30.0)
    now, sent, ended = 0.0, 0, None
    for wait, message in steps:
        now += wait
        sent += len(exchange.tick(now))
        if message is not None:
            exchange.take(message, now)
        assert ended is None or exchange.state is ended
        ended = exchange.state if exchange.ended else None
    for _ in range(re_count + 3):
        now = max(now, exchange.due or now)
        sent += len(exchange.tick(now))
    assert exchange.state in FINAL
    assert exchange.due is None
    assert sent == exchange.sent <= re_count + 1
