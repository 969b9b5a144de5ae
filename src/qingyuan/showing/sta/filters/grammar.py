"""The language of `$filter` and `$orderby`: text in, a tree out. It knows no entities and no database.

    or < and < not < eq ne gt ge lt le < add sub < mul div mod < - < literals, paths, calls, parentheses

`not` takes a whole comparison, so that `not name eq 'x'` means what it says.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from qingyuan.kit.errors import BadInput

MOST_OPERATORS = 100  # each is a level of the tree at worst
DEEPEST = 60  # parentheses and calls inside each other; beyond it a filter is an attack, not a question


@dataclass(frozen=True)
class Text:
    value: str


@dataclass(frozen=True)
class Number:
    value: int | float


@dataclass(frozen=True)
class Boolean:
    value: bool


@dataclass(frozen=True)
class Null:
    pass


@dataclass(frozen=True)
class Instant:
    value: datetime


@dataclass(frozen=True)
class Interval:
    start: datetime
    end: datetime


@dataclass(frozen=True)
class Duration:
    value: timedelta


@dataclass(frozen=True)
class Geography:
    """A geometry in WKT, longitude first. [degree]"""

    wkt: str


@dataclass(frozen=True)
class Path:
    """What an entity has, reached through relations: `("Datastream", "Thing", "name")`."""

    steps: tuple[str, ...]


@dataclass(frozen=True)
class Call:
    name: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True)
class Not:
    operand: "Node"


@dataclass(frozen=True)
class Negative:
    operand: "Node"


@dataclass(frozen=True)
class Binary:
    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True)
class Quantified:
    """`Datastreams/any(d: d/name eq 'x')`: the steps, and what is said of one of those; None for any at all.

    The paths of `inner` begin at it, without its name. `all` of something is not any without it.
    """

    steps: tuple[str, ...]
    inner: "Node | None"


Node = (
    Text | Number | Boolean | Null | Instant | Interval | Duration | Geography | Path | Call | Not | Negative | Binary
    | Quantified
)  # fmt: skip
COMPARISONS = ("eq", "ne", "gt", "ge", "lt", "le")
_LEVELS = (("or",), ("and",), COMPARISONS, ("add", "sub"), ("mul", "div", "mod"))
_NOT_BELOW = 2  # `not` stands between `and` and the comparisons

_TIME = r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
_TOKEN = re.compile(
    rf"""\s*(?:
    (?P<geography>geography'(?:[^']|'')*')
  | (?P<duration>duration'[^']*')
  | (?P<interval>{_TIME}/{_TIME})
  | (?P<time>{_TIME})(?![\w'])
  | (?P<text>'(?:[^']|'')*')
  | (?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?!\w)
  | (?P<name>@?[^\W\d][\w.]*(?:-[\w.]+)*)
  | (?P<sign>[(),/:-])
  )""",
    re.VERBOSE,
)
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<days>\d+)D)?(?:T(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    at: int


def parse(text: str) -> Node:
    """Read a condition or an expression.

    Raises
    ------
    BadInput
        The text does not follow the grammar; says where, what was found and what was expected.
    """
    reader = _Reader(text, _tokens(text))
    tree = reader.expression()
    reader.expect_end()
    return tree


def instant(text: str) -> datetime:
    """Read a time of ISO 8601; one without a zone is UTC.

    Raises
    ------
    BadInput
        It is none.
    """
    cut = re.sub(r"(\.\d{6})\d+", r"\1", text)
    try:
        found = datetime.fromisoformat(cut)
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        found.astimezone(UTC)  # who compares it needs that; the first and last hours of the calendar have none
    except (ValueError, OverflowError):
        raise BadInput(f"found {text!r}, expected a time of ISO 8601 such as 2026-11-22T01:00:00Z") from None
    return found


def _tokens(text: str) -> list[Token]:
    found, at = [], 0
    while text[at:].strip():
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise BadInput(
                f"found {text[at:].strip()[:20]!r} at character {at + 1}, expected a name, a value or a sign"
            )
        found.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
    return found


def _unquoted(text: str) -> str:
    return text[text.index("'") + 1 : -1].replace("''", "'")


def _duration(text: str) -> Duration:
    match = _DURATION.fullmatch(_unquoted(text))
    if match is None or _unquoted(text).endswith(("P", "T")):
        raise BadInput(f"found {text}, expected a duration of ISO 8601 such as duration'P1DT2H'")
    parts = {name: float(value or 0) for name, value in match.groupdict().items() if name != "sign"}
    try:
        length = timedelta(**parts)
    except OverflowError:
        raise BadInput(f"found {text}, expected a duration of less than a billion days") from None
    return Duration(-length if match["sign"] else length)


def _interval(text: str) -> Interval:
    start, _, end = text.partition("/")
    return Interval(instant(start), instant(end))


def _number(text: str) -> Number:
    if not math.isfinite(float(text)):
        raise BadInput(f"found a number of {len(text)} characters ({text:.20}…), expected one below 1.8e308")
    return Number(int(text) if text.isdigit() else float(text))


_LITERALS: dict[str, Callable[[str], Node]] = {
    "text": lambda text: Text(_unquoted(text)),
    "number": _number,
    "time": lambda text: Instant(instant(text)),
    "interval": _interval,
    "duration": _duration,
    "geography": lambda text: Geography(_unquoted(text)),
}
_WORDS: dict[str, Node] = {"true": Boolean(True), "false": Boolean(False), "null": Null()}


@dataclass
class _Reader:
    """Recursive descent over the tokens."""

    text: str
    tokens: list[Token]
    position: int = 0
    depth: int = 0
    operators: int = 0

    def peek(self) -> Token:
        if self.position < len(self.tokens):
            return self.tokens[self.position]
        return Token("end", "", len(self.text))

    def take(self) -> Token:
        token = self.peek()
        self.position += 1
        return token

    def taken(self, *texts: str) -> str:
        """The next token's text when it is one of these, and then it is taken."""
        token = self.peek()
        if token.kind in {"name", "sign"} and token.text in texts:
            return self.take().text
        return ""

    def refuse(self, expected: str) -> BadInput:
        token = self.peek()
        found = f"{token.text!r} at character {token.at + 1}" if token.kind != "end" else "the end"
        return BadInput(f"found {found} in {self.text!r}, expected {expected}")

    def expect_end(self) -> None:
        if self.peek().kind != "end":
            raise self.refuse("an operator such as and, or, eq, or the end")

    def expression(self, level: int = 0) -> Node:
        self.depth += 1
        if self.depth > DEEPEST * (len(_LEVELS) + 1):
            raise self.refuse(f"at most {DEEPEST} levels inside each other")
        found = self._level(level)
        self.depth -= 1
        return found

    def _level(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self.primary()
        if level == _NOT_BELOW and self.taken("not"):
            self.count()
            return Not(self.expression(_NOT_BELOW))
        left = self.expression(level + 1)
        while operator := self.taken(*_LEVELS[level]):
            self.count()
            left = Binary(operator, left, self.expression(level + 1))
        return left

    def count(self) -> None:
        self.operators += 1
        if self.operators > MOST_OPERATORS:
            raise self.refuse(f"at most {MOST_OPERATORS} operators")

    def primary(self) -> Node:
        token = self.peek()
        if token.kind in _LITERALS:
            return _LITERALS[self.take().kind](token.text)
        if self.taken("-"):
            self.count()
            return Negative(self.expression(len(_LEVELS)))
        if self.taken("("):
            inner = self.expression()
            self.close()
            return inner
        if token.kind == "name":
            return self.named(self.take().text)
        raise self.refuse("a value, a property or a function")

    def named(self, name: str) -> Node:
        if name in _WORDS:
            return _WORDS[name]
        if self.taken("("):
            return Call(name, self.arguments())
        steps = [name]
        while self.taken("/"):
            if self.peek().kind != "name":
                raise self.refuse("the name of a property")
            steps.append(self.take().text)
            if steps[-1] in ("any", "all") and self.taken("("):
                return self.quantified(tuple(steps[:-1]), steps[-1])
        return Path(tuple(steps))

    def quantified(self, steps: tuple[str, ...], quantifier: str) -> Node:
        """What stands inside `any(…)` and `all(…)`, after the parenthesis."""
        self.count()
        if quantifier == "any" and self.taken(")"):
            return Quantified(steps, None)
        variable = self.take()
        if variable.kind != "name" or not self.taken(":"):
            self.position -= 1
            raise self.refuse("a name and a colon, as in any(d: d/name eq 'x')")
        inner = self._told_of(variable.text, self.expression())
        self.close()
        return Quantified(steps, inner) if quantifier == "any" else Not(Quantified(steps, Not(inner)))

    def _told_of(self, variable: str, node: Any) -> Any:
        """The tree with its paths from the named thing on."""
        match node:
            case Path(steps) | Quantified(steps) if steps[0] != variable or (type(node) is Path and len(steps) < 2):
                raise BadInput(f"found {'/'.join(steps)} inside any or all, expected a property of {variable}")
            case Path(steps) | Quantified(steps):
                return replace(node, steps=steps[1:])
            case Call(_, arguments):
                return replace(node, arguments=tuple(self._told_of(variable, argument) for argument in arguments))
            case Not(operand) | Negative(operand):
                return replace(node, operand=self._told_of(variable, operand))
            case Binary(_, left, right):
                return replace(node, left=self._told_of(variable, left), right=self._told_of(variable, right))
        return node

    def arguments(self) -> tuple[Node, ...]:
        if self.taken(")"):
            return ()
        found = [self.expression()]
        while self.taken(","):
            found.append(self.expression())
        self.close()
        return tuple(found)

    def close(self) -> None:
        if not self.taken(")"):
            raise self.refuse("a closing parenthesis")


def written(node: Node) -> str:
    """The tree as text again, with every parenthesis written out."""
    match node:
        case Text(value):
            return "'" + value.replace("'", "''") + "'"
        case Number(value):
            return repr(value)
        case Boolean(value):
            return "true" if value else "false"
        case Null():
            return "null"
        case Instant(value):
            return value.isoformat()
        case Interval(start, end):
            return f"{start.isoformat()}/{end.isoformat()}"
        case Geography(wkt):
            return "geography'" + wkt.replace("'", "''") + "'"
        case Path(steps):
            return "/".join(steps)
        case _:
            return _compound(node)


def _compound(node: Node) -> str:
    match node:
        case Duration(value):
            sign, length = ("-", -value) if value < timedelta(0) else ("", value)
            return f"duration'{sign}P{length.days}DT{length.seconds}.{length.microseconds:06d}S'"
        case Call(name, arguments):
            return f"{name}({','.join(written(argument) for argument in arguments)})"
        case Not(operand):
            return f"(not {written(operand)})"
        case Negative(operand):
            return f"(-{written(operand)})"
        case Binary(operator, left, right):
            return f"({written(left)} {operator} {written(right)})"
        case Quantified(steps, None):
            return f"{'/'.join(steps)}/any()"
        case Quantified(steps, inner) if inner is not None:
            return f"{'/'.join(steps)}/any({_ONE}: {written(_named(inner))})"
        case _:
            raise TypeError(f"found {node!r}, expected a node of a filter")


_ONE = "one"


def _named(node: Any) -> Any:
    """The tree with its paths beginning at the name that `written` gives to the thing that is spoken of."""
    match node:
        case Path(steps) | Quantified(steps):
            return replace(node, steps=(_ONE, *steps))
        case Call(_, arguments):
            return replace(node, arguments=tuple(_named(argument) for argument in arguments))
        case Not(operand) | Negative(operand):
            return replace(node, operand=_named(operand))
        case Binary(_, left, right):
            return replace(node, left=_named(left), right=_named(right))
    return node
