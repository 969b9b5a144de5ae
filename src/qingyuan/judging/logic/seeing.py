"""What a detector gets to see: the readings of a pass as one series, and the context of the place."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
from django.utils.translation import gettext as _

from qingyuan.judging.logic import listening, written
from qingyuan.judging.logic.days import A_DAY, at_once, midnight_before
from qingyuan.judging.logic.passes import Pass
from qingyuan.judging.logic.surroundings import Surroundings, learns_before_orders, together
from qingyuan.judging.models import FindingState, WatchKind
from qingyuan.kit import clock
from qingyuan.places.queries import Alarms, Station, StationKind
from qingyuan.sensing import limits
from qingyuan.sensing.queries import Channel
from qingyuan_science.detect import DETECTORS, Context, Detector, Meter, Neighbour
from qingyuan_science.plugins import Text, with_parameters
from qingyuan_science.series import Series, SeriesError, day_bounds, microseconds, moment

POLLUTERS = (
    StationKind.OUTLET_WATER, StationKind.OUTLET_GAS, StationKind.POWER_METER, StationKind.WORKING_CONDITIONS,
)  # fmt: skip
LEAST_LEARNED = 0.5  # share of the days learned from that must be there; our own choice


class TooLittlePast(SeriesError):
    """A detector that learns from the past has hardly any."""


def series(one: Pass, found: Surroundings) -> Series:
    """The readings that the pass judges; of a detector that waits until days are over, those days."""
    channel = one.look.channel.pk
    part = found.part(channel, one.start, one.end)
    if not one.by_days or not len(part) or at_once(one.look.detector):
        return part
    return found.once(("days over", channel, one.start, one.end), lambda: _days_over(one, part, found.series[channel]))


def _days_over(one: Pass, part: Series, whole: Series) -> Series:
    newest = moment(int(whole.at[-1]) + (whole.period if len(whole) > 1 or whole.step else 0))
    return part if newest >= one.end + A_DAY else part.between(one.start, midnight_before(newest))


def context(one: Pass, found: Surroundings, known_at: datetime | None = None) -> Context:
    """Place, factor, every limit that binds on a day of the pass as known at an instant, and what else it takes."""
    place = found.once(
        ("place", one.look.channel.pk, one.start, one.end, known_at), lambda: _place(one, found, known_at)
    )
    return Context(**place, kind=limits.AVERAGING[one.look.kind], **_around(one, found, known_at or clock.now()))


def _place(one: Pass, found: Surroundings, known_at: datetime | None) -> dict[str, Any]:
    """What the place is called, what is measured there and which limits bind it, whichever detector looks."""
    channel = one.look.channel
    first, last = (instant.astimezone(clock.SHANGHAI).date() for instant in (one.start, one.end))
    factor = limits.factor_of(channel)
    binding = limits.binding_of(
        channel, found.applied.get(channel.station_id, ()), first, last,
        own=found.written.limits.get(channel.station_id, ()), known_at=known_at,
    )  # fmt: skip
    title = Text(channel.station.title_zh, channel.station.title_en)
    return {
        "place": title, "factor": factor, "limits": binding, "decimals": factor.decimals,
        "outlet": channel.station.kind in POLLUTERS,
    }  # fmt: skip


def _around(one: Pass, found: Surroundings, at: datetime) -> dict[str, Any]:
    channel = one.look.channel
    first, day, last = (at.astimezone(clock.SHANGHAI).date() for at in (one.start, one.look.last, one.end))
    before_orders = bool(found.before_orders) and learns_before_orders(one)

    def part(channel_id: int) -> Series:
        cut = found.part(channel_id, one.past, one.end)
        return _with_before_orders(one, found, channel_id, cut) if before_orders else cut

    def of_all(name: str, make: Callable[[], Any]) -> Any:
        """Made once for all detectors that learn from as many days."""
        return found.once((name, channel.pk, one.past, one.end, before_orders), make)

    beside = found.beside.get(channel.station_id, ())
    makers: dict[str, Callable[[], Any]] = {
        "baseline": lambda: _with_before_orders(one, found, channel.pk, _baseline(one, found)) if one.by_days else None,
        "beside": lambda: of_all("beside", lambda: {
            (other.factor, other.basis): part(other.pk) for other in beside if other.factor != channel.factor
        }),
        "neighbours": lambda: of_all("neighbours", lambda: tuple(
            Neighbour(_named(near.channel.station, found), part(near.channel.pk), near.km, near.bearing)
            for near in found.near.get(channel.pk, ())
        )),
        "electricity": lambda: tuple(
            Meter(role, title, part(other.pk))
            for role, title, other in written.roles(found.written, channel, day, at)
        ),
        "records": lambda: found.once(("records", channel.station_id, at), lambda: (
            *found.records.get(channel.station_id, ()), *written.records(found.written, channel, at)
        )),
        "upstream": lambda: written.upstream(found.written, channel, (day, at), part),
        "weather": lambda: {
            other.factor: part(other.pk) for other in found.written.weather.get(channel.station_id, ())
        },
        "thresholds": lambda: limits.thresholds_of(
            channel, found.written.alarms.get(channel.station_id, Alarms()), first, last, known_at=at
        ),
        "annual_permit": lambda: written.annual_permit(found.written, channel, (first, day, last), at),
        "unconverted": lambda: next(
            (part(other.pk) for other in beside if _is_before_conversion(other, channel)), None
        ),
        "arrivals": lambda: found.arrivals.get(channel.pk),
        "now": lambda: microseconds(one.look.now) if one.look.now else None,
        "unheard": lambda: _unheard(one, found),
        "whole_station": lambda: one.look.whole_station or (one.look.now is None and _of_whole_station(one)),
        "odd": lambda: tuple((microseconds(begins), microseconds(ends)) for begins, ends in one.odd),
    }  # fmt: skip
    made = {name: make() for name, make in makers.items() if name in one.takes}
    return {name: value for name, value in made.items() if value is not None}


def _unheard(one: Pass, found: Surroundings) -> tuple[tuple[int, int], ...]:
    """The times in which the platform did not listen; the clock that looks knows of none before it listened first."""
    return listening.unheard(found.heard, one.start, one.end, before=one.look.now is not None)


def _of_whole_station(one: Pass) -> bool:
    """Whether readings come where the whole station was silent."""
    return any(row.state == FindingState.OPEN and row.edition.get("whole_station", False) for row in one.rows)


def _named(station: Station, found: Surroundings) -> Text:
    """What a sentence calls another station: with whose it is, since two owners may name theirs alike."""
    return found.once(("named", station.pk), lambda: _with_owner(station))


def _with_owner(station: Station) -> Text:
    owner = station.enterprise
    zh, en = (f"（{owner.title_zh}）", f" ({owner.title_en})") if owner else ("", "")
    return Text(f"{station.title_zh}{zh}", f"{station.title_en}{en}")


def _with_before_orders(one: Pass, found: Surroundings, channel_id: int, part: Series) -> Series:
    """With what was read before an order that is older than the past of the pass."""
    before = found.before_orders.get(channel_id) if learns_before_orders(one) else None
    if before is None or not len(before):
        return part
    return together([{channel_id: part}, {channel_id: before.between(moment(int(before.at[0])), one.past)}])[channel_id]


def _is_before_conversion(other: Channel, channel: Channel) -> bool:
    return (other.factor, other.basis, channel.basis) == (channel.factor, "measured", "converted")


def _baseline(one: Pass, found: Surroundings) -> Series:
    channel = one.look.channel.pk
    past = found.part(channel, one.past, one.start)
    if not DETECTORS.get(one.look.detector).learns:
        return past
    wanted = (one.start - one.past) // A_DAY
    if found.once(("days", channel, one.past, one.start), lambda: day_bounds(past.at)[0].size) < LEAST_LEARNED * wanted:
        raise TooLittlePast(f"found less than half of the {wanted} days before that it learns from")
    usual = np.ones(len(past), dtype=np.bool_)
    for begins, ends in one.odd:
        usual &= (past.at < microseconds(begins)) | (past.at >= microseconds(ends))
    return past if usual.all() else Series(past.at[usual], past.value[usual], past.mark[usual], past.unit, past.step)


def detector(code: str, parameters: dict[str, Any]) -> Detector:
    """The detector with its settings."""
    return with_parameters(DETECTORS.get(code), parameters)


def made_for(code: str, kind: str) -> bool:
    """Whether a detector is made for readings of a kind."""
    return limits.AVERAGING.get(kind) in DETECTORS.get(code).averagings


def expected_kinds(code: str, found: str) -> str:
    """What to tell somebody who wants a detector to look at readings that it is not made for."""
    labels = [str(one.label) for one in WatchKind if made_for(code, one.value)]
    return _("Found readings of kind %(found)s, expected one of those this detector is made for: %(expected)s") % {
        "found": WatchKind(found).label if found in WatchKind else found,
        "expected": ", ".join(labels),
    }
