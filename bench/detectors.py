"""What each detector alone is worth on real data, as shipped: the figures that the catalogue shows.

Every detector keeps its default settings; those that learn do so on the first half of a source, and all are judged on
the second.

leads    stretches told on data that nobody touched, a month and channel
found    of what was put in: stretches of 2 to 4 days at random hours, on whose days it speaks
auc      area under the curve of the daily score, days with what was put in against untouched ones
agree    what the detector counts beside what a few plain lines count on the same values

With `--write` the figures replace this script's rows in measured.csv; those of other scripts stay.
"""

import csv
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
from _tampering import HOUR, Source, city_air, data_root, effluent, gas_turbine, read
from electricity import NAME, breach_in, read_plant
from electricity import context as metered
from tampering import LEAST_CHANGED, STRETCHES, Judged, area, context_of, first_told, joined

from qingyuan_science.detect import DETECTORS, Context, Meter, MeterRole, Neighbour, Record, RecordKind
from qingyuan_science.detect import _measured as measured
from qingyuan_science.detect._power import usual_load
from qingyuan_science.detect._scored import Scored
from qingyuan_science.detect._surprise import threshold
from qingyuan_science.plugins import Text
from qingyuan_science.series import CHINA_OFFSET, Series, local_days
from qingyuan_science.standards import factor
from qingyuan_science.worlds.fraud import FRAUDS, Span, cut

DAY = 24 * HOUR
MONTH = 365.25 / 12
SCRIPT = "detectors.py"
Row = tuple[str, str, str, str]  # detector, source, what, figure
Forge = Callable[[Series, Span, int], Series]

PUT_IN: Mapping[str, tuple[str, ...]] = {
    "constant_value": ("constant", "offset"),
    "limit_hugging": ("clipped",),
    "damped_signal": ("smoothed", "trembling"),
    "coarse_digits": ("rounded",),
    "copied_channel": ("copied_channel",),
    "repeated_days": ("replayed",),
    "mark_abuse": ("deleted",),
    "unlike_process": ("scaled", "offset", "zero_drift", "inverted"),
    "night_source": ("night",),
}


def main() -> None:
    """Measure everything that there are data for."""
    DETECTORS.load("qingyuan_science.detect")
    only = [one.removeprefix("--only=") for one in sys.argv if one.startswith("--only=")]
    rows: list[Row] = []
    root = data_root()
    for row in all_rows(root, only):
        print("  ".join(row), flush=True)
        rows.append(row)
    if "--write" in sys.argv:
        write(rows)


def all_rows(root: Path, only: list[str]) -> Iterator[Row]:
    """A line a figure."""
    wanted = lambda code: not only or code in only  # noqa: E731
    sources = {"gas_turbine_nox": gas_turbine(root)[0], "gas_turbine_co": gas_turbine(root)[1],
               "effluent": effluent(root)[0], "city_air": city_air(root)[0]}  # fmt: skip
    for code in PUT_IN:
        if wanted(code):
            for name, source in sources.items():
                yield from scored(code, name, source)
    plain = {"neighbour_disagreement": lambda: neighbours(root), "exceedance": lambda: beyond(sources),
             "approaching_limit": lambda: foretold(sources), "missing_data": lambda: gaps(root),
             "impossible_values": lambda: impossible(root), "step_after_service": lambda: steps(sources),
             "annual_total": lambda: totals(root), "ordered_stop": lambda: stops(root),
             "emergency_cut": lambda: cuts(root, "emergency_cut", RecordKind.EMERGENCY_CUT),
             "ordered_cut": lambda: cuts(root, "ordered_cut", RecordKind.ORDERED_CUT)}  # fmt: skip
    for code, measure in plain.items():
        if wanted(code):
            yield from measure()


def write(rows: list[Row]) -> None:
    """Replace this script's rows of the detectors measured now."""
    with measured.FILE.open(encoding="utf-8", newline="") as file:
        kept = [one for one in csv.DictReader(file)]
    codes = {row[0] for row in rows}
    stay = [one for one in kept if one["script"] != SCRIPT or one["detector"] not in codes]
    made = [dict(zip(measured.COLUMNS, (*row, SCRIPT), strict=True)) for row in rows]
    with measured.FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, measured.COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(sorted([*stay, *made], key=lambda one: one["detector"]))


def scored(code: str, name: str, source: Source) -> Iterator[Row]:
    """Untouched leads, and each kind of fraud that the detector is made for, at two strengths."""
    if code in ("unlike_process", "copied_channel") and not source.beside:
        return
    context = context_of(source)
    clean = judged(code, source.later, context)
    yield code, name, "leads", f"{clean.leads()}/{source.days.size / MONTH:.1f}"
    for kind in PUT_IN[code]:
        for strength in (1.0, 0.5):
            later, spans, changed = put_in(source, forge(source, kind, strength))
            yield from compared(
                code, name, f"{kind}:{strength}", clean, (judged(code, later, context), later, spans, changed)
            )


def compared(
    code: str, name: str, what: str, clean: Judged, forged: tuple[Judged, Series, list[Span], np.ndarray]
) -> Iterator[Row]:
    """How many stretches are told, and the area under the curve."""
    found, later, spans, changed = forged
    calendar = local_days(later.at)
    false = np.array([changed[calendar == day].sum() for day in found.day]) >= min(LEAST_CHANGED, 8)
    seen = [one for one in (first_told(found, span, false) for span in spans) if one is not None]
    if seen:
        yield code, name, f"found:{what}", f"{sum(bool(np.isfinite(one)) for one in seen)}/{len(seen)}"
        yield code, name, f"auc:{what}", f"{area(found.together[false], clean.together):.3f}"


def judged(code: str, later: Series, context: Context) -> Judged:
    """The days as one detector scores them at its own settings."""
    detector = DETECTORS.get(code)()
    assert isinstance(detector, Scored)
    found = detector.scores(later, context)
    return Judged(found.day, {code: found.score}, np.nan_to_num(found.score) > threshold(detector.budget))


def forge(source: Source, kind: str, strength: float) -> Forge:
    """A way to falsify a stretch."""
    if kind == "night":
        return lambda whole, span, seed: by_night(whole, span, 1.0 + strength)
    if kind == "trembling":  # by a half of the usual change from value to value, or by three quarters
        return lambda whole, span, seed: FRAUDS["constant"](whole, span, seed=seed, strength=0.5 * strength).series
    more: dict[str, object] = {"limit": source.limit} if kind in ("clipped", "deleted") else {}
    others = [source.beside[name] for name in sorted(source.beside)]

    def forged(whole: Series, span: Span, seed: int) -> Series:
        given = more | ({"other": others[seed % len(others)]} if kind == "copied_channel" else {})
        return FRAUDS[kind](whole, span, seed=seed, strength=strength, **given).series

    return forged


def by_night(whole: Series, span: Span, times: float) -> Series:
    """More from 22 to 6 o'clock."""
    hour = (whole.at + CHINA_OFFSET) // HOUR % 24
    inside = (whole.at >= span.start) & (whole.at < span.end) & ((hour >= 22) | (hour < 6))
    return replace(whole, value=np.where(inside, whole.value * times, whole.value))


def put_in(source: Source, how: Forge, longest: int = 4) -> tuple[Series, list[Span], np.ndarray]:
    """The later half with stretches spread over it, and what was changed."""
    random = np.random.default_rng(20261122)
    begins = source.days.astype("datetime64[us]").astype(np.int64) - CHINA_OFFSET
    whole, spans = joined(source.earlier, source.later), []
    genuine = whole
    for number, part in enumerate(np.array_split(np.arange(begins.size), min(STRETCHES, begins.size // 9))):
        start = int(begins[part[random.integers(0, part.size - 5)]]) + int(random.integers(0, 24)) * HOUR
        span = Span(start, start + int(random.integers(2, longest + 1)) * DAY)
        whole = how(whole, span, number)
        spans.append(span)
    changed = (whole.mark != genuine.mark) | ~((whole.value == genuine.value) | np.isnan(genuine.value))
    first = len(source.earlier)
    return whole.part(slice(first, None)), spans, changed[first:]


def neighbours(root: Path) -> Iterator[Row]:
    """One of twelve city stations drifts, the others do not; the file has no distances, so all count alike."""
    rows = read(root, "aq_beijing_12stations_hourly")
    assert rows is not None
    stations = sorted(rows["station"].unique())
    code = "neighbour_disagreement"
    each = {one: city_air(root, one)[0] for one in stations}
    for name in ("Dongsi", "Changping"):
        source = each[name]
        around = tuple(Neighbour(Text(one, one), joined(other.earlier, other.later), 10.0)
                       for one, other in each.items() if one != name)  # fmt: skip
        context = replace(context_of(source), neighbours=around)
        clean = judged(code, source.later, context)
        where = f"city_air_{name.lower()}"
        yield code, where, "leads", f"{clean.leads()}/{source.days.size / MONTH:.1f}"
        ways: dict[str, Callable[[np.ndarray], np.ndarray]] = {
            "times_1.3": lambda value: value * 1.3, "plus_30": lambda value: value + 30.0,
            "times_0.6": lambda value: value * 0.6}  # fmt: skip
        for what, way in ways.items():
            made = put_in(source, lambda whole, span, seed, way=way: changed_by(whole, span, way), longest=2)
            yield from compared(code, where, what, clean, (judged(code, made[0], context), *made))


def changed_by(whole: Series, span: Span, way: Callable[[np.ndarray], np.ndarray]) -> Series:
    inside = (whole.at >= span.start) & (whole.at < span.end)
    return replace(whole, value=np.where(inside, way(whole.value), whole.value))


def beyond(sources: Mapping[str, Source]) -> Iterator[Row]:
    """Hours beyond a whole-numbered limit, and the hours that its findings cover."""
    for name in ("gas_turbine_nox", "gas_turbine_co", "effluent"):
        source = sources[name]
        high = float(np.ceil(source.limit))
        context = context_of(replace(source, limit=high))
        context = replace(context, limits=tuple(replace(one, decimals=0) for one in context.limits))
        found = DETECTORS.get("exceedance")().findings(source.later, context)
        told = sum(int(np.rint(value) > high) for one in found for _at, value in one.evidence)
        counted = int((np.rint(source.later.value[source.later.valid]) > high).sum())
        yield "exceedance", name, "agree:hours", f"{told}/{counted}"


def foretold(sources: Mapping[str, Source]) -> Iterator[Row]:
    """Of the times beyond the limit how many were warned of in four hours, and how many warnings came true."""
    for name in ("gas_turbine_nox", "gas_turbine_co", "effluent"):
        source = sources[name]
        context = context_of(source)
        over = source.later.valid & (source.later.value > source.limit)
        at = source.later.at[over]
        first = at[np.append(True, np.diff(at) > 4 * HOUR)]
        said = DETECTORS.get("approaching_limit")().findings(source.later, context)
        warned = [any(one.start < begin and one.end >= begin - 4 * HOUR for one in said) for begin in first]
        true = [bool(((at >= one.start) & (at <= one.end + 4 * HOUR)).any()) for one in said]
        yield "approaching_limit", name, "warned", f"{sum(warned)}/{len(warned)}"
        yield "approaching_limit", name, "came_true", f"{sum(true)}/{len(true)}"


def gaps(root: Path) -> Iterator[Row]:
    """Gaps of three hours and more, beside a count of the missing hours."""
    rows = read(root, "aq_beijing_12stations_hourly")
    assert rows is not None
    told = counted = 0
    for station in sorted(rows["station"].unique()):
        source = city_air(root, station)[0]
        series = joined(source.earlier, source.later)
        series = series.part(np.flatnonzero(np.isfinite(series.value)))
        told += len(DETECTORS.get("missing_data")().findings(series, context_of(source)))
        counted += int((np.diff(series.at) > 3 * HOUR).sum())
    yield "missing_data", "city_air_12", "agree:gaps", f"{told}/{counted}"
    source = effluent(root)[0]
    series = joined(source.earlier, source.later)
    found = DETECTORS.get("missing_data")().findings(series, context_of(source))
    yield "missing_data", "effluent", "agree:gaps", f"{len(found)}/{int((np.diff(series.at) > 3 * HOUR).sum())}"


def impossible(root: Path) -> Iterator[Row]:
    """How often PM2.5 stands above PM10 at city stations that nobody accuses."""
    rows = read(root, "aq_beijing_12stations_hourly")
    assert rows is not None
    leads, months = 0, 0.0
    for station in sorted(rows["station"].unique()):
        source = city_air(root, station)[0]
        series = joined(source.earlier, source.later)
        context = replace(context_of(source), factor=factor("a34004"), limits=(),
                          beside={("a34002", ""): source.beside["pm10", ""]})  # fmt: skip
        leads += len(DETECTORS.get("impossible_values")().findings(series, context))
        months += np.unique(local_days(series.at)).size / MONTH
    yield "impossible_values", "city_air_12", "leads", f"{leads}/{months:.1f}"


def steps(sources: Mapping[str, Source]) -> Iterator[Row]:
    """Two hours marked as calibration every third day: nothing else done, and the level changed for a day after it."""
    for name in ("gas_turbine_nox", "gas_turbine_co", "effluent"):
        source = sources[name]
        context = context_of(source)
        for what, times in (("untouched", 1.0), ("halved", 0.5), ("times_0.8", 0.8)):
            value, mark = source.later.value.copy(), source.later.mark.copy()
            services = np.arange(40, len(source.later) - 40, 72)
            for at in services:
                mark[at : at + 2] = "C"
                value[at + 2 : at + 26] *= times
            series = replace(source.later, value=value, mark=mark)
            found = DETECTORS.get("step_after_service")().findings(series, context)
            told = {one.start for one in found} & {int(series.at[at]) for at in services}
            kind = "service" if times == 1.0 else f"found:service_{what}"
            yield "step_after_service", name, kind, f"{len(told)}/{services.size}"


def totals(root: Path) -> Iterator[Row]:
    """The day on which half a year's COD has come in, beside a running sum."""
    rows = read(root, "wwtp_melbourne_daily")
    assert rows is not None
    rows = rows.sort("date").unique("date", keep="first", maintain_order=True)
    at = rows["date"].dt.epoch("us").to_numpy() - CHINA_OFFSET
    mark = np.full(at.size, "N")
    content = Series(at, rows["Chemical Oxygen Demand"].to_numpy(), mark, "mg/L", 86400.0)
    flow = Series(at, rows["Average Inflow"].to_numpy() * 1000.0, mark, "L/s", 86400.0)
    daily = content.value * flow.value * 86.4 / 1000.0  # kg
    year = local_days(at).astype("datetime64[Y]").astype(int) + 1970
    right = []
    for one in np.unique(year):
        inside = np.flatnonzero(year == one)
        permit = float(daily[inside].sum() / 2.0)
        measure = factor("w01018")
        context = Context(NAME, measure, (), "day", 1, beside={("w00000", ""): flow}, annual_permit={int(one): permit})
        found = DETECTORS.get("annual_total")().findings(content.part(inside), context)
        passed = at[inside[np.flatnonzero(np.cumsum(daily[inside]) > permit)[0]]]
        right.append(len(found) == 1 and found[0].start == passed)
    yield "annual_total", "wwtp", "agree:days", f"{sum(right)}/{len(right)}"


def stops(root: Path) -> Iterator[Row]:
    """A stop of a day every other day at a water works: kept, and broken for two hours with the flow of that time."""
    rows = pl.read_parquet(next((root / "wq_canary_station_b").glob("*.parquet")))
    flow = rows["B_PLNT_FLOW_OP"].to_numpy()
    hours = np.nan_to_num(flow[: flow.size // 3 * 3].reshape(-1, 3).mean(axis=1))
    at = 1_140_451_200_000_000 + np.arange(hours.size) * HOUR  # 2006-02-21 00:00 in China
    starts = np.arange(10 * 24, hours.size - 24, 48)
    running = [int(at) for at in starts if hours[at : at + 24].max() > 0.2 * hours.max()]
    kept, broken = hours.copy(), hours.copy()
    records = []
    for first in running:
        busiest = int(hours[first + 2 : first + 20].argmax()) + first + 2
        kept[first : first + 24] = 0.0
        broken[first : first + 24] = 0.0
        broken[busiest : busiest + 2] = hours[busiest : busiest + 2]
        records.append(Record(RecordKind.STOP_ORDER, int(at[first]), int(at[first]) + DAY, Text("停排", "the stop")))
    for what, values in (("orders_kept", kept), ("orders_broken", broken)):
        series = Series(at, np.full(at.size, 40.0), np.full(at.size, "N"), "mg/L", 3600.0)
        beside = Series(at, values, np.full(at.size, "N"), "L/s", 3600.0)
        context = Context(
            NAME, factor("w01018"), (), "hour", 1, beside={("w00000", ""): beside}, records=tuple(records)
        )
        found = DETECTORS.get("ordered_stop")().findings(series, context)
        told = sum(any(one.start < order.end and one.end > order.start for one in found) for order in records)
        yield "ordered_stop", "water_works", what, f"{told}/{len(records)}"


def cuts(root: Path, code: str, kind: RecordKind) -> Iterator[Row]:
    """Cuts on each day that the steel factory runs, as electricity.py makes them, at the detector's own settings."""
    plant = read_plant(root)
    load = usual_load(plant.used, plant.middle)
    assert load is not None
    for share in (1.0, 0.5, 0.3):
        random = np.random.default_rng(7)
        told: dict[str, list[bool]] = {"kept": [], "broken": [], "ignored": []}
        for start in range(plant.middle + 2 * DAY, plant.end - 2 * DAY, DAY):
            order = Span(start, start + DAY)
            if (plant.used.value[order.positions(plant.used)] > load.running).sum() < 40:
                continue
            breaches = {"kept": None, "broken": breach_in(plant, order, random, load.running), "ignored": order}
            for what, breach in breaches.items():
                made = cut(plant.used, order, share, seed=start % 1000, breach=breach).series
                record = Record(kind, order.start, order.end, Text("令", "the order"), share)
                around = metered((Meter(MeterRole.PRODUCTION, NAME, made),), (record,))
                found = DETECTORS.get(code)().findings(plant.judged(made), around)
                within = breach or order
                told[what].append(any(one.start < within.end and one.end > within.start for one in found))
        for what, hits in told.items():
            yield code, "steel", f"cut_{what}:{share}", f"{sum(hits)}/{len(hits)}"


if __name__ == "__main__":
    main()
