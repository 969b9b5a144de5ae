"""Footage into rows: of which camera, when by the platform's clock, by which door, and when it goes again."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import DurationField, ExpressionWrapper, F, Q, Value

from qingyuan.kit import clock, log
from qingyuan.kit.clock import SHANGHAI
from qingyuan.kit.log import PLATFORM, Origin
from qingyuan.people.queries import User
from qingyuan.sensing.errors import BadPayload, FootageDamaged
from qingyuan.sensing.events import FootageRemoved, FootageStored
from qingyuan.sensing.filmed.film import Filmed
from qingyuan.sensing.logic.filming import keeping
from qingyuan.sensing.models import Camera, Door, Feed, Footage
from qingyuan.sensing.models.cameras import path_of

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(hours=1)  # of our clock; as for readings
A_DAY = timedelta(days=1)  # the most that the clock of a camera is off
LOOKED_BACK = timedelta(days=7)  # for files whose rows were removed by a round that a crash ended


@dataclass(frozen=True)
class Brought:
    """How footage came: by which door, through whom, from where, under which name."""

    door: Door
    name: str
    address: str = ""
    feed: Feed | None = None
    user: User | None = None


def camera_of(feed: Feed, filmed: Filmed) -> Camera:
    """The camera that a sender names, if it may speak for it.

    Raises
    ------
    BadPayload
        No camera at the feed's stations, or at their enterprises, has that code and was in use then.
    """
    named = Camera.objects.filter(Q(code=filmed.camera) | Q(gb_code=filmed.camera))
    places = feed.stations.all()
    at = Q(station__in=places) | Q(enterprise__in=places.values("enterprise"))
    found = named.filter(at).first()
    if found is None:
        raise BadPayload(f"found camera {filmed.camera!r}, expected one at the stations of this feed")
    check(found, filmed)
    return found


def check(camera: Camera, filmed: Filmed) -> None:
    """Refuse what cannot be of this camera.

    Raises
    ------
    BadPayload
        It begins at no possible time, the camera was not in use then, or the same bytes are on file with another time.
    """
    told, latest = filmed.told_at.isoformat(), clock.now() + AHEAD
    at = starts_at(camera, filmed) if EARLIEST - A_DAY <= filmed.told_at <= latest + A_DAY else None
    if at is None or not EARLIEST <= at <= latest:
        raise BadPayload(f"found time {told}, expected one between 2000-01-01 and one hour from now")
    day, end = at.astimezone(SHANGHAI).date(), camera.ended_on
    if day < camera.valid_from or (end is not None and day >= end):
        span = f"{camera.valid_from} to {end or 'now'}"
        raise BadPayload(f"found time {told}, expected one in which camera {camera.code} was in use: {span}")


def starts_at(camera: Camera, filmed: Filmed) -> datetime:
    """When the first picture was taken, by the platform's clock. [UTC]"""
    return filmed.told_at.astimezone(UTC) - timedelta(seconds=camera.clock_ahead_s)


def on_file(camera: Camera, filmed: Filmed, sha256: str) -> Footage | None:
    """The same bytes of the same camera, if they came before.

    Raises
    ------
    BadPayload
        They came with another time.
    """
    there = Footage.objects.filter(camera=camera, sha256=sha256).first()
    if there is not None and there.told_at != filmed.told_at:
        found, expected = filmed.told_at.isoformat(), there.told_at.isoformat()
        raise BadPayload(f"found time {found}, expected {expected}, with which the same bytes are on file")
    return there


def store(camera: Camera, filmed: Filmed, raw: bytes, *, brought: Brought, origin: Origin) -> tuple[Footage, bool]:
    """Keep the bytes of footage and make its row, and say whether it is new; what was removed is new again."""
    sha256 = keeping.hash_of(raw)
    keeping.take_turn(sha256)  # nobody removes the file before this row, which needs it, can be seen
    keeping.keep(raw)
    there = on_file(camera, filmed, sha256)
    if there is not None and there.removed_at is None:
        return there, False
    film, at = filmed.film, starts_at(camera, filmed)
    values = {
        "name": brought.name[:255], "content_type": film.content_type, "codec": film.codec, "size": len(raw),
        "width": film.width, "height": film.height, "told_at": filmed.told_at, "starts_at": at,
        "ends_at": at + timedelta(seconds=film.duration_s), "door": brought.door, "feed": brought.feed,
        "brought_by": brought.user, "address": brought.address[:255], "received_at": clock.now(), "removed_at": None,
    }  # fmt: skip
    footage, _new = Footage.objects.update_or_create(camera=camera, sha256=sha256, defaults=values)
    log.write(_stored(camera, footage), origin)
    return footage, True


def _stored(camera: Camera, footage: Footage) -> FootageStored:
    return FootageStored(
        id=footage.pk, camera=camera.code, sha256=footage.sha256, name=footage.name,
        content_type=footage.content_type, bytes=footage.size, told_at=footage.told_at.isoformat(),
        starts_at=footage.starts_at.isoformat(), ends_at=footage.ends_at.isoformat(), door=str(footage.door),
        address=footage.address,
    )  # fmt: skip


def remove_expired(now: datetime) -> int:
    """Remove the bytes of what was kept for its time and nothing refers to; how many rows that were."""
    lasts = ExpressionWrapper(F("camera__keep_days") * Value(timedelta(days=1)), output_field=DurationField())
    due = Footage.objects.filter(removed_at=None, holds=None, received_at__lt=now - lasts)
    count = sum(_remove(number, now) for number in due.values_list("pk", flat=True))
    lately = Footage.objects.filter(removed_at__gt=now - LOOKED_BACK).order_by()
    for sha256 in lately.values_list("sha256", flat=True).distinct():
        _remove_bytes(sha256)
    return count


@transaction.atomic
def _remove(number: int, now: datetime) -> bool:
    footage = Footage.objects.select_for_update(of=("self",)).select_related("camera").get(pk=number)
    if footage.holds.exists() or footage.removed_at is not None:
        return False
    footage.removed_at = now
    footage.save(update_fields=["removed_at"])
    log.write(FootageRemoved(id=footage.pk, sha256=footage.sha256, kept_days=footage.camera.keep_days), PLATFORM)
    return True


@transaction.atomic
def _remove_bytes(sha256: str) -> None:
    """Remove a file that no row needs any more; the rows say so already, and who brings the bytes again waits."""
    keeping.take_turn(sha256)
    if not Footage.objects.filter(sha256=sha256, removed_at=None).exists():
        path_of(sha256).unlink(missing_ok=True)


def faults() -> Iterator[str | None]:
    """For each clip and still that is kept whether it is what came in, by its bytes and by the log."""
    for footage in Footage.objects.filter(removed_at=None).order_by("pk").iterator():
        try:
            keeping.read(footage.sha256)
        except FootageDamaged as error:
            yield f"footage {footage.pk}: {error}"
        else:
            yield _unlike_the_log(footage)


def _unlike_the_log(footage: Footage) -> str | None:
    """How a row differs from the line that was written when it came in."""
    told = [line.detail for line in log.about(f"footage/{footage.pk}") if line.act == FootageStored.__name__]
    if not told:
        return f"footage {footage.pk}: no line of the log tells of it"
    written = (told[-1]["sha256"], told[-1]["starts_at"], told[-1]["ends_at"])
    stands = (footage.sha256, footage.starts_at.isoformat(), footage.ends_at.isoformat())
    return None if stands == written else f"footage {footage.pk}: found {stands}, the log says {written}"
