"""Addresses for programs that are described by OpenAPI: `/api/v1/openapi.json`, and as a page `/api/v1/docs`."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern
from ninja import NinjaAPI

from qingyuan.showing.http_api import footage, readings, records

API = NinjaAPI(
    title="Qingyuan",
    version="1",
    description="What programs send to the platform. Every sender has a token, which an administrator issues.",
    urls_namespace="http-api",
)
API.add_router("", readings.ROUTER)
API.add_router("", footage.ROUTER)
API.add_router("", records.ROUTER)
BY_TOKEN = {"post-readings", "post-footage", "post-records"}


def urls() -> tuple[list[Any], str, str]:
    """The addresses; programs log in by their token, people read the description when they are logged in."""
    patterns, app, namespace = API.urls
    for pattern in patterns:
        if isinstance(pattern, URLPattern) and pattern.name in BY_TOKEN:
            login_not_required(pattern.callback)  # marks the view itself
    return patterns, app, namespace
