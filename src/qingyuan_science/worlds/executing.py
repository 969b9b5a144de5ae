"""What a logger does when a host asks: one verb for each command."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from qingyuan_science import standards
from qingyuan_science.hj212 import BadTime, Message, instant
from qingyuan_science.hj212.requests import request_number
from qingyuan_science.worlds.errors import BadInterval
from qingyuan_science.worlds.logger import Behaviour, Check, Logger
from qingyuan_science.worlds.packets import DAILY, HOURLY, TEN_MINUTE
from qingyuan_science.worlds.scene.stations import Station
from qingyuan_science.worlds.signals.ordinary import CHINA, DAY
from qingyuan_science.worlds.world import World

Content = tuple[tuple[tuple[str, str], ...], ...]

DONE, FAILED, BAD_CONDITION, TIMED_OUT, NO_DATA = 1, 2, 3, 4, 100
"""Results of execution. HJ 212-2017 table 6."""

MEMORY = timedelta(days=31)
"""How far back a logger remembers what it measured."""

_MOST_DAYS = 400
_WORK = timedelta(minutes=3)
_CALIBRATING, _CLEANING, _RUNNING, _SERVICED = "2", "5", "1", "3"
_CN_OF_KIND = {"2051": TEN_MINUTE, "2061": HOURLY, "2031": DAILY}
_KEPT_TEXTS = {"1001": "WarnTime", "1032": "AlarmTarget", "1042": "ReportTime"}
_READ_TEXTS = {"1031": "AlarmTarget", "1041": "ReportTime"}
_LINES = {"3012": "即时采样", "3014": "比对采样"}


@dataclass(frozen=True)
class Result:
    """What became of a request.

    Parameters
    ----------
    code : int
        ExeRtn.
    one : tuple or None
        Content of the one upload that repeats the QN of the request.
    many : iterator of tuple, optional
        Contents of uploads with QNs of their own, each sent after the answer to the one before.
    """

    code: int = DONE
    one: Content | None = None
    many: Iterator[Content] | None = None


class Executor:
    """Carries out requests on one logger.

    Parameters
    ----------
    world : World
    station : Station
    logger : Logger
        Changed by what is asked.
    """

    def __init__(self, world: World, station: Station, logger: Logger) -> None:
        self._world, self._station, self._logger = world, station, logger
        self._codes = {self.code_of(profile.factor): profile.factor for profile in station.profiles}

    @property
    def edition(self) -> str:
        """The edition that the logger speaks."""
        return self._station.dialect.edition

    def code_of(self, factor: str) -> str:
        """Give the code of a factor in the edition that the logger speaks.

        Parameters
        ----------
        factor : str
            Code of HJ 212-2017.

        Returns
        -------
        str
        """
        return standards.factor(factor).code_2005 if self.edition == "2005" else factor

    def knows(self, cn: str) -> bool:
        """Tell whether the logger can do what a command asks.

        Parameters
        ----------
        cn : str

        Returns
        -------
        bool
        """
        return cn in _VERBS

    def execute(self, request: Message, now: datetime) -> Result:
        """Do what is asked.

        Parameters
        ----------
        request : Message
        now : datetime
            Aware; true time.

        Returns
        -------
        Result
            ExeRtn 3 where the request's conditions are wrong.
        """
        try:
            return _VERBS[request.cn](self, request, now)
        except (BadTime, BadInterval, ValueError, KeyError):
            return Result(BAD_CONDITION)

    def state(self, now: datetime) -> str:
        """Tell the state of the installation as RS has it.

        Parameters
        ----------
        now : datetime
            Aware; true time.

        Returns
        -------
        str
        """
        logger = self._logger
        if logger.busy_until is not None and now < logger.busy_until:
            return logger.busy_with
        seconds = int(now.timestamp())
        samples = self._world.samples(self._station, (seconds + CHINA) // DAY)
        row = int(samples.seconds.searchsorted(seconds, side="right")) - 1
        return _SERVICED if samples.serviced[max(row, 0)] else _RUNNING

    def stamp(self, at: datetime) -> str:
        """Write a true time as the logger's clock shows it.

        Parameters
        ----------
        at : datetime
            Aware.

        Returns
        -------
        str
            YYYYMMDDhhmmss.
        """
        return self.stamp_to_the_millisecond(at)[:14]

    def stamp_to_the_millisecond(self, at: datetime) -> str:
        """Write a true time as the logger's clock shows it, in the form of QN.

        Parameters
        ----------
        at : datetime
            Aware.

        Returns
        -------
        str
            YYYYMMDDhhmmsszzz.
        """
        return request_number(at + self._logger.clock_offset, self._station.dialect)

    # -- settings

    def _set_timeouts(self, request: Message, now: datetime) -> Result:
        over_time, re_count = int(_needed(request, "OverTime")), int(_needed(request, "ReCount"))
        if over_time < 0 or re_count < 0:
            return Result(BAD_CONDITION)
        self._logger.over_time, self._logger.re_count = float(over_time), re_count
        return Result()

    def _keep_text(self, request: Message, now: datetime) -> Result:
        name = _KEPT_TEXTS[request.cn]
        self._logger.texts[name] = _needed(request, name)
        return Result()

    def _tell_text(self, request: Message, now: datetime) -> Result:
        name = _READ_TEXTS[request.cn]
        return Result(one=(((name, self._logger.texts[name]),),))

    def _set_identity(self, request: Message, now: datetime) -> Result:
        self._logger.mn = request.mn
        return Result()

    def _tell_clock(self, request: Message, now: datetime) -> Result:
        about = request.get("PolId")
        shows = (("SystemTime", self.stamp(now)),)
        return Result(one=((("PolId", about),), shows) if about else (shows,))

    def _set_clock(self, request: Message, now: datetime) -> Result:
        self._logger.clock_offset = instant(_needed(request, "SystemTime"), self._station.dialect) - now
        self._logger.note(now, request.get("PolId") or "", "设置时间")
        return Result()

    def _set_key(self, request: Message, now: datetime) -> Result:
        key = _needed(request, "NewSK").encode("ascii", "replace")
        if len(key) != len(self._logger.key):
            return Result(BAD_CONDITION)
        self._logger.key = key
        return Result()

    def _tell_limits(self, request: Message, now: datetime) -> Result:
        groups = []
        for name, code in _pairs(request):
            if name.lower() == "polid":
                low, high = self._limits(self._codes[code])
                groups.append(((f"{code}-LowValue", f"{low:g}"), (f"{code}-UpValue", f"{high:g}")))
        return Result(one=tuple(groups)) if groups else Result(BAD_CONDITION)

    def _set_limits(self, request: Message, now: datetime) -> Result:
        for code, values in request.values().items():
            low, high = values["LowValue"], values["UpValue"]
            if isinstance(low, str) or isinstance(high, str) or low > high:
                return Result(BAD_CONDITION)
            self._logger.limits[self._codes[code]] = (low, high)
        return Result()

    def _limits(self, factor: str) -> tuple[float, float]:
        if factor in self._logger.limits:
            return self._logger.limits[factor]
        binding = self._world.limit(self._station, factor)
        return 0.0, binding.high if binding and binding.high is not None else 9999.0

    def _tell_realtime_interval(self, request: Message, now: datetime) -> Result:
        return Result(one=((("RtdInterval", str(self._logger.realtime_interval)),),))

    def _set_realtime_interval(self, request: Message, now: datetime) -> Result:
        interval = int(_needed(request, "RtdInterval"))
        self._world.messages(self._station, now, None, realtime_interval=interval)
        self._logger.realtime_interval = interval
        return Result()

    def _tell_minute_interval(self, request: Message, now: datetime) -> Result:
        return Result(one=((("MinInterval", str(self._logger.minute_interval)),),))

    def _set_minute_interval(self, request: Message, now: datetime) -> Result:
        interval = int(_needed(request, "MinInterval"))
        self._world.messages(self._station, now, None, minute_interval=interval)
        self._logger.minute_interval = interval
        return Result()

    def _set_password(self, request: Message, now: datetime) -> Result:
        self._logger.pw = request.get("NewPW") or _needed(request, "PW")
        return Result()

    # -- data

    def _realtime_on(self, request: Message, now: datetime) -> Result:
        if request.get("BeginTime"):
            return Result(NO_DATA)
        self._logger.realtime = True
        return Result()

    def _realtime_off(self, request: Message, now: datetime) -> Result:
        self._logger.realtime = False
        return Result()

    def _states_on(self, request: Message, now: datetime) -> Result:
        self._logger.states = True
        return Result()

    def _states_off(self, request: Message, now: datetime) -> Result:
        self._logger.states = False
        return Result()

    def _history(self, request: Message, now: datetime) -> Result:
        return Result(many=(message.cp for message in self._sent(request, now, _CN_OF_KIND[request.cn])))

    def _sent(self, request: Message, now: datetime, kind: str) -> Iterator[Message]:
        """What the logger measured in the span asked for, as it sends it, up to now."""
        begin, end = self._span(request)
        start = max(begin, now - MEMORY)
        longest = timedelta(days=2)
        sent = self._world.messages(
            self._station, start, max(min(end + longest, now), start), (kind,),
            minute_interval=self._logger.minute_interval,
        )  # fmt: skip
        first, last = (_needed(request, name)[:14] for name in ("BeginTime", "EndTime"))
        return (message for _, message in sent if first <= (message.data_time or "") <= last)

    def _span(self, request: Message) -> tuple[datetime, datetime]:
        begin, end = (instant(_needed(request, name), self._station.dialect) for name in ("BeginTime", "EndTime"))
        if begin > end:
            raise BadTime(f"BeginTime {begin} after EndTime {end}", "a span that goes forward")
        return begin, end

    def _running_times(self, request: Message, now: datetime) -> Result:
        begin, end = self._span(request)
        first, last = ((int(at.timestamp()) + CHINA) // DAY for at in (max(begin, now - MEMORY), min(end, now)))
        today = (int(now.timestamp()) + CHINA) // DAY
        return Result(many=(self._running_time(day) for day in range(first, min(last + 1, today, first + _MOST_DAYS))))

    def _running_time(self, day: int) -> Content:
        samples = self._world.samples(self._station, day)
        hours = 24 * float(samples.present.mean())
        midnight = datetime.fromtimestamp(day * DAY - CHINA, UTC)
        stamp = f"{midnight + timedelta(minutes=self._station.dialect.utc_offset_minutes):%Y%m%d%H%M%S}"
        return (("DataTime", stamp),), (("SB1-RT", f"{hours:.2f}"),)

    def _cycles(self, request: Message, now: datetime) -> Result:
        return Result(many=(self._cycle(message) for message in self._sent(request, now, HOURLY)))

    def _cycle(self, message: Message) -> Content:
        """An hour's means as those of one cycle, taken over the hour."""
        started = message.data_time or ""
        done = f"{datetime.strptime(started, '%Y%m%d%H%M%S') + timedelta(hours=1):%Y%m%d%H%M%S}"  # noqa: DTZ007
        groups = [
            (
                (f"{code}-SampleTime", started),
                (f"{code}-CompleteTime", done),
                (f"{code}-SampleType", "1"),
                (f"{code}-Avg", str(values["Avg"])),
                (f"{code}-Flag", str(values["Flag"])),
            )
            for code, values in message.values().items()
        ]
        return (("DataTime", started),), *groups

    def _alarms(self, request: Message, now: datetime) -> Result:
        return Result(many=(cp for message in self._sent(request, now, HOURLY) for cp in self._alarms_in(message)))

    def _alarms_in(self, message: Message) -> Iterator[Content]:
        for code, values in message.values().items():
            mean, (_, high) = values["Avg"], self._limits(self._codes[code])
            if not isinstance(mean, str) and mean > high:
                stamp = message.data_time or ""
                yield (
                    (("DataTime", stamp),),
                    (("AlarmTime", stamp),),
                    ((f"{code}-Ala", f"{mean:g}"),),
                    (("AlarmType", "1"),),
                )

    def _checks(self, request: Message, now: datetime) -> Result:
        begin, end = self._span(request)
        kept = [check for check in self._logger.checks if begin <= check.at + self._logger.clock_offset <= end]
        return Result(many=(self.told(check) for check in kept))

    def told(self, check: Check) -> Content:
        """Write the result of a check against a standard.

        Parameters
        ----------
        check : Check

        Returns
        -------
        tuple
            Content of a 2062.
        """
        code = check.factor
        passed = abs(check.reading - check.standard) <= 0.1 * check.standard
        values = (
            (f"{code}-SampleRd", f"{check.reading:g}"),
            (f"{code}-StandardValue", f"{check.standard:g}"),
            (f"{code}-ResultType", "1" if passed else "0"),
        )
        return (("DataTime", self.stamp(check.at)),), values

    # -- control

    def _calibrate(self, request: Message, now: datetime) -> Result:
        return self._work(request, now, (_CALIBRATING, "校准"))

    def _clean(self, request: Message, now: datetime) -> Result:
        return self._work(request, now, (_CLEANING, "清洗反吹"))

    def _work(self, request: Message, now: datetime, doing: tuple[str, str]) -> Result:
        self._factor(request)
        self._logger.busy_with, self._logger.busy_until = doing[0], now + _WORK
        self._logger.note(now, _needed(request, "PolId"), doing[1])
        return Result()

    def _just_log(self, request: Message, now: datetime) -> Result:
        self._factor(request)
        self._logger.note(now, _needed(request, "PolId"), _LINES[request.cn])
        return Result()

    def _set_sampling_times(self, request: Message, now: datetime) -> Result:
        if self.edition != "2005":
            return self._just_log(request, now)
        hours = tuple(value for name, value in _pairs(request) if name.lower() == "ctime")
        self._logger.sampling_times[self._factor(request)] = hours
        return Result() if hours else Result(BAD_CONDITION)

    def _retain(self, request: Message, now: datetime) -> Result:
        self._logger.note(now, "", f"留样 {self._logger.next_bottle()}")
        return Result(one=((("DataTime", self.stamp(now)),), (("VaseNo", str(self._logger.bottle)),)))

    def _retain_silently(self, request: Message, now: datetime) -> Result:
        self._retain(request, now)
        return Result()

    def _set_sampling_period(self, request: Message, now: datetime) -> Result:
        period = (_needed(request, "CstartTime"), _needed(request, "CTime"))
        self._logger.sampling[self._factor(request)] = period
        return Result()

    def _tell_sampling_period(self, request: Message, now: datetime) -> Result:
        start, every = self._logger.sampling.get(self._factor(request), ("000000", "2"))
        return Result(one=((("PolId", _needed(request, "PolId")),), (("CstartTime", start), ("CTime", every))))

    def _tell_sampling_time(self, request: Message, now: datetime) -> Result:
        self._factor(request)
        return Result(one=((("PolId", _needed(request, "PolId")),), (("Stime", "15"),)))

    def _tell_serial_number(self, request: Message, now: datetime) -> Result:
        factor = self._factor(request)
        number = f"{self._station.mn[-9:]}{self._station.index(factor):03d}"
        about = _needed(request, "PolId")
        return Result(one=((("DataTime", self.stamp(now)),), (("PolId", about),), ((f"{about}-SN", number),)))

    def _tell_information(self, request: Message, now: datetime) -> Result:
        factor, code = self._factor(request), _needed(request, "InfoId")
        if code[2:3] == "1":
            span = self._span(request) if request.get("BeginTime") else None
            return Result(many=self._logged(_needed(request, "PolId"), code, span))
        value = self._logger.parameters.get((factor, code))
        if code == "i12001":
            value = {_CALIBRATING: "3", _CLEANING: "5", _SERVICED: "1"}.get(self.state(now), "0")
        if value is None:
            return Result(NO_DATA)
        about = (("PolId", _needed(request, "PolId")),)
        return Result(one=((("DataTime", self.stamp(now)),), about, ((f"{code}-Info", value),)))

    def _logged(self, about: str, code: str, span: tuple[datetime, datetime] | None) -> Iterator[Content]:
        for entry in tuple(self._logger.log):
            at = entry.at + self._logger.clock_offset
            if entry.factor in ("", about) and (span is None or span[0] <= at <= span[1]):
                line = ((f"{code}-Info", f"//{entry.text}//"),)
                yield (("DataTime", self.stamp(entry.at)),), (("PolId", about),), line

    def _set_parameter(self, request: Message, now: datetime) -> Result:
        factor, code = self._factor(request), _needed(request, "InfoId")
        if code[2:3] != "3":
            return Result(BAD_CONDITION)
        self._logger.parameters[factor, code] = _needed(request, f"{code}-Info")
        self._logger.note(now, _needed(request, "PolId"), f"设置参数 {code}")
        return Result()

    def _check_standard(self, request: Message, now: datetime) -> Result:
        _, high = self._limits(self._factor(request))
        standard = high / 2
        self._logger.checks.append(Check(now, _needed(request, "PolId"), round(standard * 1.02, 3), standard))
        return Result()

    def _factor(self, request: Message) -> str:
        """The factor that the request is about; a KeyError where the station does not measure it."""
        return self._codes[_needed(request, "PolId")]


def qn_rtn(request: Message, logger: Logger, behaviour: Behaviour, known: bool) -> int:
    """Decide what to answer to a request.

    Parameters
    ----------
    request : Message
    logger : Logger
    behaviour : Behaviour
    known : bool
        Whether the logger can do what the command asks.

    Returns
    -------
    int
        QnRtn as HJ 212-2017 table 7 has it; HJ/T 212-2005 knows 1 to 3 only.
    """
    code = behaviour.qn_rtn
    if request.pw != logger.pw:
        code = 3
    elif request.mn != logger.mn and request.cn != "1002":
        code = 4
    elif not known:
        code = 8
    return 2 if request.edition == "2005" and code > 3 else code


def _needed(request: Message, name: str) -> str:
    value = request.get(name)
    if not value:
        raise KeyError(name)
    return value


def _pairs(request: Message) -> Iterator[tuple[str, str]]:
    return (pair for group in request.cp for pair in group)


_VERBS: Final[dict[str, Callable[[Executor, Message, datetime], Result]]] = {
    "1000": Executor._set_timeouts,
    "1001": Executor._keep_text,
    "1002": Executor._set_identity,
    "1011": Executor._tell_clock,
    "1012": Executor._set_clock,
    "1014": Executor._set_key,
    "1021": Executor._tell_limits,
    "1022": Executor._set_limits,
    "1031": Executor._tell_text,
    "1032": Executor._keep_text,
    "1041": Executor._tell_text,
    "1042": Executor._keep_text,
    "1061": Executor._tell_realtime_interval,
    "1062": Executor._set_realtime_interval,
    "1063": Executor._tell_minute_interval,
    "1064": Executor._set_minute_interval,
    "1072": Executor._set_password,
    "2011": Executor._realtime_on,
    "2012": Executor._realtime_off,
    "2013": Executor._cycles,
    "2021": Executor._states_on,
    "2022": Executor._states_off,
    "2031": Executor._history,
    "2041": Executor._running_times,
    "2051": Executor._history,
    "2061": Executor._history,
    "2062": Executor._checks,
    "2071": Executor._alarms,
    "3011": Executor._calibrate,
    "3012": Executor._just_log,
    "3013": Executor._clean,
    "3014": Executor._set_sampling_times,
    "3015": Executor._retain,
    "3016": Executor._set_sampling_period,
    "3017": Executor._tell_sampling_period,
    "3018": Executor._tell_sampling_time,
    "3019": Executor._tell_serial_number,
    "3020": Executor._tell_information,
    "3021": Executor._set_parameter,
    "3022": Executor._retain_silently,
    "3024": Executor._check_standard,
}
