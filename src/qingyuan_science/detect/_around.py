"""What a detector may be told beside the series: other channels, other places, meters, and what people wrote down."""

from dataclasses import dataclass
from enum import StrEnum

from qingyuan_science.plugins import Text
from qingyuan_science.series import Series


class RecordKind(StrEnum):
    """What a written record is about."""

    MAINTENANCE = "maintenance"
    CALIBRATION = "calibration"
    STOP_ORDER = "stop_order"
    EMERGENCY_CUT = "emergency_cut"
    ORDERED_CUT = "ordered_cut"
    COMPLAINT = "complaint"
    INSPECTION = "inspection"

    @property
    def label(self) -> Text:
        """What people call such a record."""
        return _RECORD_LABELS[self]


_RECORD_LABELS = {
    RecordKind.MAINTENANCE: Text("运维记录", "maintenance record"),
    RecordKind.CALIBRATION: Text("校准记录", "calibration record"),
    RecordKind.STOP_ORDER: Text("停产决定", "order to stop"),
    RecordKind.EMERGENCY_CUT: Text("重污染天气应急减排", "emergency cut"),
    RecordKind.ORDERED_CUT: Text("限产、停产决定", "order to cut production"),
    RecordKind.COMPLAINT: Text("信访投诉", "complaint"),
    RecordKind.INSPECTION: Text("现场检查", "inspection"),
}


ORDERS = (RecordKind.STOP_ORDER, RecordKind.EMERGENCY_CUT, RecordKind.ORDERED_CUT)
SERVICE = (RecordKind.MAINTENANCE, RecordKind.CALIBRATION)


class MeterRole(StrEnum):
    """What an electricity meter feeds."""

    PRODUCTION = "production"
    TREATMENT = "treatment"


@dataclass(frozen=True)
class Record:
    """Something that people wrote down, with the time it is about.

    Parameters
    ----------
    kind : RecordKind
        What it is about.
    start, end : int
        From when to when it holds; a complaint has an end just after its start [µs since 1970 in UTC].
    title : Text
        What people call it, for example with the number of an order.
    cut : float
        Share by which an emergency or ordered cut lowers production; 1 is a full stop [1].
    east_km, north_km : float
        Where it happened, seen from the place of the series [km].
    """

    kind: RecordKind
    start: int
    end: int
    title: Text
    cut: float = 1.0
    east_km: float = 0.0
    north_km: float = 0.0


@dataclass(frozen=True)
class Neighbour:
    """The same factor at another station.

    Parameters
    ----------
    place : Text
        What people call the other station.
    series : Series
        Its values.
    distance_km : float
        How far away it lies [km].
    bearing_deg : float or None
        Where it lies, clockwise from north [°].
    """

    place: Text
    series: Series
    distance_km: float
    bearing_deg: float | None = None


@dataclass(frozen=True)
class Upstream:
    """The same factor at a section or inflow upstream.

    Parameters
    ----------
    place : Text
        What people call the place.
    series : Series
        Its concentrations.
    travel_s : float
        How long water takes from there to the place of the series [s].
    flow : Series or None
        Its flow; without one, it counts as the only inflow.
    """

    place: Text
    series: Series
    travel_s: float
    flow: Series | None = None


@dataclass(frozen=True)
class Meter:
    """An electricity meter of the enterprise.

    Parameters
    ----------
    role : MeterRole
        What it feeds.
    name : Text
        What people call what it feeds.
    series : Series
        Energy used in each period [kWh], or mean power [kW]; one unit throughout a meter.
    """

    role: MeterRole
    name: Text
    series: Series
