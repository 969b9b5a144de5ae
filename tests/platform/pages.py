"""Asking for pages by name, and reading them as people do."""

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse


def get(client: Client, name: str, query: dict[str, Any] | None = None, **values: Any) -> Any:
    """What a page answers."""
    return client.get(reverse(name, kwargs=values or None), query or {})


def words(answer: Any) -> str:
    """The text of a page as people read it."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def ribbon(page: Any) -> str:
    """The bytes of the packet on a page, as its ribbon shows them."""
    drawn = re.search(r'<p class="qy-ribbon".*?</p>', page.content.decode(), re.DOTALL)
    assert drawn is not None
    return html.unescape(re.sub(r"<[^>]+>", "", drawn[0]))
