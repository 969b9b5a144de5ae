"""Reads of bulletins of forecasts, out of the bytes in which they came or will come."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from qingyuan.sensing.connector import CONNECTORS, Payload, Read
from qingyuan.sensing.models import RawPacket
from qingyuan.sensing.queries.packets import packets_bytes
from qingyuan_science.series import microseconds


@dataclass(frozen=True)
class BulletinBytes:
    """A bulletin as it lies in its segment: which packet it is, when it came, and what it says."""

    packet: int
    received_at: datetime
    size: int
    read: Read


def bulletin_bytes(segment: int, sha256: str, connector: str, settings: Mapping[str, str]) -> BulletinBytes | None:
    """Read a bulletin again out of its segment, as it was read when it came.

    Parameters
    ----------
    segment : int
    sha256 : str
        Hash of its bytes.
    connector : str
        Code of the connector that read it.
    settings : mapping of str to str
        By which it was read.

    Returns
    -------
    BulletinBytes or None
        None where the segment holds no such bytes.

    Raises
    ------
    BadPayload
        It cannot be read so.
    """
    for found in packets_bytes(RawPacket.objects.filter(segment_id=segment).order_by("offset")):
        if hashlib.sha256(found.raw).hexdigest() == sha256:
            at = found.packet.received_at.astimezone(UTC)
            read = read_bulletin(found.raw, found.packet.peer, at, (connector, settings))
            return BulletinBytes(found.packet.pk, at, len(found.raw), read)
    return None


def read_bulletin(raw: bytes, name: str, at: datetime, by: tuple[str, Mapping[str, str]]) -> Read:
    """What bytes would say if they came at an instant; nothing is stored.

    Parameters
    ----------
    raw : bytes
    name : str
        Of the file.
    at : datetime
        Aware.
    by : tuple of str and mapping
        Code of a connector, and its settings; those left out take their defaults.

    Returns
    -------
    Read

    Raises
    ------
    BadPayload
        They cannot be read as a whole.
    BadInput
        A setting is wrong.
    """
    connector, settings = by
    plugin = CONNECTORS.get(connector)
    return plugin().read(Payload(raw, name, microseconds(at)), plugin.checked(settings))
