"""What payloads bring beside observations: how each kind is made ready while it is read, and stored with its bytes.

One row of `PRODUCTS` a kind; whoever takes payloads in knows none of them by name.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from qingyuan.kit import log
from qingyuan.kit.log import PLATFORM
from qingyuan.sensing.connector import CONNECTORS, Read
from qingyuan.sensing.events import ForecastsBrought
from qingyuan.sensing.logic import spotting
from qingyuan.sensing.logic.feeding.delivery import Delivery
from qingyuan.sensing.logic.filming import keeping, storing
from qingyuan.sensing.logic.journalkeeping import staging as journals
from qingyuan.sensing.logic.journalkeeping import storing as journal_storing
from qingyuan.sensing.logic.journalkeeping.staging import StagedJournal
from qingyuan.sensing.logic.lidars import scanning
from qingyuan.sensing.logic.recordkeeping import storing as records
from qingyuan.sensing.logic.recordkeeping.staging import stage
from qingyuan.sensing.models import DataList, Door, Feed, PacketState


@dataclass(frozen=True)
class Kept:
    """Where the bytes of a payload lie; `again` where they were stored before and are read once more."""

    segment: int
    again: bool = False


@dataclass(frozen=True)
class Product:
    """One kind of what payloads bring.

    `part` takes it out of what was read, None where there is nothing of this kind. `ready` looks up what storing will
    need, and raises `BadPayload` where the payload cannot be stored at all; nothing is written by it. `merge` does what
    takes long and need not know where the bytes lie: while they are stored, no gateway can store others.
    """

    part: Callable[[Read], Any]
    store: Callable[[Feed, Delivery, Kept], None]
    ready: Callable[[Feed, Delivery], None] = lambda _feed, _delivery: None
    merge: Callable[[Feed, Delivery, bool], None] = lambda _feed, _delivery, _again: None


def make_ready(feed: Feed, delivery: Delivery) -> None:
    """Look up what storing will need.

    Raises
    ------
    BadPayload
        The payload cannot be stored.
    """
    for product in PRODUCTS:
        if product.part(delivery.read) is not None:
            product.ready(feed, delivery)


def merge(feed: Feed, delivery: Delivery, *, again: bool) -> None:
    """Do what takes long of storing a payload, unless it was rejected."""
    if delivery.state == PacketState.REJECTED:
        return
    for product in PRODUCTS:
        if product.part(delivery.read) is not None:
            product.merge(feed, delivery, again)


def store(feed: Feed, delivery: Delivery, kept: Kept) -> None:
    """Store all that a payload brings beside observations, unless it was rejected."""
    if delivery.state == PacketState.REJECTED:
        return
    for product in PRODUCTS:
        if product.part(delivery.read) is not None:
            product.store(feed, delivery, kept)


def _spots(feed: Feed, delivery: Delivery, kept: Kept) -> None:
    if not kept.again or not spotting.is_stored(feed, delivery.payload.raw):
        spotting.store(feed, delivery.payload, delivery.read, kept.segment)


def _forecasts(feed: Feed, delivery: Delivery, kept: Kept) -> None:
    """Write down at once that bytes with forecasts lie in a segment: only what came before a day may be scored."""
    if kept.again:
        return
    connector = CONNECTORS.get(feed.connector)
    told = {one.name: feed.settings.get(one.name, one.default) for one in connector.settings if not one.secret}
    fact = ForecastsBrought(
        id=kept.segment, feed=feed.code, name=delivery.payload.address, connector=connector.code, settings=told,
        sha256=hashlib.sha256(delivery.payload.raw).hexdigest(), days=len(delivery.read.foretold or ()),
    )  # fmt: skip
    log.write(fact)


def _lidars(feed: Feed, delivery: Delivery) -> None:
    scanning.lidars(feed, delivery.read.scans or ())


def _scans(feed: Feed, delivery: Delivery, kept: Kept) -> None:
    delivery.scans = scanning.store(feed, delivery.payload, delivery.read.scans or (), kept.segment)


def _camera(feed: Feed, delivery: Delivery) -> None:
    if filmed := delivery.read.filmed:
        delivery.camera = storing.camera_of(feed, filmed)
        storing.on_file(delivery.camera, filmed, keeping.hash_of(delivery.payload.raw))


def _footage(feed: Feed, delivery: Delivery, _kept: Kept) -> None:
    filmed, camera = delivery.read.filmed, delivery.camera
    if camera is None or filmed is None:
        return
    raw, (where, _space, name) = delivery.payload.raw, delivery.payload.address.rpartition(" ")
    door = Door.FOLDER if CONNECTORS.get(feed.connector).listens else Door.PUSH
    brought = storing.Brought(door, name, where, feed)
    stored = storing.store(camera, filmed, raw, brought=brought, origin=PLATFORM)
    delivery.footage, delivery.is_new = stored


def _staged(_feed: Feed, delivery: Delivery) -> None:
    if delivered := delivery.read.records:
        known = DataList.objects.filter(code=delivered.list_code).first()
        in_bulk = known is not None and known.defined.journal
        delivery.staged = journals.stage(known, delivered) if known and in_bulk else stage(delivered)
        delivery.records = delivery.staged.rows
        delivery.read.faults.extend(delivery.staged.faults)


def _merged(feed: Feed, delivery: Delivery, again: bool) -> None:
    if delivery.staged is None or (again and records.was_taken_back(feed, delivery.payload.raw)):
        return
    if isinstance(delivery.staged, StagedJournal):
        delivery.merged = journal_storing.merge(feed, delivery.payload, delivery.staged, only_new=again)
    else:
        delivery.merged = records.merge(feed, delivery.payload, delivery.staged, only_new=again)


def _records(_feed: Feed, delivery: Delivery, kept: Kept) -> None:
    if delivery.merged is not None:
        records.close_file(delivery.merged, kept.segment)


PRODUCTS = (
    Product(lambda read: read.spots, _spots),
    Product(lambda read: read.foretold, _forecasts),
    Product(lambda read: read.scans, _scans, _lidars),
    Product(lambda read: read.filmed, _footage, _camera),
    Product(lambda read: read.records, _records, _staged, _merged),
)
