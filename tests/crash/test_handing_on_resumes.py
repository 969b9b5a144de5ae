"""Kill -9 on both sides while data are handed on: the store above holds the same readings, none lost and none twice.

One of the devices is a stranger at first: what it sends is decoded when it is adopted, after its turn has passed.
"""

import os
import random
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import psycopg
import pytest
from machine import HOST, Machine, machine, wait_until
from outlets import mn
from stubborn import Stubborn, beginning, packets

pytestmark = pytest.mark.timeout(600)  # two platforms are set up and killed six times
SENDERS = 4
KILLS = ("forward", "above", "forward", "postgres", "above", "worker", "forward")
ADOPTED_AFTER = 2  # kills
ADOPT = (
    "import django; django.setup()\n"
    "from qingyuan.kit import log\n"
    "from qingyuan.places.queries import Station\n"
    "from qingyuan.sensing.api import adopt_device\n"
    "from qingyuan.sensing.queries import Device\n"
    "adopt_device(Device.objects.get(mn='{mn}').pk, Station.objects.get(code='outlet-{number}'), log.PLATFORM)\n"
)
TAKEN_UP = (
    "SELECT count(*) FROM kit_entry WHERE act = 'QuarantineDecoded'"
    " AND seq <= (SELECT seq FROM kit_subscription WHERE handler = 'forwarding.hand_on_late')"
)
LATE = (  # what a stranger sent in one go lies in one row
    "SELECT coalesce(sum(packets), 0) FROM sensing_rawpacket"
    " WHERE id IN (SELECT packet FROM forwarding_undelivered WHERE why = 'late')"
)
DEFINE = (
    "import django; django.setup()\n"
    "from datetime import date\n"
    "from qingyuan.forwarding.api import define_destination\n"
    "define_destination('above', {{'title_zh': '上', 'title_en': 'Above', 'host': '{host}', 'port': {port},"
    " 'what': ['m', 'h'], 'over_time_s': 2, 're_count': 1, 'reason': 'test'}}, valid_from=date(2020, 1, 1))\n"
)
READINGS = (
    "SELECT d.mn, r.kind::text, r.at, r.value, r.total FROM recording_reading r"
    " JOIN sensing_channel c ON c.id = r.channel_id JOIN sensing_device d ON d.station_id = c.station_id"
    " WHERE r.kind IN ('h', 'm') ORDER BY 1, 2, 3"
)


@dataclass
class Above:
    """The platform above: a database of its own on the same server, and a gateway that can be killed."""

    made: Machine
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.made.postgres.url.replace("/qingyuan?", "/above?")

    def start(self) -> None:
        environment = self.made.environment() | {
            "DATABASE_URL": self.url, "QINGYUAN_GATEWAY_PORT": str(self.port), "QINGYUAN_METRICS_PORT": "0",
            "QINGYUAN_DATA": str(self.made.folder / "above"),
        }  # fmt: skip
        with (self.made.folder / "above.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "qingyuan.project.cli", "gateway"],
                env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            )  # fmt: skip

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(query).fetchall()


@pytest.fixture(scope="module")
def handed_on() -> Iterator[tuple[Machine, Above]]:
    """A stream from several devices that is handed on through kills at random moments, to the last packet."""
    dice = random.Random(20261123)
    os.environ["QINGYUAN_METRICS_PORT"] = "0"
    with machine(outlets=SENDERS + 1) as made:
        with psycopg.connect(made.postgres.url.replace("/qingyuan?", "/postgres?"), autocommit=True) as server:
            server.execute("CREATE DATABASE above TEMPLATE qingyuan")
        with psycopg.connect(made.postgres.url, autocommit=True) as here:
            here.execute("DELETE FROM sensing_device WHERE mn = %s", [mn(SENDERS)])
        above = Above(made, _free_port())
        made.run("-c", DEFINE.format(host=HOST, port=above.port))
        try:
            above.start()
            made.start("gateway")
            made.start("forward")
            made.start("worker")
            senders = [Stubborn(made.port, packets(mn(number), beginning(), number)) for number in range(SENDERS + 1)]
            for place, name in enumerate(KILLS):
                _wait_for_more(above)
                if place == ADOPTED_AFTER:
                    made.run("-c", ADOPT.format(mn=mn(SENDERS), number=SENDERS))
                time.sleep(dice.uniform(0.05, 0.6))
                _kill(made, above, name)
            _wait_for_more(above)
            for sender in senders:
                sender.finish(60)
            wait_until(lambda: _all_settled(made), patience=90.0)
            yield made, above
        finally:
            above.kill()
            del os.environ["QINGYUAN_METRICS_PORT"]


def _kill(made: Machine, above: Above, name: str) -> None:
    if name == "above":
        above.kill()
        above.start()
        return
    made.kill(name)
    if name == "postgres":
        made.postgres.start()
    else:
        made.start(name)


def _wait_for_more(above: Above) -> None:
    """Until more has arrived above, so both sides have found back from the last kill by themselves."""
    count = "SELECT count(*) FROM recording_reading"
    before = above.rows(count)[0][0]
    wait_until(lambda: above.rows(count)[0][0] > before + 50, patience=90.0, pause=0.1)  # type: ignore[operator]


def _all_settled(made: Machine) -> bool:
    last = made.count("SELECT max(id) FROM sensing_rawpacket")
    waits = made.count("SELECT count(*) FROM forwarding_undelivered WHERE delivered_at IS NULL")
    settled = made.count("SELECT position FROM forwarding_destination") >= last
    return settled and made.count(TAKEN_UP) > 0 and not waits


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def test_the_store_above_holds_the_same_readings(handed_on: tuple[Machine, Above]) -> None:
    made, above = handed_on
    own = made.rows(READINGS)
    assert len(own) > 500
    assert above.rows(READINGS) == own


def test_nothing_is_given_up_and_every_packet_lies_in_one_run(handed_on: tuple[Machine, Above]) -> None:
    made, _ = handed_on
    assert made.rows("SELECT why, said FROM forwarding_undelivered WHERE delivered_at IS NULL") == []
    runs = made.rows("SELECT after, up_to FROM forwarding_run ORDER BY after")
    assert all(later[0] >= earlier[1] for earlier, later in pairwise(runs))
    in_runs = made.count("SELECT sum(accepted) FROM forwarding_run")
    late = made.count(LATE)
    assert late > 0
    assert in_runs + late == made.count("SELECT sum(packets) FROM sensing_rawpacket WHERE state = 'decoded'")


def test_what_arrived_above_again_was_the_same_to_the_byte(handed_on: tuple[Machine, Above]) -> None:
    _, above = handed_on
    assert above.rows("SELECT state, count(*) FROM sensing_rawpacket WHERE state <> 'decoded' GROUP BY state") == []
    assert above.rows("SELECT 1 FROM kit_entry WHERE act = 'ReadingsCorrected'") == []
