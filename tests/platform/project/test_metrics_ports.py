"""Several platforms on one machine: each has ports of its own for its metrics, and says which."""

import os
import socket
from typing import Any

import pytest

from qingyuan.kit.metrics import free_ports
from qingyuan.project.commands.run import place_metrics

HERE = "127.0.0.1"


@pytest.fixture
def first() -> int:
    """A port from which on six are free."""
    begin = 21_000
    while free_ports(HERE, begin) != begin or free_ports(HERE, begin + 3) != begin + 3:
        begin += 7
    return begin


@pytest.fixture
def variables(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("QINGYUAN_METRICS_PORT", "kept")  # so that it is put back
    return monkeypatch


def test_the_usual_ports_are_taken_and_told_where_they_are_free(first: int, variables: pytest.MonkeyPatch) -> None:
    said = place_metrics(HERE, first)
    assert said == f"gateway on {first}, worker on {first + 1}, web on {first + 2}, at {HERE}"
    assert told_to_processes() == str(first)


@pytest.mark.parametrize("taken", [0, 1, 2])
def test_a_second_platform_takes_the_next_free_ports_and_says_so(
    first: int, variables: pytest.MonkeyPatch, taken: int
) -> None:
    with socket.create_server((HERE, first + taken)):
        said = place_metrics(HERE, first)
    assert f"gateway on {first + 3}, worker on {first + 4}, web on {first + 5}" in said
    assert f"{first} to {first + 2} are not all free" in said
    assert told_to_processes() == str(first + 3)


def test_the_port_of_the_platform_above_the_demo_is_left_to_it(
    first: int, variables: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.DEMO_ABOVE_PORT = first + 4
    with socket.create_server((HERE, first)):
        place_metrics(HERE, first)
    assert int(told_to_processes()) >= first + 6


def test_metrics_that_were_turned_off_are_said_to_be_off(variables: pytest.MonkeyPatch) -> None:
    assert place_metrics(HERE, 0) == "off, as QINGYUAN_METRICS_PORT is 0"


def test_an_address_of_another_machine_leaves_them_off_and_says_why(variables: pytest.MonkeyPatch) -> None:
    assert place_metrics("192.0.2.1", 21_000).startswith("off, as no three ports in a row from 21000 on are free")
    assert told_to_processes() == "0"


def told_to_processes() -> str:
    return os.environ["QINGYUAN_METRICS_PORT"]
