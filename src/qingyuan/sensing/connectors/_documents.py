"""Documents as foreign systems give them, JSON or a table of text, read by the paths that a feed's settings name."""

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, NoReturn

from qingyuan.sensing.connector import BadPayload, Observed, Payload, Read, Setting
from qingyuan.sensing.connectors import _values as values
from qingyuan_science.plugins import Text

EVERY = "*"
_ENCODINGS = ("utf-8-sig", "gb18030")
_DELIMITERS = (",", ";", "\t")

ITEMS = Setting(
    "list",
    Text("列表路径", "Path of the list"),
    Text(
        "列表所在的路径，如 data.items；文档本身就是一条或一个列表时留空。",
        "Where the list of items stands, such as data.items; empty where the document itself is one item or a list.",
    ),
)
NAME = Setting(
    "name",
    Text("名称路径", "Path of the name"),
    Text("每一条中测点名称所在的路径或列名。", "Where an item, or which column, says what is measured."),
)
VALUES = Setting(
    "values",
    Text("数值路径", "Paths of the values"),
    Text(
        "一个路径，如 data.value；或多个带名称的路径，如 cod=data.cod, ph=data.ph；或 * 表示所有数值。",
        "One path, such as data.value; or several with names, such as cod=data.cod, ph=data.ph; or * for every number.",
    ),
    default="value",
    required=True,
)
TIME = Setting(
    "time",
    Text("时间路径", "Path of the time"),
    Text(
        "监测时间所在的路径或列名；留空则取到达时间。",
        "Where the time of measurement stands; empty takes the time of arrival.",
    ),
)
UNIT = Setting(
    "unit",
    Text("单位", "Unit"),
    Text(
        "发送值的单位；留空则按名称对照表或通道单位。",
        "Unit of what is sent; empty takes that of the table of names, or of the channel.",
    ),
)
ZONE = Setting(
    "zone",
    Text("时区", "Time zone"),
    Text("时间不带时区时按此时区，如 +08:00。", "For times that name no zone, as an offset such as +08:00."),
    default="+08:00",
    required=True,
    check=values.zone,
)
FIELDS = (ITEMS, NAME, VALUES, TIME, UNIT, ZONE)


@dataclass(frozen=True)
class Fields:
    """Where in a document what stands."""

    items: str
    name: str
    values: tuple[tuple[str, str], ...]
    time: str
    unit: str
    zone: timezone

    @classmethod
    def of(cls, settings: Mapping[str, str]) -> "Fields":
        """The fields that a feed's settings name."""
        pairs = [pair.strip() for pair in settings[VALUES.name].split(",") if pair.strip()]
        named = tuple((key.strip(), path.strip()) for key, _, path in (_named(pair) for pair in pairs))
        return cls(
            items=settings[ITEMS.name],
            name=settings[NAME.name],
            values=named,
            time=settings[TIME.name],
            unit=settings[UNIT.name],
            zone=values.zone(settings[ZONE.name]),
        )


def _named(pair: str) -> tuple[str, str, str]:
    return pair.partition("=") if "=" in pair else ("", "", pair)


def load_json(raw: bytes, expected: str) -> Any:
    """The document.

    Raises
    ------
    BadPayload
        The bytes are no JSON, or too deeply nested to be read.
    """
    try:
        return json.loads(raw, parse_constant=_no_number)
    except RecursionError as error:
        raise BadPayload(f"found JSON nested too deeply, expected {expected}") from error
    except ValueError as error:
        raise BadPayload(f"found no JSON ({error}), expected {expected}") from error


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def read_document(payload: Payload, settings: Mapping[str, str]) -> Read:
    """What a document says, in the form that a feed's settings name: a table of text, or JSON."""
    fields = Fields.of(settings)
    return read_table(payload, fields) if settings["form"] == "csv" else read_json(payload, fields)


def read_json(payload: Payload, fields: Fields, base: str = "") -> Read:
    """What a JSON document says; `base` is the name, or the beginning of the names, of what it measures."""
    document = load_json(payload.raw, "an object or a list")
    if fields.items:
        try:
            document = values.at(document, fields.items)
        except ValueError as error:
            raise BadPayload(f"list: {error}") from error
    items = document if isinstance(document, list) else [document]
    return _read(((f"[{number}]", item) for number, item in enumerate(items)), payload, fields, base)


def read_table(payload: Payload, fields: Fields) -> Read:
    """What a table of text with a head says: one row an item, or with `*` one column a quantity."""
    try:
        return _read(_rows(text_of(payload.raw), fields), payload, fields, "")
    except csv.Error as error:
        raise BadPayload(f"found no table ({error}), expected rows of cells below a head") from error


def text_of(raw: bytes) -> str:
    """The text of a table.

    Raises
    ------
    BadPayload
        The bytes are no text.
    """
    for encoding in _ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadPayload(f"found bytes that are no text, expected {' or '.join(_ENCODINGS)}")


def _rows(text: str, fields: Fields) -> Iterator[tuple[str, Any]]:
    head = text.partition("\n")[0]
    if "\0" in text or not head.strip():
        raise BadPayload("found no line with the names of the columns, expected a table of text")
    delimiter = max(_DELIMITERS, key=head.count)
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    names = [name.strip() for name in reader.fieldnames or ()]
    if len(set(names)) < len(names):
        raise BadPayload(f"found a column twice in {values.shown(names)}, expected each once")
    wanted = {fields.name, fields.time, *(path for _, path in fields.values)} - {"", EVERY}
    if not wanted <= set(names):
        raise BadPayload(f"found the columns {values.shown(names)}, expected among them {', '.join(sorted(wanted))}")
    reader.fieldnames = names
    for row in reader:
        yield f"line {reader.line_num}", row


def _read(items: Iterator[tuple[str, Any]], payload: Payload, fields: Fields, base: str) -> Read:
    read = Read()
    for where, item in items:
        try:
            at = _time(item, fields, payload.received_us)
            name = _name(item, fields, base)
            found = tuple(_values(item, fields))
        except ValueError as error:
            read.faults.append(("BadReading", f"{where}: {error}"))
            continue
        for key, path in found:
            full = "/".join(part for part in (name, key) if part)
            try:
                value = values.number(values.at(item, path), path or "value")
                if not full:
                    raise ValueError("found no name, expected one by path, topic or key")
                read.observed.append(Observed(full, at, value, unit=fields.unit, where=where))
            except ValueError as error:
                read.faults.append(("BadReading", f"{where}: {error}"))
    if not read.observed and not read.faults:
        read.faults.append(("NoReading", "found no item, expected one at least"))
    return read


def _time(item: Any, fields: Fields, received_us: int) -> datetime:
    if not fields.time:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=received_us)
    return values.instant(values.at(item, fields.time), fields.zone)


def _name(item: Any, fields: Fields, base: str) -> str:
    if not fields.name:
        return base
    name = values.at(item, fields.name)
    if isinstance(name, bool) or not isinstance(name, str | int) or name == "":
        raise ValueError(f"found name {values.shown(name)}, expected a text")
    return "/".join(part for part in (base, str(name)) if part)


def _values(item: Any, fields: Fields) -> Iterator[tuple[str, str]]:
    """The (name, path) of each value of an item."""
    if fields.values != (("", EVERY),):
        yield from fields.values
        return
    if not isinstance(item, Mapping):
        raise ValueError(f"found {values.shown(item)}, expected an object")
    if None in item:
        raise ValueError("found more cells than columns")
    keys = [key for key in item if key not in {fields.time, fields.name} and _may_be_number(item[key])]
    if not keys:
        raise ValueError("found no number, expected one at least")
    yield from ((key, key) for key in keys)


def _may_be_number(value: object) -> bool:
    """Whether a value of an item with `*` is one to be read; text that is no number is left to be named as a fault."""
    return not isinstance(value, bool | Mapping | list) and value is not None and value != ""
