"""Reads of what stored forecasts of channels were worth, and of the hours that each score is made of."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from qingyuan.forecasting.models import Forecast
from qingyuan.forecasting.queries.channels import KINDS
from qingyuan.people.queries import User
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import channels
from qingyuan_science.forecast import Score, score, within
from qingyuan_science.series import microseconds, moment, overlaid

AN_HOUR = timedelta(hours=1)
HOUR_US = 3_600_000_000
LEADS = (1, 2, 3, 6, 12, 24, 48, 72)  # hours ahead that scores are told of


@dataclass(frozen=True)
class LeadScore:
    """What stored forecasts were worth some hours ahead, beside persistence and what is usual over the same hours.

    Parameters
    ----------
    lead : int
        Hours from the newest valid hour to the forecast one. [h]
    ours, persistence, usual : Score or None
        Errors as a share of the mean of what came at each channel [1]; None where nothing can be compared. `usual` is
        over the hours at which it was known.
    ours_beside_usual : Score or None
        Ours over the hours of `usual`.
    """

    lead: int
    ours: Score
    persistence: Score
    usual: Score | None
    ours_beside_usual: Score | None


def scores(viewer: User, start: datetime, end: datetime, channel_ids: Collection[int] | None = None) -> list[LeadScore]:
    """Hold stored forecasts against what came.

    Parameters
    ----------
    viewer : User
    start, end : datetime
        When they were issued; aware.
    channel_ids : collection of int, optional
        All channels of the viewer's territory when left out.

    Returns
    -------
    list of LeadScore
        One a lead of `LEADS` of which an hour came with a valid value.

    Notes
    -----
    Each hour is divided by the mean of what came at its channel in that time, so that channels of different units and
    sizes count alike.
    """
    found: dict[int, list[list[float]]] = defaultdict(list)
    for one in _pairs(viewer, (start, end), LEADS, channel_ids):
        usual = float("nan") if one.usual is None else one.usual
        figures = (one.came, one.value, one.low, one.high, one.newest, usual)
        found[one.lead].append([figure / one.level for figure in figures])
    return [one for lead in LEADS if found[lead] for one in _scored(lead, np.array(found[lead]))]


@dataclass(frozen=True)
class Pair:
    """A forecast hour beside the valid value that came.

    Parameters
    ----------
    forecast : Forecast
        Without limits, chances and basis.
    lead : int
        Hours from the newest valid hour to this one. [h]
    at : datetime
        Begin of the hour.
    came, value, low, high, newest : float
        What came; median and bounds of the interval as stored; the newest value that the forecast rested on, which
        persistence carries on. [unit of the channel]
    usual : float or None
        What was told to be usual at that hour. [unit of the channel]
    level : float
        Mean of what came at the channel, of which errors are told as a share. [unit of the channel]
    """

    forecast: Forecast
    lead: int
    at: datetime
    came: float
    value: float
    low: float
    high: float
    newest: float
    usual: float | None
    level: float

    @property
    def error(self) -> float:
        """How far the median was off, as a share. [1]"""
        return abs(self.value - self.came) / self.level

    @property
    def persistence(self) -> float:
        """How far the newest value was off, as a share. [1]"""
        return abs(self.newest - self.came) / self.level

    @property
    def usual_error(self) -> float | None:
        """How far the usual was off, as a share. [1]"""
        return None if self.usual is None else abs(self.usual - self.came) / self.level

    @property
    def inside(self) -> bool:
        """Whether what came lies within the interval."""
        came, low, high = (np.array([figure]) for figure in (self.came, self.low, self.high))
        return bool(within(came, low, high)[0])


def pairs(viewer: User, start: datetime, end: datetime, lead: int) -> list[Pair]:
    """The forecast hours that the scores of one lead are made of.

    Parameters
    ----------
    viewer : User
    start, end : datetime
        When they were issued; aware.
    lead : int
        One of `LEADS`. [h]

    Returns
    -------
    list of Pair
        As many as `LeadScore.ours.count`, the latest hour first.
    """
    found = list(_pairs(viewer, (start, end), (lead,), None))
    return sorted(found, key=lambda one: (one.at, -one.forecast.channel_id), reverse=True)


def _pairs(
    viewer: User, span: tuple[datetime, datetime], leads: Sequence[int], channel_ids: Collection[int] | None
) -> Iterator[Pair]:
    own, (start, end) = channels(viewer), span
    wanted = own if channel_ids is None else own.filter(pk__in=channel_ids)
    rows = Forecast.objects.filter(channel__in=wanted.values("pk"), issued_at__gte=start, issued_at__lt=end)
    by_channel: dict[int, list[Forecast]] = defaultdict(list)
    for one in rows.defer("basis_zh", "basis_en", "limits", "chance").order_by("issued_at"):
        by_channel[one.channel_id].append(one)
    came = _came(sorted(by_channel), start, end) if by_channel else {}
    for channel, several in by_channel.items():
        level = float(np.mean(list(came[channel].values()))) if came[channel] else 0.0
        if level > 0.0:
            for one in several:
                yield from _hours(one, leads, came[channel], level)


def _hours(one: Forecast, leads: Sequence[int], came: dict[int, float], level: float) -> Iterator[Pair]:
    passed = round((one.starts_at - one.rests_on) / AN_HOUR)
    for lead in leads:
        place = lead - passed
        at = microseconds(one.rests_on) + lead * HOUR_US
        if 0 <= place < len(one.value) and at in came:
            usual = one.usual[place] if place < len(one.usual) else None
            usual = None if usual is None or not np.isfinite(usual) else usual
            figures = one.value[place], one.low[place], one.high[place], one.newest
            yield Pair(one, lead, moment(at), came[at], *figures, usual, level)


def _came(ids: Sequence[int], start: datetime, end: datetime) -> dict[int, dict[int, float]]:
    """Valid hour values by channel and begin of the hour [µs]."""
    until = end + timedelta(hours=max(LEADS) + 8)
    parts = [recording.windows(ids, kind, start - timedelta(hours=8), until) for kind in KINDS]
    found = {}
    for channel in ids:
        series = overlaid([part[channel] for part in parts])
        found[channel] = dict(zip(series.at[series.valid].tolist(), series.value[series.valid].tolist(), strict=True))
    return found


def _scored(lead: int, lines: NDArray[np.float64]) -> list[LeadScore]:
    came, value, low, high, newest, usual = lines.T
    ours, persistence = score(came, value, low, high), score(came, newest)
    if ours is None or persistence is None:
        return []
    beside = np.where(np.isfinite(usual), came, np.nan)
    return [LeadScore(lead, ours, persistence, score(beside, usual), score(beside, value))]
