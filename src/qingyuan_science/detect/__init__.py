"""Detectors: each looks at one series at one place and says in a sentence what is wrong with it, against what."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import IntEnum
from types import MappingProxyType
from typing import Any, ClassVar

from qingyuan_science.detect._around import ORDERS, SERVICE, Meter, MeterRole, Neighbour, Record, RecordKind, Upstream
from qingyuan_science.detect._calm import Calm, Part
from qingyuan_science.detect._measured import measured
from qingyuan_science.plugins import Example, Plugin, Registry, Text
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import Factor, Limit, factor, limits_for

__all__ = [
    "DETECTORS",
    "HOURS",
    "MEANS",
    "ORDERS",
    "SERVICE",
    "Calm",
    "Context",
    "Detector",
    "Finding",
    "Meter",
    "MeterRole",
    "Neighbour",
    "Part",
    "Record",
    "RecordKind",
    "Severity",
    "Sign",
    "Upstream",
    "WorkedExample",
]


class Severity(IntEnum):
    """How grave a finding is; a greater number is graver."""

    NOTICE = 1
    MINOR = 2
    MAJOR = 3
    CRITICAL = 4

    @property
    def label(self) -> Text:
        """What people call this severity."""
        return _SEVERITY_LABELS[self]


_SEVERITY_LABELS = {
    Severity.NOTICE: Text("提示", "notice"),
    Severity.MINOR: Text("一般", "minor"),
    Severity.MAJOR: Text("较重", "major"),
    Severity.CRITICAL: Text("严重", "critical"),
}


@dataclass(frozen=True)
class Context:
    """What a detector is told beside the series.

    Parameters
    ----------
    place : Text
        What people call the place.
    factor : Factor
        What is measured.
    limits : tuple[Limit, ...]
        The limits that the place must keep, of every edition and averaging time that may apply.
    kind : str
        An `Averaging`: over which time the values of the series are taken.
    decimals : int
        Decimals with which values are shown.
    baseline : Series or None
        Earlier values of the same channel, held to be in order, from which a detector learns what is usual; it ends
        before the series begins. Left out, a detector that learns takes the first days of the series.
    beside : Mapping[tuple[str, str], Series]
        Other channels of the same station by code of the factor and basis (empty if it has none), covering the
        baseline too.
    neighbours : tuple[Neighbour, ...]
        The same factor at other stations.
    upstream : tuple[Upstream, ...]
        The same factor upstream.
    records : tuple[Record, ...]
        Maintenance, calibrations, orders, plans, complaints and inspections.
    electricity : tuple[Meter, ...]
        Meters of production and of treatment.
    weather : Mapping[str, Series]
        Weather by factor code.
    arrivals : Series or None
        How long after the end of its period each value arrived [s].
    unconverted : Series or None
        The same factor as measured, where the series is converted to reference oxygen: what counts for masses.
    annual_permit : Mapping[int, float]
        Total that the permit allows, by calendar year; a year that is not there has none [kg].
    thresholds : tuple[Limit, ...]
        What the authority set for itself, above which it wants to be alarmed; no limits of a standard.
    outlet : bool
        Whether the place is an outlet or a plant, so that the rules on monitoring of polluters hold; a river section or
        an air station is none.
    now : int or None
        The instant of looking; left out, nothing is said about the time after the last value [µs since 1970 in UTC].
    unheard : tuple[tuple[int, int], ...]
        Begin and end of each time in which nobody listened, so that nothing that is missing then was withheld [µs since
        1970 in UTC].
    whole_station : bool
        Whether no channel of the station sends any more, and not this one alone.
    odd : tuple[tuple[int, int], ...]
        Begin and end of what the detector itself told of the baseline's time, which was left out of it: nothing else of
        the station is learned from then either [µs since 1970 in UTC].
    """

    place: Text
    factor: Factor
    limits: tuple[Limit, ...]
    kind: str
    decimals: int
    baseline: Series | None = None
    beside: Mapping[tuple[str, str], Series] = field(default_factory=lambda: MappingProxyType({}))
    neighbours: tuple[Neighbour, ...] = ()
    upstream: tuple[Upstream, ...] = ()
    records: tuple[Record, ...] = ()
    electricity: tuple[Meter, ...] = ()
    weather: Mapping[str, Series] = field(default_factory=lambda: MappingProxyType({}))
    arrivals: Series | None = None
    unconverted: Series | None = None
    annual_permit: Mapping[int, float] = field(default_factory=lambda: MappingProxyType({}))
    thresholds: tuple[Limit, ...] = ()
    outlet: bool = True
    now: int | None = None
    unheard: tuple[tuple[int, int], ...] = ()
    whole_station: bool = False
    odd: tuple[tuple[int, int], ...] = ()

    def channel(self, code: str) -> Series | None:
        """Return the channel beside with that factor, whatever its basis.

        Parameters
        ----------
        code : str
            Code of the factor.

        Returns
        -------
        Series or None
            The first by name of its basis, or None if there is none.
        """
        found = sorted(basis for known, basis in self.beside if known == code)
        return self.beside[code, found[0]] if found else None


@dataclass(frozen=True)
class Sign:
    """One line of the table by which a finding explains itself.

    Parameters
    ----------
    name : Text
        What was looked at.
    value : float
        What was found [unit].
    low, high : float or None
        Between which values it was expected; None where there is no bound [unit].
    unit : str
        Unit of the three.
    of_each : bool
        Whether the bounds hold for each value of the series that was judged, so that a chart can draw them.
    told_at : bool
        Whether a value that stands at a bound is told too, so that what is expected is less, or more, than the bound.
    """

    name: Text
    value: float
    low: float | None
    high: float | None
    unit: str
    of_each: bool = False
    told_at: bool = False


@dataclass(frozen=True)
class Finding:
    """What a detector found.

    Parameters
    ----------
    detector, factor : str
        Code of the detector and of the factor.
    start, end : int
        Start of the first value concerned and end of the last one [µs since 1970 in UTC].
    severity : Severity
        How grave it is.
    peak : float
        The value that shows it most [unit of the series].
    limit : Limit or None
        The limit that the peak is held against, as its standard prints it.
    times_over : float
        How far the peak lies beyond the limit, as a multiple of it; where there is no limit, how far the sign lies
        beyond its threshold, as a multiple of that [1].
    sentence : Text
        The finding in one sentence, with place, value, limit, clause and duration.
    clause : Text
        Standard and clause.
    ongoing : bool
        Whether coming values may still lengthen it; once False, nothing in it changes any more.
    evidence : tuple[tuple[int, float], ...]
        The valid values of the time concerned, each with its time [µs, unit of the series]; a detector of missing
        values has none.
    confidence : float
        Share of the due values in that time that were there and valid [1].
    signs : tuple[Sign, ...]
        What was found beside what was expected, the telling one first.
    title : Text or None
        What to call it in place of the detector's title, where that would say more than was found; without the factor.
    """

    detector: str
    factor: str
    start: int
    end: int
    severity: Severity
    peak: float
    limit: Limit | None
    times_over: float
    sentence: Text
    clause: Text
    ongoing: bool
    evidence: tuple[tuple[int, float], ...]
    confidence: float
    signs: tuple[Sign, ...] = ()
    title: Text | None = None


HOURS = (Averaging.HOUR,)  # what judges days by habits learned from days was made, and tried, on hour means
MEANS = (Averaging.MINUTE, Averaging.TEN_MINUTE, Averaging.HOUR, Averaging.DAY)


@dataclass(frozen=True)
class Detector(Plugin):
    """Base of the detectors.

    Notes
    -----
    ``validity`` says where the method holds and where it stays silent or errs. ``looks_back_days`` is how much of the
    channel's past it needs, as baseline or at the head of the series [d]; it ``learns`` from that what is usual, or
    takes it as it is, odd times and all. ``needs`` names the fields of `Context` without which it says nothing,
    ``uses`` those that it takes into account where they are given. Detectors of one
    ``cause`` tell of the same thing when they speak of one place and time; one without tells of its own.
    ``averagings`` are the averaging times of the values for which its method and its settings are made.
    ``of_factor`` says whether what it finds is of the factor itself, so that a title begins with it; an order that was
    not carried out shows in a flow or a power, and is not theirs. ``of_station`` says that what begins at several
    channels of a station at the same time is one happening: they share a data logger and a line.
    ``heeds`` names the kinds of records that it takes notice of, all of them where it names none. ``at_once`` says of
    one that looks back that it need not wait until a day is over: what it says of an hour hangs on that hour and on
    what was before the orders that it heeds, or before the series. ``held_against`` says of a factor against which
    others, measured beside it, its values are held instant by instant; who comes with these late has it judged again.
    """

    kind: ClassVar[Text] = Text("检测器", "Detectors")
    validity: ClassVar[Text] = Text("", "")
    looks_back_days: ClassVar[int] = 0
    learns: ClassVar[bool] = True
    needs: ClassVar[tuple[str, ...]] = ()
    uses: ClassVar[tuple[str, ...]] = ()
    cause: ClassVar[str] = ""
    averagings: ClassVar[tuple[Averaging, ...]] = tuple(Averaging)
    of_factor: ClassVar[bool] = True
    of_station: ClassVar[bool] = False
    heeds: ClassVar[tuple[RecordKind, ...]] = ()
    at_once: ClassVar[bool] = False
    held_against: ClassVar[Mapping[str, frozenset[str]]] = {}

    @classmethod
    def takes(cls) -> frozenset[str]:
        """Name the fields of `Context` that are worth fetching for it.

        Returns
        -------
        frozenset[str]
            What it needs and what it uses, with the baseline where it looks back.
        """
        return frozenset((*cls.needs, *cls.uses, *(("baseline",) if cls.looks_back_days else ())))

    @classmethod
    def heeds_any(cls, kinds: Collection[RecordKind]) -> bool:
        """Whether it takes notice of records of some kind.

        Parameters
        ----------
        kinds : collection of RecordKind
            What the records are about.

        Returns
        -------
        bool
            False for a detector that takes no records at all.
        """
        return "records" in cls.takes() and (not cls.heeds or not set(cls.heeds).isdisjoint(kinds))

    @classmethod
    def remarks(cls) -> tuple[Text, ...]:
        """Say where it holds, which values it takes, and what it was worth on real data.

        Returns
        -------
        tuple[Text, ...]
            Validity, averaging times, what it can promise, and a line of scores for each set of data.
        """
        taken = [one.label for one in cls.averagings]
        if cls.averagings == tuple(Averaging):
            taken = [Text("任何平均时间", "any averaging time")]
        return (
            Text(f"适用范围：{cls.validity.zh}", f"Validity: {cls.validity.en}"),
            Text(f"适用数据：{'、'.join(one.zh for one in taken)}", f"Values: {', '.join(one.en for one in taken)}"),
            *cls.promises(),
            *measured(cls.code),
        )

    @classmethod
    def promises(cls) -> tuple[Text, ...]:
        """Say what its budget of false findings rests on; nothing where it has none.

        Returns
        -------
        tuple[Text, ...]
            A remark, or none.
        """
        return ()

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Look for what this detector knows.

        Parameters
        ----------
        series : Series
            Values of one factor at one place; they are not altered.
        context : Context
            Place, factor and limits.

        Returns
        -------
        list[Finding]
            The findings, earliest first; the same for the same input. What comes later never changes a finding that
            is no longer ongoing.
        """
        raise NotImplementedError(f"{type(self).__name__} does not say what it looks for")

    def calm(self, unit: str, context: Context) -> Calm | None:
        """Tell what readings must be like for this detector to find nothing, so that it need not look at each.

        Parameters
        ----------
        unit : str
            Unit of the series.
        context : Context
            Place, factor and limits; of what lies around it matters whether it is there and its unit, not its values.

        Returns
        -------
        Calm or None
            None if it cannot be told from single readings, so that it has to look.
        """
        return None


DETECTORS = Registry(Detector)


@dataclass(frozen=True)
class WorkedExample(Example):
    """A worked example of a detector, from which its series and context are made.

    Parameters
    ----------
    given, expected : Text, tuple[Text, ...]
        The situation, and the sentence of each finding.
    place : Text
        What people call the place.
    factor, medium : str, str or None
        Code of the factor, and its medium where the unit depends on it.
    standard, level : str
        Where the limits come from; empty if the example needs none.
    kind : str
        Over which time the values are taken.
    start : str
        Time of the first value in ISO 8601, with zone.
    values, marks : tuple[float, ...], str
        The values and one letter for each; all valid if no letter is given.
    around : Callable or None
        Makes the further fields of the context from the series, by name.
    """

    place: Text
    factor: str
    standard: str
    level: str
    kind: str
    start: str
    values: tuple[float, ...]
    marks: str = ""
    medium: str | None = None
    around: Callable[[Series], dict[str, Any]] | None = None

    def series(self) -> Series:
        """Return the series of the example.

        Returns
        -------
        Series
            The values in the unit of the factor.
        """
        unit = factor(self.factor, medium=self.medium).unit
        step = Averaging(self.kind).seconds or 1
        marks = self.marks or None
        return Series.starting(datetime.fromisoformat(self.start), self.values, marks, unit=unit, step=step)

    def context(self) -> Context:
        """Return the context of the example.

        Returns
        -------
        Context
            Place, factor and the limits of all editions.
        """
        measured = factor(self.factor, medium=self.medium)
        limits = limits_for(measured, self.standard, self.level, None) if self.standard else ()
        plain = Context(self.place, measured, limits, self.kind, measured.decimals)
        return replace(plain, **self.around(self.series())) if self.around else plain
