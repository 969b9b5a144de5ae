"""What it costs to store readings: through the gateway, and by one COPY of the same rows into the same table."""

import time
from concurrent.futures import Executor
from dataclasses import dataclass, field

import psycopg
from _platform import HOST, Platform
from _senders import Load, connect, drive, hang_up

WINDOW = 50


@dataclass(frozen=True)
class Cost:
    """What storing the readings took, by the clock and of the processors."""

    wall: float = 0.0
    spent: dict[str, float] = field(default_factory=dict)

    def __add__(self, other: "Cost") -> "Cost":
        names = {**self.spent, **other.spent}
        return Cost(
            self.wall + other.wall, {name: self.spent.get(name, 0) + other.spent.get(name, 0) for name in names}
        )

    @property
    def processor(self) -> float:
        return sum(self.spent.values())

    def told(self, title: str, readings: int) -> str:
        parts = " + ".join(f"{name} {seconds:.2f}" for name, seconds in self.spent.items())
        return (
            f"     {title:<13} {self.wall:6.2f} s {readings / self.wall:9,.0f} readings/s"
            f"   processor {self.processor:6.2f} s ({parts}) {readings / self.processor:9,.0f} readings/s"
        )


def through_gateway(made: Platform, pool: Executor, connection: psycopg.Connection, load: Load) -> Cost:
    """Send what the pool's process has prepared over connections that are open, and wait for every answer."""
    connection.execute("CHECKPOINT")
    pool.submit(connect, HOST, made.ports["gateway"], WINDOW).result()
    before = {name: made.processor_seconds(name) for name in ("gateway", "postgres")}
    wall, answered = pool.submit(drive).result()
    spent = {name: made.processor_seconds(name) - seconds for name, seconds in before.items()}
    pool.submit(hang_up).result()
    _check("answers", answered, load.packets * len(load.devices))
    _check("readings in the table", _count(connection), load.readings)
    return Cost(wall, spent)


def by_copy(made: Platform, connection: psycopg.Connection, load: Load) -> Cost:
    """One COPY in one transaction, from a buffer made before, into the emptied table with its index and partition."""
    with connection.cursor().copy("COPY (TABLE recording_reading) TO STDOUT (FORMAT BINARY)") as copy:
        buffer = b"".join(copy)
    connection.execute("TRUNCATE recording_reading")
    connection.execute("CHECKPOINT")
    before, own, begun = made.processor_seconds("postgres"), time.process_time(), time.perf_counter()
    with connection.cursor().copy("COPY recording_reading FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(buffer)
    wall, own = time.perf_counter() - begun, time.process_time() - own
    spent = made.processor_seconds("postgres") - before
    _check("readings copied", _count(connection), load.readings)
    return Cost(wall, {"sender": own, "postgres": spent})


def _count(connection: psycopg.Connection) -> int:
    return int(connection.execute("SELECT count(*) FROM recording_reading").fetchone()[0])


def _check(what: str, found: int, expected: int) -> None:
    if found != expected:
        raise AssertionError(f"found {found} {what}: expected {expected}")
