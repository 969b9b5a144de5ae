"""What messages tell apart from values of factors, as small records.

Times are aware and in UTC; `at` is DataTime, None where it was not sent. What was sent stands in the record as text
wherever it has no unit that the standard fixes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time

from qingyuan_science.hj212.codes import Information, State


@dataclass(frozen=True, slots=True)
class Beside:
    """What a message of means says of a factor beside its readings, as sent: of 2025 RawAvg, the maker's flag, others.

    `at` is the start of the period. `items` are kinds of value, written as the standard does, and their texts.
    """

    at: datetime | None
    factor: str
    cn: str
    items: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class InstallationState:
    """State of an installation, 2021; `meaning` is None for a value that the standard does not name."""

    at: datetime | None
    installation: str
    value: str
    meaning: State | None


@dataclass(frozen=True, slots=True)
class RunningTime:
    """How long an installation ran on a day, 2041. [h]"""

    at: datetime | None
    installation: str
    hours: float


@dataclass(frozen=True, slots=True)
class Boot:
    """The logger started, 2081."""

    at: datetime | None
    restarted_at: datetime


@dataclass(frozen=True, slots=True)
class Alarm:
    """A factor left its limits or came back, 2071 and 2072 (HJ/T 212-2005).

    `raised` is None where AlarmType was not sent. [`value`: unit of the factor]
    """

    at: datetime | None
    factor: str
    value: float | None
    raised: bool | None


@dataclass(frozen=True, slots=True)
class AlarmLimits:
    """Between what a factor may lie, 1021 (HJ/T 212-2005). [unit of the factor]"""

    factor: str
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class RetainedSample:
    """A sample went into a bottle, 3015."""

    at: datetime | None
    bottle: int


@dataclass(frozen=True, slots=True)
class SerialNumber:
    """Serial number of the instrument for a factor, 3019."""

    at: datetime | None
    factor: str
    number: str


@dataclass(frozen=True, slots=True)
class SiteInformation:
    """A log, a state or a parameter of an instrument, the logger or auxiliary equipment, 3020 and 3021.

    `factor` names the instrument, empty for others; `about` is None for a code that the standard does not have;
    `meaning` is for coded states. A log stands without its ``//``.
    """

    at: datetime | None
    factor: str
    code: str
    value: str
    about: Information | None
    meaning: State | None


@dataclass(frozen=True, slots=True)
class StandardCheck:
    """An instrument was held against a standard sample, 2062 (HJ 212-2025). [unit of the factor]"""

    at: datetime | None
    factor: str
    reading: float | None
    standard: float | None
    passed: bool | None


@dataclass(frozen=True, slots=True)
class CycleData:
    """One cycle of an analyser, 2013 (HJ 212-2025). [`mean`: unit of the factor]"""

    at: datetime | None
    factor: str
    sampled_at: datetime | None
    completed_at: datetime | None
    sample_type: str
    mean: float | None
    information: str
    flag: str


@dataclass(frozen=True, slots=True)
class Clock:
    """What a device's clock shows, 1011; `factor` names the instrument, empty for the logger."""

    factor: str
    shows: datetime


@dataclass(frozen=True, slots=True)
class ClockWanted:
    """A device asks to have its clock set, 1013."""

    factor: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting of the logger: an interval (1061, 1063), the host's address (1031), the report time (1041).

    `number` is None where the value is text by nature.
    """

    name: str
    value: str
    number: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class SamplingPeriod:
    """When samples are taken, 3017, and how long one sampling takes, 3018. [`every`: h, `lasts`: min]"""

    factor: str
    first: time | None
    every: int | None
    lasts: int | None


@dataclass(frozen=True, slots=True)
class HardwareIdentity:
    """Who a logger is before it has a network code, 1001 (HJ 212-2025, second-hand)."""

    serial: str
    cpu: str
    macs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyWanted:
    """A device asks for a new key, 1014 (HJ 212-2025, second-hand)."""


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """The device is there, 9015."""


@dataclass(frozen=True, slots=True)
class Unread:
    """A value that could not be read: where it stood, what stood there, what was expected."""

    name: str
    value: str
    expected: str


Report = (
    Beside
    | InstallationState
    | RunningTime
    | Boot
    | Alarm
    | AlarmLimits
    | RetainedSample
    | SerialNumber
    | SiteInformation
    | StandardCheck
    | CycleData
    | Clock
    | ClockWanted
    | Setting
    | SamplingPeriod
    | HardwareIdentity
    | KeyWanted
    | Heartbeat
    | Unread
)
"""One thing that a message tells."""
