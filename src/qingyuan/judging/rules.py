"""Which rule holds where: of the rules that fit a channel on a day of the data, the one of the narrowest place."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Generic, TypeVar

from qingyuan.judging.models import Override, Placed, Watch
from qingyuan.kit.clock import SHANGHAI
from qingyuan.sensing.queries import Channel

ALSO_COMPUTED = {"h": "hH", "d": "dD"}
_AT_ONCE = timedelta(microseconds=1)
AnyRule = TypeVar("AnyRule", bound=Placed)


@dataclass(frozen=True)
class Rule:
    """A watch as it holds at a place: with the overrides there, the widest first."""

    watch: Watch
    overrides: tuple[Override, ...] = ()

    @property
    def parameters(self) -> dict[str, Any]:
        """Settings of the detector: those of the watch, and over them those of each override."""
        found: dict[str, Any] = dict(self.watch.parameters)
        for one in self.overrides:
            found.update(one.parameters)
        return found

    @property
    def same(self) -> tuple[int, ...]:
        """Equal for rules that are the same on several days."""
        return (self.watch.pk, *(one.pk for one in self.overrides))


class Rulebook:
    """All rules, read once for many channels."""

    def __init__(self, watches: Sequence[Watch], overrides: Sequence[Override]) -> None:
        self.asked = sorted({(one.detector, one.kind) for one in watches if one.enabled})
        self._watches: dict[tuple[str, str], _Placed[Watch]] = defaultdict(_Placed)
        self._overrides: dict[str, _Placed[Override]] = defaultdict(_Placed)
        for watch in watches:
            self._watches[watch.detector, watch.kind].add(watch)
        for override in overrides:
            self._overrides[override.detector].add(override)

    @classmethod
    def of_today(cls) -> "Rulebook":
        """The rules as they stand now."""
        related = ("station", "enterprise")
        return cls(list(Watch.objects.select_related(*related)), list(Override.objects.select_related(*related)))

    def rule(self, channel: Channel, detector: str, kind: str, day: date) -> Rule | None:
        """The rule by which a detector looks at a channel's data of a day; None where it does not look."""
        fitting = self.shadowed(channel, detector, kind, day)
        if not fitting or not fitting[-1].enabled:
            return None
        watch = fitting[-1]
        beside = [one for one in self._overrides[detector].at(channel) if in_force(one, day)]
        return Rule(watch, tuple(sorted(beside, key=narrowness)))

    def shadowed(self, channel: Channel, detector: str, kind: str, day: date) -> list[Watch]:
        """The watches that would hold there if no narrower one did, the widest first; with the one that holds."""
        fitting = [one for one in self._watches[detector, kind].at(channel) if in_force(one, day)]
        return sorted(fitting, key=narrowness)

    def held(
        self, channel: Channel, detector: str, kind: str, span: tuple[datetime, datetime]
    ) -> Iterator[tuple[Rule, datetime, datetime]]:
        """The rules that hold in a span of the data (both ends included), each with its part of the span."""
        if not self._watches[detector, kind].at(channel):
            return
        first, last = span
        last_day = last.astimezone(SHANGHAI).date()
        days = [first.astimezone(SHANGHAI).date(), *self._changes(channel, detector, kind, (first, last))]
        parts: list[tuple[Rule | None, datetime, datetime]] = []
        for number, day in enumerate(days):
            begins = first if not number else _midnight(day)
            ends = last if day == last_day or number + 1 == len(days) else _midnight(days[number + 1]) - _AT_ONCE
            rule = self.rule(channel, detector, kind, day)
            if parts and rule and (before := parts[-1][0]) and before.same == rule.same:
                parts[-1] = (rule, parts[-1][1], ends)
            else:
                parts.append((rule, begins, ends))
        yield from ((rule, begins, ends) for rule, begins, ends in parts if rule is not None)

    def steady(
        self, channel: Channel, detector: str, kind: str, span: tuple[datetime, datetime]
    ) -> tuple[Rule | None, bool]:
        """The rule that holds at the beginning of a span, and whether it holds on all of its days."""
        rule = self.rule(channel, detector, kind, span[0].astimezone(SHANGHAI).date())
        return rule, not self._changes(channel, detector, kind, span)

    def _changes(self, channel: Channel, detector: str, kind: str, span: tuple[datetime, datetime]) -> list[date]:
        """Days within a span on which a rule for the channel begins or ends to hold."""
        first, last = (instant.astimezone(SHANGHAI).date() for instant in span)
        if first == last:
            return []
        rules: tuple[Watch | Override, ...] = (
            *self._watches[detector, kind].at(channel),
            *self._overrides[detector].at(channel),
        )
        bounds = {
            bound
            for one in rules
            for bound in (one.valid.lower, one.valid.upper)
            if bound is not None and first < bound <= last
        }
        return sorted(bounds)


class _Placed(Generic[AnyRule]):
    """Rules by the outlet or enterprise that they name, so that a channel is held beside few of very many."""

    def __init__(self) -> None:
        self._wide: list[AnyRule] = []
        self._of_station: dict[int, list[AnyRule]] = defaultdict(list)
        self._of_enterprise: dict[int, list[AnyRule]] = defaultdict(list)

    def add(self, rule: AnyRule) -> None:
        """Take in a rule."""
        if rule.station_id is not None:
            self._of_station[rule.station_id].append(rule)
        elif rule.enterprise_id is not None:
            self._of_enterprise[rule.enterprise_id].append(rule)
        else:
            self._wide.append(rule)

    def at(self, channel: Channel) -> list[AnyRule]:
        """The rules that fit a channel, whenever they hold."""
        station = channel.station
        near = (*self._of_enterprise.get(station.enterprise_id or 0, ()), *self._of_station.get(station.pk, ()))
        return [one for one in (*self._wide, *near) if fits(one, channel)]


def fits(rule: Placed, channel: Channel) -> bool:
    """Whether the place and factor that a rule names hold the channel."""
    station = channel.station
    owner = station.enterprise
    return (
        rule.station_id in (None, station.pk)
        and rule.enterprise_id in (None, station.enterprise_id)
        and (not rule.industry or (owner is not None and owner.industry_code.startswith(rule.industry)))
        and rule.station_kind in ("", station.kind)
        and rule.factor in ("", channel.factor)
    )


def in_force(rule: Placed, day: date) -> bool:
    """Whether a rule holds for the data of a day; never for one that was ended before it began."""
    if rule.valid.isempty:
        return False
    return (rule.valid.lower is None or rule.valid.lower <= day) and (
        rule.valid.upper is None or day < rule.valid.upper
    )


def narrowness(rule: Placed) -> tuple[Any, ...]:
    """What goes before what: the outlet, the enterprise, the longer industry code, the factor, the kind, the newest."""
    return (
        rule.station_id is not None,
        rule.enterprise_id is not None,
        len(rule.industry),
        bool(rule.factor),
        bool(rule.station_kind),
        rule.pk,
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)
