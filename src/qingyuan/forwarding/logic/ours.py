"""Whether a mean that a device sends late was handed on before as one that is computed here."""

from datetime import timedelta

from qingyuan.forwarding.events import OwnMeansHandedOn
from qingyuan.forwarding.logic import anew
from qingyuan.forwarding.logic.choosing import Plan
from qingyuan.forwarding.logic.periods import block_of, floor, length_of
from qingyuan.forwarding.models import OwnLate
from qingyuan.kit import clock
from qingyuan.kit.queries import lines
from qingyuan_science.hj212 import BadTime, Dialect, period_start
from qingyuan_science.series import microseconds, moment

Spans = list[tuple[int, int, int]]  # station, first and after [µs]


class Ours:
    """What the platform above was given of our own means, by the lines of the log; each is read once."""

    def __init__(self, plan: Plan) -> None:
        self._own = plan.own
        self._told: dict[tuple[str, int], Spans] = {}

    @property
    def withholds(self) -> bool:
        """Whether a device's mean is withheld where ours was handed on before."""
        return self._own is not None and self._own.late == OwnLate.WITHHELD

    def went(self, station: int, cn: str, data_time: str, dialect: Dialect) -> bool:
        """Whether ours went up for the station and the period of a message."""
        if self._own is None or not data_time:
            return False
        kinds = [kind for kind in self._own.kinds if anew.COMMAND_OF_OWN[kind] == cn]
        try:
            at = microseconds(period_start(cn, data_time, dialect)) if kinds else 0
        except BadTime:
            return False
        return any(self._went(kind, station, floor(block_of(kind), at)) for kind in kinds)

    def _went(self, kind: str, station: int, block: int) -> bool:
        after = block + length_of(block_of(kind))
        spans = self._spans(kind, after)
        return any(one == station and first < after and block < end for one, first, end in spans)

    def _spans(self, kind: str, since: int) -> Spans:
        """What was told of a kind from an instant on; a period is not told before it is over and was waited for."""
        known = self._told.get((kind, since))
        if known is not None or self._own is None:
            return known or []
        begin = moment(since) + timedelta(minutes=self._own.wait_minutes)
        if begin > clock.now():
            return self._told.setdefault((kind, since), [])
        told = lines(f"destination/{self._own.destination}", acts=(OwnMeansHandedOn.__name__,)).filter(at__gte=begin)
        spans = [span for line in told.iterator() for span in line.detail.get("told", ())]
        return self._told.setdefault((kind, since), [(one, first, end) for one, of, first, end in spans if of == kind])
