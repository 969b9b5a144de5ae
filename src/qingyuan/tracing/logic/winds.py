"""The known sources around an air station, and the wind that may have carried from them."""

from dataclasses import replace
from datetime import timedelta

from qingyuan.judging.queries import Finding
from qingyuan.places.geometry import distance
from qingyuan.places.queries import MEASURES_WEATHER, Enterprise, Station, StationKind
from qingyuan.sensing.queries import Channel
from qingyuan.tracing.logic.sources import Source, Span, hours, of_enterprise, own_stations
from qingyuan_science.series import Series
from qingyuan_science.standards.factors import WIND_DIRECTION, WIND_SPEED

RADIUS_KM = 15.0  # beyond, a source is one of many: our own choice
USUAL_SPEED_M_S = 2.0  # of the wind, for how long air takes: our own choice


def sources(found: Finding) -> list[Source]:
    """Every enterprise with a stack outlet within the radius."""
    if found.station is None:
        return []
    near = []
    outlets = Station.objects.filter(kind=StationKind.OUTLET_GAS).exclude(enterprise=None)
    firms = Enterprise.objects.filter(pk__in=outlets.values("enterprise")).order_by("code")
    own = own_stations([one.pk for one in firms], StationKind.OUTLET_GAS)
    for firm in firms:
        km, bearing = distance(found.station, firm)
        if km <= RADIUS_KM:
            seconds = km * 1000.0 / USUAL_SPEED_M_S
            near.append(
                replace(
                    of_enterprise(firm), own={one.pk: seconds for one in own[firm.pk]}, travel_s=seconds,
                    bearing=bearing, distance_m=km * 1000.0,
                )
            )  # fmt: skip
    return near


def wind_channels(station: Station) -> dict[str, Channel]:
    """Direction and speed of the wind at the nearest station that measures both.

    Parameters
    ----------
    station : Station

    Returns
    -------
    dict of str to Channel
        By factor; empty where none measures both within the radius.
    """
    by_station: dict[int, dict[str, Channel]] = {}
    measured = Channel.objects.filter(
        factor__in=(WIND_DIRECTION, WIND_SPEED), station__kind__in=MEASURES_WEATHER, basis="measured"
    )
    for one in measured.select_related("station").order_by("pk"):
        by_station.setdefault(one.station_id, {}).setdefault(one.factor, one)
    both = [one for one in by_station.values() if len(one) == 2]
    near = [(distance(station, one[WIND_SPEED].station)[0], one[WIND_SPEED].pk, one) for one in both]
    closest = min(near, default=None)
    return {} if closest is None or closest[0] > RADIUS_KM else closest[2]


def wind_at(station: Station, span: Span) -> tuple[Series | None, Series | None]:
    """Direction and speed of the wind by the hour, where they are measured."""
    found = wind_channels(station)
    if not found:
        return None, None
    series = hours([one.pk for one in found.values()], (span[0], span[1] + timedelta(hours=1)))
    return series[found[WIND_DIRECTION].pk], series[found[WIND_SPEED].pk]
