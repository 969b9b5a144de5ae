"""Whether a mean that a device sends late was handed on before as one that is computed here."""

from collections.abc import Collection
from datetime import datetime

from qingyuan.forwarding.events import OwnMeansHandedOn
from qingyuan.forwarding.logic import anew
from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.logic.periods import block_of, floor, length_of
from qingyuan.forwarding.models import OwnLate
from qingyuan.kit.queries import lines_since
from qingyuan_science.hj212 import BadTime, Dialect, period_start
from qingyuan_science.series import microseconds, moment

Spans = list[tuple[int, int]]  # first and after [µs]
Mean = tuple[str, int, int]  # kind, station, start of the period by which ours and the device's are compared [µs]


class Ours:
    """What the platform above was given of our own means, by the lines of the log, read back as far as is asked for."""

    def __init__(self, plan: Plan, on_their_way: Collection[Mean] = ()) -> None:
        self._own = plan.own
        self._on_their_way = frozenset(on_their_way)
        self._told: dict[tuple[str, int], Spans] = {}
        self._read_to: datetime | None = None

    @property
    def withholds(self) -> bool:
        """Whether a device's mean is withheld where ours was handed on before."""
        return self._own is not None and self._own.late == OwnLate.WITHHELD

    def went(self, station: int, cn: str, data_time: str, dialect: Dialect) -> bool:
        """Whether ours went up for the station and the period of a message."""
        return any(self._went(*mean) for mean in self._means(station, cn, data_time, dialect))

    def goes(self, station: int, cn: str, data_time: str, dialect: Dialect) -> bool:
        """Whether ours for the station and the period of a message is on its way, and may arrive or not."""
        if not self._on_their_way:
            return False
        return any(mean in self._on_their_way for mean in self._means(station, cn, data_time, dialect))

    def _means(self, station: int, cn: str, data_time: str, dialect: Dialect) -> list[Mean]:
        """Those of ours that a message stands for."""
        if self._own is None or not data_time:
            return []
        kinds = [kind for kind in self._own.kinds if anew.COMMAND_OF_OWN[kind] == cn]
        try:
            at = microseconds(period_start(cn, data_time, dialect)) if kinds else 0
        except BadTime:
            return []
        return [(kind, station, floor(block_of(kind), at)) for kind in kinds]

    def _went(self, kind: str, station: int, block: int) -> bool:
        after = block + length_of(block_of(kind))
        self._read_back(moment(block + length_of(kind)))
        return any(first < after and block < end for first, end in self._told.get((kind, station), ()))

    def _read_back(self, since: datetime) -> None:
        """Know what was told from an instant on: a period is not told before it is over."""
        if self._own is None or (self._read_to is not None and self._read_to <= since):
            return
        self._told, self._read_to = {}, since
        subject = f"destination/{self._own.destination}"
        for line in lines_since(since, subject, (OwnMeansHandedOn.__name__,)):
            for station, kind, first, end in line.detail.get("told", ()):
                self._told.setdefault((kind, station), []).append((first, end))
