"""What people call the quantity of a channel, and how its numbers are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from qingyuan.judging.queries import AVERAGING
from qingyuan.sensing.queries import MEDIUM, Channel
from qingyuan.showing.wording import aside
from qingyuan_science.series import Averaging, Mark
from qingyuan_science.standards import Factor, Limit, StandardsError, editions, find_factor
from qingyuan_science.units import UnitError, canonical, shown_as


@dataclass(frozen=True)
class Measured:
    """One channel's quantity in the reader's language."""

    code: str
    title: str
    short: str
    unit: str
    decimals: int
    basis: str = ""

    @property
    def name(self) -> str:
        """The short name, with the basis where it is not what was measured."""
        return f"{self.short}{aside(self.basis)}" if self.basis else self.short


@lru_cache(maxsize=4096)
def _factor(code: str, station_kind: str) -> Factor | None:
    try:
        return find_factor(code, medium=MEDIUM[station_kind])
    except (StandardsError, ValueError, KeyError):
        return None


def factor_of(channel: Channel) -> Factor | None:
    """The factor of a channel, None where no table knows its code."""
    return _factor(channel.factor, channel.station.kind)


def measured(channel: Channel) -> Measured:
    """What a channel measures; a code that no table knows stands for itself."""
    language = get_language() or "zh-hans"
    found = factor_of(channel)
    title = capital(found.title.in_language(language)) if found else channel.factor
    short = capital(found.short.in_language(language)) if found else channel.factor
    basis = "" if channel.basis == "measured" else _("converted")
    return Measured(
        code=channel.factor,
        title=f"{title}{aside(basis)}" if basis else title,
        short=short,
        unit=unit_of(channel.unit),
        decimals=found.decimals if found else 2,
        basis=basis,
    )


def capital(name: str) -> str:
    """A name at the head of a column; pH and NOx stay as they are, and n-hexane becomes n-Hexane."""
    if name[1:2] == "-" and name[0].islower():
        return name[:2] + name[2:3].upper() + name[3:]
    return name if any(letter.isupper() for letter in name[:2]) else name[:1].upper() + name[1:]


def unit_of(symbol: str) -> str:
    """A unit as people read it."""
    try:
        shown = shown_as(symbol)
        in_words = (get_language() or "zh").startswith("en") and "\u4e00" <= shown[:1] <= "\u9fff"
        return canonical(symbol) if in_words else shown
    except UnitError:
        return symbol


def limit_words(limit: Limit) -> str:
    """A limit as it is written everywhere: sign, figure, unit, then where it stands."""
    language = get_language() or "zh-hans"
    averaging = limit.averaging.label.in_language(language)
    title = limit.title.in_language(language)
    where = f"{limit.standard} {title}".lstrip()
    comma = "，" if language.startswith("zh") else ", "
    return f"{limit_figure(limit)} {unit_of(limit.unit)}".rstrip() + f"{comma}{where}{aside(averaging)}"


def limit_figure(limit: Limit) -> str:
    """The sign and figure of a limit."""
    if limit.low is not None and limit.high is not None:
        return f"{limit.low:g}–{limit.high:g}"
    return f"≤ {limit.high:g}" if limit.high is not None else f"≥ {limit.low:g}"


def over_words(limits: Iterable[Limit], value: float, kind: str) -> str:
    """That a value of a kind is over a limit; of a limit for other means only that it is above it; else empty."""
    beyond = [one for one in limits if _may_break(one, value) and one.exceeded(np.array([value]))[0]]
    return passed_words([one.averaging for one in beyond], AVERAGING[kind])


def _may_break(limit: Limit, value: float) -> bool:
    """Quick, since most values do not: whether it is beyond before it is rounded as the standard says."""
    return (limit.high is not None and value > limit.high) or (limit.low is not None and value < limit.low)


def passed_words(passed: Sequence[Averaging], averaging: Averaging) -> str:
    """What to say of a mean that is beyond limits for such and for other means."""
    if not passed:
        return ""
    if averaging in passed:
        return _("over the limit")
    label = passed[0].label.in_language(get_language() or "zh-hans")
    return _("above the limit for the %(averaging)s") % {"averaging": label}


def mark_title(mark: str) -> str:
    """What people call a data mark."""
    try:
        return Mark(mark).label.in_language(get_language() or "zh-hans")
    except ValueError:
        return mark


def level_words(standard: str, level: str) -> str:
    """A standard and the class of it that binds somebody, in words."""
    for edition in editions():
        if edition.document == standard and level in edition.levels:
            return f"{standard} {edition.levels[level].in_language(get_language() or 'zh-hans')}"
    return f"{standard} {level}"
