"""From the tree of a `$filter` or `$orderby` to a condition on the rows of an entity type."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import BooleanField, Exists, Expression, F, Value

from qingyuan.kit.errors import BadInput
from qingyuan.showing.sta.entities import ENTITIES, Entity, Relation, observed_property_term, sensor_term
from qingyuan.showing.sta.filters import grammar, terms
from qingyuan.showing.sta.filters.grammar import COMPARISONS, Binary, Call, Node, Not, Path, Quantified
from qingyuan.showing.sta.filters.terms import Term

NUMBERS = ("id", "@iot.id")
Condition = Expression | Exists
Sortable = Expression | F


@dataclass(frozen=True)
class Place:
    """Where a path has got to: an entity type, and how the queryset's rows reach it."""

    entity: Entity
    prefix: str = ""


def condition(node: Node, place: Place) -> Condition:
    """The condition that a tree states of the rows of a type.

    Raises
    ------
    BadInput
        A property or function does not exist, or values do not go together; says what was expected.
    """
    match node:
        case Binary("and" | "or" as operator, left, right):
            sides = condition(left, place), condition(right, place)
            return terms.sql(f"({{}} {operator.upper()} {{}})", *sides, kind="boolean")
        case Not(operand):
            return terms.sql("(NOT coalesce({}, false))", condition(operand, place), kind="boolean")
        case Quantified():
            return _any(node, place)
    far = _first_far(node, place)
    if far is not None:
        return _somewhere(node, place, far)
    return _stated(node, place)


def _stated(node: Node, place: Place) -> Condition:
    if isinstance(node, Binary) and node.operator in COMPARISONS:
        return terms.compared(node.operator, term(node.left, place), term(node.right, place))
    found = terms.as_kind(term(node, place), "boolean")
    if found.kind == "null":
        return Value(False, output_field=BooleanField())
    expression: Condition = found.expression
    return expression


def term(node: Node, place: Place) -> Term:
    """The value of a tree for each row of a type.

    Raises
    ------
    BadInput
        As `condition`.
    """
    match node:
        case Path(steps):
            return _reached(steps, place)
        case Call(name, arguments):
            return terms.called(name, [term(argument, place) for argument in arguments])
        case grammar.Negative(operand):
            return terms.reckoned("mul", terms.constant(-1.0, "number"), term(operand, place))
        case Binary(operator, left, right) if operator in ("add", "sub", "mul", "div", "mod"):
            return terms.reckoned(operator, term(left, place), term(right, place))
        case Binary() | Not():
            return Term("boolean", condition(node, place))
        case Quantified(steps):
            raise BadInput(f"found {'/'.join(steps)}/any or all in a comparison, expected it beside and, or, not")
        case grammar.Interval(start, end):
            ends = terms.constant(start, "time").expression, terms.constant(end, "time").expression
            return Term("span", *ends)
    return _literal(node)


def _literal(node: Node) -> Term:
    match node:
        case grammar.Text(value):
            return terms.constant(value, "text")
        case grammar.Number(value):
            return terms.constant(float(value), "number")
        case grammar.Boolean(value):
            return terms.constant(value, "boolean")
        case grammar.Instant(value):
            return terms.constant(value, "time")
        case grammar.Duration(value):
            return terms.constant(value, "duration")
        case grammar.Geography(wkt):
            return terms.shape(wkt)
    return Term("null")


def relation_named(entity: Entity, name: str) -> Relation | None:
    """The relation of that name; `Thing` and `Things` mean the same, since there is one of each."""
    for relation in entity.relations.values():
        if name in (relation.name, relation.target, ENTITIES[relation.target].plural):
            return relation
    return None


def _reached(steps: tuple[str, ...], place: Place) -> Term:
    step, rest = steps[0], steps[1:]
    entity = place.entity
    name = "@iot.id" if step in NUMBERS else step
    if name in entity.terms:
        return _inside(entity.terms[name](place.prefix), rest, step)
    relation = relation_named(entity, step)
    if relation is None or not rest:
        known = ", ".join((*entity.terms, *entity.relations))
        raise BadInput(f"found {step!r} of a {entity.name}, expected one of: {known}")
    if relation.prefix is not None:
        return _reached(rest, Place(ENTITIES[relation.target], f"{place.prefix}{relation.prefix}"))
    return _of_member(relation, rest, place.prefix)


def _inside(found: Term, rest: tuple[str, ...], name: str) -> Term:
    if not rest:
        return found
    if found.kind != "json":
        raise BadInput(f"found {name}/{'/'.join(rest)}, expected {name} alone: it has nothing inside")
    path = [terms.constant(step, "text").expression for step in rest]
    template = f"({{}} #> ARRAY[{', '.join('{}' for _ in path)}]::text[])"
    return Term("json", terms.sql(template, found.expression, *path, kind="json"))


def _of_member(relation: Relation, rest: tuple[str, ...], prefix: str) -> Term:
    read = {"Sensor": sensor_term, "ObservedProperty": observed_property_term}.get(relation.target)
    name = "@iot.id" if rest[0] in NUMBERS else rest[0]
    found = read(prefix, name) if read is not None and len(rest) == 1 else None
    if found is None:
        raise BadInput(
            f"found {relation.name}/{'/'.join(rest)}, expected {relation.name}/name, /@iot.id or (of an"
            " ObservedProperty) /definition"
        )
    return found


def paths(node: Node, *, quantified: bool = True) -> Iterator[Path]:
    """The paths that a tree names; those behind `any` and `all` too, unless they are left out."""
    match node:
        case Path():
            yield node
        case Quantified(steps, inner) if quantified:
            yield Path((*steps, "@iot.id"))
            for path in paths(inner) if inner is not None else ():
                yield Path((*steps, *path.steps))
        case Call(_, arguments):
            for argument in arguments:
                yield from paths(argument, quantified=quantified)
        case Not(operand) | grammar.Negative(operand):
            yield from paths(operand, quantified=quantified)
        case Binary(_, left, right):
            yield from paths(left, quantified=quantified)
            yield from paths(right, quantified=quantified)


@dataclass(frozen=True)
class Far:
    """A relation to rows of another table: the steps up to and with it, and where it starts."""

    steps: tuple[str, ...]
    start: Place
    relation: Relation


def _first_far(node: Node, place: Place) -> Far | None:
    return next((far for path in paths(node, quantified=False) if (far := _far(path, place))), None)


def _far(path: Path, place: Place) -> Far | None:
    here = place
    for count, step in enumerate(path.steps[:-1]):
        relation = None if step in here.entity.terms else relation_named(here.entity, step)
        if relation is None:
            return None
        if relation.linked is not None:
            return Far(path.steps[: count + 1], here, relation)
        if relation.prefix is None:
            return None
        here = Place(ENTITIES[relation.target], f"{here.prefix}{relation.prefix}")
    return None


def _somewhere(node: Node, place: Place, far: Far) -> Exists:
    """There is a row there for which the statement holds."""
    if far.relation.linked is None:
        raise BadInput(f"found {'/'.join(far.steps)}, expected a relation to other rows")
    target = ENTITIES[far.relation.target]
    inner = without(node, far.steps)
    others = [path for path in paths(node) if path.steps[: len(far.steps)] != far.steps]
    if others:
        here, there = "/".join(far.steps), "/".join(others[0].steps)
        raise BadInput(f"found {here} and {there} in one comparison, expected properties of one of them")
    rows = target.rows().filter(**far.relation.linked(far.start.prefix)).order_by()
    return Exists(rows.filter(condition(inner, Place(target))))


def _any(node: Quantified, place: Place) -> Condition:
    """There is a row at the end of the steps for which the inner statement holds."""
    step, rest = (node.steps[0], node.steps[1:]) if node.steps else ("", ())
    relation = relation_named(place.entity, step)
    if relation is None or not (rest or relation.many):
        many = ", ".join(one.name for one in place.entity.relations.values() if one.many) or "none"
        raise BadInput(f"found {step}/any or all of a {place.entity.name}, expected a relation to many out of: {many}")
    target = ENTITIES[relation.target]
    if relation.prefix is not None:
        return _of_one(node, Place(target, f"{place.prefix}{relation.prefix}"))
    if relation.linked is None:
        raise BadInput(f"found {step}/any or all of a {place.entity.name}, expected it of another relation")
    rows = target.rows().filter(**relation.linked(place.prefix)).order_by()
    return Exists(rows.filter(_of_one(node, Place(target))))


def _of_one(node: Quantified, place: Place) -> Condition:
    """The rest of the way, or the inner statement, at the end of the first step."""
    if len(node.steps) > 1:
        return _any(replace(node, steps=node.steps[1:]), place)
    return condition(node.inner, place) if node.inner is not None else Value(True, output_field=BooleanField())


def without(node: Any, steps: tuple[str, ...]) -> Any:
    """The tree with the paths that begin by these steps cut short."""
    match node:
        case Path(found) if found[: len(steps)] == steps:
            return Path(found[len(steps) :])
        case Quantified(found) if found[: len(steps)] == steps:
            return replace(node, steps=found[len(steps) :])
        case Call(_, arguments):
            return replace(node, arguments=tuple(without(argument, steps) for argument in arguments))
        case Not(operand) | grammar.Negative(operand):
            return replace(node, operand=without(operand, steps))
        case Binary(_, left, right):
            return replace(node, left=without(left, steps), right=without(right, steps))
    return node


def ordered_by(node: Node, place: Place) -> Sortable:
    """What a key of `$orderby` sorts by.

    Raises
    ------
    BadInput
        It is not one value a row, or no value that has an order.
    """
    far = _first_far(node, place)
    if far is not None:
        raise BadInput(f"found {'/'.join(far.steps)} in $orderby, expected a property of the entity itself")
    found = term(node, place)
    if found.kind in ("point", "shape", "null", "json"):
        found = terms.as_kind(found, "text")
    expression: Sortable = found.expression
    return expression
