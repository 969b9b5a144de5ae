"""The sentences of the detectors that speak of days and of stretches, in both languages."""

from collections.abc import Iterable, Sequence
from datetime import timedelta, timezone
from decimal import Decimal

from qingyuan_science.detect import Context, Sign
from qingyuan_science.plugins import Text
from qingyuan_science.series import moment
from qingyuan_science.standards import Factor
from qingyuan_science.units import shown_as

_CHINA = timezone(timedelta(hours=8))
_RAREST = 10_000  # days; beyond that the figure means nothing
_AT_IT = Text("不低于", "at least"), Text("不超过", "at most")
_BEYOND_IT = Text("高于", "more than"), Text("低于", "less than")  # where a value at the bound is told too
LEAD = Text("此为线索，需现场核实", "this is a lead to be checked on site")


def figure(value: float, unit: str = "") -> str:
    """Return a figure with three significant digits, or all before the point, and its unit.

    Parameters
    ----------
    value : float
        The figure [unit].
    unit : str
        Its unit; ``1`` is not shown.

    Returns
    -------
    str
        For example ``0.0413 mg/L``.

    Examples
    --------
    >>> figure(1234.5, "kWh")
    '1,234 kWh'
    >>> figure(0.0000213, "mg/m3"), figure(2.64e-15, "1"), figure(-0.00002, "1")
    ('0.0000213 mg/m³', '<0.0001', '>-0.0001')
    """
    if unit == "%":
        return f"{figure(value)}%"
    if unit == "1" and 0.0 < abs(value) < 1e-4:
        return "<0.0001" if value > 0.0 else ">-0.0001"  # a share or ratio so small says no more than that
    if 1e-9 <= abs(value) < 1e-4:
        return f"{Decimal(f'{value:.3g}'):f} {shown_as(unit)}".rstrip()
    if value and not 1e-4 <= abs(value) < 1e12:
        return f"{value:.2e} {'' if unit == '1' else shown_as(unit)}".rstrip()
    rounded = float(f"{value:.3g}" if abs(value) < 1000.0 else f"{value:.0f}")
    text = f"{rounded:.6f}".rstrip("0").rstrip(".") if rounded % 1 else f"{rounded:,.0f}"
    return f"{text or '0'} {'' if unit == '1' else shown_as(unit)}".rstrip()


def subject(place: Text, factor: Factor) -> Text:
    """Return place and factor as the beginning of a sentence.

    Parameters
    ----------
    place : Text
        What people call the place.
    factor : Factor
        What is measured there.

    Returns
    -------
    Text
        For example ``COD at the main outlet``.
    """
    zh, name = factor.short.zh, factor.short.en
    gap = " " if (zh[:1].isascii() and not place.zh.endswith("）")) or place.zh[-1:].isascii() else ""
    english = name if any(letter.isupper() for letter in name[:2]) else name[:1].upper() + name[1:]
    return Text(f"{place.zh}{gap}{zh}", f"{english} at {place.en}")


def enumerated(names: Sequence[Text], most: int = 3) -> Text:
    """Name several places or channels; of many the first, and how many there are.

    Parameters
    ----------
    names : Sequence[Text]
        At least one.
    most : int
        How many are named.

    Returns
    -------
    Text
        For example ``North station, South station``.

    Examples
    --------
    >>> enumerated([Text("甲站", "A"), Text("乙站", "B"), Text("丙站", "C")], most=2)
    Text(zh='甲站、乙站等 3 处', en='A, B and 1 more')
    """
    more = len(names) - most
    zh, en = "、".join(one.zh for one in names[:most]), ", ".join(one.en for one in names[:most])
    return Text(f"{zh}等 {len(names)} 处", f"{en} and {more} more") if more > 0 else Text(zh, en)


def when(start: int, end: int) -> Text:
    """Say from when to when, in China's time.

    Parameters
    ----------
    start, end : int
        The times [µs since 1970 in UTC].

    Returns
    -------
    Text
        For example ``from 2026-11-22 00:00 to 2026-11-23 00:00``.
    """
    first, last = (f"{moment(at).astimezone(_CHINA):%Y-%m-%d %H:%M}" for at in (start, end))
    return Text(f"{first} 至 {last}", f"from {first} to {last}")


def expected(sign: Sign, *, learned: bool = False) -> Text:
    """Say what was found beside what was expected.

    Parameters
    ----------
    sign : Sign
        One line of the table of a finding.
    learned : bool
        Whether the bounds are what is usual, in place of what a rule allows.

    Returns
    -------
    Text
        For example ``longest constant run 24 h, usually at most 6 h``.
    """
    found = figure(sign.value, sign.unit)
    zh, en = f"{sign.name.zh}{'' if sign.name.zh.endswith('）') else ' '}{found}", f"{sign.name.en} {found}"
    word = Text("通常", "usually") if learned else Text("应", "should be")
    if sign.low is not None and sign.high is not None:
        low, high = figure(sign.low), figure(sign.high, sign.unit)
        return Text(f"{zh}（应在 {low}–{high}）", f"{en} (expected {low} to {high})")
    least, most = _BEYOND_IT if sign.told_at else _AT_IT
    for bound, side in ((sign.low, least), (sign.high, most)):
        if bound is not None:
            shown = figure(bound, sign.unit)
            return Text(f"{zh}（{word.zh}{side.zh} {shown}）", f"{en} ({word.en} {side.en} {shown})")
    return Text(zh, en)


def sentence(
    context: Context, says: Text, parts: Iterable[Text], clause: Text | None = None, *, of_factor: bool = True
) -> Text:
    """Put a sentence together.

    Parameters
    ----------
    context : Context
        Place and factor.
    says : Text
        What is wrong.
    parts : Iterable[Text]
        What shows it, in order.
    clause : Text or None
        Standard and clause, put in brackets after what is wrong.
    of_factor : bool
        Whether it is said of the factor, and not of the place as a whole.

    Returns
    -------
    Text
        Place, factor, what is wrong, by which clause, what shows it.
    """
    of, pieces = subject(context.place, context.factor) if of_factor else context.place, list(parts)
    zh_clause, en_clause = (f"（{clause.zh}）", f" ({clause.en})") if clause else ("", "")
    return Text(
        "，".join([f"{of.zh}：{says.zh}{zh_clause}", *(part.zh for part in pieces)]),
        ", ".join([f"{of.en}: {says.en}{en_clause}", *(part.en for part in pieces)]),
    )


def days_sentence(
    context: Context, told: tuple[Text, Text], span: tuple[int, int], sign: Sign, *, score: float
) -> Text:
    """Write the sentence of days that are unlike the days learned from.

    Parameters
    ----------
    context : Context
        Place and factor.
    told : tuple[Text, Text]
        What is wrong, and the clause.
    span : tuple[int, int]
        From when to when [µs].
    sign : Sign
        What shows it most.
    score : float
        Surprise of the worst day.

    Returns
    -------
    Text
        The sentence, with how rare such a day is among usual ones.
    """
    often = min(10.0**score, _RAREST)
    days = float(f"{often:.1g}")
    zh_more, en_more = ("超过 ", "more than ") if often >= _RAREST else ("约 ", "about ")
    rare = Text(f"正常情况下{zh_more}{days:,.0f} 天才有一天如此", f"seen on one ordinary day in {en_more}{days:,.0f}")
    return sentence(context, told[0], (when(*span), expected(sign, learned=True), rare, LEAD), told[1])
