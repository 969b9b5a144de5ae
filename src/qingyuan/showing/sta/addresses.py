"""Resource paths: `Things(1)/Datastreams(2)/Observations`, and what stands at their end."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from qingyuan.kit.errors import BadInput, NotFound
from qingyuan.recording.queries import EPOCH
from qingyuan.showing.sta.entities import ENTITIES, Entity, Relation, entity_of
from qingyuan.showing.sta.members import (
    Member,
    factor_of_number,
    first_devices,
    number_of_factor,
    observed_property,
    sensor_of,
)
from qingyuan.showing.sta.pages import Asked, members_of, one_reading, scoped

_SEGMENT = re.compile(r"(?P<name>[A-Za-z]+)(?:\((?P<number>[^()]*)\))?")
_OBSERVATION = re.compile(r"(\d{1,15})-(\d{1,16})")
_LARGEST = 2**62
_LARGEST_FACTOR = 36**24  # a code has at most 24 letters and figures
_MOST_DIGITS = len(str(_LARGEST_FACTOR))


@dataclass(frozen=True)
class Target:
    """What an address names: a collection (`row` is None) or one entity, and a part of it.

    `steps` leads to a property, as in `Things(1)/properties/code`. `within` is the condition that the path so far puts
    on a collection.
    """

    entity: Entity
    row: Any = None
    within: Q | None = None
    steps: tuple[str, ...] = ()
    value: bool = False
    ref: bool = False


def target_of(asked: Asked, path: str) -> Target:
    """What a path names.

    Raises
    ------
    NotFound
        There is no such thing, or not for this reader.
    """
    parts = [part for part in path.split("/") if part]
    ref, value = parts[-1:] == ["$ref"], parts[-1:] == ["$value"]
    parts = parts[:-1] if ref or value else parts
    name, number = _segment(parts[0])
    found = _narrowed(asked, Target(entity_of(name)), number, led_through=len(parts) > 1)
    for count, part in enumerate(parts[1:], start=1):
        name, number = _segment(part)
        relation = found.entity.relations.get(name)
        if relation is None or found.row is None:
            return _property(found, parts[count:], value=value, ref=ref)
        through = count + 1 < len(parts)
        found = _narrowed(asked, _followed(asked, found, relation), number, led_through=through)
    if value:
        raise NotFound(f"found {path}, expected the name of a property before $value")
    return Target(found.entity, found.row, found.within, ref=ref)


def _segment(part: str) -> tuple[str, str | None]:
    match = _SEGMENT.fullmatch(part)
    return (match["name"], match["number"]) if match else (part, None)


def _property(found: Target, steps: list[str], *, value: bool, ref: bool) -> Target:
    known = (*found.entity.properties, "@iot.id", "id")
    if found.row is None or steps[0] not in known or ref:
        expected = (
            ", ".join((*found.entity.relations, *found.entity.properties)) if found.row is not None else "a number"
        )
        raise NotFound(f"found {'/'.join(steps)} of {found.entity.plural}, expected {expected}")
    return Target(found.entity, found.row, steps=tuple(steps), value=value)


def _followed(asked: Asked, found: Target, relation: Relation) -> Target:
    target = ENTITIES[relation.target]
    if target.source == "member":
        return Target(target, _member_of(asked, target, found.row))
    if found.entity.source == "reading":
        return Target(target, *_of_reading(asked, target, found.row))
    within = relation.related(found.row)
    if relation.many:
        return Target(target, within=within)
    row = scoped(asked, target, within).first()
    return Target(target, _existing(row, target, ""))


def _of_reading(asked: Asked, target: Entity, row: Any) -> tuple[Any]:
    rows = scoped(asked, ENTITIES["Datastream"]).filter(pk=row.stream)
    found = _existing(rows.first(), target, "")
    return (found if target.name == "Datastream" else found.channel.station,)


def _member_of(asked: Asked, target: Entity, stream: Any) -> Member:
    if target.name == "ObservedProperty":
        return observed_property(factor_of_number(number_of_factor(stream.channel.factor)))
    number = sensor_of(stream, first_devices([stream.channel.station_id]))
    members = {member.pk: member for member in members_of(asked, target)}
    return members.get(number, members[0])


def _narrowed(asked: Asked, found: Target, number: str | None, *, led_through: bool) -> Target:
    """One entity of a collection, where the path gives its number; what is led through has no need of its names."""
    if number is None:
        return found
    if found.row is not None:
        raise NotFound(f"found {found.entity.name}({number}), expected no number: there is one only")
    return Target(found.entity, _row(asked, found, number.strip("'"), led_through=led_through))


def _row(asked: Asked, found: Target, number: str, *, led_through: bool) -> Any:
    entity = found.entity
    if entity.source == "reading":
        return _existing(_reading(asked, found.within, number), entity, number)
    if not _is_number(number, entity):
        raise NotFound(f"found {entity.plural}({number}), expected a number")
    if entity.name == "ObservedProperty":
        return observed_property(factor_of_number(int(number)))
    if entity.source == "member":
        members = (member for member in members_of(asked, entity) if member.pk == int(number))
        return _existing(next(members, None), entity, number)
    rows = scoped(asked, entity, found.within).filter(pk=int(number))
    rows = rows.select_related(None) if led_through else rows
    return _existing(rows.first(), entity, number)


def _is_number(text: str, entity: Entity) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS and int(text) <= _largest(entity)


def _largest(entity: Entity) -> int:
    """The largest number that an entity of a type can have: that of a factor is its code, to the base of 36."""
    return _LARGEST_FACTOR if entity.name == "ObservedProperty" else _LARGEST


def _reading(asked: Asked, within: Q | None, number: str) -> Any:
    match = _OBSERVATION.fullmatch(number)
    if match is None:
        return None
    stream = scoped(asked, ENTITIES["Datastream"]).filter(pk=int(match[1])).first()
    return one_reading(asked, within, stream, instant_of(int(match[2]))) if stream is not None else None


def instant_of(microseconds: int) -> datetime:
    """The instant in an observation's number.

    Raises
    ------
    NotFound
        No calendar has it.
    """
    try:
        return EPOCH + timedelta(microseconds=microseconds)
    except OverflowError:
        raise NotFound(f"found an Observation at {microseconds} µs since 1970, expected a time before 9999") from None


def _existing(row: Any, entity: Entity, number: str) -> Any:
    if row is None:
        raise NotFound(f"there is no {entity.name}({number}) here for you")
    return row


def number_in(reference: object, entity: Entity) -> int:
    """The number of the entity that a document refers to by `{"@iot.id": 3}`.

    Raises
    ------
    BadInput
        It refers to none.
    """
    number = reference.get("@iot.id") if isinstance(reference, dict) else None
    if isinstance(number, str) and _is_number(number, entity):
        number = int(number)
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < _largest(entity):
        raise BadInput(f'found {reference!r}, expected {{"@iot.id": …}} with the number of one of the {entity.plural}')
    return number
