"""A logger keeps what was not answered, repeats it, gives up, and catches up after an outage."""

from datetime import datetime, timedelta

import pytest

from qingyuan_science.hj212 import Frame, Framer, Message, data_answer_9014, encode, parse
from qingyuan_science.worlds import HOURLY, REALTIME, TEN_MINUTE, Device, World

MINUTE = timedelta(minutes=1)


def device(world: World, code: str = "QJ-W01", **options: object) -> Device:
    return Device(world, world.station(code), world.epoch, **options)  # type: ignore[arg-type]


def read(device: Device, written: bytes) -> list[Message]:
    frames = Framer(device.station.dialect).feed(written)
    return [parse(one.segment, device.station.dialect) for one in frames if isinstance(one, Frame)]


def answers(device: Device, messages: list[Message]) -> bytes:
    dialect = device.station.dialect
    return b"".join(encode(data_answer_9014(message, dialect), dialect) for message in messages)


def running(world: World, minutes: float, code: str = "QJ-W01", **options: object) -> Device:
    """A connected logger with the messages of some minutes in its buffer."""
    made = device(world, code, **options)
    made.connect()
    made.advance(world.epoch + minutes * MINUTE)
    return made


def test_nothing_is_written_before_the_line_is_up(world: World) -> None:
    logger = device(world)
    logger.advance(world.epoch + 20 * MINUTE)
    assert logger.to_send(0.0) == b""
    assert logger.waiting > 0


@pytest.mark.parametrize("code", ["QJ-W01", "QJ-W05", "QJ-W02", "QJ-A01"])
def test_what_was_answered_is_not_sent_again(world: World, code: str) -> None:
    logger = running(world, 2, code)
    sent = read(logger, logger.to_send(0.0))
    assert len(sent) == 4
    assert logger.receive(answers(logger, sent)) == 4
    assert (logger.waiting, logger.answered, logger.to_send(60.0)) == (0, 4, b"")


def test_answers_may_come_byte_by_byte(world: World) -> None:
    logger = running(world, 2)
    reply = answers(logger, read(logger, logger.to_send(0.0)))
    assert sum(logger.receive(reply[place : place + 1]) for place in range(len(reply))) == 4


def test_what_was_not_answered_in_time_is_repeated_with_the_same_bytes(world: World) -> None:
    logger = running(world, 1, over_time=10.0)
    first = logger.to_send(0.0)
    assert logger.next_repeat_at() == 10.0
    assert logger.to_send(9.9) == b""
    assert logger.to_send(10.0) == first
    assert logger.repeated == 2


def test_only_the_unanswered_one_is_repeated(world: World) -> None:
    logger = running(world, 1)
    sent = read(logger, logger.to_send(0.0))
    logger.receive(answers(logger, sent[1:]))
    assert read(logger, logger.to_send(10.0)) == sent[:1]


def test_after_the_last_repeat_the_line_counts_as_dead_and_a_new_one_revives_it(world: World) -> None:
    logger = running(world, 12, re_count=3, window=2, kinds=(TEN_MINUTE,))
    first = logger.to_send(0.0)
    assert first
    assert [logger.to_send(10.0 * number) for number in (1, 2, 3)] == [first] * 3
    assert not logger.line_is_dead
    assert logger.to_send(40.0) == b""
    assert logger.line_is_dead
    logger.disconnect()
    logger.connect()
    assert not logger.line_is_dead
    assert logger.to_send(41.0) == first


def test_no_more_messages_are_under_way_than_the_window_allows(world: World) -> None:
    logger = running(world, 9.5, window=3)
    sent = read(logger, logger.to_send(0.0))
    assert len(sent) == 3
    assert logger.to_send(1.0) == b""
    logger.receive(answers(logger, sent[:1]))
    assert len(read(logger, logger.to_send(2.0))) == 1


def test_a_logger_that_was_offline_sends_its_means_oldest_first_and_no_old_real_time_values(world: World) -> None:
    logger = device(world, window=1000)
    logger.advance(world.epoch + 125 * MINUTE)
    logger.connect()
    sent = read(logger, logger.to_send(0.0))
    assert {message.cn for message in sent} == {TEN_MINUTE, HOURLY}
    assert [message.cn for message in sent].count(HOURLY) == 2
    assert [message.qn for message in sent] == sorted(message.qn for message in sent)


def test_means_under_way_when_the_line_broke_are_sent_again_before_newer_ones(world: World) -> None:
    logger = running(world, 65, window=1000)
    before = [message for message in read(logger, logger.to_send(0.0)) if message.cn != REALTIME]
    dropped = logger.waiting - len(before)
    logger.disconnect()
    assert (logger.forgotten, logger.waiting) == (dropped, len(before))
    logger.advance(world.epoch + 130 * MINUTE)
    logger.connect()
    again = read(logger, logger.to_send(5.0))
    assert again[: len(before)] == before
    assert len(again) > len(before)


def test_a_full_buffer_loses_the_oldest_and_counts_them(world: World) -> None:
    logger = device(world, keep=5, kinds=(TEN_MINUTE,))
    logger.advance(world.epoch + 100 * MINUTE)
    assert (logger.waiting, logger.forgotten) == (5, 5)
    logger.connect()
    logger.to_send(0.0)
    assert logger.next_message_at > world.epoch + 100 * MINUTE


@pytest.mark.parametrize("noise", [b"GET / HTTP/1.1\r\n\r\n", b"##0009not an ok", b"\x00" * 40])
def test_noise_on_the_line_is_counted_and_does_no_harm(world: World, noise: bytes) -> None:
    logger = running(world, 1)
    sent = read(logger, logger.to_send(0.0))
    assert logger.receive(noise + b"##") == 0
    logger.receive(b"\r\n" * 5000)
    assert logger.ignored > 0
    assert logger.receive(answers(logger, sent)) == len(sent)
    assert logger.waiting == 0


def test_an_answer_to_something_else_is_ignored_and_counted(world: World) -> None:
    logger = running(world, 1)
    sent = read(logger, logger.to_send(0.0))
    reply = answers(logger, sent)
    assert logger.receive(reply) == 2
    assert logger.receive(reply) == 0
    assert logger.ignored == 2


def test_with_a_fast_clock_of_the_world_patience_is_measured_on_the_wall(world: World) -> None:
    logger = device(world, window=10_000)
    logger.connect()
    for hour in range(24):
        logger.advance(world.epoch + timedelta(hours=hour))
        logger.receive(answers(logger, read(logger, logger.to_send(hour * 0.01))))
    assert logger.repeated == 0
    assert logger.sent == logger.answered > 2000


def test_the_next_message_tells_when_to_wake(world: World) -> None:
    logger = device(world)
    due: datetime = logger.next_message_at
    logger.connect()
    logger.advance(due - timedelta(milliseconds=1))
    assert logger.waiting == 0
    logger.advance(due)
    assert logger.waiting == 1
