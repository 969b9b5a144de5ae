"""Which rows of a list in bulk an address asks for: days, values, the enterprise, and as known when."""

from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.sensing.queries.journals import Asked, journal_span
from qingyuan.sensing.queries.records import DataList, sees_persons
from qingyuan.showing.logic.filters import EVERY, value_of
from qingyuan.showing.logic.records.narrowing import BY_COLUMN, firm_choice, instant_of, without
from qingyuan.showing.logic.records.words import shown
from qingyuan.showing.wording import said

DAYS_COUNTED = 31  # of a long list, where nobody says which


@dataclass(frozen=True)
class Wanted:
    """The rows that are asked for; `chips` say by which values, each with the address without it."""

    asked: Asked
    chips: list[dict[str, str]]


def wanted_of(viewer: User, found: DataList, query: QueryDict) -> Wanted:
    """The rows of a list in bulk that an address asks for."""
    chips: list[dict[str, str]] = []
    columns = {one.code: one for one in found.defined.columns if not one.personal or sees_persons(viewer)}
    values = []
    for name in query:
        column = columns.get(name.removeprefix(BY_COLUMN))
        if name.startswith(BY_COLUMN) and column is not None:
            value = query.get(name, "")
            values.append((column.code, value))
            words = shown(column, value, viewer).text or _("empty")
            chips.append({"title": said(column.title), "value": words, "href": without(query, name)})
    firm, at, which = query.get("enterprise", ""), instant_of(query.get("at", "")), value_of(firm_choice(), query)
    if firm:
        chips.append({"title": _("Enterprise"), "value": firm, "href": without(query, "enterprise")})
    if at is not None:
        told = f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
        chips.append({"title": _("As known at"), "value": told, "href": without(query, "at")})
    lead = next((code for code in found.defined.key if code != found.defined.since), "")
    begins = query.get("q", "").strip() if lead in columns else ""
    named = None if which == EVERY else which == "with"
    days = _day(query.get("from", "")), _day(query.get("to", ""))
    return Wanted(Asked(at, days, firm, named, tuple(values), begins), chips)


def of_few_days(found: DataList, asked: Asked) -> Asked:
    """The same; of the last days only that the list holds, where no day is asked for."""
    span = journal_span(found)
    if span is None or asked.days != (None, None):
        return asked
    last = span[1].astimezone(SHANGHAI).date()
    return replace(asked, days=(last - timedelta(days=DAYS_COUNTED - 1), last))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
