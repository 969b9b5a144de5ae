"""What a feed creates: each entity becomes what the platform has for it, or is refused with what was expected.

Location            a station at that point, or halfway along that line, still without a name of its own
Thing               that station named, or a new one at the Location inside the Thing
Sensor              an instrument of the feed
ObservedProperty    nothing new: the factor that is meant
FeatureOfInterest   nothing new: the feed's station at that point
Datastream          a channel, if need be, and the stream of a kind of its readings
"""

from typing import Any

from qingyuan.kit.errors import BadInput, Refused
from qingyuan.places.api import describe_station, register_station
from qingyuan.places.queries import Station, StationKind
from qingyuan.recording.api import describe_stream
from qingyuan.recording.queries import Stream, streams
from qingyuan.sensing.api import add_station_to_feed, define_channel, describe_instrument, map_name
from qingyuan.sensing.queries import Channel, Device, Feed, Instrument
from qingyuan.showing.sta.addresses import number_in
from qingyuan.showing.sta.documents import geometry_of
from qingyuan.showing.sta.entities import ENTITIES
from qingyuan.showing.sta.errors import NeverDone
from qingyuan.showing.sta.members import factor_meant, factor_of_number, number_of_factor
from qingyuan.showing.sta.pages import Asked, scoped
from qingyuan.showing.sta.writing.posted import BASES, KINDS_SENT, NAMED, Posted, referred
from qingyuan_science.standards import Factor
from qingyuan_science.units import canonical

NEAR = 1e-5  # about a metre: a client that read a place and sends it back means the same one; [degree]
SENSOR = (*NAMED, "encodingType", "metadata")
DATASTREAM = (
    *NAMED, "observationType", "unitOfMeasurement", "observedArea", "phenomenonTime", "resultTime",
    "Thing", "Sensor", "ObservedProperty", "Observations",
)  # fmt: skip


class Creating:
    """One request that creates, in the name of one feed."""

    def __init__(self, asked: Asked) -> None:
        self.asked = asked
        self.feed: Feed = asked.reader.author()
        self.origin = asked.reader.origin

    def create(self, type_: str, document: Any) -> int:
        """Create an entity; its number.

        Raises
        ------
        BadInput
            It cannot be placed in the platform's model; says what was found and expected.
        NeverDone
            Entities of that type come by themselves.
        """
        makers = {
            "Thing": lambda: self.thing(document).pk,
            "Location": lambda: self.location(document).pk,
            "Sensor": lambda: self.sensor(document).pk * 2 + 1,
            "ObservedProperty": lambda: number_of_factor(self.factor(document).code),
            "FeatureOfInterest": lambda: self.feature(document).pk,
            "Datastream": lambda: self.datastream(document).pk,
        }
        if type_ not in makers:
            raise NeverDone(f"found POST of a {type_}, expected one of: {', '.join(makers)}, Observation")
        return int(makers[type_]())

    def location(self, document: Any) -> Station:
        """The station of a Location: the one that it is said to belong to, or a new one without a name of its own."""
        posted = Posted.of("Location", document, (*NAMED, "encodingType", "location", "Things"))
        things = posted.list("Things")
        if len(things) > 1 or (things and not referred(things[0])):
            raise BadInput(f"found Things {things!r:.120}, expected at most one, by its @iot.id", "Things")
        if not things:
            return self._register(posted, posted.text("name", required=True), named=False)
        station = self._station(things[0])
        _at_its_place(station, posted.point("location"))
        describe_station(station, _of_place(posted), self.origin)
        return station

    def thing(self, document: Any) -> Station:
        """The station of a Thing, with its datastreams."""
        posted = Posted.of(
            "Thing", document, (*NAMED, "Locations", "Datastreams", "MultiDatastreams", "TaskingCapabilities")
        )
        for name in ("MultiDatastreams", "TaskingCapabilities"):
            if posted.list(name):
                raise BadInput(f"found {name}, expected none: they are not part of this server", name)
        name = posted.text("name", required=True)
        station = self._placed(posted, name)
        said = {"title": name, "named": True, "description": posted.text("description")}
        describe_station(station, {**said, "properties": posted.properties()}, self.origin)
        for stream in posted.list("Datastreams"):
            self.datastream({**stream, "Thing": {"@iot.id": station.pk}} if isinstance(stream, dict) else stream)
        return station

    def _placed(self, thing: Posted, name: str) -> Station:
        locations = thing.list("Locations")
        if len(locations) != 1:
            raise BadInput(
                f"found a Thing with {len(locations)} Locations, expected one: a station stands somewhere", "Locations"
            )
        if not referred(locations[0]):
            posted = Posted.of("Location", locations[0], (*NAMED, "encodingType", "location"))
            return self._register(posted, name, named=True, thing=thing)
        place = self._station(locations[0])
        said = getattr(place, "described", None)
        if said is not None and not said.named:
            kind = thing.choice("station_kind", StationKind.values, place.kind)
            if kind != place.kind:
                raise BadInput(
                    f"found properties/station_kind {kind!r}, expected {place.kind!r} as its Location was registered"
                )
            return place
        return self._register(_as_posted(place), name, named=True, thing=thing)

    def _register(self, place: Posted, name: str, *, named: bool, thing: Posted | None = None) -> Station:
        """A new station of this feed at a place."""
        preset = self.feed.settings.get("station_kind", "")
        if not preset:
            raise BadInput(
                f"found a new {'Thing' if thing else 'Location'}, expected a station of feed {self.feed.code}:"
                " an administrator has not set station_kind, so it registers no stations"
            )
        kind = place.choice("station_kind", StationKind.values, preset)
        kind = thing.choice("station_kind", StationKind.values, kind) if thing else kind
        lon, lat = place.point("location")
        if len(name) > 120:
            raise BadInput(f"found a name of {len(name)} characters, expected at most 120", "name")
        code = self._free_code()
        station = register_station(code, title_zh=name, title_en=name, kind=kind, lon=lon, lat=lat)
        add_station_to_feed(self.feed, station, self.origin)
        describe_station(station, {**_of_place(place), "named": named}, self.origin)
        return station

    def _free_code(self) -> str:
        Feed.objects.select_for_update().get(pk=self.feed.pk)
        number = self.feed.stations.count() + 1
        while Station.objects.filter(code=f"{self.feed.code[:24]}-{number}").exists():
            number += 1
        return f"{self.feed.code[:24]}-{number}"

    def _station(self, reference: Any) -> Station:
        number = number_in(reference, ENTITIES["Thing"])
        found: Station | None = scoped(self.asked, ENTITIES["Thing"]).filter(pk=number).first()
        if found is None:
            raise BadInput(f"found @iot.id {number}, expected a station of feed {self.feed.code}", "@iot.id")
        return found

    def sensor(self, document: Any) -> Instrument:
        """An instrument of this feed."""
        posted = Posted.of("Sensor", document, SENSOR)
        values = {
            "name": posted.text("name", required=True),
            "description": posted.text("description"),
            "encoding": posted.text("encodingType"),
            "metadata": posted.document.get("metadata", ""),
            "properties": posted.object("properties"),
        }
        return describe_instrument(self.feed, values, origin=self.origin)

    def factor(self, document: Any) -> Factor:
        """The factor that an ObservedProperty means."""
        posted = Posted.of("ObservedProperty", document, (*NAMED, "definition"))
        return factor_meant(posted.text("definition"), posted.text("name", required=True))

    def feature(self, document: Any) -> Station:
        """The feed's station at a FeatureOfInterest."""
        posted = Posted.of("FeatureOfInterest", document, (*NAMED, "encodingType", "feature"))
        lon, lat = posted.point("feature")  # of a line the point halfway, which is where its station stands
        near = {"lon__range": (lon - NEAR, lon + NEAR), "lat__range": (lat - NEAR, lat + NEAR)}
        found: Station | None = scoped(self.asked, ENTITIES["Thing"]).filter(**near).order_by("pk").first()
        if found is None:
            raise BadInput(
                f"found a feature at {lon}, {lat}, expected the place of a station of feed {self.feed.code}", "feature"
            )
        return found

    def datastream(self, document: Any) -> Stream:
        """The stream of a kind of readings of a station and factor."""
        posted = Posted.of("Datastream", document, DATASTREAM)
        for relation in ("Thing", "Sensor", "ObservedProperty"):
            if not posted.object(relation):
                raise BadInput(f"found a Datastream without {relation}, expected one", relation)
        name = posted.text("name", required=True)
        thing = posted.document["Thing"]
        station = self._station(thing) if referred(thing) else self.thing(thing)
        kind = posted.choice("reading_kind", KINDS_SENT, "r")
        channel = self._channel(posted, station, self._factor_of(posted.document["ObservedProperty"]))
        standing = streams().filter(channel=channel, kind=kind).exclude(name="").first()
        if standing is not None:
            raise Refused(
                f"found Datastream {name!r}, but Datastreams({standing.pk}) {standing.name!r} has the readings of that"
                f" Thing, ObservedProperty and kind {kind}; expected another properties/reading_kind, or a PATCH of it"
            )
        values = {
            "name": name,
            "description": posted.text("description"),
            "properties": posted.properties(),
            "instrument": self._instrument_of(posted.document["Sensor"], station),
        }
        stream = describe_stream(channel, kind, values, self.origin)
        self._name(f"Datastreams({stream.pk})", stream)
        if posted.list("Observations"):
            self._name(f"Datastreams/{name}", stream)
        return stream

    def _name(self, name: str, stream: Stream) -> None:
        map_name(self.feed, name, stream.channel, kind=stream.kind, origin=self.origin)

    def _factor_of(self, part: Any) -> Factor:
        if referred(part):
            return factor_of_number(number_in(part, ENTITIES["ObservedProperty"]))
        return self.factor(part)

    def _channel(self, posted: Posted, station: Station, factor: Factor) -> Channel:
        unit, basis = posted.unit(), posted.choice("reading_basis", BASES, BASES[0])
        channel = define_channel(station, factor=factor.code, unit=unit, basis=basis)
        if canonical(channel.unit) != unit:
            raise BadInput(
                f"found unit {unit!r}, expected {channel.unit!r}: station {station.code} has {factor.code} in it",
                "unitOfMeasurement",
            )
        return channel

    def _instrument_of(self, part: Any, station: Station) -> Instrument | None:
        if not referred(part):
            return self.sensor(part)
        number = number_in(part, ENTITIES["Sensor"])
        if number % 2:
            found = Instrument.objects.filter(feed=self.feed, pk=number // 2).first()
            if found is not None:
                return found
        elif number == 0 or Device.objects.filter(station=station, pk=number // 2).exists():
            return None
        raise BadInput(
            f"found Sensor {number}, expected one of feed {self.feed.code} or of station {station.code}", "Sensor"
        )


def _of_place(posted: Posted) -> dict[str, Any]:
    line = posted.line("location")
    return {
        **({"place_geometry": line} if line else {}),
        "place_name": posted.text("name"),
        "place_description": posted.text("description"),
        "place_properties": posted.properties(),
    }


def _as_posted(station: Station) -> Posted:
    """The place of a station that has a name already, for another Thing at the same place."""
    place = geometry_of(station)
    said = getattr(station, "described", None)
    name, properties = (said.place_name, said.place_properties) if said else ("", {})
    return Posted(
        "Location", {"name": name, "location": place, "properties": {**properties, "station_kind": station.kind}}
    )


def _at_its_place(station: Station, place: tuple[float, float]) -> None:
    if abs(place[0] - station.lon) > NEAR or abs(place[1] - station.lat) > NEAR:
        raise BadInput(
            f"found a place at {place[0]}, {place[1]}, expected {station.lon}, {station.lat}: a station does not move,"
            " its readings hold for where it stands",
            "location",
        )
