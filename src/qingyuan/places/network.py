"""What part a station plays in the monitoring network, as the authority's ledger says."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from qingyuan.places.models import StationDescription

KEY = "network"
BODIES = (("river", _("River")), ("lake", _("Lake or reservoir")))
SECTIONS = (
    ("", _("none")),
    ("national", _("National section")),
    ("provincial", _("Provincial section")),
    ("municipal", _("Municipal section")),
)


@dataclass(frozen=True)
class NetworkPart:
    """The part of a station; what is not told stands as the defaults say.

    `body` is the kind of surface water, `section` the level that assesses it as a key section. A background point
    (清洁对照点) of ambient air is no assessment point of its city.
    """

    body: str = "river"
    section: str = ""
    drinking_source: bool = False
    background: bool = False

    @classmethod
    def told(cls, properties: Any) -> "NetworkPart":
        """What the properties of a station say; what cannot be right counts as not told."""
        found = properties.get(KEY) if isinstance(properties, dict) else None
        if not isinstance(found, dict):
            return cls()
        body, section = found.get("body"), found.get("section")
        return cls(
            body=body if body in dict(BODIES) else "river",
            section=section if section in dict(SECTIONS) else "",
            drinking_source=found.get("drinking_source") is True,
            background=found.get("background") is True,
        )

    def as_told(self) -> dict[str, Any]:
        """As the properties of a station hold it."""
        return asdict(self)


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
    told = StationDescription.objects.filter(station_id__in=station_ids).values_list("station_id", "properties")
    return dict.fromkeys(station_ids, NetworkPart()) | {pk: NetworkPart.told(properties) for pk, properties in told}
