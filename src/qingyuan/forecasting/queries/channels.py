"""Reads of forecasts of channels."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.forecasting.models import Forecast, ForecastRule, Issue, Standing
from qingyuan.forecasting.told import digest
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import User
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel, channels
from qingyuan_science.forecast import FORECASTERS
from qingyuan_science.plugins import PluginError, Text
from qingyuan_science.series import Series, microseconds, overlaid

__all__ = [
    "FORECASTERS",
    "HORIZON",
    "KINDS",
    "OLDEST",
    "Forecast",
    "ForecastRule",
    "Input",
    "Issue",
    "Standing",
    "forecast",
    "forecaster_title",
    "forecasts_of_issue",
    "hash_holds",
    "inputs_of",
    "newest_forecast",
    "standings",
]

KINDS = "hH"  # as sent before computed here
OLDEST = timedelta(hours=4)  # of the newest hour; from an older one nothing is said
HORIZON = 72  # hours


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


def forecast(viewer: User, forecast_id: int) -> Forecast:
    """One forecast of a channel.

    Parameters
    ----------
    viewer : User
    forecast_id : int

    Returns
    -------
    Forecast
        With issue, rule, channel and station.

    Raises
    ------
    NotFound
        There is none of that number in the viewer's territory, or it is kept no longer.
    """
    own = Forecast.objects.filter(channel__in=channels(viewer).values("pk"))
    found = own.filter(pk=forecast_id).select_related("issue", "rule", "channel__station__enterprise").first()
    if found is None:
        raise NotFound(_("There is no forecast %(id)s in your territory.") % {"id": forecast_id})
    return found


@dataclass(frozen=True)
class Input:
    """The hour values that a forecast was made of.

    Parameters
    ----------
    known : Series
        As they were known when it was issued; the forecaster takes the valid ones up to `Forecast.rests_on`.
    kinds : tuple of str
        For each whether it was sent (`h`) or computed here (`H`).
    looks_back_days : int
        How far the forecaster looks back from the newest. [d]
    """

    known: Series
    kinds: tuple[str, ...]
    looks_back_days: int

    def first_us(self, rests_on: datetime) -> int:
        """Begin of the first hour that a forecaster looks at, given the newest valid one [µs since 1970 in UTC]."""
        return microseconds(rests_on + timedelta(hours=1) - timedelta(days=self.looks_back_days))


def inputs_of(one: Forecast) -> Input:
    """The hour values that a forecast was made of, as they were known when it was issued.

    Parameters
    ----------
    one : Forecast

    Returns
    -------
    Input
        Of a forecaster that is no longer installed, those of the longest look back of all.
    """
    longest = max(each.looks_back_days for each in FORECASTERS)
    days = next((each.looks_back_days for each in FORECASTERS if each.code == one.forecaster), longest)
    begin, end = one.issued_at - timedelta(days=longest) - OLDEST, one.issued_at
    parts = [recording.window(one.channel_id, kind, begin, end, as_of=one.issued_at) for kind in KINDS]
    sent = set(parts[0].at.tolist())
    known = overlaid(parts)
    return Input(known, tuple("h" if at in sent else "H" for at in known.at.tolist()), days)
