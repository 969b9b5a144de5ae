"""Trying settings and rule sets over stored readings; nothing is written."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from qingyuan.judging.logic import judging, rulesets
from qingyuan.judging.logic.episodes import Episode
from qingyuan.judging.logic.rehearsed import rehearsing
from qingyuan.judging.logic.rehearsed.rehearsing import CHANNELS_A_TASK
from qingyuan.judging.logic.ruling import check_settings
from qingyuan.judging.logic.watching import Look
from qingyuan.kit.errors import BadInput
from qingyuan.sensing.queries import Channel


@dataclass(frozen=True)
class Trial:
    """What a detector would have found at channels in a time; `unjudged` says by channel what could not be judged."""

    found: tuple[tuple[Channel, Episode], ...]
    unjudged: tuple[tuple[Channel, str], ...]


def try_out(
    detector: str,
    parameters: dict[str, Any],
    *,
    kind: str,
    channels: Iterable[Channel],
    span: tuple[datetime, datetime],
) -> Trial:
    """Run a detector over stored readings as if it had been in force; nothing is written.

    Parameters
    ----------
    detector : str
        Code of a detector.
    parameters : dict
        Settings of the detector; what is left out has its default.
    kind : str
        A value of `WatchKind`.
    channels : iterable of Channel
        With their station and enterprise.
    span : tuple of datetime
        From when to before when, aware.

    Returns
    -------
    Trial
        By channel, earliest first.

    Raises
    ------
    BadInput
        There is no such detector, or it does not take such settings; or the span ends before it begins.
    """
    check_settings(detector, parameters)
    first, end = span
    if end <= first:
        raise BadInput(_("Expected an end after the start"), "end")
    last = end - timedelta(microseconds=1)
    looks = [Look(detector, kind, parameters, one, first, last, first) for one in channels]
    unjudged: list[tuple[Channel, str]] = []

    def note(look: Look, reason: Exception) -> None:
        """Note once for each channel what could not be judged."""
        told = (look.channel, str(reason))
        if told not in unjudged:
            unjudged.append(told)

    found = tuple((look.channel, episode) for look, episode in judging.would_find(looks, note))
    return Trial(found, tuple(unjudged))


def rehearse(
    given: Any, span: tuple[datetime, datetime], *, at_once: int = CHANNELS_A_TASK
) -> Iterator[tuple[Look, Episode]]:
    """What a rule set would have found in stored readings, had it been in force; nothing is written.

    Parameters
    ----------
    given : dict
        A rule set; what `json` reads from a file.
    span : tuple of datetime
        From when to before when, aware.
    at_once : int
        How many channels a task has; several tasks are done by as many processes as there are processors.

    Returns
    -------
    iterator of (Look, Episode)
        By channel, each with what looked at it; the same as live judging would have opened.

    Raises
    ------
    BadInput
        It is no rule set, or names what is not known here.
    """
    ids = list(Channel.objects.order_by("pk").values_list("pk", flat=True))
    for part in rehearsing.over(rulesets.read(given).book, ids, span, at_once=at_once):
        yield from part.found
