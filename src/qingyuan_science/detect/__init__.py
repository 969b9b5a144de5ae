"""Detectors: each looks at one series at one place and says in a sentence what is wrong with it, against what."""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import ClassVar

from qingyuan_science.plugins import Example, Plugin, Registry, Text
from qingyuan_science.series import Averaging, Series
from qingyuan_science.standards import Factor, Limit, factor, limits_for


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
    """

    place: Text
    factor: Factor
    limits: tuple[Limit, ...]
    kind: str
    decimals: int


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
        How far the peak lies beyond the limit, as a multiple of it [1].
    sentence : Text
        The finding in one sentence, with place, value, limit, clause and duration.
    clause : Text
        Standard and clause.
    ongoing : bool
        Whether coming values may still lengthen it; once False, nothing in it changes any more.
    evidence : tuple[tuple[int, float], ...]
        The valid values of the time concerned, each with its time [µs, unit of the series].
    confidence : float
        Share of the due values in that time that were there and valid [1].
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


@dataclass(frozen=True)
class Detector(Plugin):
    """Base of the detectors."""

    kind: ClassVar[Text] = Text("检测器", "Detectors")

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
        Where the limits come from.
    kind : str
        Over which time the values are taken.
    start : str
        Time of the first value in ISO 8601, with zone.
    values, marks : tuple[float, ...], str
        The values and one letter for each.
    """

    place: Text
    factor: str
    standard: str
    level: str
    kind: str
    start: str
    values: tuple[float, ...]
    marks: str
    medium: str | None = None

    def series(self) -> Series:
        """Return the series of the example.

        Returns
        -------
        Series
            The values in the unit of the factor.
        """
        unit = factor(self.factor, medium=self.medium).unit
        step = Averaging(self.kind).seconds or 1
        return Series.starting(datetime.fromisoformat(self.start), self.values, self.marks, unit=unit, step=step)

    def context(self) -> Context:
        """Return the context of the example.

        Returns
        -------
        Context
            Place, factor and the limits of all editions.
        """
        measured = factor(self.factor, medium=self.medium)
        limits = limits_for(measured, self.standard, self.level, None)
        return Context(self.place, measured, limits, self.kind, measured.decimals)
