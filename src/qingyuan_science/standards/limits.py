"""The limits of the standards: which one holds for a factor, a class and an averaging time on a day."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from qingyuan_science.plugins import Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards.errors import UnknownLevel, UnknownLimit, UnknownStandard
from qingyuan_science.standards.factors import Factor
from qingyuan_science.standards.limit_entries import Direction, Edition, Limit
from qingyuan_science.standards.reading import Status, read_folder
from qingyuan_science.units import canonical

__all__ = [
    "EVERY_LEVEL",
    "Direction",
    "Edition",
    "Limit",
    "all_limits",
    "editions",
    "limit",
    "limits_for",
    "limits_that_judge",
]

EVERY_LEVEL = "all"
_NO_LIMIT = "-"


def limits_for(
    factor: Factor | str,
    standard: str,
    level: str,
    averaging: str | None,
    *,
    on: date | None = None,
    case: str = "",
) -> tuple[Limit, ...]:
    """Find the limits of a standard for one factor.

    Parameters
    ----------
    factor : Factor or str
        The factor or its code.
    standard : str
        A standard without its year, to get the edition in force, or with it, to get that edition only.
    level : str
        Class, grade or kind of plant.
    averaging : str or None
        Averaging time by which the standard judges; None for all of them.
    on : datetime.date, optional
        Day of the data in China. Left out, the limits of all days come, for a series that spans editions.
    case : str
        Name of a special case; the main case if left out.

    Returns
    -------
    tuple[Limit, ...]
        The limits, earliest first; empty if the standard sets none.

    Raises
    ------
    UnknownStandard
        There is no table of the standard.
    UnknownLevel
        No edition of the standard has that level.

    Examples
    --------
    >>> [limit.high for limit in limits_for("a34004", "GB 3095", "2", "day", on=date(2026, 2, 28))]
    [75.0]
    >>> [limit.high for limit in limits_for("a34004", "GB 3095", "2", "day", on=date(2026, 3, 1))]
    [60.0]
    """
    code = factor.code if isinstance(factor, Factor) else factor
    known = _of_standard(standard)
    if not known:
        raise UnknownStandard(f"found {standard!r}, expected one of: {', '.join(_documents())}")
    levels = {one.level for one in known}
    if level not in levels:
        raise UnknownLevel(f"{standard}: found {level!r}, expected one of: {', '.join(sorted(levels))}")
    return tuple(
        one
        for one in known
        if one.factor == code
        and one.level in (level, EVERY_LEVEL)
        and averaging in (None, one.averaging)
        and one.case == case
        and (on is None or one.in_force(on))
    )


@lru_cache(maxsize=256)
def _of_standard(standard: str) -> tuple[Limit, ...]:
    return tuple(one for one in all_limits() if standard in (one.standard, _family(one.standard)))


def limit(code: str) -> Limit:
    """Return the limit with a code, as stored with a site or a finding.

    Parameters
    ----------
    code : str
        Code of the limit.

    Returns
    -------
    Limit
        The limit.

    Raises
    ------
    UnknownLimit
        No limit has that code.

    Examples
    --------
    >>> limit("gb18918-2002:1A:w01018:day").high
    50.0
    """
    try:
        return _by_code()[code]
    except KeyError:
        raise UnknownLimit(f"found {code!r}, expected edition:level:factor:averaging") from None


# Limits of a quarter or a year, and of the day's highest eight hours, say nothing about one hour or one day.
_OF_ONE_VALUE = (
    Averaging.REALTIME,
    Averaging.MINUTE,
    Averaging.TEN_MINUTE,
    Averaging.HOUR,
    Averaging.DAY,
    Averaging.MONTH,
)


def limits_that_judge(limits: Iterable[Limit], averaging: Averaging) -> tuple[Limit, ...]:
    """Choose the limits that values of an averaging time are held against.

    Parameters
    ----------
    limits : Iterable[Limit]
        Every limit that binds.
    averaging : Averaging
        Over which time the values are taken.

    Returns
    -------
    tuple[Limit, ...]
        Those of the same averaging time; where there are none, those of the next longer one, as a warning. Empty if
        there is none.
    """
    bound = tuple(limits)
    longer = _OF_ONE_VALUE[_OF_ONE_VALUE.index(averaging) :] if averaging in _OF_ONE_VALUE else (averaging,)
    judging = (tuple(limit for limit in bound if limit.averaging is one) for one in longer)
    return next((found for found in judging if found), ())


@cache
def all_limits() -> tuple[Limit, ...]:
    """List every limit of every table.

    Returns
    -------
    tuple[Limit, ...]
        The limits, standard by standard and earliest edition first, in the order printed.
    """
    return tuple(one for block in _blocks() for one in _limits(block))


def editions() -> tuple[Edition, ...]:
    """List every edition there is a table of, with its levels, for forms to choose from.

    Returns
    -------
    tuple[Edition, ...]
        The editions, standard by standard, earliest first.
    """
    return tuple(_edition(block) for block in _blocks())


@cache
def _by_code() -> dict[str, Limit]:
    return {one.code: one for one in all_limits()}


@cache
def _blocks() -> tuple[dict[str, Any], ...]:
    return tuple(block for table in read_folder("limits") for block in table["edition"])


def _documents() -> tuple[str, ...]:
    return tuple(dict.fromkeys(edition.document for edition in editions()))


def _family(document: str) -> str:
    return document.rpartition("-")[0] or document


def _edition(block: dict[str, Any]) -> Edition:
    levels = {level: Text(*names) for level, names in block["levels"].items()}
    return Edition(
        key=block["key"],
        document=block["document"],
        title=Text(*block["title"]),
        valid_from=block["valid_from"],
        valid_to=block.get("valid_to"),
        levels=MappingProxyType(levels),
    )


def _limits(block: dict[str, Any]) -> Iterator[Limit]:
    edition = _edition(block)
    for table in block["table"]:
        for row in table["rows"]:
            direction: Direction = next(side for side in ("max", "min", "range") if side in row)
            for place, (level, figure) in enumerate(zip(table["columns"], row[direction], strict=True)):
                if figure != _NO_LIMIT:
                    oxygen = table["oxygen"][place] if "oxygen" in table else None
                    yield _limit(edition, {**table, **row}, level, (direction, figure, oxygen))


def _limit(edition: Edition, row: dict[str, Any], level: str, cell: tuple[Direction, Any, Any]) -> Limit:
    direction, figure, oxygen = cell
    low, high = {"max": (None, figure), "min": (figure, None)}.get(direction) or figure
    name = row.get("factor") or row["item"][1].replace(" ", "_")
    case = row.get("case", "")
    condition = row.get("condition")
    return Limit(
        code=":".join(filter(None, (edition.key, level, name, row["averaging"], case))),
        factor=row.get("factor", ""),
        item=Text(*row["item"]),
        standard=edition.document,
        clause=Text(*row["clause"]),
        level=level,
        title=edition.levels[level],
        averaging=Averaging(row["averaging"]),
        direction=direction,
        low=None if low is None else float(low),
        high=None if high is None else float(high),
        unit=canonical(row["unit"]),
        decimals=row.get("decimals", _finest(row[direction])),
        case=case,
        condition=Text(*condition) if condition else None,
        reference_oxygen=None if oxygen is None else float(oxygen),
        valid_from=row.get("valid_from", edition.valid_from),
        valid_to=edition.valid_to,
        status=Status(row["status"]),
    )


def _finest(figures: list[Any]) -> int:
    printed = (part for figure in figures for part in (figure if isinstance(figure, list) else [figure]))
    return max(-int(part.as_tuple().exponent) if isinstance(part, Decimal) else 0 for part in printed)
