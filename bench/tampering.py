"""Falsified monitoring data: how well each kind is seen, and how often untouched data raise a lead.

Eleven kinds of fraud are put into real series; detectors learn from the first half and are scored on the second.

AUC     area under the curve of the daily score: falsified days (at least twelve values changed) against untouched ones
recall  share of falsified stretches (2 to 4 days, at random hours) on whose days any detector speaks, each detector at
        its share of one false lead per source and month; one that has nothing to hold a source against, such as
        process channels, takes no share
delay   median hours from the start of a seen stretch to the end of the first day told

Beside ours, in the same run: the rule of N equal values, and a z-score of the daily mean. Both get the threshold that
one false lead a month allows on the first half.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from _tampering import HOUR, Source, city_air, data_root, effluent, gas_turbine

from qingyuan_science.detect import DETECTORS, Context
from qingyuan_science.detect._scored import Scored
from qingyuan_science.detect._surprise import threshold
from qingyuan_science.plugins import Text, with_parameters
from qingyuan_science.series import CHINA_OFFSET, Averaging, Series, local_days
from qingyuan_science.standards import Limit, factor, limits_for
from qingyuan_science.worlds.fraud import FRAUDS, Forged, Span

STRENGTHS = (1.0, 0.5)
STRETCHES = 24
LEAST_CHANGED = 12
BUDGET = 1.0  # false leads a source and month, over all detectors together
CHOSEN = (
    "constant_value", "limit_hugging", "damped_signal", "coarse_digits",
    "unlike_process", "copied_channel", "repeated_days", "mark_abuse",
)  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """The days of a source, each with a score by detector, and with whether any of them speaks."""

    day: np.ndarray
    scores: Mapping[str, np.ndarray]
    told: np.ndarray

    @property
    def together(self) -> np.ndarray:
        return np.max([np.nan_to_num(one) for one in self.scores.values()], axis=0)

    def leads(self, of: np.ndarray | None = None) -> int:
        told = self.told if of is None else of
        return int((told[1:] & ~told[:-1]).sum() + told[:1].sum())


def main() -> None:
    """Score every source that is there."""
    root = data_root()
    DETECTORS.load("qingyuan_science.detect")
    for source in (*gas_turbine(root), *effluent(root), *city_air(root)):
        begun = time.perf_counter()
        score(source)
        print(f"   {time.perf_counter() - begun:.0f} s\n", flush=True)


def score(source: Source) -> None:
    """Print untouched leads, then a line a kind and strength."""
    judges: dict[str, Callable[[Series], Judged]] = {"ours": lambda later: ours(source, later)}
    judges |= {"equal": lambda later: equal_values(source, later), "z": lambda later: z_score(source, later)}
    clean = {name: judge(source.later) for name, judge in judges.items()}
    months = source.days.size / (365.25 / 12)
    print(f"{source.title}: learned {np.unique(local_days(source.earlier.at)).size} d, judged {source.days.size} d")
    print("   leads a month on untouched data: " + ", ".join(f"{n} {c.leads() / months:.2f}" for n, c in clean.items()))
    each = clean["ours"]
    told = {n: each.leads(np.nan_to_num(s) > limit_of(len(each.scores))) / months for n, s in each.scores.items()}
    print("   by detector: " + ", ".join(f"{name} {rate:.2f}" for name, rate in told.items()))
    print(f"   {'kind':<15}{'str':>4} {'days':>5}  {'AUC best detector':<24}{'all':>6}{'equal':>7}{'z':>7}"
          f"  {'recall':>6}{'equal':>7}{'z':>7} {'delay h':>8}")  # fmt: skip
    recalls: dict[str, list[float]] = {name: [] for name in judges}
    for kind in FRAUDS:
        for strength in STRENGTHS:
            if kind != "copied_channel" or source.beside:
                line(source, (kind, strength), judges, clean, recalls)
    print("   mean recall: " + ", ".join(f"{name} {np.nanmean(found):.2f}" for name, found in recalls.items()))


def line(
    source: Source,
    what: tuple[str, float],
    judges: Mapping[str, Callable[[Series], Judged]],
    clean: Mapping[str, Judged],
    recalls: dict[str, list[float]],
) -> None:
    """Inject, judge, print."""
    later, spans, changed = injected(source, *what)
    found = {name: judge(later) for name, judge in judges.items()}
    days = found["ours"].day
    calendar = local_days(later.at)
    count = np.array([changed[calendar == day].sum() for day in days])
    false = count >= LEAST_CHANGED
    areas = {name: area(one.together[false], clean[name].together) for name, one in found.items()}
    single = {n: area(np.nan_to_num(s)[false], np.nan_to_num(clean["ours"].scores[n]))
              for n, s in found["ours"].scores.items()}  # fmt: skip
    best = max(single, key=lambda name: np.nan_to_num(single[name]))
    seen = {name: [first_told(one, span, false) for span in spans] for name, one in found.items()}
    shares = {}
    for name, delays in seen.items():
        known = [delay for delay in delays if delay is not None]
        shares[name] = float(np.mean([np.isfinite(delay) for delay in known])) if known else float("nan")
        recalls[name].append(shares[name])
    hit = [delay for delay in seen["ours"] if delay is not None and np.isfinite(delay)]
    print(
        f"   {what[0]:<15}{what[1]:>4.1f} {false.sum():>5}  {best:<17}{single[best]:>6.3f} {areas['ours']:>6.3f}"
        f"{areas['equal']:>7.3f}{areas['z']:>7.3f}  {shares['ours']:>6.2f}{shares['equal']:>7.2f}{shares['z']:>7.2f}"
        f" {np.median(hit) if hit else float('nan'):>8.0f}",
        flush=True,
    )


def first_told(judged: Judged, span: Span, false: np.ndarray) -> float | None:
    """Hours from the start of a stretch to the end of its first told day; inf if none is, None if nothing changed."""
    begins = judged.day.astype("datetime64[us]").astype(np.int64) - CHINA_OFFSET
    inside = (begins + 24 * HOUR > span.start) & (begins < span.end) & false
    if not inside.any():
        return None
    told = begins[inside & judged.told]
    return float((told[0] + 24 * HOUR - span.start) / HOUR) if told.size else float("inf")


def injected(source: Source, kind: str, strength: float) -> tuple[Series, list[Span], np.ndarray]:
    """The later half with the fraud in stretches spread over it, and what was changed."""
    random = np.random.default_rng(20261122)
    begins = source.days.astype("datetime64[us]").astype(np.int64) - CHINA_OFFSET
    room = begins.size // 9  # a stretch of at most four days and as many clean ones, at least, between two
    whole, first, spans = joined(source.earlier, source.later), len(source.earlier), []
    changed = np.zeros(len(whole), dtype=np.bool_)
    others = [source.beside[name] for name in sorted(source.beside)]
    for number, part in enumerate(np.array_split(np.arange(begins.size), min(STRETCHES, room))):
        start = int(begins[part[random.integers(0, part.size - 5)]]) + int(random.integers(0, 24)) * HOUR
        span = Span(start, start + int(random.integers(2, 5)) * 24 * HOUR)
        more: dict[str, object] = {"limit": source.limit} if kind in ("clipped", "deleted") else {}
        if kind == "copied_channel":
            more = {"other": others[number % len(others)]}
        forged: Forged = FRAUDS[kind](whole, span, seed=number, strength=strength, **more)
        whole, changed = forged.series, changed | forged.changed
        spans.append(span)
    return whole.part(slice(first, None)), spans, changed[first:]


def joined(earlier: Series, later: Series) -> Series:
    at, value, mark = (np.concatenate(pair) for pair in
                       ((earlier.at, later.at), (earlier.value, later.value), (earlier.mark, later.mark)))  # fmt: skip
    return Series(at, value, mark, later.unit, later.step)


def limit_of(detectors: int) -> float:
    return threshold(BUDGET / detectors)


def ours(source: Source, later: Series) -> Judged:
    """All detectors that can say anything of the source, each with its share of the budget."""
    context, scores, told = context_of(source), {}, []
    codes = able(context)
    for code in codes:
        detector = with_parameters(DETECTORS.get(code), {"budget": BUDGET / len(codes)})
        assert isinstance(detector, Scored)
        found = detector.scores(later, context)
        scores[code] = found.score
        told.append(np.nan_to_num(found.score) > limit_of(len(codes)))
    return Judged(found.day, scores, np.any(told, axis=0))


def able(context: Context) -> tuple[str, ...]:
    """The detectors that are given something of what they need."""
    needs = {code: DETECTORS.get(code).needs for code in CHOSEN}
    return tuple(code for code in CHOSEN if not needs[code] or any(getattr(context, name) for name in needs[code]))


def context_of(source: Source) -> Context:
    measured = factor("a21002" if source.later.unit == "mg/m3" else "w01018")
    pattern: Limit = limits_for("w01018", "GB 18918", "1A", None)[0]
    limit = replace(pattern, high=source.limit, unit=source.later.unit)
    return Context(
        place=Text(source.title, source.title), factor=measured, limits=(limit,), kind=Averaging.HOUR.value,
        decimals=2, baseline=source.earlier, beside=source.beside,
    )  # fmt: skip


def equal_values(source: Source, later: Series) -> Judged:
    """N equal values in a row."""

    def longest(series: Series) -> tuple[np.ndarray, np.ndarray]:
        known = np.flatnonzero(series.valid)
        value, day = series.value[known], local_days(series.at[known])
        start = np.maximum.accumulate(np.where(np.append(True, value[1:] != value[:-1]), np.arange(value.size), 0))
        return per_day(day, np.arange(value.size) - start + 1.0, np.max, np.unique(local_days(series.at)))

    return plain(source, later, longest)


def z_score(source: Source, later: Series) -> Judged:
    """Distance of the daily mean from that of the first half, in standard deviations."""
    learned = source.earlier.value[source.earlier.valid]
    middle, spread = float(learned.mean()), float(learned.std())

    def distance(series: Series) -> tuple[np.ndarray, np.ndarray]:
        known = series.valid
        day = local_days(series.at[known])
        return per_day(day, (series.value[known] - middle) / spread, lambda v: abs(v.mean()),
                       np.unique(local_days(series.at)))  # fmt: skip

    return plain(source, later, distance)


def per_day(
    day: np.ndarray, value: np.ndarray, of: Callable[[np.ndarray], float], days: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    return days, np.array([of(value[day == one]) if (day == one).any() else 0.0 for one in days])


def plain(source: Source, later: Series, figure: Callable[[Series], tuple[np.ndarray, np.ndarray]]) -> Judged:
    """A figure a day with the threshold that one lead a month allows on the first half."""
    learned = np.sort(figure(source.earlier)[1])
    least = learned[max(0, int(np.floor(learned.size * (1.0 - BUDGET / (365.25 / 12)))) - 1)]
    day, value = figure(later)
    return Judged(day, {"plain": value}, value > least)


def area(positive: np.ndarray, negative: np.ndarray) -> float:
    """Area under the curve: the chance that a falsified day scores higher than an untouched one."""
    if not positive.size or not negative.size:
        return float("nan")
    _values, member, count = np.unique(np.append(positive, negative), return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2.0)[member]
    above = rank[: positive.size].sum() - positive.size * (positive.size + 1) / 2.0
    return float(above / (positive.size * negative.size))


if __name__ == "__main__":
    main()
