import numpy as np
import zstandard
from django.db import models
from django.utils.translation import gettext as _

from qingyuan.sensing.brought.scanned import UNITS, ScanKind, Scanned
from qingyuan_science.series import microseconds


class Scan(models.Model):
    """One scan of a lidar: rays with one value a distance, out of a payload whose bytes lie in `segment`.

    `body` holds, compressed, times [µs after `starts_at`], azimuths, elevations [°], distances [m], values. `lon` and
    `lat` are where it stood then. [degree] `key` makes it the same in any payload.
    """

    station = models.ForeignKey("places.Station", on_delete=models.PROTECT, related_name="+")
    feed = models.ForeignKey("sensing.Feed", on_delete=models.PROTECT, related_name="+")
    segment = models.BigIntegerField()
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    kind = models.CharField(max_length=8, choices=ScanKind)
    quantity = models.CharField(max_length=16)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    lon = models.FloatField()
    lat = models.FloatField()
    rays = models.PositiveIntegerField()
    gates = models.PositiveIntegerField()
    reach_m = models.FloatField()
    body = models.BinaryField()
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ("-starts_at", "-pk")
        indexes = (models.Index(fields=("station", "kind", "-starts_at"), name="scan_of_station"),)

    def __str__(self) -> str:
        return f"{self.pk} {self.station_id} {self.starts_at}"

    @property
    def unit(self) -> str:
        return UNITS.get(self.quantity, "")

    @property
    def quantity_title(self) -> str:
        """What its values are, in the reader's language."""
        return {
            "extinction": _("Extinction coefficient"), "backscatter": _("Attenuated backscatter"),
            "depolarisation": _("Depolarisation ratio"), "a34004": _("PM2.5, estimated"),
            "a34002": _("PM10, estimated"), "a34001": _("TSP, estimated"),
        }.get(self.quantity, self.quantity)  # fmt: skip

    def scanned(self) -> Scanned:
        """What it saw."""
        raw, rays, gates = zstandard.decompress(bytes(self.body)), self.rays, self.gates
        after = np.frombuffer(raw, "<i8", rays)
        rest = np.frombuffer(raw, "<f4", 2 * rays + gates + rays * gates, 8 * rays)
        azimuth, elevation, ranges, values = np.split(rest, [rays, 2 * rays, 2 * rays + gates])
        return Scanned(
            station=self.station.code, quantity=self.quantity, at=after + microseconds(self.starts_at),
            azimuth=azimuth, elevation=elevation, ranges=ranges, values=values.reshape(rays, gates),
            site=(self.lon, self.lat),
        )  # fmt: skip


def packed(scan: Scanned) -> bytes:
    """The arrays of a scan as its row keeps them."""
    parts = (scan.azimuth, scan.elevation, scan.ranges, scan.values.ravel())
    floats = np.concatenate(parts).astype("<f4").tobytes()
    return zstandard.compress((scan.at - scan.at[0]).astype("<i8").tobytes() + floats)
