from dataclasses import dataclass
from typing import ClassVar

import pytest
from django.db import connection

from qingyuan.kit import log
from qingyuan.kit.errors import LogBroken
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class LampLit(Event):
    subject_kind: ClassVar[str] = "lamp"
    id: int
    colour: str = "绿"


@pytest.fixture
def three_lines(db: None) -> list[Entry]:
    return [log.write(LampLit(id=number), log.Origin("wang", "10.0.0.1"), why="夜里") for number in (1, 2, 3)]


def test_an_untouched_log_verifies_and_says_how_long_it_is(three_lines: list[Entry]) -> None:
    before = log.verify()
    log.write(LampLit(id=4))
    assert log.verify() == before + 1


def test_a_line_tells_who_from_where_what_and_why(three_lines: list[Entry]) -> None:
    line = Entry.objects.get(pk=three_lines[0].pk)
    assert (line.act, line.subject, line.actor, line.origin, line.why) == (
        "LampLit",
        "lamp/1",
        "wang",
        "10.0.0.1",
        "夜里",
    )
    assert line.detail == {"id": 1, "colour": "绿"}


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE kit_entry SET why = 'other' WHERE seq = %s",
        "UPDATE kit_entry SET actor = 'li' WHERE seq = %s",
        "UPDATE kit_entry SET detail = '{}' WHERE seq = %s",
        "UPDATE kit_entry SET at = at + interval '1 second' WHERE seq = %s",
        "DELETE FROM kit_entry WHERE seq = %s",
        "UPDATE kit_entry SET hash = sha256('x') WHERE seq = %s",
    ],
)
def test_a_changed_or_dropped_line_is_found_and_named(three_lines: list[Entry], tampering: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(tampering, [three_lines[1].seq])
    with pytest.raises(LogBroken, match=rf"line {three_lines[1].seq}|line {three_lines[2].seq}"):
        log.verify()


def test_two_lines_that_change_places_are_found(three_lines: list[Entry]) -> None:
    first, second = three_lines[1].seq, three_lines[2].seq
    with connection.cursor() as cursor:
        for source, target in ((first, -1), (second, first), (-1, second)):
            cursor.execute("UPDATE kit_entry SET seq = %s WHERE seq = %s", [target, source])
    with pytest.raises(LogBroken):
        log.verify()


def test_an_event_name_can_be_used_once_only() -> None:
    with pytest.raises(TypeError, match="LampLit"):
        type("LampLit", (Event,), {"__module__": "elsewhere"})
