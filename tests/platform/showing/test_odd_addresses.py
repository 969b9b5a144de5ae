"""Whatever stands in an address, a page answers: with the page, or with what was found there and what was expected."""

# ruff: noqa: F811 fixtures of another file are asked for by name

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.signals import got_request_exception
from django.db import transaction
from django.http import FileResponse, QueryDict
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from test_permissions import (  # noqa: F401 fixtures
    credit,
    filmed,
    flown,
    foretold,
    handed_on,
    listed,
    mouth,
    moved,
    order,
    screened,
    seen,
    table,
    terminal,
    values,
    warning,
)

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]
ALONE = ("²", "9" * 20)  # each name of a query by itself
TOGETHER = ("2026-13-40", "0001-01-01", "x" * 3000, "\0", "-1")  # all of them at once
TEXTS = ("²", "2026-13-40", "x" * 3000, "\0", "'\"<%")  # in place of a text of the path
NUMBERS = (0, 10**20)
STREAMS = {"stream", "logout"}
SERIES = {"series": {"factor": "w01018"}}


def patterns() -> Iterator[URLPattern]:
    """Every address of the pages and of what they read; the administration pages are Django's own."""
    for one in get_resolver("qingyuan.showing.urls").url_patterns:
        if isinstance(one, URLPattern) and one.name not in STREAMS:
            yield one


@contextmanager
def names_read(monkeypatch: Any) -> Iterator[set[str]]:
    """The names of queries that a view asks for."""
    names: set[str] = set()

    def noting(way: Callable[..., Any]) -> Callable[..., Any]:
        def noted(query: Any, key: Any, *rest: Any, **more: Any) -> Any:
            if isinstance(key, str) and not query._mutable:
                names.add(key)
            return way(query, key, *rest, **more)

        return noted

    with monkeypatch.context() as patch:
        for name in ("get", "getlist", "__getitem__", "__contains__"):
            patch.setattr(QueryDict, name, noting(getattr(QueryDict, name)))
        yield names


@pytest.fixture
def failed() -> Iterator[list[str]]:
    """What views raised that nobody expected."""
    told: list[str] = []

    def note(request: Any, **_more: Any) -> None:
        told.append(f"{request.path[:120]} {request.META['QUERY_STRING'][:120]}")

    got_request_exception.connect(note)
    yield told
    got_request_exception.disconnect(note)


@pytest.fixture
def client(cast: Any) -> Client:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(cast.administrator)
    return client


def ask(client: Client, address: str, query: dict[str, str]) -> None:
    """Ask, and leave the database as it was."""
    with transaction.atomic():
        answer = client.get(address, query)
        if isinstance(answer, FileResponse):
            list(answer.streaming_content)
        transaction.set_rollback(True)


def test_whatever_a_query_says_every_page_answers(
    values: dict[str, Any], client: Client, failed: list[str], monkeypatch: Any
) -> None:
    for one in patterns():
        address, usual = reverse(one.name or "", kwargs=values.get(one.name or "")), SERIES.get(one.name or "", {})
        tried: set[str] = set()
        with names_read(monkeypatch) as names:
            ask(client, address, usual)
            while left := names - tried:
                tried |= left
                for odd in ALONE:
                    for name in sorted(left):
                        ask(client, address, {**usual, name: odd})
            for odd in TOGETHER if tried else ():
                ask(client, address, {**usual, **dict.fromkeys(tried, odd)})
    assert failed == []


def test_whatever_stands_in_a_path_every_page_answers(
    values: dict[str, Any], client: Client, failed: list[str]
) -> None:
    for one in patterns():
        usual = values.get(one.name or "", {})
        for name, converter in one.pattern.converters.items():
            for odd in NUMBERS if type(converter).__name__ == "IntConverter" else TEXTS:
                given = {**usual, name: odd}
                if type(converter).__name__ == "SlugConverter":
                    given[name] = "x" * 3000
                ask(client, reverse(one.name or "", kwargs=given), SERIES.get(one.name or "", {}))
    assert failed == []


@pytest.mark.parametrize("who", ["leader", "administrator"])
@pytest.mark.parametrize("asked", ["page=²", "page=-1", "day=2026-13-40", "from=x", "q=%00", f"page={'9' * 20}"])
def test_a_list_that_is_asked_for_oddly_shows_itself_or_says_why_not(cast: Any, who: str, asked: str) -> None:
    browser = Client()
    browser.force_login(getattr(cast, who))
    for address in ("/findings/", "/quality/", "/cases/", "/log/", "/forecasts/scores/hours/", "/forecasts/air/days/"):
        assert browser.get(f"{address}?{asked}").status_code in {200, 400, 403, 404, 422}, address
