"""Which kinds of readings a channel has: entered with the first of them, and found in what is stored already."""

from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

from qingyuan.kit.errors import BadInput
from qingyuan.recording.api import describe_stream, note_streams
from qingyuan.recording.queries import streams

pytestmark = pytest.mark.django_db
FIVE = datetime(2026, 11, 22, 5, tzinfo=UTC)


def kinds(channel: Any) -> list[str]:
    return list(streams().filter(channel=channel).values_list("kind", flat=True))


def test_a_kind_is_entered_once_with_its_first_readings(channel: Any, readings: Callable[..., Any]) -> None:
    first = readings(channel, "r", [(FIVE, 40.0)])
    for event in (first, first, readings(channel, "h", [(FIVE, 40.0)])):
        note_streams(event)
    assert kinds(channel) == ["r", "h"]


def test_what_was_said_of_a_stream_stays_when_readings_come(channel: Any, readings: Callable[..., Any]) -> None:
    describe_stream(channel, "r", {"name": "oxygen"})
    note_streams(readings(channel, "r", [(FIVE, 40.0)]))
    assert [stream.name for stream in streams().filter(channel=channel)] == ["oxygen"]
    with pytest.raises(BadInput, match="found kind 'x'"):
        describe_stream(channel, "x", {})


def test_the_migration_finds_the_kinds_of_readings_that_are_stored(channel: Any, readings: Callable[..., Any]) -> None:
    readings(channel, "r", [(FIVE, 40.0)])
    readings(channel, "H", [(FIVE, 40.0)])
    with connection.cursor() as cursor:
        cursor.execute(import_module("qingyuan.recording.migrations.0002_streams").KNOWN)
    assert sorted(kinds(channel)) == ["H", "r"]
