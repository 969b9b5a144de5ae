"""The entities of the standard as the platform has them: which rows they are, and how they hang together.

    Thing, Location, HistoricalLocation, FeatureOfInterest   a station, in four roles under one number
    Datastream                                               a channel × kind (`recording.Stream`)
    Observation                                              a reading
    Sensor                                                   a device, or what a feed says it measures with
    ObservedProperty                                         a factor of the standards' tables

The last two are short lists in memory (`members.py`); the others are rows.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from django.db.models import Expression, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Coalesce, NullIf
from django.utils.translation import get_language

from qingyuan.kit.errors import NotFound
from qingyuan.kit.queries import lines
from qingyuan.places.queries import Station, StationKind
from qingyuan.recording.queries import KINDS, end_of_stream, readings, streams
from qingyuan.sensing.queries import Device
from qingyuan.showing.logic.charts import kind_title
from qingyuan.showing.sta.errors import NotBuilt
from qingyuan.showing.sta.filters.terms import Term, column, constant, looked_up, sql, step_of
from qingyuan.showing.sta.members import factor_names, factor_numbers

TermOf = Callable[[str], Term]


@dataclass(frozen=True)
class Relation:
    """From one entity to others.

    `related` is the condition on the other type's rows (or what finds members), given one row. A condition passes to
    the other type's columns by joining through `prefix`, or, where there is none, by the condition `linked`.
    """

    name: str
    target: str
    many: bool
    related: Callable[[Any], Any]
    prefix: str | None = None
    linked: Callable[[str], dict[str, Any]] | None = None
    grouped: tuple[str, Callable[[Any], Any], Callable[[Any], Any]] | None = None  # lookup, key of parent, key of child
    loaded: Callable[[Any], Any] | None = None  # the one row, where the parent brings it along


@dataclass(frozen=True)
class Entity:
    """One type of the standard."""

    name: str
    plural: str
    source: Literal["station", "stream", "reading", "member"]
    properties: tuple[str, ...]
    terms: dict[str, TermOf] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)

    def rows(self) -> QuerySet[Any]:
        """All rows of the type, not scoped."""
        if self.source == "station":
            found = Station.objects.select_related("described", "enterprise")
            timed = self.name == "HistoricalLocation"
            return found.annotate(registered_at=_registered("").expression) if timed else found
        if self.source == "stream":
            return streams().select_related("channel__station__described", "channel__station__enterprise")
        return readings()

    @property
    def station_prefix(self) -> str:
        """How its rows reach their station."""
        return {"station": "", "stream": "channel__station__", "reading": "channel__station__"}[self.source]


def english() -> bool:
    """Whether names are given in English."""
    return not (get_language() or "zh").startswith("zh")


def title_column(prefix: str) -> str:
    """The column of a station's title in the language of who asks."""
    return f"{prefix}title_en" if english() else f"{prefix}title_zh"


def kind_words() -> dict[str, str]:
    """What kinds of station are called."""
    return {kind.value: str(kind.label) for kind in StationKind}


def _title(prefix: str) -> Term:
    return column("text", title_column(prefix))


def _said(name: str, otherwise: TermOf) -> TermOf:
    """What was said of the station under a name, or else what the platform says."""

    def term(prefix: str) -> Term:
        said = NullIf(F(f"{prefix}described__{name}"), constant("", "text").expression)
        return Term("text", Coalesce(said, otherwise(prefix).expression, output_field=TextField()))

    return term


def _kind_and_code(prefix: str) -> Term:
    kind = looked_up(kind_words(), F(f"{prefix}kind"))
    return Term("text", sql("({} || ' ' || {})", kind.expression, F(f"{prefix}code"), kind="text"))


def _point(prefix: str) -> Term:
    return Term("point", F(f"{prefix}lon"), F(f"{prefix}lat"))


def _thing_properties(prefix: str) -> Term:
    template = (
        "(coalesce({}, jsonb_build_object()) || jsonb_build_object('station_code', {}, 'station_kind', {})"
        " || jsonb_strip_nulls(jsonb_build_object('station_purpose', nullif({}, ''))))"
    )
    names = ("described__properties", "code", "kind", "purpose")
    return Term("json", sql(template, *(F(f"{prefix}{name}") for name in names), kind="json"))


def _place_properties(prefix: str) -> Term:
    said = F(f"{prefix}described__place_properties")
    return Term("json", sql("coalesce({}, jsonb_build_object())", said, kind="json"))


def _registered(prefix: str) -> Term:
    subject = sql("('station/' || {})", OuterRef(f"{prefix}id"), kind="text")
    told = lines(acts=("StationRegistered",)).filter(subject=subject).order_by("seq")
    return Term("time", Subquery(told.values("at")[:1]))


def _fixed(text: str) -> TermOf:
    return lambda prefix: constant(text, "text")


def _number(name: str) -> TermOf:
    return lambda prefix: column("number", f"{prefix}{name}")


def _stream_name(prefix: str) -> Term:
    said = NullIf(F(f"{prefix}name"), constant("", "text").expression)
    factor = looked_up(factor_names(), F(f"{prefix}channel__factor"))
    kinds = looked_up({kind: kind_title(kind) for kind in KINDS}, F(f"{prefix}kind"))
    parts = (F(title_column(f"{prefix}channel__station__")), factor.expression, F(f"{prefix}channel__factor"))
    made = sql("({} || ' ' || coalesce({}, {}) || {} || {})", *parts, _basis(prefix), kinds.expression, kind="text")
    return Term("text", Coalesce(said, made, output_field=TextField()))


def _basis(prefix: str) -> Expression:
    return sql(
        "(CASE {} WHEN 'measured' THEN ', ' ELSE ' (' || {} || '), ' END)",
        *[F(f"{prefix}channel__basis")] * 2,
        kind="text",
    )


def _stream_description(prefix: str) -> Term:
    said = NullIf(F(f"{prefix}description"), constant("", "text").expression)
    kinds = looked_up(dict(KINDS), F(f"{prefix}kind"))
    return Term("text", Coalesce(said, kinds.expression, output_field=TextField()))


def _stream_properties(prefix: str) -> Term:
    template = "({} || jsonb_build_object('reading_kind', {}, 'reading_factor', {}, 'reading_basis', {}))"
    names = ("properties", "kind", "channel__factor", "channel__basis")
    return Term("json", sql(template, *(F(f"{prefix}{name}") for name in names), kind="json"))


def _unit(prefix: str) -> Term:
    unit = F(f"{prefix}channel__unit")
    template = "jsonb_build_object('name', {}, 'symbol', {}, 'definition', 'urn:qingyuan:unit:' || {})"
    return Term("json", sql(template, unit, unit, unit, kind="json"))


def _span_of(name: str) -> TermOf:
    def term(prefix: str) -> Term:
        first, last = (end_of_stream(prefix, name, last=last) for last in (False, True))
        return Term(
            "span", first, last if name != "at" else sql("({} + {})", last, step_of(F(f"{prefix}kind")), kind="time")
        )

    return term


def sensor_number(prefix: str = "") -> Expression:
    """The number of a stream's sensor: odd for what a feed described, even for a device, 0 where none is known."""
    device = Device.objects.filter(station=OuterRef(f"{prefix}channel__station")).order_by("pk").values("pk")[:1]
    template = "(CASE WHEN {} IS NOT NULL THEN {} * 2 + 1 ELSE coalesce(({}), 0) * 2 END)"
    instrument = F(f"{prefix}instrument_id")
    return sql(template, instrument, instrument, Subquery(device), kind="number")


def _observation_time(prefix: str) -> Term:
    at = F(f"{prefix}at")
    return Term("span", at, sql("({} + {})", at, step_of(F(f"{prefix}kind")), kind="time"))


def _observation_id(prefix: str) -> Term:
    kind = sql("({})::text", OuterRef(f"{prefix}kind"), kind="text")
    stream = Subquery(streams().filter(channel=OuterRef(f"{prefix}channel"), kind=kind).values("pk")[:1])
    template = "(({})::text || '-' || (extract(epoch FROM {}) * 1000000)::bigint)"
    return Term("text", sql(template, stream, F(f"{prefix}at"), kind="text"))


def _parameters(prefix: str) -> Term:
    names = [F(f"{prefix}{name}") for name in ("low", "high", "total")]
    return Term("json", sql("jsonb_build_object('low', {}, 'high', {}, 'total', {})", *names, kind="json"))


def _stations(relation: str, target: str, *, many: bool) -> Relation:
    """From a station in one role to the same station in another."""
    return Relation(relation, target, many, lambda row: Q(pk=row.pk), prefix="", loaded=lambda row: row)


def _relations(*relations: Relation) -> dict[str, Relation]:
    return {relation.name: relation for relation in relations}


_STREAMS_OF_STATION = Relation(
    "Datastreams", "Datastream", True, lambda row: Q(channel__station=row.pk),
    linked=lambda prefix: {"channel__station": OuterRef(f"{prefix}id")},
    grouped=("channel__station__in", lambda row: row.pk, lambda stream: stream.channel.station_id),
)  # fmt: skip
_STATION_TERMS: dict[str, TermOf] = {"@iot.id": _number("id"), "name": _title, "description": _kind_and_code}
ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity(
            "Thing", "Things", "station", ("name", "description", "properties"),
            {**_STATION_TERMS, "description": _said("description", _kind_and_code), "properties": _thing_properties},
            _relations(
                _stations("Locations", "Location", many=True),
                _stations("HistoricalLocations", "HistoricalLocation", many=True),
                _STREAMS_OF_STATION,
            ),
        ),
        Entity(
            "Location", "Locations", "station", ("name", "description", "encodingType", "location", "properties"),
            {
                "@iot.id": _number("id"), "name": _said("place_name", _title),
                "description": _said("place_description", _kind_and_code),
                "encodingType": _fixed("application/geo+json"), "location": _point, "properties": _place_properties,
            },
            _relations(
                _stations("Things", "Thing", many=True),
                _stations("HistoricalLocations", "HistoricalLocation", many=True),
            ),
        ),
        Entity(
            "HistoricalLocation", "HistoricalLocations", "station", ("time",),
            {"@iot.id": _number("id"), "time": _registered},
            _relations(_stations("Thing", "Thing", many=False), _stations("Locations", "Location", many=True)),
        ),
        Entity(
            "FeatureOfInterest", "FeaturesOfInterest", "station",
            ("name", "description", "encodingType", "feature", "properties"),
            {**_STATION_TERMS, "encodingType": _fixed("application/geo+json"), "feature": _point},
            _relations(Relation("Observations", "Observation", True, lambda row: Q(channel__station=row.pk),
                                linked=lambda prefix: {"channel__station": OuterRef(f"{prefix}id")})),
        ),
        Entity(
            "Datastream", "Datastreams", "stream",
            ("name", "description", "observationType", "unitOfMeasurement", "phenomenonTime", "resultTime",
             "properties"),
            {
                "@iot.id": _number("id"), "name": _stream_name, "description": _stream_description,
                "observationType": _fixed("http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"),
                "unitOfMeasurement": _unit, "phenomenonTime": _span_of("at"), "resultTime": _span_of("received_at"),
                "properties": _stream_properties,
            },
            _relations(
                Relation("Thing", "Thing", False, lambda row: Q(pk=row.channel.station_id),
                         prefix="channel__station__", loaded=lambda row: row.channel.station),
                Relation("Sensor", "Sensor", False, lambda row: row),
                Relation("ObservedProperty", "ObservedProperty", False, lambda row: row),
                Relation("Observations", "Observation", True, lambda row: Q(channel=row.channel_id, kind=row.kind),
                         linked=lambda prefix: {"channel": OuterRef(f"{prefix}channel"),
                                                "kind": sql('({})::"char"', OuterRef(f"{prefix}kind"), kind="text")}),
            ),
        ),
        Entity(
            "Observation", "Observations", "reading",
            ("phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters"),
            {
                "@iot.id": _observation_id, "phenomenonTime": _observation_time, "result": _number("value"),
                "resultTime": lambda prefix: column("time", f"{prefix}received_at"),
                "resultQuality": lambda prefix: Term("text", sql("({})::text", F(f"{prefix}mark"), kind="text")),
                "validTime": lambda prefix: Term("null"), "parameters": _parameters,
            },
            _relations(
                Relation("Datastream", "Datastream", False, lambda row: Q(channel=row.channel_id, kind=row.kind),
                         linked=lambda prefix: {"channel": OuterRef(f"{prefix}channel"),
                                                "kind": sql("({})::text", OuterRef(f"{prefix}kind"), kind="text")}),
                Relation("FeatureOfInterest", "FeatureOfInterest", False, lambda row: Q(pk=row.channel.station_id),
                         prefix="channel__station__"),
            ),
        ),
        Entity(
            "Sensor", "Sensors", "member", ("name", "description", "encodingType", "metadata", "properties"),
            relations=_relations(Relation("Datastreams", "Datastream", True, lambda member: member.streams)),
        ),
        Entity(
            "ObservedProperty", "ObservedProperties", "member", ("name", "definition", "description", "properties"),
            relations=_relations(Relation("Datastreams", "Datastream", True, lambda member: member.streams)),
        ),
    )
}  # fmt: skip
BY_PLURAL = {entity.plural: entity for entity in ENTITIES.values()}


def entity_of(plural: str) -> Entity:
    """The type whose collection has that name.

    Raises
    ------
    NotBuilt
        The standard has such a collection, but not the platform.
    NotFound
        There is no such collection.
    """
    if plural in BY_PLURAL:
        return BY_PLURAL[plural]
    if plural in ("MultiDatastreams", "Tasks", "TaskingCapabilities", "Actuators"):
        raise NotBuilt(f"found {plural}, expected one of: {', '.join(BY_PLURAL)}; {plural} are not part of this server")
    raise NotFound(f"found {plural!r}, expected one of: {', '.join(BY_PLURAL)}")


def observed_property_term(prefix: str, name: str) -> Term | None:
    """What a filter may ask of a stream's factor."""
    factor = F(f"{prefix}channel__factor")
    if name == "name":
        return looked_up(factor_names(), factor)
    if name == "definition":
        return Term("text", sql("('urn:hj212:' || {})", factor, kind="text"))
    return looked_up(factor_numbers(), factor, "number") if name == "@iot.id" else None


def sensor_term(prefix: str, name: str) -> Term | None:
    """What a filter may ask of a stream's sensor."""
    if name == "@iot.id":
        return Term("number", sensor_number(prefix))
    return column("text", f"{prefix}instrument__name") if name == "name" else None
