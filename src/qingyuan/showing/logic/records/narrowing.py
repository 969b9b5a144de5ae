"""Which records of a list an address asks for: words, values of columns, the enterprise, and as known when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit.clock import SHANGHAI
from qingyuan.people.queries import User
from qingyuan.sensing.queries.records import DataList, Record, narrowed, records_of, sees_persons, with_value
from qingyuan.showing.logic.filters import EVERY, Choice, value_of
from qingyuan.showing.logic.records.words import shown
from qingyuan.showing.wording import said

BY_COLUMN = "in."  # before the code of a column, in addresses


@dataclass(frozen=True)
class Narrowed:
    """The records that are asked for; `chips` say by which values, each with the address without it.

    `whole` are the records before anything narrowed them.
    """

    rows: QuerySet[Record]
    chips: list[dict[str, str]]
    at: datetime | None
    is_whole: bool
    whole: QuerySet[Record]


def firm_choice() -> Choice:
    """With an enterprise or without."""
    options = (("with", _("With an enterprise")), ("without", _("Without an enterprise")))
    return Choice("firm", _("Enterprise"), options)


def narrow(viewer: User, found: DataList, query: QueryDict) -> Narrowed:
    """The records of a list that an address asks for."""
    at = instant_of(query.get("at", ""))
    whole, chips = records_of(viewer, found, at), []
    rows = whole
    columns = {one.code: one for one in found.defined.columns if not one.personal or sees_persons(viewer)}
    for name in query:
        column = columns.get(name.removeprefix(BY_COLUMN))
        if name.startswith(BY_COLUMN) and column is not None:
            value = query.get(name, "")
            rows = with_value(rows, found, column.code, value)
            words = shown(column, value, viewer).text or _("empty")
            chips.append({"title": said(column.title), "value": words, "href": without(query, name)})
    firm = query.get("enterprise", "")
    if firm:
        rows = rows.filter(enterprise__code=firm)
        chips.append({"title": _("Enterprise"), "value": firm, "href": without(query, "enterprise")})
    which = value_of(firm_choice(), query)
    if which != EVERY:
        rows = rows.filter(enterprise__isnull=which == "without")
    words = query.get("q", "")
    rows = narrowed(viewer, found, rows, words)
    if at is not None:
        chips.append({"title": _("As known at"), "value": f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}",
                      "href": without(query, "at")})  # fmt: skip
    return Narrowed(rows, chips, at, not chips and which == EVERY and not words.strip(), whole)


def without(query: QueryDict, name: str) -> str:
    """An address that asks for the same but for one thing; its first page."""
    left = query.copy()
    left.pop(name, None)
    for page in ("page", "after"):
        left.pop(page, None)
    return f"?{left.urlencode()}"


def instant_of(text: str) -> datetime | None:
    """The instant of an address, of Shanghai; None where it says none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found.replace(tzinfo=SHANGHAI) if found.tzinfo is None else found


class Counted:
    """Rows of which the number is known, so that nobody counts millions to draw fifty."""

    ordered = True

    def __init__(self, rows: QuerySet[Any], number: int) -> None:
        self.rows, self.number = rows, number

    def count(self) -> int:
        return self.number

    def __len__(self) -> int:
        return self.number

    def __getitem__(self, wanted: slice) -> list[Any]:
        return list(self.rows[wanted])
