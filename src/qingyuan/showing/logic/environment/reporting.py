"""How far the automatic net reaches: of each domain how many stations there are, and how many report now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from qingyuan.places.queries import Station
from qingyuan.recording.queries import latest
from qingyuan.sensing.queries import channels
from qingyuan.showing.logic.environment.asked import Look

REPORTS_WITHIN = timedelta(hours=2)  # an hour value comes at the end of its hour, with up to an hour's delay
LOOKED_BACK = timedelta(days=400)
KINDS = "rmhH"


@dataclass(frozen=True)
class Reporting:
    """A station and when its newest value was measured."""

    station: Station
    newest: datetime | None
    now: datetime

    @property
    def reports(self) -> bool:
        return self.newest is not None and self.now - self.newest <= REPORTS_WITHIN


@dataclass(frozen=True)
class Domain:
    """One domain of the net; `note` says what the ledger leaves open."""

    key: str
    title: str
    rows: list[Reporting]
    note: str = ""

    @property
    def reporting(self) -> int:
        return sum(one.reports for one in self.rows)

    @property
    def silent(self) -> list[Reporting]:
        return [one for one in self.rows if not one.reports]

    @property
    def share(self) -> float:
        """Share of the stations that report now [1]; NaN without stations."""
        return self.reporting / len(self.rows) if self.rows else float("nan")


def domains(look: Look) -> list[Domain]:
    """Ambient air, key sections and drinking-water sources of an area."""
    air, water = (_rows(look, kind) for kind in ("ambient-air", "surface-water"))
    parts = look.parts([one.station for one in water])
    key = [one for one in water if parts[one.station.pk].section]
    sources = [one for one in water if parts[one.station.pk].drinking_source]
    untold = _("No section is entered as a key section yet, so every surface-water station counts here.")
    return [
        Domain("air", _("Ambient air"), air),
        Domain("sections", _("Key sections"), key or water, "" if key or not water else untold),
        Domain("sources", _("Drinking-water sources"), sources),
    ]


def _rows(look: Look, kind: str) -> list[Reporting]:
    found = look.stations(kind)
    newest = _newest(look, found)
    return [Reporting(one, newest.get(one.pk), look.now) for one in found]


def _newest(look: Look, found: Sequence[Station]) -> dict[int, datetime]:
    of_station = dict(channels(look.viewer).filter(station__in=found).values_list("pk", "station_id"))
    newest: dict[int, datetime] = {}
    for kind in KINDS:
        for channel, one in latest(of_station, kind, since=LOOKED_BACK).items():
            station = of_station[channel]
            newest[station] = max(newest.get(station, one.at), one.at)
    return newest
