"""What every tracer must do, whatever it goes by; a new one is covered by being registered."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise, permutations

import numpy as np
import pytest

from qingyuan_science.plugins import IncompletePlugin, Text, parameters_of, with_parameters
from qingyuan_science.series import SECOND, Mark, Series, microseconds
from qingyuan_science.standards import factor
from qingyuan_science.trace import TRACERS, Candidate, Seen, Sight, Traced, Tracer, WorkedTrace

TRACERS.load("qingyuan_science.trace")
BEGIN = datetime(2026, 10, 1, tzinfo=UTC)
HOUR = 3600 * SECOND
SIZE = 24 * 31
FIRST, AFTER = 736, 742  # hours of the rise
ALONG = {"water": ("w21003", "mg/L"), "air": ("a34002", "µg/m3")}
every_tracer = pytest.mark.parametrize("tracer", TRACERS, ids=lambda one: one.code)
every_example = pytest.mark.parametrize(
    ("tracer", "example"),
    [
        pytest.param(one, example, id=f"{one.code}-{number}")
        for one in TRACERS
        for number, example in enumerate(one.examples)
    ],
)


def at(hour: int) -> int:
    return microseconds(BEGIN) + hour * HOUR


def monitor(random: np.random.Generator, unit: str = "mg/L", bump: tuple[int, int] | None = None) -> Series:
    """A course of the day, noise, every kind of mark, missing values and gaps; perhaps a rise."""
    value = 5.0 * np.exp(0.2 * np.sin(np.arange(SIZE) * np.pi / 12) + random.normal(0.0, 0.05, SIZE))
    if bump:
        value[bump[0] : bump[1]] += 20.0
    mark = random.choice([one.value for one in Mark], SIZE, p=[0.1 / (len(Mark) - 1)] * (len(Mark) - 1) + [0.9])
    value[random.random(SIZE) < 0.03] = np.nan
    kept = random.random(SIZE) > 0.03
    times = Series.starting(BEGIN, value, unit=unit, step=3600).at
    return Series(times[kept], value[kept], mark[kept], unit, 3600.0)


def situation(tracer: type[Tracer], seed: int = 1) -> tuple[Seen, tuple[Candidate, ...]]:
    """Six sources, of which the first rose before the section did, and then the place; the wind comes from it too."""
    random = np.random.default_rng(seed)
    code, unit = ALONG[tracer.along]
    turn, blow = (
        Series.starting(BEGIN, np.full(SIZE, one), unit=u, step=3600) for one, u in ((80.0, "°"), (3.0, "m/s"))
    )
    place = Text("三岔口", "Three Forks")
    seen = Seen(place, factor(code), monitor(random, unit, (FIRST, AFTER)), at(FIRST), at(AFTER), turn, blow)
    section = Sight("N", Text("断面", "the section"), monitor(random, unit, (FIRST - 3, AFTER - 4)), 3 * 3600.0)
    made = []
    for number in range(6):
        bump = (FIRST - 6, AFTER - 8) if number == 0 else None
        own = Sight(f"M{number}", Text("排口", "the outlet"), monitor(random, "mg/L", bump), 6 * 3600.0)
        made.append(
            Candidate(
                f"S{number}", Text(f"{number}厂", f"works {number}"), (own,) if number % 3 == 0 else (),
                (section,) if number % 2 == 0 else (), bearing=80.0 + 55.0 * number, distance_m=1000.0 + 300.0 * number,
                permitted=(True, False, None)[number % 3], doubts=(Text("停电", "no power"),) if number == 4 else (),
                doubtful_share=0.05 * number, confirmed=number % 2, refuted=number % 3,
            )
        )  # fmt: skip
    return seen, tuple(made)


def run(tracer: type[Tracer], seen: Seen, candidates: Sequence[Candidate]) -> Traced:
    return tracer().trace(seen, tuple(candidates))


def chances(said: Traced) -> dict[str, float]:
    return {one.code: one.probability for one in said.suspects}


def bare(code: str) -> Candidate:
    return Candidate(code, Text(code, code))


def told(said: Traced) -> dict[str, float]:
    """The sum of the evidence of each suspect."""
    return {one.code: sum(found.log_likelihood for found in one.evidence) for one in said.suspects}


@every_tracer
def test_it_has_examples_that_name_a_source_and_that_do_not(tracer):
    assert {one.named for one in tracer.examples} == {True, False}


@every_example
def test_its_examples_come_out_as_stated(tracer, example: WorkedTrace):
    said = run(tracer, *example.situation())
    assert (said.sentence,) == example.expected
    assert tuple(one.code for one in said.suspects) == example.order
    assert (said.cannot_tell is None) == example.named


@every_tracer
def test_every_candidate_is_a_suspect_once_and_probabilities_make_one(tracer):
    for seed in range(5):
        seen, candidates = situation(tracer, seed)
        said = run(tracer, seen, candidates)
        assert sorted(chances(said)) == [one.code for one in candidates]
        assert all(one.probability >= other.probability for one, other in pairwise(said.suspects))
        assert math.fsum([*chances(said).values(), said.unknown]) == pytest.approx(1.0, abs=1e-12)
        assert min(*chances(said).values(), said.unknown) >= 0.0


@every_tracer
def test_the_source_that_rose_in_time_stands_first_and_is_named_as_a_lead(tracer):
    seen, candidates = situation(tracer)
    said = run(tracer, seen, candidates)
    assert said.suspects[0].code == "S0"
    assert said.cannot_tell is None
    assert "0厂" in said.sentence.zh
    assert "此为线索，需现场核实" in said.sentence.zh
    assert "works 0" in said.sentence.en
    assert "this is a lead to be checked on site" in said.sentence.en


@every_tracer
def test_the_order_of_candidates_changes_nothing(tracer):
    seen, candidates = situation(tracer)
    said = run(tracer, seen, candidates[:4])
    for order in list(permutations(candidates[:4]))[::5]:
        assert run(tracer, seen, order) == said


@every_tracer
def test_it_leaves_its_input_alone_and_says_the_same_again(tracer):
    seen, candidates = situation(tracer)
    before = seen.series.value.copy(), candidates[0].own[0].series.value.copy()
    assert run(tracer, seen, candidates) == run(tracer, seen, candidates)
    np.testing.assert_array_equal(seen.series.value, before[0])
    np.testing.assert_array_equal(candidates[0].own[0].series.value, before[1])


@every_tracer
def test_multiplying_the_evidence_again_gives_the_probabilities(tracer):
    seen, candidates = situation(tracer)
    said = run(tracer, seen, candidates)
    evidence, chance = told(said), chances(said)
    for code in chance:
        assert math.log(chance[code] / chance["S0"]) == pytest.approx(evidence[code] - evidence["S0"], abs=1e-9)


@every_tracer
def test_without_evidence_everybody_has_the_share_that_is_theirs_beforehand(tracer):
    seen, _ = situation(tracer)
    said = run(tracer, seen, [bare(code) for code in "ABCD"])
    assert list(chances(said).values()) == pytest.approx([(1.0 - said.unknown) / 4] * 4)
    assert said.unknown == pytest.approx(tracer().unknown_share)


@every_tracer
def test_a_source_of_which_nothing_is_known_gains_nothing_from_what_others_show(tracer):
    seen, candidates = situation(tracer)
    with_it = run(tracer, seen, (candidates[0], bare("blank")))
    without = run(tracer, seen, (bare("other"), bare("blank")))
    assert chances(with_it)["blank"] < chances(without)["blank"]
    assert told(with_it)["blank"] == 0.0


@every_tracer
def test_it_says_that_it_cannot_tell_rather_than_guess(tracer):
    seen, candidates = situation(tracer)
    twins = [replace(candidates[0], code=code, own=()) for code in ("A", "B")]
    for several in ((), (bare("A"),), (bare("A"), bare("B")), twins):
        said = run(tracer, seen, several)
        assert said.cannot_tell is not None
        assert said.cannot_tell.zh in said.sentence.zh
        assert said.cannot_tell.en in said.sentence.en


@every_tracer
def test_who_is_first_only_because_nobody_else_is_known_is_not_named(tracer):
    seen, _ = situation(tracer)
    said = run(tracer, seen, [replace(bare("A"), permitted=True)])
    assert said.suspects[0].probability > 0.8
    assert said.cannot_tell is not None


@every_tracer
def test_without_candidates_it_was_none_of_them(tracer):
    said = run(tracer, situation(tracer)[0], ())
    assert (said.suspects, said.unknown, said.look_next) == ((), 1.0, "")


@every_tracer
def test_one_candidate_is_weighed_against_a_source_that_nobody_knows(tracer):
    seen, candidates = situation(tracer)
    strong, weak = run(tracer, seen, candidates[:1]), run(tracer, seen, candidates[3:4])
    assert strong.unknown < tracer().unknown_share < weak.unknown


def poor(series: Series) -> dict[str, Series]:
    empty = series.part(slice(0, 0))
    return {
        "empty": empty,
        "one value": series.part(slice(-1, None)),
        "nothing measured": Series(series.at, np.full(len(series), np.nan), series.mark, series.unit, series.step),
        "all invalid": Series(series.at, series.value, np.full(len(series), "D"), series.unit, series.step),
        "nothing in that time": series.part(slice(0, -48)),
        "no past": series.part(slice(-48, None)),
    }


@every_tracer
@pytest.mark.parametrize("kind", poor(monitor(np.random.default_rng(0))))
def test_what_a_monitor_does_not_know_says_nothing(tracer, kind: str):
    seen, candidates = situation(tracer)
    blind = [
        replace(
            one,
            own=tuple(replace(sight, series=poor(sight.series)[kind]) for sight in one.own),
            passed=tuple(replace(sight, series=poor(sight.series)[kind]) for sight in one.passed),
        )
        for one in candidates
    ]
    said = run(tracer, replace(seen, series=poor(seen.series)[kind]), blind)
    for suspect in said.suspects:
        silent = [one for one in suspect.evidence if one.code in ("own", "passed")]
        assert [one.log_likelihood for one in silent] == [0.0] * len(silent)
        assert all("不能排除" in one.says.zh for one in silent if one.code == "own")


@every_tracer
def test_wind_and_bearing_that_are_not_known_say_nothing(tracer):
    seen, candidates = situation(tracer)
    nowhere = [replace(one, bearing=None, distance_m=None) for one in candidates]
    calm = Series.starting(BEGIN, np.zeros(SIZE), unit="m/s", step=3600)
    answers = [
        run(tracer, replace(seen, wind_from=None, wind_speed=None), candidates),
        run(tracer, replace(seen, wind_speed=calm), candidates),
        run(tracer, seen, nowhere),
    ]
    for said in answers:
        assert [
            one.log_likelihood
            for suspect in said.suspects
            for one in suspect.evidence
            if one.code in ("wind", "distance")
        ] == pytest.approx([0.0] * 12 if tracer.along == "air" else [])


@every_tracer
def test_values_that_do_not_count_do_not_matter(tracer):
    seen, candidates = situation(tracer)

    def odd(series: Series) -> Series:
        marked = np.where(series.valid, series.mark, Mark.MAINTENANCE.value)
        return Series(series.at, np.where(series.valid, series.value, 9999.0), marked, series.unit, series.step)

    assert chances(run(tracer, *_altered(seen, candidates, odd))) == chances(run(tracer, seen, candidates))


@every_tracer
def test_another_unit_changes_no_probability(tracer):
    seen, candidates = situation(tracer)
    unit = {"mg/L": "µg/L", "µg/m3": "ng/m3"}

    def other(series: Series) -> Series:
        return Series(series.at, series.value * 1000.0, series.mark, unit[series.unit], series.step)

    assert chances(run(tracer, *_altered(seen, candidates, other))) == pytest.approx(
        chances(run(tracer, seen, candidates))
    )


@every_tracer
def test_what_comes_after_the_rise_changes_nothing(tracer):
    seen, candidates = situation(tracer)

    def longer(series: Series) -> Series:
        later = Series.starting(datetime(2026, 11, 2, tzinfo=UTC), np.full(48, 99.0), unit=series.unit, step=3600)
        return later.after(series)

    assert run(tracer, *_altered(seen, candidates, longer)) == run(tracer, seen, candidates)


def _altered(seen: Seen, candidates: Sequence[Candidate], change) -> tuple[Seen, tuple[Candidate, ...]]:
    def sights(several: tuple[Sight, ...]) -> tuple[Sight, ...]:
        return tuple(replace(one, series=change(one.series)) for one in several)

    changed = tuple(replace(one, own=sights(one.own), passed=sights(one.passed)) for one in candidates)
    return replace(seen, series=change(seen.series)), changed


@every_tracer
def test_a_sample_is_taken_where_it_is_expected_to_tell_the_most(tracer):
    """By counting it out: the entropy that is left after each answer, by how probable the answer is."""
    for seed in range(4):
        seen, candidates = situation(tracer, seed)
        blind = [replace(one, own=()) for one in candidates]
        said, plugin = run(tracer, seen, blind), tracer()
        chance = np.array([*chances(said).values(), said.unknown])
        left = {}
        for number, code in enumerate(chances(said)):
            shows = np.where(np.arange(chance.size) == number, plugin.sample_hits, plugin.sample_errs)
            left[code] = sum(
                (chance * answer).sum() * _entropy(chance * answer / (chance * answer).sum())
                for answer in (shows, 1.0 - shows)
            )
        assert said.look_next == min(left, key=left.__getitem__)


def _entropy(chance: np.ndarray) -> float:
    return float(-(chance * np.log(np.maximum(chance, 1e-300))).sum())


@every_tracer
def test_each_piece_of_evidence_is_a_sentence_in_both_languages(tracer):
    said = run(tracer, *situation(tracer))
    for one in (found for suspect in said.suspects for found in suspect.evidence):
        assert any("一" <= letter <= "龥" for letter in one.says.zh)
        assert not any("一" <= letter <= "龥" for letter in one.says.en)
    assert tracer.validity.zh
    assert tracer.validity.en
    assert tracer.along in ALONG


@every_tracer
def test_it_bears_the_least_and_the_greatest_settings(tracer):
    seen, candidates = situation(tracer)
    for bound in ("low", "high"):
        settings = {spec.name: getattr(spec, bound) for spec in parameters_of(tracer)}
        said = with_parameters(tracer, settings).trace(seen, candidates)
        assert math.fsum([*chances(said).values(), said.unknown]) == pytest.approx(1.0, abs=1e-9)


def test_a_tracer_along_a_way_that_nobody_knows_is_refused():
    with pytest.raises(IncompletePlugin, match="found along 'soil', expected 'water' or 'air'"):
        type("Underground", (Tracer,), {"code": "underground", "along": "soil"})
