"""Reading a packet by the form of those before it gives what reading it in full gives, whatever is in it."""

import gc
import os
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain, pairwise, product
from pathlib import Path
from threading import Event
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
import wire
from django.db.models import Sum
from hypothesis import given, settings
from hypothesis import strategies as st
from wire import Sender, frame, hour_packet, running_gateway, wait_until

from qingyuan.recording.api import append
from qingyuan.sensing import gateway as gateway_module
from qingyuan.sensing import metrics
from qingyuan.sensing.api import prove_packets, register_device, verify_segments
from qingyuan.sensing.gateway import Connection, Gateway, _answer_to, _answers_to
from qingyuan.sensing.logic.arriving import lanes
from qingyuan.sensing.logic.arriving.arrivals import Arrival, Run
from qingyuan.sensing.logic.arriving.runs import BULK
from qingyuan.sensing.logic.intake import take_in
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.models import Device
from qingyuan.sensing.queries import RawPacket, packet_bytes
from qingyuan_science.hj212 import STANDARD, Framer

MN = "T" * 24
RECEIVED_US = 1_795_313_000_000_000  # 2026-11-22

SHAPES = (
    "w01018-Cou={n};w01018-Min={n};w01018-Avg={n};w01018-Max={n},w01018-Flag={f}",
    "w01018-Avg={n},w01018-Flag={f};w21003-Cou={n},w21003-Avg={n},w21003-Flag={f};w21011-Avg={n}",
    "w01018-Rtd={n},w01018-Flag={f};w21003-Rtd={n},w21003-Flag={f}",
    "w01018-Avg={n},w01018-ZsAvg={n},w01018-avg={n},w01018-flag={f}",
    "w01018-Avg={n},w01018-Avg={n},w01018-={n},zz9999-Avg={n}",
)
SOUND = {
    "number": st.one_of(st.decimals(-10, 10_000, places=3).map(str), st.integers(0, 99).map(str)),
    "flag": st.sampled_from("NDdTMF"),
    "time": st.sampled_from(("20261121090000", "20261121100000", "20261121093059")),
    "qn": st.sampled_from(("20261121100001000", "20261121100001001")),
    "cn": st.sampled_from(("2061", "2011")),
    "end": st.just("&&"),
}
ODD = {
    "number": st.sampled_from(("", "abc", "1e3", "nan", "-inf", "1_0", " 7 ", "9e99", "0x1", "//1;2//", "12.", "1=2")),
    "flag": st.sampled_from(("", "NN", "NNN", " N", "?", "氮")),
    "time": st.sampled_from(("2026112109", "20991231000000", " 20261121090000", "")),
    "qn": st.sampled_from(("1", "", "2026112110000100x", "1=2")),
    "cn": st.sampled_from(("9015", "", "2061 ")),
    "end": st.sampled_from(("&& ", "", ";&&", "&&&&")),
}


@st.composite
def segments(draw: st.DrawFn) -> bytes:
    """A data segment of one of a few shapes, with at most one kind of oddness."""
    odd = draw(st.sampled_from((None, "number", "number", *ODD)))
    part = {name: (ODD if name == odd else SOUND)[name] for name in SOUND}
    return written(draw(st.sampled_from(SHAPES)), draw(st.sampled_from("45")), lambda name: draw(part[name]))


def written(shape: str, flag: str, value: Callable[[str], str]) -> bytes:
    """A data segment of a shape."""
    while "{n}" in shape:
        shape = shape.replace("{n}", value("number"), 1)
    while "{f}" in shape:
        shape = shape.replace("{f}", value("flag"), 1)
    header = f"QN={value('qn')};ST=32;CN={value('cn')};PW=123456;MN={MN};Flag={flag};"
    return f"{header}CP=&&DataTime={value('time')};{shape}{value('end')}".encode()


def taught() -> Registry:
    """A registry that has read one sound packet of each shape."""
    registry = Registry()
    for shape, flag, cn in product(SHAPES, "45", ("2061", "2011")):
        plain = {"number": "1.5", "flag": "N", "time": "20261121090000", "qn": "20261121100001000", "end": "&&"}
        read(written(shape, flag, {**plain, "cn": cn}.__getitem__), registry)
    return registry


def read(segment: bytes, registry: Registry) -> tuple[Any, ...]:
    """What the platform makes of a packet: state, fault, answer, and the readings."""
    taken: list[Rows] = []
    arrival = Arrival(segment, "127.0.0.1:1", RECEIVED_US, segment)

    def sink(rows: Rows, _: Segment) -> int:
        taken.append(rows)
        return len(rows)

    take_in([arrival], registry, sink)
    (rows,) = taken
    told = (arrival.state, arrival.fault, arrival.note, arrival.mn, arrival.cn)
    return (*told, _answer_to(arrival), values_of(rows))


def values_of(rows: Rows) -> list[list[Any]]:
    """The readings, column by column, in a form that can be compared."""
    numbers = [np.nan_to_num(np.array(column), nan=-1e300).tolist() for column in rows.numbers]
    return [list(rows.channel), list(rows.kind), list(rows.at), *numbers, list(rows.mark), list(rows.received)]


@pytest.mark.django_db
def test_a_packet_read_by_a_known_form_means_what_it_means_read_in_full(device: Any) -> None:
    registry = taught()

    @settings(max_examples=400, deadline=None)
    @given(segments())
    def same(segment: bytes) -> None:
        assert read(segment, registry) == read(segment, Registry())

    same()


def read_together(segments: list[bytes], registry: Registry) -> tuple[Any, ...]:
    """What the platform makes of packets that came in one read: states, answers, and the readings."""
    taken: list[Rows] = []
    framer = Framer()
    whole, edges = framer.feed_in_bulk(b"".join(map(frame, segments)), BULK.frames)
    run = Run(whole, edges, "127.0.0.1:1", RECEIVED_US, STANDARD, "")

    def sink(rows: Rows, _: Segment) -> int:
        taken.append(rows)
        return len(rows)

    segment = take_in([run], registry, sink)
    assert segment == len(taken[0])
    states = [
        (part.state, part.fault, part.note, part.mn, part.cn) for part in run.parts() for _ in range(part.packets)
    ]
    return states, b"".join(filter(None, map(_answers_to, run.parts()))), values_of(taken[0])


@pytest.mark.django_db
def test_packets_that_came_together_mean_what_each_means_by_itself(device: Any) -> None:
    pytest.importorskip("numba")
    BULK.prepare()
    registry = taught()

    @settings(max_examples=150, deadline=None)
    @given(st.lists(segments(), min_size=1, max_size=4), st.integers(1, 3))
    def same(several: list[bytes], times: int) -> None:
        several = [segment for segment in several for _ in range(times)]
        singly = [read(segment, Registry()) for segment in several]
        states, answers, readings = read_together(several, registry)
        assert states == [one[:5] for one in singly]
        assert answers == b"".join(one[5] or b"" for one in singly)
        assert readings == [list(chain(*(one[6][place] for one in singly))) for place in range(9)]

    same()


OTHER, GUARDED, STRANGER = "U" * 24, "V" * 24, "X" * 24


class Gathering(Gateway):
    """A gateway that keeps what comes out of its connections, in its order, and stores nothing."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.came: list[tuple[int, Arrival | Run]] = []

    def arrived(self, source: Connection, arrival: Arrival | Run) -> None:
        self.came.append((int(source.peer.rpartition(":")[2]), arrival))


def heard(pieces: list[tuple[int, bytes]]) -> list[tuple[int, Arrival | Run]]:
    """What comes out of connections on which pieces arrive in turn, and which then end."""
    gateway = Gathering(lambda rows, segment: len(rows))
    lines = {number: Connection(gateway) for number, _ in pieces}
    for number, line in lines.items():
        line.peer = f"192.0.2.1:{number}"  # of noise so few samples are kept a day and host that tests share none
    for number, piece in pieces:
        lines[number].data_received(piece)
    for line in lines.values():
        line.connection_lost(None)
    return gateway.came


def made_of(came: list[tuple[int, Arrival | Run]], *, registry: Registry | None) -> tuple[Any, ...]:
    """What becomes of each packet and which bytes answer it, by connection, and all readings in their order.

    Taken in at once by one registry, or one by one, each by a registry that knows no form.
    """
    taken: list[Rows] = []

    def sink(rows: Rows, _: Segment) -> int:
        taken.append(rows)
        return len(rows)

    for batch in [[one for _, one in came]] if registry else [[one] for _, one in came]:
        if batch:
            take_in(batch, registry or Registry(), sink)
    told: dict[int, list[Any]] = {}
    answers: dict[int, bytes] = {}
    for number, part in ((number, part) for number, one in came for part in one.parts()):
        states = [(one.raw, part.state, part.fault, part.note, part.mn, part.cn) for one in part.arrivals()]
        told.setdefault(number, []).extend(states)
        answers[number] = answers.get(number, b"") + (_answers_to(part) or b"")
    readings = [list(chain(*columns)) for columns in zip(*(values_of(rows)[:-1] for rows in taken), strict=True)]
    return told, answers, readings


@st.composite
def crowds(draw: st.DrawFn) -> list[tuple[int, bytes]]:
    """Streams of a few connections, each cut anywhere, and the pieces in any order that keeps that of each."""
    noise = st.sampled_from((b"\r\n", b"##", b"##0010", b"noise", b"##9999", frame(b"a##0003b&&c")))
    names = st.sampled_from((MN, MN, OTHER, GUARDED, STRANGER))
    cut: dict[int, list[bytes]] = {}
    for number in range(draw(st.integers(1, 4))):
        parts = []
        for _ in range(draw(st.integers(1, 4))):
            packet = frame(draw(segments()).replace(MN.encode(), draw(names).encode()))
            parts.append(packet * draw(st.integers(1, 3)) if draw(st.integers(0, 5)) else draw(noise))
        stream = b"".join(parts)
        places = [0, *sorted(draw(st.lists(st.integers(0, len(stream)), max_size=3))), len(stream)]
        cut[number] = [stream[start:end] for start, end in pairwise(places)]
    turns = draw(st.permutations([number for number, pieces in cut.items() for _ in pieces]))
    return [(number, cut[number].pop(0)) for number in turns]


@pytest.mark.django_db
def test_what_many_connections_say_means_what_each_packet_means_by_itself(device: Any, station: Any) -> None:
    pytest.importorskip("numba")
    BULK.prepare()
    for mn in (OTHER, GUARDED):
        register_device(mn, station=station, password="123456")
    Device.objects.filter(mn=GUARDED).update(addresses="10.0.0.0/8")
    registry = taught()
    for shape in SHAPES:
        plain = {"number": "1.5", "flag": "N", "time": "20261121090000", "qn": "20261121100001000", "end": "&&"}
        packet = written(shape, "5", {**plain, "cn": "2061"}.__getitem__)
        read(packet.replace(MN.encode(), OTHER.encode()), registry)

    @settings(max_examples=40, deadline=None)
    @given(crowds())
    def same(pieces: list[tuple[int, bytes]]) -> None:
        together = made_of(heard(pieces), registry=registry)
        with patch.object(BULK, "_loops", None):
            singly = made_of(heard(pieces), registry=None)
        assert together == singly

    same()


@pytest.mark.django_db
def test_packets_of_one_form_are_one_row_from_which_each_is_told_apart(device: Any) -> None:
    pytest.importorskip("numba")
    BULK.prepare()
    packets = [hour_packet(MN, f"202611210{hour}0000", 40 + hour) for hour in (5, 6, 7, 8)]
    read_together([packet[6:-6] for packet in packets], Registry())
    alone, together = RawPacket.objects.order_by("pk")
    assert (alone.packets, together.packets) == (1, 3)
    assert [*packet_bytes(alone).singles, *packet_bytes(together).singles] == packets
    assert verify_segments() == 1
    (_, proof) = prove_packets([alone, together])
    assert proof.raw == b"".join(packets[1:])


@pytest.mark.django_db
def test_a_sound_packet_is_read_by_the_form_of_the_one_before(device: Any) -> None:
    registry = Registry()
    first, second = (hour_packet(MN, f"202611210{hour}0000", 40 + hour)[6:-6] for hour in (8, 9))
    read(first, registry)
    arrival = Arrival(second, "127.0.0.1:1", RECEIVED_US, second)
    take_in([arrival], registry, lambda rows, segment: len(rows))
    assert arrival.message is None
    assert (arrival.state, arrival.mn, arrival.cn) == ("decoded", MN, "2061")


@pytest.mark.django_db(transaction=True)
def test_the_gateway_prepares_for_many_packets_when_they_come_several_at_a_time(device: Any) -> None:
    pytest.importorskip("numba")
    with (
        patch.object(BULK, "_loops", None),
        patch.object(BULK, "prepare") as prepare,
        running_gateway() as (gateway, port),
    ):
        sender = Sender(port)
        sender.send(hour_packet(MN, "20261121010000", 40))
        assert b"CN=9014" in sender.answer()
        prepare.assert_not_called()
        sender.send(b"".join(hour_packet(MN, f"202611210{hour % 10}0000", 40) for hour in range(60)))
        assert wait_until(lambda: gateway.committed == 61)
        prepare.assert_called_once_with()


@pytest.mark.django_db(transaction=True)
def test_the_gateway_prepares_for_many_packets_when_many_senders_speak_at_once(
    device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("numba")
    monkeypatch.setattr(gateway_module, "CROWD", 3)
    with (
        patch.object(BULK, "_loops", None),
        patch.object(BULK, "prepare") as prepare,
        running_gateway() as (gateway, port),
    ):
        senders = [Sender(port) for _ in range(12)]
        for hour, sender in enumerate(senders):
            sender.send(hour_packet(MN, f"20261121{hour:02d}0000", 40))
        assert wait_until(lambda: gateway.committed == 12)
        prepare.assert_called_once_with()


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_is_let_go_at_once_though_nobody_searches_for_garbage(device: Any) -> None:
    pytest.importorskip("numba")
    BULK.prepare()
    broken = frame(f"QN=20261121100001000;ST=32;CN=2061;PW=123456;MN={MN};Flag=5;CP=&&DataTime=x&&")
    unreadable = frame(b"QN=20261121100001000;\xff\xfe\xfd;CP=&&&&")
    gc.collect()
    gc.disable()
    try:
        with running_gateway() as (gateway, port):
            sender = Sender(port)
            sender.send(b"".join(hour_packet(MN, f"202611210{hour}0000", 40) for hour in range(9)) + broken)
            sender.send(unreadable * 3 + hour_packet(MN, "20261121100000", 40))
            assert wait_until(lambda: gateway.committed == 14)
            assert wait_until(lambda: not [one for one in gc.get_objects() if isinstance(one, Arrival | Run)])
    finally:
        gc.enable()


@pytest.mark.django_db(transaction=True)
def test_who_floods_is_held_back_alone_and_everything_is_stored_in_the_end(
    device: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    going = Event()

    def slow(*values: Any) -> int:
        going.wait(20)
        return append(*values)

    monkeypatch.setattr(lanes, "FULL_BYTES", 1_000)
    monkeypatch.setattr(wire, "append", slow)
    with running_gateway() as (gateway, port):
        quiet, sender = Sender(port), Sender(port)
        assert wait_until(lambda: len(gateway.connections) == 2)
        for hour in range(24):
            sender.send(hour_packet(MN, f"20261121{hour:02d}0000", 40))
        assert wait_until(lambda: held() == 1)
        quiet.send(hour_packet("S" * 24, "20261121000000", 40))
        assert wait_until(lambda: gateway.lanes.others.packets == 1)
        newcomer = Sender(port)
        newcomer.send(hour_packet(MN, "20261120000000", 40))
        assert wait_until(lambda: held() == 2), "whoever connects is not read while so much waits"
        going.set()
        assert wait_until(lambda: gateway.committed == 26)
        for one in (newcomer, sender):
            assert b"CN=9014" in one.answer()
    assert RawPacket.objects.aggregate(all=Sum("packets"))["all"] == 26


def held() -> int:
    return int(next(sample.value for one in metrics.HELD.collect() for sample in one.samples))


@pytest.mark.django_db(transaction=True)
def test_a_flood_of_strangers_does_not_hold_up_a_device(device: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    going, batches = Event(), []

    def noted(arrivals: Any, registry: Registry, sink: Any) -> None:
        batches.append([arrival.raw.count(b"S" * 24) for arrival in arrivals])
        going.wait(20)
        take_in(arrivals, registry, sink)

    monkeypatch.setattr(lanes, "OTHERS", 10)
    monkeypatch.setattr(gateway_module, "take_in", noted)
    with running_gateway() as (gateway, port):
        stranger, known = Sender(port), Sender(port)
        stranger.send(hour_packet("S" * 24, "20261121000000", 40))
        assert wait_until(lambda: len(batches) == 1)
        for hour in range(100):
            stranger.send(hour_packet("S" * 24, f"202611{hour // 24 + 1:02d}{hour % 24:02d}0000", 40))
            time.sleep(0.001)
        known.send(hour_packet(MN, "20261121000000", 40))
        assert wait_until(lambda: gateway.lanes.devices.packets == 1 and gateway.lanes.others.packets == 101)
        going.set()
        assert b"CN=9014" in known.answer()
        assert wait_until(lambda: gateway.committed == 102)
    assert 0 in batches[1], "the device's packet goes with the next transaction"
    assert len(batches[1]) <= 1 + 10
    assert RawPacket.objects.filter(mn="S" * 24).aggregate(all=Sum("packets"))["all"] == 101


COMPILED_HERE = """
from qingyuan.sensing.logic.arriving.runs import Bulk
bulk = Bulk()
bulk.prepare()
from qingyuan_science.hj212.bulk import loops
made = [one for one in vars(loops).values() if hasattr(one, "stats")]
print(bulk.ready, sum(len(one.stats.cache_misses) for one in made), sum(len(one.stats.cache_hits) for one in made) > 0)
"""


def test_a_gateway_that_serves_devices_compiles_nothing_itself(tmp_path: Path) -> None:
    never_asked = {"DJANGO_SETTINGS_MODULE": "qingyuan.project.settings", "DATABASE_URL": "postgres://nobody/nothing"}
    told = {**os.environ, **never_asked, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-c", "import django; django.setup()" + COMPILED_HERE]
    done = subprocess.run(command, env=told, capture_output=True, text=True, check=True)
    assert done.stdout.split()[-3:] == ["True", "0", "True"]
