"""What a detector gets to see: the readings of a window as one series, and the context of the place."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np

from qingyuan.judging import limits
from qingyuan.judging.models import Watch
from qingyuan.kit import clock
from qingyuan.recording import queries as recording
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Context, Detector
from qingyuan_science.plugins import Text, with_parameters
from qingyuan_science.series import Series

PERIODS_AROUND = 96  # more than any detector's run and gap together reach beyond the new readings
UNKNOWN_PERIOD = timedelta(minutes=1)  # real-time values come at the sender's own pace


def around(kind: str) -> timedelta:
    """How far the window reaches beyond the new readings on either side."""
    seconds = limits.AVERAGING[kind].seconds
    return PERIODS_AROUND * (timedelta(seconds=seconds) if seconds else UNKNOWN_PERIOD)


def series(channel: Channel, kinds: str, start: datetime, end: datetime) -> Series:
    """The readings of a window, where a kind in front goes before those behind it at the same instant."""
    parts = [part for kind in kinds if len(part := recording.window(channel.pk, kind, start, end))]
    if len(parts) < 2:
        return parts[0] if parts else recording.window(channel.pk, kinds[0], start, end)
    at = np.concatenate([part.at for part in parts])
    times, chosen = np.unique(at, return_index=True)  # the first of equal times, so what stands in front
    return Series(
        at=times,
        value=np.concatenate([part.value for part in parts])[chosen],
        mark=np.concatenate([part.mark for part in parts])[chosen],
        unit=parts[0].unit,
        step=parts[0].step,
    )


def context(channel: Channel, kind: str, span: tuple[datetime, datetime], known_at: datetime | None = None) -> Context:
    """Place, factor and every limit that binds on a day of the span, as known at an instant."""
    first, last = (instant.astimezone(clock.SHANGHAI).date() for instant in span)
    factor = limits.factor_of(channel)
    return Context(
        place=Text(channel.station.title_zh, channel.station.title_en),
        factor=factor,
        limits=limits.binding(channel, first, last, known_at),
        kind=limits.AVERAGING[kind],
        decimals=factor.decimals,
    )


def detector(code: str, parameters: dict[str, Any]) -> Detector:
    """The detector with its settings."""
    return with_parameters(DETECTORS.get(code), parameters)


def detector_of(watch: Watch) -> Detector:
    """The watch's detector with its settings."""
    return detector(watch.detector, watch.parameters)
