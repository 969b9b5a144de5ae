"""Kill -9 of the gateway and of PostgreSQL in the middle of a stream: what was answered with 9014 is there after it."""

import random
import time
from collections.abc import Iterator
from datetime import datetime

import pytest
import zstandard
from machine import Machine, machine, wait_until
from outlets import mn
from stubborn import Packet, Stubborn, beginning, packets

SENDERS = 6
KILLS = ("gateway", "postgres", "gateway", "postmaster", "postgres", "gateway")


@pytest.fixture(scope="module")
def streamed() -> Iterator[tuple[Machine, list[Stubborn]]]:
    """A stream from several devices, through kills at random moments, to the last answer."""
    dice = random.Random(20261122)
    with machine(outlets=SENDERS) as made:
        made.start("gateway")
        senders = [Stubborn(made.port, packets(mn(number), beginning(), number)) for number in range(SENDERS)]
        for name in KILLS:
            _wait_for_answers(senders)
            time.sleep(dice.uniform(0.05, 0.6))
            made.kill(name)
            time.sleep(dice.uniform(0.0, 0.3))
            if name == "gateway":
                made.start(name)
            else:
                made.postgres.start()
        _wait_for_answers(senders)
        for sender in senders:
            sender.finish(20)
        assert made.end("gateway") == 0, made.log_of("gateway")
        yield made, senders


def _wait_for_answers(senders: list[Stubborn]) -> None:
    """Until every sender has had answers since now, so the platform has found back from the last kill by itself."""
    before = [len(sender.acknowledged) for sender in senders]
    wait_until(lambda: all(len(s.acknowledged) > n + 30 for s, n in zip(senders, before, strict=True)))


def answered(senders: list[Stubborn]) -> list[Packet]:
    return [packet for sender in senders for packet in sender.acknowledged.values()]


def test_the_kills_fell_into_a_running_stream(streamed: tuple[Machine, list[Stubborn]]) -> None:
    made, senders = streamed
    assert len(answered(senders)) > 1000
    assert all(sender.resent > 0 for sender in senders)
    assert made.log_of("gateway").count("listening") == 1 + KILLS.count("gateway")


def test_every_acknowledged_reading_stands_once_with_its_value(streamed: tuple[Machine, list[Stubborn]]) -> None:
    made, senders = streamed
    found: dict[tuple[str, str, datetime], list[float]] = {}
    query = (
        "SELECT d.mn, r.kind::text, r.at, r.value FROM recording_reading r"
        " JOIN sensing_channel c ON c.id = r.channel_id JOIN sensing_device d ON d.station_id = c.station_id"
        " WHERE r.kind IN ('h', 'm')"
    )
    for device, kind, at, value in made.rows(query):
        found.setdefault((device, kind, at), []).append(value)
    for packet in answered(senders):
        assert found.get((packet.mn, packet.kind, packet.at)) == [round(packet.value, 6)]


def test_every_acknowledged_packet_is_kept_to_the_byte(streamed: tuple[Machine, list[Stubborn]]) -> None:
    made, senders = streamed
    bodies = {
        number: zstandard.decompress(body) for number, body in made.rows("SELECT id, body FROM sensing_rawsegment")
    }
    query = "SELECT segment_id, \"offset\", length FROM sensing_rawpacket WHERE state = 'decoded'"
    rows = (bodies[segment][offset : offset + length] for segment, offset, length in made.rows(query))
    kept = {packet + b"\r\n" for row in rows for packet in row.split(b"\r\n")}
    assert not [packet for packet in answered(senders) if packet.data not in kept]


def test_both_chains_are_whole_and_nothing_was_refused(streamed: tuple[Machine, list[Stubborn]]) -> None:
    made, _ = streamed
    assert made.run("-m", "qingyuan.project.cli", "verify").startswith("whole: ")
    assert made.rows("SELECT state, count(*) FROM sensing_rawpacket WHERE state <> 'decoded' GROUP BY state") == []
    assert made.rows("SELECT error, detail FROM sensing_faultcount WHERE error <> 'Truncated'") == []
