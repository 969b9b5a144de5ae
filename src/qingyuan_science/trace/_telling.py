"""The words of a tracer, in both languages."""

from datetime import timedelta, timezone

from qingyuan_science.plugins import Text
from qingyuan_science.series import moment
from qingyuan_science.trace import Seen, Suspect
from qingyuan_science.units import shown_as

_CHINA = timezone(timedelta(hours=8))


def amount(value: float, unit: str) -> str:
    """Return a figure with its unit, for example ``12.4 mg/L``."""
    return f"{value:.3g} {shown_as(unit)}".rstrip()


def span(start: int, end: int) -> Text:
    """Return a stretch of time in China, for example ``11-22 02:00 to 11-22 09:00``."""
    first, last = (f"{moment(one).astimezone(_CHINA):%m-%d %H:%M}" for one in (start, end))
    return Text(f"{first} 至 {last}", f"{first} to {last}")


def risen(seen: Seen) -> Text:
    """Say what was seen, where and when."""
    time, name = span(seen.start, seen.end), seen.factor.short
    return Text(
        f"{seen.place.zh}{name.zh}在 {time.zh} 高于平常",
        f"{_capital(name.en)} at {seen.place.en} was above what is usual from {time.en}",
    )


def lead(seen: Seen, suspect: Suspect, name: Text) -> Text:
    """Name the most probable source, with the strongest reason for it and against it: a lead, not a verdict."""
    strongest = max(suspect.evidence, key=lambda one: one.log_likelihood)
    weakest = min(suspect.evidence, key=lambda one: one.log_likelihood)
    reason = strongest.says if strongest.log_likelihood > 0.0 else Text("无", "none of its own")
    counter = weakest.says if weakest.log_likelihood < 0.0 else Text("无", "none")
    what, share = risen(seen), f"{suspect.probability:.0%}"
    return Text(
        f"{what.zh}，最可能来自{name.zh}（概率 {share}）；最有力的依据：{reason.zh}；最有力的反证：{counter.zh}；"
        "此为线索，需现场核实",
        f"{what.en}, most probably from {name.en} ({share}); the strongest reason for it: {reason.en}; the strongest "
        f"against it: {counter.en}; this is a lead to be checked on site",
    )


def untold(seen: Seen, reason: Text) -> Text:
    """Say that nobody can be named, and why."""
    what = risen(seen)
    return Text(f"{what.zh}，不能判断来源：{reason.zh}", f"{what.en}; the source cannot be told: {reason.en}")


def _capital(name: str) -> str:
    return name if any(letter.isupper() for letter in name[:2]) else name[0].upper() + name[1:]
