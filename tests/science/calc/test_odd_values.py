"""Whatever stands in a question where it should not: each place of each worked question, with each odd value."""

import copy
import json
import math
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from qingyuan_science import calc

calc.load()

ODD = (
    math.nan, math.inf, -math.inf, -1, 0, -0.0, 1e-320, 1e308, 10**400, 2**53, True, None,
    "", "x", "NaN", "1e3", "\ud800", "\uff12",
    "0001-01-01", "9999-12-31", "2026-02-30", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00",
    "2026-11-20T08:00:00", [], {}, [[]], [{}], [None], {"": None}, {"x": 1},
)  # fmt: skip
Place = tuple[str | int, ...]


def places(within: Any, at: Place = ()) -> Iterator[Place]:
    inner = within.items() if isinstance(within, dict) else enumerate(within) if isinstance(within, list) else ()
    for key, one in inner:
        yield (*at, key)
        yield from places(one, (*at, key))


def put(question: dict[str, Any], place: Place, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(question)
    *before, last = place
    inner: Any = changed
    for key in before:
        inner = inner[key]
    inner[last] = value
    return changed


def twisted(question: dict[str, Any]) -> Iterator[tuple[Place, Any, dict[str, Any]]]:
    """The question with each value replaced, and each list empty, doubled and turned round."""
    for place in places(question):
        for odd in ODD:
            yield place, odd, put(question, place, odd)
        found: Any = question
        for key in place:
            found = found[key]
        if isinstance(found, list):
            for other in (found + found, found[::-1], found[:1], found * 40):
                yield place, "list", put(question, place, other)
    for one, other in swaps(question):
        yield one, "swapped", put(put(question, one, value_at(question, other)), other, value_at(question, one))


def swaps(question: dict[str, Any]) -> Iterator[tuple[Place, Place]]:
    """Pairs of texts that begin alike: days and times, first and last."""
    texts = [one for one in places(question) if str(value_at(question, one)).startswith("20")]
    yield from pairwise(texts)


def value_at(question: dict[str, Any], place: Place) -> Any:
    found: Any = question
    for key in place:
        found = found[key]
    return found


def answered(code: str, question: dict[str, Any]) -> dict[str, Any] | None:
    try:
        return calc.answer(code, question).as_json()
    except calc.BadQuestion as error:
        said = str(error)
        assert ": found " in said
        assert ", expected " in said
        assert not said.endswith("expected ")
        return None


@pytest.mark.parametrize("code", sorted(one.code for one in calc.TOPICS))
def test_an_odd_value_is_refused_or_answered_with_numbers_and_nothing_else_is_raised(code: str) -> None:
    for question in calc.TOPICS.get(code).questions:
        for place, odd, given in twisted(question):
            try:
                answer = answered(code, given)
                json.dumps(answer, allow_nan=False)
            except Exception as error:  # noqa: BLE001
                pytest.fail(f"{code} {place} {odd!r:.40}: {type(error).__name__}: {error}")
