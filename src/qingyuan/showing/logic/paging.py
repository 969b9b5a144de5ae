"""Pages of long lists."""

from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.http import QueryDict

PER_PAGE = 50


def page_of(found: QuerySet[Any], query: QueryDict, per_page: int = PER_PAGE) -> dict[str, Any]:
    """One page of a list and the numbers for its pager; an absurd number gives the nearest page."""
    paginator = Paginator(found, per_page)
    page: Page[Any] = paginator.get_page(query.get("page"))
    numbers = paginator.get_elided_page_range(page.number, on_each_side=2, on_ends=1)
    return {"page": page, "page_numbers": list(numbers)}
