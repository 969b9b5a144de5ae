"""Tracers: which of the known sources may have caused what was seen, how probable each is, and what speaks for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

from qingyuan_science.plugins import Example, IncompletePlugin, Plugin, Registry, Text
from qingyuan_science.series import Series
from qingyuan_science.standards import Factor

__all__ = [
    "TRACERS",
    "Candidate",
    "Evidence",
    "Seen",
    "Sight",
    "Suspect",
    "Traced",
    "Tracer",
    "WorkedTrace",
]


@dataclass(frozen=True)
class Seen:
    """What was seen, for which a source is sought.

    Parameters
    ----------
    place : Text
        What people call the station.
    factor : Factor
        What was seen there.
    series : Series
        Hour values of it, from `Tracer.looks_back_days` before up to its end. [unit of the factor]
    start, end : int
        When it was above what is ordinary. [µs since 1970 in UTC]
    wind_from, wind_speed : Series or None
        Hour values of the wind there: where it comes from [° from north, clockwise], and how fast [m/s].
    """

    place: Text
    factor: Factor
    series: Series
    start: int
    end: int
    wind_from: Series | None = None
    wind_speed: Series | None = None


@dataclass(frozen=True)
class Sight:
    """A monitor that sees what passes it on the way: at the source itself, or at a section further down.

    Parameters
    ----------
    code : str
        The same monitor has the same code wherever it is passed.
    place : Text
    series : Series
        Hour values of the substance there, over the same time as `Seen.series`; empty where there are none.
    travel_s : float
        From there to where it was seen. [s]
    """

    code: str
    place: Text
    series: Series
    travel_s: float


@dataclass(frozen=True)
class Candidate:
    """A known source from which it may have come.

    Parameters
    ----------
    code : str
    name : Text
    own : tuple of Sight
        Monitors at the source.
    passed : tuple of Sight
        Monitors that its water passes between it and the place, nearest the source first.
    bearing, distance_m : float or None
        Where it lies seen from the place. [° from north, clockwise; m]
    permitted : bool or None
        Whether its permit names the substance; None where no permit is known.
    doubts : tuple of Text
        What was found there in that time that hides or explains a discharge, such as treatment without power; a
        sentence each.
    doubtful_share : float
        Share of its days before with such a finding. [1]
    confirmed, refuted : int
        How often people went there for something seen at the same place, and found it to be the source, or not.
    """

    code: str
    name: Text
    own: tuple[Sight, ...] = ()
    passed: tuple[Sight, ...] = ()
    bearing: float | None = None
    distance_m: float | None = None
    permitted: bool | None = None
    doubts: tuple[Text, ...] = ()
    doubtful_share: float = 0.0
    confirmed: int = 0
    refuted: int = 0


@dataclass(frozen=True)
class Evidence:
    """What one thing says about a suspect.

    Parameters
    ----------
    code : str
        Kind of evidence.
    says : Text
        In one sentence, with its figures.
    log_likelihood : float
        Natural logarithm of how much more probable it is if this is the source than if it is not; nought where it says
        nothing. [1]
    """

    code: str
    says: Text
    log_likelihood: float


@dataclass(frozen=True)
class Suspect:
    """A candidate with the probability of being the source.

    Parameters
    ----------
    code : str
        That of the candidate.
    probability : float
        Given that there is one source. [1]
    evidence : tuple of Evidence
        Everything that was looked at, also what says nothing and what speaks against it.
    """

    code: str
    probability: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Traced:
    """What a tracer says.

    Parameters
    ----------
    suspects : tuple of Suspect
        Every candidate, the most probable first.
    unknown : float
        Probability that it was none of them; together with those of the suspects it makes one. [1]
    cannot_tell : Text or None
        Why nobody is named; None where the first stands out.
    sentence : Text
        What was found, in one sentence.
    look_next : str
        Code of the candidate where a sample would tell the most; empty where none would.
    """

    suspects: tuple[Suspect, ...]
    unknown: float
    cannot_tell: Text | None
    sentence: Text
    look_next: str = ""


@dataclass(frozen=True)
class Tracer(Plugin):
    """Base of the tracers.

    Notes
    -----
    ``validity`` says where the method holds. ``version`` changes whenever the same input gives another answer.
    ``looks_back_days`` is how much of the past it takes to know what is ordinary [d]. ``along`` says how it came,
    with the ``water`` or through the ``air``, by which candidates are gathered.
    """

    kind: ClassVar[Text] = Text("溯源器", "Tracers")
    validity: ClassVar[Text] = Text("", "")
    version: ClassVar[str] = "1"
    looks_back_days: ClassVar[int] = 30
    along: ClassVar[str] = ""

    def __init_subclass__(cls, **settings: Any) -> None:
        """Refuse a class that says of a way that nobody knows.

        Raises
        ------
        IncompletePlugin
            ``along`` is neither ``water`` nor ``air``.
        """
        super().__init_subclass__(**settings)
        if cls.code and cls.along not in ("water", "air"):
            raise IncompletePlugin(f"{cls.__qualname__}: found along {cls.along!r}, expected 'water' or 'air'")

    @classmethod
    def remarks(cls) -> tuple[Text, ...]:
        """Say where it holds, which version it is, and how far it looks back.

        Returns
        -------
        tuple[Text, ...]
        """
        return (
            Text(f"适用范围：{cls.validity.zh}", f"Validity: {cls.validity.en}"),
            Text(
                f"版本 {cls.version}；用此前 {cls.looks_back_days} 天的小时值判断何为平常",
                f"Version {cls.version}; what is ordinary is told from the {cls.looks_back_days} days before",
            ),
        )

    def trace(self, seen: Seen, candidates: tuple[Candidate, ...]) -> Traced:
        """Rank candidates by how well they explain what was seen.

        Parameters
        ----------
        seen : Seen
        candidates : tuple of Candidate
            Known sources from which it can have come at all; nothing is altered.

        Returns
        -------
        Traced
            The same for the same input, in whatever order the candidates stand.
        """
        raise NotImplementedError(f"{type(self).__name__} does not rank candidates")


TRACERS = Registry(Tracer)
Situation = Callable[[], tuple[Seen, tuple[Candidate, ...]]]


@dataclass(frozen=True)
class WorkedTrace(Example):
    """A worked example of a tracer; what is expected is its sentence.

    Parameters
    ----------
    situation : callable
        Makes what was seen and the candidates, made only when asked for because of their many values.
    order : tuple of str
        Codes of the candidates, the most probable first.
    named : bool
        Whether the first must be named; otherwise it must say that it cannot tell.
    """

    situation: Situation
    order: tuple[str, ...]
    named: bool
