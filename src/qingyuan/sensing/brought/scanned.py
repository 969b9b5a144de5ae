"""What a lidar saw in one scan, before it is a row: rays, and one value a ray and range."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db import models
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

EXTINCTION = "extinction"
QUANTITIES = (EXTINCTION, "backscatter", "depolarisation", "a34004", "a34002", "a34001")
"""What a scan may hold: extinction coefficient, attenuated backscatter, depolarisation ratio, or an estimate of PM."""

UNITS = {EXTINCTION: "km⁻¹", "backscatter": "Mm⁻¹ sr⁻¹", "depolarisation": "", "a34004": "µg/m3", "a34002": "µg/m3",
         "a34001": "µg/m3"}  # fmt: skip


class ScanKind(models.TextChoices):
    """How the beam moved."""

    PLAN = "plan", _("Scan around (PPI)")
    PROFILE = "profile", _("Fixed beam")


@dataclass(frozen=True, eq=False)
class Scanned:
    """One scan.

    `station` is the code of the lidar. Of each ray there is its time [µs since 1970 UTC], azimuth [° from north,
    clockwise] and elevation [° above the horizon]; ranges are distances along the beam [m]; values have one row a ray
    and are NaN where nothing can be said. `site` is where it stood, if that was told. [degree]
    """

    station: str
    quantity: str
    at: NDArray[np.int64]
    azimuth: NDArray[np.float32]
    elevation: NDArray[np.float32]
    ranges: NDArray[np.float32]
    values: NDArray[np.float32]
    site: tuple[float, float] | None = None

    @property
    def kind(self) -> ScanKind:
        """A beam that never moved by more than a degree is a fixed one."""
        still = np.ptp(self.azimuth) <= 1.0 and np.ptp(self.elevation) <= 1.0
        return ScanKind.PROFILE if still else ScanKind.PLAN

    def key(self, first: datetime) -> str:
        """The same for the same scan, in whatever file it comes."""
        told = f"{self.station}|{self.quantity}|{first.isoformat()}|{self.kind}|"
        digest = hashlib.sha256(told.encode())
        for one in (self.azimuth, self.elevation, self.ranges, self.values):
            digest.update(np.ascontiguousarray(one).tobytes())
        return digest.hexdigest()
