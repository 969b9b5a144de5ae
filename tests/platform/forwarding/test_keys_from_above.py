"""A key that the platform above sets is answered, kept, and used from then on; what was on its way is not lost."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from above import Above, handing_on, platform_above, settle
from test_enciphered import KEY_ABOVE, MN, destination, opened, packets, passed, send, sender  # noqa: F401 a fixture
from wire import Sender

from qingyuan.forwarding.api import define_destination
from qingyuan.forwarding.queries import Asked, Destination, Identity, Names
from qingyuan.kit.queries import lines
from qingyuan_science.worlds.above import ORDERLY, PlatformAbove

pytestmark = pytest.mark.django_db(transaction=True)
NEW, OTHER = "A1b2C3d4E5f6G7h8", "Z9y8X7w6V5u4T3s2"


@contextmanager
def province(key: str = KEY_ABOVE) -> Iterator[tuple[Above, PlatformAbove]]:
    """The simulated platform above, behind a real port."""
    simulated = PlatformAbove(ORDERLY, key=key.encode())

    def answer(packet: bytes) -> bytes:
        simulated.receive(packet, 0.0)
        return simulated.to_send(0.0, datetime.now(UTC))

    with platform_above(answer) as above:
        yield above, simulated


def replied(above: Above, simulated: PlatformAbove) -> None:
    """Show the simulated platform what was answered."""
    while above.said:
        simulated.receive(above.said.pop(0), 0.0)


def asked_once_more(count: int) -> bool:
    return Asked.objects.exclude(ended_at=None).count() == count


def test_a_key_set_from_above_is_answered_kept_and_used(sender: Sender, monkeypatch: Any) -> None:  # noqa: F811
    first, second = packets(2)
    with province() as (above, simulated), handing_on(monkeypatch):
        one = destination(above, cipher="sm4", key=KEY_ABOVE)
        send(sender, [first])
        settle(lambda: passed(one) and one.accepted == 1)
        above.say(simulated.set_key(NEW.encode(), datetime.now(UTC)))
        settle(lambda: len(above.said) == 2 and asked_once_more(1))
        replied(above, simulated)
        assert (simulated.answers["9011 1"], simulated.answers["9012 1"]) == (1, 1)
        assert simulated.key == NEW.encode()
        send(sender, [second])
        settle(lambda: passed(one) and one.accepted == 2)
    assert opened(KEY_ABOVE.encode(), above.received[0]) == first[6:-6]
    assert opened(NEW.encode(), above.received[-1]) == second[6:-6]
    row = Identity.objects.get(destination=one)
    assert (row.own, row.key, row.key_at is not None) == (MN, NEW, True)
    asked = Asked.objects.get()
    assert (asked.outcome, asked.qn_rtn, asked.exe_rtn, NEW in asked.content) == ("new-key", 1, 1, False)
    (line,) = lines(acts=("RequestFromAbove",))
    assert (line.detail["cn"], line.detail["outcome"]) == ("1014", "new-key")


def test_the_request_is_answered_again_under_the_former_key_and_no_other_key_is_taken_under_it(
    sender: Sender, monkeypatch: Any  # noqa: F811
) -> None:  # fmt: skip
    with province() as (above, simulated), handing_on(monkeypatch):
        one = destination(above, cipher="sm4", identities={MN: Names(key=KEY_ABOVE)}, key="0" * 16)
        send(sender, packets(1))
        settle(lambda: passed(one) and one.accepted == 1)
        for count, key, outcome in ((1, NEW, "new-key"), (2, NEW, "new-key"), (3, OTHER, "refused")):
            opened_before = above.opened
            above.say(simulated.set_key(key.encode(), datetime.now(UTC)))  # it has not heard our answer
            settle(lambda count=count: asked_once_more(count))
            assert Asked.objects.first().outcome == outcome  # type: ignore[union-attr]
            if count == 1:
                settle(lambda before=opened_before: above.opened > before)
    row = Identity.objects.get(destination=one)
    assert (row.key, row.former_key) == (NEW, KEY_ABOVE)


def test_what_was_not_answered_goes_out_again_under_the_new_key(sender: Sender, monkeypatch: Any) -> None:  # noqa: F811
    first, second = packets(2)
    with province() as (above, simulated), handing_on(monkeypatch):
        one = destination(above, cipher="sm4", key=KEY_ABOVE)
        send(sender, [first])
        settle(lambda: passed(one) and one.accepted == 1)
        answering, above.answer = above.answer, lambda packet: None
        send(sender, [second])
        settle(lambda: len(above.received) == 2)
        above.say(simulated.set_key(NEW.encode(), datetime.now(UTC)))
        settle(lambda: len(above.said) == 2)
        replied(above, simulated)
        above.answer = answering
        settle(lambda: passed(one) and one.accepted == 2)
    assert opened(KEY_ABOVE.encode(), above.received[1]) == second[6:-6]
    assert opened(NEW.encode(), above.received[-1]) == second[6:-6]


def test_a_key_in_the_clear_is_turned_down(sender: Sender, monkeypatch: Any) -> None:  # noqa: F811
    from wire import frame

    with province() as (above, _), handing_on(monkeypatch):
        one = destination(above, cipher="sm4", key=KEY_ABOVE)
        send(sender, packets(1))
        settle(lambda: passed(one) and one.accepted == 1)
        cp = f"SKCreateTime=20261123100000,NewSK={NEW}"
        above.say(frame(f"QN=20261123100000000;ST=32;CN=1014;PW=123456;MN={MN};Flag=9;CP=&&{cp}&&"))
        settle(lambda: asked_once_more(1))
    assert (Asked.objects.get().outcome, Asked.objects.get().qn_rtn) == ("refused", 2)
    assert not Identity.objects.exists()


def test_a_change_of_the_platform_keeps_what_is_known_of_its_keys(sender: Sender) -> None:  # noqa: F811
    with platform_above() as above:
        one = destination(above, cipher="sm4", key=KEY_ABOVE, identities={MN: Names(key=KEY_ABOVE)})
        at = datetime(2026, 11, 1, tzinfo=UTC)
        Identity.objects.update(key=NEW, former_key=KEY_ABOVE, key_at=at)
        kept = Destination.objects.get(pk=one.pk)
        define_destination(
            "province", {"lag_minutes": 40}, valid_from=kept.valid.lower, identities={MN: Names(key=NEW)}
        )
    row = Identity.objects.get()
    assert (row.key, row.former_key, row.key_at) == (NEW, KEY_ABOVE, at)


def test_packets_go_on_after_the_same_key_was_asked_for_again(sender: Sender, monkeypatch: Any) -> None:  # noqa: F811
    first, second = packets(2)
    with province() as (above, simulated), handing_on(monkeypatch):
        one = destination(above, cipher="sm4", identities={MN: Names(key=KEY_ABOVE)}, key="0" * 16)
        send(sender, [first])
        settle(lambda: passed(one) and one.accepted == 1)
        for count in (1, 2):
            before = above.opened
            above.say(simulated.set_key(NEW.encode(), datetime.now(UTC)))  # it has not heard our answer
            settle(lambda count=count: asked_once_more(count))
            if count == 1:
                settle(lambda before=before: above.opened > before)
        replied(above, simulated)
        send(sender, [second])
        settle(lambda: passed(one) and one.accepted == 2, 15.0)
    assert opened(NEW.encode(), above.received[-1]) == second[6:-6]


def test_packets_go_on_after_the_line_broke_while_a_key_was_taken_over(
    sender: Sender, monkeypatch: Any  # noqa: F811
) -> None:  # fmt: skip
    first, second = packets(2)
    with province() as (above, simulated), handing_on(monkeypatch):
        one = destination(above, cipher="sm4", key=KEY_ABOVE, over_time_s=60)
        send(sender, [first])
        settle(lambda: passed(one) and one.accepted == 1)
        answering, above.answer = above.answer, lambda packet: None
        send(sender, [second])
        settle(lambda: len(above.received) == 2)
        above.say(simulated.set_key(NEW.encode(), datetime.now(UTC)))
        settle(lambda: len(above.said) == 1)  # it is ready, and waits for what is on its way
        above.answer = answering
        above.cut()
        settle(lambda: passed(one) and one.accepted == 2, 15.0)
    assert opened(KEY_ABOVE.encode(), above.received[-1]) == second[6:-6]
    assert not Identity.objects.exists()
