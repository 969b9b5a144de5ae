"""What the names in payloads of a feed mean, and those that nobody has explained yet."""

from collections import Counter
from dataclasses import dataclass, field

from django.db import connection

from qingyuan.kit import clock
from qingyuan.sensing.logic.feeding.delivery import UNKNOWN
from qingyuan.sensing.logic.plausible import LARGEST, largest
from qingyuan.sensing.logic.registry import Registry
from qingyuan.sensing.models import Feed
from qingyuan.sensing.queries import MEDIUM

BASES = ("measured", "converted")


LONGEST_NAME = 200


MOST_NAMES_A_BATCH = 500  # that are listed as waiting; the next batch lists more


_MEANT = (
    "SELECT n.channel_id, n.kind, n.unit, c.unit, c.factor FROM sensing_feedname n LEFT JOIN sensing_channel c"
    " ON c.id = n.channel_id WHERE n.feed_id = %s AND n.name = %s"
)


@dataclass(frozen=True)
class Target:
    """The channel that a name means; `scale` brings values in `unit` to the channel's own unit."""

    channel: int
    kind: str
    unit: str
    channel_unit: str
    largest: float = LARGEST


@dataclass
class Doubt(Exception):
    """Why one observation is no reading."""

    fault: str
    detail: str


@dataclass
class Names:
    """What the names of a feed mean, looked up once a batch."""

    feed: Feed
    registry: Registry
    meant: dict[str, Target | None] = field(default_factory=dict)
    unknown: Counter[str] = field(default_factory=Counter)

    def target(self, name: str) -> Target | None:
        """The channel of a name; None where it is left out on purpose.

        Raises
        ------
        Doubt
            Nobody has said what the name means.
        """
        if name not in self.meant and name not in self.unknown:
            self._look_up(name)
        if name in self.unknown:
            self.unknown[name] += 1
            raise Doubt(UNKNOWN, f"found {name!r}: expected a name of this feed's table, or STATION/FACTOR")
        return self.meant[name]

    def _look_up(self, name: str) -> None:
        if not name or len(name) > LONGEST_NAME or "\0" in name or not _is_text(name):
            raise Doubt("BadName", f"found name {name[:40]!r}, expected a text of at most {LONGEST_NAME} letters")
        try:
            self.meant[name] = self._by_table(name)
        except LookupError:
            self.unknown[name] = 0

    def _by_table(self, name: str) -> Target | None:
        with connection.cursor() as cursor:
            cursor.execute(_MEANT, [self.feed.pk, name])
            row = cursor.fetchone()
        if row is None:
            return self._by_codes(name)
        channel, kind, unit, channel_unit, factor = row
        if channel is None:
            return None
        return Target(channel, kind, unit or channel_unit, channel_unit, largest(factor))

    def _by_codes(self, name: str) -> Target:
        code, _, rest = name.partition("/")
        factor_code, _, basis = rest.partition("/")
        station = self.feed.stations.filter(code=code).first() if rest else None
        factor = self.registry.factor(factor_code, MEDIUM.get(station.kind, "")) if station is not None else None
        if station is None or factor is None or (basis or BASES[0]) not in BASES:
            raise LookupError(name)
        channel, unit = self.registry.channel(station.pk, factor, basis or BASES[0])
        return Target(channel, "r", unit, unit, largest(factor.code))


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def list_waiting(names: Names) -> None:
    """Show the names that nobody explained to whoever can."""
    sql = (
        "INSERT INTO sensing_waitingname (feed_id, name, count, last_at) VALUES (%s, %s, %s, %s)"
        " ON CONFLICT (feed_id, name) DO UPDATE SET count = sensing_waitingname.count + excluded.count,"
        " last_at = excluded.last_at"
    )
    found = sorted(names.unknown.items())[:MOST_NAMES_A_BATCH]
    if not found:
        return
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(names.feed.pk, name, count, clock.now()) for name, count in found])
