"""Bulletins of the synthetic district: seven days each afternoon, with a skill that is known."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from qingyuan_science.standards.air import air_edition
from qingyuan_science.standards.air.scoring import score
from qingyuan_science.worlds import World
from qingyuan_science.worlds.foretelling import LEADS, MODEL, SHIFT, Foretelling, Told

EPOCH = datetime(2026, 11, 22, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def foretelling() -> Foretelling:
    return Foretelling(World(epoch=EPOCH), ("QJ-A04",))


@pytest.fixture(scope="module")
def told(foretelling: Foretelling) -> list[Told]:
    """Forty days of both."""
    return [one for some in foretelling.between(EPOCH - timedelta(days=40), EPOCH) for one in some.told]


def test_each_afternoon_a_model_and_a_shift_foretell_the_coming_seven_days(foretelling: Foretelling) -> None:
    day = datetime(2026, 11, 20, tzinfo=UTC)
    model, shift = foretelling.between(day, day + timedelta(hours=12))
    assert [(one.told[0].forecaster, one.told[0].issued_at.hour) for one in (model, shift)] == [(MODEL, 8), (SHIFT, 9)]
    assert [one.day for one in model.told] == [date(2026, 11, 21) + timedelta(days=n) for n in range(LEADS)]
    assert shift.csv.decode().splitlines()[1].startswith("清江新区,2026-11-21,2026-11-20 17:00,值班预报组,")


def test_a_bulletin_is_the_same_whenever_it_is_asked_for(foretelling: Foretelling) -> None:
    again = Foretelling(World(epoch=EPOCH), ("QJ-A04",))
    assert foretelling.issued(MODEL, EPOCH).csv == again.issued(MODEL, EPOCH).csv


def test_no_index_is_farther_off_than_its_forecaster_errs_at_that_lead(told: list[Told]) -> None:
    for one in told:
        lead = (one.day - (one.issued_at + timedelta(hours=8)).date()).days
        bound = (6 + 4 * (lead - 1)) if one.forecaster == MODEL else (4 + 2 * (lead - 1))
        assert abs((one.low + one.high) / 2 - one.truth) <= bound + 0.5  # half of one, since they tell whole figures


def test_the_shift_is_better_than_the_model_and_both_miss_primaries_as_often_as_drawn(told: list[Told]) -> None:
    errors = {}
    for name, share in ((MODEL, 0.3), (SHIFT, 0.1)):
        own = [one for one in told if one.forecaster == name]
        errors[name] = np.mean([abs((one.low + one.high) / 2 - one.truth) for one in own])
        named = [one for one in own if one.primary and one.true_primary]
        missed = np.mean([one.primary != one.true_primary for one in named])
        assert missed == pytest.approx(share, abs=3 * (share * (1 - share) / len(named)) ** 0.5)
    assert errors[SHIFT] < errors[MODEL]


def test_the_score_of_the_shift_by_range_is_what_its_errors_say(told: list[Told]) -> None:
    own = [one for one in told if one.forecaster == SHIFT]
    truth, low, high = (np.array([getattr(one, name) for one in own]) for name in ("truth", "low", "high"))
    within = np.mean([one.low <= one.truth <= one.high for one in own]) * 100
    found = score(truth, (low + high) / 2, (low, high), air_edition(date(2026, 11, 20)))
    assert found.in_range == pytest.approx(within, abs=0.05)
