"""Which limits bind a channel: its permit's own, and those of the standards applied to its station for all other days.

For a factor, basis and averaging time the permit's own limit goes before the standard's on the days on which it holds,
be it stricter or not (`qingyuan_science.standards.emission`, order of precedence).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.db.backends.postgresql.psycopg_any import DateRange, DateTimeTZRange

from qingyuan.kit import clock
from qingyuan.places.queries import Alarms, AlarmThreshold, AppliedStandard, PermitLimit, Stage, alarms_at, what_binds
from qingyuan.sensing.queries import MEDIUM, Channel
from qingyuan_science.plugins import Text
from qingyuan_science.series import Averaging
from qingyuan_science.standards import Factor, Limit, StandardsError, Status, find_factor, limits_for
from qingyuan_science.units import UnitError, canonical

AVERAGING = {
    "r": Averaging.REALTIME,
    "m": Averaging.MINUTE,
    "M": Averaging.MINUTE,
    "t": Averaging.TEN_MINUTE,
    "T": Averaging.TEN_MINUTE,
    "h": Averaging.HOUR,
    "H": Averaging.HOUR,
    "d": Averaging.DAY,
    "D": Averaging.DAY,
}


PERMITTED = Text("排污许可证许可限值", "limit of the discharge permit")


PERMIT = Text("排污许可证 许可排放浓度", "discharge permit, permitted concentration")


OWN = Text("主管部门自设报警阈值", "authority's own alarm threshold")


STAGES = {
    Stage.DEMOLITION: Text("拆除阶段", "stage of demolition"),
    Stage.EARTHWORK: Text("土方阶段", "stage of earthwork"),
    Stage.OTHER: Text("其他施工阶段", "stage of other work"),
}


A_DAY = timedelta(days=1)
ByStation = tuple[dict[int, list[AppliedStandard]], dict[int, list[PermitLimit]]]


def factor_of(channel: Channel) -> Factor:
    """What the channel measures, with the unit and decimals of its medium."""
    return find_factor(channel.factor, medium=MEDIUM[channel.station.kind])


def of_stations(ids: Collection[int]) -> ByStation:
    """Standards applied to stations and limits of permits there, by station, whenever valid or known."""
    return by_station(*what_binds(ids))


def by_station(standards: Iterable[AppliedStandard], permitted: Iterable[PermitLimit]) -> ByStation:
    """What `of_stations` answers, out of what `places` says."""
    applied: dict[int, list[AppliedStandard]] = defaultdict(list)
    own: dict[int, list[PermitLimit]] = defaultdict(list)
    for one in standards:
        applied[one.station_id].append(one)
    for limit in permitted:
        own[limit.station_id].append(limit)
    return applied, own


def binding_of(
    channel: Channel,
    applied: Iterable[AppliedStandard],
    first: date,
    last: date,
    *,
    own: Iterable[PermitLimit] = (),
    known_at: datetime | None = None,
) -> tuple[Limit, ...]:
    """Limits of every averaging time that bind the channel on some day between two days, both included.

    From the standards applied to its station and its permit's `own` limits there, whenever valid or known.
    """
    if not applied and not own:
        return ()
    at = known_at or clock.now()
    days = DateRange(first, last, "[]")
    factor = factor_of(channel)
    standards = [
        limit
        for one in applied
        if knows(one.known, at) and _meets(one.valid, days)
        for limit in _applied(factor.code, one.standard, one.level, one.valid)
    ]
    permitted = [
        _permitted(one, factor, standards)
        for one in own
        if (one.factor, one.basis) == (channel.factor, channel.basis)
        and one.permit.was_known(at)
        and _meets(one.permit.valid, days)
    ]
    bound = (*permitted, *(part for one in standards for part in _beside(one, permitted)))
    return tuple(one for one in bound if one.valid_from <= last and (one.valid_to is None or first <= one.valid_to))


def thresholds_of(
    channel: Channel, alarms: Alarms, first: date, last: date, *, known_at: datetime | None = None
) -> tuple[Limit, ...]:
    """What the authority set for itself at a channel on the days between two, both included; no limit of a standard.

    Of each averaging time the narrowest that holds on a day, cut to its days.
    """
    factor = factor_of(channel)
    held = alarms.held(channel.factor, (first, last), known_at or clock.now())
    return tuple(_threshold(one, factor, days) for one, *days in held)


def thresholds_for_channels(channels: Collection[Channel], on: date) -> dict[int, tuple[Limit, ...]]:
    """The same of many channels on a day, in each channel's unit; an entry for each, empty where nothing is set."""
    alarms = alarms_at({one.station_id for one in channels})
    found: dict[int, tuple[Limit, ...]] = {}
    for channel in channels:
        here = alarms.get(channel.station_id)
        try:
            held = thresholds_of(channel, here, on, on) if here else ()
            found[channel.pk] = tuple(one.in_unit(channel.unit) for one in held)
        except (StandardsError, UnitError, ValueError):
            found[channel.pk] = ()
    return found


def _threshold(row: AlarmThreshold, factor: Factor, days: Sequence[date]) -> Limit:
    return Limit(
        code=f"threshold:{row.pk}",
        factor=row.factor,
        item=factor.short,
        standard="",
        clause=Text(
            f"{row.issued_by} {row.set_on} 设定，依据：{row.basis}",
            f"set by {row.issued_by} on {row.set_on}, basis: {row.basis}",
        ),
        level="threshold",
        title=OWN,
        averaging=Averaging(row.averaging),
        direction="max",
        low=None,
        high=row.high,
        unit=canonical(row.unit),
        decimals=len(f"{row.high:.12f}".rstrip("0").partition(".")[2]),
        case="",
        condition=STAGES[Stage(row.stage)] if row.stage else None,
        reference_oxygen=None,
        valid_from=days[0],
        valid_to=days[1],
        status=Status.VERIFIED,
    )


def laxer_than(row: PermitLimit, applied: Iterable[AppliedStandard], on: date) -> Limit | None:
    """The limit of a standard that is stricter than the permit's own; the permit goes before it all the same.

    Parameters
    ----------
    row : PermitLimit
    applied : iterable of AppliedStandard
        Standards applied to its station, whenever valid or known.
    on : date
        The day of which it is asked.

    Returns
    -------
    Limit or None
        The strictest of those for the same averaging time, in the permit's unit; None where none is stricter.
    """
    days, at = DateRange(on, on, "[]"), clock.now()
    held = [one for one in applied if knows(one.known, at) and _meets(one.valid, days)]
    code = find_factor(row.factor, medium=MEDIUM[row.station.kind]).code
    printed = [limit for one in held for limit in _applied(code, one.standard, one.level, one.valid)]
    return min(_stricter(row, printed, on), key=lambda one: one.high or 0.0, default=None)


def _stricter(row: PermitLimit, printed: Iterable[Limit], on: date) -> Iterator[Limit]:
    for one in printed:
        binds = one.valid_from <= on and (one.valid_to is None or on <= one.valid_to)
        if not binds or one.averaging is not Averaging(row.averaging) or one.high is None or row.high is None:
            continue
        with suppress(UnitError):
            same = one.in_unit(canonical(row.unit))
            if same.high is not None and same.high < row.high:
                yield same


def _permitted(row: PermitLimit, factor: Factor, standards: Iterable[Limit]) -> Limit:
    """A permit's own limit; compared with as many decimals as it is written with, or the standard that it replaces."""
    valid, averaging = row.permit.valid, Averaging(row.averaging)
    printed = [one.decimals for one in standards if one.averaging is averaging and one.unit == canonical(row.unit)]
    written = (f"{figure:.12f}".rstrip("0").partition(".")[2] for figure in (row.low, row.high) if figure is not None)
    return Limit(
        code=f"permit:{row.permit.number}:{row.station_id}:{row.factor}:{row.averaging}",
        factor=row.factor,
        item=factor.short,
        standard=row.permit.number,
        clause=PERMIT,
        level="permit",
        title=PERMITTED,
        averaging=averaging,
        direction="range" if None not in (row.low, row.high) else "max" if row.low is None else "min",
        low=row.low,
        high=row.high,
        unit=canonical(row.unit),
        decimals=max(*map(len, written), *printed, 0, 0),
        case="",
        condition=None,
        reference_oxygen=None,
        valid_from=valid.lower,
        valid_to=valid.upper and valid.upper - A_DAY,
        status=Status.VERIFIED,
    )


def _beside(limit: Limit, permitted: Sequence[Limit]) -> Iterator[Limit]:
    """The parts of a standard's limit that no limit of a permit goes before, cut to their days."""
    begins: date | None = limit.valid_from
    same = sorted((one for one in permitted if one.averaging is limit.averaging), key=lambda one: one.valid_from)
    for one in same:
        if begins is None or (limit.valid_to is not None and one.valid_from > limit.valid_to):
            break
        if one.valid_to is not None and one.valid_to < begins:
            continue
        if begins < one.valid_from:
            yield replace(limit, valid_from=begins, valid_to=one.valid_from - A_DAY)
        begins = None if one.valid_to is None else one.valid_to + A_DAY
    if begins == limit.valid_from:
        yield limit
    elif begins is not None and (limit.valid_to is None or begins <= limit.valid_to):
        yield replace(limit, valid_from=begins)


def knows(known: DateTimeTZRange, at: datetime) -> bool:
    """Whether something that is known for a time was known at an instant."""
    return (known.lower is None or known.lower <= at) and (known.upper is None or at < known.upper)


def _meets(valid: DateRange, days: DateRange) -> bool:
    return (valid.lower is None or valid.lower <= days.upper) and (valid.upper is None or days.lower < valid.upper)


@lru_cache(maxsize=4096)  # many stations keep to one standard from one day on
def _applied(factor: str, standard: str, level: str, valid: DateRange) -> tuple[Limit, ...]:
    """The limits of a standard for a factor, cut to the days on which it was applied."""
    cuts = (_cut(limit, valid) for limit in limits_for(factor, standard, level, None))
    return tuple(cut for cut in cuts if cut is not None)


def _cut(limit: Limit, valid: DateRange) -> Limit | None:
    """The limit on the days on which the standard binds; None where they do not meet."""
    begins = max(limit.valid_from, valid.lower or limit.valid_from)
    ends = [day for day in (limit.valid_to, valid.upper and valid.upper - A_DAY) if day]
    if ends and min(ends) < begins:
        return None
    return replace(limit, valid_from=begins, valid_to=min(ends) if ends else None)
