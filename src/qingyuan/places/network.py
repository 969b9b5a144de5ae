"""What part a station plays in the monitoring network, as the authority's ledger says."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from typing import Any

from qingyuan.places.models import Station


@dataclass(frozen=True)
class NetworkPart:
    """The part of a station; what is not told stands as the defaults say.

    `body` is the kind of surface water, `section` the level that assesses it as a key section. A background point
    (清洁对照点) of ambient air is no assessment point of its city, and a station with a `purpose` of its own is none
    either; nor is a micro-station, by its `level`. `key_area` says that it watches a key area of the district.
    """

    body: str = "river"
    section: str = ""
    drinking_source: bool = False
    background: bool = False
    key_area: bool = False
    purpose: str = ""
    level: str = ""

    def as_told(self) -> dict[str, Any]:
        """By the columns of a station."""
        return asdict(self)


COLUMNS = tuple(one.name for one in fields(NetworkPart))


def network_parts(station_ids: Collection[int]) -> dict[int, NetworkPart]:
    """The part that each station plays in the monitoring network.

    Parameters
    ----------
    station_ids : collection of int

    Returns
    -------
    dict of int to NetworkPart
        An entry for every station asked for.
    """
    told = Station.objects.filter(pk__in=station_ids).values_list("pk", *COLUMNS)
    return dict.fromkeys(station_ids, NetworkPart()) | {pk: NetworkPart(*values) for pk, *values in told}
