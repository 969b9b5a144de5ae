from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from django.urls import reverse
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.places.geometry import from_wkb
from qingyuan.recording.queries import drives
from qingyuan.showing.map_layer import LAYERS, Feature, LegendEntry, MapLayer, Symbol, View
from qingyuan_science.plugins import Source, Text

MOST = 500  # drawn at once, the newest; our own choice


@LAYERS
@dataclass(frozen=True)
class MobileTracks(MapLayer):
    """Where mobile monitors drove or flew in the last days; a drive that goes on grows."""

    code: ClassVar[str] = "mobile_tracks"
    title: ClassVar[Text] = Text("走航轨迹", "Mobile tracks")
    source: ClassVar[Source] = Source("Qingyuan", "recording", "drives cut out of positions")
    group: ClassVar[Text] = Text("监测", "Monitoring")
    symbol: ClassVar[Symbol] = Symbol.LINE
    timed: ClassVar[bool] = True
    legend: ClassVar[tuple[LegendEntry, ...]] = (
        LegendEntry("over", "#6d5aa8", Text("已结束", "Over"), "line"),
        LegendEntry("running", "#0f766e", Text("进行中", "Under way"), "line"),
    )

    def features(self, view: View) -> Iterator[Feature]:
        """Their lines; each leads to its drive."""
        since = view.at - timedelta(days=view.days)
        found = drives(view.viewer).filter(ends_at__gte=since)
        if view.area is not None:
            found = found.filter(bounds__meets=tuple(view.area))
        for one in reversed(found[:MOST]):  # what goes on lies over what is over
            shape = from_wkb(one.shape)
            if not view.shows(shape):
                continue
            running = one.is_running(view.at)
            times = f"{one.starts_at.astimezone(SHANGHAI):%m-%d %H:%M} – {one.ends_at.astimezone(SHANGHAI):%H:%M}"
            state = _("Under way") if running else _("Over")
            href = reverse("drive", kwargs={"drive_id": one.pk})
            detail = f"{times} · {one.metres / 1000:,.1f} km"
            key = "running" if running else "over"
            yield Feature(shape, one.station.title, state, key, href, detail)
