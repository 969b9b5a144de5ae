"""Verbs on marks by people."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.db import transaction
from django.utils.translation import gettext as _

from qingyuan.kit import clock, log
from qingyuan.kit.errors import BadInput, Forbidden, NotFound, Refused
from qingyuan.kit.log import Origin
from qingyuan.people.queries import Role, User
from qingyuan.places.queries import stations
from qingyuan.recording.events import (
    DataMarked,
    MarkWithdrawn,
)
from qingyuan.recording.logic import (
    evidence,
    marking,
)
from qingyuan.recording.logic.evidence import Evidence
from qingyuan.recording.models import MarkedSpan
from qingyuan.recording.queries import MAY_MARK, MAY_WITHDRAW, marks
from qingyuan.sensing.queries import Channel

_NOTE = (
    "INSERT INTO recording_stream (channel_id, kind, name, description, properties)"
    " SELECT n.channel, n.kind, '', '', '{}' FROM unnest(%s::int[], %s::text[]) AS n(channel, kind)"
    " WHERE NOT EXISTS (SELECT FROM recording_stream s WHERE (s.channel_id, s.kind) = (n.channel, n.kind))"
    " ON CONFLICT DO NOTHING"
)


@transaction.atomic
def mark_span(
    station_code: str,
    user: User,
    origin: Origin,
    *,
    code: str,
    starts_at: datetime,
    ends_at: datetime,
    reason: str,
    channel_ids: Sequence[int] = (),
    attached: Evidence | None = None,
) -> MarkedSpan:
    """Mark the data of a time at an outlet, as the operator of its monitor must.

    Parameters
    ----------
    station_code : str
        Code of a station of the user's enterprise.
    user : User
        An enterprise user.
    origin : Origin
    code : str
        A kind of mark of `qingyuan_science.standards.markings`.
    starts_at, ends_at : datetime
        Aware; `starts_at` belongs to the time, `ends_at` does not.
    reason : str
        What happened; it cannot be left out.
    channel_ids : sequence of int
        Channels of the station; all of them when left out.
    attached : Evidence, optional
        A PDF or a photo.

    Returns
    -------
    MarkedSpan
        In force at once; the loop computes anew what it touches.

    Raises
    ------
    NotFound
        The user has no such station.
    Forbidden
        The user's role may not mark data.
    BadInput
        The mark, the time, the channels, the reason or the evidence is not what it must be; says what it expects.
    """
    if user.role not in MAY_MARK:
        roles = ", ".join(str(Role(role).label) for role in MAY_MARK)
        raise Forbidden(_("Only these roles may mark data: %(roles)s") % {"roles": roles})
    # what is left of the year's cap is counted below: two marks of a station at once take turns
    station = stations(user).filter(code=station_code).select_for_update(of=("self",), no_key=True).first()
    if station is None:
        raise NotFound(_("There is no station %(code)s in your territory.") % {"code": station_code})
    now = clock.now()
    kind = marking.kind_of(code, station)
    marking.check_span(starts_at, ends_at, now)
    marking.check_rule(kind, starts_at)
    if not reason.strip():
        raise BadInput(_("Say what happened"), "reason")
    there = list(Channel.objects.filter(station=station).values_list("pk", flat=True))
    chosen = marking.chosen(there, channel_ids)
    if attached is not None:
        evidence.keep(attached)
    row = MarkedSpan.objects.create(
        station=station, starts_at=starts_at, ends_at=ends_at, code=code,
        letter=kind.letter.value if kind.letter else "",
        counts_until=marking.counts_until(station, kind, starts_at, ends_at), reason=reason.strip(),
        evidence_name=Path(attached.name).name[:160] if attached else "",
        evidence_sha256=attached.sha256 if attached else "",
        marked_by=user, marked_at=now, due_at=marking.due_at(ends_at),
    )  # fmt: skip
    row.channels.set(chosen)
    fact = DataMarked(
        id=row.pk, spans=marking.spans(chosen, starts_at, ends_at, now), station=station.code, code=code,
        starts_at=starts_at.isoformat(), ends_at=ends_at.isoformat(),
        evidence_sha256=row.evidence_sha256, late=row.late,
    )  # fmt: skip
    log.write(fact, origin, row.reason)
    return row


@transaction.atomic
def withdraw_mark(mark_id: int, user: User, why: str, origin: Origin) -> MarkedSpan:
    """Decide that a mark does not hold; from now on the device's own marks stand again.

    Parameters
    ----------
    mark_id : int
    user : User
        An enforcement officer in whose territory the station stands.
    why : str
        The reason; it cannot be left out.
    origin : Origin

    Returns
    -------
    MarkedSpan
        Withdrawn; the row stays, and so does what it did to what was known before.

    Raises
    ------
    NotFound
        None of that number in the user's territory.
    Forbidden
        The user's role may not withdraw marks.
    BadInput
        No reason is given.
    Refused
        It is withdrawn already.
    """
    found = marks(user).filter(pk=mark_id).first()
    if found is None:
        raise NotFound(_("There is no mark %(id)s in your territory.") % {"id": mark_id})
    if user.role not in MAY_WITHDRAW:
        roles = ", ".join(str(Role(role).label) for role in MAY_WITHDRAW)
        raise Forbidden(_("Only these roles may withdraw a mark: %(roles)s") % {"roles": roles})
    if not why.strip():
        raise BadInput(_("Say why the mark does not hold"), "why")
    row = MarkedSpan.objects.select_for_update().get(pk=found.pk)
    if row.withdrawn_at is not None:
        raise Refused(_("The mark is withdrawn already"))
    now = clock.now()
    row.withdrawn_at, row.withdrawn_by, row.withdrawn_why = now, user, why.strip()
    row.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_why"])
    touched = marking.spans(row.channels.values_list("pk", flat=True), row.starts_at, row.ends_at, now)
    log.write(MarkWithdrawn(id=row.pk, spans=touched, station=found.station.code, code=row.code), origin, why.strip())
    return row
