"""The language of `$filter`: what is written can be read, and what cannot be read says where."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.kit.errors import BadInput
from qingyuan.showing.sta.filters import grammar
from qingyuan.showing.sta.filters.grammar import Binary, Call, Node, Not, Number, Path, Text, parse, written
from qingyuan.showing.sta.options import options_of

WORDS = {"not", "and", "or", "true", "false", "null", "duration", "geography"}
ZONES = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
TIMES = st.datetimes(datetime(1000, 1, 3), datetime(9998, 1, 1), timezones=ZONES)  # noqa: DTZ001 hypothesis adds zones
NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,8}", fullmatch=True).filter(
    lambda name: name not in WORDS | {"eq", "ne", "gt", "ge", "lt", "le", "add", "sub", "mul", "div", "mod"}
)
LEAVES = st.one_of(
    st.text(st.characters(codec="utf-8"), max_size=8).map(Text),
    st.integers(0, 10**12).map(Number),
    st.floats(0, 1e12, allow_nan=False).map(Number),
    st.booleans().map(grammar.Boolean),
    st.just(grammar.Null()),
    TIMES.map(grammar.Instant),
    st.builds(grammar.Interval, TIMES, TIMES),
    st.timedeltas(timedelta(days=-900), timedelta(days=900)).map(grammar.Duration),
    st.text("POINT(12.5 )'", max_size=12).map(grammar.Geography),
    st.lists(NAMES, min_size=1, max_size=3).map(lambda steps: Path(tuple(steps))),
)


def _larger(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    operators = st.sampled_from(["or", "and", *grammar.COMPARISONS, "add", "sub", "mul", "div", "mod"])
    calls = st.builds(Call, NAMES, st.lists(inner, max_size=3).map(tuple))
    return st.one_of(
        st.builds(Binary, operators, inner, inner), calls, st.builds(Not, inner), st.builds(grammar.Negative, inner)
    )


@given(st.recursive(LEAVES, _larger, max_leaves=12))
def test_what_is_written_is_read_as_the_same_tree(tree: Node) -> None:
    assert parse(written(tree)) == tree


@given(st.text(max_size=40) | st.text("()'/,-. eqandortn0159TZ:@", max_size=40))
def test_any_text_is_read_or_refused_by_name(text: str) -> None:
    try:
        parse(text)
    except BadInput as error:
        assert "expected" in str(error)  # noqa: PT017 most texts are refused, some are not


@given(st.text("$filterxpandopt=;,()'/ A1", max_size=40))
def test_any_expand_is_read_or_refused_by_name(text: str) -> None:
    try:
        options_of({"$expand": text})
    except BadInput as error:
        assert "expected" in str(error)  # noqa: PT017


def test_operators_bind_as_the_standard_says() -> None:
    assert written(parse("a eq 1 or b add 2 mul 3 gt 4 and not c lt -5")) == (
        "((a eq 1) or (((b add (2 mul 3)) gt 4) and (not (c lt (-5)))))"
    )
    assert written(parse("1 sub 2 sub 3")) == "((1 sub 2) sub 3)"


def test_a_quote_inside_a_text_is_doubled() -> None:
    assert parse("name eq 'O''Neil'") == Binary("eq", Path(("name",)), Text("O'Neil"))


def test_a_time_without_a_zone_is_utc_and_a_span_has_two() -> None:
    assert parse("2026-11-22T01:00:00") == grammar.Instant(datetime(2026, 11, 22, 1, tzinfo=UTC))
    span = parse("2026-11-22T01:00:00Z/2026-11-22T10:00:00+08:00")
    assert isinstance(span, grammar.Interval)
    assert span.end - span.start == timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("name eq", "found the end"),
        ("name eq 'x", "at character 8"),
        ("(a eq 1", "expected a closing parenthesis"),
        ("a eq 1 b", "found 'b' at character 8"),
        ("a/ eq 1 /", "expected"),
        ("2026-13-45T00:00:00Z gt now()", "expected a time of ISO 8601"),
        ("duration'P'", "expected a duration"),
        ("(" * 100 + "1" + ")" * 100, "levels inside each other"),
        (" and ".join(["a eq 1"] * 200), "at most 100 operators"),
        ("-" * 300 + "1", "at most 100 operators"),
        ("not " * 300 + "a", "at most 100 operators"),
        ("id gt " + "9" * 400, "a number of 400 characters"),
        ("id gt " + "9" * 5000, "a number of 5000 characters"),
        ("id gt 1e999", "a number of 5 characters"),
    ],
)
def test_what_cannot_be_read_says_where_and_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse(text)


def test_expand_takes_options_inside_and_paths_that_share_a_step() -> None:
    text = (
        "Datastreams($expand=Observations($top=1;$orderby=a desc,b);$filter=name eq 'a;b)'),Locations/Things,Locations"
    )
    found = options_of({"$expand": text}).expand
    inner = found["Datastreams"].expand["Observations"]
    assert (inner.top, [key.descending for key in inner.order]) == (1, [True, False])
    assert found["Datastreams"].filter == parse("name eq 'a;b)'")
    assert list(found["Locations"].expand) == ["Things"]
