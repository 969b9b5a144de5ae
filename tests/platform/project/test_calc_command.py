"""`qingyuan calc`: an answer as JSON, and refusals that say what was found."""

import argparse
import io
import json
import sys

import pytest

from qingyuan.project.commands.calc import CALC


def run(question: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(question), encoding="utf-8"))
    return CALC.run(argparse.Namespace(topic="oxygen_conversion"))


def test_a_question_is_answered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(b'{"concentration": 50, "oxygen": 12, "reference": 9}', monkeypatch) == 0
    assert json.loads(capsys.readouterr().out)["result"]["converted"] == 66.667  # 50 * 12 / 9


@pytest.mark.parametrize(
    "question",
    [b'{"concentration": 1', b"\xff\xfe", b'{"concentration": %s}' % (b"9" * 5000), b"[1]", b""],
    ids=["cut off", "no UTF-8", "5000 digits", "a list", "nothing"],
)
def test_what_is_no_question_is_refused_in_one_line(
    question: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(question, monkeypatch) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("BadQuestion: the question: found ")
    assert said.err.endswith("expected a JSON object\n")


def test_a_number_of_400_noughts_is_refused_by_its_field(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(b'{"concentration": 1%s, "oxygen": 12, "reference": 9}' % (b"0" * 400), monkeypatch) == 1
    assert capsys.readouterr().err.startswith("BadQuestion: concentration: found 1000")
