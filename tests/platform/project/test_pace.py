"""A handler of the worker takes up lone lines at once, and rests in a stream of them."""

from qingyuan.kit import delivery
from qingyuan.project.commands.worker import LONGEST_RESTS, Pace


def test_lines_now_and_then_never_wait() -> None:
    pace = Pace(at=0.0)
    assert [pace.rest_after(second, second + 0.02) for second in range(1, 100)] == [0.0] * 99


def test_in_a_stream_it_works_a_small_share_of_the_time() -> None:
    pace, now, worked = Pace(at=0.0), 0.0, 0.0
    while now < 600:
        begun, now, worked = now, now + 0.03, worked + 0.03
        now += pace.rest_after(begun, now)
    assert worked / now < 1.2 * Pace.SHARE


def test_however_long_it_worked_it_rests_no_longer_than_said() -> None:
    assert Pace(at=0.0).rest_after(0.0, 60.0) == Pace.LONGEST_S


def test_who_rests_shorter_than_others_is_a_handler_of_the_loop() -> None:
    assert set(LONGEST_RESTS) <= set(delivery.handlers())
