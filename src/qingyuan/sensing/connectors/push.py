from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Observed, Payload, Read
from qingyuan.sensing.connectors._documents import load_json
from qingyuan.sensing.connectors._values import number, shown
from qingyuan_science.plugins import Example, Source, Text

_NUMBERS = ("value", "low", "high", "total")
_TEXTS = ("mark", "kind", "unit")
_KNOWN = {"name", "at", *_NUMBERS, *_TEXTS}


@CONNECTORS
@dataclass(frozen=True)
class Push(Connector):
    """JSON that a sender posts: `{"readings": [{"name": …, "at": …, "value": …}, …]}`."""

    code: ClassVar[str] = "push"
    title: ClassVar[Text] = Text("HTTP 推送（JSON）", "HTTP push (JSON)")
    posted: ClassVar[bool] = True
    source: ClassVar[Source] = Source("docs/reference/http-push.md", "request body")
    examples: ClassVar[tuple[Example, ...]] = (
        Example(
            Text("一条读数", 'one reading {"name": "cod", "at": "2026-11-22T08:00:00+08:00", "value": 48.2}'),
            (Text("一个观测值 48.2", "one observation of 48.2"),),
        ),
    )

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read the posted document; a reading that cannot be read does not take the others with it."""
        return read_pushed(payload.raw)


def read_pushed(raw: bytes) -> Read:
    """What a document of this form says, by whatever door it came."""
    document = load_json(raw, "an object with a list named readings")
    readings = document.get("readings") if isinstance(document, dict) else None
    if not isinstance(readings, list):
        raise BadPayload("found JSON without a list named readings, expected one")
    read = Read()
    for position, item in enumerate(readings):
        try:
            read.observed.append(_observed(item, f"readings[{position}]"))
        except ValueError as error:
            read.faults.append(("BadReading", f"readings[{position}]: {error}"))
    if not readings:
        read.faults.append(("NoReading", "found an empty list, expected one reading at least"))
    return read


def _observed(item: Any, where: str) -> Observed:
    if not isinstance(item, dict):
        raise ValueError(f"found {shown(item)}, expected an object")
    unknown = sorted(set(item) - _KNOWN)
    if unknown:
        raise ValueError(f"found {shown(unknown)}, expected only {', '.join(sorted(_KNOWN))}")
    name = item.get("name")
    if not isinstance(name, str) or not name:
        raise ValueError(f"found name {shown(name)}, expected a text")
    value, low, high, total = (_number(item.get(key), key) for key in _NUMBERS)
    observed = Observed(name, _instant(item.get("at")), value, low, high, total, where=where)
    mark, kind, unit = (_text(item.get(key), key) for key in _TEXTS)
    return replace(observed, mark=mark or observed.mark, kind=kind, unit=unit)


def _instant(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ValueError(f"found at {shown(value)}, expected a time with zone such as 2026-11-22T08:00:00+08:00")
    return at


def _number(value: object, key: str) -> float | None:
    if value is None:
        return None
    if isinstance(value, str):
        raise ValueError(f"found {key} {shown(value)}, expected a number")
    return number(value, key)


def _text(value: object, key: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    raise ValueError(f"found {key} {shown(value)}, expected a text")
