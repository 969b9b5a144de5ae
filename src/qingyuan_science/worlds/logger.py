"""What a logger remembers between two messages, and how it can be told to misbehave."""

from collections import deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals.samples import STEP

_MOST_ENTRIES = 1000
_FIRST_KEY = b"0" * 16


@dataclass(frozen=True)
class Behaviour:
    """How a device answers requests.

    Parameters
    ----------
    silent : bool
        It answers no request at all.
    qn_rtn : int
        What it answers to requests that it could take; 2 refuses, 100 does not say why.
    exe_rtn : int
        How it says that execution ended; 5 is busy. Other than 1, nothing is executed.
    slow : float
        How long it takes between 9011 and what follows. [s]
    skew : timedelta
        How far its clock is ahead at first; setting the clock ends it.
    """

    silent: bool = False
    qn_rtn: int = 1
    exe_rtn: int = 1
    slow: float = 0.0
    skew: timedelta = timedelta()


ORDERLY = Behaviour()
"""Answers everything at once."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the operation log. [`at`: UTC, true time]"""

    at: datetime
    factor: str
    text: str


@dataclass(frozen=True, slots=True)
class Check:
    """One held against a standard sample. [unit of the factor]"""

    at: datetime
    factor: str
    reading: float
    standard: float


@dataclass
class Logger:
    """Settings and memory of one logger; they outlive its connections.

    Parameters
    ----------
    mn, pw : str
        Identity and password.
    key : bytes
        SM4 key, used where the dialect has a cipher.
    clock_offset : timedelta
        How far its clock is ahead.
    over_time : float
        How long it waits for an answer. [s]
    re_count : int
        How often it repeats. [1]
    realtime_interval, minute_interval : int
        Between real-time messages [s], between minute data. [min]
    realtime, states : bool
        Whether it sends real-time values, and changes of its state.
    busy_with, busy_until : str, datetime or None
        State that it reports (RS) while calibrating or cleaning, and until when.
    texts : dict of str to str
        Settings that are kept as sent: WarnTime, AlarmTarget, ReportTime.
    limits : dict of str to (float, float)
        Alarm limits by factor. [unit of the factor]
    sampling : dict of str to (str, str)
        First sampling hhmmss, and period in hours, by factor.
    sampling_times : dict of str to tuple of str
        Hours of sampling by factor (HJ/T 212-2005).
    parameters : dict of (str, str) to str
        Parameters by factor and code of site information.
    bottle : int
        Number of the bottle used last.
    log, checks : deque
        What happened, the last thousand each.
    """

    mn: str
    pw: str
    key: bytes = _FIRST_KEY
    clock_offset: timedelta = timedelta()
    over_time: float = 10.0
    re_count: int = 3
    realtime_interval: int = STEP
    minute_interval: int = 10
    realtime: bool = True
    states: bool = False
    busy_with: str = ""
    busy_until: datetime | None = None
    texts: dict[str, str] = field(
        default_factory=lambda: {"WarnTime": "5", "AlarmTarget": "010-12345678", "ReportTime": "0030"}
    )
    limits: dict[str, tuple[float, float]] = field(default_factory=dict)
    sampling: dict[str, tuple[str, str]] = field(default_factory=dict)
    sampling_times: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parameters: dict[tuple[str, str], str] = field(default_factory=dict)
    bottle: int = 0
    log: deque[Entry] = field(default_factory=lambda: deque(maxlen=_MOST_ENTRIES))
    checks: deque[Check] = field(default_factory=lambda: deque(maxlen=_MOST_ENTRIES))

    @classmethod
    def of(cls, station: Station, behaviour: Behaviour) -> "Logger":
        """Make the logger of a station as it was delivered.

        Parameters
        ----------
        station : Station
        behaviour : Behaviour
            How far its clock is off.

        Returns
        -------
        Logger
        """
        made = cls(mn=station.mn, pw=station.pw, clock_offset=behaviour.skew)
        for profile in station.profiles:
            for code, value in (("i13001", "0-1000"), ("i13003", "10"), ("i13007", "0"), ("i13008", "1")):
                made.parameters[profile.factor, code] = value
        return made

    def note(self, at: datetime, factor: str, text: str) -> None:
        """Write a line into the operation log.

        Parameters
        ----------
        at : datetime
            Aware; true time.
        factor, text : str
            Which instrument, and what happened.
        """
        self.log.append(Entry(at, factor, text))

    def next_bottle(self) -> int:
        """Take the next bottle.

        Returns
        -------
        int
            Its number, 1 to 99.
        """
        self.bottle = self.bottle % 99 + 1
        return self.bottle
