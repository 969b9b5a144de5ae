"""The query options of a request, and of each `$expand` inside it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.signing import BadSignature, dumps, loads

from qingyuan.kit.errors import BadInput
from qingyuan.showing.sta.filters.grammar import Node, parse

PAGE = 100
MOST = 10_000
MOST_EXPANDED = 1_000
DEEPEST = 12
_SALT = "sta.skiptoken"
KNOWN = ("$filter", "$orderby", "$top", "$skip", "$count", "$select", "$expand", "$resultFormat", "$skiptoken")


@dataclass(frozen=True)
class Key:
    """One key of `$orderby`."""

    node: Node
    descending: bool


@dataclass(frozen=True)
class Options:
    """What a request wants of a collection, or of an entity."""

    filter: Node | None = None
    order: tuple[Key, ...] = ()
    top: int | None = None
    skip: int = 0
    count: bool = False
    select: tuple[str, ...] = ()
    expand: "dict[str, Options]" = field(default_factory=dict)
    data_array: bool = False
    after: list[Any] | None = None
    given: Mapping[str, str] = field(default_factory=dict)

    @property
    def limit(self) -> int:
        """How many entities a page holds."""
        return PAGE if self.top is None else min(self.top, MOST_EXPANDED if self.expand else MOST)

    def wants(self, name: str) -> bool:
        """Whether a property belongs into the answer."""
        return not self.select or name in self.select


def options_of(given: Mapping[str, str]) -> Options:
    """Read the options of a request.

    Raises
    ------
    BadInput
        One is unknown or wrong; says what was found and expected.
    """
    for name in given:
        if name not in KNOWN:
            raise BadInput(f"found option {name!r}, expected one of: {', '.join(KNOWN)}")
    return Options(
        filter=parse(given["$filter"]) if "$filter" in given else None,
        order=_order(given.get("$orderby", "")),
        top=_number("$top", given["$top"]) if "$top" in given else None,
        skip=_number("$skip", given.get("$skip", "0")),
        count=_flag(given.get("$count", "false")),
        select=tuple(name.strip() for name in given.get("$select", "").split(",") if name.strip()),
        expand=_expand(given.get("$expand", "")),
        data_array=_data_array(given.get("$resultFormat", "")),
        after=_after(given["$skiptoken"]) if "$skiptoken" in given else None,
        given=dict(given),
    )


def token(values: Iterable[Any]) -> str:
    """Where the next page begins, for its address: the sorting values of the last entity.

    It is signed: what comes back goes into a query as it is.
    """
    return dumps(list(values), salt=_SALT)


def _after(text: str) -> list[Any]:
    try:
        return list(loads(text, salt=_SALT))
    except BadSignature as error:
        raise BadInput(f"found $skiptoken {text:.80}, expected one out of an @iot.nextLink") from error


def _number(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadInput(f"found {name}={text!r}, expected a whole number of 0 or more")
    return int(text)


def _flag(text: str) -> bool:
    if text not in ("true", "false"):
        raise BadInput(f"found $count={text!r}, expected true or false")
    return text == "true"


def _data_array(text: str) -> bool:
    if text not in ("", "dataArray"):
        raise BadInput(f"found $resultFormat={text!r}, expected dataArray")
    return bool(text)


def _order(text: str) -> tuple[Key, ...]:
    keys = []
    for part in _split(text, ","):
        body, _, direction = part.strip().rpartition(" ")
        if direction.lower() in ("asc", "desc") and body:
            keys.append(Key(parse(body), direction.lower() == "desc"))
        else:
            keys.append(Key(parse(part), descending=False))
    return tuple(keys)


def _expand(text: str) -> dict[str, Options]:
    if text.count("$expand") + text.count("/") > DEEPEST:
        raise BadInput(f"found $expand with more than {DEEPEST} steps inside each other, expected fewer")
    found: dict[str, Options] = {}
    for part in _split(text, ","):
        path, opened, inside = part.strip().partition("(")
        if opened and not inside.endswith(")"):
            raise BadInput(f"found $expand {part!r}, expected a closing parenthesis at its end")
        given = dict(_pair(pair) for pair in _split(inside[:-1], ";")) if opened else {}
        _add(found, path.strip().split("/"), options_of(given))
    return found


def _add(found: dict[str, Options], steps: list[str], options: Options) -> None:
    """`A/B` means B expanded inside A; several paths may share a step."""
    if not all(step.isidentifier() for step in steps):
        raise BadInput(f"found $expand {'/'.join(steps)!r}, expected names of relations")
    if len(steps) == 1:
        before = found.get(steps[0])
        if before is not None:
            options.expand.update({**before.expand, **options.expand})
        found[steps[0]] = options
    else:
        _add(found.setdefault(steps[0], Options()).expand, steps[1:], options)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.strip().partition("=")
    if not equals:
        raise BadInput(f"found {text!r} inside $expand, expected an option such as $top=1")
    return name.strip(), value.strip()


def _split(text: str, sign: str) -> list[str]:
    """The parts between a sign, outside parentheses and quotes."""
    parts, depth, quoted, start = [], 0, False, 0
    for position, letter in enumerate(text):
        if letter == "'":
            quoted = not quoted
        elif not quoted and letter in "()":
            depth += 1 if letter == "(" else -1
        elif not quoted and depth == 0 and letter == sign:
            parts.append(text[start:position])
            start = position + 1
    parts.append(text[start:])
    return [part for part in parts if part.strip()]
