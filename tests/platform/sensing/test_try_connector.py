"""`qingyuan try connector`: what a connector reads in a file, without a database."""

import json
from pathlib import Path

import pytest

from qingyuan.project.cli import main

PAYLOADS = Path(__file__).resolve().parents[2] / "payloads"


def test_a_file_is_told_line_by_line_and_its_faults_apart(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["try", "connector", "push", str(PAYLOADS / "push/meter.json")]) == 1
    told = capsys.readouterr()
    lines = [json.loads(line) for line in told.out.splitlines()]
    assert [(line["name"], line["value"]) for line in lines] == [("QJ-W01/w01018", 48.2), ("meter 7", 120.5)]
    assert told.err.count("BadReading") == 2


def test_settings_and_address_are_those_of_a_feed(capsys: pytest.CaptureFixture[str]) -> None:
    settings = json.dumps({"form": "number", "topic": "plant/{station}/{factor}"})
    file = str(PAYLOADS / "mqtt/number.txt")
    asked = ["try", "connector", "mqtt", file, "--settings", settings, "--address", "plant/A/w01018"]
    assert main(asked) == 0
    assert json.loads(capsys.readouterr().out)["name"] == "A/w01018"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["smoke", "push/meter.json"], "UnknownPlugin"),
        (["push", "gone.json"], "FileNotFoundError"),
        (["push", "mqtt/number.txt"], "BadPayload"),
        (["mqtt", "mqtt/number.txt", "--settings", '{"port": "x"}'], "BadInput"),
        (["mqtt", "mqtt/number.txt", "--settings", "{"], "JSONDecodeError"),
        (["mqtt", "mqtt/number.txt", "--settings", "[]"], "BadInput"),
    ],
)
def test_what_cannot_be_tried_is_said(arguments: list[str], why: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, file, *more = arguments
    assert main(["try", "connector", code, str(PAYLOADS / file), *more]) == 1
    assert capsys.readouterr().err.startswith(why)
