"""Forecasts of air quality held against the days that came, as the page, its workbook and its question tell them."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from qingyuan.forecasting.queries import (
    ForetoldDay,
    Held,
    Unscored,
    areas_foretold,
    clock_day,
    forecasters_of,
    held_days,
    question_of,
)
from qingyuan.people.queries import User
from qingyuan.places.queries import GridCell
from qingyuan.showing.logic.environment.asked import Look
from qingyuan.showing.logic.environment.levels import Chip, air_chip, clauses, item_name
from qingyuan.showing.logic.environment.sheets import Sheet
from qingyuan.showing.logic.filters import EVERY, Choice, drawn_choice, value_of
from qingyuan.showing.wording import said
from qingyuan_science import calc
from qingyuan_science.plugins import Source, Text
from qingyuan_science.standards.air import air_edition, air_editions, levels

calc.load()
TOPIC = "air_forecast_score"
FURTHEST = timedelta(days=30)  # days beyond the period, so that forecasts of days to come are counted
WRONG_SHOWN = 200
REASONS = (
    (Unscored.LATE, gettext_lazy("came after the day had begun: kept, never scored")),
    (
        Unscored.REPLACED,
        gettext_lazy("replaced by one that the same forecaster issued later, come on the same day"),
    ),
    (Unscored.COMING, gettext_lazy("the day is not over yet")),
    (Unscored.UNASSESSED, gettext_lazy("the area has no AQI on the day: too few valid points, or a pollutant missing")),
)
OWN = "own"
_SPAN = float(next(one.default for one in calc.TOPICS.get(TOPIC).fields if one.name == "span"))
FIGURES = (
    ("spanning_level", gettext_lazy("Level in the range told, %")),
    ("strict_level", gettext_lazy("Level told, %")),
    ("in_range", gettext_lazy("AQI in the range told, %")),
    ("within", gettext_lazy("AQI within 20, %")),
    ("primary_hit", gettext_lazy("Primary pollutant, %")),
    ("hit_rate", gettext_lazy("Hit rate above 100, %")),
    ("false_alarm_ratio", gettext_lazy("False alarms, %")),
)
RIVALS = (
    ("persistence", gettext_lazy("Persistence")),
    ("climatology", gettext_lazy("Climatology")),
)


@dataclass(frozen=True)
class AirScores:
    """The forecasts of one period, area and forecaster, and what they were worth."""

    look: Look
    forecaster: str
    forecasters: tuple[str, ...]
    areas: tuple[GridCell, ...]
    held: tuple[Held, ...]
    query: QueryDict

    @classmethod
    def asked(cls, viewer: User, query: QueryDict) -> "AirScores":
        look = Look.asked(viewer, query)
        areas = [look.area] if look.area else areas_foretold(viewer)
        names = forecasters_of(areas)
        chosen = value_of(_choice(names), query)
        name = "" if chosen == EVERY else chosen
        last = min(look.period.last, look.period.today + FURTHEST)
        held = held_days(areas, (look.period.first, last), look.now, forecaster=name) if areas else []
        return cls(look, name, tuple(names), tuple(areas), tuple(held), query)

    @cached_property
    def scored(self) -> list[Held]:
        return [one for one in self.held if one.why_not is None]

    @cached_property
    def answered(self) -> calc.Answer | None:
        """What the calculation says of all; None without a scored day."""
        return calc.answer(TOPIC, question_of(self.scored)) if self.scored else None

    @property
    def filters(self) -> list[dict[str, Any]]:
        return [*self.look.controls()["filters"], drawn_choice(_choice(self.forecasters), self.query)]

    def address(self, **more: str) -> str:
        return self.look.address(**({"forecaster": self.forecaster} if self.forecaster else {}), **more)

    def by_lead(self) -> list[dict[str, Any]]:
        """A group a lead day, and all of them."""
        if self.answered is None:
            return []
        found = [
            _group(lead_words(one["lead"]), one, {"lead": str(one["lead"])}) for one in self.answered.result["leads"]
        ]
        return [*found, _group(_("All"), self.answered.result["all"], {})]

    def by_forecaster(self) -> list[dict[str, Any]]:
        return self._by("who", lambda one: one.foretold.forecaster)

    def by_month(self) -> list[dict[str, Any]]:
        return self._by("month", lambda one: f"{one.foretold.day:%Y-%m}")

    def by_area(self) -> list[dict[str, Any]]:
        return self._by("cell", lambda one: one.foretold.cell.title)

    def by_level(self) -> list[dict[str, Any]]:
        """By the level that came: most days are good ones, and those tell little."""
        return self._by("level", _level_name)

    def _by(self, name: str, key: Callable[[Held], str]) -> list[dict[str, Any]]:
        found = []
        for title, some in groupby(sorted(self.scored, key=key), key):
            days = list(some)
            result = calc.answer(TOPIC, question_of(days)).result["all"]
            found.append(_group(title, result, {name: NARROWED[name](days[0])}))
        return found if len(found) > 1 else []

    @property
    def unscored(self) -> list[dict[str, Any]]:
        counted = Counter(one.why_not for one in self.held)
        return [
            {"why": str(words), "count": counted[reason], "show": reason.value}
            for reason, words in REASONS if counted[reason]
        ]  # fmt: skip

    def listed(self) -> list[Held]:
        """The forecasts that one number of the page counts, as the rest of the address names it; the latest first."""
        show = self.query.get("show", "")
        reasons = {reason.value for reason, _words in REASONS}
        found = self.wrong[::-1] if show == "wrong" else self.scored
        found = [one for one in self.held if one.why_not == show] if show in reasons else found
        for name, value_in in NARROWED.items():
            asked = self.query.get(name)
            found = [one for one in found if value_in(one) == asked] if asked else found
        return found[::-1]

    @property
    def level_only(self) -> int:
        return sum(one.foretold.given == "level" for one in self.scored)

    @cached_property
    def wrong(self) -> list[Held]:
        """The scored days whose level is none of those that were published, the latest first."""
        return [one for one in reversed(self.scored) if not _is_right(one)]

    @property
    def clauses(self) -> list[Source]:
        used = self.answered.clauses if self.answered else ()
        first, last = self.look.period.first, max(self.look.period.until, self.look.period.first)
        days = [one for one in air_editions() if one.valid_from <= last and first <= (one.valid_to or first)]
        return clauses([*used, *(edition.sources["breakpoints"] for edition in days)])

    @property
    def rule(self) -> str:
        told = self.answered.result["rule"] if self.answered else None
        return said(Text(told["zh"], told["en"])) if told else ""

    def sheet(self) -> Sheet:
        """Every forecast with its day, scored or not: who computes again needs nothing else."""
        keys = [
            "day", "area", "forecaster", "issued_at", "received_at", "lead", "forecast", "low", "high", "given",
            "primary", "observed", "observed_primary", "at_issue", "at_issue_primary", "usual", "usual_primary",
            "not_scored", "bulletin", "bulletin_sha256",
        ]  # fmt: skip
        heads = keys  # names of the calculation, the same in every language
        about = {"calculation": TOPIC}
        return Sheet(f"air-forecasts-{self.look.period.title}".replace(" ", "-"), keys, heads,
                     [_cells(one) for one in self.held], about, self.clauses)  # fmt: skip

    def score_sheet(self) -> Sheet:
        """The scores as they stand on the page."""
        keys = ["group", "forecasts"] + [
            f"{who}_{name}" for who in (OWN, *(code for code, _title in RIVALS)) for name, _words in FIGURES
        ]
        own = [_("Group"), _("Scored forecasts"), *(str(words) for _name, words in FIGURES)]
        heads = own + [f"{title}: {words}" for _code, title in RIVALS for _name, words in FIGURES]
        groups = [*self.by_lead(), *self.by_forecaster(), *self.by_month(), *self.by_area(), *self.by_level()]
        rows = [
            [one["title"], one["forecasts"], *(one[OWN].get(name) for name, _words in FIGURES),
             *(one[code].get(name) for code, _title in RIVALS for name, _words in FIGURES)]
            for one in groups
        ]  # fmt: skip
        name = f"air-forecast-scores-{self.look.period.title}".replace(" ", "-")
        rule = Source(TOPIC, "", Text(self.rule, self.rule)).in_language("en")
        return Sheet(name, keys, heads, rows, {"calculation": TOPIC}, [*self.clauses, rule])


def _choice(names: Sequence[str]) -> Choice:
    return Choice("forecaster", _("Forecaster or model"), [(one, one) for one in names])


def lead_words(lead: int) -> str:
    """How many days ahead."""
    return _("1 day ahead") if lead == 1 else _("%(lead)d days ahead") % {"lead": lead}


def _group(title: str, result: dict[str, Any], named: dict[str, str]) -> dict[str, Any]:
    """The scores of a group, and what names it in the address of the list of its forecasts."""
    return {
        "title": title,
        "named": named,
        "forecasts": result["forecasts"],
        OWN: {name: result.get(name) for name, _words in FIGURES},
        **{code: {name: result.get(code, {}).get(name) for name, _words in FIGURES} for code, _title in RIVALS},
        "counts": {code: result.get(code, {}).get("forecasts") for code, _title in RIVALS},
    }


def _level_name(one: Held) -> str:
    chip = level_chip(one.observed, one.foretold.day)
    return chip.name if chip else ""


NARROWED: dict[str, Callable[[Held], str]] = {
    "lead": lambda one: str(one.foretold.lead),
    "who": lambda one: one.foretold.forecaster,
    "month": lambda one: f"{one.foretold.day:%Y-%m}",
    "cell": lambda one: one.foretold.cell.code,
    "level": lambda one: "" if one.observed is None else str(int(levels(one.observed, air_edition(one.foretold.day)))),
}
"""By what the forecasts of a group are named in an address."""


def level_chip(aqi: float | None, on: date) -> Chip | None:
    """The level of an AQI by the edition of a day."""
    return None if aqi is None else air_chip(float(levels(aqi, air_edition(on))))


def _is_right(one: Held) -> bool:
    told, span = one.foretold, _SPAN
    edition = air_edition(told.day)
    low = told.low if told.low is not None else max(told.value - span, 0.0)
    high = told.high if told.high is not None else told.value + span
    came = levels(one.observed or 0.0, edition)
    return bool(levels(low, edition) <= came <= levels(high, edition))


def wrong_row(one: Held) -> dict[str, Any]:
    """A day beside its forecast, as a table draws it."""
    told = one.foretold
    arrived = clock_day(told.received_at)
    asked = {"cell": told.cell.code, "day": f"{told.day}", "arrived": f"{arrived}"}
    return {
        "why": next((str(words) for reason, words in REASONS if reason is one.why_not), ""),
        "right": one.why_not is None and _is_right(one),
        "before": arrived - timedelta(days=1),
        "usual_address": f"{reverse('air-forecast-usual')}?{urlencode(asked)}",
        "held": one,
        "foretold": index_words(told),
        "foretold_chip": level_chip(told.value, told.day),
        "chip": level_chip(one.observed, told.day),
        "primary": names_of(told.primary),
        "came": names_of(one.primary),
    }


def index_words(told: ForetoldDay) -> str:
    """The AQI as it was published."""
    return f"{told.low:g}–{told.high:g}" if told.low is not None and told.high is not None else f"{told.value:g}"


def names_of(pollutants: Iterable[str]) -> str:
    return ", ".join(item_name(name) for name in pollutants)


def _cells(one: Held) -> list[Any]:
    told = one.foretold
    return [
        told.day, told.cell.code, told.forecaster, told.issued_at.isoformat(), told.received_at.isoformat(), told.lead,
        told.value, told.low, told.high, told.given, ", ".join(told.primary), one.observed, ", ".join(one.primary),
        one.at_issue, ", ".join(one.at_issue_primary), one.usual, ", ".join(one.usual_primary), one.why_not or "",
        told.bulletin_id, told.bulletin.sha256,
    ]  # fmt: skip
