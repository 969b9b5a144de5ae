"""What every calculation must do, whatever it computes; a new one is covered by being registered."""

import copy
import json
from contextlib import suppress
from typing import Any

import pytest

from qingyuan_science import calc
from qingyuan_science.calc.topic import TOPICS, Topic

calc.load()

CASES = [
    pytest.param(topic, question, id=f"{topic.code}-{number}")
    for topic in TOPICS
    for number, question in enumerate(topic.questions)
]
every_topic = pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.code)
every_question = pytest.mark.parametrize(("topic", "question"), CASES)


def frozen(value: Any) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)


@every_topic
def test_it_has_one_worked_question_for_each_example(topic: type[Topic]) -> None:
    assert topic.examples
    assert len(topic.questions) == len(topic.examples)
    assert all(one.given.zh and one.given.en and one.expected for one in topic.examples)


@every_topic
def test_its_fields_have_titles_in_both_languages_and_each_name_once(topic: type[Topic]) -> None:
    for fields in (topic.fields, *(field.columns for field in topic.fields)):
        names = [field.name for field in fields]
        assert len(names) == len(set(names))
        assert all(field.title.zh and field.title.en for field in fields)


@every_question
def test_the_answer_is_json_and_names_a_clause(topic: type[Topic], question: dict[str, Any]) -> None:
    answer = calc.answer(topic.code, question)
    assert json.loads(frozen(answer.as_json())) == answer.as_json()
    assert answer.result
    assert answer.clauses
    assert all(one.document and one.clause for one in answer.clauses)
    assert len(set(answer.clauses)) == len(answer.clauses)


@every_question
def test_the_same_question_gets_the_same_answer_and_stays_as_it_was(
    topic: type[Topic], question: dict[str, Any]
) -> None:
    before = copy.deepcopy(question)
    first, second = (frozen(calc.answer(topic.code, question).as_json()) for _ in range(2))
    assert first == second
    assert question == before


@every_question
def test_an_unknown_field_is_refused_by_its_name(topic: type[Topic], question: dict[str, Any]) -> None:
    with pytest.raises(calc.BadQuestion, match="no_such_field") as refused:
        calc.answer(topic.code, {**question, "no_such_field": 1})
    assert refused.value.field == "no_such_field"


@every_question
def test_a_missing_field_is_refused_by_its_name(topic: type[Topic], question: dict[str, Any]) -> None:
    needed = [field.name for field in topic.fields if field.default is ...]
    assert needed
    for name in needed:
        with pytest.raises(calc.BadQuestion) as refused:
            calc.answer(topic.code, {key: value for key, value in question.items() if key != name})
        assert refused.value.field == name


@every_question
def test_a_field_of_another_kind_is_refused_by_its_name(topic: type[Topic], question: dict[str, Any]) -> None:
    for name in question:
        with pytest.raises(calc.BadQuestion) as refused:
            calc.answer(topic.code, {**question, name: {"not": ["of", "this", "kind"]}})
        assert refused.value.field.startswith(name)


@every_question
def test_what_is_no_number_is_refused_wherever_a_number_stands(topic: type[Topic], question: dict[str, Any]) -> None:
    for name, value in question.items():
        for number in (float("nan"), float("inf")):
            spoilt = _spoilt(value, number)
            if spoilt != value:
                with pytest.raises(calc.BadQuestion) as refused:
                    calc.answer(topic.code, {**question, name: spoilt})
                assert refused.value.field.startswith(name)


def _spoilt(value: Any, number: float) -> Any:
    """The value with its first number replaced."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number
    if isinstance(value, dict):
        for name, inner in value.items():
            if _spoilt(inner, number) != inner:
                return {**value, name: _spoilt(inner, number)}
    if isinstance(value, list) and value:
        return [_spoilt(value[0], number), *value[1:]]
    return value


@every_question
def test_an_empty_list_is_answered_or_refused_but_never_breaks(topic: type[Topic], question: dict[str, Any]) -> None:
    for name, value in question.items():
        if isinstance(value, list):
            with suppress(calc.BadQuestion):
                frozen(calc.answer(topic.code, {**question, name: []}).as_json())
