"""What other departments hold of the world: the same for one seed, and true to whom it means."""

import csv
import io
from datetime import UTC, datetime

import pytest

from qingyuan_science.standards.codes.credit import credit_code
from qingyuan_science.worlds import World
from qingyuan_science.worlds.registers import Registers

EPOCH = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def registers() -> Registers:
    return Registers(World(epoch=EPOCH))


def test_the_same_seed_and_epoch_give_the_same_bytes(registers: Registers) -> None:
    again = Registers(World(epoch=EPOCH))
    assert [one.csv for one in registers.all] == [one.csv for one in again.all]


def test_every_row_has_a_cell_for_each_title(registers: Registers) -> None:
    for one in registers.all:
        rows = list(csv.reader(io.StringIO(one.csv.decode("gb18030"))))
        assert {len(row) for row in rows} == {len(one.titles)}, one.code


def test_codes_of_registered_firms_fit_their_check_letter(registers: Registers) -> None:
    business = next(one for one in registers.all if one.code == "business_registration")
    assert [credit_code(row[0]).code for row in business.rows] == [row[0] for row in business.rows]


def test_the_truth_of_every_name_that_is_written_otherwise_is_an_enterprise(registers: Registers) -> None:
    own = {one.code: one.title.zh for one in registers.world.enterprises}
    means = {name: code for one in registers.all for name, code in one.means.items()}
    assert len(means) >= 8
    assert all(code in own and own[code] != name for name, code in means.items())


def test_meters_are_told_day_by_day_and_what_is_corrected_was_told_before(registers: Registers) -> None:
    days = next(one for one in registers.all if one.code == "electricity_days")
    told = {(row[0], row[3]): row[4:] for row in days.rows}
    meters = {row[0] for row in days.rows}
    assert len(told) == len(days.rows) == 60 * len(meters)
    assert {row[2] for row in days.rows} >= {one.code for one in registers.world.enterprises}
    assert max(day for _meter, day in told) == "2026-11-22"
    again = list(csv.reader(io.StringIO(days.corrections.decode("gb18030"))))[1:]
    assert len(again) >= 2
    assert all(tuple(row[4:]) != told[row[0], row[3]] for row in again)
