"""The type of pollution: what published waters are taken for, and what silence, order, unit and few signs do to it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan_science.assess.pollution import (
    RULES,
    TYPES,
    Case,
    Change,
    Shape,
    UnknownType,
    Verdict,
    Window,
    assess,
    learned,
    observe,
    pollution_type,
    scores,
    window_of,
)
from qingyuan_science.assess.pollution.rules import OUTLET, SURFACE, WEIGHING
from qingyuan_science.assess.pollution.weighing import PRIOR
from qingyuan_science.series import SECOND, Series

HOUR = 3600 * SECOND
NOON = 1_795_320_000 * SECOND  # 2026-11-22 12:00 in Shanghai
RIVER = {
    "w01001": (7.8, 0.05), "w01009": (8.0, 0.3), "w01014": (300.0, 8.0), "w01018": (12.0, 1.0),
    "w21003": (0.3, 0.04), "w21011": (0.08, 0.01), "w21001": (1.6, 0.15), "w01003": (12.0, 2.0),
}  # fmt: skip
# Untreated domestic sewage, weak, medium and strong: COD, NH3-N, TP, TN in mg/L (Metcalf & Eddy 1991, at second hand)
SEWAGE = [(250.0, 12.0, 4.0, 20.0), (500.0, 25.0, 8.0, 40.0), (1000.0, 50.0, 15.0, 85.0)]
FACTORS = [*sorted(RIVER), "w20121", "w00000"]


def river(**during: float) -> Window:
    """A river of which some factors stand elsewhere now."""
    return Window(
        {code: Change(before, scatter, during.get(code, before)) for code, (before, scatter) in RIVER.items()},
        shape=Shape.ORDINARY,
    )


def mixed(share: float, **water: float) -> Window:
    """The river with a share of another water in it."""
    return river(**{code: RIVER[code][0] * (1 - share) + share * value for code, value in water.items()})


def told(window: Window) -> Verdict:
    return assess(observe(window), window.kind)


def states(window: Window) -> dict[str, str]:
    return {one.rule: one.state for one in observe(window)}


@pytest.mark.parametrize(("cod", "ammonia", "phosphorus", "nitrogen"), SEWAGE)
@pytest.mark.parametrize("share", [0.02, 0.05, 0.2])
def test_published_sewage_in_a_river_is_named(
    cod: float, ammonia: float, phosphorus: float, nitrogen: float, share: float
) -> None:
    water = {"w01018": cod, "w21003": ammonia, "w21011": phosphorus, "w21001": nitrogen, "w01009": 0.0}
    window = mixed(share, **water)
    assert states(window)["nh3_cod"] == states(window)["nh3_tp"] == "sewage_like"
    verdict = told(window)
    assert verdict.told is not None
    assert verdict.told.code == "sewage"


def test_published_dyeing_water_is_industrial() -> None:
    """COD 2500, NH3-N 42 mg/L, pH 10.5, much salt: within the spans of Dhameliya & Ambasana 2023 (abstract)."""
    window = mixed(0.1, w01018=2500.0, w21003=0.5, w01014=18_000.0, w01001=10.5)
    assert states(window)["conductivity"] == "far_up"
    ranked = told(window).ranked
    assert {ranked[0].type.code, ranked[1].type.code} <= {"organic", "salt", "acid_alkali"}


def test_rain_is_washed_in_where_conductivity_falls_and_turbidity_rises() -> None:
    window = river(w01014=150.0, w01003=280.0, w21011=0.25)
    rained = Window(window.changes, rain_mm=25.0, shape=Shape.ORDINARY)
    dry = Window(window.changes, rain_mm=0.0, shape=Shape.ORDINARY)
    first, second = told(rained), told(dry)
    assert first.told == pollution_type("runoff")
    assert second.ranked[0].probability < first.ranked[0].probability


@pytest.mark.parametrize(("ph", "state"), [(5.0, "acid"), (6.9, "down"), (7.9, "same"), (8.6, "up"), (9.4, "alkaline")])
def test_acid_and_alkaline_are_what_gb_3838_says(ph: float, state: str) -> None:
    assert states(river(w01001=ph))["acidity"] == state


def test_nothing_known_is_not_told() -> None:
    verdict = told(Window({}))
    assert verdict.told is None
    assert verdict.strength == 0.0
    assert "too little" in verdict.sentence.en
    assert sum(one.probability for one in verdict.ranked) == pytest.approx(1.0)


def test_where_nothing_moved_no_type_is_named_whatever_is_common() -> None:
    window = river()
    verdict = told(Window(window.changes, rain_mm=30.0, hour=14, shape=Shape.ORDINARY))
    assert verdict.told is None
    assert "no known factor" in verdict.sentence.en


def test_ammonia_alone_at_an_outlet_is_no_fault_of_the_instrument() -> None:
    """What removes nitrogen fails more often than analysers do; the demo district's aeration failures look like it."""
    usual = {"w01018": (45.0, 3.0), "w21003": (3.0, 0.3), "w21011": (0.3, 0.02), "w21001": (18.0, 1.0)}
    during = {"w21003": 14.0, "w21001": 29.0}
    window = Window(
        {code: Change(level, scatter, during.get(code, level)) for code, (level, scatter) in usual.items()},
        kind=OUTLET, shape=Shape.ORDINARY,
    )  # fmt: skip
    assert states(window)["nh3_cod"] == "high"
    assert told(window).told == pollution_type("nutrient")


def test_signs_that_contradict_each_other_are_not_told() -> None:
    """Sewage, acid, metals, far too much oxygen and a heavy rain at once."""
    strange = river(
        w01018=60.0, w21003=3.0, w21011=0.01, w01001=3.0, w01009=20.0, w01014=2400.0, w01003=1.0, w21001=0.2
    )
    window = Window({**strange.changes, "w20121": Change(0.01, 0.001, 0.4)}, rain_mm=60.0, shape=Shape.FROZEN, hour=3)
    verdict = told(window)
    assert verdict.told is None
    assert "contradict" in verdict.sentence.en


changes = st.dictionaries(
    st.sampled_from(FACTORS),
    st.builds(
        Change,
        before=st.floats(0.01, 500.0),
        scatter=st.floats(0.0, 20.0),
        during=st.floats(0.0, 1500.0),
    ),
)
windows = st.builds(
    Window,
    changes=changes,
    kind=st.sampled_from([SURFACE, OUTLET]),
    rain_mm=st.none() | st.floats(0.0, 80.0),
    hour=st.none() | st.integers(0, 23),
    shape=st.none() | st.sampled_from(Shape),
)


@given(windows)
@settings(deadline=None)
def test_probabilities_are_probabilities_and_every_term_adds_up(window: Window) -> None:
    verdict = told(window)
    assert sum(one.probability for one in verdict.ranked) == pytest.approx(1.0)
    assert all(0.0 <= one.least <= one.probability for one in verdict.ranked)
    logs = {one.code: float(np.log(p)) for one, p in zip(TYPES, PRIOR.prior(window.kind), strict=True)}
    for term in verdict.terms:
        for code, weight in term.weights.items():
            logs[code] += weight
    whole = sum(np.exp(value) for value in logs.values())
    for one in verdict.ranked:
        assert one.probability == pytest.approx(np.exp(logs[one.type.code]) / whole)


@given(windows, st.data())
@settings(deadline=None, max_examples=300)
def test_an_instrument_that_falls_silent_never_raises_the_confidence(window: Window, data: st.DataObject) -> None:
    hidden = data.draw(st.sets(st.sampled_from(FACTORS)))
    silent = hidden & set(window.changes)
    left = {code: one for code, one in window.changes.items() if code not in silent}
    quiet = Window(
        left, frozenset(silent), kind=window.kind, rain_mm=window.rain_mm, hour=window.hour, shape=window.shape
    )
    before, after = told(window), told(quiet)
    assert after.confidence <= before.confidence + 1e-12
    assert after.strength <= before.strength + 1e-12
    if after.told is not None:
        assert after.confidence >= WEIGHING.least_probability


@given(windows)
@settings(deadline=None)
def test_a_rain_gauge_that_falls_silent_never_raises_the_confidence(window: Window) -> None:
    quiet = Window(window.changes, frozenset({"rain"}), kind=window.kind, hour=window.hour, shape=window.shape)
    assert told(quiet).confidence <= told(window).confidence + 1e-12


@given(windows)
@settings(deadline=None)
def test_what_is_never_measured_never_makes_the_evidence_stronger(window: Window) -> None:
    for code in window.changes:
        left = {other: one for other, one in window.changes.items() if other != code}
        fewer = Window(left, kind=window.kind, rain_mm=window.rain_mm, hour=window.hour, shape=window.shape)
        assert told(fewer).strength <= told(window).strength + 1e-12


@given(changes, st.randoms())
@settings(deadline=None)
def test_the_order_of_the_factors_does_not_matter(given_changes: dict[str, Change], random: object) -> None:
    codes = list(given_changes)
    random.shuffle(codes)  # type: ignore[attr-defined]
    one, other = (told(Window(dict(part))) for part in (given_changes, {code: given_changes[code] for code in codes}))
    assert [(r.type.code, r.probability) for r in one.ranked] == [(r.type.code, r.probability) for r in other.ranked]
    assert (one.told, one.turns) == (other.told, other.turns)


def series(values: np.ndarray, unit: str) -> Series:
    start = NOON - 180 * HOUR
    at = start + np.arange(values.size) * HOUR
    return Series(at, values, np.full(values.size, "N"), unit, 3600.0)


def measured(rng: np.random.Generator) -> dict[str, np.ndarray]:
    """A week of a river and six hours of sewage in it."""
    found = {code: before + scatter * rng.normal(size=190) for code, (before, scatter) in RIVER.items()}
    for code, rise in {"w01018": 30.0, "w21003": 1.5, "w21011": 0.5, "w21001": 2.4, "w01009": -4.0}.items():
        found[code][180:186] += rise
    return found


UNITS = {"w01001": "dimensionless", "w01014": "µS/cm", "w01003": "NTU"}


def test_a_window_of_series_tells_the_same_in_any_unit_and_does_not_touch_them() -> None:
    values = measured(np.random.default_rng(4))
    plain = {code: series(one, UNITS.get(code, "mg/L")) for code, one in values.items()}
    micro = {code: one if code in UNITS else series(values[code] * 1000, "µg/L") for code, one in plain.items()}
    kept = {code: one.value.copy() for code, one in plain.items()}
    span = (NOON, NOON + 6 * HOUR)
    first = window_of(plain, span, "w21003")
    second = window_of(micro, span, "w21003")
    assert states(first) == states(second)
    assert told(first).told == pollution_type("sewage")
    assert all(np.array_equal(one.value, kept[code]) for code, one in plain.items())


def test_a_series_without_a_valid_value_in_the_window_is_silent() -> None:
    values = measured(np.random.default_rng(4))
    marks = np.full(190, "N")
    marks[180:] = "D"
    plain = {code: series(one, UNITS.get(code, "mg/L")) for code, one in values.items()}
    quiet = plain["w21003"]
    plain["w21003"] = Series(quiet.at, quiet.value, marks, quiet.unit, quiet.step)
    window = window_of(plain, (NOON, NOON + 6 * HOUR), "w01018")
    assert window.silent == {"w21003"}
    silent = {one.rule for one in observe(window) if one.silent}
    assert {"ammonia", "nh3_cod", "nh3_tp"} <= silent


@pytest.mark.parametrize(
    ("shape", "values"),
    [
        (Shape.SPIKE, [12.0, 90.0, 12.0, 12.1, 11.9, 12.0]),
        (Shape.IMPOSSIBLE, [12.0, -3.0, -2.0, 11.0, 12.0, 12.0]),
        (Shape.FROZEN, [40.0] * 6),
        (Shape.ERRATIC, [12.0, 90.0, 11.0, 95.0, 10.0, 99.0]),
        (Shape.ORDINARY, [14.0, 25.0, 40.0, 50.0, 44.0, 30.0]),
    ],
)
def test_the_shape_of_the_curve_is_seen(shape: Shape, values: list[float]) -> None:
    rng = np.random.default_rng(7)
    cod = 12.0 + rng.normal(size=190)
    cod[180:186] = values
    window = window_of({"w01018": series(cod, "mg/L")}, (NOON, NOON + 6 * HOUR), "w01018")
    assert window.shape == shape


def test_settled_cases_move_the_weights_and_the_first_estimate_stays_visible() -> None:
    seen = states(river(w01018=60.0, w21003=2.5))
    known = {rule: state for rule, state in seen.items() if state}
    cases = [Case("organic", known, SURFACE) for _ in range(12)]
    before = told(river(w01018=60.0, w21003=2.5))
    weights = learned(cases)
    after = assess(observe(river(w01018=60.0, w21003=2.5)), SURFACE, weights)
    probability = {one.type.code: one.probability for one in before.ranked}
    assert next(one.probability for one in after.ranked if one.type.code == "organic") > probability["organic"]
    assert after.cases == 12
    # (10 cases of the first estimate, 0.30 of which rise, and 12 that rose) of 22
    up = list(RULES["ammonia"].states).index("up")
    assert weights.chances("ammonia")[up][1] == pytest.approx((10 * 0.30 + 12) / 22)
    first, second = scores(cases)
    assert second.surprise < first.surprise


def test_a_case_is_not_judged_by_what_it_taught() -> None:
    known = {"ammonia": "up", "organic": "same"}
    first, second = scores([Case("salt", known, SURFACE)])
    assert first == second


def test_an_unknown_type_is_refused_with_those_that_exist() -> None:
    with pytest.raises(UnknownType, match="runoff"):
        learned([Case("soup", {}, SURFACE)])


@pytest.mark.parametrize("rule", RULES.values(), ids=lambda one: one.code)
def test_the_chances_of_a_rule_sum_to_one_for_every_type(rule: object) -> None:
    chances = np.array(list(rule.chances.values()))  # type: ignore[attr-defined]
    assert chances.shape[1] == len(TYPES)
    assert np.allclose(chances.sum(axis=0), 1.0)
    assert (chances > 0).all()
