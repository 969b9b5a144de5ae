"""The page between an uploaded table and its import: what stands where, proposed and as the person says it."""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from qingyuan.kit.faults.sentences import in_words
from qingyuan.kit.faults.titles import title_of
from qingyuan.people.queries import User
from qingyuan.places.queries import Station, stations
from qingyuan.sensing.queries import MEDIUM, Guess, TableLine, TablePreview, Title, channels
from qingyuan_science.standards import Factor, StandardsError, all_factors, find_factor
from qingyuan_science.units import UnitError, shown_as

FAULTS_SHOWN = 50
IN_BOTH_AIRS = "air"
CONVERTED = "/converted"
SHAPES = (
    ("wide", gettext_lazy("One factor a column")),
    ("long", gettext_lazy("One value a row")),
    ("hours", gettext_lazy("One hour a column")),
)
FORMS = (
    ("ymd", gettext_lazy("Year first: 2026-11-22 8:00, 2026年11月22日8时, dates of Excel")),
    ("dmy", gettext_lazy("Day first: 22/11/2026 8:00")),
    ("mdy", gettext_lazy("Month first: 11/22/2026 8:00")),
    ("serial", gettext_lazy("Numbers of Excel: 46348.33")),
)
PERIODS = (
    ("r", gettext_lazy("Real-time values")),
    ("m", gettext_lazy("Minute means")),
    ("h", gettext_lazy("Hour means")),
    ("d", gettext_lazy("Day means")),
)
STAMPS = (("start", gettext_lazy("Start of the period")), ("end", gettext_lazy("End of the period")))
DECIMALS = ((".", "1,234.5"), (",", "1.234,5"))
BELOW = (("missing", gettext_lazy("Take as missing")), ("half", gettext_lazy("Half of the limit")))
SUFFIXES = (("no", gettext_lazy("No")), ("yes", gettext_lazy("Yes, as in 12.3D")))


class LayoutForm(forms.Form):
    """What holds for the whole table."""

    sheet = forms.ChoiceField(required=False, label=gettext_lazy("Sheet"))
    header = forms.IntegerField(min_value=1, max_value=1000, label=gettext_lazy("Header row"))
    first = forms.IntegerField(min_value=1, max_value=1000, required=False, label=gettext_lazy("First row of data"))
    shape = forms.ChoiceField(choices=SHAPES, label=gettext_lazy("Shape"))
    time = forms.ChoiceField(label=gettext_lazy("Column of times"))
    hour = forms.ChoiceField(required=False, label=gettext_lazy("Column of hours"))
    form = forms.ChoiceField(choices=FORMS, label=gettext_lazy("Times are written"))
    zone = forms.CharField(max_length=40, label=gettext_lazy("Time zone"))
    period = forms.ChoiceField(choices=PERIODS, label=gettext_lazy("Kind of data"))
    minutes = forms.IntegerField(min_value=1, max_value=1000, label=gettext_lazy("Length of a minute mean, min"))
    stamp = forms.ChoiceField(choices=STAMPS, label=gettext_lazy("The time is the"))
    name = forms.ChoiceField(required=False, label=gettext_lazy("Column of factors"))
    value = forms.ChoiceField(required=False, label=gettext_lazy("Column of values"))
    unit = forms.ChoiceField(required=False, label=gettext_lazy("Column of units"))
    mark = forms.ChoiceField(required=False, label=gettext_lazy("Column of marks"))
    suffixes = forms.ChoiceField(choices=SUFFIXES, label=gettext_lazy("Mark letters behind numbers"))
    decimal = forms.ChoiceField(choices=DECIMALS, label=gettext_lazy("Numbers are written"))
    below = forms.ChoiceField(choices=BELOW, label=gettext_lazy("Values below detection"))
    missing = forms.CharField(
        max_length=200,
        required=False,
        label=gettext_lazy("Words for nothing"),
        help_text=gettext_lazy("With spaces between them; when empty: - — / NA N/A NaN null 无 缺测"),
    )
    station = forms.ChoiceField(required=False, label=gettext_lazy("Column of stations"))
    at = forms.ChoiceField(required=False, label=gettext_lazy("Station of the whole table"))

    def __init__(self, layout: Mapping[str, str], *, titles: Sequence[str], sheets: Sequence[str], at: Any) -> None:
        super().__init__(initial={**DEFAULTS, **{key: value for key, value in layout.items() if value}})
        none = [("", "—")]
        for key in ("hour", "name", "value", "unit", "mark", "station"):
            self.fields[key].choices = none + [(title, title) for title in titles]  # type: ignore[attr-defined]
        self.fields["time"].choices = [(title, title) for title in titles]  # type: ignore[attr-defined]
        self.fields["sheet"].choices = [(sheet, sheet) for sheet in sheets]  # type: ignore[attr-defined]
        self.fields["at"].choices = none + [(one.code, f"{one.title} · {one.code}") for one in at]  # type: ignore[attr-defined]
        if not sheets:
            del self.fields["sheet"]


DEFAULTS = {
    "header": "1", "shape": "wide", "form": "ymd", "zone": "Asia/Shanghai", "period": "h", "minutes": "10",
    "stamp": "start", "suffixes": "no", "decimal": ".", "below": "missing",
}  # fmt: skip
SAID = tuple(LayoutForm.base_fields)


def layout_from(post: QueryDict, before: Mapping[str, str]) -> dict[str, str]:
    """The settings that a posted page says; `before` keeps what the page does not ask."""
    layout = {**before, **{key: post.get(key, "").strip() for key in SAID if key in post}}
    if layout.get("station"):
        layout["at"] = ""
    columns = {title: said for title, said in _columns(before).items() if said.get("hour") is not None}
    said = zip(post.getlist("title"), post.getlist("factor"), post.getlist("unit-of"), strict=False)
    for title, factor, unit in said:
        columns[title] = {**columns.get(title, {}), "name": factor, "unit": unit.strip()}
    given = zip(post.getlist("given"), post.getlist("code"), strict=False)
    return {
        **layout,
        "columns": json.dumps(columns, ensure_ascii=False),
        "stations": json.dumps(dict(given), ensure_ascii=False),
    }


def proposed(layout: Mapping[str, str], guess: Guess, viewer: User) -> dict[str, str]:
    """The layout with a proposal for each column and station of which nothing is said yet."""
    known = list(stations(viewer).order_by("code"))
    said: dict[str, str] = json.loads(layout.get("stations") or "{}")
    by_title = {text: one.code for one in known for text in (one.code, one.title_zh, one.title_en)}
    places = {given: said.get(given, by_title.get(given, "")) for given in guess.stations}
    at = layout.get("at", "") or ("" if guess.stations or len(known) != 1 else known[0].code)
    media = media_of([one for one in known if one.code in {at, *places.values()}])
    columns = _columns(layout)
    if layout.get("shape") == "hours":
        columns = {**_columns(guess.settings), **columns}
    for title in guess.measured:
        if "name" not in columns.get(title.title, {}):
            found = best(title, media)
            columns[title.title] = {
                **columns.get(title.title, {}),
                "name": found.code if found else "",
                "unit": title.unit,
            }
    texts = {"columns": columns, "stations": places}
    return {
        **layout,
        "at": at,
        **{key: json.dumps(value, ensure_ascii=False) for key, value in texts.items()},
    }


def is_complete(layout: Mapping[str, str], completed: Mapping[str, str]) -> bool:
    """Whether the person has said something of every column and station, so that nothing was proposed unseen."""
    same = all(json.loads(layout.get(key) or "{}") == json.loads(completed[key]) for key in ("columns", "stations"))
    return same and layout.get("at", "") == completed.get("at", "")


def best(title: Title, media: set[str]) -> Factor | None:
    """The factor that a title most probably means in these media."""
    fitting = [factor for factor in title.factors if not media or _fits(factor, media)]
    return next(iter(fitting or title.factors), None)


def media_of(chosen: Sequence[Station]) -> set[str]:
    """The media in which the stations measure."""
    return {MEDIUM.get(station.kind, station.kind) for station in chosen}


def _fits(factor: Factor, media: set[str]) -> bool:
    return factor.medium in media or (factor.medium == IN_BOTH_AIRS and bool(media & {"ambient_air", "air_emission"}))


def _columns(layout: Mapping[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(layout.get("columns") or "{}")
    return found


@dataclass(frozen=True)
class ColumnRow:
    """One column, or one name of a column of names, with what it may mean."""

    title: str
    words: str
    unit: str
    chosen: str
    known: list[tuple[str, str]]
    others: list[tuple[str, str]]


def column_rows(layout: Mapping[str, str], guess: Guess, viewer: User) -> list[ColumnRow]:
    """A row for each column of amounts; it may mean a channel of the stations, or any other factor of their media."""
    columns = _columns(layout)
    codes = {layout.get("at", ""), *json.loads(layout.get("stations") or "{}").values()}
    chosen = [station for station in stations(viewer) if station.code in codes]
    known = dict(_channels(chosen, viewer))
    media = media_of(chosen)
    others = {factor.code: label(factor) for factor in all_factors() if not media or _fits(factor, media)}
    rows = []
    for title in guess.measured:
        said = columns.get(title.title, {})
        name = said.get("name", "")
        own = {factor.code: label(factor) for factor in title.factors if factor.code not in others}
        if name and name not in known and name not in others:
            own.setdefault(name, name)
        rest = {**own, **{code: text for code, text in others.items() if code not in known}}
        words = _("every hour") if title.title == "*" else title.title
        rows.append(ColumnRow(title.title, words, said.get("unit", ""), name, [*known.items()], [*rest.items()]))
    return rows


def _channels(chosen: Sequence[Station], viewer: User) -> dict[str, str]:
    found: dict[str, str] = {}
    for channel in channels(viewer).filter(station__in=chosen).order_by("factor", "basis"):
        try:
            factor = find_factor(channel.factor, medium=MEDIUM.get(channel.station.kind))
        except StandardsError:
            continue
        measured = channel.basis == "measured"
        name = channel.factor if measured else f"{channel.factor}/{channel.basis}"
        found[name] = label(factor) if measured else f"{label(factor)} ({_('converted')})"
    return found


def label(factor: Factor) -> str:
    """A factor as a choice: short name, code, unit."""
    unit = shown_as(factor.unit)
    return " · ".join(
        text for text in (factor.short.in_language(get_language() or "zh-hans"), factor.code, unit) if text
    )


def station_rows(layout: Mapping[str, str], guess: Guess) -> list[dict[str, str]]:
    """Each name of the column of stations, and the station that it is said to be."""
    said = json.loads(layout.get("stations") or "{}")
    return [{"given": given, "code": said.get(given, "")} for given in guess.stations]


@dataclass(frozen=True)
class PreviewTable:
    """The first rows as they would be read: a head of names, and a line each."""

    names: list[dict[str, str]]
    lines: list[dict[str, Any]]


def preview_rows(preview: TablePreview) -> PreviewTable:
    """What was read, for people: short names of factors, values with their marks."""
    return PreviewTable(
        [_named(name, preview) for name in preview.names],
        [{"number": line.number, "at": line.at, "cells": _cells(line, preview.names)} for line in preview.lines],
    )


def _named(name: str, preview: TablePreview) -> dict[str, str]:
    rest = name.removesuffix(CONVERTED)
    station, _slash, code = rest.rpartition("/")  # no station while nobody has said whose table it is
    try:
        short = find_factor(code).short.in_language(get_language() or "zh-hans") or code
    except StandardsError:
        short = code
    unit = next((line.said[name].unit for line in preview.lines if name in line.said), "")
    with suppress(UnitError):
        unit = shown_as(unit) if unit else ""
    basis_said = f" ({_('converted')})" if rest != name else ""
    return {"station": station, "short": f"{short}{basis_said}", "unit": unit}


def _cells(line: TableLine, names: Sequence[str]) -> list[dict[str, str]]:
    cells = []
    for name in names:
        said = line.said.get(name)
        value = "" if said is None or said.value is None else f"{said.value:.10g}"
        cells.append({"value": value, "mark": said.mark if said is not None and said.mark != "N" else ""})
    return cells


def fault_rows(faults: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Faults as people read them."""
    return [{"title": title_of(fault), "detail": in_words(detail)} for fault, detail in faults]
