"""Filters of queues: they live in the URL, and narrow a queryset by what was chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit import clock

EVERY = "all"
LOOKED_BACK = (1, 7, 30, 365)  # days that a queue can be narrowed to
OWNER = ("station__enterprise__code", "station__enterprise__title_zh", "station__enterprise__title_en")
DETECTORS, CLUES = "detectors", "clues"


@dataclass(frozen=True)
class Choice:
    """A filter with a few values: its name in the URL, its title, the values, and the field that it narrows."""

    name: str
    title: str
    options: Sequence[tuple[Any, Any]]
    field: str = ""
    default: str = EVERY


def chosen(
    found: QuerySet[Any], choices: Sequence[Choice], query: QueryDict
) -> tuple[QuerySet[Any], list[dict[str, Any]]]:
    """The queryset narrowed by what the URL asks for, and the filters as the page draws them."""
    drawn = []
    for choice in choices:
        value = value_of(choice, query)
        if choice.field and value != EVERY:
            found = found.filter(**{choice.field: value})
        drawn.append(drawn_choice(choice, query))
    return found, drawn


def drawn_choice(choice: Choice, query: QueryDict, *, offers_all: bool = True) -> dict[str, Any]:
    """A filter as a page draws it, with the value that the URL chose."""
    value = value_of(choice, query)
    options = [*([(EVERY, _("All"))] if offers_all else []), *choice.options]
    marked = [{"value": str(code), "title": title, "chosen": str(code) == value} for code, title in options]
    return {"name": choice.name, "title": choice.title, "options": marked}


def value_of(choice: Choice, query: QueryDict) -> str:
    """What the URL chose; what is no option counts as not chosen."""
    value = query.get(choice.name) or choice.default
    return value if value in {EVERY, *(str(code) for code, _title in choice.options)} else choice.default


def words_in(found: QuerySet[Any], text: str, fields: Sequence[str]) -> QuerySet[Any]:
    """The rows of which one of the fields holds every word of the text."""
    for word in text.split()[:8]:
        found = found.filter(reduce(or_, (Q(**{f"{field}__icontains": word}) for field in fields)))
    return found


def since_choice(title: str) -> Choice:
    """How far back a queue goes."""
    spans = [
        (days, _("last %(days)d days") % {"days": days} if days > 1 else _("last 24 hours")) for days in LOOKED_BACK
    ]
    return Choice("since", title, spans)


def since(found: QuerySet[Any], choice: Choice, query: QueryDict, *, field: str) -> QuerySet[Any]:
    """The rows of the days that the URL chose, by a field with an instant."""
    days = value_of(choice, query)
    return found if days == EVERY else found.filter(**{f"{field}__gte": clock.now() - timedelta(days=int(days))})
