import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from qingyuan_science.detect import Context, Record, RecordKind
from qingyuan_science.detect._events import (
    Bounds,
    Components,
    Neighbours,
    Pattern,
    Settings,
    TooLittlePast,
    Trailing,
    UnequalShapes,
    after_rain,
    after_steps,
    binomial_cdf,
    block_maxima,
    checked,
    daily_course,
    event_probability,
    learn,
    least_outliers,
    nearest_pattern,
    nth_largest,
    promise,
)
from qingyuan_science.detect._remembered import Remembered
from qingyuan_science.detect.water_event import WaterEvent
from qingyuan_science.plugins import Text
from qingyuan_science.series import SECOND, Series
from qingyuan_science.standards import factor
from qingyuan_science.standards.factors import AMMONIA_NITROGEN, CONDUCTIVITY, DISSOLVED_OXYGEN, FLOW, PH

HOUR = 3600 * SECOND
QUICK = Settings(rows_per_week=2_016.0, block=48, adapt=600, refresh=24, rest=12, time_out=60)


def water(size, seed, signals=3):
    """Signals with memory, a common slow drift, and noise of their own."""
    random = np.random.default_rng(seed)
    rows = np.zeros((size, signals))
    for at in range(1, size):
        rows[at] = 0.7 * rows[at - 1] + random.normal(size=signals)
    return rows + 10.0 * np.sin(np.arange(size) / 800.0)[:, None] + [8.0, 400.0, 50.0, 20.0][:signals]


# The discriminator


@pytest.mark.parametrize(
    ("count", "trials", "share", "table"),
    [(3, 5, 0.5, 0.8125), (4, 6, 0.5, 0.8906), (7, 10, 0.5, 0.9453), (3, 20, 0.1, 0.8670), (5, 15, 0.25, 0.8516)],
)
def test_binomial_probabilities_are_those_of_the_printed_tables(count, trials, share, table):
    assert binomial_cdf(count, trials, share) == pytest.approx(table, abs=5e-5)
    assert event_probability(count, trials, share) == binomial_cdf(count, trials, share)


@pytest.mark.parametrize(("window", "threshold", "least"), [(6, 0.85, 4), (8, 0.9, 6), (5, 0.8, 3), (3, 0.9999, 3)])
def test_so_many_outliers_make_an_event_with_the_settings_of_canary(window, threshold, least):
    assert least_outliers(window, 0.5, threshold) == least


@given(some.lists(some.floats(0.0, 9.0), min_size=8, max_size=40), some.integers(1, 8), some.floats(0.0, 9.0))
def test_the_score_exceeds_a_threshold_just_when_enough_rows_do(scores, count, threshold):
    found = nth_largest(np.array(scores), 8, count)
    enough = [sum(one > threshold for one in scores[at : at + 8]) >= count for at in range(len(scores) - 7)]
    assert (found > threshold).tolist() == enough


# The promise


def test_the_threshold_is_the_quantile_that_the_promise_needs():
    assert promise(np.arange(1.0, 20.0), 0.1, 42.0).threshold == 18.0
    short = promise(np.arange(1.0, 10.0), 0.01, 42.0)
    assert short.threshold == 9.0
    assert short.alarms_per_week == pytest.approx(4.2)


def test_only_blocks_that_were_mostly_orderly_teach_the_threshold():
    score, clean = np.arange(12.0), np.ones(12, dtype=bool)
    clean[[4, 5, 6, 11]] = False
    assert block_maxima(score, clean, 4).tolist() == [3.0, 10.0]


def test_clean_water_raises_no_more_alarms_than_were_accepted():
    accepted = replace(QUICK, alarms_per_week=4.0)
    blocks = alarmed = 0
    for seed in range(12):
        rows = water(12_000, seed)
        watch = learn(accepted, rows[:6_000], window=40)
        alarm = watch.push(rows[6_000:]).alarm.reshape(-1, accepted.block).any(axis=1)
        blocks, alarmed = blocks + alarm.size, alarmed + int(alarm.sum())
    chance = accepted.block_chance
    assert alarmed <= blocks * chance + 3.0 * np.sqrt(blocks * chance)
    assert alarmed >= 0.4 * blocks * chance  # a threshold out of reach would keep the promise too


def test_more_alarms_accepted_lower_the_threshold():
    rows = water(6_000, 1)
    thresholds = [learn(replace(QUICK, alarms_per_week=accepted), rows, window=40) for accepted in (0.5, 4.0, 20.0)]
    few, some_, many = (watch.promise.threshold for watch in thresholds)
    assert few > some_ > many


def test_the_threshold_is_learned_anew_as_noise_grows():
    rows = water(14_000, 3)
    rows[4_000:] += np.random.default_rng(3).standard_t(2, size=(10_000, 3))
    fixed = learn(replace(QUICK, adapt=0), rows[:4_000], window=40)
    learning = learn(replace(QUICK, adapt=0, keep=60), rows[:4_000], window=40)
    late = [watch.push(rows[4_000:]).alarm[5_000:].mean() for watch in (fixed, learning)]
    assert late[1] < 0.5 * late[0]


# Streaming


@pytest.mark.parametrize(
    ("how", "mean"),
    [({"window": 30}, 1), ({"companions": True}, 1), ({}, 6), ({"window": 30, "joint": Components.learned}, 1)],
)
@settings(max_examples=12, deadline=None)
@given(data=some.data())
def test_rows_one_by_one_give_the_same_as_all_at_once(how, mean, data):
    rows = water(1_500, 4)
    rows[1_100:1_120, 0] += 12.0
    rows[np.random.default_rng(5).random(rows.shape) < 0.02] = np.nan
    keep = data.draw(some.sampled_from([0, 20]))
    adapt = 600 if how.get("window") else 0
    made = [learn(replace(QUICK, keep=keep, adapt=adapt, mean=mean), rows[:900], **how) for _ in range(2)]
    gated = np.arange(600) % 97 < 3
    cuts = sorted(data.draw(some.sets(some.integers(1, 599), max_size=30)))
    whole = made[0].push(rows[900:], gated=gated)
    parts = [
        made[1].push(rows[900 + first : 900 + last], gated=gated[first:last])
        for first, last in zip([0, *cuts], [*cuts, 600], strict=True)
    ]
    for name in ("score", "alarm", "deviations"):
        np.testing.assert_array_equal(np.concatenate([getattr(one, name) for one in parts]), getattr(whole, name))
    assert [(one.start, one.end, one.score) for one in made[0].all_events()] == [
        (one.start, one.end, one.score) for one in made[1].all_events()
    ]
    assert made[0].promise == made[1].promise


def test_the_state_stays_as_small_however_long_it_watches():
    watch = learn(replace(QUICK, keep=20), water(900, 6), window=30)

    def size():
        return {name: part.nbytes for name, part in vars(watch).items() if isinstance(part, np.ndarray)}

    watch.push(water(3_000, 7))
    before = size()
    watch.push(water(9_000, 8))
    assert size() == before


def test_a_row_is_held_against_the_rows_before_it_alone():
    rows = np.array([[1.0], [2.0], [3.0], [100.0], [np.nan], [4.0]])
    np.testing.assert_array_equal(Trailing(3).expected(rows), [[2.0], [3.0], [51.5]])
    assert np.isnan(Trailing(8).expected(np.full((9, 1), np.nan))).all()


# Events


def planted(size=20, at=4_300, **how):
    rows = water(5_000, 9)
    rows[at : at + size] += [8.0, -8.0, 0.0]
    watch = learn(QUICK, rows[:4_000], window=60, **how)
    return watch, watch.push(rows[4_000:])


def test_a_planted_event_is_found_with_its_signals_and_directions():
    watch, judged = planted()
    assert judged.alarm[302:320].all()
    (event,) = [one for one in watch.events if one.end > 4_300 and one.start < 4_320]
    assert abs(event.start - 4_300) <= 1
    assert abs(event.end - 4_320) <= 1
    assert event.deviations[0] > 2.0
    assert event.deviations[1] < -2.0
    assert abs(event.deviations[2]) < 2.0
    np.testing.assert_allclose((event.found - event.expected)[:2], [8.0, -8.0], atol=4.0)


def test_an_event_that_lasts_is_over_after_the_time_out():
    rows = water(5_000, 9)
    rows[4_300:] += [30.0, -30.0, 0.0]
    watch = learn(replace(QUICK, time_out=20), rows[:4_000], window=200)
    alarm = watch.push(rows[4_000:]).alarm
    event = next(one for one in watch.events if one.end > 4_300)
    assert event.timed_out
    assert alarm[300:].sum() == 21


def test_nothing_is_told_while_a_known_reason_holds():
    rows = water(5_000, 9)
    rows[4_300:4_320] += [8.0, -8.0, 0.0]
    gated = np.zeros(1_000, dtype=bool)
    gated[295:330] = True
    watch = learn(QUICK, rows[:4_000], window=60)
    assert not watch.push(rows[4_000:], gated=gated).alarm[295:330].any()


def test_a_signal_that_does_not_count_raises_nothing():
    _, judged = planted(counted=np.array([False, False, True]))
    assert not judged.alarm[300:320].any()
    assert abs(judged.deviations[305, 0]) > 2.0


def test_a_signal_that_leaves_its_companions_is_found():
    random = np.random.default_rng(1)
    one = water(4_000, 2, 1)[:, 0]
    rows = np.column_stack([one, 2.0 * one + random.normal(size=4_000), random.normal(size=4_000)])
    rows[3_500:3_520, 1] = rows[3_400:3_420, 1]  # replayed
    settings_ = replace(QUICK, adapt=0, vote=5)
    watch = learn(settings_, rows[:3_000], companions=True)
    alarm = watch.push(rows[3_000:]).alarm
    assert alarm[500:520].any()
    assert alarm[:500].mean() < 0.02


@pytest.mark.parametrize("joint", [Components.learned, lambda deviations: Neighbours(deviations[::20])])
def test_other_joint_scores_find_it_too(joint):
    _, judged = planted(joint=joint)
    assert judged.alarm[304:320].all()


def test_missing_signals_are_no_event():
    rows = water(5_000, 9)
    rows[4_200:4_260] = np.nan
    rows[4_300:4_400, 0] = np.nan
    watch = learn(QUICK, rows[:4_000], window=60)
    assert not watch.push(rows[4_000:]).alarm[200:260].any()


def test_a_signal_that_never_moved_raises_nothing_when_it_wakes():
    rows = water(5_000, 9)
    rows[:4_300, 2] = 7.0
    watch = learn(QUICK, rows[:4_000], window=60)
    assert not watch.push(rows[4_000:]).alarm[300:].any()


def test_too_short_a_past_and_rows_of_other_signals_are_refused():
    with pytest.raises(TooLittlePast, match="30 orderly rows"):
        learn(QUICK, water(30, 1), window=10)
    watch = learn(QUICK, water(900, 1), window=10)
    with pytest.raises(UnequalShapes, match="3 signals"):
        watch.push(np.zeros((4, 2)))


def test_a_past_that_begins_with_nothing_orderly_still_teaches():
    clean = np.ones(4_000, dtype=bool)
    clean[: (QUICK.adapt or 0) + 100] = False
    rows = water(5_000, 9)
    rows[4_300:4_320] += 9.0 * np.array([1.0, -1.0, 1.0])
    watch = learn(QUICK, rows[:4_000], window=60, clean=clean)
    alarm = watch.push(rows[4_000:]).alarm
    assert alarm[300:320].any()
    assert not alarm[:300].any()


# Checks, gates, patterns


def test_what_cannot_be_is_left_out_and_counted():
    rows = np.array([[1.0, 5.0], [1.0, -2.0], [1.0, np.nan], [1.0, 6.0], [2.0, np.inf]])
    bounds = (Bounds(stuck=3), Bounds(low=0.0))
    whole = checked(rows, bounds)
    np.testing.assert_array_equal(whole.rows[:, 0], [1.0, 1.0, np.nan, np.nan, 2.0])
    np.testing.assert_array_equal(whole.rows[:, 1], [5.0, np.nan, np.nan, 6.0, np.nan])
    assert (whole.missing.tolist(), whole.impossible.tolist(), whole.stuck.tolist()) == ([0, 1], [0, 2], [2, 0])
    first = checked(rows[:2], bounds)
    np.testing.assert_array_equal(checked(rows[2:], bounds, first).rows, whole.rows[2:])


def test_gates_hold_for_a_while_and_look_only_back():
    assert after_rain(np.array([0.0, 3.0, 0.0, np.nan, 0.0]), 1.0, 2).tolist() == [False, True, True, True, False]
    assert after_steps(np.array([5.0, 5.0, 9.0, 9.0, 9.0]), 2.0, 1).tolist() == [False, False, True, True, False]


def test_an_event_is_told_by_the_known_change_it_is_most_like():
    acid = nearest_pattern({PH: -9.0, CONDUCTIVITY: 5.0, DISSOLVED_OXYGEN: 0.2})
    assert acid is not None
    assert acid.pattern.code == "acid"
    sewage = nearest_pattern({AMMONIA_NITROGEN: 7.0, "w01019": 6.0, "w21011": 5.0, DISSOLVED_OXYGEN: -6.0, PH: 0.1})
    assert sewage is not None
    assert sewage.pattern.code == "sewage"
    assert nearest_pattern({PH: 5.0, CONDUCTIVITY: -5.0, DISSOLVED_OXYGEN: -5.0}) is None
    own = Pattern("source", Text("换水源", "change of source"), {PH: 1.0, CONDUCTIVITY: -1.0}, orderly=True)
    match = nearest_pattern({PH: 5.0, CONDUCTIVITY: -5.0}, (own,))
    assert match is not None
    assert match.likeness == pytest.approx(1.0)


# The plug-in


def example():
    return WaterEvent.examples[0].series(), WaterEvent.examples[0].context()


def test_the_signal_that_moved_most_tells_the_event_and_the_others_are_silent():
    series, context = example()
    (finding,) = WaterEvent().findings(series, context)
    assert [sign.name.en for sign in finding.signs][:2] == ["pH", "electrical conductivity"]
    salt = context.beside[CONDUCTIVITY, ""]
    split = int(np.searchsorted(salt.at, series.at[0]))
    turned = {(PH, ""): joined(context.baseline, series), (DISSOLVED_OXYGEN, ""): context.beside[DISSOLVED_OXYGEN, ""]}
    other = replace(
        context, factor=factor(CONDUCTIVITY, medium="water"), baseline=salt.part(slice(0, split)), beside=turned
    )
    assert WaterEvent().findings(salt.part(slice(split, None)), other) == []


def joined(first, second):
    at, value, mark = (np.concatenate([getattr(first, n), getattr(second, n)]) for n in ("at", "value", "mark"))
    return type(first)(at, value, mark, second.unit, second.step)


def test_the_daily_course_is_taken_off_before_anything_is_judged():
    at = np.arange(40 * 24, dtype=np.int64) * HOUR - 8 * HOUR  # from midnight in China
    random = np.random.default_rng(2)
    sun = 3.0 * np.sin(2.0 * np.pi * (np.arange(at.size) % 24) / 24.0)
    rows = np.column_stack([8.0 + sun, np.full(at.size, 7.0)]) + random.normal(0.0, 0.1, (at.size, 2))
    course = daily_course(at, rows)
    np.testing.assert_allclose(course[:, 0], sun[:24], atol=0.15)
    assert not course[:, 1].any()
    assert not daily_course(at[: 5 * 24], rows[: 5 * 24]).any()


def test_maintenance_raises_no_event():
    series, context = example()
    start = int(series.at[9])
    service = Record(RecordKind.MAINTENANCE, start, start + 12 * HOUR, Text("清洗", "cleaning"))
    assert WaterEvent().findings(series, replace(context, records=(service,))) == []


def test_work_that_ends_with_the_change_leaves_no_event_behind():
    """The change lasts from 10 to 16; the work too. The rows after it must not hear of it from those of the work."""
    series, context = example()
    service = Record(RecordKind.CALIBRATION, int(series.at[10]), int(series.at[16]), Text("校准", "calibration"))
    assert WaterEvent().findings(series, replace(context, records=(service,))) == []


def test_a_mark_of_maintenance_on_another_probe_explains_what_this_one_shows():
    series, context = example()
    oxygen = context.beside[DISSOLVED_OXYGEN, ""]
    worked = (oxygen.at >= series.at[10]) & (oxygen.at < series.at[16])
    marked = replace(oxygen, mark=np.where(worked, "M", oxygen.mark))
    beside = dict(context.beside) | {(DISSOLVED_OXYGEN, ""): marked}
    assert WaterEvent().findings(series, replace(context, beside=beside)) == []
    silent = dict(context.beside) | {(DISSOLVED_OXYGEN, ""): replace(oxygen, mark=np.where(worked, "B", oxygen.mark))}
    assert WaterEvent().findings(series, replace(context, beside=silent)), "no work, but a line that broke"


def test_a_step_of_the_flow_explains_what_follows():
    series, context = example()
    salt = context.beside[CONDUCTIVITY, ""]
    flow = np.where(salt.at < series.at[9], 100.0, 180.0)
    beside = dict(context.beside) | {(FLOW, ""): replace(salt, value=flow, unit="L/s")}
    told = replace(context, beside=beside)
    assert WaterEvent().findings(series, told)
    assert WaterEvent(flow_step=50.0, flow_rows=12).findings(series, told) == []


CODES = (PH, CONDUCTIVITY, DISSOLVED_OXYGEN, AMMONIA_NITROGEN)
PAST = 28 * 24


def holey_station(seed, share=0.06, days=20):
    """Four signals of a river, each with holes of its own, that move together now and then."""
    random = np.random.default_rng(seed)
    size = PAST + days * 24
    rows = water(size, seed, signals=4)
    rows[:, 3] += 30.0
    for begin in random.integers(PAST, size - 12, 6):
        rows[begin : begin + 6] += random.choice([-1.0, 1.0], 4) * random.uniform(4.0, 9.0, 4)
    at = np.arange(size, dtype=np.int64) * HOUR - 8 * HOUR  # from midnight in China
    made = {}
    for number, code in enumerate(CODES):
        kept = random.random(size) >= share
        kept[[0, -1]] = True
        marks = np.full(np.count_nonzero(kept), "N")
        made[code] = Series(at[kept], rows[kept, number], marks, factor(code, medium="water").unit, 3600.0)
    return at[PAST], made


def told_by(code, begin, station, left_out=(), odd=()):
    """What one channel of a station tells, some times left out of its baseline."""
    own = station[code]
    past = (own.at < begin) & ~np.any([(own.at >= one) & (own.at < end) for one, end in (*left_out, (0, 0))], axis=0)
    baseline = Series(own.at[past], own.value[past], own.mark[past], own.unit, own.step)
    series = own.part(slice(int(own.at.searchsorted(begin)), None))
    measured, beside = factor(code, medium="water"), {(one, ""): other for one, other in station.items() if one != code}
    context = Context(Text("断面", "Section"), measured, (), "hour", 2, baseline=baseline, beside=beside, odd=odd)
    return WaterEvent(alarms_per_week=2.0).findings(series, context)


@pytest.mark.parametrize("seed", range(8))
def test_an_event_is_told_by_one_channel_though_each_has_holes_of_its_own(seed):
    begin, station = holey_station(seed)
    told = [(one.start, one.end) for code in CODES for one in told_by(code, begin, station)]
    assert len(told) >= 2
    ordered = sorted(told)
    assert all(one[1] <= other[0] for one, other in itertools.pairwise(ordered))


def test_what_a_station_did_does_not_hang_on_who_is_asked_first():
    begin, station = holey_station(3)
    forth = {code: told_by(code, begin, station) for code in CODES}
    other_begin, other = holey_station(4)
    back = {}
    for code in reversed(CODES):
        told_by(code, other_begin, other)
        back[code] = told_by(code, begin, station)
    assert back == forth


def test_from_times_told_before_nothing_of_the_station_is_learned():
    begin, station = holey_station(5, share=0.0)
    odd = ((int(begin) - 200 * HOUR, int(begin) - 150 * HOUR),)
    wild = dict(station)
    for code, one in station.items():
        inside = (one.at >= odd[0][0]) & (one.at < odd[0][1])
        wild[code] = replace(one, value=one.value + 50.0 * inside * (np.arange(len(one)) % 7))
    for code in CODES:
        told = told_by(code, begin, station, odd, odd)
        assert told_by(code, begin, wild, odd, odd) == told
    assert any(told_by(code, begin, wild, odd) != told_by(code, begin, station, odd) for code in CODES)


def test_answers_are_found_again_by_equal_values_alone():
    asked, kept = [], Remembered(2)

    def ask(how, *values):
        return kept.ask(how, values, lambda: asked.append(how) or sum(float(np.nansum(one)) for one in values))

    row = np.array([1.0, np.nan, 0.0])
    assert [ask("a", row), ask("a", row.copy())] == [1.0, 1.0]
    assert asked == ["a"]
    assert ask("a", np.array([1.0, np.nan, -0.0])) == 1.0  # another nought is another value
    assert ask("b", row) == 1.0
    assert ask("a", row[:1].copy(), row) == 2.0
    assert asked == ["a", "a", "b", "a"]
    ask("a", row)
    assert asked == ["a", "a", "b", "a", "a"]  # only the last two are kept
