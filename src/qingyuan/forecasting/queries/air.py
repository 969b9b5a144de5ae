"""Reads of air quality forecasts that bulletins bring, and what came of them on the days that they foretell."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from qingyuan.forecasting.assessed import Assessed, assessed_areas
from qingyuan.forecasting.models import Bulletin, ForetoldDay
from qingyuan.forecasting.told import air_digest
from qingyuan.kit import clock
from qingyuan.kit.errors import NotFound
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import GridCell, cells

MAY_BRING_FORECASTS = (Role.DUTY_OFFICER, Role.ANALYST, Role.ADMINISTRATOR)
A_DAY = timedelta(days=1)


class Unscored(StrEnum):
    """Why a forecast of a day is not scored."""

    LATE = "late"
    REPLACED = "replaced"
    COMING = "coming"
    UNASSESSED = "unassessed"


@dataclass(frozen=True)
class Held:
    """A forecast of a day held against the day.

    Parameters
    ----------
    foretold : ForetoldDay
        With bulletin and cell.
    why_not : Unscored or None
        None where it is scored.
    observed : float or None
        Assessed AQI of the area on the day, by the edition of the day. [1]
    primary : tuple of str
        Primary pollutants of the day.
    at_issue, usual : float or None
        AQI of the last whole day before arrival, and what was usual by the days known then. [1]
    at_issue_primary, usual_primary : tuple of str
    """

    foretold: ForetoldDay
    why_not: Unscored | None
    observed: float | None = None
    primary: tuple[str, ...] = ()
    at_issue: float | None = None
    at_issue_primary: tuple[str, ...] = ()
    usual: float | None = None
    usual_primary: tuple[str, ...] = ()


def bulletins(viewer: User) -> QuerySet[Bulletin]:
    """Bulletins of air quality forecasts, newest first.

    Parameters
    ----------
    viewer : User
        Everybody sees those that are entered; one that waits is seen by whoever brought it.

    Returns
    -------
    QuerySet of Bulletin
    """
    entered = Bulletin.objects.filter(segment__isnull=False)
    own = Bulletin.objects.filter(brought_by=viewer)
    return (entered | own).select_related("brought_by")


def bulletin(viewer: User, bulletin_id: int) -> Bulletin:
    """One bulletin.

    Parameters
    ----------
    viewer : User
    bulletin_id : int

    Returns
    -------
    Bulletin

    Raises
    ------
    NotFound
        There is none of that number that the viewer may see.
    """
    found = bulletins(viewer).filter(pk=bulletin_id).first()
    if found is None:
        raise NotFound(_("There is no bulletin %(id)s.") % {"id": bulletin_id})
    return found


def foretold_of(viewer: User, bulletin_id: int) -> QuerySet[ForetoldDay]:
    """The days that a bulletin foretells in the viewer's territory.

    Parameters
    ----------
    viewer : User
    bulletin_id : int

    Returns
    -------
    QuerySet of ForetoldDay
        By area and day.
    """
    found = ForetoldDay.objects.filter(bulletin=bulletin_id, cell__in=cells(viewer).values("pk"))
    return found.select_related("cell").order_by("cell__path", "day", "pk")


def digest_holds(bulletin_id: int, digest: str) -> bool:
    """Whether the days of a bulletin still say what the log says they said.

    Parameters
    ----------
    bulletin_id : int
    digest : str
        From the line of the log.

    Returns
    -------
    bool
    """
    return air_digest(ForetoldDay.objects.filter(bulletin=bulletin_id).select_related("cell")) == digest


def areas_foretold(viewer: User) -> list[GridCell]:
    """The areas of the viewer's territory for which a forecast was ever brought, by path.

    Parameters
    ----------
    viewer : User

    Returns
    -------
    list of GridCell
    """
    told = ForetoldDay.objects.order_by().values("cell").distinct()
    return list(cells(viewer).filter(pk__in=told).order_by("path"))


def forecasters_of(areas: Collection[GridCell]) -> list[str]:
    """Who foretold in some areas, by name.

    Parameters
    ----------
    areas : collection of GridCell

    Returns
    -------
    list of str
    """
    told = ForetoldDay.objects.filter(cell__in=areas).order_by("forecaster")
    return list(told.values_list("forecaster", flat=True).distinct())


def held_days(areas: Sequence[GridCell], days: tuple[date, date], now: datetime, *, forecaster: str = "") -> list[Held]:
    """Hold the forecasts of some days against those days.

    Parameters
    ----------
    areas : sequence of GridCell
        Of the viewer's territory.
    days : tuple of date
        First and last day that was foretold, in China.
    now : datetime
        Aware.
    forecaster : str
        One only; everybody when left out.

    Returns
    -------
    list of Held
        By day, area and issue. Of several forecasts of one forecaster that came on one day for the same area and day,
        the one that was issued last counts.
    """
    first, last = days
    rows = ForetoldDay.objects.filter(cell__in=areas, day__gte=first, day__lte=last)
    if forecaster:
        rows = rows.filter(forecaster=forecaster)
    in_order = rows.order_by("day", "cell__path", "issued_at", "received_at", "pk")
    found = list(in_order.select_related("cell", "bulletin"))
    if not found:
        return []
    earliest = min(first, *(clock_day(one.received_at) for one in found))
    assessed = assessed_areas(areas, earliest, last)
    standing = {(one.forecaster, one.cell_id, one.day, one.lead): one.pk for one in found if not one.late}
    today = clock_day(now)
    return [_held(one, standing, assessed[one.cell_id], today) for one in found]


def _held(one: ForetoldDay, standing: dict[Any, int], assessed: Assessed, today: date) -> Held:
    came = assessed.on(one.day)
    if one.late:
        return Held(one, Unscored.LATE, came.aqi, came.primary)
    if standing[one.forecaster, one.cell_id, one.day, one.lead] != one.pk:
        return Held(one, Unscored.REPLACED, came.aqi, came.primary)
    if one.day >= today:
        return Held(one, Unscored.COMING)
    if came.aqi is None:
        return Held(one, Unscored.UNASSESSED)
    arrived = clock_day(one.received_at)
    before, usual = assessed.on(arrived - A_DAY), assessed.usual(one.day, arrived)
    return Held(one, None, came.aqi, came.primary, before.aqi, before.primary, usual.aqi, usual.primary)


def usual_days(area: GridCell, day: date, arrived: date) -> list[tuple[date, float]]:
    """The days whose median AQI counts as what was usual for a day, by what was known when a forecast came.

    Parameters
    ----------
    area : GridCell
        Of the viewer's territory.
    day, arrived : date
        The day that was foretold, and the day on which the bulletin came, in China.

    Returns
    -------
    list of tuple
        Day and AQI [1], newest first; empty where too few days have one.
    """
    assessed = assessed_areas([area], min(day, arrived), day)[area.pk]
    found = [(on, one.aqi) for on, one in assessed.usual_days(day, arrived) if one.aqi is not None]
    return sorted(found, reverse=True)


def clock_day(at: datetime) -> date:
    """The day of an instant in China."""
    return at.astimezone(clock.SHANGHAI).date()


def question_of(held: Iterable[Held]) -> dict[str, Any]:
    """What the calculation `air_forecast_score` is asked about scored days: anybody can ask it again.

    Parameters
    ----------
    held : iterable of Held
        Those that are not scored are left out.

    Returns
    -------
    dict
        As JSON.
    """
    return {"forecasts": [_row(one) for one in held if one.why_not is None]}


def _row(one: Held) -> dict[str, Any]:
    told = one.foretold
    row = {
        "day": told.day.isoformat(), "lead": told.lead, "observed": one.observed, "forecast": told.value,
        "low": told.low, "high": told.high, "at_issue": one.at_issue, "usual": one.usual,
        "primary": ", ".join(told.primary), "observed_primary": ", ".join(one.primary),
        "at_issue_primary": ", ".join(one.at_issue_primary), "usual_primary": ", ".join(one.usual_primary),
    }  # fmt: skip
    return {name: value for name, value in row.items() if value not in (None, "")}
