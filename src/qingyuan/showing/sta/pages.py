"""Reading collections page by page.

A page begins after the last entity of the one before, so that entities that come in between move nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import MAXYEAR, datetime
from typing import Any

from django.db.models import F, Q, QuerySet, Value
from django.db.models.expressions import Combinable, OrderBy

from qingyuan.kit.errors import BadInput
from qingyuan.recording.queries import Stream, Walk, end_of_stream, readings_at_end, sealed_ends, stored, streams
from qingyuan.showing.sta import documents, remembered
from qingyuan.showing.sta.conditions import Place, condition, ordered_by
from qingyuan.showing.sta.documents import COLUMNS
from qingyuan.showing.sta.entities import ENTITIES, Entity
from qingyuan.showing.sta.filters import terms
from qingyuan.showing.sta.history import alone, ordered, throughout
from qingyuan.showing.sta.members import Member, observed_properties, sensors
from qingyuan.showing.sta.options import Options, token
from qingyuan.showing.sta.readers import Reader

NEVER_NULL = ("id", "at", "channel_id", "kind", "received_at")


@dataclass(frozen=True)
class Asked:
    """Who asks, and the address of the service as the asker wrote it."""

    reader: Reader
    root: str


@dataclass(frozen=True)
class Page:
    """Some entities of a collection; `more` says where the next page begins, for its address."""

    rows: list[Any]
    more: dict[str, str]
    count: int | None


@dataclass(frozen=True)
class Sorting:
    """One key by which rows are sorted."""

    name: str
    expression: Combinable
    descending: bool = False

    @property
    def nullable(self) -> bool:
        return self.name not in NEVER_NULL

    @property
    def order(self) -> OrderBy:
        return OrderBy(F(self.name), descending=self.descending, nulls_last=True if self.nullable else None)


def page(asked: Asked, entity: Entity, within: Q | None, options: Options) -> Page:
    """One page of a collection.

    Raises
    ------
    BadInput
        The options ask for something that the type does not have.
    """
    if entity.source == "member":
        return _page_of_members(asked, entity, options)
    rows = scoped(asked, entity, within)
    if options.filter is not None:
        rows = rows.filter(condition(options.filter, Place(entity)))
    sorting = _sorting(entity, within, options)
    walk = alone.walk_of(rows, within, options) if entity.source == "reading" else None
    if walk is not None and sorting[0].name == "at":
        return _page_of_history(walk, sorting, options, _sorted(entity, options))
    if entity.source == "reading":
        return _page_of_readings(asked, rows, within, options, sorting=sorting)
    count = rows.count() if options.count else None
    rows = _in_order(rows, sorting, options, _sorted(entity, options))
    cut = list(rows[options.skip : options.skip + options.limit + 1])
    found = with_extents(entity, cut[: options.limit], options)
    last = [getattr(found[-1], key.name) for key in sorting] if len(cut) > options.limit and found else None
    return Page(found, _more(_sorted(entity, options), last), count)


def _in_order(rows: QuerySet[Any], sorting: list[Sorting], options: Options, begins: list[str]) -> QuerySet[Any]:
    """The rows that a page may begin with, sorted."""
    rows = rows.annotate(**{key.name: key.expression for key in sorting if key.name.startswith("o_")})
    if options.after is not None:
        rows = rows.filter(_after(sorting, _last(sorting, options.after, begins)))
    return rows.order_by(*(key.order for key in sorting))


def _more(begins: list[str], last: Sequence[Any] | None, skip: int = 0) -> dict[str, str]:
    """The address of the page after an entity with some sorting values."""
    if last is None:
        return {}
    more = {"$skiptoken": token([*begins, *map(_storable, last)])}
    return {**more, "$skip": str(skip)} if skip else more


def _page_of_readings(
    asked: Asked, rows: QuerySet[Any], within: Q | None, options: Options, *, sorting: list[Sorting]
) -> Page:
    """One page of the readings of several streams, or of one in another order than that of time."""
    begins, below = _sorted(ENTITIES["Observation"], options), throughout.reaches_below(options)
    keys = ordered.keys_of([(key.expression, key.descending) for key in sorting])
    by_time = bool(options.order) and keys is not None and keys[0].column == "at"
    if not below and not by_time:
        count = rows.count() if options.count else None
        found, last = _readings(
            list(_cut(_in_order(rows, sorting, options, begins), sorting, options)), sorting, options
        )
        return Page(found, _more(begins, last), count)
    if not options.order:
        return _page_throughout(asked, rows, within, options, sorting=sorting)
    question = ordered.across(rows, _streams_within(asked, within), options, keys or ())
    count = ordered.count(question) if options.count else None
    if keys is None:
        cut = ordered.together(question, _cut(_in_order(rows, sorting, options, begins), sorting, options))
        found, last = _readings(cut, sorting, options)
        return Page(found, _more(begins, last), count)
    after = None if options.after is None else ordered.read_back(keys, _last(sorting, options.after, begins))
    part = ordered.page(question, options, after)
    return Page(_numbered(part.rows), _more(begins, part.after, part.skip), count)


def _streams_within(asked: Asked, within: Q | None) -> QuerySet[Any]:
    """The Datastreams whose readings a collection of Observations is of."""
    children = [child for child in within.children if isinstance(child, tuple)] if within is not None else []
    return scoped(asked, ENTITIES["Datastream"], Q(*children)).select_related(None)


def _numbered(rows: list[tuple[Any, ...]]) -> list[Any]:
    numbers = numbers_of_streams({(row[0], row[1]) for row in rows})
    return [documents.Value._make((*row[:9], numbers[row[0], row[1]])) for row in rows]


def scoped(asked: Asked, entity: Entity, within: Q | None = None) -> QuerySet[Any]:
    """The rows of a type that the reader may see."""
    rows = entity.rows().filter(asked.reader.of_stations(entity.station_prefix))
    return rows.filter(within) if isinstance(within, Q) else rows


def with_extents(entity: Entity, rows: list[Any], options: Options) -> list[Any]:
    """The rows; streams with the times of their first and last reading, unless nobody wants to know them."""
    if entity.source != "stream" or not rows or not (options.wants("phenomenonTime") or options.wants("resultTime")):
        return rows
    ends = {
        "first_at": end_of_stream("", "at", last=False),
        "last_at": end_of_stream("", "at", last=True),
        "first_received": end_of_stream("", "received_at", last=False),
        "last_received": end_of_stream("", "received_at", last=True),
    }
    found = Stream.objects.filter(pk__in=[row.pk for row in rows]).annotate(**ends).values("pk", *ends)
    by_number = {values["pk"]: values for values in found}
    for row in rows:
        for name in ends:
            setattr(row, name, by_number[row.pk][name])
    for kind in {row.kind for row in rows}:
        _reach_below(kind, [row for row in rows if row.kind == kind])
    return rows


def _reach_below(kind: str, rows: list[Any]) -> None:
    """Let streams of a kind begin and end where their sealed readings do, where these reach further."""
    by_channel = {row.channel_id: row for row in rows}
    for channel, (at, received) in sealed_ends(kind, list(by_channel), last=False).items():
        row = by_channel[channel]
        if row.first_at is None or at < row.first_at:
            row.first_at, row.first_received = at, received
    silent = [row.channel_id for row in rows if row.last_at is None]
    for channel, (at, received) in sealed_ends(kind, silent, last=True).items():
        by_channel[channel].last_at, by_channel[channel].last_received = at, received


def members_of(asked: Asked, entity: Entity) -> list[Member]:
    """All members of a list that the reader may see."""
    return sensors(asked.reader) if entity.name == "Sensor" else observed_properties()


def _page_of_members(asked: Asked, entity: Entity, options: Options) -> Page:
    members, known = members_of(asked, entity), remembered.Streams(asked.reader)
    if options.filter is not None:
        members = remembered.kept(members, options.filter, known)
    count = len(members) if options.count else None
    for key in reversed(options.order):
        values = {member.pk: remembered.value_of(key.node, member, known) for member in members}
        members.sort(key=lambda member: (values[member.pk] is None, str(values[member.pk])), reverse=key.descending)
        if all(isinstance(value, int | float) for value in values.values()):
            members.sort(key=lambda member: values[member.pk], reverse=key.descending)
    end = options.skip + options.limit
    more = {"$skip": str(end)} if options.limit and len(members) > end else {}
    return Page(members[options.skip : end], more, count)


def _sorting(entity: Entity, within: Q | None, options: Options) -> list[Sorting]:
    found = []
    for count, key in enumerate(options.order):
        expression = ordered_by(key.node, Place(entity))
        name = getattr(expression, "name", "")
        found.append(Sorting(name if name in NEVER_NULL else f"o_{count}", expression, key.descending))
    natural = ("id",) if entity.source != "reading" else _natural(within)
    named = {key.name for key in found}
    return [*found, *(Sorting(name, F(name)) for name in natural if name not in named)]


def _natural(within: Q | None) -> tuple[str, ...]:
    """Inside one stream time alone orders readings."""
    named = {child[0] for child in within.children if isinstance(child, tuple)} if within is not None else set()
    return ("at",) if named >= {"channel", "kind"} else ("channel_id", "kind", "at")


def _sorted(entity: Entity, options: Options) -> list[str]:
    """What a $skiptoken is for: the values in it fit no other type and order."""
    return [entity.name, options.given.get("$orderby", "")]


def _page_of_history(walk: Walk, sorting: list[Sorting], options: Options, begins: list[str]) -> Page:
    """One page of a stream in order of time, which reaches below the hot table."""
    there = Stream.objects.filter(channel=walk.channel_id, kind=walk.kind)
    count = ordered.count(ordered.across(walk.asked, there, options, ())) if options.count else None
    by_time = sorting[0]
    walk = replace(
        walk, asked=walk.asked.order_by(by_time.order).values_list(*COLUMNS), newest_first=by_time.descending
    )
    after = None if options.after is None else datetime.fromisoformat(_last(sorting, options.after, begins)[0])
    found = alone.page(walk, options, after)
    number = numbers_of_streams({(walk.channel_id, walk.kind)})[walk.channel_id, walk.kind]
    more = {}
    if found.after is not None:
        more = {"$skiptoken": token([*begins, found.after.isoformat(), *[None] * (len(sorting) - 1)])}
        more |= {"$skip": str(found.skip)} if found.skip else {}
    return Page([documents.Value._make((*row, number)) for row in found.rows], more, count)


def pages_of_streams(rows: list[Stream], options: Options) -> dict[int, Page]:
    """The first page of the Observations of many Datastreams, by one statement for all that the hot table can tell.

    Streams that are left out, because sealed days may hold some or the options ask for more, are asked one by one.
    """
    entity = ENTITIES["Observation"]
    plain = options.filter is None and not options.skip and not options.count and options.after is None
    sorting = _sorting(entity, Q(channel=0, kind=""), options) if plain and options.limit else []
    if not rows or [key.name for key in sorting] != ["at"]:
        return {}
    found = readings_at_end(rows, COLUMNS[2:], options.limit + 1, newest_first=sorting[0].descending)
    begins = _sorted(entity, options)
    pages = {}
    for row in rows:
        if row.pk in found:
            key = row.channel_id, row.kind
            cut = [documents.Value._make((*key, *values, row.pk)) for values in found[row.pk]]
            shown = cut[: options.limit]
            more = {"$skiptoken": token([*begins, shown[-1].at.isoformat()])} if len(cut) > len(shown) else {}
            pages[row.pk] = Page(shown, more, None)
    return pages


def _page_throughout(
    asked: Asked, rows: QuerySet[Any], within: Q | None, options: Options, *, sorting: list[Sorting]
) -> Page:
    """One page of the readings of several streams, stream after stream, which reaches below the hot table."""
    begins, begin = _sorted(ENTITIES["Observation"], options), None
    if options.after is not None:
        channel, kind, after = _last(sorting, options.after, begins)
        begin = channel, kind, datetime.fromisoformat(after) if after else None
    there = _streams_within(asked, within)
    count = ordered.count(ordered.across(rows, there, options, ())) if options.count else None
    found = throughout.page(rows, there, options, begin)
    more = {}
    if found.begin is not None and options.limit:
        more = {"$skiptoken": token([*begins, *found.begin[:2], found.begin[2] and found.begin[2].isoformat()])}
        more |= {"$skip": str(found.skip)} if found.skip else {}
    return Page(found.rows, more, count)


def _last(sorting: list[Sorting], token: list[Any], begins: list[str]) -> list[Any]:
    """The sorting values after which a page begins, out of its token."""
    last = token[len(begins) :]
    if token[: len(begins)] != begins or len(last) != len(sorting):
        raise BadInput("found a $skiptoken of another order than $orderby, expected the @iot.nextLink as it was given")
    return last


def _after(sorting: list[Sorting], last: list[Any]) -> Combinable:
    """Rows that come after one with these values; empty values come last."""
    condition = terms.sql("false", kind="boolean")
    for key, value in reversed(list(zip(sorting, last, strict=True))):
        here, sign = F(key.name), "<" if key.descending else ">"
        if value is None:
            condition = terms.sql("({} IS NULL AND {})", here, condition, kind="boolean")
        elif key.nullable:
            template = f"({{}} {sign} {{}} OR {{}} IS NULL OR ({{}} = {{}} AND {{}}))"
            condition = terms.sql(template, here, Value(value), here, here, Value(value), condition, kind="boolean")
        else:
            template = f"({{}} {sign}= {{}} AND ({{}} {sign} {{}} OR {{}}))"
            condition = terms.sql(template, here, Value(value), here, Value(value), condition, kind="boolean")
    return condition


def _storable(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _columns(sorting: list[Sorting]) -> tuple[str, ...]:
    return (*COLUMNS, *(key.name for key in sorting if key.name not in COLUMNS))


def _cut(rows: QuerySet[Any], sorting: list[Sorting], options: Options) -> QuerySet[Any]:
    """A page of readings, and one more, with what they are sorted by."""
    return rows.values_list(*_columns(sorting))[options.skip : options.skip + options.limit + 1]


def _readings(
    cut: list[tuple[Any, ...]], sorting: list[Sorting], options: Options
) -> tuple[list[Any], list[Any] | None]:
    shown = cut[: options.limit]
    found = _numbered(shown)
    if len(cut) <= options.limit or not shown:
        return found, None
    places = {name: position for position, name in enumerate(_columns(sorting))}
    return found, [shown[-1][places[key.name]] for key in sorting]


def numbers_of_streams(pairs: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """The stream of each channel and kind; 0 for one that the loop has not entered yet."""
    found = streams().filter(channel__in={channel for channel, _ in pairs}).values_list("channel_id", "kind", "pk")
    return {**dict.fromkeys(pairs, 0), **{(channel, kind): number for channel, kind, number in found}}


def one_reading(asked: Asked, within: Q | None, stream: Stream, at: datetime) -> documents.Value | None:
    """The reading of a stream at an instant, of sealed days too."""
    there = scoped(asked, ENTITIES["Datastream"], within).filter(pk=stream.pk).exists()
    if not there or at.year == MAXYEAR:  # nothing ends after the last instant of the calendar
        return None
    found = stored([stream.channel_id], stream.kind, at, at + documents.MICROSECOND)
    return documents.Value._make((*(getattr(found[0], name) for name in COLUMNS), stream.pk)) if found else None
