"""Reads of forecasts of channels."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db.models import QuerySet
from numpy.typing import NDArray

from qingyuan.forecasting.models import Forecast, ForecastRule, Issue, Standing
from qingyuan.forecasting.told import digest
from qingyuan.people.queries import User
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel, channels
from qingyuan_science.forecast import FORECASTERS, Score, score
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.series import microseconds, overlaid

__all__ = [
    "FORECASTERS",
    "Forecast",
    "ForecastRule",
    "Issue",
    "LeadScore",
    "Standing",
    "forecaster_title",
    "forecasts_of_issue",
    "hash_holds",
    "newest_forecast",
    "scores",
    "standings",
]

AN_HOUR = timedelta(hours=1)
US = 1_000_000
LEADS = (1, 2, 3, 6, 12, 24, 48, 72)  # hours ahead that scores are told of


def standings(viewer: User) -> QuerySet[Standing]:
    """How forecasting stands at the channels of the viewer's territory that are to be forecast.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    QuerySet of Standing
        With forecast, channel and station.
    """
    own = channels(viewer).values("pk")
    related = ("forecast", "channel__station__enterprise", "channel__station__cell")
    return Standing.objects.filter(watched=True, channel__in=own).select_related(*related)


def newest_forecast(channel: Channel, since: datetime) -> Forecast | None:
    """The newest forecast of a channel.

    Parameters
    ----------
    channel : Channel
        Of the viewer's territory.
    since : datetime
        One issued earlier is left out.

    Returns
    -------
    Forecast or None
    """
    return Forecast.objects.filter(channel=channel, issued_at__gte=since).first()


def forecasts_of_issue(issue_id: int) -> list[Forecast]:
    """The forecasts that were stored together.

    Parameters
    ----------
    issue_id : int

    Returns
    -------
    list of Forecast
        With rule, channel and station; empty where they are kept no longer.
    """
    related = ("rule", "channel__station__enterprise")
    return list(Forecast.objects.filter(issue=issue_id).select_related(*related).order_by("channel"))


def hash_holds(issue_id: int, sha256: str) -> bool:
    """Whether forecasts still say what the log says they said.

    Parameters
    ----------
    issue_id : int
    sha256 : str
        From the line of the log.

    Returns
    -------
    bool
    """
    return digest(Forecast.objects.filter(issue=issue_id)) == sha256


def forecaster_title(code: str) -> Text:
    """What people call a forecaster.

    Parameters
    ----------
    code : str

    Returns
    -------
    Text
        The code itself where it is no longer installed.
    """
    try:
        return FORECASTERS.get(code).title
    except PluginError:
        return Text(code, code)


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
    own = channels(viewer)
    wanted = own if channel_ids is None else own.filter(pk__in=channel_ids)
    rows = Forecast.objects.filter(channel__in=wanted.values("pk"), issued_at__gte=start, issued_at__lt=end)
    by_channel: dict[int, list[Forecast]] = defaultdict(list)
    for one in rows.defer("basis_zh", "basis_en", "limits", "chance").order_by("issued_at"):
        by_channel[one.channel_id].append(one)
    found: dict[int, list[NDArray[np.float64]]] = defaultdict(list)
    came = _came(sorted(by_channel), start, end) if by_channel else {}
    for channel, several in by_channel.items():
        for lead, lines in _at_leads(several, came[channel]).items():
            found[lead].append(lines)
    return [one for lead in LEADS if found[lead] for one in _scored(lead, np.concatenate(found[lead]))]


def _came(ids: Sequence[int], start: datetime, end: datetime) -> dict[int, dict[int, float]]:
    """Valid hour values by channel and begin of the hour [µs]."""
    until = end + timedelta(hours=max(LEADS) + 8)
    parts = [recording.windows(ids, kind, start - timedelta(hours=8), until) for kind in "hH"]
    found = {}
    for channel in ids:
        series = overlaid([part[channel] for part in parts])
        found[channel] = dict(zip(series.at[series.valid].tolist(), series.value[series.valid].tolist(), strict=True))
    return found


def _at_leads(several: Sequence[Forecast], came: dict[int, float]) -> dict[int, NDArray[np.float64]]:
    """For each lead a line an hour: what came, median, bounds, persistence, usual; as shares of the mean that came."""
    level = float(np.mean(list(came.values()))) if came else 0.0
    if not level > 0.0:
        return {}
    found: dict[int, list[list[float]]] = defaultdict(list)
    for one in several:
        passed = round((one.starts_at - one.rests_on) / AN_HOUR)
        for lead in LEADS:
            place = lead - passed
            at = microseconds(one.rests_on) + lead * 3600 * US
            if 0 <= place < len(one.value) and at in came:
                usual = one.usual[place] if place < len(one.usual) else float("nan")
                line = [came[at], one.value[place], one.low[place], one.high[place], one.newest, usual]
                found[lead].append([figure / level for figure in line])
    return {lead: np.array(lines) for lead, lines in found.items()}


def _scored(lead: int, lines: NDArray[np.float64]) -> list[LeadScore]:
    came, value, low, high, newest, usual = lines.T
    ours, persistence = score(came, value, low, high), score(came, newest)
    if ours is None or persistence is None:
        return []
    beside = np.where(np.isfinite(usual), came, np.nan)
    return [LeadScore(lead, ours, persistence, score(beside, usual), score(beside, value))]
