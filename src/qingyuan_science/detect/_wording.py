"""The words of a finding's sentence, in both languages."""

from dataclasses import dataclass
from datetime import timedelta, timezone
from decimal import Decimal
from functools import cache

from qingyuan_science.detect import Context
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Averaging, moment
from qingyuan_science.standards import Limit, round_half_even
from qingyuan_science.units import shown_as

_COUNTED_IN_DAYS = (Averaging.DAY, Averaging.DAY_MAX_8H)
_CHINA = timezone(timedelta(hours=8))
_WARNING_OF = {
    Averaging.REALTIME: Text("实时", "real-time"),
    Averaging.MINUTE: Text("分钟", "one-minute"),
    Averaging.TEN_MINUTE: Text("10 分钟", "ten-minute"),
    Averaging.HOUR: Text("小时", "hourly"),
    Averaging.DAY: Text("日", "daily"),
}


@dataclass(frozen=True)
class Stretch:
    """The time that a sentence speaks of.

    Parameters
    ----------
    start : int
        Start of the first value [µs].
    whole, beyond : int
        Length of the whole stretch, and of the values beyond the limit in it [µs].
    values : int
        Number of values beyond the limit.
    lasting : bool
        Whether the newest valid value is still beyond.
    """

    start: int
    whole: int
    beyond: int
    values: int
    lasting: bool


def exceedance_sentence(context: Context, limit: Limit, peak: float, stretch: Stretch) -> Text:
    """Write the sentence of an exceedance.

    Parameters
    ----------
    context : Context
        Place and factor.
    limit : Limit
        The limit, in the unit of the series.
    peak : float
        The value furthest beyond [unit of the limit].
    stretch : Stretch
        The time it speaks of.

    Returns
    -------
    Text
        Place, value, limit, clause, duration; then what an officer must know before acting on it.
    """
    kind = Averaging(context.kind)
    above = limit.high is not None and peak > limit.high
    value = amount(peak, max(context.decimals, limit.decimals), limit.unit)
    head = opening(context, value, stretch, above=above)
    how = _side(limit, above)
    duration = how_long(stretch, kind, "超标")
    remarks = _remarks(limit, kind)
    condition = Text(f"，{limit.condition.zh}", f", {limit.condition.en}") if limit.condition else Text("", "")
    zh_limit = _spaced(how.zh + limit.title.zh, limit_figure(limit))
    zh_clause = f"（{limit.standard} {limit.clause.zh}{condition.zh}）"
    en_limit = f"{how.en} the {limit.title.en} of {limit_figure(limit)}"
    en_clause = f"({limit.standard} {limit.clause.en}{condition.en})"
    return Text(
        "；".join([f"{head.zh}，{zh_limit}{zh_clause}，{duration.zh}", *(remark.zh for remark in remarks)]),
        "; ".join([f"{head.en}, {en_limit} {en_clause}, {duration.en}", *(remark.en for remark in remarks)]),
    )


def warning_title(limit: Limit, kind: Averaging, peak: float) -> Text | None:
    """Name a finding by a limit for longer means, which no value of a shorter time can exceed by itself.

    Parameters
    ----------
    limit : Limit
        The limit, in the unit of the series.
    kind : Averaging
        Over which time the values are taken.
    peak : float
        The value furthest beyond [unit of the limit].

    Returns
    -------
    Text or None
        For example ``hourly mean above the limit for the daily mean``; None where the limit is for such values.
    """
    if limit.averaging is kind:
        return None
    side = Text("高于", "above") if limit.high is not None and peak > limit.high else Text("低于", "below")
    longer = limit.averaging.label
    return Text(
        f"{kind.label.zh}{side.zh}{longer.zh.removesuffix('值')}限值",
        f"{kind.label.en} {side.en} the limit for the {longer.en}",
    )


def opening(context: Context, value: str, stretch: Stretch, *, above: bool = True) -> Text:
    """Write how a sentence about values beyond a limit begins: where, what and how much.

    Parameters
    ----------
    context : Context
        Place and factor.
    value : str
        The value furthest beyond, with its unit.
    stretch : Stretch
        The time it speaks of.
    above : bool
        Whether the values are too high; too low otherwise.

    Returns
    -------
    Text
        For example ``COD at the outlet: hourly mean up to 68.4 mg/L``.
    """
    kind = Averaging(context.kind)
    most = _extreme(above) if stretch.values > 1 else Text("", "")
    return Text(
        _spaced(context.place.zh, context.factor.short.zh, kind.label.zh + most.zh, value),
        f"{_capital(context.factor.short.en)} at {context.place.en}: {kind.label.en} {most.en}{value}",
    )


def amount(value: float, decimals: int, unit: str) -> str:
    """Return a value with its decimals and unit as people read it.

    Parameters
    ----------
    value : float
        The value.
    decimals : int
        Decimals to show.
    unit : str
        Its unit.

    Returns
    -------
    str
        For example ``68.4 mg/L``.
    """
    shown = max(decimals, 0)
    return f"{round_half_even(value, shown):.{shown}f} {shown_as(unit)}".rstrip()


def limit_figure(limit: Limit) -> str:
    """Return the figure of a limit with its unit as people read it.

    Parameters
    ----------
    limit : Limit
        The limit.

    Returns
    -------
    str
        For example ``50 mg/L`` or ``6–9``.
    """
    ends = (end for end in (limit.low, limit.high) if end is not None)
    return f"{'–'.join(_plain(repr(end)) for end in ends)} {shown_as(limit.unit)}".rstrip()


@cache
def _plain(figure: str) -> str:
    return format(Decimal(figure).normalize(), "f")


def _extreme(above: bool) -> Text:
    return Text("最高", "up to ") if above else Text("最低", "down to ")


def _side(limit: Limit, above: bool) -> Text:
    if limit.direction == "range":
        return Text("超出", "outside")
    return Text("超过", "over") if above else Text("低于", "below")


def how_long(stretch: Stretch, kind: Averaging, beyond: str) -> Text:
    """Write how long something lasts.

    Parameters
    ----------
    stretch : Stretch
    kind : Averaging
        Over which time the values are taken.
    beyond : str
        What is said in Chinese of the part of the time that was beyond.

    Returns
    -------
    Text
        For example ``for 2 hours so far``.
    """
    whole, part, start = _length(stretch.whole, kind), _length(stretch.beyond, kind), _when(stretch.start, kind)
    if stretch.whole > stretch.beyond:
        still = Text("，仍在持续", ", and continuing") if stretch.lasting else Text("", "")
        return Text(
            f"自 {start} 起 {whole.zh}中有 {part.zh}{beyond}{still.zh}",
            f"for {part.en} out of {whole.en} from {start}{still.en}",
        )
    if stretch.lasting:
        return Text(f"已持续 {whole.zh}", f"for {whole.en} so far")
    return Text(f"自 {start} 起持续 {whole.zh}", f"for {whole.en} from {start}")


def _length(length: int, kind: Averaging) -> Text:
    days, hours, minutes = (Text("天", "day"), 86400), (Text("小时", "hour"), 3600), (Text("分钟", "minute"), 60)
    unit, seconds = days if kind in _COUNTED_IN_DAYS else minutes if length % (3600 * SECOND) else hours
    count = -(-length // (seconds * SECOND))
    return Text(f"{count} {unit.zh}", f"{count} {unit.en}{'' if count == 1 else 's'}")


def _when(at: int, kind: Averaging) -> str:
    local = moment(at).astimezone(_CHINA)
    return f"{local:%Y-%m-%d}" if kind in _COUNTED_IN_DAYS else f"{local:%Y-%m-%d %H:%M}"


def _remarks(limit: Limit, kind: Averaging) -> list[Text]:
    remarks = []
    if limit.averaging is not kind:
        warning = _WARNING_OF[kind]
        remarks.append(
            Text(
                f"该限值按{limit.averaging.label.zh}判定，此为{warning.zh}预警",
                f"the limit applies to the {limit.averaging.label.en}, so this is a warning by {warning.en} values",
            )
        )
    if limit.status.caveat:
        remarks.append(limit.status.caveat)
    return remarks


def _spaced(*parts: str) -> str:
    text = parts[0]
    for part in parts[1:]:
        text += (" " if part[0].isascii() or text[-1].isascii() else "") + part
    return text


def _capital(name: str) -> str:
    return name if any(letter.isupper() for letter in name[:2]) else name[0].upper() + name[1:]
