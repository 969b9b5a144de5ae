"""Means as sent against means as computed here: where both are valid and differ, that is kept as a row and told."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection

from qingyuan.kit import log
from qingyuan.recording.arrived import ONE_BY_ONE
from qingyuan.recording.events import MeansDisagree
from qingyuan.recording.models import Disagreement
from qingyuan.sensing.queries import MEDIUM, Channel
from qingyuan_science.series import microseconds, moment
from qingyuan_science.standards import StandardsError, find_factor

PAIRS = {"m": "M", "t": "T", "h": "H", "d": "D"}
_BOTH = (
    "SELECT DISTINCT s.channel_id, s.kind::text, s.at, s.value, c.value, s.mark::text || c.mark::text"  # noqa: S608
    " FROM unnest(%s::int[], %s::text[], %s::text[], %s::bigint[], %s::bigint[])"
    " AS w(channel, sent, computed, first, last)"
    ' JOIN LATERAL (SELECT * FROM recording_reading r WHERE r.channel_id = w.channel AND r.kind = w.sent::"char"'
    " AND r.at BETWEEN timestamptz 'epoch' + w.first * interval '1 microsecond'"
    f" AND timestamptz 'epoch' + w.last * interval '1 microsecond' AND {ONE_BY_ONE}) s ON true"
    " JOIN LATERAL (SELECT * FROM recording_reading r WHERE r.channel_id = s.channel_id AND r.at = s.at"
    f' AND r.kind = w.computed::"char" AND {ONE_BY_ONE}) c ON true'
)


def compare(spans: Sequence[list[Any]], now: datetime) -> None:
    """Compare what was sent and what was computed in `spans` of either; rows of pairs that agree now are taken away."""
    pairs = _pairs(spans)
    by_channel: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for channel, *pair in pairs:
        by_channel[channel].append(tuple(pair))
    channels = Channel.objects.select_related("station").in_bulk(list(by_channel))
    known = _known(pairs)
    facts = [
        _settle(channels[pk], by_channel[pk], known.get(pk, {}), now) for pk in sorted(by_channel) if pk in channels
    ]
    for fact in facts:  # rows first, in one order, then the chained log: two who compare never wait for each other
        if fact is not None:
            log.write(fact)


def _known(pairs: Sequence[tuple[Any, ...]]) -> dict[int, dict[tuple[str, datetime], Disagreement]]:
    """The rows that there are for these pairs already, by channel, by one query."""
    found: dict[int, dict[tuple[str, datetime], Disagreement]] = defaultdict(dict)
    instants = [at for _channel, _kind, at, *_rest in pairs]
    if instants:
        rows = Disagreement.objects.filter(
            channel__in={pair[0] for pair in pairs}, at__gte=min(instants), at__lte=max(instants)
        )
        for one in rows:
            found[one.channel_id][one.kind, one.at] = one
    return found


def _pairs(spans: Sequence[list[Any]]) -> list[tuple[Any, ...]]:
    wanted = {
        (channel, kind.lower(), PAIRS[kind.lower()], first, last)
        for channel, kind, first, last in spans
        if kind.lower() in PAIRS
    }
    if not wanted:
        return []
    columns = [list(column) for column in zip(*sorted(wanted), strict=True)]
    within = [moment(min(columns[3])), moment(max(columns[4]))]
    with connection.cursor() as cursor:
        cursor.execute(_BOTH, [*columns, *within, *within])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def _settle(
    channel: Channel,
    pairs: list[tuple[Any, ...]],
    known: dict[tuple[str, datetime], Disagreement],
    now: datetime,
) -> MeansDisagree | None:
    """Bring the rows of a channel up to date; the fact to be told, where there is a new one."""
    tolerance = settings.MEANS_TOLERANCE
    step = _last_place(channel)
    rows, agreeing = [], []
    for kind, at, sent, computed, marks in pairs:
        valid = marks == "NN" and sent is not None and computed is not None
        apart = abs(sent - computed) if valid else 0.0
        if apart > tolerance * abs(computed or 0.0) + step:
            share = apart / abs(computed) if computed else float("inf")
            row = Disagreement(
                channel=channel, kind=kind, at=at, sent=sent, computed=computed, share=min(share, 1e9),
                tolerance=tolerance, found_at=now,
            )  # fmt: skip
            if (kind, at) not in known or (known[kind, at].sent, known[kind, at].computed) != (sent, computed):
                rows.append(row)
        elif (kind, at) in known:
            agreeing.append(known[kind, at].pk)
    return _store(channel, rows, agreeing)


def _store(channel: Channel, rows: list[Disagreement], agreeing: list[int]) -> MeansDisagree | None:
    if agreeing:
        Disagreement.objects.filter(pk__in=agreeing).delete()
    if not rows:
        return None
    Disagreement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["channel", "kind", "at"],
        update_fields=["sent", "computed", "share", "tolerance", "found_at"],
    )
    found = [[one.kind, microseconds(one.at), one.sent, one.computed] for one in rows]
    return MeansDisagree(id=channel.pk, found=found)


def _last_place(channel: Channel) -> float:
    """One unit in the last decimal place that a device sends: so much may rounding make."""
    try:
        decimals = find_factor(channel.factor, medium=MEDIUM[channel.station.kind]).decimals
    except StandardsError:
        return 0.0
    return float(10.0**-decimals)
