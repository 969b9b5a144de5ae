"""Writing down what is built at a site, and what an authority set for itself (doors in `places.api`)."""

from datetime import date
from math import inf

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput
from qingyuan.kit.log import Origin
from qingyuan.places.logic.papers import Days, days_of, enter_edition
from qingyuan.places.models import Alarmed, AlarmThreshold, GridCell, SiteProject, Stage, Station, StationKind
from qingyuan_science.standards import StandardsError, find_factor
from qingyuan_science.units import UnitError, canonical, convert


@transaction.atomic
def enter_project(
    station: Station,
    *,
    name: str,
    builder: str,
    stage: str,
    days: Days,
    replaces: SiteProject | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> SiteProject:
    """Enter what is built at a site and in which stage it is; the next stage follows as the next edition.

    Parameters
    ----------
    station : Station
        A construction-dust site.
    name : str
        Name of the project.
    builder : str
        Who builds it.
    stage : str
        A value of `Stage`.
    days : (date, date or None)
        First and last day of the stage.
    replaces : SiteProject, optional
    why : str
    origin : Origin

    Returns
    -------
    SiteProject

    Raises
    ------
    BadInput
        The station is no construction-dust site, project or builder have no name, or the stage is not known.
    Refused
        The site has a project already for these days, or the one to follow is no longer current.
    """
    if station.kind != StationKind.DUST:
        raise BadInput(_("%(station)s is no construction-dust site") % {"station": station}, "station")
    if stage not in Stage:
        raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(Stage.values)}, "stage")
    for text, field in ((name, "name"), (builder, "builder")):
        if not text.strip():
            raise BadInput(_("Found no name, expected one"), field)
    row = SiteProject(
        station=station, name=name.strip(), builder=builder.strip(), stage=stage, valid=days_of(days)
    )  # fmt: skip
    return enter_edition(row, (), replaces, why=why, origin=origin)


@transaction.atomic
def enter_threshold(
    place: GridCell | Station,
    *,
    factor: str,
    averaging: str,
    high: float,
    unit: str,
    issued_by: str,
    basis: str,
    reason: str,
    days: Days,
    station_kind: str = StationKind.DUST,
    stage: str = "",
    set_on: date | None = None,
    replaces: AlarmThreshold | None = None,
    why: str = "",
    origin: Origin = log.PLATFORM,
) -> AlarmThreshold:
    """Enter above which value an authority wants to be alarmed; no limit of a standard.

    Parameters
    ----------
    place : GridCell or Station
        The area whose stations of a kind it holds for, or one station.
    factor : str
    averaging : str
        A value of `Alarmed`.
    high : float
        Values above it alarm. [unit]
    unit : str
    issued_by : str
        The authority that set it.
    basis : str
        The law or document that it rests on.
    reason : str
    days : (date, date or None)
        First and last day of the data.
    station_kind : str
        A value of `StationKind`; of a single station it is that station's.
    stage : str
        A value of `Stage`; of every stage, and of sites without a project, when left out.
    set_on : date, optional
        The day of the decision; the first day when left out.
    replaces : AlarmThreshold, optional
    why : str
    origin : Origin

    Returns
    -------
    AlarmThreshold

    Raises
    ------
    BadInput
        Kind, stage, factor, averaging time or unit are not known or do not fit, the value is not above nought, or
        nobody, no basis or no reason is named.
    Refused
        One holds already for the same place, stage, factor and averaging time on these days, or the one to follow is no
        longer current.
    """
    station = place if isinstance(place, Station) else None
    kind = station.kind if station is not None else station_kind
    for found, known, field in ((kind, StationKind, "station_kind"), (averaging, Alarmed, "averaging")):
        if found not in known:
            raise BadInput(_("Expected one of: %(known)s") % {"known": ", ".join(known.values)}, field)
    if stage and (stage not in Stage or kind != StationKind.DUST):
        raise BadInput(_("Only construction-dust sites have stages: %(known)s") % {"known": ", ".join(Stage.values)},
                       "stage")  # fmt: skip
    _check_value(factor, high, unit)
    texts = {"issued_by": issued_by.strip(), "basis": basis.strip(), "reason": reason.strip()}
    for field, text in texts.items():
        if not text:
            raise BadInput(_("Say who set it, on which basis, and why"), field)
    row = AlarmThreshold(
        scope="|".join((f"station:{station.code}" if station else f"cell:{place.code}", kind, stage)),
        station_kind=kind, cell=place if isinstance(place, GridCell) else None, station=station, stage=stage,
        factor=factor,
        averaging=averaging, high=high, unit=canonical(unit), set_on=_decided(set_on or days[0]), valid=days_of(days),
        **texts,
    )  # fmt: skip
    return enter_edition(row, (), replaces, why=why, origin=origin)


def _decided(day: date) -> date:
    clock.check_day(day, "set_on")
    return day


def _check_value(factor: str, high: float, unit: str) -> None:
    try:
        convert(1.0, unit, find_factor(factor).unit)
    except StandardsError as error:
        raise BadInput(str(error), "factor") from error
    except UnitError as error:
        raise BadInput(f"{factor}: {error}", "unit") from error
    if not 0.0 < high < inf:
        raise BadInput(_("Found a threshold of %(found)g, expected one above nought") % {"found": high}, "high")
