"""Typed terms of a `$filter` as expressions of the database, and what operators and functions make of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import shapely
from django.db.models import (
    BooleanField,
    DateTimeField,
    DurationField,
    Expression,
    F,
    FloatField,
    Func,
    JSONField,
    TextField,
    Value,
)
from shapely.errors import ShapelyError

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput
from qingyuan.showing.sta.filters.grammar import instant

FIELDS: dict[str, Any] = {
    "text": TextField,
    "number": FloatField,
    "time": DateTimeField,
    "boolean": BooleanField,
    "duration": DurationField,
    "json": JSONField,
}
SIGNS = {"eq": "=", "ne": "IS DISTINCT FROM", "gt": ">", "ge": ">=", "lt": "<", "le": "<="}
ARITHMETIC = {"add": "+", "sub": "-", "mul": "*"}


@dataclass(frozen=True)
class Term:
    """A value of a known kind.

    `kind` is text, number, time, span, boolean, duration, json, point, shape or null. A span has an `end`, and so has a
    point: its latitude. A shape holds a shapely geometry.
    """

    kind: str
    expression: Any = None
    end: Any = None


class Sql(Func):
    """SQL with parts in it; what a filter says goes in as parameters only."""

    def as_sql(self, compiler: Any, connection: Any, *_: Any, **__: Any) -> tuple[str, tuple[Any, ...]]:
        first, *pieces = self.extra["sql"].split("{}")
        text, values = first, []
        for piece, source in zip(pieces, self.get_source_expressions(), strict=True):
            inner, more = compiler.compile(source)
            text += inner + piece
            values.extend(more)
        return text, tuple(values)


def sql(template: str, *parts: Any, kind: str) -> Sql:
    """An expression out of SQL with `{}` where the parts stand."""
    return Sql(*parts, sql=template, output_field=FIELDS[kind]())


def constant(value: Any, kind: str) -> Term:
    """A term that is the same for every row."""
    return Term(kind, Value(value, output_field=FIELDS[kind]()))


def column(kind: str, path: str) -> Term:
    """A term that is a column."""
    return Term(kind, F(path))


def looked_up(values: dict[str, Any], key: Expression | F, kind: str = "text") -> Term:
    """A term out of a table that the platform has in memory, by a key of the row."""
    table = Value(values, output_field=JSONField())
    cast = {"text": "", "number": "::float8"}[kind]
    return Term(kind, sql(f"(({{}})::jsonb ->> ({{}})::text){cast}", table, key, kind=kind))


def as_kind(term: Term, kind: str) -> Term:
    """The term as another kind, where that has a meaning.

    Raises
    ------
    BadInput
        It has none.
    """
    if term.kind in (kind, "null"):
        return term
    if term.kind == "json" and kind in {"text", "number", "boolean"}:
        return Term(kind, _out_of_json(term.expression, kind))
    if term.kind == "span" and kind == "time":
        return Term("time", term.expression)
    if term.kind == "time" and kind == "span":
        return Term("span", term.expression, term.expression)
    if term.kind == "text" and kind == "time" and isinstance(term.expression, Value):
        return constant(instant(term.expression.value), "time")
    raise BadInput(f"found a {term.kind}, expected a {kind}")


def _out_of_json(expression: Any, kind: str) -> Sql:
    if kind == "text":
        return sql("(({}) #>> ARRAY[]::text[])", expression, kind="text")
    cast = {"number": "float8", "boolean": "boolean"}[kind]
    template = f"(CASE WHEN jsonb_typeof({{}}) = '{kind}' THEN (({{}}) #>> ARRAY[]::text[])::{cast} END)"
    return sql(template, expression, expression, kind=kind)


def compared(operator: str, left: Term, right: Term) -> Expression:
    """The condition that a comparison states.

    Raises
    ------
    BadInput
        The two sides cannot be compared.
    """
    if "null" in (left.kind, right.kind):
        return _against_null(operator, left, right)
    if "span" in (left.kind, right.kind):
        return _spans_compared(operator, as_kind(left, "span"), as_kind(right, "span"))
    kind = left.kind if left.kind != "json" else right.kind
    kind = "time" if "time" in (left.kind, right.kind) else kind
    kind = "text" if kind == "json" else kind
    if kind not in FIELDS:
        raise BadInput(
            f"found {operator} between a {left.kind} and a {right.kind}, expected a function such as st_within"
        )
    return sql(
        f"({{}} {SIGNS[operator]} {{}})",
        as_kind(left, kind).expression,
        as_kind(right, kind).expression,
        kind="boolean",
    )


def _against_null(operator: str, left: Term, right: Term) -> Expression:
    if operator not in ("eq", "ne"):
        raise BadInput(f"found {operator} null, expected eq null or ne null")
    term = right if left.kind == "null" else left
    if term.kind == "null":
        return Value(operator == "eq", output_field=BooleanField())
    found = as_kind(term, "text") if term.kind == "json" else term
    return sql(f"({{}} IS {'NOT ' if operator == 'ne' else ''}NULL)", found.expression, kind="boolean")


def _spans_compared(operator: str, left: Term, right: Term) -> Expression:
    """A span is before another when it ends before that begins; the first condition lets the index find it."""
    a, b, c, d = left.expression, left.end, right.expression, right.end
    templates = {
        "eq": ("({} = {} AND {} = {})", (a, c, b, d)),
        "ne": ("({} IS DISTINCT FROM {} OR {} IS DISTINCT FROM {})", (a, c, b, d)),
        "gt": ("({} > {} AND {} >= {})", (a, c, a, d)),
        "ge": ("({} >= {})", (a, c)),
        "lt": ("({} < {} AND {} <= {})", (a, c, b, c)),
        "le": ("({} <= {} AND {} <= {})", (a, d, b, d)),
    }
    template, parts = templates[operator]
    return sql(template, *parts, kind="boolean")


def reckoned(operator: str, left: Term, right: Term) -> Term:
    """The term that arithmetic makes: of numbers, or of a time and a duration.

    Raises
    ------
    BadInput
        The two do not go together.
    """
    kinds = (left.kind, right.kind)
    moved = {("time", "duration"): "time", ("duration", "duration"): "duration"}
    if operator == "sub":
        moved["time", "time"] = "duration"
    if operator in ("add", "sub") and kinds in moved:
        kind = moved[kinds]
        return Term(kind, sql(f"({{}} {ARITHMETIC[operator]} {{}})", left.expression, right.expression, kind=kind))
    sides = [as_kind(side, "number").expression for side in (left, right)]
    templates = {
        "mod": "mod(({})::numeric, nullif(({})::numeric, 0))::float8",
        "div": "(({})::float8 / nullif(({})::float8, 0))",
    }
    template = templates.get(operator) or f"(({{}})::float8 {ARITHMETIC[operator]} ({{}})::float8)"
    return Term("number", sql(template, *sides, kind="number"))


@dataclass(frozen=True)
class Function:
    """A function of the language: the kinds it takes and what it makes; `least` arguments must be given."""

    takes: tuple[str, ...]
    makes: str
    template: str
    least: int | None = None

    def __call__(self, name: str, terms: Sequence[Term]) -> Term:
        least = len(self.takes) if self.least is None else self.least
        if not least <= len(terms) <= len(self.takes):
            raise BadInput(f"found {name} with {len(terms)} arguments, expected {least}")
        parts = [as_kind(term, kind).expression for term, kind in zip(terms, self.takes, strict=False)]
        template = self.template
        if len(terms) < len(self.takes):
            template = f"{template.removesuffix(', ({})::int)')})"
        return Term(self.makes, sql(template, *parts, kind=self.makes))


def _part(name: str) -> Function:
    return Function(("time",), "number", f"extract({name} FROM ({{}})::timestamptz AT TIME ZONE 'UTC')::float8")


_SIMPLE: dict[str, Function] = {
    "contains": Function(("text", "text"), "boolean", "(strpos({}, {}) > 0)"),
    "startswith": Function(("text", "text"), "boolean", "starts_with({}, {})"),
    "endswith": Function(("text", "text"), "boolean", "starts_with(reverse({}), reverse({}))"),
    "length": Function(("text",), "number", "length({})::float8"),
    "indexof": Function(("text", "text"), "number", "(strpos({}, {}) - 1)::float8"),
    "substring": Function(("text", "number", "number"), "text", "substr({}, ({})::int + 1, ({})::int)", least=2),
    "tolower": Function(("text",), "text", "lower({})"),
    "toupper": Function(("text",), "text", "upper({})"),
    "trim": Function(("text",), "text", "btrim({})"),
    "concat": Function(("text", "text"), "text", "({} || {})"),
    **{name: _part(name) for name in ("year", "month", "day", "hour", "minute")},
    "second": Function(("time",), "number", "floor(extract(second FROM ({})::timestamptz))::float8"),
    "fractionalseconds": Function(("time",), "number", "mod(extract(second FROM ({})::timestamptz), 1)::float8"),
    "date": Function(("time",), "text", "to_char(({})::timestamptz AT TIME ZONE 'UTC', 'YYYY-MM-DD')"),
    "time": Function(("time",), "text", "to_char(({})::timestamptz AT TIME ZONE 'UTC', 'HH24:MI:SS')"),
    "totaloffsetminutes": Function(("time",), "number", "(extract(timezone FROM ({})::timestamptz) * 0)::float8"),
    "round": Function(("number",), "number", "round(({})::numeric)::float8"),
    "floor": Function(("number",), "number", "floor({})::float8"),
    "ceiling": Function(("number",), "number", "ceil({})::float8"),
}


def called(name: str, terms: Sequence[Term]) -> Term:
    """The term that a function makes.

    Raises
    ------
    BadInput
        There is no such function, or it was given something else than it takes.
    """
    if name == "substringof":
        return called("contains", list(reversed(terms)))
    if name in _SIMPLE:
        return _SIMPLE[name](name, terms)
    if name in _NOW and not terms:
        return constant(_NOW[name](), "time")
    if name in _TEMPORAL:
        return _temporal(name, terms)
    if name in _SPATIAL:
        return _spatial(name, terms)
    known = ", ".join(sorted((*_SIMPLE, *_NOW, *_TEMPORAL, *_SPATIAL, "substringof")))
    raise BadInput(f"found function {name}, expected one of: {known}")


_NOW: dict[str, Callable[[], datetime]] = {
    "now": clock.now,
    "mindatetime": lambda: datetime(1, 1, 2, tzinfo=UTC),
    "maxdatetime": lambda: datetime(9999, 12, 30, tzinfo=UTC),
}
# spans [a, b] and [c, d]
_TEMPORAL = {
    "before": ("({} < {})", "bc"),
    "after": ("({} > {})", "ad"),
    "meets": ("({} = {} OR {} = {})", "bcad"),
    "during": ("({} >= {} AND {} <= {})", "acbd"),
    "overlaps": ("({} <= {} AND {} >= {})", "adbc"),
    "intersects": ("({} <= {} AND {} >= {})", "adbc"),
    "starts": ("({} = {})", "ac"),
    "finishes": ("({} = {})", "bd"),
}


def _two(name: str, terms: Sequence[Term]) -> tuple[Term, Term]:
    if len(terms) != 2:
        raise BadInput(f"found {name} with {len(terms)} arguments, expected 2")
    return terms[0], terms[1]


def _temporal(name: str, terms: Sequence[Term]) -> Term:
    first, second = (
        as_kind(as_kind(term, "time") if term.kind == "text" else term, "span") for term in _two(name, terms)
    )
    ends = {"a": first.expression, "b": first.end, "c": second.expression, "d": second.end}
    template, letters = _TEMPORAL[name]
    return Term("boolean", sql(template, *(ends[letter] for letter in letters), kind="boolean"))


_LINES, _AREAS = ("LineString", "MultiLineString"), ("Polygon", "MultiPolygon")


def shape(wkt: str) -> Term:
    """A geometry that a filter writes out.

    Raises
    ------
    BadInput
        It is no WKT, or one of which no function here can make anything.
    """
    try:
        found = shapely.from_wkt(wkt)
    except ShapelyError as error:
        raise BadInput(f"found geography'{wkt}', expected WKT such as POINT (106.5 29.5): {error}") from error
    if found.is_empty or found.geom_type not in ("Point", *_LINES, *_AREAS):
        raise BadInput(
            f"found a {found.geom_type}, expected a POINT, a LINESTRING, a POLYGON or several of the last two"
        )
    return Term("shape", found)


_SPATIAL = {
    "geo.distance": "distance",
    "st_distance": "distance",
    "geo.intersects": "inside",
    "st_intersects": "inside",
    "st_within": "inside",
    "st_contains": "inside",
    "st_equals": "equal",
    "st_disjoint": "apart",
}


def _spatial(name: str, terms: Sequence[Term]) -> Term:
    """Stations are points, so the other side is written out; distances are in degrees, as the coordinates are."""
    first, second = _two(name, terms)
    point, other = (second, first) if first.kind == "shape" else (first, second)
    if name == "st_contains" and first.kind == "point" and second.expression.geom_type != "Point":
        raise BadInput("found st_contains(location, …), expected st_contains(geography'POLYGON …', location)")
    if point.kind != "point" or other.kind != "shape":
        raise BadInput(f"found {name} of a {first.kind} and a {second.kind}, expected a location and geography'…'")
    if _SPATIAL[name] == "distance":
        return Term("number", _distance(point, other.expression))
    inside = _inside(point, other.expression)
    return Term("boolean", inside if _SPATIAL[name] != "apart" else sql("(NOT {})", inside, kind="boolean"))


def _distance(point: Term, other: Any) -> Expression:
    if other.geom_type == "Point":
        place = Value(f"({other.x!r},{other.y!r})", output_field=TextField())
        return sql("(point({}, {}) <-> ({})::point)", point.expression, point.end, place, kind="number")
    inside = _inside(point, other)
    if other.geom_type in _LINES:
        paths = [_bends(line) for line in _parts(other)]
    else:
        paths = [_corners(ring) for part in _parts(other) for ring in (part.exterior, *part.interiors)]
    lines = [sql("(point({}, {}) <-> ({})::path)", point.expression, point.end, path, kind="number") for path in paths]
    nearest = sql(f"least({', '.join('{}' for _ in lines)})", *lines, kind="number")
    return sql("CASE WHEN {} THEN 0 ELSE {} END", inside, nearest, kind="number")


def _inside(point: Term, other: Any) -> Expression:
    if other.geom_type == "Point":
        return sql("({} = {} AND {} = {})", point.expression, Value(other.x), point.end, Value(other.y), kind="boolean")
    if other.geom_type in _LINES:
        on = "(point({}, {}) <@ ({})::path)"
        return _any([sql(on, point.expression, point.end, _bends(line), kind="boolean") for line in _parts(other)])
    return _any([_in_polygon(point, part) for part in _parts(other)])


def _in_polygon(point: Term, polygon: Any) -> Expression:
    parts = [point.expression, point.end, _corners(polygon.exterior)]
    template = "({})::polygon @> point({}, {})"
    holes = "".join(f" AND NOT {template}" for _ in polygon.interiors)
    ordered = [parts[2], parts[0], parts[1]]
    for hole in polygon.interiors:
        ordered += [_corners(hole), point.expression, point.end]
    return sql(f"({template}{holes})", *ordered, kind="boolean")


def _any(conditions: list[Expression]) -> Expression:
    return sql(f"({' OR '.join('{}' for _ in conditions)})", *conditions, kind="boolean")


def _parts(geometry: Any) -> list[Any]:
    return list(geometry.geoms) if geometry.geom_type.startswith("Multi") else [geometry]


def _corners(ring: Any) -> Value:
    text = ",".join(f"({x!r},{y!r})" for x, y, *_ in ring.coords[:-1])
    return Value(f"({text})", output_field=TextField())


def _bends(line: Any) -> Value:
    """A line as PostgreSQL writes a path that is not closed."""
    return Value(f"[{','.join(f'({x!r},{y!r})' for x, y, *_ in line.coords)}]", output_field=TextField())


def step_of(kind: F) -> Expression:
    """How long a value of a kind of reading stands for. [duration]"""
    template = (
        "(CASE ({})::text WHEN 'h' THEN interval '1 hour' WHEN 'H' THEN interval '1 hour'"
        " WHEN 'd' THEN interval '1 day' WHEN 'D' THEN interval '1 day' ELSE interval '0' END)"
    )
    return sql(template, kind, kind="duration")


def length(value: timedelta) -> Term:
    """A duration that a filter writes out."""
    return constant(value, "duration")
