"""Detectors that score days: what they learn as usual, what they tell, and that a budget of false findings is kept."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.detect import Context, Neighbour, Record, RecordKind
from qingyuan_science.detect._days import days_of
from qingyuan_science.detect._departure import together, usual_spread
from qingyuan_science.detect._figures import trailing_median
from qingyuan_science.detect._scored import Measure, Scored
from qingyuan_science.detect._surprise import surprise, threshold
from qingyuan_science.detect.coarse_digits import CoarseDigits
from qingyuan_science.detect.constant_value import ConstantValue
from qingyuan_science.detect.copied_channel import CopiedChannel
from qingyuan_science.detect.damped_signal import DampedSignal
from qingyuan_science.detect.limit_hugging import LimitHugging
from qingyuan_science.detect.mark_abuse import MarkAbuse
from qingyuan_science.detect.neighbour_disagreement import NeighbourDisagreement
from qingyuan_science.detect.night_source import NightSource
from qingyuan_science.detect.repeated_days import RepeatedDays
from qingyuan_science.detect.unlike_process import UnlikeProcess
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series, microseconds
from qingyuan_science.standards import factor, limits_for
from qingyuan_science.worlds.fraud import FRAUDS, Span

MIDNIGHT = datetime(2026, 1, 1, 16, tzinfo=UTC)  # in China
HOUR = 3600 * SECOND
LEARNED, JUDGED = 120, 60  # days
PLACE = Text("城东污水处理厂总排口", "the main outlet of the East Sewage Works")
COD = factor("w01018")
FLOW = ("w00000", "")


def made(seed=1, days=LEARNED + JUDGED, level=30.0, decimals=2, load=None):
    random = np.random.default_rng(seed)
    hours = days * 24
    course = np.zeros(hours)
    noise = random.normal(0.0, 1.0, hours)
    for hour in range(1, hours):
        course[hour] = 0.9 * course[hour - 1] + noise[hour]
    carried = course if load is None else 6.0 * (load.value / load.value.mean() - 1.0) * 5.0 + 0.3 * course
    return Series.starting(MIDNIGHT, np.round(level + carried + 3.0, decimals), unit="mg/L", step=3600)


def held(series, seed=2):
    """The same as an analyser sends it that measures every 4 to 12 hours and holds its value in between."""
    random = np.random.default_rng(seed)
    begins = np.cumsum(random.integers(4, 13, len(series)))
    last = np.searchsorted(begins, np.arange(len(series)), side="right")
    value = series.value[np.minimum(np.append(0, begins)[last], len(series) - 1)]
    return Series(series.at, value, series.mark, series.unit, series.step)


def halves(series):
    return series.part(slice(0, LEARNED * 24)), series.part(slice(LEARNED * 24, None))


def told(detector, series, **around):
    baseline, later = halves(series)
    context = Context(PLACE, COD, limits_for(COD, "GB 18918", "1A", None), "hour", 1, baseline=baseline, **around)
    return detector.findings(later, context)


def forged(kind, series, start_day=30, days=3, **more):
    start = microseconds(MIDNIGHT) + ((LEARNED + start_day) * 24 + 9) * HOUR
    return FRAUDS[kind](series, Span(start, start + days * 24 * HOUR), seed=3, **more).series


def hits(findings, start_day=30, days=3):
    start = microseconds(MIDNIGHT) + (LEARNED + start_day) * 24 * HOUR
    return [one for one in findings if one.start < start + (days + 1) * 24 * HOUR and one.end > start]


def test_the_runs_of_an_analyser_that_holds_its_value_are_no_fraud():
    series = held(made())
    assert told(ConstantValue(), series) == []
    (one,) = hits(told(ConstantValue(), forged("constant", series)))
    assert one.signs[0].value > 24.0
    assert one.signs[0].high < 24.0


def test_a_constant_value_without_flow_is_no_fraud():
    series = forged("constant", made())
    flow = np.full(len(series), 20.0)
    flow[(LEARNED + 30) * 24 : (LEARNED + 34) * 24] = 0.0
    still = {FLOW: Series(series.at, flow, series.mark, "L/s", 3600.0)}
    running = {FLOW: Series(series.at, np.full(len(series), 20.0), series.mark, "L/s", 3600.0)}
    assert hits(told(ConstantValue(), series))
    assert hits(told(ConstantValue(), series, beside=running))
    assert not hits(told(ConstantValue(), series, beside=still))


@pytest.mark.parametrize(
    ("detector", "kind", "more"),
    [
        (LimitHugging(), "clipped", {"limit": 50.0}),
        (DampedSignal(), "smoothed", {}),
        (CoarseDigits(), "rounded", {}),
        (RepeatedDays(), "replayed", {}),
        (RepeatedDays(), "replayed", {"strength": 0.5}),
        (MarkAbuse(), "deleted", {"limit": 50.0}),
    ],
    ids=lambda value: getattr(value, "code", str(value)),
)
def test_a_kind_of_fraud_is_found_by_its_detector_and_genuine_days_are_not(detector, kind, more):
    series = made()
    assert len(told(detector, series)) <= 1
    assert hits(told(detector, forged(kind, series, **more)))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_run_counts_beside_how_long_values_of_its_level_usually_stay(seed):
    random = np.random.default_rng(seed)
    hours = (LEARNED + JUDGED) * 24
    lively = np.round(60.0 + 5.0 * random.standard_normal(hours), 1)
    clean = np.repeat(random.integers(1, 4, hours // 6), 6)[:hours]  # of the figures that are printed few are left
    series = Series.starting(MIDNIGHT, np.where(np.arange(hours) // 24 % 6 == 0, clean, lively), unit="mg/L", step=3600)
    stays = {level: series.value.copy() for level in (2.0, 58.4)}
    first = (LEARNED + 30) * 24  # a clean day
    for level, value in stays.items():
        value[first + 2 : first + 18] = level
    at = {level: replace(series, value=value) for level, value in stays.items()}
    assert not hits(told(ConstantValue(), at[2.0]), days=1)
    (one,) = hits(told(ConstantValue(), at[58.4]), days=1)
    assert one.signs[0].value == 16.0
    assert one.signs[0].high < 4.0


def test_values_lowered_and_cut_off_at_nought_are_told_and_hours_without_flow_are_not():
    series = made(level=10.0)
    value, days = series.value.copy(), slice((LEARNED + 30) * 24, (LEARNED + 33) * 24)
    value[days][::3] = 0.0
    lowered = replace(series, value=value)
    flow = np.full(len(series), 20.0)
    flow[days][::3] = 0.0
    (one,) = hits(told(ConstantValue(), lowered))
    assert "零值多于平时" in one.sentence.zh
    assert "values stand at nought more often than usual" in one.sentence.en
    still = {FLOW: Series(series.at, flow, series.mark, "L/s", 3600.0)}
    assert not hits(told(ConstantValue(), lowered, beside=still))


def test_the_flow_beside_a_channel_is_fetched_for_the_detectors_that_heed_it():
    assert "beside" in ConstantValue.takes()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_held_value_that_trembles_is_told_though_genuine_days_may_be_as_still(seed):
    random = np.random.default_rng(seed)
    moves = np.repeat(random.choice([0.1, 0.5, 1.0, 1.5], (LEARNED + JUDGED) // 2), 48)
    genuine = made(seed=seed)
    series = replace(genuine, value=np.round(30.0 + moves * (genuine.value - 33.0), 2))
    assert len(told(DampedSignal(), series)) <= 1
    assert hits(told(DampedSignal(), forged("constant", series, days=4, strength=0.5)), days=4)


def test_a_replayed_series_of_plateaus_is_found_by_its_changes():
    series = held(made())
    assert len(told(RepeatedDays(), series)) <= 1
    assert hits(told(RepeatedDays(), forged("replayed", series)))


def test_a_channel_scaled_down_against_its_process_is_found():
    load = made(seed=9, level=100.0)
    series, beside = made(load=load), {FLOW: load}
    assert len(told(UnlikeProcess(), series, beside=beside)) <= 1
    assert hits(told(UnlikeProcess(), forged("scaled", series, strength=0.5), beside=beside))


def test_a_copy_of_another_channel_is_found_whatever_its_level():
    other = made(seed=9, level=100.0)
    series = forged("copied_channel", made(), other=other)
    assert hits(told(CopiedChannel(), series, beside={FLOW: other}))
    assert not hits(told(CopiedChannel(), made(), beside={FLOW: other}))


def test_channels_that_are_alike_by_nature_are_no_copies():
    series = made()
    twin = Series(series.at, 2.0 * series.value + made(seed=4).value * 0.01, series.mark, series.unit, series.step)
    assert told(CopiedChannel(), series, beside={FLOW: twin}) == []


def test_a_copy_is_found_beside_a_channel_that_is_alike_by_nature():
    other, series = made(seed=9, level=100.0), made()
    twin = Series(series.at, 2.0 * series.value + made(seed=4).value * 0.05, series.mark, series.unit, series.step)
    copied = forged("copied_channel", series, other=other, strength=0.7)
    assert hits(told(CopiedChannel(), copied, beside={FLOW: other, ("w00001", ""): twin}))


def test_service_with_a_record_is_no_abuse_of_marks():
    series = forged("deleted", made(), limit=50.0)
    start = microseconds(MIDNIGHT) + (LEARNED + 29) * 24 * HOUR
    record = Record(RecordKind.CALIBRATION, start, start + 6 * 24 * HOUR, Text("校准", "calibration"))
    assert hits(told(MarkAbuse(), series))
    assert not hits(told(MarkAbuse(), series, records=(record,)))


@pytest.mark.parametrize("seed", [1, 5, 6])
def test_a_mirrored_course_is_told_though_on_quiet_days_the_channel_follows_nothing(seed):
    random, own = made(seed=seed + 20), made(seed=seed)
    course = random.value.reshape(-1, 24) - random.value.reshape(-1, 24).mean(axis=1, keepdims=True)
    course *= np.where(np.arange(len(course)) % 3 == 0, 0.1, 1.5)[:, None]
    load = Series(own.at, np.round(33.0 + course.ravel(), 2), own.mark, own.unit, own.step)
    series = Series(own.at, np.round(27.0 + 1.5 * course.ravel() + own.value, 2), own.mark, own.unit, own.step)
    detector = UnlikeProcess(budget=0.3)
    assert told(detector, series, beside={FLOW: load}) == []
    assert hits(told(detector, forged("inverted", series), beside={FLOW: load}))


@pytest.mark.parametrize("seed", [9, 10, 11])
def test_a_copy_with_noise_on_it_is_told_for_as_long_as_it_lasts(seed):
    other = made(seed=seed)
    copied = forged("copied_channel", made(), days=4, other=other, strength=0.1)
    found = hits(told(CopiedChannel(), copied, beside={FLOW: other}), days=4)
    assert sum(one.end - one.start for one in found) >= 4 * 24 * HOUR


def test_a_regional_episode_raises_no_disagreement_but_a_local_one_does():
    region = made(seed=9, level=60.0)
    own = Series(region.at, region.value + made(seed=5).value * 0.05, region.mark, region.unit, region.step)
    value = own.value.copy()
    first = (LEARNED + 30) * 24
    value[first : first + 48] *= 1.6
    local = Series(own.at, value, own.mark, own.unit, own.step)
    rise = region.value.copy()
    rise[first : first + 48] *= 1.6
    everywhere = Series(own.at, rise, own.mark, own.unit, own.step)

    def near(series):
        return (Neighbour(Text("城北站", "North station"), series, 2.0),)

    assert hits(told(NeighbourDisagreement(), local, neighbours=near(region)))
    assert not hits(told(NeighbourDisagreement(), local, neighbours=near(everywhere)))


def test_nights_that_rise_are_found():
    series = made()
    value = series.value.copy()
    for day in range(LEARNED + 30, LEARNED + 33):
        value[day * 24 : day * 24 + 6] *= 2.0
    louder = Series(series.at, value, series.mark, series.unit, series.step)
    assert hits(told(NightSource(), louder))
    assert len(told(NightSource(), series)) <= 1


def test_a_level_that_only_falls_makes_no_night_of_it():
    series = made(level=60.0)
    value = series.value.copy()
    first = (LEARNED + 30) * 24
    value[first : first + 48] *= np.geomspace(1.0, 0.2, 48)
    value[first + 48 :] *= 0.2
    falling = Series(series.at, value, series.mark, series.unit, series.step)
    assert not hits(told(NightSource(), falling))


def test_two_days_that_depart_a_little_are_told_where_one_of_them_would_not_be():
    region = made(seed=9, level=60.0)
    own = region.value + made(seed=5).value * 0.15
    first, near = (LEARNED + 30) * 24, (Neighbour(Text("城北站", "North station"), region, 2.0),)
    score = {}
    for days in (1, 2):
        value = own.copy()
        value[first : first + days * 24] *= 0.93
        series = Series(region.at, value, region.mark, region.unit, region.step)
        baseline, later = halves(series)
        context = Context(PLACE, COD, (), "hour", 1, baseline=baseline, neighbours=near)
        score[days] = NeighbourDisagreement().scores(later, context).score[30:33].max()
    assert score[2] > score[1] + 0.3


def test_days_are_held_beside_what_is_usual_at_their_level():
    random = np.random.default_rng(3)
    level = random.uniform(1.0, 5.0, 4000)
    rest, learned = random.normal(0.0, np.exp(-0.5 * level)), np.arange(4000) < 3000
    spread = usual_spread(rest, level, learned, 1e-6)
    np.testing.assert_allclose(spread, np.exp(-0.5 * level), rtol=0.1)
    changed = np.where(learned, rest, 9.0)
    np.testing.assert_array_equal(usual_spread(changed, level, learned, 1e-6), spread)


def test_days_together_weigh_by_how_sure_they_are_and_leave_out_what_is_not_known():
    rest, spread = np.array([1.0, np.nan, 3.0, 5.0]), np.array([1.0, 1.0, 1.0, 0.5])
    mean, of_mean = together(rest, spread, 2)
    np.testing.assert_allclose(mean, [1.0, np.nan, 3.0, (3.0 + 4.0 * 5.0) / 5.0])
    np.testing.assert_allclose(of_mean, [1.0, np.nan, 1.0, 5.0**-0.5])


def test_clean_air_in_whole_units_repeats_itself_by_chance_and_a_replay_of_it_does_not():
    random = np.random.default_rng(2)
    walk, hours = [4.0], (LEARNED + JUDGED) * 24
    for step in random.choice([-1.0, 0.0, 0.0, 1.0], hours - 1):
        walk.append(min(max(walk[-1] + step, 1.0), 7.0))
    lively = np.round(np.exp(np.log(60.0) + 0.5 * random.standard_normal(hours)))
    value = np.where(np.arange(hours) // 24 % 6 == 0, walk, lively)  # a day in six is clean
    value[LEARNED * 24 :] = walk[LEARNED * 24 :]
    series = Series.starting(MIDNIGHT, value, unit="mg/L", step=3600)
    assert len(told(RepeatedDays(), series)) <= 2
    assert hits(told(RepeatedDays(), forged("replayed", series)))


def test_a_level_that_fell_for_good_repeats_no_more_by_chance_than_it_did_before():
    random = np.random.default_rng(4)
    noise = [0.0]
    for step in 0.44 * random.standard_normal((LEARNED + JUDGED + 60) * 24 - 1):
        noise.append(0.9 * noise[-1] + step)
    level = np.where(np.arange(len(noise)) < LEARNED * 24, 60.0, 9.0)
    series = Series.starting(MIDNIGHT, np.maximum(np.round(level * np.exp(0.4 * np.array(noise))), 1.0),
                             unit="mg/L", step=3600)  # fmt: skip
    baseline, later = halves(series)
    detector = RepeatedDays(budget=1.0)
    found = detector.scores(later, Context(PLACE, COD, (), "hour", 1, baseline=baseline))
    settled = found.score[-60:]  # all that they are laid beside is of the lower level, too
    assert np.count_nonzero(settled > threshold(1.0)) < 20


def test_a_day_to_come_is_closer_to_another_channel_than_all_learned_ones_as_seldom_as_one_of_them():
    learned, judged, closest, days = 60, 30, 0, 0
    for seed in range(12):
        random = np.random.default_rng(seed)
        rows = np.round(50.0 + np.cumsum(random.normal(size=(11, (learned + judged) * 24)), axis=1), 2)
        whole, *others = (Series.starting(MIDNIGHT, row, unit="mg/m3", step=3600) for row in rows)
        cut = days_of(whole.part(slice(learned * 24, None)), whole.part(slice(0, learned * 24)), learned)
        beside = {(f"channel {number}", ""): other for number, other in enumerate(others)}
        figure = CopiedChannel().measures(cut, Context(PLACE, COD, (), "hour", 1, beside=beside))[0].compared
        closest += int(np.count_nonzero(figure[~cut.learned] > figure[cut.learned].max()))
        days += judged
    assert closest <= 2 * days / (learned + 1)


def test_a_finding_that_is_a_lead_says_so_and_shows_what_is_usual():
    one = hits(told(ConstantValue(), forged("constant", made())))[0]
    assert "此为线索，需现场核实" in one.sentence.zh
    assert "this is a lead to be checked on site" in one.sentence.en
    assert one.limit is None
    assert one.signs[0].name.en in one.sentence.en


def test_without_a_baseline_the_first_days_are_learned_and_not_judged():
    series = forged("constant", made())
    context = Context(PLACE, COD, (), "hour", 1)
    scores = ConstantValue(learn_days=LEARNED).scores(series, context)
    assert scores.day.size == JUDGED
    assert ConstantValue(learn_days=LEARNED).findings(series, context)
    assert ConstantValue(learn_days=700).findings(series, context) == []


def test_a_baseline_in_another_unit_is_converted():
    baseline, later = halves(made())
    micro = Series(baseline.at, 1000.0 * baseline.value, baseline.mark, "µg/L", 3600.0)
    whole = days_of(later, micro, 60).whole
    np.testing.assert_allclose(whole.value[: len(baseline)], baseline.value)
    assert whole.unit == "mg/L"


def test_too_few_learned_days_say_nothing():
    assert np.isnan(surprise(np.array([100.0]), np.arange(13.0), 0.1)).all()
    assert np.isfinite(surprise(np.array([100.0]), np.arange(14.0), 0.1)).all()


def test_strange_days_in_a_row_count_once_as_they_make_one_finding():
    apart = np.zeros(99)
    apart[[10, 30, 50]] = 5.0
    together = np.zeros(99)
    together[10:13] = 5.0
    assert surprise(np.array([5.0]), apart, 0.1) == pytest.approx(-np.log10(4 / 100))
    assert surprise(np.array([5.0]), together, 0.1) == pytest.approx(-np.log10(2 / 100))


def test_what_is_so_on_every_day_surprises_nobody():
    assert surprise(np.zeros(1), np.zeros(99), 0.1) == pytest.approx(0.0)


@settings(max_examples=50)
@given(st.lists(st.floats(-1e3, 1e3), min_size=20, max_size=80), st.floats(-1e3, 1e3), st.floats(0.0, 1e3))
def test_a_stranger_day_is_never_less_surprising(learned, value, more):
    one, other = surprise(np.array([value, value + more]), np.array(learned), 0.1)
    assert other >= one >= 0.0


def test_a_month_of_ordinary_days_gives_about_as_many_false_findings_as_the_budget_allows():
    random = np.random.default_rng(8)
    learned, later = random.normal(size=600), random.normal(size=30_000)
    rate = (surprise(later, learned, 0.01) > threshold(1.0)).mean() * 365.25 / 12
    assert 0.4 < rate < 2.0


@dataclass(frozen=True)
class TwoFigures(Scored):
    """Two figures of chance a day, told with the weights given."""

    weights: tuple[float, float] = (1.0, 1.0)

    def measures(self, days, context):
        random = np.random.default_rng(4)
        return tuple(Measure(PLACE, random.normal(size=len(days)), "1", 0.01, weight=one) for one in self.weights)


def test_the_heavier_of_two_figures_may_be_told_sooner_and_the_budget_stays_the_same():
    series = Series.starting(MIDNIGHT, np.ones(3000), unit="mg/L", step=86400)
    context = Context(PLACE, COD, (), "day", 1)
    scores = {one: TwoFigures(weights=one, learn_days=700).scores(series, context).score
              for one in ((1.0, 1.0), (2.0, 2.0), (9.0, 1.0), (1.0, 9.0))}  # fmt: skip
    np.testing.assert_allclose(scores[1.0, 1.0], scores[2.0, 2.0])
    assert np.mean(scores[9.0, 1.0] > scores[1.0, 1.0]) > 0.1
    assert np.mean(scores[1.0, 9.0] > scores[1.0, 1.0]) > 0.1
    for score in scores.values():
        assert 0.4 < (score > threshold(1.0)).mean() * 365.25 / 12 < 2.0


@dataclass(frozen=True)
class FourFigures(Scored):
    """Four figures a day, which are one and the same but for the given share of chance of their own."""

    overlapping: ClassVar[bool] = True
    own: float = 0.0

    def measures(self, days, context):
        random = np.random.default_rng(4)
        shared = random.normal(size=len(days))
        rows = (1.0 - self.own) * shared + self.own * random.normal(size=(4, len(days)))
        return tuple(Measure(PLACE, row, "1", 0.01) for row in rows)


@dataclass(frozen=True)
class FourApart(FourFigures):
    """The same, told as if they did not overlap."""

    overlapping: ClassVar[bool] = False


@pytest.mark.parametrize(("own", "least"), [(0.0, 2.5), (1.0, 0.8)])
def test_figures_that_say_the_same_leave_nothing_of_the_budget_and_others_do_not_pass_it(own, least):
    series = Series.starting(MIDNIGHT, np.ones(6000), unit="mg/L", step=86400)
    context = Context(PLACE, COD, (), "day", 1)
    counted, shared = (
        kind(own=own, learn_days=1500).scores(series, context).score for kind in (FourFigures, FourApart)
    )
    rate, of_shared = (float((score > threshold(1.0)).mean() * 365.25 / 12) for score in (counted, shared))
    assert rate < 1.5
    assert rate >= least * of_shared


def test_a_reference_looks_back_only():
    figure = np.arange(20.0)
    told_then = trailing_median(figure[:10], 7)
    np.testing.assert_array_equal(trailing_median(figure, 7)[:10], told_then)
    assert trailing_median(figure, 7)[9] == 5.0


def test_every_day_is_told_as_before_when_the_future_is_cut_off():
    series = forged("replayed", made())
    baseline, later = halves(series)
    near = (Neighbour(PLACE, made(seed=9), 2.0),)
    context = Context(PLACE, COD, (), "hour", 1, baseline=baseline, beside={FLOW: made(seed=9)}, neighbours=near)
    learning = (
        RepeatedDays(),
        UnlikeProcess(),
        NeighbourDisagreement(),
        NightSource(),
        DampedSignal(),
        ConstantValue(),
    )
    for detector in (*learning, replace(CopiedChannel(), closest=0.05)):
        whole = detector.scores(later, context).score
        cut = detector.scores(later.part(slice(0, 32 * 24)), context).score
        np.testing.assert_allclose(cut, whole[:32])
