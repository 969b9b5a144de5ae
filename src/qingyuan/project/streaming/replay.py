"""Recorded packets, or a table of readings, sent again at any speed."""

import asyncio
import csv
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from qingyuan_science.hj212 import STANDARD, BadFrame, Framer, Hj212Error, Message, encode, instant, parse, split

ANSWER = b"CN=9014"
SHANGHAI = timezone(timedelta(hours=8))


class BadTable(ValueError):
    """A table of readings lacks what a packet needs; says what was found and what is expected."""


@dataclass(frozen=True)
class Timed:
    """Bytes to send, and when they were sent or measured first."""

    at: datetime | None
    data: bytes


def packets(path: Path) -> Iterator[Timed]:
    """Recorded packets: one a line, raw or as JSON with a `raw` field."""
    with path.open("rb") as lines:
        for line in lines:
            raw = line.rstrip(b"\r\n")
            if raw.startswith(b"{"):
                row = json.loads(raw)
                raw = str(row["raw"]).rstrip("\r\n").encode(row.get("encoding") or "utf-8")
            if raw:
                yield Timed(_sent_at(raw), raw + b"\r\n")


def _sent_at(raw: bytes) -> datetime | None:
    for frame in Framer(STANDARD).feed(raw + b"\r\n"):
        if isinstance(frame, BadFrame):
            continue
        try:
            message = parse(frame.segment)
            return instant(message.qn or message.data_time or "", STANDARD)
        except Hj212Error:
            return None
    return None


def table(path: Path, columns: dict[str, str], shift: timedelta, stations: Sequence[str] = ()) -> Iterator[Timed]:
    """Hourly packets from a table (CSV, or Parquet with polars installed) with `station` and `time` columns.

    `columns` maps a column to a factor code, optionally with a divisor, such as `co=a21005/1000`.
    """
    for row in _rows(path):
        if "station" not in row or "time" not in row:
            raise BadTable(f"found columns {', '.join(row)}: expected `station` and `time` among them")
        if stations and row["station"] not in stations:
            continue
        values = {code: _number(row.get(name), code) for name, code in columns.items()}
        groups = [
            ((f"{code.partition('/')[0]}-Avg", f"{value:g}"), (f"{code.partition('/')[0]}-Flag", "N"))
            for code, value in values.items()
            if value is not None
        ]
        at = _time(row["time"]) + shift
        if groups:
            yield from _hour(str(row["station"]), at, groups)


def _hour(station: str, at: datetime, groups: Sequence[tuple[tuple[str, str], ...]]) -> Iterator[Timed]:
    stamp = at.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S")
    sent = at + timedelta(hours=1, seconds=1)
    qn = sent.astimezone(SHANGHAI).strftime("%Y%m%d%H%M%S") + "000"
    message = Message(
        qn=qn, st="22", cn="2061", pw="123456", mn=station.upper()[:24], flag=5,
        cp=((("DataTime", stamp),), *groups),
    )  # fmt: skip
    for part in split(message):
        yield Timed(sent, encode(part))


def _rows(path: Path) -> Iterator[dict[str, object]]:
    if path.suffix == ".parquet":
        import polars

        yield from polars.read_parquet(path).sort("time").iter_rows(named=True)
        return
    with path.open(newline="", encoding="utf-8-sig") as file:
        yield from csv.DictReader(file)


def _time(value: object) -> datetime:
    at = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _number(value: object, code: str) -> float | None:
    if value is None or value == "" or value != value:
        return None
    return float(str(value)) / float(code.partition("/")[2] or 1)


async def send(timed: Iterator[Timed], address: tuple[str, int], speed: float) -> tuple[int, int]:
    """Send at `speed` times the recorded pace (0: as fast as the gateway takes them); answers (sent, answered)."""
    reader, writer = await asyncio.open_connection(*address)
    answered = 0

    async def count() -> None:
        nonlocal answered
        tail = b""
        while data := await reader.read(65_536):
            seen = tail + data
            answered += seen.count(ANSWER)
            tail = seen[1 - len(ANSWER) :]  # an answer may be cut in two; what is left is too short to count twice

    counting = asyncio.create_task(count())
    sent, first, began = 0, None, time.monotonic()
    for one in timed:
        if speed and one.at is not None:
            first = first or one.at
            await asyncio.sleep(max(0.0, (one.at - first).total_seconds() / speed - (time.monotonic() - began)))
        writer.write(one.data)
        await writer.drain()
        sent += 1
    await _quiet(lambda: answered)
    counting.cancel()
    writer.close()
    return sent, answered


async def _quiet(answered: object) -> None:
    """Wait until no more answers come."""
    last, still = -1, 0
    while still < 4:
        await asyncio.sleep(0.5)
        seen = answered()  # type: ignore[operator]
        still, last = (still + 1, last) if seen == last else (0, seen)
