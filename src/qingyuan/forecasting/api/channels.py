"""Verbs on forecasts of channels: issuing what is due, and dropping what is kept no longer."""

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from qingyuan.forecasting.logic import issuing
from qingyuan.forecasting.models import ForecastRule, Issue
from qingyuan.forecasting.told import rule_as_told
from qingyuan.kit import log
from qingyuan.kit.errors import BadInput
from qingyuan.places.queries import Station
from qingyuan_science.forecast import FORECASTERS
from qingyuan_science.plugins import PluginError

KEPT = timedelta(days=90)  # our own choice: a quarter of scores


def issue_due(now: datetime) -> int:
    """Forecast the channels of which a new hour is stored, at most `issuing.AT_ONCE` of them.

    Parameters
    ----------
    now : datetime
        Aware.

    Returns
    -------
    int
        How many forecasts were stored.

    Notes
    -----
    A forecast is made from what is known now and says nothing of hours that are over, so that after a pause each
    channel gets one from its newest hour, and those that were missed stay missing.
    """
    return issuing.issue_due(now)


@transaction.atomic
def drop_old(now: datetime) -> int:
    """Drop forecasts that are kept no longer; their hashes stay in the log.

    Parameters
    ----------
    now : datetime
        Aware.

    Returns
    -------
    int
        How many rows were dropped.
    """
    return Issue.objects.filter(issued_at__lt=now - KEPT).delete()[0]


@transaction.atomic
def set_forecast_rule(
    forecaster: str,
    *,
    chance: float,
    within_hours: int,
    valid_from: date,
    station_kind: str = "",
    station: Station | None = None,
    factor: str = "",
    enabled: bool = True,
) -> ForecastRule:
    """Let channels be forecast, and people be warned, from a day on.

    Parameters
    ----------
    forecaster : str
        Code of a forecaster.
    chance : float
        Chance of passing the limit from which people are warned. [1]
    within_hours : int
        How far ahead that chance counts. [h]
    valid_from : date
    station_kind : str
        A value of `StationKind`; every kind when left out.
    station : Station, optional
        One station only.
    factor : str
        Code of a factor; every one with a limit when left out.
    enabled : bool
        False says that nothing is forecast there, whatever wider rules say.

    Returns
    -------
    ForecastRule

    Raises
    ------
    BadInput
        There is no such forecaster, or a number is outside its bounds.
    """
    try:
        FORECASTERS.get(forecaster)
    except PluginError as error:
        raise BadInput(str(error), "forecaster") from error
    row = ForecastRule(
        forecaster=forecaster, chance=chance, within_hours=within_hours, station_kind=station_kind, station=station,
        factor=factor, enabled=enabled, valid=DateRange(valid_from, None),
    )  # fmt: skip
    try:
        row.full_clean()
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise BadInput(messages[0], field) from error
    row.save()
    log.write(rule_as_told(row))
    return row
