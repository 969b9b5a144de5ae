"""What is hashed of a line of the log: everything that it says, but not its number, which it gets at commit."""

from datetime import UTC, datetime
from typing import Protocol

from qingyuan.kit import canonical


class Said(Protocol):
    """A line, stored or about to be."""

    @property
    def at(self) -> datetime: ...
    @property
    def act(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def actor(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def why(self) -> str: ...


def body(line: Said, detail: str) -> bytes:
    """The line in a fixed form; `detail` is canonical text already, as it may be long."""
    head = {"act": line.act, "actor": line.actor, "at": line.at.astimezone(UTC).isoformat(timespec="microseconds")}
    tail = {"origin": line.origin, "subject": line.subject, "why": line.why}
    return f'{canonical.text(head)[:-1]},"detail":{detail},{canonical.text(tail)[1:]}'.encode()
