"""Handing on to a platform above: packets a second that are sent, answered and kept, and what it takes of a processor.

    python bench/forward.py
    python bench/forward.py --quick

The platform above is a gateway of our own with a database of its own on the same server, over loopback. In turns: the
backlog of the lower store through `qingyuan forward`, and the very same bytes by a bare loop over one socket with as
many unanswered at once. Once, the same backlog again as if all of it had been decoded only after its turn. Then 120
packets a second, as a province's 1,200 readings, handed on as they come.
"""

import argparse
import os
import socket
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from multiprocessing import get_context

import psycopg
from _district import DEVICE_PASSWORD, FACTORS, enter
from _paced import Background, stream
from _platform import HOST, Platform, _free_port, platform
from _senders import Load, connect, drive, hang_up, prepare
from _weather import told

from qingyuan.project.supervisor import Child, Supervisor, wait_for_port

DEVICES, PACKETS, ROUNDS = 200, 100, 3
AT_ONCE = 2_000
PACED_A_SECOND, PACED_S = 120, 60.0
SHANGHAI = timedelta(hours=8)
_OF_ABOVE = ("recording_reading", "sensing_rawpacket", "sensing_rawsegment")


def main() -> int:
    """Enter, measure in turns, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    devices, packets, rounds, paced_s = (20, 50, 1, 6.0) if options.quick else (DEVICES, PACKETS, ROUNDS, PACED_S)
    print(told(), flush=True)
    with platform(1_500) as made:
        names = enter(devices)
        port = _copy_of(made)
        made.start("gateway")
        with above(made, port):
            backlog(made, names, packets)
            _destination(port)
            loops, lines = [], []
            for _ in range(rounds):
                lines.append(_through_forward(made, devices * packets))
                loops.append(_by_bare_loop(made, port))
            _tell(f"qingyuan forward, {devices} devices, {AT_ONCE} unanswered at once", lines)
            _tell("the same bytes by a bare loop over one socket", loops)
            _tell("the same packets entered as decoded late", [_as_decoded_late(made, devices * packets)])
            paced(made, names, paced_s)
    print(told())
    return 0


def _copy_of(made: Platform) -> int:
    """A second database with the same register, for the platform above."""
    from django.db import connection

    connection.close()
    with psycopg.connect(made.postgres.url.replace("/qingyuan?", "/postgres?"), autocommit=True) as server:
        server.execute("CREATE DATABASE above TEMPLATE qingyuan")
    return _free_port()


def _url_above(made: Platform) -> str:
    return made.postgres.url.replace("/qingyuan?", "/above?")


@contextmanager
def above(made: Platform, port: int) -> Iterator[None]:
    """The gateway of the platform above, as long as the block lasts."""
    own = {
        "DATABASE_URL": _url_above(made), "QINGYUAN_GATEWAY_PORT": str(port), "QINGYUAN_METRICS_PORT": "0",
        "QINGYUAN_DATA": str(made.folder / "above"),
    }  # fmt: skip
    before = dict(os.environ)
    os.environ.update(own)
    child = Child("gateway", made.folder / "above.log")
    child.start()
    os.environ.clear()
    os.environ.update(before)
    wait_for_port(HOST, port, Supervisor([child], None))
    try:
        yield
    finally:
        child.stop()
        child.wait(time.monotonic() + 10)


def backlog(made: Platform, names: list[str], packets: int) -> None:
    """Let every device send so many packets to the lower platform."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=2) + SHANGHAI
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        size = pool.submit(prepare, Load(names, DEVICE_PASSWORD, FACTORS, packets, start)).result()
        pool.submit(connect, HOST, made.ports["gateway"], 16).result()
        seconds, answered = pool.submit(drive).result()
        pool.submit(hang_up).result()
    print(
        f"backlog: {answered:,} packets of ten factors, {size / 1e6:.1f} MB, taken in over {seconds:.1f} s", flush=True
    )


def _destination(port: int) -> None:
    from qingyuan.forwarding.api import define_destination

    values = {"title_zh": "上", "title_en": "Above", "host": HOST, "port": port, "what": ["r"], "at_once": AT_ONCE}
    define_destination("above", values | {"reason": "bench"}, valid_from=date(2020, 1, 1))


def _empty_above(made: Platform) -> None:
    with psycopg.connect(_url_above(made), autocommit=True) as connection:
        connection.execute(f"TRUNCATE {', '.join(_OF_ABOVE)}")


@dataclass(frozen=True)
class Rate:
    """Packets a second by the clock, and what the sender took of a processor for each. [µs]"""

    packets: float
    processor: float


def _through_forward(made: Platform, packets: int) -> Rate:
    """From the first sending to the last answer, as the runs say."""
    from qingyuan.forwarding.models import Destination, Run
    from qingyuan.forwarding.queries import details_of

    _empty_above(made)
    Run.objects.all().delete()
    Destination.objects.update(position=0, accepted=0, connected_at=None)
    made.start("forward")
    ends = time.monotonic() + 300
    while Destination.objects.get().connected_at is None:
        time.sleep(0.02)
    before = made.processor_seconds("forward")
    while Destination.objects.get().accepted < packets:
        if time.monotonic() > ends:
            raise TimeoutError("found packets that were not handed on in 300 s")
        time.sleep(0.1)
    spent = made.processor_seconds("forward") - before
    made.stop("forward")
    details = [details_of(run) for run in Run.objects.all()]
    began, ended = min(one["sent"].min() for one in details), max(one["answered"].max() for one in details)
    if sum(len(one) for one in details) != packets:
        raise ValueError(f"found {sum(len(one) for one in details)} packets in runs, expected {packets}")
    return Rate(packets / ((ended - began) / 1e6), spent / packets * 1e6)


def _as_decoded_late(made: Platform, packets: int) -> Rate:
    """From the first sending to the last answer, as the lines of the log say; nothing is left to the cursor."""
    from qingyuan.forwarding.api import hand_on_late
    from qingyuan.forwarding.models import Destination, Run
    from qingyuan.kit.queries import lines
    from qingyuan.sensing.events import PacketsReadAgain
    from qingyuan.sensing.queries import PacketState, RawPacket

    _empty_above(made)
    Run.objects.all().delete()
    rows = list(RawPacket.objects.filter(state=PacketState.DECODED).order_by("pk").values_list("pk", flat=True))
    Destination.objects.update(position=rows[-1], accepted=0, connected_at=None)
    hand_on_late(PacketsReadAgain(0, packets, packets, late=rows))
    made.start("forward")
    before, ends = made.processor_seconds("forward"), time.monotonic() + 300
    while Destination.objects.get().accepted < packets:
        if time.monotonic() > ends:
            raise TimeoutError("found packets that were not handed on in 300 s")
        time.sleep(0.1)
    spent = made.processor_seconds("forward") - before
    made.stop("forward")
    told = [row for line in lines(acts=("LatePacketsHandedOn",)) for row in line.detail["packets"]]
    if len(told) != packets:
        raise ValueError(f"found {len(told)} packets in the log, expected {packets}")
    seconds = (max(row[3] for row in told) - min(row[2] for row in told)) / 1e6
    return Rate(packets / seconds, spent / packets * 1e6)


def _by_bare_loop(made: Platform, port: int) -> Rate:
    """The same bytes, in the same order, by a loop that only counts answers."""
    from qingyuan.sensing.queries import PacketState, RawPacket, packets_bytes

    rows = RawPacket.objects.filter(state=PacketState.DECODED).order_by("pk")
    frames = [one for row in packets_bytes(rows) for one in row.singles]
    _empty_above(made)
    sent = answered = 0
    held = b""
    with socket.create_connection((HOST, port)) as line:
        began, spent = time.perf_counter(), time.process_time()
        while answered < len(frames):
            until = min(len(frames), answered + AT_ONCE)
            if until > sent:
                line.sendall(b"".join(frames[sent:until]))
                sent = until
            data = held + line.recv(262_144)
            answered += data.count(b"CN=9014")
            held = data[-6:] if not data.endswith(b"\n") else b""
        spent = time.process_time() - spent
        return Rate(len(frames) / (time.perf_counter() - began), spent / len(frames) * 1e6)


def _tell(what: str, rates: list[Rate]) -> None:
    middle = statistics.median(one.packets for one in rates)
    processor = statistics.median(one.processor for one in rates)
    all_of_them = ", ".join(f"{one.packets:,.0f}" for one in rates)
    told_of = f"{middle:,.0f} packets/s (rounds: {all_of_them}), {processor:.1f} µs of the sender's processor a packet"
    print(f"{what}: {told_of}", flush=True)


def paced(made: Platform, names: list[str], seconds: float) -> None:
    """What handing on takes of a processor while packets come steadily, beside the same time without it."""
    spent = {}
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        for turn, hours in (("without", 20.0), ("with", 10.0)):
            if turn == "with":
                made.start("forward")
                time.sleep(5)
            load = Background(names, DEVICE_PASSWORD, FACTORS, PACED_A_SECOND, seconds, made.ports["gateway"], hours)
            before = _spent(made)
            sent, answered = pool.submit(stream, load).result()
            spent[turn] = {name: value - before.get(name, 0.0) for name, value in _spent(made).items()}
            if sent != answered:
                raise ValueError(f"found {answered} answers to {sent} packets")
    shares = ", ".join(f"{name} {value / seconds:.1%}" for name, value in spent["with"].items())
    bare = ", ".join(f"{name} {value / seconds:.1%}" for name, value in spent["without"].items())
    print(f"{PACED_A_SECOND} packets/s for {seconds:.0f} s, of one processor: with {shares}; without {bare}")
    print(f"forward holds {made.memory('forward') / 1e6:.0f} MB", flush=True)


def _spent(made: Platform) -> dict[str, float]:
    names = [*made.children, "postgres"]
    return {name: made.processor_seconds(name) for name in names}


if __name__ == "__main__":
    sys.exit(main())
