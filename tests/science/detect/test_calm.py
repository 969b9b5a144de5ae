"""What a detector calls calm is calm: no stirring reading, no finding; and no finding begins before one."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science import standards
from qingyuan_science.detect import DETECTORS, Calm, Context, Detector, WorkedExample
from qingyuan_science.plugins import parameters_of, with_parameters
from qingyuan_science.series import Mark, Series

DETECTORS.load("qingyuan_science.detect")
CALM = [one for one in DETECTORS if one.calm is not Detector.calm]
CASES = [
    pytest.param(one, example, id=f"{one.code}-{number}") for one in CALM for number, example in enumerate(one.examples)
]
LETTERS = "".join(mark.value for mark in Mark)


def stirring(
    series: Series, calm: Calm, delay: np.ndarray[Any, Any] | None, beside: Mapping[tuple[str, str], Series]
) -> np.ndarray[Any, Any]:
    """Which readings are otherwise than a calm says; written anew, from the words of its docstring."""
    beyond = series.valid & ((series.value < calm.low) | (series.value > calm.high))
    if calm.part is not None:
        other = beside[calm.part.of]
        there = {
            int(at): float(value) for at, value in zip(other.at[other.valid], other.value[other.valid], strict=True)
        }
        most = np.array([calm.part.share * there.get(int(at), -np.inf) + calm.part.more for at in series.at])
        beyond |= series.valid & ~(series.value <= most)
    beyond |= np.isin(series.mark, list(calm.marks))
    if delay is not None:
        beyond |= (delay < calm.earliest) | (delay > calm.latest)
    if len(series) > 1:
        beyond[1:] |= np.diff(series.at) >= calm.gap * series.period
    return beyond


@st.composite
def situations(
    draw: st.DrawFn, detector: type[Detector], example: WorkedExample
) -> tuple[Series, Context, dict[str, Any]]:
    """Values around the bounds, with marks, gaps and delays; any settings; the limits of the example."""
    base, context = example.series(), example.context()
    bounds = {bound for limit in context.limits for bound in (limit.low, limit.high) if bound is not None}
    levels = [0.0, -0.0, -0.001, -5.0, float("nan"), 1e9, *base.value.tolist()[:4], *bounds]
    levels += [bound * share for bound in bounds for share in (0.3, 0.499, 0.5, 0.51, 0.9, 0.98, 0.9999, 1.0001, 1.01)]
    levels += [bound + step for bound in bounds for step in (0.4, 0.5, 0.04, 0.05, -0.05, 0.005)]
    size = draw(st.integers(1, 40))
    value = draw(st.lists(st.sampled_from(levels), min_size=size, max_size=size))
    mark = draw(st.lists(st.sampled_from("N" * 12 + LETTERS), min_size=size, max_size=size))
    steps = draw(st.lists(st.sampled_from([1, 1, 1, 1, 1, 2, 3, 4, 5, 9]), min_size=size, max_size=size))
    at = base.at[0] + np.cumsum(steps) * base.period
    step = draw(st.sampled_from([base.step, None]))
    late = draw(
        st.lists(st.sampled_from([0.0, 5.0, -59.0, -60.0, -61.0, 7200.0, 7201.0]), min_size=size, max_size=size)
    )
    delay = Series(at, np.array(late), np.full(size, "N"), "s", base.step)
    specs = parameters_of(detector)
    chosen = {spec.name: draw(st.sampled_from([spec.default, spec.low, spec.high])) for spec in specs}
    series = Series(at, np.array(value), np.array(mark), base.unit, step)
    beside = {key: draw(measured_beside(other, at, base.value)) for key, other in context.beside.items()}
    return series, replace(context, arrivals=delay, now=None, beside=beside), chosen


@st.composite
def measured_beside(draw: st.DrawFn, example: Series, at: np.ndarray[Any, Any], value: np.ndarray[Any, Any]) -> Series:
    """What else a station measures, mostly at the same instants; values around what is judged and around the margin."""
    levels = [0.0, -1.0, float("nan"), *example.value.tolist()[:3]]
    levels += [one / share for one in value.tolist()[:3] for share in (0.5, 1.0, 1.14, 1.15, 1.1500001, 1.16, 2.0)]
    picked = np.array([draw(st.sampled_from([True, True, True, True, False])) for _ in at])
    there = draw(st.lists(st.sampled_from(levels), min_size=at.size, max_size=at.size))
    mark = draw(st.lists(st.sampled_from("NNNNNNM"), min_size=at.size, max_size=at.size))
    return Series(at[picked], np.array(there)[picked], np.array(mark)[picked], example.unit, example.step)


@pytest.mark.parametrize(("detector", "example"), CASES)
def test_where_nothing_stirs_nothing_is_found_and_nothing_begins_before(
    detector: type[Detector], example: WorkedExample
) -> None:
    @settings(max_examples=100, deadline=None)
    @given(situation=situations(detector, example))
    def check(situation: tuple[Series, Context, dict[str, Any]]) -> None:
        series, context, chosen = situation
        one = with_parameters(detector, chosen)
        calm = one.calm(series.unit, context)
        if calm is None or (series.step is None and len(series) < 2):
            return
        delay = None if context.arrivals is None else context.arrivals.value
        stirs = stirring(series, calm, delay, context.beside)
        for found in one.findings(series, context):
            told = series.at[stirs & ((series.at <= found.start) | (series.at == found.end))]
            assert told.size, (found, calm)

    check()


def test_a_limit_that_rounding_would_break_is_kept_one_place_inside() -> None:
    """Half of 0.0015 rounds up at three decimals, so 0.0015 itself is beyond a limit of 0.0015 when rounded."""
    context = DETECTORS.get("exceedance").examples[0].context()
    fine = tuple(replace(limit, high=0.0015, decimals=3, unit="mg/L") for limit in context.limits)
    calm = DETECTORS.get("exceedance")().calm("mg/L", replace(context, limits=fine))
    assert calm is not None
    assert calm.high < 0.001
    assert calm.low == -float("inf")


def test_whole_limits_are_calm_up_to_the_limit_itself() -> None:
    context = DETECTORS.get("exceedance").examples[0].context()
    assert DETECTORS.get("exceedance")().calm("mg/L", context) == Calm(high=50.0)


@pytest.mark.parametrize(("parts", "is_calm"), [((), True), (("w21003",), True), (("w21003", "w21007"), False)])
def test_a_whole_is_looked_at_where_two_of_its_parts_are_measured(parts: tuple[str, ...], is_calm: bool) -> None:
    """One part alone is held against the whole where the part is judged."""
    example = DETECTORS.get("impossible_values").examples[0]
    beside = {(one, ""): example.series() for one in parts}
    context = replace(example.context(), factor=standards.factor("w21001"), beside=beside)
    assert (DETECTORS.get("impossible_values")().calm("mg/L", context) is not None) is is_calm


@pytest.mark.parametrize(
    ("part", "whole", "unit", "share", "more"),
    [
        ("w21003", "w21001", "mg/L", 1.15, 0.0),  # ammonia nitrogen, total nitrogen
        ("w21003", "w21001", "ug/L", 0.00115, 0.0),
        ("a34004", "a34002", "mg/m3", 1.15, 0.01 * 2.0**0.5),  # PM2.5, PM10 [mg/m³]; two analysers off by 10 µg/m³
    ],
)
def test_a_part_is_calm_up_to_its_whole_with_both_margins(
    part: str, whole: str, unit: str, share: float, more: float
) -> None:
    example = DETECTORS.get("impossible_values").examples[0]
    beside = {(whole, ""): replace(example.series(), unit=unit)}
    context = replace(example.context(), factor=standards.factor(part), beside=beside)
    calm = DETECTORS.get("impossible_values")().calm("mg/m3" if part == "a34004" else "mg/L", context)
    assert calm is not None
    assert calm.part is not None
    assert calm.part.of == (whole, "")
    assert (calm.part.share, calm.part.more) == pytest.approx((share, more))
