"""Entities with what `$expand` asks for inside them."""

from dataclasses import replace
from typing import Any

from django.db.models import Q
from django.db.models.expressions import OrderBy

from qingyuan.kit.errors import BadInput
from qingyuan.recording.queries import streams
from qingyuan.showing.sta.conditions import Place, condition, ordered_by
from qingyuan.showing.sta.documents import document, link, next_link, number_of
from qingyuan.showing.sta.entities import ENTITIES, Entity, Relation
from qingyuan.showing.sta.members import Member, first_devices, number_of_factor, sensor_of
from qingyuan.showing.sta.options import Options
from qingyuan.showing.sta.pages import Asked, members_of, page, pages_of_streams, scoped, with_extents

MOST_CHILDREN = 20_000


def documents(asked: Asked, entity: Entity, rows: list[Any], options: Options) -> list[dict[str, Any]]:
    """The rows as documents, with what is expanded.

    Raises
    ------
    BadInput
        A type has no such relation, or no such property as `$select` names.
    """
    check_selected(entity, options)
    made = [document(asked.root, entity, row, options) for row in rows]
    for name, nested in options.expand.items():
        relation = entity.relations.get(name)
        if relation is None:
            known = ", ".join(entity.relations)
            raise BadInput(f"found $expand={name} of {entity.plural}, expected one of: {known}", "$expand")
        if rows:
            _Attaching(asked, entity, relation, nested).attach(rows, made)
    return made


def check_selected(entity: Entity, options: Options) -> None:
    """Refuse a selection of what a type does not have."""
    known = ("@iot.id", "id", "@iot.selfLink", *entity.properties, *entity.relations)
    for name in options.select:
        if name not in known:
            raise BadInput(f"found $select={name} of {entity.plural}, expected one of: {', '.join(known)}", "$select")


class _Attaching:
    """One relation of rows being filled in, with as few queries as its options allow."""

    def __init__(self, asked: Asked, entity: Entity, relation: Relation, options: Options) -> None:
        self.asked, self.entity, self.relation, self.options = asked, entity, relation, options
        self.target = ENTITIES[relation.target]

    def attach(self, rows: list[Any], made: list[dict[str, Any]]) -> None:
        plain = self.options.filter is None and not self.options.skip and not self.options.count and self.options.limit
        if self.target.source == "member":
            self._put(made, self._members(rows))
        elif self.entity.source == "reading":
            self._put(made, self._of_readings(rows))
        elif self.relation.loaded is not None and (plain or not self.relation.many):
            self._put(made, [self.relation.loaded(row) for row in rows])
        elif self.relation.grouped is not None and not self.options.skip and self.options.after is None:
            self._grouped(rows, made)
        else:
            self._one_by_one(rows, made)

    def _put(self, made: list[dict[str, Any]], children: list[Any]) -> None:
        """One child a row, which may be shared."""
        distinct = {child.pk: child for child in children if child is not None}
        ready = with_extents(self.target, list(distinct.values()), self.options)
        documented = dict(zip(distinct, documents(self.asked, self.target, ready, self.options), strict=True))
        for whole, child in zip(made, children, strict=True):
            inner = documented[child.pk] if child is not None else None
            whole[self.relation.name] = [inner] if self.relation.many else inner

    def _members(self, rows: list[Any]) -> list[Member | None]:
        members = {member.pk: member for member in members_of(self.asked, self.target)}
        if self.target.name == "ObservedProperty":
            return [members.get(number_of_factor(row.channel.factor)) for row in rows]
        devices = first_devices(row.channel.station_id for row in rows)
        return [members.get(sensor_of(row, devices), members.get(0)) for row in rows]

    def _of_readings(self, rows: list[Any]) -> list[Any]:
        found = streams().filter(pk__in={row.stream for row in rows})
        found = found.select_related("channel__station__described", "channel__station__enterprise")
        by_number = {stream.pk: stream for stream in found}
        if self.target.name == "Datastream":
            return [by_number.get(row.stream) for row in rows]
        return [by_number[row.stream].channel.station if row.stream in by_number else None for row in rows]

    def _grouped(self, rows: list[Any], made: list[dict[str, Any]]) -> None:
        if self.relation.grouped is None:
            return
        lookup, key_of_parent, key_of_child = self.relation.grouped
        children = scoped(self.asked, self.target, Q(**{lookup: [key_of_parent(row) for row in rows]}))
        if self.options.filter is not None:
            children = children.filter(condition(self.options.filter, Place(self.target)))
        order = [
            OrderBy(ordered_by(key.node, Place(self.target)), descending=key.descending, nulls_last=True)
            for key in self.options.order
        ]
        groups: dict[Any, list[Any]] = {}
        found = list(children.order_by(*order, "pk")[:MOST_CHILDREN])
        if len(found) == MOST_CHILDREN:  # where it was cut, nobody could tell of which rows something is missing
            self._one_by_one(rows, made)
            return
        for child in found:
            groups.setdefault(key_of_child(child), []).append(child)
        limit = self.options.limit
        shown = [child for group in groups.values() for child in group[:limit]]
        ready = documents(self.asked, self.target, with_extents(self.target, shown, self.options), self.options)
        by_number = {child.pk: inner for child, inner in zip(shown, ready, strict=True)}
        for row, whole in zip(rows, made, strict=True):
            group = groups.get(key_of_parent(row), [])
            whole[self.relation.name] = [by_number[child.pk] for child in group[:limit]]
            more = {"$skip": str(limit)} if len(group) > limit > 0 else {}
            self._tell(whole, row, len(group) if self.options.count else None, more)

    def _one_by_one(self, rows: list[Any], made: list[dict[str, Any]]) -> None:
        share = max(1, MOST_CHILDREN // len(rows))  # the rest is behind each @iot.nextLink
        options = replace(self.options, top=min(self.options.limit, share))
        ready = self._together(rows, options)
        for row, whole in zip(rows, made, strict=True):
            if row.pk in ready:
                whole[self.relation.name], more = ready[row.pk]
                self._tell(whole, row, None, more)
                continue
            found = page(self.asked, self.target, self.relation.related(row), options)
            inner = documents(self.asked, self.target, found.rows, options)
            whole[self.relation.name] = inner if self.relation.many else (inner[0] if inner else None)
            self._tell(whole, row, found.count, found.more)

    def _together(self, rows: list[Any], options: Options) -> dict[int, tuple[list[dict[str, Any]], dict[str, str]]]:
        """The Observations of Datastreams that one statement can answer for, and where the rest of each begins."""
        if self.entity.source != "stream" or self.target.source != "reading":
            return {}
        found = pages_of_streams(rows, options)
        inner = iter(documents(self.asked, self.target, [one for page in found.values() for one in page.rows], options))
        return {number: ([next(inner) for _ in page.rows], page.more) for number, page in found.items()}

    def _tell(self, whole: dict[str, Any], row: Any, count: int | None, more: dict[str, str]) -> None:
        if count is not None:
            whole[f"{self.relation.name}@iot.count"] = count
        if more:
            address = f"{link(self.asked.root, self.entity, number_of(self.entity, row))}/{self.relation.name}"
            whole[f"{self.relation.name}@iot.nextLink"] = next_link(address, self.options, more)
