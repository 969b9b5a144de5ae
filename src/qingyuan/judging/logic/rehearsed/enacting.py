"""Putting the rules of a rehearsal into force in place of those that hold today."""

import json
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from qingyuan.judging.logic import rulesets
from qingyuan.judging.logic.ruling import end_watch, may_set_rules_everywhere, set_override, set_watch
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
    Data of the days before keep the rules of their day. Overrides that hold stay until they end by themselves.
    """
    may_set_rules_everywhere(user)
    rules = rulesets.read(rehearsal(rehearsal_id).rules)
    today = clock.now().astimezone(clock.SHANGHAI).date()
    wanted = {_key(one): one for one in rules.watches if in_force(one, today)}
    held = {_key(one): one for one in Watch.objects.select_related(*_RELATED) if in_force(one, today)}
    gone = [one for key, one in held.items() if key not in wanted]
    come = [one for key, one in wanted.items() if key not in held]
    for one in gone:
        end_watch(one.pk, today - timedelta(days=1), origin, user=user)
    for one in come:
        set_watch(
            one.detector, kind=one.kind, valid_from=today, parameters=one.parameters, enabled=one.enabled,
            user=user, origin=origin, **_place(one),
        )  # fmt: skip
    return Enacted(len(come), len(gone), _overrides(rules.overrides, today, user, origin))


def _overrides(several: tuple[Override, ...], today: date, user: User, origin: Origin) -> int:
    held = {_key(one) for one in Override.objects.select_related(*_RELATED) if in_force(one, today)}
    added = 0
    for one in several:
        last = one.valid.upper - timedelta(days=1) if one.valid.upper else None
        if last is None or last < today or _key(one) in held:
            continue
        first = max(one.valid.lower or today, today)
        set_override(
            one.detector, parameters=one.parameters, reason=one.reason, days=(first, last), user=user, origin=origin,
            **_place(one),
        )  # fmt: skip
        added += 1
    return added


def _place(one: Watch | Override) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("station_kind", "industry", "enterprise", "station", "factor")}


def _key(one: Watch | Override) -> str:
    """Equal for rules that say the same, whenever they hold."""
    told = rulesets.written([one], []) if isinstance(one, Watch) else rulesets.written([], [one])
    said: dict[str, Any] = (told["watches"] or told["overrides"])[0]
    return json.dumps({name: value for name, value in said.items() if name not in _DAYS}, sort_keys=True)
