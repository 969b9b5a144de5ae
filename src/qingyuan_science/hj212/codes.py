"""Code tables of HJ 212: editions, systems, commands, return codes, data flags, value suffixes.

The rows stand in ``data/*.csv``. Each names the edition that it comes from, the clause where that is known, and how
far it was verified: ``read`` in the text of the standard, ``second-hand`` from sources that cite it, ``unverified``
or inferred.
"""

import csv
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Final

VALIDITIES: Final = frozenset(
    (
        "valid",
        "invalid",
        "maintenance",
        "calibration",
        "fault",
        "over-range",
        "comm-fault",
        "manual",
        "stopped",
        "unknown",
    )
)
"""What a data flag says about a value, in the words used throughout."""


@dataclass(frozen=True, slots=True)
class Edition:
    """One edition of the standard, with the limits it sets.

    `flag_version` is the number in bits 7 to 2 of Flag. [segment_limit, cp_limit: byte; mn_length: character]
    """

    edition: str
    document: str
    title_zh: str
    title_en: str
    valid_from: date
    valid_to: date | None
    flag_version: int
    segment_limit: int
    cp_limit: int
    mn_length: int
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class System:
    """A system code (ST) and the first edition that has it."""

    code: str
    title_zh: str
    title_en: str
    edition: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class Command:
    """A command code (CN) in one direction.

    `direction` is ``host-to-device``, ``device-to-host`` or ``either``; `kind` is ``request`` (answered 9011, data,
    9012), ``upload`` (answered 9014 if Flag asks for it), ``notice`` (answered 9013) or ``answer``. `period` is the
    length of the interval that its data stand for: ``minute``, ``hour``, ``day``, or empty for an instant.
    `enciphered` is ``required`` where HJ 212-2025 demands it on a public line.
    """

    cn: str
    direction: str
    kind: str
    edition: str
    period: str
    enciphered: str
    title_zh: str
    title_en: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class ReturnCode:
    """A value of QnRtn or ExeRtn and the first edition that has it."""

    field: str
    code: int
    title_zh: str
    title_en: str
    edition: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class DataFlag:
    """A data flag of one edition and what it says about the value."""

    edition: str
    flag: str
    validity: str
    title_zh: str
    title_en: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class Suffix:
    """A kind of value of a factor, the part of a CP name after the hyphen; `type` is ``number`` or ``text``."""

    name: str
    type: str
    title_zh: str
    title_en: str
    edition: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class Field:
    """A name of the header or of CP that belongs to no factor, and the first edition that has it.

    `place` is ``header`` or ``cp``; `type` is ``text``, ``number`` or ``time``.
    """

    name: str
    place: str
    type: str
    unit: str
    title_zh: str
    title_en: str
    edition: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class Information:
    """A piece of site information; `type` is ``log``, ``state``, ``number``, ``time`` or ``text``."""

    code: str
    type: str
    unit: str
    title_zh: str
    title_en: str
    edition: str
    status: str
    clause: str


@dataclass(frozen=True, slots=True)
class State:
    """What a coded value stands for.

    `code` is the kind of value (``RS``), the site information (``i12001``) or the field (``AlarmType``); `meaning` one
    of ``running``, ``standby``, ``stopped``, ``calibration``, ``maintenance``, ``cleaning``, ``alarm``, ``fault``.
    """

    code: str
    value: str
    meaning: str
    title_zh: str
    title_en: str
    edition: str
    status: str
    clause: str


def rows_of(table: str) -> list[dict[str, str]]:
    """Read the rows of a table of this package.

    Parameters
    ----------
    table : str
        Name of the file in ``data``, without its ending.

    Returns
    -------
    list of dict of str to str
        One for each row, by the names in the first line.
    """
    text = (files(__package__) / "data" / f"{table}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


def _edition(row: dict[str, str]) -> Edition:
    return Edition(
        edition=row["edition"],
        document=row["document"],
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        flag_version=int(row["flag_version"]),
        segment_limit=int(row["segment_limit"]),
        cp_limit=int(row["cp_limit"]),
        mn_length=int(row["mn_length"]),
        status=row["status"],
        clause=row["clause"],
    )


def _return_code(row: dict[str, str]) -> ReturnCode:
    return ReturnCode(
        field=row["field"],
        code=int(row["code"]),
        title_zh=row["title_zh"],
        title_en=row["title_en"],
        edition=row["edition"],
        status=row["status"],
        clause=row["clause"],
    )


EDITIONS: Final = {row["edition"]: _edition(row) for row in rows_of("editions")}
"""Editions by year."""

SYSTEMS: Final = {row["code"]: System(**row) for row in rows_of("systems")}
"""Systems by ST code."""

COMMANDS: Final = tuple(Command(**row) for row in rows_of("commands"))
"""Commands, one row for each CN, direction and edition that defines it; 2017 rows hold for other editions too."""

QN_RETURNS: Final = {code.code: code for code in map(_return_code, rows_of("returns")) if code.field == "QnRtn"}
"""Answers to a request, by QnRtn."""

EXE_RETURNS: Final = {code.code: code for code in map(_return_code, rows_of("returns")) if code.field == "ExeRtn"}
"""Results of execution, by ExeRtn."""

DATA_FLAGS: Final = tuple(DataFlag(**row) for row in rows_of("data_flags"))
"""Data flags of all editions."""

FIELDS: Final = {row["name"]: Field(**row) for row in rows_of("fields")}
"""Fields of the header and of CP by name."""

INFORMATION: Final = {row["code"]: Information(**row) for row in rows_of("site_information")}
"""Site information by code."""

STATES: Final = {(row["code"], row["value"]): State(**row) for row in rows_of("states")}
"""Meanings of coded values, by code and value."""

SUFFIXES: Final = {row["name"]: Suffix(**row) for row in rows_of("suffixes")}
"""Value suffixes by name."""


def commands(cn: str, edition: str = "2017") -> tuple[Command, ...]:
    """Find what a command code means in an edition.

    Parameters
    ----------
    cn : str
        Command code, four digits.
    edition : {"2005", "2017", "2025"}

    Returns
    -------
    tuple of Command
        One row for each direction; empty if no edition up to now defines the code.

    Notes
    -----
    A code that the edition does not define itself is taken from 2017, where most are defined unchanged, and then from
    any other edition: senders of one edition use codes of another.

    Examples
    --------
    >>> [(command.direction, command.kind, command.title_en) for command in commands("2061")]
    [('host-to-device', 'request', 'ask for hour data'), ('device-to-host', 'upload', 'hour data')]
    >>> commands("1001", "2005")[0].title_en
    'set warning time'
    >>> commands("7777")
    ()
    """
    rows = [command for command in COMMANDS if command.cn == cn]
    for wanted in (edition, "2017"):
        if chosen := tuple(command for command in rows if command.edition == wanted):
            return chosen
    return tuple(rows)


def flag_map(edition: str) -> dict[str, str]:
    """Give the validity that each data flag of an edition stands for.

    Parameters
    ----------
    edition : {"2005", "2017", "2025"}

    Returns
    -------
    dict of str to str
        Flag as sent to one of `VALIDITIES`.

    Examples
    --------
    >>> flag_map("2017")["T"]
    'over-range'
    """
    return {row.flag: row.validity for row in DATA_FLAGS if row.edition == edition}
