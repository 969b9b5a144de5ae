"""What the outlets of an enterprise discharged, from the hour means of concentration and flow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qingyuan.judging.fact import Asked
from qingyuan.judging.facts._readings import FLOW, HOUR, channels_of, series_of
from qingyuan.places.queries import StationKind
from qingyuan.sensing.queries import MEDIUM, Channel
from qingyuan_science.series import Series
from qingyuan_science.standards.emission.loads import Medium, mass_of
from qingyuan_science.units import UnitError, convert

CONCENTRATION = {"water": "mg/L", "air_emission": "mg/m3"}
KINDS: dict[str, Medium] = {"water": "water", "air_emission": "gas"}


@dataclass(frozen=True)
class OutletLoad:
    """The mass that an outlet discharged in the hours for which it is known, and which hours those are [kg, µs]."""

    channel: Channel
    at: NDArray[np.int64]
    mass: NDArray[np.float64]


def loads(asked: Asked) -> dict[int, list[OutletLoad]]:
    """The load of the factor asked about, of every outlet that measures it and its flow."""
    pairs = {one: _pairs(several, asked.factor) for one, several in channels_of(asked).items()}
    wanted = [channel for several in pairs.values() for pair in several for channel in pair]
    series = series_of(asked, wanted)
    return {
        one: [found for pair in several if (found := _load(pair, series)) is not None] for one, several in pairs.items()
    }


def hours_in(asked: Asked) -> int:
    """How many hours the time has."""
    return int(asked.length.total_seconds() * 1_000_000) // HOUR


def _pairs(channels: Sequence[Channel], factor: str) -> list[tuple[Channel, Channel]]:
    """Concentration as measured, and the flow beside it."""
    flows = {one.station_id: one for one in channels if one.factor == FLOW.get(StationKind(one.station.kind))}
    wanted = [one for one in channels if one.factor == factor and one.basis == "measured"]
    return [
        (one, flows[one.station_id]) for one in wanted if one.station_id in flows and one.factor not in FLOW.values()
    ]


def _load(pair: tuple[Channel, Channel], series: dict[int, Series]) -> OutletLoad | None:
    concentration, flow = (series[one.pk] for one in pair)
    medium = MEDIUM[pair[0].station.kind]
    at, here, there = np.intersect1d(
        concentration.at[concentration.valid], flow.at[flow.valid], assume_unique=True, return_indices=True
    )
    try:
        content = convert(concentration.value[concentration.valid][here], concentration.unit, CONCENTRATION[medium])
        volume = convert(flow.value[flow.valid][there], flow.unit, "m3/h")
    except UnitError:
        return None
    kilograms = mass_of(1.0, 1.0, KINDS[medium])
    return OutletLoad(pair[0], at, content * volume * kilograms)
