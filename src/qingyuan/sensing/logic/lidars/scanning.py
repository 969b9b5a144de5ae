"""Scans of lidars into rows: once each, of a lidar that the feed may speak for."""

import hashlib
from collections.abc import Sequence

from qingyuan.kit import log
from qingyuan.kit.log import PLATFORM
from qingyuan.places.queries import Station, StationKind
from qingyuan.sensing.brought.scanned import Scanned
from qingyuan.sensing.connector import BadPayload, Payload
from qingyuan.sensing.events import ScansStored
from qingyuan.sensing.models import Feed, Scan
from qingyuan.sensing.models.scans import packed
from qingyuan_science.series import moment


def lidars(feed: Feed, scans: Sequence[Scanned]) -> dict[str, Station]:
    """The lidars of scans.

    Raises
    ------
    BadPayload
        One is none of the feed's stations, or no lidar.
    """
    own = {one.code: one for one in feed.stations.filter(kind=StationKind.LIDAR)}
    for scan in scans:
        if scan.station not in own:
            expected = ", ".join(sorted(own)) or "a lidar among the feed's stations"
            raise BadPayload(f"found lidar {scan.station[:40]!r}, expected one of: {expected}")
    return own


def store(feed: Feed, payload: Payload, scans: Sequence[Scanned], segment: int) -> int:
    """Make rows of what a payload says; how many are new."""
    own, sha256 = lidars(feed, scans), hashlib.sha256(payload.raw).hexdigest()
    new = 0
    for scan in scans:
        first, last = moment(int(scan.at[0])), moment(int(scan.at[-1]))
        station = own[scan.station]
        lon, lat = scan.site or (station.lon, station.lat)
        row, is_new = Scan.objects.get_or_create(key=scan.key(first), defaults={
            "station": station, "feed": feed, "segment": segment, "name": payload.address[:255], "sha256": sha256,
            "kind": scan.kind, "quantity": scan.quantity, "starts_at": first, "ends_at": last, "lon": lon, "lat": lat,
            "rays": len(scan.at), "gates": len(scan.ranges), "reach_m": float(scan.ranges[-1]), "body": packed(scan),
        })  # fmt: skip
        if is_new:
            new += 1
            fact = ScansStored(id=row.pk, station=station.code, kind=row.kind, sha256=sha256, segment=segment)
            log.write(fact, PLATFORM)
    return new
