"""Spots into rows: once each, in whose grid cell, and from which row of which file."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import shapely

from qingyuan.kit import clock, log
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import User
from qingyuan.places.geometry import to_wkb
from qingyuan.places.queries import GridCell, cells_at
from qingyuan.sensing.brought.spotted import Spotted
from qingyuan.sensing.connector import Payload, Read
from qingyuan.sensing.events import SpotsStored, SpotsWithdrawn
from qingyuan.sensing.models import Feed, Spot, SpotFile

FAULTS_KEPT = 1000  # in words; all are counted, and all can be read again from the bytes


@dataclass(frozen=True)
class Sorted:
    """The spots of a file: new ones with their grid cell, how many came before, how many lie in no cell."""

    new: tuple[tuple[Spotted, GridCell], ...]
    known: int
    outside: int


def sort(spots: Sequence[Spotted]) -> Sorted:
    """Which spots are new, and in which cell the middle of each lies; one that a file says twice is known."""
    keys = {spot.key: spot for spot in spots}
    known = set(Spot.objects.filter(key__in=list(keys), withdrawn_at=None).values_list("key", flat=True))
    left = [spot for key, spot in keys.items() if key not in known]
    placed = list(zip(left, cells_at([_middle(spot) for spot in left]), strict=True))
    new = tuple((spot, cell) for spot, cell in placed if cell is not None)
    return Sorted(new, len(spots) - len(left), len(left) - len(new))


def _middle(spot: Spotted) -> tuple[float, float]:
    point = shapely.point_on_surface(spot.shape)
    return point.x, point.y


def store(feed: Feed, payload: Payload, read: Read, segment: int) -> int:
    """Make rows of what a payload says; how many are new. A file that waits with these bytes is entered by it."""
    sha256 = hashlib.sha256(payload.raw).hexdigest()
    waiting = SpotFile.objects.filter(feed=feed, sha256=sha256, entered_at=None).order_by("pk").first()
    now, found = clock.now(), sort(read.spots or ())
    file = waiting or SpotFile(name=payload.address, settings=feed.settings, brought_at=now)
    file.feed, file.sha256, file.size, file.body = feed, sha256, len(payload.raw), b""
    file.segment, file.entered_at = segment, now
    file.new, file.known, file.outside = len(found.new), found.known, found.outside
    file.faulty, file.faults = len(read.faults), [list(one) for one in read.faults[:FAULTS_KEPT]]
    file.save()
    Spot.objects.bulk_create((_row(file, *one) for one in found.new), batch_size=1000)
    fact = SpotsStored(
        id=file.pk, name=file.name, sha256=sha256, segment=segment, new=file.new, repeated=file.known,
        outside=file.outside, faulty=file.faulty,
    )  # fmt: skip
    log.write(fact, Origin(file.brought_by.username, "") if file.brought_by else PLATFORM)
    return file.new


def is_stored(feed: Feed, raw: bytes) -> bool:
    """Whether a feed brought these bytes already, and they could be read."""
    sha256 = hashlib.sha256(raw).hexdigest()
    return SpotFile.objects.filter(feed=feed, sha256=sha256, entered_at__isnull=False).exists()


def _row(file: SpotFile, spot: Spotted, cell: GridCell) -> Spot:
    lon, lat = _middle(spot)
    return Spot(
        file=file, where=spot.where, kind=spot.kind, product=spot.product, satellite=spot.satellite,
        instrument=spot.instrument, observed_at=spot.at, shape=to_wkb(spot.shape), bounds=spot.shape.bounds,
        lon=lon, lat=lat, cell=cell, sureness=spot.sureness, told=spot.told, attributes=spot.attributes, key=spot.key,
    )  # fmt: skip


def withdraw(file: SpotFile, user: User, why: str, origin: Origin) -> int:
    """Take back what a file brought; how many spots that were."""
    now = clock.now()
    gone = Spot.objects.filter(file=file, withdrawn_at=None).update(withdrawn_at=now)
    file.undone_at, file.undone_by, file.undone_why = now, user, why
    file.save(update_fields=["undone_at", "undone_by", "undone_why"])
    log.write(SpotsWithdrawn(id=file.pk, name=file.name, withdrawn=gone), origin, why)
    return gone
