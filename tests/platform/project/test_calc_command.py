"""`qingyuan calc`: an answer as JSON, and refusals that say what was found."""

import argparse
import io
import json
import sys

import pytest

from qingyuan.project.commands.calc import CALC


def run(question: bytes, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(question), encoding="utf-8"))
    return CALC.run(argparse.Namespace(topic="oxygen_conversion", lines=False))


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


def lines(asked: bytes, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(asked), encoding="utf-8"))
    assert CALC.run(argparse.Namespace(topic=None, lines=True)) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_lines_are_answered_one_by_one_and_a_bad_one_stops_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = b"""{"topic": "rounding", "given": {"value": 2.5}}
{"topic": "rounding", "given": {"value": "2.5"}}
{"topic": "rounding", "given": [1]}
{"topic": "no_such_topic", "given": {}}
rubbish
\xff\xfe
{"topic": "rounding"}
{"topic": "rounding", "given": {"value": 3.5}}
"""
    first, text, listed, unknown, rubbish, undecoded, bare, last = lines(asked, monkeypatch, capsys)
    assert first["result"] == {"rounded": 2}
    assert "value: found '2.5', expected number" in str(text["refused"])
    assert "refused" in listed
    assert unknown == {"unsupported": True}
    assert "error" in rubbish
    assert "error" in undecoded
    assert "error" in bare
    assert last["result"] == {"rounded": 4}


def test_half_a_surrogate_pair_stays_an_escape(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = b'{"topic": "credit_code", "given": {"code": "\\ud800"}}\n{"topic": "rounding", "given": {"value": 1}}'
    halved, after = lines(asked, monkeypatch, capsys)
    assert dict(halved["result"])["fits"] is False  # type: ignore[call-overload]
    assert after["result"] == {"rounded": 1}
