"""What figures of our own forecasts are made of: hours that were scored, and the readings behind a forecast."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.forecasting.queries import Forecast, Input, Pair, inputs_of
from qingyuan.forecasting.queries.channels import KINDS
from qingyuan.recording.queries import window
from qingyuan.showing.logic.factors import mark_title, measured
from qingyuan.showing.logic.filters import EVERY, Choice, value_of
from qingyuan.showing.logic.forecasting.words import hours_of
from qingyuan.showing.wayback import reading_address
from qingyuan_science.series import Series, microseconds, moment, overlaid

AN_HOUR = timedelta(hours=1)


def chosen_days(query: QueryDict) -> tuple[Choice, int]:
    """Of how many days forecasts are scored: the filter, and what the address chose."""
    spans = [("1", _("1 day")), ("7", _("7 days")), ("30", _("30 days"))]
    choice = Choice("days", _("Issued in the last"), spans, default="7")
    return choice, int(value_of(choice, query).replace(EVERY, "7"))


def pair_row(one: Pair) -> dict[str, Any]:
    """A forecast hour beside what came, with the ways to the forecast and to the readings."""
    told = one.forecast
    return {
        "pair": one,
        "station": told.channel.station,
        "words": measured(told.channel),
        "came_from": reading_address(told.channel_id, "h", one.at),
        "newest_from": reading_address(told.channel_id, "h", told.rests_on),
    }


def means(found: Sequence[Pair]) -> dict[str, float | None]:
    """The means over the hours of a list, which are the figures of the table of scores."""
    usual = [one.usual_error for one in found if one.usual_error is not None]
    return {
        "error": float(np.mean([one.error for one in found])) if found else None,
        "persistence": float(np.mean([one.persistence for one in found])) if found else None,
        "usual": float(np.mean(usual)) if usual else None,
    }


def came_hours(one: Forecast) -> list[dict[str, Any]]:
    """Every hour of a forecast with what came, which leads to its reading."""
    rows = hours_of(one)
    end = one.starts_at + len(rows) * AN_HOUR
    came = overlaid([window(one.channel_id, kind, one.starts_at, end) for kind in KINDS])
    known = {int(at): place for place, at in enumerate(came.at.tolist())}
    for number, row in enumerate(rows):
        row["usual"] = one.usual[number] if number < len(one.usual) else None
        place = known.get(microseconds(row["at"]))
        if place is not None:
            row["came"] = {
                "value": float(came.value[place]),
                "valid": bool(came.valid[place]),
                "mark": mark_title(str(came.mark[place])),
                "href": reading_address(one.channel_id, "h", row["at"]),
            }
    return rows


def input_rows(one: Forecast) -> list[dict[str, Any]]:
    """The hour values that a forecast was made of, newest first: as known then, and as they stand now."""
    found = inputs_of(one)
    first, last = found.first_us(one.rests_on), microseconds(one.rests_on)
    begin, end = moment(first), one.rests_on + AN_HOUR
    now = overlaid([window(one.channel_id, kind, begin, end) for kind in KINDS])
    stands = dict(zip(now.at.tolist(), _told(now), strict=True))
    rows = [
        _row(one, place, found, stands)
        for place, at in enumerate(found.known.at.tolist())
        if first <= at <= last and found.known.valid[place]
    ]
    return rows[::-1]


def _row(one: Forecast, place: int, found: Input, stands: dict[int, tuple[float, bool]]) -> dict[str, Any]:
    us, value = int(found.known.at[place]), float(found.known.value[place])
    at: datetime = moment(us)
    now = stands.get(us)
    return {
        "at": at,
        "value": value,
        "computed": found.kinds[place].isupper(),
        "href": reading_address(one.channel_id, found.kinds[place], at) if now else "",
        "gone": now is None,
        "now": now[0] if now and now != (value, True) else None,
        "invalid_now": bool(now and not now[1]),
    }


def _told(series: Series) -> list[tuple[float, bool]]:
    return [(float(value), bool(valid)) for value, valid in zip(series.value, series.valid, strict=True)]
