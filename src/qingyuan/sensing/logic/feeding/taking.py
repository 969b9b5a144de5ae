"""Payloads of a feed into the database: raw bytes, readings and faults, in one transaction."""

import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from datetime import datetime
from itertools import chain

import psycopg
import structlog
from django.db import DataError, IntegrityError, connection, transaction
from shapely.errors import ShapelyError

from qingyuan.sensing.connector import CONNECTORS, BadPayload, Connector, Observed, Payload
from qingyuan.sensing.errors import Unstorable
from qingyuan.sensing.logic.away import limits_told
from qingyuan.sensing.logic.feeding import products
from qingyuan.sensing.logic.feeding.delivery import UNKNOWN, Delivery
from qingyuan.sensing.logic.feeding.names import Doubt, Names, Target, list_waiting
from qingyuan.sensing.logic.feeding.products import Kept
from qingyuan.sensing.logic.filming import keeping
from qingyuan.sensing.logic.intake import Sink
from qingyuan.sensing.logic.plausible import AHEAD_US, EARLIEST_US, MISSING
from qingyuan.sensing.logic.raw.keeping import Faults, instant, keep
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.logic.rows import Rows
from qingyuan.sensing.models import Feed, PacketState
from qingyuan_science.series import Mark, microseconds
from qingyuan_science.units import UnitError, convert

_log = structlog.get_logger("feeds")


KINDS_SENT = ("r", "m", "h", "d")


LONGEST_FAULT, LONGEST_NOTE = 32, 500


# what is wrong with one payload, however often it is stored; all else is the platform's own trouble, and may pass
_OF_THE_PAYLOAD = (
    Unstorable, DataError, IntegrityError, psycopg.DataError, psycopg.IntegrityError,  # COPY raises these as they are
    ShapelyError, ValueError, LookupError, TypeError, ArithmeticError,
)  # fmt: skip


class _Refused(Exception):
    """What the payloads in some places bring cannot be stored."""

    def __init__(self, why: dict[int, str]) -> None:
        super().__init__(", ".join(why.values()))
        self.why = why


def take_in(
    feed: Feed, payloads: Sequence[Payload], sink: Sink, meant: Mapping[str, Target] | None = None
) -> list[Delivery]:
    """Write payloads durably; each delivery says what became of its payload. Nothing is written when anything fails.

    A payload that was read and cannot be stored is rejected, so that none behind it waits for it for ever.
    """
    refused: dict[int, str] = {}
    while payloads:
        try:
            return _take_in(feed, payloads, sink, meant, refused=refused)
        except _Refused as some:
            refused |= some.why
    return []


def _take_in(
    feed: Feed, payloads: Sequence[Payload], sink: Sink, meant: Mapping[str, Target] | None, *, refused: dict[int, str]
) -> list[Delivery]:
    connector = CONNECTORS.get(feed.connector)()
    deliveries = [Delivery(payload, feed.sender, connector.code[:8]) for payload in payloads]
    for delivery in deliveries if connector.films(feed.settings) else ():
        delivery.receipt = keeping.receipt(delivery.payload.raw)
    with transaction.atomic():
        names, faults, rows = Names(feed, Registry(), dict(meant or {})), Faults(), Rows()
        for place, delivery in enumerate(deliveries):
            if place in refused:
                reject(delivery, (Unstorable.__name__, refused[place]), faults)
            else:
                read(delivery, connector, names, faults=faults, rows=rows)
        _each(deliveries, lambda one: merge(feed, one), apart=bool(refused))
        segment = keep(deliveries)
        _each(deliveries, lambda one: store(feed, one, Kept(segment.id)), apart=bool(refused))
        faults.store()
        list_waiting(names)
        _mark_seen(feed, deliveries)
        sink(rows, segment)
    return deliveries


def _each(deliveries: Sequence[Delivery], do: Callable[[Delivery], None], *, apart: bool) -> None:
    """Do something with each; `apart`, where one is known to fail, so that all others that do are found at once."""
    failed: dict[int, str] = {}
    for place, delivery in enumerate(deliveries):
        try:
            with transaction.atomic() if apart else nullcontext():
                do(delivery)
        except Unstorable as error:
            failed[place] = str(error)
            if not apart:
                break
    if failed:
        raise _Refused(failed)


def merge(feed: Feed, delivery: Delivery, *, again: bool = False) -> None:
    """Do what takes long of storing a payload, before its bytes are stored; fails as `store` does.

    Raises
    ------
    Unstorable
        It fails for what the payload says.
    """
    with _blamed_on_the_payload(feed):
        products.merge(feed, delivery, again=again)


def store(feed: Feed, delivery: Delivery, kept: Kept) -> None:
    """Store what a payload brings beside observations; where that fails, the transaction has to be undone.

    Raises
    ------
    Unstorable
        It fails for what the payload says.
    """
    with _blamed_on_the_payload(feed):
        products.store(feed, delivery, kept)


@contextmanager
def _blamed_on_the_payload(feed: Feed) -> Iterator[None]:
    try:
        with limits_told():
            yield
    except _OF_THE_PAYLOAD as error:
        _log.error("a payload cannot be stored", feed=feed.code, trace=traceback.format_exc())
        said = (str(error).splitlines() or [""])[0]  # PostgreSQL quotes the row itself below, and it may be of a person
        raise Unstorable(f"{type(error).__name__}: {said}"[:LONGEST_NOTE]) from error


def read(delivery: Delivery, connector: Connector, names: Names, *, faults: Faults, rows: Rows) -> None:
    """Read a payload: observations into `rows`, what is wrong into `faults`, the rest made ready to be stored."""
    try:
        delivery.read = connector.read_in_turn(delivery.payload, names.feed.settings)
        products.make_ready(names.feed, delivery)
    except BadPayload as error:
        reject(delivery, ("BadPayload", str(error)), faults)
        return
    except Exception as error:  # noqa: BLE001 a connector that fails must not stop what comes after; the payload is kept
        _log.error("connector failed", feed=names.feed.code, trace=traceback.format_exc())
        reject(delivery, ("ConnectorFailed", f"{type(error).__name__}: {error}"), faults)
        return
    for name, told in chain(_store(delivery, names, rows), delivery.read.faults):
        fault, detail = name[:LONGEST_FAULT], _short(told)
        delivery.faults.append((fault, detail))
        faults.add(delivery, fault, detail)
        waits = PacketState.QUARANTINED if fault == UNKNOWN else delivery.state
        delivery.end(waits, fault, detail)


def _short(detail: str) -> str:
    """A detail as rows, answers and pages bear it, whatever a sender wrote."""
    return detail if len(detail) <= LONGEST_NOTE else f"{detail[: LONGEST_NOTE - 1]}…"


def reject(delivery: Delivery, reason: tuple[str, str], faults: Faults) -> None:
    """Say that nothing of a payload can be stored, and count why."""
    reason = reason[0], _short(reason[1])
    delivery.end(PacketState.REJECTED, *reason)
    delivery.faults.append(reason)
    faults.add(delivery, *reason)


def _store(delivery: Delivery, names: Names, rows: Rows) -> Iterator[tuple[str, str]]:
    """Append what can be stored to `rows`; what cannot is named."""
    for observed in delivery.read.walk():
        try:
            target = names.target(observed.name)
            if target is not None:
                _append(rows, observed, target, delivery.received_us)
                delivery.readings += 1
        except Doubt as doubt:
            place = f"{observed.where}: " if observed.where else ""
            delivery.refused[observed.where] = doubt.detail
            yield doubt.fault, f"{place}{doubt.detail}"


def _append(rows: Rows, observed: Observed, target: Target, received_us: int) -> None:
    kind = observed.kind or target.kind
    if kind not in KINDS_SENT:
        raise Doubt("UnknownKind", f"found kind {kind!r}: expected one of {', '.join(KINDS_SENT)}")
    if observed.mark not in list(Mark):
        raise Doubt("UnknownMark", f"found mark {observed.mark!r}: expected one of {', '.join(Mark)}")
    at = _instant(observed.at, received_us)
    numbers = _numbers(observed, target)
    rows.add((target.channel, kind, at), numbers, observed.mark, received_us)


def _instant(at: datetime, received_us: int) -> int:
    found = microseconds(at)
    if not EARLIEST_US <= found <= received_us + AHEAD_US:
        raise Doubt("BadTime", f"found time {at.isoformat()}: expected between 2000-01-01 and one hour from now")
    return found


def _numbers(observed: Observed, target: Target) -> tuple[float, float, float, float]:
    unit = observed.unit or target.unit
    try:
        scaled = tuple(
            MISSING if number is None else convert(number, unit, target.channel_unit)
            for number in (observed.value, observed.low, observed.high)
        )
    except UnitError as error:
        raise Doubt("BadUnit", str(error)) from error
    total = MISSING if observed.total is None else observed.total
    numbers = (scaled[0], scaled[1], scaled[2], total)
    if any(abs(number) > target.largest for number in numbers):
        raise Doubt("AbsurdValue", f"found {observed.name}={observed.value}: expected below {target.largest:g}")
    return numbers


def _mark_seen(feed: Feed, deliveries: Sequence[Delivery]) -> None:
    sql = (
        "UPDATE sensing_feed SET packets = packets + %s, last_seen_at = %s, last_address = %s, trouble = ''"
        " WHERE id = %s"
    )
    last = deliveries[-1]
    with connection.cursor() as cursor:
        cursor.execute(sql, [len(deliveries), instant(last.received_us), last.peer, feed.pk])
