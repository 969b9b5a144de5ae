"""Putting the rules of a rehearsal into force in place of those that hold today."""

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from qingyuan.judging.logic import rulesets
from qingyuan.judging.logic.ruling import end_watch, may_set_rules_everywhere, one_at_a_time, set_override, set_watch
from qingyuan.judging.models import Override, Watch
from qingyuan.judging.rehearsals import rehearsal
from qingyuan.judging.rules import in_force
from qingyuan.kit import clock
from qingyuan.kit.log import Origin
from qingyuan.people.queries import User

_DAYS = ("valid_from", "last_day")
_RELATED = ("station", "enterprise")


@dataclass(frozen=True)
class Enacted:
    """How many rules were set, how many ended and how many overrides were added."""

    set: int
    ended: int
    overrides: int


@transaction.atomic
def put_into_force(rehearsal_id: int, user: User, origin: Origin) -> Enacted:
    """Let the rules that were rehearsed hold from today on, and end those that are not among them.

    Parameters
    ----------
    rehearsal_id : int
    user : User
        An analyst or administrator of the whole district.
    origin : Origin

    Returns
    -------
    Enacted

    Raises
    ------
    NotFound
        There is no such rehearsal.
    Forbidden
        The user may not set rules for the whole district.
    BadInput
        The rules name what is not known here any more; then nothing is changed.

    Notes
    -----
    Data of the days before keep the rules of their day. A rule that was rehearsed with days keeps those from today on;
    one that was to begin later, and is not among them, does not begin. Overrides that hold stay until they end by
    themselves.
    """
    may_set_rules_everywhere(user)
    one_at_a_time()
    rules = rulesets.read(rehearsal(rehearsal_id).rules)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    gone, come = _compared(rules.watches, Watch.objects.select_related(*_RELATED).order_by("pk"), today)
    for one in gone:
        end_watch(one.pk, today - timedelta(days=1), origin, user=user)
    for one in come:
        made = set_watch(
            one.detector, kind=one.kind, valid_from=_begins(one, today), parameters=one.parameters,
            enabled=one.enabled, user=user, origin=origin, **_place(one),
        )  # fmt: skip
        if (last := _last_day(one)) is not None:
            end_watch(made.pk, last, origin, user=user)
    return Enacted(len(come), len(gone), _overrides(rules.overrides, today, user, origin))


def _compared(wanted: Iterable[Watch], there: Iterable[Watch], today: date) -> tuple[list[Watch], list[Watch]]:
    """Rules that are to end, and those that are to be set, in their order.

    Of two rules for one place the later one holds, so that what was rehearsed after a rule that is set is set as well.
    """
    held = [one for one in there if _lasts(one, today)]
    kept, come = set[int](), list[Watch]()
    newest: dict[str, float] = {}
    for one in wanted:
        if not _lasts(one, today):
            continue
        spot = _spot(one)
        after = newest.get(spot, 0)
        same = [that.pk for that in held if that.pk > after and _is_held(one, that, today)]
        newest[spot] = same[0] if same else math.inf
        kept.update(same[:1])
        come += [] if same else [one]
    return [one for one in held if one.pk not in kept], come


def _lasts(one: Watch, today: date) -> bool:
    return not one.valid.isempty and (one.valid.upper is None or one.valid.upper > today)


def _begins(one: Watch, today: date) -> date:
    return max(one.valid.lower or today, today)


def _is_held(wanted: Watch, held: Watch, today: date) -> bool:
    """Whether both say the same from today on; one that was rehearsed as if it always held says no end."""
    ends = _last_day(wanted)
    return (
        _key(wanted) == _key(held)
        and _begins(wanted, today) == _begins(held, today)
        and (ends is None or ends == _last_day(held))
    )


def _spot(one: Watch) -> str:
    """Equal for rules of which only one can hold on a day."""
    return json.dumps([one.detector, one.kind, *(str(value) for value in _place(one).values())])


def _overrides(several: tuple[Override, ...], today: date, user: User, origin: Origin) -> int:
    held = {_key(one) for one in Override.objects.select_related(*_RELATED) if in_force(one, today)}
    added = 0
    for one in several:
        last = _last_day(one)
        if last is None or last < today or _key(one) in held:
            continue
        first = max(one.valid.lower or today, today)
        set_override(
            one.detector, parameters=one.parameters, reason=one.reason, days=(first, last), user=user, origin=origin,
            **_place(one),
        )  # fmt: skip
        added += 1
    return added


def _last_day(one: Watch | Override) -> date | None:
    """The last day on which a rule holds; None for one without an end."""
    return one.valid.upper - timedelta(days=1) if one.valid.upper else None


def _place(one: Watch | Override) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("station_kind", "industry", "enterprise", "station", "factor")}


def _key(one: Watch | Override) -> str:
    """Equal for rules that say the same, whenever they hold."""
    told = rulesets.written([one], []) if isinstance(one, Watch) else rulesets.written([], [one])
    said: dict[str, Any] = (told["watches"] or told["overrides"])[0]
    return json.dumps({name: value for name, value in said.items() if name not in _DAYS}, sort_keys=True)
