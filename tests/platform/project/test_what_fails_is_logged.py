"""Why a page failed stands in the log of the process that made it."""

import io
import logging
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from qingyuan.showing.views import watch


@pytest.mark.django_db
def test_the_log_names_the_address_and_the_line_that_failed(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("no such share")

    monkeypatch.setattr(watch, "board", broken)
    (handler,) = logging.getLogger("django").handlers
    assert isinstance(handler, logging.StreamHandler)
    written = io.StringIO()
    monkeypatch.setattr(handler, "stream", written)
    visitor = Client(raise_request_exception=False)
    visitor.force_login(cast.duty_officer)
    assert visitor.get(reverse("watch")).status_code == 500
    assert "/watch/" in written.getvalue()
    assert "ZeroDivisionError: no such share" in written.getvalue()
