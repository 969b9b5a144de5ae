"""The signs in a window: each rule's state, with the numbers that show it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

from qingyuan_science.assess.pollution.rules import BANDS, RULES
from qingyuan_science.assess.pollution.window import Change, Shape, Window, resolution
from qingyuan_science.plugins import Text
from qingyuan_science.standards import Factor, factor
from qingyuan_science.standards.factors import (
    AMMONIA_NITROGEN,
    COD,
    CONDUCTIVITY,
    DISSOLVED_OXYGEN,
    FLOW,
    PERMANGANATE_INDEX,
    PH,
    SUSPENDED_SOLIDS,
    TOTAL_PHOSPHORUS,
    TURBIDITY,
)
from qingyuan_science.units import shown_as

ORGANIC_CARBON = "w01020"
_METALS = "w20"  # HJ 212: how the codes of metals begin
_TEMPERATURE = "w01010"
_LEAST_FACTORS = 3  # to say that one moved alone
_STATE = {1: "up", 0: "same", -1: "down"}
_USE_PEAKS = ((6, 9), (18, 23))
_NIGHT = (23, 6)


@dataclass(frozen=True)
class Observed:
    """What a rule sees.

    Parameters
    ----------
    rule : str
        Its code.
    state : str
        Empty where the sign says nothing.
    silent : bool
        Whether it could be known and is not, since an instrument of the station says nothing.
    said : Text
        The numbers behind it; empty where there are none.
    """

    rule: str
    state: str
    silent: bool
    said: Text


class _Unseen(Enum):
    """Why a sign has no state."""

    SILENT = "an instrument of the station says nothing"
    NOTHING = "nobody measures it, or it says nothing here"


_SILENT, _NOTHING = _Unseen.SILENT, _Unseen.NOTHING
_Seen = tuple[str, Text] | _Unseen
_Look = Callable[[Window], _Seen]


def observe(window: Window) -> tuple[Observed, ...]:
    """Read every sign of a window.

    Parameters
    ----------
    window : Window

    Returns
    -------
    tuple of Observed
        One a rule, in the order of the table.
    """
    return tuple(_observed(code, _LOOKS[code](window)) for code in RULES)


def _observed(code: str, seen: _Seen) -> Observed:
    if isinstance(seen, tuple):
        return Observed(code, seen[0], False, seen[1])
    return Observed(code, "", seen is _SILENT, Text("", ""))


def moved_factors(window: Window) -> list[str]:
    """List the factors that moved, temperature apart.

    Parameters
    ----------
    window : Window

    Returns
    -------
    list of str
        Their codes.
    """
    return [code for code, one in window.changes.items() if code != _TEMPERATURE and one.moved(resolution(code))]


def _told(window: Window, *codes: str) -> tuple[str, Change] | _Unseen:
    """The first of several factors that the station measures."""
    for code in codes:
        if code in window.silent:
            return _SILENT
        if code in window.changes:
            return code, window.changes[code]
    return _NOTHING


def _direction(*codes: str) -> _Look:
    def look(window: Window) -> _Seen:
        told = _told(window, *codes)
        if not isinstance(told, tuple):
            return told
        return _STATE[told[1].moved(resolution(told[0]))], _words(*told)

    return look


def _words(code: str, change: Change) -> Text:
    known = factor(code, medium="water")
    unit = f" {shown_as(known.unit)}".rstrip()
    before, during, scatter = (f"{x:.{known.decimals}f}" for x in (change.before, change.during, change.scatter))
    return Text(
        f"{known.short.zh} 平时 {before}±{scatter}，此时 {during}{unit}",
        f"{known.short.en} {during}{unit}, usually {before} ± {scatter}",
    )


def _conductivity(window: Window) -> _Seen:
    seen = _direction(CONDUCTIVITY)(window)
    if not isinstance(seen, tuple) or seen[0] != "up":
        return seen
    change = window.changes[CONDUCTIVITY]
    far = change.during >= BANDS.benchmark > change.before or change.during >= BANDS.far * change.before
    return ("far_up" if far else "up"), seen[1]


def _acidity(window: Window) -> _Seen:
    told = _told(window, PH)
    if not isinstance(told, tuple):
        return told
    change = told[1]
    moved = max(BANDS.shift, BANDS.scatters * change.scatter)
    state = "same" if abs(change.by) <= moved else "up" if change.by > 0 else "down"
    if state == "down" and change.during < BANDS.acid:
        state = "acid"
    if state == "up" and change.during > BANDS.alkaline:
        state = "alkaline"
    return state, _words(*told)


def _metals(window: Window) -> _Seen:
    measured = {code: one for code, one in window.changes.items() if code.startswith(_METALS)}
    rose = [code for code, one in measured.items() if one.moved(resolution(code)) > 0]
    if rose:
        return "up", _words(rose[0], measured[rose[0]])
    if any(code.startswith(_METALS) for code in window.silent):
        return _SILENT
    if not measured:
        return _NOTHING
    return "same", Text(f"{len(measured)} 项重金属均无升高", f"none of {len(measured)} heavy metals rose")


def _ratio(bottom_code: str, band: tuple[float, float]) -> _Look:
    def look(window: Window) -> _Seen:
        if {AMMONIA_NITROGEN, bottom_code} & window.silent:
            return _SILENT if {AMMONIA_NITROGEN, bottom_code} <= window.silent | set(window.changes) else _NOTHING
        top, bottom = window.changes.get(AMMONIA_NITROGEN), window.changes.get(bottom_code)
        if top is None or bottom is None:
            return _NOTHING
        if top.moved(resolution(AMMONIA_NITROGEN)) <= 0 and bottom.moved(resolution(bottom_code)) <= 0:
            return _NOTHING
        return _of_sewage(top.by, bottom.by, factor(bottom_code), band)

    return look


def _of_sewage(top: float, bottom: float, below: Factor, band: tuple[float, float]) -> tuple[str, Text]:
    """How a rise of ammonia nitrogen stands to that of another factor, beside what it does in sewage."""
    zh, en = below.short.zh, below.short.en
    low, high = band
    if bottom <= resolution(below.code):
        return "high", Text(
            f"氨氮升高 {top:.2f} mg/L 而{zh}未升高", f"ammonia nitrogen rose by {top:.2f} mg/L and {en} did not"
        )
    if top <= resolution(AMMONIA_NITROGEN):
        return "low", Text(
            f"{zh}升高 {bottom:.2f} mg/L 而氨氮未升高", f"{en} rose by {bottom:.2f} mg/L and ammonia nitrogen did not"
        )
    ratio = top / bottom
    return ("low" if ratio < low else "high" if ratio > high else "sewage_like"), Text(
        f"氨氮增量 {top:.2f} mg/L，{zh}增量 {bottom:.2f} mg/L，比值 {ratio:.2g}（生活污水 {low:g}~{high:g}）",
        f"ammonia nitrogen rose by {top:.2f} mg/L, {en} by {bottom:.2f} mg/L: ratio {ratio:.2g} "
        f"(domestic sewage {low:g} to {high:g})",
    )


def _rain(window: Window) -> _Seen:
    if window.rain_mm is None:
        return _SILENT if "rain" in window.silent else _NOTHING
    light, moderate = BANDS.light_rain, BANDS.moderate_rain
    state = "none" if window.rain_mm < light else "light" if window.rain_mm < moderate else "moderate"
    return state, Text(f"此前 24 小时雨量 {window.rain_mm:.1f} mm", f"{window.rain_mm:.1f} mm of rain in 24 hours")


def _hour(window: Window) -> _Seen:
    if window.hour is None:
        return _SILENT if "hour" in window.silent else _NOTHING
    state = "day"
    if any(first <= window.hour < last for first, last in _USE_PEAKS):
        state = "use_peak"
    if window.hour >= _NIGHT[0] or window.hour < _NIGHT[1]:
        state = "night"
    return state, Text(f"最高值在 {window.hour} 时", f"the peak was at {window.hour} o'clock")


def _shape(window: Window) -> _Seen:
    if window.shape is None:
        return _SILENT if "shape" in window.silent else _NOTHING
    return window.shape.value, _SHAPES[window.shape]


def _alone(window: Window) -> _Seen:
    moved = moved_factors(window)
    measured = [code for code in window.changes if code != _TEMPERATURE]
    silent = [code for code in window.silent if code.startswith("w") and code != _TEMPERATURE]
    if len(measured) + len(silent) < _LEAST_FACTORS:
        return _NOTHING
    if len(moved) < 2 and silent:
        return _SILENT
    if not moved:
        return _NOTHING
    names_zh, names_en = (list(_names(moved, language)) for language in ("zh", "en"))
    return ("alone" if len(moved) == 1 else "together"), Text(
        f"{len(measured)} 项中 {len(moved)} 项变化：{'、'.join(names_zh)}",
        f"{len(moved)} of {len(measured)} factors moved: {', '.join(names_en)}",
    )


def _names(codes: list[str], language: str) -> Iterator[str]:
    return (factor(code).short.in_language(language) for code in codes)


_SHAPES = {
    Shape.FROZEN: Text("数值停滞，时间超过平时最长停滞的两倍", "the value stood still twice as long as ever before"),
    Shape.IMPOSSIBLE: Text("出现负值、超量程或部分大于总量", "below zero, off the scale, or a part above its whole"),
    Shape.SPIKE: Text("一两个值突起，前后均正常", "one or two values stand out, those beside them are usual"),
    Shape.ERRATIC: Text("上下跳动，幅度远大于平时", "values jump up and down far more than before"),
    Shape.ORDINARY: Text("升降连续", "the curve rises and falls steadily"),
}

_LOOKS: dict[str, _Look] = {
    "organic": _direction(COD, PERMANGANATE_INDEX, ORGANIC_CARBON),
    "ammonia": _direction(AMMONIA_NITROGEN),
    "phosphorus": _direction(TOTAL_PHOSPHORUS),
    "nh3_cod": _ratio(COD, BANDS.nh3_cod),
    "nh3_tp": _ratio(TOTAL_PHOSPHORUS, BANDS.nh3_tp),
    "conductivity": _conductivity,
    "turbidity": _direction(TURBIDITY, SUSPENDED_SOLIDS),
    "oxygen": _direction(DISSOLVED_OXYGEN),
    "acidity": _acidity,
    "metals": _metals,
    "rain": _rain,
    "flow": _direction(FLOW),
    "hour": _hour,
    "shape": _shape,
    "alone": _alone,
}
