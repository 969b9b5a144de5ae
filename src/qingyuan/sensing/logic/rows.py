"""What the stages hand on: readings as columns, and the raw segment that they came in."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Segment:
    """A stored batch of raw packets."""

    id: int
    hash: bytes


@dataclass
class Rows:
    """Decoded readings, column by column; times in microseconds since 1970 UTC, NaN where a number is missing.

    `numbers` holds value, low, high, total of each reading one after the other.
    """

    channel: list[int] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    at: list[int] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)
    mark: list[str] = field(default_factory=list)
    received: list[int] = field(default_factory=list)

    def add(
        self, key: tuple[int, str, int], numbers: tuple[float, float, float, float], mark: str, received: int
    ) -> None:
        """Append one reading; `key` is (channel, kind, at)."""
        self.channel.append(key[0])
        self.kind.append(key[1])
        self.at.append(key[2])
        self.numbers.extend(numbers)
        self.mark.append(mark)
        self.received.append(received)

    def __len__(self) -> int:
        return len(self.at)
