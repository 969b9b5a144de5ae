"""Readings on their way into series: what the database holds of them, and where the rest lies in the lake.

Asking the database and reading the lake's files are two steps, because only one process need do the first. The second
knows no Django, so that many processes, on any machine that reaches the lake's storage, can take it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from qingyuan.kit.lakes import Lake
from qingyuan.recording.lake import reading
from qingyuan.recording.lake.reading import Found
from qingyuan.recording.marked import Marked, effective
from qingyuan_science.series import Series

STEPS: dict[str, float | None] = {
    "r": None, "m": None, "M": 60.0, "t": 600.0, "T": 600.0, "h": 3600.0, "H": 3600.0, "d": 86400.0, "D": 86400.0,
}  # fmt: skip


@dataclass(frozen=True)
class Unread:
    """Readings of channels in a span [µs]: those of the hot table, and which version of the lake has the rest."""

    lake: Lake
    version: int | None  # None where no day of the span is sealed
    kind: str
    span: tuple[int, int]
    hot: dict[int, Found]  # names every channel
    units: dict[int, str]
    marks: dict[int, list[Marked]]

    def read(self) -> dict[int, Series]:
        """The readings as `recording.queries.windows` gives them."""
        whole = self.hot
        if self.version is not None:
            found = reading.series(self.lake, self.kind, list(self.hot), self.span, at_least=self.version)
            whole = {channel: hot.over(found[channel]) if channel in found else hot for channel, hot in whole.items()}
        return as_series(whole, self.kind, self.units, self.marks)


def as_series(
    whole: Mapping[int, Found], kind: str, units: Mapping[int, str], marks: Mapping[int, Sequence[Marked]]
) -> dict[int, Series]:
    """Readings with their units, and with people's marks over those of the device."""
    made = {}
    for channel, found in whole.items():
        mark = effective(found.at, found.mark, marks.get(channel, ()), kind=kind, step=STEPS[kind])
        made[channel] = Series(at=found.at, value=found.value, mark=mark, unit=units.get(channel, ""), step=STEPS[kind])
    return made
