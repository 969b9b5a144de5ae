"""What a host can ask of a device, as one table.

The rows stand in ``data/requests.csv`` and ``data/arguments.csv``, with the editions that have them and how far they
were verified. Forms are made from it, and `request` writes messages by it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from qingyuan_science.hj212.codes import rows_of

TYPES: Final = frozenset(
    ("whole", "number", "text", "factor", "factors", "information", "moment", "clock", "hours", "key", "password")
)


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a request, in some editions.

    `type` is one of `TYPES`: ``whole`` and ``number`` lie between `low` and `high`, for texts these bound the length;
    ``moment`` is an aware time, ``clock`` a time of day, ``hours`` and ``factors`` are lists, ``key`` is 16 bytes.
    `written` is the name in CP, in which ``{X}`` stands for the value of argument X; empty for one that only serves
    others. `joined` says that it belongs to the group of the argument before.
    """

    name: str
    written: str
    editions: frozenset[str]
    type: str
    unit: str
    low: int | None
    high: int | None
    choices: tuple[int, ...]
    required: bool
    joined: bool
    title_zh: str
    title_en: str
    status: str


@dataclass(frozen=True, slots=True)
class RequestKind:
    """One thing that a host can ask.

    `kind` is ``request`` (9011, uploads, 9012) or ``notice`` (9013). `uploads` says what comes between 9011 and 9012:
    ``none``, ``one`` that repeats the QN, ``many`` with QNs of their own, or a ``stream`` that starts after 9012.
    `dangerous` requests change what is measured, who may command the device, or whether it can be reached.
    """

    code: str
    cn: str
    editions: frozenset[str]
    kind: str
    uploads: str
    dangerous: bool
    title_zh: str
    title_en: str
    status: str
    note: str
    arguments: tuple[Argument, ...]

    def arguments_in(self, edition: str) -> tuple[Argument, ...]:
        """Give the arguments that the request has in an edition.

        Parameters
        ----------
        edition : {"2005", "2017", "2025"}

        Returns
        -------
        tuple of Argument
            In the order in which they are written.
        """
        return tuple(argument for argument in self.arguments if edition in argument.editions)


@dataclass(frozen=True, slots=True)
class Addressee:
    """The device that is asked: its identity, system code and password."""

    mn: str
    st: str
    pw: str


def _number(text: str) -> int | None:
    return int(text) if text else None


def _arguments() -> Iterator[tuple[str, Argument]]:
    for row in rows_of("arguments"):
        yield (
            row["request"],
            Argument(
                name=row["name"],
                written=row["written"],
                editions=frozenset(row["editions"].split()),
                type=row["type"],
                unit=row["unit"],
                low=_number(row["low"]),
                high=_number(row["high"]),
                choices=tuple(int(choice) for choice in row["choices"].split()),
                required=row["need"] == "must",
                joined=row["join"] == ",",
                title_zh=row["title_zh"],
                title_en=row["title_en"],
                status=row["status"],
            ),
        )


def _requests() -> Iterator[RequestKind]:
    arguments = tuple(_arguments())
    for row in rows_of("requests"):
        yield RequestKind(
            code=row["code"],
            cn=row["cn"],
            editions=frozenset(row["editions"].split()),
            kind=row["kind"],
            uploads=row["uploads"],
            dangerous=row["risk"] == "dangerous",
            title_zh=row["title_zh"],
            title_en=row["title_en"],
            status=row["status"],
            note=row["note"],
            arguments=tuple(argument for code, argument in arguments if code == row["code"]),
        )


REQUESTS: Final = {kind.code: kind for kind in _requests()}
"""Everything that a host can ask, by code."""


def requests_in(edition: str) -> tuple[RequestKind, ...]:
    """Give what can be asked of a device.

    Parameters
    ----------
    edition : {"2005", "2017", "2025"}
        Edition that the device speaks.

    Returns
    -------
    tuple of RequestKind
        In the order of their command codes.

    Examples
    --------
    >>> [kind.code for kind in requests_in("2025") if "2017" not in kind.editions][:3]
    ['set-identity', 'set-key', 'production-history']
    """
    return tuple(kind for kind in REQUESTS.values() if edition in kind.editions)
