"""Water event: several signals of a station leave their usual course together."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from qingyuan_science.detect import (
    DETECTORS,
    SERVICE,
    Context,
    Detector,
    Finding,
    RecordKind,
    Severity,
    Sign,
    WorkedExample,
)
from qingyuan_science.detect._days import days_of
from qingyuan_science.detect._events import (
    Event,
    Settings,
    TooLittlePast,
    after_steps,
    daily_course,
    hours_of,
    learn,
)
from qingyuan_science.detect._events.telling import METHOD, Moved, event_sentence
from qingyuan_science.detect._figures import values_at
from qingyuan_science.detect._ordinary import covering, ordinary
from qingyuan_science.detect._remembered import Remembered
from qingyuan_science.plugins import Source, Text, parameter
from qingyuan_science.series import CHINA_OFFSET, SECOND, Averaging, Mark, Series
from qingyuan_science.standards import factor
from qingyuan_science.standards.factors import CONDUCTIVITY, DISSOLVED_OXYGEN, FLOW, PH, WATER_TEMPERATURE

_WEEK = 7 * 86_400 * SECOND
_LEAST_BLOCK, _BLOCK_HOURS = 24, 4
_ADAPT_DAYS = 14
_EXPLAINING = (FLOW, WATER_TEMPERATURE)  # they explain why water changes, and are no change of its quality
_GRAVE, _MAJOR = 3.0, 1.0
_MAINTAINED, _CALIBRATED = Mark.MAINTENANCE.value, Mark.CALIBRATION.value
_RIVER = Text("三岔口断面", "Three Forks section")
_PAST_HOURS = 28 * 24


class _How(NamedTuple):
    """How a station is watched, how many of its rows are learned from, and which of its signals count."""

    settings: Settings
    window: int
    learned: int
    counted: tuple[bool, ...]


class _Station(NamedTuple):
    """All water signals of a station, at the times at which any of them was read."""

    codes: tuple[str, ...]
    whole: Series
    at: NDArray[np.int64]
    learned: int
    counted: NDArray[np.bool_]
    course: NDArray[np.float64]  # by hour of the day and signal
    events: tuple[tuple[Event, int], ...]  # each with the number of the signal that moved most


_Together = tuple[NDArray[np.float64], tuple[tuple[Event, int], ...]]
_KEPT: Remembered[_Together] = Remembered(4)  # channels of a station come in a row


def _together(at: NDArray[np.int64], signals: NDArray[np.float64], gated: NDArray[np.bool_], how: _How) -> _Together:
    """The daily course of each signal, and the events in all of them less it; none where too little is known."""
    learned, rows = how.learned, signals.T
    course = daily_course(at[:learned], rows[:learned])
    rows = rows - course[hours_of(at)]
    counted = np.array(how.counted)
    try:
        watch = learn(how.settings, rows[:learned], window=how.window, clean=~gated[:learned], counted=counted)
    except TooLittlePast:
        return course, ()
    watch.push(rows[learned:], gated=gated[learned:])
    return course, tuple((event, _farthest(event, counted)) for event in watch.all_events())


def _farthest(event: Event, counted: NDArray[np.bool_]) -> int:
    """The number of the signal that moved most at the peak, the first of such that moved as far; -1 where none did."""
    known = counted & np.isfinite(event.deviations) & np.isfinite(event.found) & np.isfinite(event.expected)
    size = np.where(known, np.abs(event.deviations), 0.0)
    return int(size.argmax()) if size.any() else -1


def _acid(series: Series) -> dict[str, Any]:
    """A month of a river before the series, and in it conductivity up and oxygen a little down."""
    count = _PAST_HOURS + len(series)
    salt, oxygen = np.array(ordinary(count, 400.0, 6.0, seed=2)), np.array(ordinary(count, 8.0, 0.2, seed=3))
    salt[_PAST_HOURS + 10 : _PAST_HOURS + 16] += 90.0
    beside = {
        (CONDUCTIVITY, ""): covering(series, 28, tuple(salt.tolist()), "µS/cm"),
        (DISSOLVED_OXYGEN, ""): covering(series, 28, tuple(oxygen.tolist()), "mg/L"),
    }
    past = covering(series, 28, ordinary(_PAST_HOURS, 7.9, 0.05, seed=1))
    return {"baseline": past, "beside": beside}


def _calm(series: Series) -> dict[str, Any]:
    count = _PAST_HOURS + len(series)
    beside = {(CONDUCTIVITY, ""): covering(series, 28, ordinary(count, 400.0, 6.0, seed=2), "µS/cm")}
    return {"baseline": covering(series, 28, ordinary(_PAST_HOURS, 7.9, 0.05, seed=1)), "beside": beside}


_DAYS = ordinary(_PAST_HOURS + 48, 7.9, 0.05, seed=1)[_PAST_HOURS:]


@DETECTORS
@dataclass(frozen=True)
class WaterEvent(Detector):
    """Find times at which the signals of a water station leave their usual course together.

    Notes
    -----
    Each signal, less its daily course, is held against the median of its own last values, in units of its scatter;
    the root of the summed squares is the joint score; an event is on when enough of the last values exceed the
    threshold (binomial event discriminator). The threshold is learned from the greatest scores of blocks of the
    station's own past, so that people set how many false alarms a week they accept. An event that lasts longer than
    the time-out is over: the water has changed. Rows stand at the times at which any of the signals was read, so that
    every channel of the station sees the same events. The signal that moved most tells it; the others of the station
    then keep silent. Times that are recorded or marked as maintenance or calibration, of any signal of the station,
    and steps of the flow, raise nothing.
    """

    code: ClassVar[str] = "water_event"
    title: ClassVar[Text] = Text("水质异常事件", "Water quality event")
    of_factor: ClassVar[bool] = False
    source: ClassVar[Source] = Source(
        "EPA/600/R-10/036",
        "",
        note=Text("二项事件判别；共形阈值：Vovk 2005", "binomial event discriminator; conformal threshold: Vovk 2005"),
    )
    validity: ClassVar[Text] = Text(
        "需同站至少两项水质信号和约四周正常历史；误报承诺以未来与该历史相似为前提，历史过短时达不到所设误报数；"
        "慢于窗口一半的变化（如缓慢污染、传感器漂移）看不到；持续超过时限的变化视为水质已改变。",
        "Needs two quality signals of one station and about four orderly weeks. False alarms keep to what was set as "
        "long as the time to come is like those weeks; too short a past cannot promise few. Changes slower than half "
        "the window (slow pollution, drift of a sensor) are not seen; a change that outlasts the time-out counts as "
        "the new state of the water.",
    )
    averagings: ClassVar[tuple[Averaging, ...]] = (Averaging.MINUTE, Averaging.TEN_MINUTE, Averaging.HOUR)
    looks_back_days: ClassVar[int] = 28
    needs: ClassVar[tuple[str, ...]] = ("beside",)
    uses: ClassVar[tuple[str, ...]] = ("odd", "records")
    heeds: ClassVar[tuple[RecordKind, ...]] = SERVICE
    examples: ClassVar[tuple[WorkedExample, ...]] = (
        WorkedExample(
            given=Text(
                "河流 pH 下降约 1.2 六小时，电导率同时上升",
                "pH of a river falls by 1.2 for six hours, conductivity rises",
            ),
            expected=(
                Text(
                    "三岔口断面 pH：水质信号同时偏离平时状态（EPA/600/R-10/036 方法），2026-11-22 10:00 至 "
                    "2026-11-22 16:00，pH 6.74（应在 7.87–7.99）降低 19.0 倍常态波动，"
                    "电导率 488 µS/cm（应在 394–410 µS/cm）升高 10.6 倍常态波动，"
                    "最接近的已知模式：酸性废水排入（相似度 0.98），此为线索，需现场核实",
                    "pH at Three Forks section: signals of the station leave their usual course (method of "
                    "EPA/600/R-10/036), from 2026-11-22 10:00 to 2026-11-22 16:00, pH 6.74 (expected 7.87 to 7.99) "
                    "down by 19.0 times its usual scatter, electrical conductivity 488 µS/cm (expected 394 to 410 "
                    "µS/cm) up by 10.6 times its usual scatter, most like acid discharged (likeness 0.98), this is a "
                    "lead to be checked on site",
                ),
            ),
            place=_RIVER,
            factor=PH,
            standard="",
            level="",
            kind="hour",
            start="2026-11-22T00:00:00+08:00",
            values=tuple(round(value - 1.2 * (10 <= hour < 16), 2) for hour, value in enumerate(_DAYS)),
            around=_acid,
        ),
        WorkedExample(
            given=Text("pH 与电导率如常波动", "pH and conductivity move as usual"),
            expected=(),
            place=_RIVER,
            factor=PH,
            standard="",
            level="",
            kind="hour",
            start="2026-11-22T00:00:00+08:00",
            values=_DAYS,
            around=_calm,
        ),
    )

    alarms_per_week: float = parameter(
        0.5, "1/week", 0.02, 21.0, title=Text("每周允许的误报次数", "false alarms allowed a week")
    )
    window: int = parameter(
        120, "values", 10, 2000, title=Text("以此前多少个值的中位数为预期", "values before whose median is expected")
    )
    vote: int = parameter(5, "values", 1, 50, title=Text("判别窗口的值数", "values that the discriminator looks at"))
    event_probability: float = parameter(
        0.8, "1", 0.5, 0.999, title=Text("判为事件的概率", "probability from which it is an event")
    )
    time_out: int = parameter(
        90, "values", 5, 2000, title=Text("事件最长的值数", "values after which an event has become the new state")
    )
    rest: int = parameter(20, "values", 1, 40, title=Text("平静多少个值后事件结束", "quiet values that end an event"))
    flow_step: float = parameter(
        0.0, "L/s", 0.0, 1e6, title=Text("流量突变达到该值时不报（0 为不用）", "step of flow that silences (0: none)")
    )
    flow_rows: int = parameter(
        12, "values", 0, 2000, title=Text("流量突变后不报的值数", "values silenced after a step of flow")
    )
    learn_days: int = parameter(
        28, "d", 7, 365, title=Text("没有基准期时用于学习的天数", "days learned from where no baseline is given")
    )

    def findings(self, series: Series, context: Context) -> list[Finding]:
        """Find the events in which this channel moved most.

        Parameters
        ----------
        series : Series
            Values of one water factor; they are not altered.
        context : Context
            The channels beside it, the baseline, and records of maintenance.

        Returns
        -------
        list[Finding]
            One finding an event, earliest first.
        """
        if not len(series) or not context.beside or not _is_quality(context.factor.code):
            return []
        station = self._station(series, context)
        if station is None:
            return []
        own = (event for event, farthest in station.events if station.codes[farthest] == context.factor.code)
        made = (self._finding(series, context, station, event) for event in own)
        return [one for one in made if one is not None]

    def _settings(self, period: int) -> Settings:
        per_week = _WEEK / period
        block = max(_LEAST_BLOCK, self.vote, round(_BLOCK_HOURS * per_week / 168))
        return Settings(
            alarms_per_week=self.alarms_per_week,
            rows_per_week=per_week,
            vote=self.vote,
            event_probability=self.event_probability,
            time_out=self.time_out,
            rest=self.rest,
            block=block,
            adapt=max(2 * self.window, round(_ADAPT_DAYS * per_week / 7)),
            refresh=block,
        )

    def _station(self, series: Series, context: Context) -> _Station | None:
        """What the signals of the station did together, computed once for all of its channels."""
        from qingyuan_science.detect._loops import stretches

        days = days_of(series, context.baseline, self.learn_days)
        whole, own = days.whole, (context.factor.code, "")
        others = {
            key: context.beside[key]
            for key in sorted(context.beside)
            if key[0].startswith("w") and key[0] != context.factor.code
        }
        keys = sorted([own, *others])
        counted = np.array([_is_quality(code) for code, _ in keys])
        if counted.sum() < 2 or not days.learned.any():
            return None
        at = stretches.times_of_any(
            whole.at, [one for (code, _), one in others.items() if _is_quality(code)], whole.period
        )
        judged = days.day[~days.learned]
        ends = judged[0].astype("datetime64[us]").astype(np.int64) - CHINA_OFFSET if judged.size else at[-1] + 1
        for begin, end in context.odd:
            at = at[(at < begin) | (at >= min(end, ends))]
        rows = np.array([stretches.values_at(at, whole if key == own else others[key]) for key in keys])
        how = _How(self._settings(whole.period), self.window, int(at.searchsorted(ends)), tuple(counted.tolist()))
        gated = self._gated(at, context) | _in_service(at, [whole if key == own else others[key] for key in keys])
        found = _KEPT.ask(how, (at, rows, gated), lambda: _together(at, rows, gated, how))
        return _Station(tuple(code for code, _ in keys), whole, at, how.learned, counted, *found)

    def _gated(self, at: NDArray[np.int64], context: Context) -> NDArray[np.bool_]:
        gated = np.zeros(at.size, dtype=bool)
        for record in context.records:
            if record.kind in SERVICE:
                gated |= (at >= record.start) & (at < record.end)
        flow = context.channel(FLOW)
        if flow is not None and self.flow_step > 0.0:
            gated |= after_steps(values_at(at, flow), self.flow_step, self.flow_rows)
        return gated

    def _finding(self, series: Series, context: Context, station: _Station, event: Event) -> Finding | None:
        moved, whole, at = _moved(station, event, context), station.whole, station.at
        first = max(event.start, station.learned, int(at.searchsorted(series.at[0])))
        if not moved or first >= event.end:
            return None
        start, end = int(at[first]), int(at[event.end - 1]) + whole.period
        inside = slice(*whole.at.searchsorted([start, end]).tolist())
        valid = np.flatnonzero(whole.valid[inside]) + inside.start
        if not valid.size:
            return None
        times = event.score / event.threshold - 1.0
        return Finding(
            detector=self.code,
            factor=context.factor.code,
            start=start,
            end=end,
            severity=_severity(times),
            peak=moved[0].sign.value,
            limit=None,
            times_over=times,
            sentence=event_sentence(context, (start, end), moved, event),
            clause=METHOD,
            ongoing=event.ongoing,
            evidence=tuple((int(whole.at[one]), float(whole.value[one])) for one in valid),
            confidence=min(1.0, valid.size / (event.end - first)),
            signs=tuple(one.sign for one in moved),
        )


def _in_service(at: NDArray[np.int64], several: Sequence[Series]) -> NDArray[np.bool_]:
    """Whether any signal is marked maintenance or calibration: whoever works on one probe stirs the water of all."""
    worked = []
    for one in several:
        odd = np.flatnonzero(~one.valid)  # few, and to compare letters is slow
        mark = one.mark[odd]
        worked.append(one.at[odd[(mark == _MAINTAINED) | (mark == _CALIBRATED)]])
    times = np.concatenate(worked)
    return np.isin(at, times) if times.size else np.zeros(at.size, dtype=bool)


def _moved(station: _Station, event: Event, context: Context) -> tuple[Moved, ...]:
    """Return the quality signals by how far they moved at the peak, the farthest first."""
    return tuple(sorted(_each(station, event, context), key=lambda one: (-abs(one.deviation), one.code)))


def _each(station: _Station, event: Event, context: Context) -> Iterator[Moved]:
    units = {context.factor.code: station.whole.unit} | _units(context.beside)
    hour = int(hours_of(station.at[event.peak]))
    for at in np.flatnonzero(station.counted).tolist():
        usual = float(station.course[hour, at])
        deviation, found, expected = (float(part[at]) for part in (event.deviations, event.found, event.expected))
        if not np.isfinite([deviation, found, expected]).all() or deviation == 0.0:
            continue
        scatter = abs((found - expected) / deviation)
        code = station.codes[at]
        name = context.factor.short if code == context.factor.code else factor(code, medium="water").short
        sign = Sign(name, found + usual, expected + usual - scatter, expected + usual + scatter, units[code])
        yield Moved(code, deviation, sign)


def _units(beside: Mapping[tuple[str, str], Series]) -> dict[str, str]:
    return {code: beside[code, basis].unit for code, basis in sorted(beside, reverse=True)}


def _is_quality(code: str) -> bool:
    return code.startswith("w") and code not in _EXPLAINING


def _severity(times: float) -> Severity:
    if times >= _GRAVE:
        return Severity.CRITICAL
    return Severity.MAJOR if times >= _MAJOR else Severity.MINOR
