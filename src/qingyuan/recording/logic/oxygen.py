"""The reference oxygen content by which a stack's concentrations are converted, and the channels that it makes."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from qingyuan.kit import clock
from qingyuan.places.queries import AppliedStandard, StationKind
from qingyuan.sensing import api as sensing
from qingyuan.sensing.queries import Channel
from qingyuan_science.standards import StandardsError, limits_for, oxygen_factor
from qingyuan_science.units import IncompatibleUnits, scale


def references(channels: Sequence[Channel], on: date) -> dict[int, float]:
    """Reference oxygen content of each stack channel that has one, by one query. [%]

    What the station's permit says goes before what the standards say that bind the station on a day. `channels` come
    with their stations.
    """
    stacks = [one for one in channels if one.station.kind == StationKind.OUTLET_GAS and is_concentration(one.unit)]
    binding: dict[int, list[tuple[str, str]]] = defaultdict(list)
    rows = AppliedStandard.objects.filter(
        station__in={one.station_id for one in stacks}, valid__contains=on, known__contains=clock.now()
    )
    for station, standard, level in rows.order_by("pk").values_list("station_id", "standard", "level"):
        binding[station].append((standard, level))
    found = {one.pk: _reference(one, binding[one.station_id], on) for one in stacks}
    return {pk: reference for pk, reference in found.items() if reference is not None}


def _reference(channel: Channel, binding: Sequence[tuple[str, str]], on: date) -> float | None:
    if channel.station.reference_oxygen is not None:
        return channel.station.reference_oxygen
    for standard, level in binding:
        try:
            limits = limits_for(channel.factor, standard, level, None, on=on)
        except StandardsError:
            continue
        given = next((limit.reference_oxygen for limit in limits if limit.reference_oxygen is not None), None)
        if given is not None:
            return float(given)
    return None


def define_converted(channels: Sequence[Channel], on: date) -> list[Channel]:
    """Channels of converted values for the stacks that measure oxygen but do not send converted values themselves."""
    with_oxygen = {one.station_id for one in channels if one.factor == oxygen_factor()}
    there = {(one.station_id, one.factor) for one in channels if one.basis == "converted"}
    alone = [one for one in channels if one.station_id in with_oxygen and (one.station_id, one.factor) not in there]
    wanted = references(alone, on)
    return [
        sensing.define_channel(one.station, factor=one.factor, unit=one.unit, basis="converted")
        for one in alone
        if one.pk in wanted
    ]


def is_concentration(unit: str) -> bool:
    """Whether a unit is one of mass in gas, so that dilution by air changes it."""
    try:
        scale(unit, "mg/m3")
    except IncompatibleUnits:
        return False
    return True
