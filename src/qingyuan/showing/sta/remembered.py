"""`$filter` and `$orderby` on lists in memory: the same trees, worked out member by member."""

import math
import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import QuerySet

from qingyuan.kit.errors import BadInput
from qingyuan.showing.sta.conditions import NUMBERS, Place, condition
from qingyuan.showing.sta.entities import ENTITIES, sensor_number
from qingyuan.showing.sta.filters import grammar
from qingyuan.showing.sta.filters.grammar import COMPARISONS, Binary, Boolean, Call, Node, Not, Path, Quantified
from qingyuan.showing.sta.members import Member, number_of_factor
from qingyuan.showing.sta.readers import Reader

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq, "ne": operator.ne, "gt": operator.gt, "ge": operator.ge, "lt": operator.lt, "le": operator.le,
}  # fmt: skip
_RECKON: dict[str, Callable[[float, float], float]] = {
    "add": operator.add, "sub": operator.sub, "mul": operator.mul, "div": operator.truediv, "mod": operator.mod,
}  # fmt: skip
_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "contains": lambda text, part: part in text,
    "substringof": lambda part, text: part in text,
    "startswith": lambda text, part: text.startswith(part),
    "endswith": lambda text, part: text.endswith(part),
    "tolower": lambda text: text.lower(),
    "toupper": lambda text: text.upper(),
    "trim": lambda text: text.strip(),
    "concat": lambda one, other: one + other,
    "length": len,
    "indexof": lambda text, part: text.find(part),
}


@dataclass
class Streams:
    """The streams that a reader may see, asked once a condition for all members."""

    reader: Reader
    found: dict[Node, set[int]] = field(default_factory=dict)

    def with_(self, node: Node, member: Member) -> set[int]:
        """The numbers of the members that have a stream for which a condition holds.

        Raises
        ------
        BadInput
            The condition asks for what streams do not have.
        """
        if node not in self.found:
            entity = ENTITIES["Datastream"]
            rows = entity.rows().filter(self.reader.of_stations(entity.station_prefix))
            rows = rows.filter(condition(_cut(node), Place(entity)))
            self.found[node] = _factors(rows) if "definition" in member.values else _sensors(rows)
        return self.found[node]


def _factors(rows: QuerySet[Any]) -> set[int]:
    return {number_of_factor(code) for code in rows.values_list("channel__factor", flat=True).distinct().order_by()}


def _sensors(rows: QuerySet[Any]) -> set[int]:
    return {int(number) for number in rows.values_list(sensor_number(), flat=True).distinct().order_by()}


def kept(members: Collection[Member], node: Node, streams: Streams) -> list[Member]:
    """The members for which a filter holds.

    Raises
    ------
    BadInput
        The filter asks for what members do not have.
    """
    return [member for member in members if value_of(node, member, streams) is True]


def value_of(node: Node, member: Member, streams: Streams) -> Any:
    """What a tree comes to for a member; None where something in it is missing.

    Raises
    ------
    BadInput
        As `kept`.
    """
    match node:
        case Binary("and", left, right):
            return value_of(left, member, streams) is True and value_of(right, member, streams) is True
        case Binary("or", left, right):
            return value_of(left, member, streams) is True or value_of(right, member, streams) is True
        case Not(operand):
            return value_of(operand, member, streams) is not True
        case Binary() | Call() | Quantified() if _leads_on(node):
            return member.pk in streams.with_(node, member)
        case Binary(sign, left, right):
            return _made(sign, value_of(left, member, streams), value_of(right, member, streams))
        case Call(name, arguments):
            return _called(name, [value_of(argument, member, streams) for argument in arguments])
        case grammar.Negative(operand):
            return _made("mul", -1, value_of(operand, member, streams))
    return _plain(node, member)


def _plain(node: Node, member: Member) -> Any:
    match node:
        case Path(steps):
            return _looked_up(steps, member)
        case grammar.Null():
            return None
        case grammar.Text(value) | grammar.Number(value) | grammar.Boolean(value):
            return value
    raise BadInput(f"found {grammar.written(node)}, expected a text, a number or a property of these lists")


def _made(sign: str, left: Any, right: Any) -> Any:
    if sign in ("eq", "ne") or (left is not None and right is not None):
        try:
            return _COMPARE[sign](left, right) if sign in COMPARISONS else _reckoned(sign, left, right)
        except (TypeError, ArithmeticError) as error:
            raise BadInput(f"found {left!r} {sign} {right!r}, expected values that go together") from error
    return None


def _reckoned(sign: str, left: Any, right: Any) -> float:
    """Arithmetic of floating numbers, as the database does it; operators of Python would repeat and format texts."""
    if any(isinstance(side, bool) or not isinstance(side, int | float) for side in (left, right)):
        raise TypeError
    found = _RECKON[sign](float(left), float(right))
    if not math.isfinite(found):
        raise OverflowError
    return found


def _called(name: str, values: list[Any]) -> Any:
    if name not in _FUNCTIONS:
        raise BadInput(f"found function {name}, expected one of: {', '.join(_FUNCTIONS)}")
    if None in values:
        return None
    try:
        return _FUNCTIONS[name](*values)
    except (TypeError, AttributeError) as error:
        raise BadInput(f"found {name} of {values!r}, expected texts") from error


def _looked_up(steps: tuple[str, ...], member: Member) -> Any:
    if len(steps) == 1 and steps[0] in NUMBERS:
        return member.pk
    found: Any = member.values
    for count, step in enumerate(steps):
        if count == 0 and step not in found:
            raise BadInput(f"found {step!r}, expected one of: @iot.id, {', '.join(found)}, Datastreams")
        found = found.get(step) if isinstance(found, dict) else None
    return found


def _leads_on(node: Node) -> bool:
    match node:
        case Path(steps):
            return steps[0] in ("Datastreams", "Datastream") and len(steps) > 1
        case Quantified(steps):
            return steps[0] in ("Datastreams", "Datastream")
        case Call(_, arguments):
            return any(_leads_on(argument) for argument in arguments)
        case Binary(_, left, right):
            return _leads_on(left) or _leads_on(right)
    return False


def _cut(node: Any) -> Any:
    match node:
        case Path(steps):
            if not _leads_on(node):
                raise BadInput(f"found {'/'.join(steps)} beside Datastreams in one comparison, expected one of them")
            return Path(steps[1:])
        case Quantified((_,), inner):
            return inner if inner is not None else Boolean(True)
        case Quantified(steps):
            return replace(node, steps=steps[1:])
        case Call(name, arguments):
            return Call(name, tuple(_cut(argument) for argument in arguments))
        case Binary(sign, left, right):
            return Binary(sign, _cut(left), _cut(right))
    return node
