"""Rows with editions: entered, followed by the next, ended; what was known stays."""

from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils.translation import gettext as _
from psycopg.errors import ExclusionViolation

from qingyuan.kit import clock
from qingyuan.kit.errors import BadInput, Refused
from qingyuan.places.models import AppliedStandard, CellEdition, Paper, Posting

Edition = TypeVar("Edition", bound=Posting | AppliedStandard | CellEdition | Paper)


def known_from_now() -> DateTimeTZRange:
    """Known from this instant on."""
    return DateTimeTZRange(clock.now(), None)


def ended(edition: Edition, last_day: date) -> Edition:
    """Close what is known of an edition, and enter the one with the new last day beside it."""
    row: Any = locked(edition)
    if last_day < row.valid.lower:
        words = {"found": last_day, "first": row.valid.lower}
        raise BadInput(_("Found last day %(found)s, expected %(first)s or later") % words, "last")
    following: Edition = _until(row, last_day + timedelta(days=1))
    return following


def ended_at(edition: Edition, at: datetime) -> Edition:
    """The same for what holds by instants: from then on it holds no more."""
    row: Any = locked(edition)
    if at <= row.valid.lower:
        raise BadInput(
            _("Expected an end after the start, %(start)s")
            % {"start": f"{row.valid.lower.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}"},
            "last",
        )
    following: Edition = _until(row, at)
    return following


def withdrawn(edition: Edition) -> Edition:
    """Close what is known of an edition that should never have been entered; nothing takes its place."""
    row = locked(edition)
    _close(row)
    return row


def prolonged(edition: Edition, upper: date | None) -> Edition:
    """Close what is known of an edition, and enter one that holds to before another day, or without end."""
    row: Edition = _until(locked(edition), upper)
    return row


def again(edition: Paper) -> Paper:
    """Enter an edition that is no longer known once more, as it stood."""
    row: Paper = _copied(edition, edition.valid)
    return row


def followed(edition: Paper | CellEdition, since: date | datetime) -> None:
    """Make room for the edition that follows from a day or instant on: what held before that goes on holding."""
    row = locked(edition)
    if row.valid.lower is None or row.valid.lower < since:
        upper = row.valid.upper
        _until(row, since if upper is None else min(since, upper))
    else:
        _close(row)


def entered(row: Paper | CellEdition) -> None:
    """Save a new edition, known from now on.

    Raises
    ------
    Refused
        Another edition of the same holds on some of its days.
    """
    row.known = known_from_now()
    _insert(row)


def locked(edition: Edition) -> Edition:
    """The row as it stands, locked.

    Raises
    ------
    Refused
        A later edition stands in its place.
    """
    kept: Any = type(edition)._default_manager.select_for_update(of=("self",))
    row: Edition = kept.get(pk=edition.pk)
    if row.known.isempty or row.known.upper is not None:
        raise Refused(
            _("%(row)s: found an edition that is no longer current, expected the one known now") % {"row": row}
        )
    return row


def _insert(row: Any) -> None:
    """Save a new edition; that no other holds beside it is a constraint, which also two people at once meet."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        if not isinstance(error.__cause__, ExclusionViolation):
            raise
        raise Refused(
            _("%(name)s: there is one already that holds at the same time; change or end that one")
            % {"name": row._meta.verbose_name}
        ) from error


def _close(row: Any) -> None:
    row.known = DateTimeTZRange(row.known.lower, clock.now())
    row.save(update_fields=["known"])


def _until(row: Any, upper: date | datetime | None) -> Any:
    _close(row)
    return _copied(row, type(row.valid)(row.valid.lower, upper))


def _copied(row: Any, valid: Any) -> Any:
    parts = [list(getattr(row, name).all()) for name in getattr(row, "parts", ())]
    names = [getattr(type(row), name).field.name for name in getattr(row, "parts", ())]
    row.pk, row.valid, row.known = None, valid, known_from_now()
    _insert(row)
    for name, several in zip(names, parts, strict=True):
        for part in several:
            part.pk = None
            setattr(part, name, row)
            part.save(force_insert=True)
    return row
