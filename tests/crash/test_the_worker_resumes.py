"""Kill -9 of the worker, and of PostgreSQL under it: every finding and every case is there once afterwards."""

import random
import socket
import time
from collections.abc import Iterator

import pytest
from machine import HOST, Machine, machine, wait_until
from outlets import mn
from stubborn import SHANGHAI, beginning
from wire import hour_packet

pytestmark = pytest.mark.timeout(400)  # five starts of a worker, which compiles its loops on a new machine
OUTLETS = 40
CASES = "SELECT count(*) FROM dispatching_case"
CONNECTIONS = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"


@pytest.fixture(scope="module")
def worked() -> Iterator[Machine]:
    """Outlets far over their limit, and a worker that is killed again and again until the work is done."""
    dice = random.Random(20261122)
    with machine(outlets=OUTLETS) as made:
        made.start("gateway")
        _send_hours(made)
        made.end("gateway")
        _work_until(made, CONNECTIONS, 5)
        for name, cases in (("worker", 1), ("worker", 8), ("postgres", 20), ("worker", 30)):
            time.sleep(dice.uniform(0, 0.05))
            made.kill(name)
            if name == "postgres":
                made.postgres.start()
            _work_until(made, CASES, cases)
        _work_until(made, CASES, OUTLETS)
        assert made.end("worker") == 0, made.log_of("worker")
        yield made


def _work_until(made: Machine, query: str, reached: int) -> None:
    if "worker" not in made.processes:
        made.start("worker")
    try:
        wait_until(lambda: made.count(query) >= reached, patience=100.0, pause=0.005)
    except AssertionError as late:
        late.add_note(
            f"{made.count(query)} of {reached}; worker {made.processes['worker'].poll()}: {made.log_of('worker')}"
        )
        raise


def _send_hours(made: Machine) -> None:
    """One hour from each outlet, every one answered."""
    wait_until(lambda: _listens(made.port))
    local = f"{beginning() + SHANGHAI:%Y%m%d%H%M%S}"
    with socket.create_connection((HOST, made.port), timeout=20) as line:
        for number in range(OUTLETS):
            line.sendall(hour_packet(mn(number), local, 180.0, qn=f"{local}{number:03d}"))
            assert b"CN=9014" in line.recv(4096)


def _listens(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


def test_every_exceedance_has_one_finding(worked: Machine) -> None:
    query = "SELECT channel_id, count(*) FROM judging_finding GROUP BY channel_id"
    found = dict(worked.rows(query))
    assert (len(found), set(found.values())) == (OUTLETS, {1})


def test_every_finding_has_one_case_and_the_case_one_task(worked: Machine) -> None:
    assert dict(worked.rows("SELECT finding_id, count(*) FROM dispatching_case GROUP BY 1")).keys() == {
        row[0] for row in worked.rows("SELECT id FROM judging_finding")
    }
    assert worked.count(CASES) == OUTLETS
    assert worked.count("SELECT count(*) FROM dispatching_task") == OUTLETS


@pytest.mark.parametrize("act", ["FindingOpened", "CaseOpened"])
def test_the_log_tells_each_of_them_once(worked: Machine, act: str) -> None:
    told = worked.rows("SELECT subject, count(*) FROM kit_entry WHERE act = %s GROUP BY subject", act)
    assert (len(told), {count for _, count in told}) == (OUTLETS, {1})


def test_nothing_was_set_aside_and_the_chains_are_whole(worked: Machine) -> None:
    assert worked.rows("SELECT handler, error FROM kit_setaside") == []
    assert worked.run("-m", "qingyuan.project.cli", "verify").startswith("whole: ")
