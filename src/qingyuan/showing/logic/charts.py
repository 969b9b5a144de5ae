"""What the chart island draws: series with marks, named limit lines, windows of findings and of invalid data."""

import json
from dataclasses import dataclass
from math import isclose
from typing import Any

import numpy as np
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.judging.queries import EXPECTED, Finding, drawn_beside
from qingyuan.kit import clock
from qingyuan.recording.queries import unread_question, windows
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.factors import measured
from qingyuan.showing.logic.forecasting.words import CURRENT_FOR, as_chart, current
from qingyuan.showing.logic.timespans import Span
from qingyuan.showing.wording import aside, said
from qingyuan_science.plugins import Text
from qingyuan_science.series import Mark, Series
from qingyuan_science.standards import Limit

MOST_POINTS = 5000
MOST_FINDINGS = 50
MILLI = 1000  # microseconds in a millisecond
MAINTAINED = frozenset({Mark.MAINTENANCE.value, Mark.CALIBRATION.value})


@dataclass(frozen=True)
class Asked:
    """A channel, the kinds of its readings to draw over each other, and a span of time.

    Around the finding with the number `shown` no forecast is drawn, unless it is what was found, but what its detector
    expected is; and its window stands alone, or nobody sees which of them is meant.
    """

    channel: Channel
    kinds: str
    span: Span
    shown: str = ""


def kind_title(kind: str) -> str:
    """What a kind of reading is called on charts and tables."""
    return {
        "r": _("real-time, as sent"),
        "m": _("minute means, as sent"),
        "M": _("minute means, computed here"),
        "t": _("ten-minute means, as sent"),
        "T": _("ten-minute means, computed here"),
        "h": _("hour means, as sent"),
        "H": _("hour means, computed here"),
        "d": _("day means, as sent"),
        "D": _("day means, computed here"),
    }[kind]


def answer(asked: Asked) -> str:
    """The chart of a channel as JSON, as `web/islands/chart` reads it."""
    words, span = measured(asked.channel), (asked.span.start, asked.span.end)
    readings = unread_question([asked.channel.pk], asked.kinds[0], *span)
    findings, limits, unread = drawn_beside(asked.channel, asked.kinds[0], span, readings, most=MOST_FINDINGS)
    shown = next((one for one in findings if str(one.pk) == asked.shown), None)
    others = {kind: windows([asked.channel.pk], kind, *span) for kind in asked.kinds[1:]}
    found = {asked.kinds[0]: unread.read(), **others}
    parts = {kind: by_channel[asked.channel.pk] for kind, by_channel in found.items()}
    ahead = _ahead(asked, shown)
    return _as_json({
        **({"forecast": ahead} if ahead else {}),
        "title": f"{asked.channel.station.title} {words.short}",
        "unit": words.unit,
        "decimals": words.decimals,
        "limits": [line for limit in limits for line in _lines(limit)] + _expected(asked, shown),
        "windows": [_window(finding) for finding in ([shown] if shown else findings)] + _invalid(parts[asked.kinds[0]]),
        "marks": {mark.value: mark.label.in_language(get_language() or "zh-hans") for mark in Mark},
    }, [_series(asked.channel, kind, thinned(series, MOST_POINTS)) for kind, series in parts.items()])  # fmt: skip


def _ahead(asked: Asked, shown: Finding | None) -> dict[str, Any] | None:
    """The forecast beyond the newest hours, where hours are drawn up to the present."""
    now = clock.now()
    if shown is not None and shown.detector != EXPECTED:
        return None
    if asked.kinds[0] not in "hH" or asked.span.end < now - CURRENT_FOR:
        return None
    found = current(asked.channel, now)
    return as_chart(found) if found else None


def _as_json(told: dict[str, Any], series: list[str]) -> str:
    return f'{json.dumps(told, ensure_ascii=False)[:-1]}, "series": [{", ".join(series)}]}}'


def _series(channel: Channel, kind: str, series: Series) -> str:
    address = reverse("reading", kwargs={"channel": channel.pk, "kind": kind, "at": 0})
    told = {"name": kind_title(kind), "reading_url": f"{address.removesuffix('0/')}{{at}}/"}
    return f'{json.dumps(told, ensure_ascii=False)[:-1]}, "points": [{_points(series)}]}}'


def _points(series: Series) -> str:
    """Time [ms], value and mark of each, as JSON; marks are letters, and need no escape."""
    columns = zip((series.at // MILLI).tolist(), series.value.tolist(), series.mark.tolist(), strict=True)
    written = ",".join([f'[{at},{value!r},"{mark}"]' for at, value, mark in columns])
    return written.replace(",nan,", ",null,")


def thinned(series: Series, most: int) -> Series:
    """At most `most` points: of each run of neighbours the lowest and the highest stay, so that no peak is lost."""
    if len(series) <= most:
        return series
    runs = np.array_split(np.arange(len(series)), most // 2)
    filled = np.where(np.isnan(series.value), -np.inf, series.value)
    kept = {int(run[np.argmax(filled[run])]) for run in runs} | {int(run[np.argmin(filled[run])]) for run in runs}
    chosen = np.array(sorted(kept))
    return Series(series.at[chosen], series.value[chosen], series.mark[chosen], series.unit, series.step)


def _lines(limit: Limit) -> list[dict[str, Any]]:
    language = get_language() or "zh-hans"
    title, averaging = limit.title.in_language(language), limit.averaging.label.in_language(language)
    name = f"{limit.standard} {title}{aside(averaging)}".lstrip()
    sides = (("upper", limit.high), ("lower", limit.low))
    return [{"name": name, "value": value, "bound": bound} for bound, value in sides if value is not None]


def _expected(asked: Asked, found: Finding | None) -> list[dict[str, Any]]:
    """What a detector without a limit expected of the values, where its sign is about the worst or each of them."""
    if found is None or found.limit_high is not None or found.limit_low is not None:
        return []
    of_values = [one for one in found.signs if one["unit"] == asked.channel.unit]
    signs = [one for one in of_values if one.get("of_each") or isclose(one["value"], found.peak)]
    bounds = (("upper", "high"), ("lower", "low"))
    return [
        {
            "name": _("expected: %(what)s") % {"what": said(Text(one["name_zh"], one["name_en"]))},
            "value": float(f"{one[side]:.4g}"),
            "bound": bound,
        }
        for one in signs
        for bound, side in bounds
        if one[side] is not None
    ]


def _window(finding: Finding) -> dict[str, Any]:
    ends = None if finding.state == "open" else round(finding.ended_at.timestamp() * 1000)
    return {
        "from": round(finding.started_at.timestamp() * 1000),
        "to": ends,
        "title": finding.title,
        "kind": "finding",
        "href": reverse("finding", kwargs={"finding_id": finding.pk}),
    }


def _invalid(series: Series) -> list[dict[str, Any]]:
    """Stretches of values that do not count, by mark."""
    if not len(series):
        return []
    language = get_language() or "zh-hans"
    step = round(series.period / MILLI) if len(series) > 1 else 0
    changes = np.flatnonzero(series.mark[1:] != series.mark[:-1]) + 1
    stretches = []
    for run in np.split(np.arange(len(series)), changes):
        mark = str(series.mark[run[0]])
        if mark == Mark.NORMAL.value:
            continue
        stretches.append(
            {
                "from": int(series.at[run[0]]) // MILLI,
                "to": int(series.at[run[-1]]) // MILLI + step,
                "title": Mark(mark).label.in_language(language),
                "kind": "maintenance" if mark in MAINTAINED else "invalid",
            }
        )
    return stretches
