"""Rules that were rehearsed and are put into force hold afterwards as they were rehearsed."""

from datetime import date, timedelta
from threading import Thread
from typing import Any

import pytest
from casefile import LONG_AGO, OFFICE
from django.db import connection, transaction

from qingyuan.judging.api import export_rules, put_into_force, set_watch, start_rehearsal
from qingyuan.judging.queries import Watch, watches
from qingyuan.judging.rules import Rulebook, in_force
from qingyuan.kit import clock

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def today() -> date:
    return clock.now().astimezone(clock.SHANGHAI).date()


def rehearsed(cast: Any, *rules: dict[str, Any]) -> int:
    """A rehearsal of some rules for hour means."""
    whole = {**export_rules(), "watches": [{"detector": "exceedance", "kind": "h", **one} for one in rules]}
    days = (today() - 2 * DAY, today() - DAY)
    return start_rehearsal(cast.analyst, OFFICE, rules=whole, days=days).pk


def held_on(day: date) -> list[dict[str, Any]]:
    return [one.parameters for one in watches().order_by("pk") if in_force(one, day)]


def test_a_rule_that_was_rehearsed_with_a_last_day_ends_with_it(cast: Any, grid: Any) -> None:
    last = today() + 3 * DAY
    number = rehearsed(cast, {"valid_from": "2026-01-01", "last_day": last.isoformat()})
    put_into_force(number, cast.analyst, OFFICE)
    assert (held_on(today()), held_on(last), held_on(last + DAY)) == ([{}], [{}], [])
    again = put_into_force(number, cast.analyst, OFFICE)
    assert (again.set, again.ended, watches().count()) == (0, 0, 1)


def test_a_rule_that_has_an_end_keeps_it_where_it_was_rehearsed_as_if_it_always_held(cast: Any, grid: Any) -> None:
    set_watch("exceedance", kind="h", valid_from=LONG_AGO)
    Watch.objects.update(valid=(LONG_AGO, today() + 2 * DAY))
    done = put_into_force(rehearsed(cast, {}), cast.analyst, OFFICE)
    assert (done.set, done.ended, held_on(today() + 2 * DAY)) == (0, 0, [])


def test_rules_that_begin_later_come_into_force_then_and_others_do_not_begin(cast: Any, grid: Any) -> None:
    later = today() + 5 * DAY
    set_watch("exceedance", kind="h", valid_from=later, parameters={"minimum_periods": 9})
    number = rehearsed(cast, {}, {"valid_from": later.isoformat(), "parameters": {"minimum_periods": 2}})
    put_into_force(number, cast.analyst, OFFICE)
    assert (held_on(today()), held_on(later)) == ([{}], [{}, {"minimum_periods": 2}])


def test_of_two_rules_for_one_place_the_one_that_held_in_the_rehearsal_holds(
    cast: Any, grid: Any, channel: Any
) -> None:
    """The later one of a file goes before the earlier one, also where the later one is in force already."""
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, parameters={"minimum_periods": 2})
    wide, narrow = {"parameters": {"minimum_periods": 7}}, {"parameters": {"minimum_periods": 2}}
    put_into_force(rehearsed(cast, wide, narrow), cast.analyst, OFFICE)
    rule = Rulebook.of_today().rule(channel, "exceedance", "h", today())
    assert rule is not None
    assert rule.parameters == {"minimum_periods": 2}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("first", [2, None])
def test_two_people_who_put_rules_into_force_at_once_take_turns(cast: Any, grid: Any, first: int | None) -> None:
    """Whoever is second sees what the first one set and ends it, so that one rule holds, not both."""
    numbers = [rehearsed(cast, {"parameters": {"minimum_periods": one}}) for one in (2, 3)]
    told: list[Any] = []

    def press() -> None:
        try:
            told.append(put_into_force(numbers[1], cast.analyst, OFFICE))
        finally:
            connection.close()

    second = Thread(target=press)
    with transaction.atomic():
        if first:
            put_into_force(numbers[0], cast.analyst, OFFICE)
        else:
            set_watch("exceedance", kind="h", valid_from=today(), user=cast.analyst, origin=OFFICE)
        second.start()
        second.join(1.0)
        assert second.is_alive(), "it waits for the first"
    second.join()
    assert [(one.set, one.ended) for one in told] == [(1, 1)]
    assert held_on(today()) == [{"minimum_periods": 3}]
