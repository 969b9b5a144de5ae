"""Tables of a permit as people type them or paste them out of a workbook: one row a line, every fault by its line."""

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput
from qingyuan.places.api import OwnLimit, OwnPenalty, OwnTotal
from qingyuan.places.queries import Averaged, Basis, DisclosedAmount, PermitLimit, PermitTotal, Station, StationKind
from qingyuan.sensing.queries import MEDIUM
from qingyuan_science.plugins import folded
from qingyuan_science.standards import StandardsError, all_factors, find_factor
from qingyuan_science.units import UnitError, convert

_BETWEEN = re.compile(r"\s*[\t,;\uff0c\uff1b|]\s*")
_RANGE = re.compile(r"(?P<low>\d+(?:\.\d+)?)\s*[-\u2013\u2014~\uff5e]\s*(?P<high>\d+(?:\.\d+)?)")
_SIGNS = "≤<>=≥ "
AVERAGED = {
    **{word: Averaged.HOUR for word in ("hour", "h", "1h", "小时", "时均", "小时均值", "小时值")},
    **{word: Averaged.DAY for word in ("day", "d", "24h", "日", "日均", "日均值")},
}
BASES = {
    **{word: Basis.MEASURED for word in ("measured", "实测", "实测值")},
    **{word: Basis.CONVERTED for word in ("converted", "折算", "折算值")},
}
WHOLE = {"", "*", "全厂", "all"}


class Lines:
    """The lines of a table with their faults; every line is read, so that all faults are told at once."""

    def __init__(self, text: str, outlets: Iterable[Station]) -> None:
        self.rows = cells_of(text)
        self.outlets = list(outlets)
        self.faults: list[str] = []

    def limits(self) -> list[OwnLimit]:
        """Outlet, factor, mean, limit, unit, basis; unit and basis may be left out."""
        return [one for row in self.rows if (one := self._read(row, self.limit, 4, 6)) is not None]

    def totals(self) -> list[OwnTotal]:
        """Outlet or `*`, factor, figure, unit (kg or t)."""
        return [one for row in self.rows if (one := self._read(row, self.total, 4, 4)) is not None]

    def penalties(self) -> list[OwnPenalty]:
        """Number, day, what for; the last may be left out."""
        return [one for row in self.rows if (one := self._read(row, self.penalty, 2, 3)) is not None]

    def _read(self, row: tuple[int, list[str]], reader: Any, least: int, most: int) -> Any:
        number, cells = row
        try:
            if not least <= len(cells) <= most:
                expected = f"{least}" if least == most else f"{least}–{most}"
                words = {"found": len(cells), "expected": expected}
                raise BadInput(_("found %(found)d columns, expected %(expected)s") % words)
            return reader(*cells, *[""] * (most - len(cells)))
        except BadInput as fault:
            self.faults.append(_("Line %(number)d: %(fault)s") % {"number": number, "fault": fault})
            return None

    def limit(self, *cells: str) -> OwnLimit:
        """A limit out of six cells; unit and basis may be empty."""
        outlet, factor, mean, figure, unit, basis = cells
        station = self._outlet(outlet)
        code, usual = factor_named(factor, MEDIUM[station.kind])
        averaging = _word(mean, AVERAGED, _("mean"))
        low, high = _bounds(figure)
        default = Basis.CONVERTED if station.kind == StationKind.OUTLET_GAS else Basis.MEASURED
        return OwnLimit(
            station, code, averaging, high, unit or usual, low, _word(basis, BASES, _("basis")) if basis else default
        )

    def total(self, *cells: str) -> OwnTotal:
        """A yearly total out of four cells."""
        outlet, factor, figure, unit = cells
        station = None if outlet.lower() in WHOLE else self._outlet(outlet)
        code, _usual = factor_named(factor, MEDIUM[station.kind] if station else None)
        try:
            return OwnTotal(code, float(convert(_number(figure), unit, "kg")), station)
        except UnitError as error:
            raise BadInput(str(error)) from error

    def penalty(self, *cells: str) -> OwnPenalty:
        """A penalty out of three cells."""
        number, day, what = cells
        try:
            return OwnPenalty(number, date.fromisoformat(day), what)
        except ValueError:
            raise BadInput(_("found day %(found)s, expected one such as 2025-06-30") % {"found": day}) from None

    def _outlet(self, name: str) -> Station:
        found = [one for one in self.outlets if name == one.code] or [
            one for one in self.outlets if name in (one.title_zh, one.title_en)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            several = {"found": name, "codes": ", ".join(one.code for one in found)}
            raise BadInput(_("%(found)s is the title of several outlets, expected a code: %(codes)s") % several)
        known = ", ".join(one.code for one in self.outlets) or "—"
        raise BadInput(_("found outlet %(found)s, expected one of: %(known)s") % {"found": name, "known": known})


def factor_named(name: str, medium: str | None) -> tuple[str, str]:
    """Code and unit of a factor, by its code or by what people call it.

    Raises
    ------
    BadInput
        No factor has that code or name.
    """
    try:
        found = find_factor(name, medium=medium)
    except StandardsError:
        named = [one for one in all_factors() if folded(name) in one.short.names() | one.title.names()]
        of_medium = [one for one in named if medium is None or one.medium in (medium, "water", "gas")]
        if not named:
            raise BadInput(
                _("found factor %(found)s, expected a code such as w01018 or a name such as COD") % {"found": name}
            ) from None
        found = find_factor((of_medium or named)[0].code, medium=medium)
    return found.code, found.unit


def cells_of(text: str) -> list[tuple[int, list[str]]]:
    """The cells of each line that holds something, with the number of the line."""
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [(number, _BETWEEN.split(line)) for number, line in lines if line]


def limit_lines(limits: Iterable[PermitLimit]) -> str:
    """Limits as the table writes them."""
    return "\n".join(
        f"{one.station.code}, {one.factor}, {one.averaging}, {figure_of(one)}, {one.unit}, {one.basis}"
        for one in limits
    )


def total_lines(totals: Iterable[PermitTotal | DisclosedAmount]) -> str:
    """Yearly totals as the table writes them."""
    return "\n".join(
        f"{one.station.code if one.station else '*'}, {one.factor}, {plain(one.kilograms)}, kg" for one in totals
    )


def figure_of(limit: PermitLimit) -> str:
    """The figure of a limit, with its sign where it is no upper one."""
    if limit.low is not None and limit.high is not None:
        return f"{plain(limit.low)}-{plain(limit.high)}"
    return plain(limit.high) if limit.high is not None else f"≥{plain(limit.low or 0.0)}"


def plain(figure: float) -> str:
    """Every digit of a figure and no exponent, so that reading it again gives the same."""
    return np.format_float_positional(figure, trim="-")


def _bounds(figure: str) -> tuple[float | None, float | None]:
    if between := _RANGE.fullmatch(figure.strip()):
        return float(between["low"]), float(between["high"])
    if figure.strip().startswith(("≥", ">")):
        return _number(figure), None
    return None, _number(figure)


def _number(text: str) -> float:
    try:
        return float(text.strip(_SIGNS))
    except ValueError:
        raise BadInput(_("found figure %(found)s, expected a number") % {"found": text}) from None


def _word(word: str, known: dict[str, Any], what: str) -> str:
    try:
        return str(known[word.strip().lower()])
    except KeyError:
        values: Sequence[str] = sorted(known)
        raise BadInput(
            _("found %(what)s %(found)s, expected one of: %(known)s")
            % {"what": what, "found": word, "known": ", ".join(values)}
        ) from None
