"""How times, numbers and states are written on every page; docs/explanation/interface.md shows each."""

import math
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, RadioSelect, Select
from django.urls import reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django_vite.core.asset_loader import DjangoViteAssetLoader  # type: ignore[import-untyped]

from qingyuan.kit import clock
from qingyuan.kit.faults import sentences, titles
from qingyuan.showing import wording
from qingyuan.showing.logic.papers.words import days_words

register = template.Library()

MINUTE, HOUR, DAY = 60, 3600, 86400
SOON = timedelta(hours=1)

SEVERITIES = {
    1: ("is-grey", "is-ring"),
    2: ("is-blue", "is-square"),
    3: ("is-orange", "is-triangle"),
    4: ("is-red", "is-octagon"),
}
KINDS = {
    "waiting": ("is-grey", "is-ring"),
    "working": ("is-accent", "is-diamond"),
    "good": ("is-green", "is-check"),
    "bad": ("is-red", "is-cross"),
    "warning": ("is-amber", "is-triangle"),
    "idle": ("is-grey", "is-bar"),
    "fair": ("is-blue", "is-square"),
}


@register.simple_tag
def icon_sheet() -> str:
    """Address of the sheet that holds every icon."""
    return str(DjangoViteAssetLoader.instance().generate_vite_asset_url("icons.svg"))


@register.simple_tag
def icon(name: str) -> SafeString:
    """One icon of web/icons.json; decoration only, so it is hidden from screen readers."""
    return format_html('<svg class="qy-icon" aria-hidden="true"><use href="{}#{}"/></svg>', icon_sheet(), name)


@register.filter
def when(value: datetime | date | None) -> SafeString:
    """`11-22 14:05` in this year, the full date otherwise, in Asia/Shanghai; "—" when there is none."""
    if value is None:
        return missing()
    this_year = clock.now().astimezone(clock.SHANGHAI).year
    if not isinstance(value, datetime):
        shown = f"{value:%m-%d}" if value.year == this_year else f"{value:%Y-%m-%d}"
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), shown)
    local = value.astimezone(clock.SHANGHAI)
    shown = f"{local:%m-%d %H:%M}" if local.year == this_year else f"{local:%Y-%m-%d %H:%M}"
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        local.isoformat(timespec="seconds"),
        f"{local:%Y-%m-%d %H:%M:%S}",
        shown,
    )


@register.filter
def ago(value: datetime | None) -> SafeString | str:
    """How long ago, kept current in the page; always written beside the absolute time."""
    if value is None:
        return ""
    passed = clock.now() - value
    shown = _("just now") if passed.total_seconds() < MINUTE else _("%(span)s ago") % {"span": about(passed)}
    local = value.astimezone(clock.SHANGHAI).isoformat(timespec="seconds")
    return format_html('<time class="qy-muted" datetime="{}" data-ago>{}</time>', local, shown)


@register.filter
def help_lines(text: Any) -> list[str]:
    """A help text line by line: that of most fields is one."""
    return str(text).splitlines()


@register.filter
def days(valid: Any) -> str:
    """From the first to the last day of a time in force, both included."""
    return days_words(valid)


@register.filter
def span(value: timedelta) -> str:
    """A length of time in its two largest units; in seconds below a minute."""
    seconds = int(value.total_seconds())
    if 0 < seconds < MINUTE:
        return _("%(seconds)d s") % {"seconds": seconds}
    if seconds < HOUR:
        return _("%(minutes)d min") % {"minutes": seconds // MINUTE}
    if seconds < 2 * DAY:
        return _("%(hours)d h %(minutes)d min") % {"hours": seconds // HOUR, "minutes": seconds % HOUR // MINUTE}
    return _("%(days)d d %(hours)d h") % {"days": seconds // DAY, "hours": seconds % DAY // HOUR}


def about(value: timedelta) -> str:
    """A length of time in its largest unit."""
    seconds = int(value.total_seconds())
    if seconds < HOUR:
        return _("%(minutes)d min") % {"minutes": seconds // MINUTE}
    if seconds < 2 * DAY:
        return _("%(hours)d h") % {"hours": seconds // HOUR}
    return _("%(days)d d") % {"days": seconds // DAY}


@register.filter
def amount(value: float | None, decimals: int = 0) -> SafeString | str:
    """A measured amount with its factor's decimals and thousands separators; "—" when there is none, never 0."""
    if value is None or not math.isfinite(value):
        return missing()
    return f"{value:,.{int(decimals)}f}"


@register.filter
def mass(value: float | None) -> SafeString | str:
    """A mass of any size: whole from a thousand on, about four figures below; "—" when there is none."""
    if value is None or not math.isfinite(value):
        return missing()
    return amount(
        value, 0 if abs(value) >= 1000 else 1 if abs(value) >= 100 else 2 if abs(value) >= 1 or not value else 4
    )


@register.filter
def percent(value: float | None) -> SafeString | str:
    """A share as per cent with one decimal, rounded down so that only what is whole reads 100.0."""
    return missing() if value is None else f"{math.floor(value * 1000 + 1e-9) / 10:.1f}"


@register.filter
def share(value: float | None) -> SafeString | str:
    """A share as whole per cent, with its sign; what is not quite all reads >99%, and what is not quite nothing <1%."""
    if value is None:
        return missing()
    nearly = ">99%" if 0.995 <= value < 1.0 else "<1%" if 0.0 < value < 0.005 else ""
    return nearly or f"{value:.0%}"


@register.filter
def kilometres(value: float | None) -> SafeString | str:
    """A way of so many metres in kilometres."""
    return amount(None if value is None else value / 1000, 1)


@register.filter
def hectares(value: float | None) -> SafeString | str:
    """An area of so many square metres in hectares."""
    return amount(None if value is None else value / 10_000, 1)


@register.filter
def count(value: int | None) -> SafeString | str:
    """A count with thousands separators."""
    return missing() if value is None else f"{value:,}"


@register.simple_tag
def mark(sign: str) -> str:
    """A mark between words, as wide as the reader's characters: `:`, `;`, or `,` between names."""
    return {":": "：", ";": "；", ",": "、"}[sign] if wording.is_chinese() else f"{sign} "


@register.filter
def listed(parts: Iterable[object]) -> str:
    """Parts of a sentence, one after the other."""
    return wording.listed(parts)


@register.filter
def enumerated(names: Iterable[object]) -> str:
    """Names beside each other."""
    return wording.enumerated(names)


@register.filter
def apart(name: str) -> str:
    """A name within a sentence, apart from Chinese words beside it where it is written in Latin letters."""
    return wording.set_apart(name)


@register.filter
def fault_title(fault: str) -> str:
    """What a fault is called, by the name that the tables keep."""
    return titles.title_of(fault)


@register.filter
def in_words(sentence: str) -> str:
    """What an error said, in the reader's language."""
    return sentences.in_words(sentence)


@register.filter
def sender_url(sender: str) -> str:
    """The page of what a packet or a fault came from: a feed, or a device by its MN."""
    kind, colon, code = sender.partition(":")
    return (
        reverse("feed", kwargs={"code": code}) if colon and kind == "feed" else reverse("device", kwargs={"mn": sender})
    )


@register.filter
def sender(name: str) -> str:
    """What a packet or a fault came from, without the mark that tells feeds from devices."""
    return name.removeprefix("feed:")


@register.simple_tag
def missing() -> SafeString:
    """What stands where nothing is known."""
    return format_html(
        '<span class="qy-missing"><span aria-hidden="true">—</span><span class="qy-hidden">{}</span></span>',
        _("no value"),
    )


@register.simple_tag
def severity_badge(severity: int) -> SafeString:
    """How grave: 1 notice, 2 minor, 3 major, 4 critical."""
    words = {1: _("Notice"), 2: _("Minor"), 3: _("Major"), 4: _("Critical")}
    return badge(words[int(severity)], *SEVERITIES[int(severity)])


@register.simple_tag
def state_badge(title: str, kind: str = "waiting") -> SafeString:
    """A state in its own words; the kind gives colour and shape (waiting, working, good, fair, bad, warning, idle)."""
    return badge(title, *KINDS[kind])


@register.simple_tag
def clock_badge(
    due_at: datetime | None, soon_at: datetime | None = None, done_at: datetime | None = None
) -> SafeString:
    """What is left of a time limit, kept current in the page; once done, whether it was in time."""
    if due_at is None:
        return missing()
    if done_at is not None:
        in_time = done_at <= due_at
        return badge(_("Done in time") if in_time else _("Done late"), *KINDS["good" if in_time else "bad"])
    now, soon = clock.now(), soon_at or due_at - SOON
    state = "overdue" if now > due_at else "due-soon" if now >= soon else "on-time"
    words = _("overdue %(span)s") if state == "overdue" else _("%(span)s left")
    return format_html(
        '<span class="qy-badge" data-clock="{}" data-due="{}" data-soon="{}">'
        '<i class="qy-shape" aria-hidden="true"></i><span data-word>{}</span> {}</span>',
        state,
        due_at.isoformat(timespec="seconds"),
        soon.isoformat(timespec="seconds"),
        words % {"span": span(abs(due_at - now))},
        when(due_at),
    )


def badge(title: str, colour: str, shape: str) -> SafeString:
    return format_html(
        '<span class="qy-badge {}"><i class="qy-shape {}" aria-hidden="true"></i>{}</span>', colour, shape, title
    )


@register.simple_tag
def shape(kind: str) -> SafeString:
    """The mark of a state alone, where its word stands beside it."""
    colour, outline = KINDS[kind]
    return format_html('<i class="qy-shape {} {}" aria-hidden="true"></i>', colour, outline)


@register.simple_tag
def copy_id(text: object) -> SafeString:
    """A number that a press copies."""
    return format_html(
        '<button type="button" class="qy-copy" data-copy="{0}" title="{1}">'
        '<span class="qy-hidden">{1} </span>{0} {2}</button>',
        text,
        _("Copy"),
        icon("copy"),
    )


@register.simple_tag
def island(name: str, props: dict[str, Any] | None = None, refresh: str = "", **values: Any) -> SafeString:
    """Where an island mounts: its props as JSON, and the live events upon which it reads its data again."""
    triggers = ", ".join(f"sse:{event}" for event in refresh.split())
    return format_html(
        '<div data-island="{}"{}>{}<div class="qy-skeleton"></div>'
        '<noscript><p class="qy-island-note">{}</p></noscript></div>',
        name,
        format_html(' hx-trigger="{}"', triggers) if triggers else "",
        json_script({**(props or {}), **values}),
        _("This part needs JavaScript."),
    )


@register.filter
def widget(field: BoundField) -> SafeString:
    """The field's control in the looks of the frame."""
    control = field.field.widget
    if isinstance(control, RadioSelect | CheckboxSelectMultiple):
        return field.as_widget()
    if isinstance(control, CheckboxInput):
        looks = "form-check-input"
    elif isinstance(control, Select):
        looks = "form-select"
    else:
        looks = "form-control"
    return field.as_widget(attrs={"class": f"{control.attrs.get('class', '')} {looks}".strip()})


@register.filter
def is_choices(field: BoundField) -> bool:
    """Whether the field is a group of boxes or radio buttons, which takes a legend instead of a label."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    """Whether the field is one box to tick, which stands before its label."""
    return isinstance(field.field.widget, CheckboxInput)
