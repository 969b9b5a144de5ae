"""What the authority says of factors and kilometres in its lists, in the form in which is calculated with it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import product

from django.utils.translation import gettext as _

from qingyuan.sensing.queries.vehicles import Said
from qingyuan_science.assess.vehicles.emitted import Kilometres
from qingyuan_science.assess.vehicles.factors import PER_DAY, PER_KM, Factor
from qingyuan_science.assess.vehicles.naming import (
    ALL_WORDS,
    FUELS,
    STAGES,
    fuel_of,
    pollutant_of,
    stage_of,
    vehicle_class,
)
from qingyuan_science.plugins import Source

_UNITS = {"": PER_KM, "g/km": PER_KM, "克/公里": PER_KM, "g/公里": PER_KM,
          "g/d": PER_DAY, "g/天": PER_DAY, "克/天": PER_DAY, "g/day": PER_DAY}  # fmt: skip


@dataclass(frozen=True)
class Unread:
    """A row that cannot be calculated with, and why."""

    list_code: str
    record: int
    why: str


@dataclass
class Own:
    """An authority's factors and kilometres, and its rows that say nothing that can be used."""

    factors: list[Factor] = field(default_factory=list)
    kilometres: list[Kilometres] = field(default_factory=list)
    unread: list[Unread] = field(default_factory=list)
    rows: int = 0
    records: dict[Factor | Kilometres, tuple[str, int]] = field(default_factory=dict)  # list and row of each

    def take_kilometres(self, code: str, rows: Iterable[Said]) -> None:
        """Read rows on kilometres."""
        for row in rows:
            self.rows += 1
            try:
                far = _kilometres(row)
            except ValueError as error:
                self.unread.append(Unread(code, row.record, str(error)))
            else:
                self.kilometres.append(far)
                self.records[far] = code, row.record

    def take_factors(self, code: str, rows: Iterable[Said]) -> None:
        """Read rows on factors; one for all fuels or all stages becomes one for each."""
        for row in rows:
            self.rows += 1
            try:
                found = _factors(row)
            except ValueError as error:
                self.unread.append(Unread(code, row.record, str(error)))
            else:
                self.factors += found
                self.records |= dict.fromkeys(found, (code, row.record))


def _kilometres(row: Said) -> Kilometres:
    fuel, stage = _part(row, "fuel"), _part(row, "stage")
    return Kilometres(_class(row), fuel, stage, _number(row, "kilometres"), _source(row))


def _factors(row: Said) -> list[Factor]:
    fuel, stage, written = _part(row, "fuel"), _part(row, "stage"), row.values.get("unit", "")
    unit, pollutant = _UNITS.get("".join(written.split()).lower()), pollutant_of(row.values["pollutant"])
    if unit is None:
        raise ValueError(_("Found unit “%(found)s”, expected g/km or g/d.") % {"found": written})
    if not pollutant:
        raise ValueError(_("Found pollutant “%(found)s”, expected CO, HC, NOx, PM2.5, PM10 or evaporated HC.") % {
            "found": row.values["pollutant"]})  # fmt: skip
    kinds = product([fuel] if fuel else FUELS, [stage] if stage else STAGES)
    return [
        Factor(_class(row), each, at, pollutant, _number(row, "factor"), unit, _source(row), own=True)
        for each, at in kinds
    ]


def _class(row: Said) -> str:
    found = vehicle_class(row.values["class"])
    if not found:
        raise ValueError(_("Found class “%(found)s”, expected one such as 重型货车.") % {"found": row.values["class"]})
    return found


def _part(row: Said, name: str) -> str:
    """The code of a fuel or a stage; empty for all."""
    written = row.values.get(name, "")
    if written.strip().lower() in ALL_WORDS:
        return ""
    found = fuel_of(written) if name == "fuel" else stage_of(written)
    if not found:
        expected = "柴油" if name == "fuel" else "国四"
        raise ValueError(_("Found “%(found)s”, expected a word such as %(expected)s or 全部.") % {
            "found": written, "expected": expected})  # fmt: skip
    return found


def _number(row: Said, name: str) -> float:
    value = float(row.values[name])
    if value < 0:
        raise ValueError(_("Found %(found)s, expected a number not below nought.") % {"found": row.values[name]})
    return value


def _source(row: Said) -> Source:
    return Source(row.values["document"], row.values.get("clause", ""))
