"""The connector kind: how data of one form, come by another door than HJ 212, are read.

A connector is one file in `qingyuan.sensing.connectors`. Its `read` is pure: bytes in, what was observed out. What
fetches or receives the bytes hands them to `qingyuan.sensing.api.take_in_payloads`: an address of the web process, or
the connector's own `listen`, which the process `qingyuan feeds` runs for each enabled feed.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, ClassVar, Protocol

from qingyuan.kit.errors import BadInput
from qingyuan.sensing.brought.foretold import Foretold
from qingyuan.sensing.brought.scanned import Scanned
from qingyuan.sensing.brought.spotted import Spotted
from qingyuan.sensing.errors import BadPayload, Unreachable
from qingyuan.sensing.filmed.film import Filmed
from qingyuan_science.plugins import Plugin, Registry, Text
from qingyuan_science.series import Mark

__all__ = [
    "CONNECTORS",
    "LONGEST_ADDRESS",
    "BadPayload",
    "Connector",
    "Delivered",
    "Observed",
    "Payload",
    "Plain",
    "Position",
    "Read",
    "Receiver",
    "Setting",
    "Unreachable",
]


LONGEST_ADDRESS = 255  # what the packet table keeps; a payload is read again with the address that was kept


@dataclass(frozen=True)
class Payload:
    """Bytes as a sender gave them: a message, a response, a file.

    `address` is where they came from (host and port, topic, file name); `received_us` is when, in µs since 1970 UTC.
    """

    raw: bytes
    address: str
    received_us: int


@dataclass(frozen=True)
class Observed:
    """One observation as a sender names it.

    `name` is the sender's own name of what it measures, or `STATION/FACTOR` (or `STATION/FACTOR/converted`) with the
    platform's codes. An empty `kind` or `unit` means what the feed's table of names says. Numbers are None where
    nothing was measured. `where` says in which part of the payload it stands, for messages.
    """

    name: str
    at: datetime
    value: float | None
    low: float | None = None
    high: float | None = None
    total: float | None = None
    mark: str = Mark.NORMAL.value
    kind: str = ""
    unit: str = ""
    where: str = ""


@dataclass(frozen=True)
class Plain:
    """The rows of a text with separators, in UTF-8, without the head; the first of them is row `first` of the file."""

    body: bytes
    delimiter: str
    first: int


@dataclass
class Delivered:
    """Rows of a data list as they came, before anybody has looked whether they fit.

    `said` is which title stands for which column, where somebody said so; `rows` are walked once, each with its place
    in the file, such as the number of its row. Of a text with separators `plain` holds the same rows as they came.
    """

    list_code: str
    titles: tuple[str, ...]
    said: Mapping[str, str]
    rows: Iterator[tuple[int, Sequence[Any]]]
    plain: "Callable[[], Plain | None] | None" = None


@dataclass
class Read:
    """What a payload says, and what in it could not be read: (error, detail).

    `spots` is None where the payload does not speak of what satellites see, `filmed` where it is no clip or still,
    `records` where it brings no list of another department, `foretold` where it is no bulletin of forecasts,
    `scans` where it is nothing of a lidar.
    """

    observed: list[Observed] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)
    spots: list[Spotted] | None = None
    filmed: Filmed | None = None
    records: Delivered | None = None
    foretold: list[Foretold] | None = None
    scans: list[Scanned] | None = None

    def walk(self) -> Iterator[Observed]:
        """Every observation in turn."""
        return iter(self.observed)

    def add_spot(self, spot: Spotted, where: str) -> None:
        """One more spot, with the row or member of the file that it stands in."""
        self.spots = self.spots or []
        self.spots.append(replace(spot, where=where))

    def add_foretold(self, one: Foretold) -> None:
        """One more day of a bulletin."""
        self.foretold = self.foretold or []
        self.foretold.append(one)


@dataclass(frozen=True)
class Setting:
    """One setting of a connector, as text or as one of some choices; `check` raises ValueError for what cannot be."""

    name: str
    title: Text
    help: Text
    default: str = ""
    required: bool = False
    secret: bool = False
    choices: tuple[str, ...] = ()
    check: Callable[[str], object] | None = None
    lines: int = 1

    def checked(self, value: object) -> str:
        """Return the value as text.

        Raises
        ------
        BadInput
            It is missing, no text, none of the choices, or not what it must be.
        """
        if not isinstance(value, str):
            raise BadInput(f"{self.name}: found {value!r}, expected a text", self.name)
        if self.required and not value.strip():
            raise BadInput(f"{self.name}: found nothing, expected a value", self.name)
        if value and self.choices and value not in self.choices:
            raise BadInput(f"{self.name}: found {value!r}, expected one of: {', '.join(self.choices)}", self.name)
        if value.strip() and self.check is not None:
            try:
                self.check(value.strip())
            except ValueError as error:
                raise BadInput(f"{self.name}: {error}", self.name) from error
        return value.strip()


Position = Mapping[str, Any] | Callable[[Sequence[bool]], Mapping[str, Any]]
"""Where a connector goes on: as JSON, or made out of which payloads could be read at all."""


class Receiver(Protocol):
    """What a connector that listens hands its payloads to: the platform's side of one feed.

    `position` is what the connector asked to be kept last, in the same transaction as the payloads that it goes with.
    """

    @property
    def code(self) -> str: ...
    @property
    def settings(self) -> Mapping[str, str]: ...
    @property
    def position(self) -> Mapping[str, Any]: ...

    async def take_in(self, payloads: Sequence[Payload], position: Position | None = None) -> Sequence[bool]:
        """Commit payloads and position; answers which of the payloads could be read at all."""
        ...

    async def count(self, fault: str, detail: str, times: int) -> None:
        """Count what was not taken in."""
        ...

    async def in_order(self) -> None:
        """Say that the sender can be reached, though nothing came."""
        ...


@dataclass(frozen=True)
class Connector(Plugin):
    """A form in which data come."""

    kind: ClassVar[Text] = Text("接入方式", "Connector")
    settings: ClassVar[tuple[Setting, ...]] = ()
    listens: ClassVar[bool] = False
    posted: ClassVar[bool] = False
    by_hand: ClassVar[bool] = False  # somebody brings each payload, and may have taken it back

    def read(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a payload; nothing in it may pass in silence.

        Parameters
        ----------
        payload : Payload
        settings : mapping of str to str
            One entry a declared setting.

        Returns
        -------
        Read

        Raises
        ------
        BadPayload
            The payload as a whole cannot be read.
        """
        raise NotImplementedError

    async def listen(self, receiver: Receiver) -> None:
        """Receive or fetch payloads until cancelled; only where `listens` is set.

        Parameters
        ----------
        receiver : Receiver
            Takes the payloads in; what it has answered for is safe.

        Raises
        ------
        Unreachable
            The sender cannot be reached now; the process tries again after a pause.
        """
        raise NotImplementedError

    @classmethod
    def films(cls, settings: Mapping[str, str]) -> bool:
        """Whether payloads are clips and stills, which are kept as files and not among the raw packets.

        Parameters
        ----------
        settings : mapping of str to str

        Returns
        -------
        bool
        """
        return False

    def read_in_turn(self, payload: Payload, settings: Mapping[str, str]) -> Read:
        """Read a payload as it is walked, where it may be too large to hold what it says at once.

        Parameters
        ----------
        payload : Payload
        settings : mapping of str to str

        Returns
        -------
        Read
            Its faults are whole once `walk` has ended.

        Raises
        ------
        BadPayload
            The payload as a whole cannot be read.
        """
        return self.read(payload, settings)

    @classmethod
    def checked(cls, settings: Mapping[str, Any]) -> dict[str, str]:
        """Return the settings, complete and checked.

        Raises
        ------
        BadInput
            One is unknown, missing or wrong; says which are expected.
        """
        known = {setting.name: setting for setting in cls.settings}
        for name in settings:
            if name not in known:
                raise BadInput(f"found setting {name!r}, expected one of: {', '.join(known) or 'none'}", name)
        return {name: setting.checked(settings.get(name, setting.default)) for name, setting in known.items()}


CONNECTORS: Registry[Connector] = Registry(Connector)
