"""The running total behind a finding about a year's permitted amount: its chart, the day it passed, where it leads."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from qingyuan.judging.queries import Finding
from qingyuan.kit.clock import SHANGHAI
from qingyuan.recording.queries import AMOUNT, day_values
from qingyuan.sensing.queries import Channel
from qingyuan.showing.logic.judging.words import number_words

DETECTOR = "annual_total"
LATELY = 30  # days whose mean mass leads on to the end of the year; our own choice
MILLI = 1000
A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class RunningTotal:
    """Masses of the days of a year up to the end of a finding, added up. [kg]"""

    found: Finding
    days: Sequence[date]
    masses: NDArray[np.float64]

    @classmethod
    def of(cls, found: Finding) -> "RunningTotal | None":
        """None where the finding is of something else, or no mass of a day is kept."""
        channel = _measured(found.channel) if found.detector == DETECTOR and found.channel else None
        if channel is None or not found.signs or found.signs[0]["high"] is None:
            return None
        last = (found.ended_at.astimezone(SHANGHAI) - timedelta(seconds=1)).date()
        first = date(last.year, 1, 1)
        kept = day_values([channel.pk], first, last, [AMOUNT]).get((channel.pk, AMOUNT))
        if kept is None or np.isnan(kept).all():
            return None
        return cls(found, [first + A_DAY * number for number in range(len(kept))], kept)

    @property
    def permitted(self) -> float:
        """What the permit allows in the year."""
        share = self.found.parameters.get("told_share", 1.0)
        return float(self.found.signs[0]["high"] / share)

    @cached_property
    def sums(self) -> NDArray[np.float64]:
        return np.cumsum(np.nan_to_num(self.masses))

    @property
    def passed_on(self) -> date | None:
        """The day on which the permitted amount was passed."""
        beyond = np.flatnonzero(self.sums > self.permitted)
        return self.days[int(beyond[0])] if beyond.size else None

    @property
    def a_day(self) -> float:
        """The mean mass of the last days that are known."""
        lately = self.masses[-LATELY:]
        return float(np.nanmean(lately)) if not np.isnan(lately).all() else 0.0

    @property
    def year_end(self) -> date:
        return date(self.days[-1].year, 12, 31)

    @property
    def by_year_end(self) -> float:
        """The total of the year, if the days to come are as the last ones."""
        return float(self.sums[-1]) + self.a_day * (self.year_end - self.days[-1]).days

    @property
    def would_pass_on(self) -> date | None:
        """The day on which the permitted amount would be passed at that rate; None if it was, or not in this year."""
        if self.passed_on is not None or self.a_day <= 0.0:
            return None
        day = self.days[-1] + A_DAY * int(np.floor((self.permitted - float(self.sums[-1])) / self.a_day) + 1)
        return day if day <= self.year_end else None

    def facts(self) -> list[dict[str, Any]]:
        """What an officer reads beside the chart."""
        passed, coming = self.passed_on, self.would_pass_on
        share = {"share": f"{self.by_year_end / self.permitted:.0%}"}
        facts = [{"label": _("Permitted in the year"), "value": f"{number_words(self.permitted)} kg"}]
        if passed:
            facts.append({"label": _("Passed on"), "value": passed.isoformat()})
        elif coming:
            facts.append({"label": _("Would be passed on"), "value": coming.isoformat()})
        leads = {
            "label": _("On 31 December, at the rate of the last %(days)d days") % {"days": LATELY},
            "value": f"{number_words(self.by_year_end)} kg",
            "note": _("%(share)s of what is permitted") % share,
        }
        return [*facts, leads] if self.days[-1] < self.year_end else facts

    def as_chart(self) -> str:
        """The answer for the chart island: the total at the end of each day, the permit, and where the rate leads."""
        sums = [round(float(one), 3) for one in self.sums]
        points = [[_end_of(day), total] for day, total in zip(self.days, sums, strict=True)]
        ends = None if self.found.state == "open" else _ms(self.found.ended_at)
        answer: dict[str, Any] = {
            "title": _("%(place)s: total since New Year") % {"place": self.found.title},
            "unit": "kg",
            "decimals": 0,
            "limits": [{"name": _("permitted in the year"), "value": round(self.permitted, 1), "bound": "upper"}],
            "windows": [{"from": _ms(self.found.started_at), "to": ends, "title": self.found.title, "kind": "finding"}],
            "series": [{"name": _("total at the end of the day"), "points": points}],
        }
        if self.days[-1] < self.year_end:
            left = (self.year_end - self.days[-1]).days
            coming = [
                [_end_of(self.days[-1] + A_DAY * number), round(sums[-1] + self.a_day * number, 3)]
                for number in range(left + 1)
            ]
            rate = _("at the rate of the last %(days)d days") % {"days": LATELY}
            answer["series"].append({"name": rate, "points": coming})
        return json.dumps(answer, ensure_ascii=False)


def _measured(channel: Channel) -> Channel | None:
    """The channel by which masses are kept: that of values as measured."""
    if channel.basis == "measured":
        return channel
    return Channel.objects.filter(station=channel.station_id, factor=channel.factor, basis="measured").first()


def _end_of(day: date) -> int:
    return _ms(datetime.combine(day + A_DAY, time(), SHANGHAI))


def _ms(at: datetime) -> int:
    return round(at.timestamp() * MILLI)
