"""Facts about devices and the packets they send."""

from dataclasses import dataclass
from typing import ClassVar

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
    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    station: str


@dataclass(frozen=True)
class DeviceAdopted(Event):
    """A quarantined device was given its station; what it sent so far can be decoded."""

    subject_kind: ClassVar[str] = "device"
    id: int
    mn: str
    station: str


@dataclass(frozen=True)
class QuarantineDecoded(Event):
    """What a device sent before it was adopted has been stored."""

    subject_kind: ClassVar[str] = "device"
    id: int
    packets: int
    readings: int


@dataclass(frozen=True)
class ChannelDefined(Event):
    subject_kind: ClassVar[str] = "channel"
    id: int
    station: str
    factor: str
    basis: str


@dataclass(frozen=True)
class DialectChanged(Event):
    """A dialect profile was entered or edited."""

    subject_kind: ClassVar[str] = "dialect"
    id: int
    code: str


DEVICE_CHANGES = ("DeviceRegistered", "DeviceAdopted", "ChannelDefined", "DialectChanged")
