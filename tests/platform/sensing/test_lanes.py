"""What waits for the database: in order for each device, by turns among them, and nothing is lost."""

from collections import defaultdict
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.sensing.logic.arriving import lanes
from qingyuan.sensing.logic.arriving.arrivals import Arrival
from qingyuan.sensing.logic.arriving.lanes import Lanes


@dataclass(eq=False)
class Peer:
    """Somebody who sends, and whether he is held back."""

    mn: str
    held: bool = False

    def pause(self) -> bool:
        self.held = True
        return True

    def resume(self) -> None:
        self.held = False


def arrival(number: int, size: int = 40) -> Arrival:
    return Arrival(b"%d".ljust(size, b" ") % number, "", number)


def committed(found: Lanes[Peer], seconds: float = 0.01) -> list[tuple[Peer, int]]:
    """What the next transaction takes, which is safe after some time."""
    known, others = found.next()
    batch = [(source, one.received_us) for source, one in [*known, *others] if isinstance(one, Arrival)]
    found.drop(seconds)
    return batch


def test_a_device_with_one_packet_goes_with_the_next_transaction_however_much_another_sends() -> None:
    found: Lanes[Peer] = Lanes()
    flood, calm = Peer("FLOOD"), Peer("CALM")
    for number in range(3 * lanes.BATCH):
        found.devices.put(flood, arrival(number))
    found.devices.put(calm, arrival(0))
    assert (calm, 0) in committed(found)


def test_who_floods_is_held_back_and_who_has_less_than_its_share_is_not() -> None:
    found: Lanes[Peer] = Lanes()
    flood, calm = Peer("FLOOD"), Peer("CALM")
    for peer in (flood, calm):
        found.devices.senders.add(peer)
    for number in range(lanes.FULL + 1):
        found.devices.put(flood, arrival(number))
    found.devices.put(calm, arrival(0))
    for peer in (flood, calm):
        found.devices.press(peer)
    assert (flood.held, calm.held) == (True, False)
    while found.packets:
        committed(found)
    assert not flood.held


def test_when_far_too_many_bytes_wait_everybody_is_held_back() -> None:
    found: Lanes[Peer] = Lanes()
    peers = [Peer(str(number)) for number in range(40)]
    for peer in peers:
        found.devices.senders.add(peer)
        found.devices.put(peer, arrival(0, size=lanes.FULL_BYTES // 20 + 9))
    found.devices.press(peers[0])
    assert all(peer.held for peer in peers)


def test_a_transaction_that_failed_is_tried_again_with_the_same_packets() -> None:
    found: Lanes[Peer] = Lanes()
    found.devices.put(Peer("A"), arrival(1))
    before = [*found.next()[0]]
    found.devices.put(Peer("B"), arrival(2))
    assert found.next()[0] == before
    found.drop(0.01)
    assert [one.received_us for _source, one in found.next()[0] if isinstance(one, Arrival)] == [2]


def test_a_transaction_that_took_long_is_followed_by_one_as_much_shorter() -> None:
    found: Lanes[Peer] = Lanes()
    for number in range(4 * lanes.BATCH):
        found.devices.put(Peer("A"), arrival(number))
    assert len(committed(found, seconds=10 * lanes.LONGEST_S)) == lanes.BATCH
    assert len(committed(found, seconds=1000.0)) == lanes.BATCH // 10
    assert len(committed(found)) == lanes.LEAST
    assert len(committed(found)) == 2 * lanes.LEAST


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.booleans(), st.booleans()), max_size=60))
def test_each_device_is_taken_in_in_order_and_nothing_is_lost(steps: list[tuple[str, bool, bool]]) -> None:
    found: Lanes[Peer] = Lanes()
    peers = {mn: Peer(mn) for mn in "ABCDE"}
    taken: dict[str, list[int]] = defaultdict(list)
    sent: dict[str, list[int]] = defaultdict(list)
    for number, (mn, is_known, commits) in enumerate(steps):
        lane = found.devices if is_known else found.others
        lane.put(peers[mn], arrival(number))
        sent[f"{mn} {is_known}"].append(number)
        if commits:
            for source, one in committed(found):
                taken[f"{source.mn} {steps[one][1]}"].append(one)
    while found.packets:
        for source, one in committed(found):
            taken[f"{source.mn} {steps[one][1]}"].append(one)
    assert taken == sent
    assert found.devices.bytes == found.others.bytes == 0
