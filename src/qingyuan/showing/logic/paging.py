"""Pages of long lists, and the numbers in their addresses."""

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from qingyuan.kit.errors import BadInput

PER_PAGE = 50
MOST_DIGITS = 18  # what a bigint holds


def page_of(found: QuerySet[Any] | Sequence[Any], query: QueryDict, per_page: int = PER_PAGE) -> dict[str, Any]:
    """One page of a list and the numbers for its pager; an absurd number gives the nearest page."""
    paginator = Paginator(found, per_page)
    page: Page[Any] = paginator.get_page(query.get("page"))
    numbers = paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "page_numbers": list(numbers)}


def chosen_number(text: str | None) -> int | None:
    """The number of the one row that a form is sent for; None where it is sent for all.

    Raises
    ------
    BadInput
        Something stands there that is no number of a row: it must not count as all of them.
    """
    if not text:
        return None
    number = number_in(text)
    if number is None:
        raise BadInput(_("Found number “%(found)s”, expected that of a row.") % {"found": text[:20]}, "number")
    return number


def number_in(text: str | None) -> int | None:
    """The whole number that an address names; None where it names none, or one that no row can have."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else None
