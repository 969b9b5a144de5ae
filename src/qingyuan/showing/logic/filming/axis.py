"""What was filmed in a span of time: item by item for the island, in stretches with the readings' means for a list."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.urls import reverse

from qingyuan.judging.queries import limits_for_channel
from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.queries import STEPS, windows
from qingyuan.sensing.queries import Camera, Channel, Footage
from qingyuan.showing.logic.factors import measured, over_words
from qingyuan.showing.logic.timespans import Span
from qingyuan_science.series import Series

MOST_ITEMS = 3000  # that one page gets; a camera that takes a still a minute makes 1,440 a day
GAP = timedelta(minutes=5)  # stills not further apart make one stretch; our own choice
REAL_TIME = timedelta(minutes=1)  # for how long a real-time value stands where the next does not come sooner


@dataclass(frozen=True)
class Stretch:
    """A clip, or stills of one camera that follow one another."""

    camera: Camera
    items: tuple[Footage, ...]

    @property
    def starts_at(self) -> datetime:
        return self.items[0].starts_at

    @property
    def ends_at(self) -> datetime:
        return self.items[-1].ends_at

    @property
    def is_clip(self) -> bool:
        return self.items[0].is_clip


def items_of(found: Sequence[Footage]) -> list[dict[str, Any]]:
    """Every clip and still as the island takes it; times in ms since 1970 UTC."""
    return [
        {
            "id": one.pk,
            "camera": one.camera.code,
            "clip": one.is_clip,
            "from": _ms(one.starts_at),
            "to": _ms(one.ends_at),
            "url": "" if one.removed_at else reverse("footage-file", kwargs={"footage_id": one.pk}),
            "page": reverse("footage", kwargs={"footage_id": one.pk}),
        }
        for one in found
    ]


def stretches(found: Sequence[Footage]) -> list[Stretch]:
    """Clips one by one, stills of a camera together, newest first."""
    made: list[Stretch] = []
    for camera in {one.camera.pk: one.camera for one in found}.values():
        made += _of_camera(camera, [one for one in found if one.camera_id == camera.pk])
    return sorted(made, key=lambda one: one.starts_at, reverse=True)


def _of_camera(camera: Camera, found: Sequence[Footage]) -> Iterator[Stretch]:
    run: list[Footage] = []
    for one in found:
        if run and (one.is_clip or run[-1].is_clip or one.starts_at - run[-1].starts_at > GAP):
            yield Stretch(camera, tuple(run))
            run = []
        run.append(one)
    if run:
        yield Stretch(camera, tuple(run))


def rows_of(found: Sequence[Footage], channels: Sequence[Channel], kind: str, span: Span) -> list[dict[str, Any]]:
    """The stretches with the mean of each channel's valid readings that stand in them."""
    step = timedelta(seconds=STEPS[kind] or 0) or REAL_TIME
    numbers = [channel.pk for channel in channels]
    series = windows(numbers, kind, span.start - step, span.end) if numbers else {}
    day = span.end.astimezone(SHANGHAI).date()
    limits = {channel.pk: limits_for_channel(channel, kind, day) for channel in channels}
    rows = []
    for stretch in stretches(found):
        means = [(channel, _mean(series[channel.pk], stretch, step)) for channel in channels]
        cells = [
            {
                "name": measured(channel).name,
                "value": value,
                "count": count,
                "decimals": measured(channel).decimals,
                "over": over_words(limits[channel.pk], value, kind) if value is not None else "",
            }
            for channel, (value, count) in means
        ]
        rows.append({"stretch": stretch, "first": stretch.items[0], "count": len(stretch.items), "cells": cells})
    return rows


def _mean(series: Series, stretch: Stretch, step: timedelta) -> tuple[float | None, int]:
    """The mean of the valid values whose time meets the stretch, and how many they are."""
    first, last = _ms(stretch.starts_at - step) * 1000, _ms(stretch.ends_at) * 1000
    inside = (series.at > first) & (series.at <= last) & series.valid & ~np.isnan(series.value)
    values = series.value[inside]
    return (float(values.mean()), len(values)) if len(values) else (None, 0)


def _ms(at: datetime) -> int:
    return round(at.timestamp() * 1000)
