"""The world: one district, its stations, and what is true there at any time."""

import heapq
from collections import OrderedDict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.series import SECOND, Averaging, Mark, Series, microseconds, moment
from qingyuan_science.standards import Limit
from qingyuan_science.worlds import packets
from qingyuan_science.worlds.errors import BadInterval, NoSuchStation
from qingyuan_science.worlds.packets import KINDS, Sent, Span
from qingyuan_science.worlds.scene.channels import DUST, OUTLET_GAS, OUTLET_WATER
from qingyuan_science.worlds.scene.district import District, district
from qingyuan_science.worlds.scene.enterprises import Enterprise, enterprises
from qingyuan_science.worlds.scene.outfalls import Outfall, outfalls
from qingyuan_science.worlds.scene.people import Organisation, Person, organisations, people
from qingyuan_science.worlds.scene.stations import (
    Station,
    around,
    hidden_dischargers,
    special_stations,
    stations,
    strangers,
)
from qingyuan_science.worlds.signals import earthwork
from qingyuan_science.worlds.signals.noise import Floats
from qingyuan_science.worlds.signals.ordinary import CHINA, DAY, HOUR, binding_limits, ordinary
from qingyuan_science.worlds.signals.samples import STEP, Samples, average, sample, true_values
from qingyuan_science.worlds.signals.truth import Episode, Exposure, Heights, Interruption, Schedule

DEFAULT_SEED = 20260301

_KEPT_DAYS = 3
_PERIODS = {Averaging.TEN_MINUTE: 600, Averaging.HOUR: HOUR, Averaging.DAY: DAY}


class World:
    """A synthetic district that goes on for ever, the same for the same seed and epoch.

    Parameters
    ----------
    seed : int
        Draws the land, the levels, the noise and the episodes.
    epoch : datetime
        First start of the world, aware; only the opening episode and the limits in force depend on it. A restart
        passes the same.
    realtime_interval : int
        Time between real-time messages: a multiple of 30 s that divides an hour. [s]

    Attributes
    ----------
    district : District
    enterprises : tuple of Enterprise
    stations : tuple of Station
        The twenty registered ones.
    strangers : tuple of Station
        The one that sends although nobody registered it.
    special : tuple of Station
        Superstation, photochemical component station and transport-channel station, registered too; they send hours.
    outfalls : tuple of Outfall
        Where used water flows into the rivers, of all classes.
    organisations : tuple of Organisation
    people : tuple of Person

    Raises
    ------
    BadInterval
        The epoch has no zone, or the interval does not fit.

    Examples
    --------
    >>> from datetime import UTC, datetime
    >>> world = World(epoch=datetime(2026, 11, 22, 2, 0, tzinfo=UTC))
    >>> len(world.stations), world.opening.station, world.opening.factors
    (20, 'QJ-W03', ('w01018',))
    >>> when, message = next(world.all_messages(world.epoch, None))
    >>> when >= world.epoch, message.cn
    (True, '2011')
    """

    def __init__(self, *, epoch: datetime, seed: int = DEFAULT_SEED, realtime_interval: int = STEP) -> None:
        if epoch.tzinfo is None:
            raise BadInterval("an epoch without zone", "an aware time")
        _check_intervals(realtime_interval, minutes=1)
        self.seed, self.epoch, self.realtime_interval = seed, epoch, realtime_interval
        self.district: District = district(seed)
        self.enterprises: tuple[Enterprise, ...] = enterprises(self.district)
        self.stations: tuple[Station, ...] = stations(self.district)
        self.strangers: tuple[Station, ...] = strangers(self.district)
        self.special: tuple[Station, ...] = special_stations(self.district)
        self.around: tuple[Station, ...] = around(self.district)
        self.outfalls: tuple[Outfall, ...] = outfalls(self.district)
        self.organisations: tuple[Organisation, ...] = organisations(self.district)
        self.people: tuple[Person, ...] = people(self.district)
        everywhere = (*self.stations, *self.strangers, *self.special, *self.around)
        self._by_code = {station.code: station for station in everywhere}
        today = (epoch.astimezone(UTC) + timedelta(seconds=CHINA)).date()
        self._limits = {code: binding_limits(station, today) for code, station in self._by_code.items()}
        self._ordinary = {code: ordinary(station, seed, self._limits[code]) for code, station in self._by_code.items()}
        self._schedule = self._scheduled()
        self._samples: OrderedDict[tuple[str, int], Samples] = OrderedDict()

    @property
    def opening(self) -> Episode:
        """The episode that a platform finds at its first start."""
        return self._schedule.opening

    def station(self, code: str) -> Station:
        """Look a station up.

        Parameters
        ----------
        code : str

        Returns
        -------
        Station

        Raises
        ------
        NoSuchStation
            No station has this code.
        """
        if code not in self._by_code:
            raise NoSuchStation(code)
        return self._by_code[code]

    def limit(self, station: Station, factor: str) -> Limit | None:
        """Tell which limit an hour of a factor is held against at the world's epoch.

        Parameters
        ----------
        station : Station
        factor : str

        Returns
        -------
        Limit or None
            None where none binds. Of a converted factor it holds for the converted value.

        Raises
        ------
        NoSuchChannel
            The station does not measure the factor.
        """
        return self._limits[station.code][station.index(factor)]

    def value(
        self, station: Station, factor: str, at: NDArray[np.int64] | NDArray[np.datetime64], *, converted: bool = False
    ) -> Floats:
        """Tell the truth: what is really there, to full precision, whether or not anybody measures it.

        Parameters
        ----------
        station : Station
        factor : str
        at : datetime64 array or int64 array, shape (n,)
            UTC; whole numbers are microseconds since 1970, as in `Series`. Taken to the second.
        converted : bool
            Whether a gas value is wanted at reference oxygen.

        Returns
        -------
        float array, shape (n,)
            [unit of the factor]

        Raises
        ------
        NoSuchChannel
            The station does not measure the factor.
        """
        row = station.index(factor)
        seconds = np.asarray(at).astype("datetime64[us]").astype(np.int64) // SECOND
        if seconds.size == 0:
            return np.zeros(0)
        exposures = self.exposures(
            station, moment(int(seconds.min()) * SECOND), moment((int(seconds.max()) + 1) * SECOND)
        )
        own = self._ordinary[station.code]
        values = true_values(own, station, exposures, seconds)
        return np.asarray((values if converted else own.as_measured(values))[row])

    def series(
        self,
        station: Station,
        factor: str,
        start: datetime,
        end: datetime,
        *,
        step: int = STEP,
        converted: bool = False,
    ) -> Series:
        """Tell the truth at regular times.

        Parameters
        ----------
        station : Station
        factor : str
        start, end : datetime
            Aware; the end is left out.
        step : int
            [s]
        converted : bool
            Whether a gas value is wanted at reference oxygen.

        Returns
        -------
        Series
            All marked normal: interruptions concern the logger, not the truth.

        Raises
        ------
        BadInterval
            The step is not positive.
        """
        if step <= 0:
            raise BadInterval(f"a step of {step} s", "a positive number of seconds")
        at = np.arange(microseconds(start), microseconds(end), step * SECOND, dtype=np.int64)
        values = self.value(station, factor, at, converted=converted)
        unit = station.profiles[station.index(factor)].unit
        return Series(at=at, value=values, mark=np.full(at.size, Mark.NORMAL.value), unit=unit, step=step)

    def means(
        self,
        station: Station,
        factor: str,
        start: datetime,
        end: datetime,
        *,
        averaging: Averaging = Averaging.HOUR,
        converted: bool = False,
    ) -> Series:
        """Tell what the logger reports: means over its samples, with its marks, without what was lost.

        Parameters
        ----------
        station : Station
        factor : str
        start, end : datetime
            Aware; means of intervals that begin in this span, the end left out.
        averaging : Averaging
            Ten minutes, an hour or a day.
        converted : bool
            Whether a gas value is wanted at reference oxygen.

        Returns
        -------
        Series
            Rounded as sent.

        Raises
        ------
        BadInterval
            Another averaging time.
        """
        if averaging not in _PERIODS:
            raise BadInterval(f"means over {averaging}", f"one of {', '.join(_PERIODS)}")
        period, row = _PERIODS[averaging], station.index(factor)
        first, last = ((microseconds(at) // SECOND + CHINA) // DAY for at in (start, end))
        taken = [average(self.samples(station, day), period) for day in range(first, last + 1)]
        at = np.concatenate([means.start for means in taken]) * SECOND
        value = np.concatenate([(means.converted_mean if converted else means.mean)[row] for means in taken])
        mark = np.where(np.concatenate([means.serviced for means in taken]), Mark.MAINTENANCE.value, Mark.NORMAL.value)
        kept = np.concatenate([means.sent for means in taken]) & (at >= microseconds(start)) & (at < microseconds(end))
        return Series(at=at[kept], value=value[kept], mark=mark[kept], unit=station.profiles[row].unit, step=period)

    def episodes(self, start: datetime, end: datetime) -> tuple[Episode, ...]:
        """List the exceedances that touch a span, with their causes.

        Parameters
        ----------
        start, end : datetime
            Aware.

        Returns
        -------
        tuple of Episode
            In order of their starts.
        """
        return self._schedule.episodes(start, end)

    def exposures(self, station: Station, start: datetime, end: datetime) -> tuple[Exposure, ...]:
        """List what episodes, here or upstream, add at a station in a span.

        Parameters
        ----------
        station : Station
        start, end : datetime
            Aware.

        Returns
        -------
        tuple of Exposure
            In order of their starts.
        """
        found = list(self._schedule.exposures(station.code, start, end))
        if station.kind == DUST:
            found += earthwork.exposures(self.seed, self.epoch, station, (start, end))
        return tuple(sorted(found, key=lambda one: (one.start, one.factor)))

    def interruptions(self, start: datetime, end: datetime) -> tuple[Interruption, ...]:
        """List the hours of maintenance and of loss that touch a span.

        Parameters
        ----------
        start, end : datetime
            Aware.

        Returns
        -------
        tuple of Interruption
            In order of their starts.
        """
        return self._schedule.interruptions(start, end)

    def samples(self, station: Station, day: int) -> Samples:
        """Read the instruments of a station for a day; the last days asked for are kept.

        Parameters
        ----------
        station : Station
        day : int
            Days since 1970-01-01 in China.

        Returns
        -------
        Samples
        """
        key = (station.code, day)
        if key in self._samples:
            self._samples.move_to_end(key)
            return self._samples[key]
        start, end = (moment((at * DAY - CHINA) * SECOND) for at in (day, day + 1))
        interruptions = tuple(one for one in self.interruptions(start, end) if one.station == station.code)
        made = sample(
            station,
            self._ordinary[station.code],
            self.exposures(station, start, end),
            interruptions,
            day=day,
            checks=self._checks(station),
        )
        self._samples[key] = made
        if len(self._samples) > _KEPT_DAYS * (len(self.stations) + len(self.strangers)):
            self._samples.popitem(last=False)
        return made

    def messages(
        self, station: Station, start: datetime, end: datetime | None, kinds: tuple[str, ...] = KINDS, *,
        realtime_interval: int | None = None, minute_interval: int = 10,
    ) -> Iterator[Sent]:  # fmt: skip
        """Give what one logger sends.

        Parameters
        ----------
        station : Station
        start : datetime
            Aware; first moment of sending.
        end : datetime or None
            Aware, left out; None for a stream without end.
        kinds : tuple of str
            Command codes: "2011" real-time, "2051" ten minutes, "2061" hour, "2031" day. A special station sends hours,
            whatever is asked for.
        realtime_interval : int, optional
            Time between real-time messages; the world's own where not given. [s]
        minute_interval : int
            Interval of minute data, a divisor of 60. [min]

        Returns
        -------
        iterator of (datetime, Message)
            Moment of sending and message, in order of sending; made as they are asked for.

        Raises
        ------
        BadInterval
            A time has no zone, the end lies before the start, or an interval does not fit.
        """
        interval = self.realtime_interval if realtime_interval is None else realtime_interval
        _check_intervals(interval, minute_interval)
        kinds = (packets.HOURLY,) if station.purpose else kinds
        return packets.messages(
            station, self.samples, Span.between(start, end), kinds=kinds, interval=interval, minutes=minute_interval
        )

    def all_messages(self, start: datetime, end: datetime | None, kinds: tuple[str, ...] = KINDS) -> Iterator[Sent]:
        """Give what all loggers but the special ones send, the unregistered one among them.

        Parameters
        ----------
        start, end, kinds
            As for `messages`.

        Returns
        -------
        iterator of (datetime, Message)
            In order of sending; made as they are asked for.

        Raises
        ------
        BadInterval
            A time has no zone, or the end lies before the start.
        """
        streams = [self.messages(station, start, end, kinds) for station in (*self.stations, *self.strangers)]
        return heapq.merge(*streams, key=itemgetter(0))

    def _checks(self, station: Station) -> Floats:
        """What the span check of each analyser stands for; flow, pH and the like have none."""
        if station.kind not in (OUTLET_WATER, OUTLET_GAS):
            return np.full(len(station.profiles), np.nan)
        levels = self._ordinary[station.code].level
        limits = [limit.high if limit else None for limit in self._limits[station.code]]
        checked = [limit or 2 * level for limit, level in zip(limits, levels.tolist(), strict=True)]
        return np.where([entry.scales_with_limit for entry in station.profiles], checked, np.nan)

    def _scheduled(self) -> Schedule:
        heights: Heights = {
            (station.code, factor): (limit.high, self._ordinary[station.code].lifted_from(row))
            for station in self.stations
            for row, (factor, limit) in enumerate(zip(station.factors, self._limits[station.code], strict=True))
            if limit is not None and limit.high is not None
        }
        sources = hidden_dischargers(self.district)
        return Schedule(
            self.seed, self.epoch, stations=self.stations, district=self.district, heights=heights, sources=sources
        )


def _check_intervals(realtime: int, minutes: int) -> None:
    if realtime < STEP or realtime % STEP or HOUR % realtime:
        raise BadInterval(f"a real-time interval of {realtime} s", f"a multiple of {STEP} s that divides an hour")
    if minutes < 1 or 60 % minutes:
        raise BadInterval(f"minute data of {minutes} min", "a divisor of 60 min")
