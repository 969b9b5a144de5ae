"""What every detector must do, whatever it looks for; a new one is covered by being registered."""

import re
from dataclasses import fields, replace

import numpy as np
import pytest

from qingyuan_science.detect import (
    DETECTORS,
    Context,
    Detector,
    Finding,
    Record,
    RecordKind,
    Severity,
    WorkedExample,
)
from qingyuan_science.plugins import Text, parameters_of, with_parameters
from qingyuan_science.series import SECOND, Mark, Series
from qingyuan_science.units import convert, scale

DETECTORS.load("qingyuan_science.detect")

SETTLED_AFTER = 48 * 3600 * SECOND  # after this a finding must be over, unless it is of those that last
LASTING = {"annual_total": "until the year is over"}
TEXTS = ("validity", "title")
LARGER_OR_SMALLER = {"mg/L": "µg/L", "µg/L": "mg/L", "mg/m3": "µg/m3", "µg/m3": "mg/m3"}

CASES = [
    pytest.param(detector, example, id=f"{detector.code}-{number}")
    for detector in DETECTORS
    for number, example in enumerate(detector.examples)
]
every_detector = pytest.mark.parametrize("detector", DETECTORS, ids=lambda detector: detector.code)
IN_TWO_UNITS = [case for case in CASES if case.values[1].series().unit in LARGER_OR_SMALLER]
every_example = pytest.mark.parametrize(("detector", "example"), CASES)


def run(detector: type[Detector], series: Series, context: Context) -> list[Finding]:
    return detector().findings(series, context)


def lively(example: WorkedExample, seed: int = 1) -> Series:
    """A long series of the example's values in random order, with every kind of mark, missing values and gaps."""
    random = np.random.default_rng(seed)
    base = example.series()
    size = 400
    at = base.at[0] + np.arange(size) * base.period
    value = random.choice(base.value, size) * random.uniform(0.5, 2.0, size)
    value[random.random(size) < 0.05] = np.nan
    mark = random.choice([mark.value for mark in Mark], size, p=[0.2 / (len(Mark) - 1)] * (len(Mark) - 1) + [0.8])
    kept = random.random(size) > 0.1
    return Series(at[kept], value[kept], mark[kept], base.unit, base.step)


def drawn_out(example: WorkedExample) -> Series:
    """The example's values, and again for three days with every seventh missing: what went wrong goes on."""
    base = example.series()
    size = len(base)
    at = base.at[0] + np.arange(size + 72) * base.period
    value = np.append(base.value, np.resize(base.value, 72))
    mark = np.append(base.mark, np.full(72, "N"))
    kept = (np.arange(at.size) < size) | (np.arange(at.size) % 7 > 0)
    return Series(at[kept], value[kept], mark[kept], base.unit, base.step)


@every_detector
def test_it_has_examples_with_and_without_a_finding(detector):
    assert any(example.expected for example in detector.examples)
    assert any(not example.expected for example in detector.examples)


@every_example
def test_its_examples_come_out_as_stated(detector, example):
    assert tuple(one.sentence for one in run(detector, example.series(), example.context())) == example.expected


@every_example
def test_it_leaves_its_input_alone(detector, example):
    series = lively(example)
    before = [array.copy() for array in (series.at, series.value, series.mark)]
    run(detector, series, example.context())
    for array, copy in zip((series.at, series.value, series.mark), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@every_example
def test_the_same_input_gives_the_same_findings(detector, example):
    series = lively(example)
    assert run(detector, series, example.context()) == run(detector, series, example.context())


@every_example
def test_it_bears_poor_series(detector, example):
    base, context = example.series(), example.context()
    size = len(base)
    letters, years = base.mark, np.arange(size) * 366 * 86400 * SECOND
    poor = {
        "nothing around": base,
        "empty": base.part(slice(0, 0)),
        "one value": base.part(slice(0, 1)),
        "nothing measured": Series(base.at, np.full(size, np.nan), letters, base.unit, base.step),
        "all invalid": Series(base.at, base.value, np.full(size, "D"), base.unit, base.step),
        "one constant": Series(base.at, np.full(size, 7.0), letters, base.unit, base.step),
        "all nought": Series(base.at, np.zeros(size), letters, base.unit, base.step),
        "infinite": Series(base.at, np.full(size, np.inf), letters, base.unit, base.step),
        "a year's gap": Series(base.at + years, base.value, letters, base.unit, base.step),
    }
    for name, series in poor.items():
        bare = Context(context.place, context.factor, (), context.kind, context.decimals)
        for around in (context, bare):
            findings = run(detector, series, around)
            assert all(isinstance(one, Finding) for one in findings), name


@every_detector
def test_it_says_where_it_holds_and_what_it_needs(detector):
    for name in TEXTS:
        text = getattr(detector, name)
        assert text.zh
        assert text.en
        assert text.zh != text.en
    assert set(detector.needs) <= {field.name for field in fields(Context)}
    assert detector.looks_back_days >= 0


@every_detector
def test_it_says_what_it_was_worth_on_real_data_or_why_that_is_not_known(detector):
    told = [one for one in detector.remarks() if one.en.startswith(("Measured (", "Not measured on real data: "))]
    assert told
    assert all(one.zh.startswith(("实测", "未在真实数据上测评")) for one in told)


@every_example
def test_its_examples_are_of_values_that_it_is_made_for(detector, example):
    assert example.kind in detector.averagings


@every_example
def test_without_what_it_needs_it_says_nothing(detector, example):
    context = example.context()
    if detector.needs and example.expected:
        empty = Context(context.place, context.factor, (), context.kind, context.decimals)
        lacking = replace(context, **{name: getattr(empty, name) for name in detector.needs})
        assert run(detector, example.series(), lacking) == []


@every_example
def test_what_it_says_it_takes_is_all_that_it_looks_at(detector, example):
    """The platform gives it nothing else, so whatever rests on more would never be told."""
    whole = example.context()
    always = {"place", "factor", "kind", "decimals", "outlet"}
    given = {name: getattr(whole, name) for name in always | (detector.takes() & {one.name for one in fields(whole)})}
    told = Context(**{"limits": (), **given})
    assert run(detector, example.series(), told) == run(detector, example.series(), whole)


@every_example
def test_records_that_it_does_not_heed_change_nothing(detector, example):
    """Who says what it heeds is only looked at again when such a record is written down."""
    series, context = drawn_out(example), example.context()
    title, span = Text("记录", "record"), (int(series.at[0]), int(series.at[-1]))
    others = tuple(Record(kind, *span, title) for kind in RecordKind if not detector.heeds_any([kind]))
    more = replace(context, records=(*context.records, *others))
    assert run(detector, series, more) == run(detector, series, context)


@every_example
def test_what_speaks_at_once_takes_nothing_back_as_the_day_goes_on(detector, example):
    if not detector.at_once:
        return
    series, context = drawn_out(example), example.context()
    whole = run(detector, series, context)
    for length in range(1, len(series)):
        for one in run(detector, series.part(slice(0, length)), context):
            assert any(later.start == one.start and later.end >= one.end for later in whole)


@every_example
def test_the_order_of_what_stands_beside_does_not_matter(detector, example):
    series, context = drawn_out(example), example.context()
    turned = replace(
        context,
        beside=dict(reversed(context.beside.items())),
        neighbours=context.neighbours[::-1],
        upstream=context.upstream[::-1],
        records=context.records[::-1],
        electricity=context.electricity[::-1],
    )
    assert run(detector, series, turned) == run(detector, series, context)


@every_example
def test_it_bears_the_least_and_the_greatest_settings(detector, example):
    for bound in ("low", "high"):
        settings = {spec.name: getattr(spec, bound) for spec in parameters_of(detector)}
        with_parameters(detector, settings).findings(lively(example), example.context())


@every_example
def test_findings_are_whole_and_in_order(detector, example):
    for series in (lively(example), drawn_out(example), example.series()):
        check_findings(detector, example, series)


def check_findings(detector, example, series):
    findings = run(detector, series, example.context())
    assert [one.start for one in findings] == sorted(one.start for one in findings)
    for one in findings:
        assert one.detector == detector.code
        assert one.factor == example.factor
        assert series.at[0] <= one.start < one.end <= max(series.at[-1] + series.period, example.context().now or 0)
        assert isinstance(one.severity, Severity)
        assert np.isfinite([one.peak, one.times_over]).all()
        assert 0.0 <= one.confidence <= 1.0
        assert bool(one.evidence) == (one.confidence > 0.0)
        assert one.limit or one.signs
        assert all(np.isfinite(sign.value) and sign.name.zh and sign.name.en for sign in one.signs)
        known = dict(zip(series.at.tolist(), series.value.tolist(), strict=True))
        assert all(known[at] == value and one.start <= at < one.end for at, value in one.evidence)


@every_example
def test_every_finding_says_place_figure_expectation_and_clause_in_both_languages(detector, example):
    context = example.context()
    for one in (*run(detector, lively(example), context), *run(detector, example.series(), context)):
        for language in ("zh", "en"):
            sentence = one.sentence.in_language(language)
            assert context.place.in_language(language) in sentence
            assert one.clause.in_language(language) in sentence
            figures = [float(figure) for figure in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]\d+)?", sentence)]
            if one.limit:
                assert min(abs(figure - one.peak) for figure in figures) <= 0.5 * 10.0**-context.decimals + 1e-9
                printed = {end for end in (one.limit.low, one.limit.high) if end is not None}
                assert printed <= set(figures)
            else:
                sign = one.signs[0]
                assert sign.name.in_language(language) in sentence
                for figure in (sign.value, sign.low, sign.high):
                    if sign.unit == "1" and figure is not None and 0.0 < figure < 1e-4:
                        assert "<0.0001" in sentence
                    else:
                        assert figure is None or min(abs(found - figure) for found in figures) <= 0.006 * abs(figure)


@pytest.mark.parametrize(("detector", "example"), IN_TWO_UNITS)
def test_the_unit_of_the_values_does_not_matter(detector, example):
    for series in (lively(example), example.series()):
        check_units(detector, series, example.context())


def check_units(detector, series, context):
    unit = LARGER_OR_SMALLER[series.unit]
    other = in_unit(series, unit)
    times = float(scale(series.unit, unit))
    baseline = in_unit(context.baseline, unit) if context.baseline else None
    limits = tuple(limit.in_unit(unit) for limit in context.limits)
    scaled = replace(context, limits=limits, baseline=baseline)
    expected = run(detector, series, context)
    for findings in (run(detector, other, context), run(detector, other, scaled)):
        assert [(one.start, one.end, one.severity) for one in findings] == [
            (one.start, one.end, one.severity) for one in expected
        ]
        np.testing.assert_allclose(
            [one.times_over for one in findings], [one.times_over for one in expected], 1e-6, 1e-6
        )
        np.testing.assert_allclose([one.peak for one in findings], [one.peak * times for one in expected])


def in_unit(series, unit):
    return Series(series.at, convert(series.value, series.unit, unit), series.mark, unit, series.step)


@every_example
def test_the_future_never_changes_a_finding_that_is_over(detector, example):
    for series in (lively(example), drawn_out(example)):
        check_future(detector, series, replace(example.context(), now=None))


def check_future(detector, series, context):
    whole = run(detector, series, context)
    for length in range(1, len(series), 13 if len(series) < 200 else 59):
        known = series.part(slice(0, length))
        over = [one for one in run(detector, known, context) if not one.ongoing]
        end = int(known.at[-1])
        assert over == [one for one in whole if one in over]
        settled = [one for one in whole if one.end + SETTLED_AFTER <= end and detector.code not in LASTING]
        assert all(one in over for one in settled)


@every_example
def test_a_finding_does_not_vanish_when_more_comes(detector, example):
    if example.expected:
        assert run(detector, drawn_out(example), replace(example.context(), now=None)) or example.context().now
