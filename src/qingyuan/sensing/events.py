"""Facts about devices and the packets they send."""

from dataclasses import dataclass, field
from typing import Any, ClassVar

from qingyuan.kit.events import Event


@dataclass(frozen=True)
class DeviceSeen(Event):
    """A device that nobody registered sent its first packet; it is in quarantine."""

    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    peer: str


@dataclass(frozen=True)
class DeviceRegistered(Event):
    """A device was entered, or what is known of it changed; with its dialect profile, and the one before."""

    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    station: str
    dialect: str = ""
    dialect_before: str = ""


@dataclass(frozen=True)
class DeviceAdopted(Event):
    """A quarantined device was given its station; what it sent so far can be decoded."""

    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    station: str
    dialect: str = ""


@dataclass(frozen=True)
class QuarantineDecoded(Event):
    """What a device sent before it was adopted has been stored; `late` are numbers of raw packets that tell it now."""

    subject_kind: ClassVar[str] = "device"
    id: int
    packets: int
    readings: int
    late: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class PacketsReadAgain(Event):
    """Packets of a device that were refused, or stored in part, were read again.

    `late` are numbers of those that are decoded only now, `grown` of those of which other parts are stored than before.
    """

    subject_kind: ClassVar[str] = "device"
    id: int
    packets: int
    sound: int
    late: list[int] = field(default_factory=list)
    grown: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class ChannelDefined(Event):
    subject_kind: ClassVar[str] = "channel"
    id: int
    station: str
    factor: str
    basis: str


@dataclass(frozen=True)
class DialectChanged(Event):
    """A dialect profile was entered or edited; with what it says now, and what it said before (None if it was new)."""

    subject_kind: ClassVar[str] = "dialect"
    id: int
    code: str
    settings: dict[str, Any] | None = None
    settings_before: dict[str, Any] | None = None


@dataclass(frozen=True)
class CommandGiven(Event):
    """Something was asked of a device; secret arguments are left out."""

    subject_kind: ClassVar[str] = "device"
    id: int
    command: int
    code: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class CommandSent(Event):
    """A command went out to its device for the first time."""

    subject_kind: ClassVar[str] = "device"
    id: int
    command: int
    code: str
    qn: str


@dataclass(frozen=True)
class CommandEnded(Event):
    """A command was carried out, refused, given up or withdrawn."""

    subject_kind: ClassVar[str] = "device"
    id: int
    command: int
    code: str
    state: str
    qn_rtn: int | None
    exe_rtn: int | None


@dataclass(frozen=True)
class PartsMissing(Event):
    """Of a split message some parts did not come in time; `data_time` as the device wrote it, `at_us` what it means."""

    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    cn: str
    data_time: str
    at_us: int
    parts: int
    missing: list[int]


@dataclass(frozen=True)
class FeedDefined(Event):
    """A feed was entered or edited; `values` are its settings without secrets."""

    subject_kind: ClassVar[str] = "feed"
    id: int
    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class FeedNameMapped(Event):
    """It was said which channel a name of a feed means; none when the name is left out on purpose."""

    subject_kind: ClassVar[str] = "feed"
    id: int
    name: str
    channel: int | None
    kind: str
    unit: str


@dataclass(frozen=True)
class FeedTokenIssued(Event):
    """A feed was given a new token; the old one no longer opens the door."""

    subject_kind: ClassVar[str] = "feed"
    id: int
    code: str


@dataclass(frozen=True)
class FeedReplayed(Event):
    """Payloads that waited or were rejected were read again; `stored` are those of which something was stored now.

    `late` are those that are decoded only now, `grown` those of which other parts are stored than before.
    """

    subject_kind: ClassVar[str] = "feed"
    id: int
    payloads: int
    sound: int
    stored: list[int]
    late: list[int] = field(default_factory=list)
    grown: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class FeedTroubled(Event):
    """A feed that was in order cannot be reached or listened to any more."""

    subject_kind: ClassVar[str] = "feed"
    id: int
    code: str
    trouble: str


@dataclass(frozen=True)
class FeedStationAdded(Event):
    """A feed may name the channels of one more station."""

    subject_kind: ClassVar[str] = "feed"
    id: int
    station: str


@dataclass(frozen=True)
class InstrumentDescribed(Event):
    """A feed said what it measures with, or changed what it said."""

    subject_kind: ClassVar[str] = "instrument"
    id: int
    feed: str
    values: dict[str, Any]


@dataclass(frozen=True)
class SpotsStored(Event):
    """A product of satellites was taken in; its spots are rows, its bytes lie in the segment."""

    subject_kind: ClassVar[str] = "spot-file"
    id: int
    name: str
    sha256: str
    segment: int
    new: int
    repeated: int
    outside: int
    faulty: int


@dataclass(frozen=True)
class ScansStored(Event):
    """A scan of a lidar was taken in; `id` is its row, its bytes lie in the segment."""

    subject_kind: ClassVar[str] = "scan"
    id: int
    station: str
    kind: str
    sha256: str
    segment: int


@dataclass(frozen=True)
class SpotsWithdrawn(Event):
    """A product was taken back: its spots count no longer; the reason stands in the log's line."""

    subject_kind: ClassVar[str] = "spot-file"
    id: int
    name: str
    withdrawn: int


@dataclass(frozen=True)
class ForecastsBrought(Event):
    """Bytes with forecasts of air quality were taken in and lie in the segment; when, is the time of this line."""

    subject_kind: ClassVar[str] = "segment"
    id: int
    feed: str
    name: str
    connector: str
    settings: dict[str, str]
    sha256: str
    days: int


@dataclass(frozen=True)
class CameraDescribed(Event):
    """A camera was entered or changed; `values` is what is known of it, without its live address."""

    subject_kind: ClassVar[str] = "camera"
    id: int
    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class CameraEnded(Event):
    """A camera looks no longer; what it filmed stays."""

    subject_kind: ClassVar[str] = "camera"
    id: int
    code: str
    ended_on: str


@dataclass(frozen=True)
class LiveOpened(Event):
    """Somebody opened the live picture of a camera."""

    subject_kind: ClassVar[str] = "camera"
    id: int
    code: str


@dataclass(frozen=True)
class FootageStored(Event):
    """A clip or still came in; its bytes lie under their hash."""

    subject_kind: ClassVar[str] = "footage"
    id: int
    camera: str
    sha256: str
    name: str
    content_type: str
    bytes: int
    told_at: str
    starts_at: str
    ends_at: str
    door: str
    address: str


@dataclass(frozen=True)
class FootageHeld(Event):
    """Something refers to a clip or still, which is kept from now on."""

    subject_kind: ClassVar[str] = "footage"
    id: int
    sha256: str
    by: str


@dataclass(frozen=True)
class FootageRemoved(Event):
    """The time for which a clip or still is kept has ended, and nothing refers to it: its bytes are gone."""

    subject_kind: ClassVar[str] = "footage"
    id: int
    sha256: str
    kept_days: int


DEVICE_CHANGES = ("DeviceRegistered", "DeviceAdopted", "ChannelDefined", "DialectChanged")


@dataclass(frozen=True)
class DeviceAttributed(Event):
    """It was said which department a device's data come from; codes of organisations, empty for none named."""

    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    department: str
    before: str


@dataclass(frozen=True)
class FeedAttributed(Event):
    """It was said which department a feed's data come from; codes of organisations, empty for none named."""

    subject_kind: ClassVar[str] = "feed"
    id: int
    code: str
    department: str
    before: str


@dataclass(frozen=True)
class FeedPaceSet(Event):
    """It was said how often something comes of a feed at least; None for no fixed pace. [min]"""

    subject_kind: ClassVar[str] = "feed"
    id: int
    code: str
    every_minutes: int | None
    before: int | None


@dataclass(frozen=True)
class ListDefined(Event):
    """A data list of a department was entered or changed: what its records are made of from now on."""

    subject_kind: ClassVar[str] = "data-list"
    id: int
    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class RecordsStored(Event):
    """A delivery of a data list was taken in."""

    subject_kind: ClassVar[str] = "record-file"
    id: int
    records: str
    name: str
    sha256: str
    segment: int
    new: int
    changed: int
    repeated: int
    faulty: int


@dataclass(frozen=True)
class RecordsWithdrawn(Event):
    """A delivery of a data list was taken back; what it had changed stands again as before."""

    subject_kind: ClassVar[str] = "record-file"
    id: int
    records: str
    withdrawn: int
    restored: int


@dataclass(frozen=True)
class WrittenFirmDecided(Event):
    """A person said which enterprise a list means when it writes one so; empty for none on file."""

    subject_kind: ClassVar[str] = "written-firm"
    id: int
    records: str
    written: str
    enterprise: str
    moved: int


@dataclass(frozen=True)
class NamingsMatched(Event):
    """Whom a list in bulk names was looked up anew where it named nobody; `moved` known rows mean somebody only now."""

    subject_kind: ClassVar[str] = "data-list"
    id: int
    records: str
    namings: int
    moved: int


@dataclass(frozen=True)
class WrittenFirmReopened(Event):
    """What was decided of how a list writes an enterprise holds no more; it is asked again."""

    subject_kind: ClassVar[str] = "written-firm"
    id: int
    records: str
    written: str
    moved: int


@dataclass(frozen=True)
class PersonalRecordsTaken(Event):
    """Somebody took records of a list away as a file in which persons' data stand unmasked."""

    subject_kind: ClassVar[str] = "data-list"
    id: int
    code: str
    records: int
