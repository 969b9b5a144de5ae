"""What holds of the calculations whatever the figures are."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from qingyuan_science import calc

calc.load()

AIR = {"SO2": 5, "NO2": 8, "PM10": 9, "PM2.5": 4, "CO": 0.2, "O3_8h": 10}
CLASSES = ["I", "II", "III", "IV", "V", "worse"]
tenths = st.integers(0, 20_000).map(lambda number: number / 10)
hundredths = st.integers(0, 5_000).map(lambda number: number / 100)
days = st.sampled_from(["2020-05-05", "2026-02-28", "2026-03-01", "2031-06-06"])


def result(topic: str, **given: Any) -> dict[str, Any]:
    return calc.answer(topic, given).result


@given(days, st.sampled_from(["PM2.5", "PM10", "SO2", "NO2", "CO"]), tenths, tenths)
def test_more_of_a_pollutant_never_lowers_the_index(day: str, item: str, one: float, other: float) -> None:
    low, high = sorted((one, other))
    found = [
        result("air_index_day", day=day, concentrations={**AIR, "O3_1h": 12, item: value})["aqi"]
        for value in (low, high)
    ]
    assert found[0] <= found[1] <= 500


@given(days, tenths)
def test_the_index_is_the_largest_of_its_parts_and_the_primary_ones_have_it(day: str, value: float) -> None:
    found = result("air_index_day", day=day, concentrations={**AIR, "O3_1h": 12, "PM2.5": value})
    parts = {row["item"]: row["iaqi"] for row in found["items"] if row["iaqi"] is not None}
    assert found["aqi"] == max(parts.values())
    if found["aqi"] > 50:
        assert sorted(found["primary"]) == sorted(name for name, one in parts.items() if one == found["aqi"])
    else:
        assert found["primary"] == []


@given(
    st.sampled_from(["NH3-N", "TP", "CODMn", "COD", "BOD5", "F"]),
    hundredths,
    hundredths,
    st.sampled_from(["river", "lake"]),
)
def test_more_of_what_pollutes_never_betters_the_class(item: str, one: float, other: float, body: str) -> None:
    low, high = sorted((one, other))
    found = [
        CLASSES.index(result("water_class", day="2026-05-05", body=body, values={"pH": 7, item: value})["class"])
        for value in (low, high)
    ]
    assert found[0] <= found[1]


@given(hundredths, hundredths)
def test_more_oxygen_never_worsens_the_class(one: float, other: float) -> None:
    low, high = sorted((one, other))
    found = [
        CLASSES.index(result("water_class", day="2026-05-05", values={"NH3-N": 0.1, "DO": value})["class"])
        for value in (low, high)
    ]
    assert found[0] >= found[1]


@given(st.dictionaries(st.sampled_from(["NH3-N", "TP", "CODMn", "COD", "DO"]), hundredths, min_size=1))
def test_the_class_of_a_sample_is_that_of_its_worst_item(values: dict[str, float]) -> None:
    found = result("water_class", day="2026-05-05", values={"pH": 7, **values})
    assert found["class"] == max((row["class"] for row in found["items"]), key=CLASSES.index)


@given(st.decimals(-10_000, 10_000, places=3), st.sampled_from([0.1, 0.5, 1, 20, 100]))
def test_rounding_is_near_done_once_and_the_same_on_both_sides_of_nought(value: Any, interval: float) -> None:
    once = result("rounding", value=float(value), interval=interval)["rounded"]
    assert abs(once - float(value)) <= interval / 2 + 1e-9
    assert result("rounding", value=once, interval=interval)["rounded"] == once
    assert result("rounding", value=-float(value), interval=interval)["rounded"] == -once


@given(st.integers(0, 1000), st.integers(0, 200), st.integers(1, 9))
def test_twice_the_concentration_converts_to_twice_as_much(concentration: int, tenths_of: int, reference: int) -> None:
    asked = {"oxygen": tenths_of / 10, "reference": reference}
    one = result("oxygen_conversion", concentration=concentration, **asked)["converted"]
    two = result("oxygen_conversion", concentration=2 * concentration, **asked)["converted"]
    assert abs(two - 2 * one) <= 0.0021  # each is written with three decimals


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 10_000)), min_size=1, max_size=20), st.randoms())
def test_the_order_of_periods_does_not_change_what_was_emitted(periods: list[tuple[int, int]], order: Any) -> None:
    rows = [{"day": "2026-05-05", "concentration": one, "flow": flow} for one, flow in periods]
    first = result("emission_load", medium="water", periods=rows)
    order.shuffle(rows)
    assert result("emission_load", medium="water", periods=rows)["mass"] == first["mass"]
    whole = sum(one * flow for one, flow in periods) / 1000  # mg/L × m³ = g
    assert abs(first["mass"] - whole) <= 1e-6 * (1 + whole)


@given(
    st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=9, max_size=9), st.integers(0, 16), st.integers(1, 30)
)
def test_any_single_wrong_letter_of_a_credit_code_is_noticed(last: str, place: int, by: int) -> None:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    first = f"91510112{last}"
    code = result("credit_code", code=first)["code"]
    if place in range(2, 8):
        wrong = str((int(code[place]) + 1 + by % 9) % 10)
    else:
        wrong = alphabet[(alphabet.index(code[place]) + by) % 31]
    assert result("credit_code", code=code[:place] + wrong + code[place + 1 :])["fits"] is False


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="#"), min_size=1, max_size=200))
def test_a_packet_that_was_made_is_taken_apart_with_its_length_and_sum(segment: str) -> None:
    made = result("hj212_packet", text=segment)
    apart = result("hj212_packet", text=made["packet"])
    assert (apart["length"], apart["crc"]) == (made["length"], made["crc"]) == (len(segment.encode()), made["crc"])
    assert apart["length_fits"]
    assert apart["crc_fits"]


@given(st.integers(0, 3000), st.integers(0, 99))
def test_the_less_is_emitted_the_less_is_taxed(grams: int, below: int) -> None:
    def tax(amount: float, share: int) -> float:
        row = {"outlet": "A", "medium": "air", "pollutant": "SO2", "amount": amount, "below": share}
        return float(result("environmental_tax", outlets=[row], air_rate=1.2)["tax"])

    assert tax(grams / 1000, below) <= tax((grams + 100) / 1000, below)
    assert tax(1.0, min(below + 1, 100)) <= tax(1.0, below)
