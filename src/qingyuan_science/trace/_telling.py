"""The words of a tracer, in both languages."""

from collections.abc import Sequence
from datetime import timedelta, timezone

from qingyuan_science.plugins import Text
from qingyuan_science.series import moment
from qingyuan_science.trace import Seen, Suspect
from qingyuan_science.units import shown_as

_CHINA = timezone(timedelta(hours=8))
_WORTH_TELLING = 0.1  # of a log-likelihood: a tenth more or less probable


def amount(value: float, unit: str) -> str:
    """Return a figure with its unit, for example ``12.4 mg/L``."""
    return f"{value:.3g} {shown_as(unit)}".rstrip()


def chance(probability: float) -> str:
    """Return a probability as whole per cent, and what is not quite certain as ``>99%``."""
    return ">99%" if 0.995 <= probability < 1.0 else f"{probability:.0%}"


def span(start: int, end: int) -> Text:
    """Return a stretch of time in China, for example ``2026-11-22 02:00 to 11-22 09:00``."""
    begins, ends = (moment(one).astimezone(_CHINA) for one in (start, end))
    first = f"{begins:%Y-%m-%d %H:%M}"
    last = f"{ends:%m-%d %H:%M}" if ends.year == begins.year else f"{ends:%Y-%m-%d %H:%M}"
    return Text(f"{first} 至 {last}", f"{first} to {last}")


def risen(seen: Seen) -> Text:
    """Say what was seen, where and when."""
    time, name = span(seen.start, seen.end), seen.factor.short
    return Text(
        f"{_spaced(seen.place.zh, name.zh, '在')} {time.zh} 高于平常",
        f"{_capital(name.en)} at {seen.place.en} was above what is usual from {time.en}",
    )


def lead(seen: Seen, suspects: Sequence[Suspect], name: Text) -> Text:
    """Name the first with the strongest reason for it that is not the second's as well, and the strongest against it.

    Parameters
    ----------
    seen : Seen
    suspects : sequence of Suspect
        The most probable first.
    name : Text
        Of the first.

    Returns
    -------
    Text
        A lead, not a verdict.
    """
    first = suspects[0]
    shared = suspects[1].evidence if len(suspects) > 1 else ()
    reason = max(first.evidence, key=lambda one: (one not in shared, one.log_likelihood))
    if reason.log_likelihood < _WORTH_TELLING:
        reason = max(first.evidence, key=lambda one: one.log_likelihood)
    counter = min(first.evidence, key=lambda one: one.log_likelihood)
    none = Text("无", "none")
    why = reason.says if reason.log_likelihood >= _WORTH_TELLING else none
    why_not = counter.says if counter.log_likelihood <= -_WORTH_TELLING else none
    what, share = risen(seen), chance(first.probability)
    return Text(
        f"{what.zh}，最可能来自{name.zh}（概率 {share}）；最有力的依据：{why.zh}；最有力的反证：{why_not.zh}；"
        "此为线索，需现场核实",
        f"{what.en}, most probably from {name.en} ({share}); the strongest reason for it: {why.en}; the strongest "
        f"against it: {why_not.en}; this is a lead to be checked on site",
    )


def untold(seen: Seen, reason: Text) -> Text:
    """Say that nobody can be named, and why."""
    what = risen(seen)
    return Text(f"{what.zh}，不能判断来源：{reason.zh}", f"{what.en}; the source cannot be told: {reason.en}")


def _capital(name: str) -> str:
    return name if any(letter.isupper() for letter in name[:2]) else name[0].upper() + name[1:]


def _spaced(*parts: str) -> str:
    """Chinese words with a blank beside Latin ones."""
    text = parts[0]
    for part in parts[1:]:
        text += (" " if part[0].isascii() or text[-1].isascii() else "") + part
    return text
