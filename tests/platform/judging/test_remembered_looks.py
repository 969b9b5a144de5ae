"""What detectors said is found again where they are shown the same, and nowhere else."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from casefile import LONG_AGO
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.judging.api import export_rules, rehearse, set_watch
from qingyuan.judging.logic.rehearsed import remembering
from qingyuan.judging.logic.rehearsed.remembering import Drawer, Keys, bound
from qingyuan_science.detect import Context, Detector, Meter, MeterRole, Neighbour, Record, RecordKind, Upstream
from qingyuan_science.detect.constant_value import ConstantValue
from qingyuan_science.plugins import Text
from qingyuan_science.series import Series
from qingyuan_science.standards import factor, limits_for

Readings = Callable[..., Any]
Told = list[tuple[Any, ...]]
START = datetime(2026, 7, 31, 16, tzinfo=UTC)  # midnight in Shanghai
HOUR = timedelta(hours=1)
PAST, DAYS = 60, 40
SPAN = START, START + DAYS * 24 * HOUR
LEARNING = ("constant_value", "coarse_digits", "repeated_days", "unlike_process")


# keys


def series(seed: int = 1, size: int = 48) -> Series:
    return Series.starting(START, np.random.default_rng(seed).normal(30, 3, size), unit="mg/L", step=3600.0)


def shown() -> dict[str, Any]:
    """Everything that a detector may be shown."""
    place, measured = Text("一号排口", "Outlet 1"), factor("w01018")
    limits = limits_for(measured, "GB 18918-2002", "1A", None)
    return {
        "place": place, "factor": measured, "limits": limits, "kind": "hour", "decimals": 1, "baseline": series(2),
        "beside": {("w21003", "measured"): series(3)}, "neighbours": (Neighbour(place, series(4), 3.0, 90.0),),
        "upstream": (Upstream(place, series(5), 3600.0, series(6)),),
        "records": (Record(RecordKind.MAINTENANCE, 0, 1, place),),
        "electricity": (Meter(MeterRole.TREATMENT, place, series(7)),), "weather": {"a01007": series(8)},
        "arrivals": series(9), "unconverted": series(10), "annual_permit": {2026: 100.0}, "thresholds": limits[:1],
        "outlet": True, "now": 7, "unheard": ((1, 2),), "whole_station": False, "odd": ((3, 4),),
    }  # fmt: skip


def others() -> dict[str, Any]:
    """The same with the least change in each."""
    place, measured = Text("一号排口", "Outlet 2"), factor("w01018")
    limits = limits_for(measured, "GB 18918-2002", "1A", None)
    return {
        "place": place, "factor": replace(measured, decimals=9), "limits": (replace(limits[0], high=50.5), *limits[1:]),
        "kind": "day", "decimals": 2, "baseline": None, "beside": {("w21003", "converted"): series(3)},
        "neighbours": (Neighbour(Text("一号排口", "Outlet 1"), series(4), 3.0, None),),
        "upstream": (Upstream(Text("一号排口", "Outlet 1"), series(5), 3600.0, None),),
        "records": (Record(RecordKind.CALIBRATION, 0, 1, Text("一号排口", "Outlet 1")),),
        "electricity": (Meter(MeterRole.PRODUCTION, Text("一号排口", "Outlet 1"), series(7)),),
        "weather": {"a01008": series(8)}, "arrivals": None, "unconverted": series(11), "annual_permit": {2025: 100.0},
        "thresholds": (), "outlet": False, "now": None, "unheard": ((1, 3),), "whole_station": True, "odd": (),
    }  # fmt: skip


def key(detector: Detector, values: Series, given: dict[str, Any]) -> bytes:
    return Keys().of("edition", detector, values, Context(**given))


def test_equal_things_have_one_key_whichever_objects_they_are() -> None:
    assert key(ConstantValue(), series(), shown()) == key(ConstantValue(), series(), shown())
    long = series(size=24 * 90)
    cut = long.between(START + 24 * HOUR, START + 80 * 24 * HOUR)
    copied = Series(cut.at.copy(), cut.value.copy(), cut.mark.copy(), cut.unit, cut.step)
    assert cut.fingerprint == copied.fingerprint, "cut from a longer one, or made by itself"


@pytest.mark.parametrize("name", sorted(shown()))
def test_every_fact_of_the_context_is_in_the_key(name: str) -> None:
    changed = {**shown(), name: others()[name]}
    assert key(ConstantValue(), series(), changed) != key(ConstantValue(), series(), shown())


def test_every_field_of_the_context_is_changed_here() -> None:
    assert set(shown()) == set(others()) == set(Context.__dataclass_fields__)


@pytest.mark.parametrize("around", ["baseline", "beside", "neighbours", "upstream", "electricity", "weather"])
def test_each_value_around_is_in_the_key(around: str) -> None:
    value = series(99)
    swapped = {
        "baseline": value, "beside": {("w21003", "measured"): value},
        "neighbours": (replace(shown()["neighbours"][0], series=value),),
        "upstream": (replace(shown()["upstream"][0], flow=value),),
        "electricity": (replace(shown()["electricity"][0], series=value),), "weather": {"a01007": value},
    }  # fmt: skip
    assert key(ConstantValue(), series(), {**shown(), around: swapped[around]}) != key(
        ConstantValue(), series(), shown()
    )


def test_settings_and_the_detector_itself_are_in_the_key() -> None:
    from qingyuan.judging.logic.seeing import detector

    kept = {
        key(one, series(), shown())
        for one in (ConstantValue(), detector("constant_value", {"still_flow": 0.03}), detector("repeated_days", {}))
    }
    assert len(kept) == 3


def test_an_object_whose_content_is_not_known_has_no_key() -> None:
    class Elsewhere(ConstantValue):
        """A bureau's own."""

    with pytest.raises(TypeError, match="content is known"):
        key(Elsewhere(), series(), shown())


@given(st.integers(0, 24 * 90 - 1), st.sampled_from(("value", "at", "mark", "nan", "bit", "unit", "step", "left out")))
def test_any_changed_reading_makes_another_key(place: int, what: str) -> None:
    one = series(size=24 * 90)
    at, value, mark = one.at.copy(), one.value.copy(), one.mark.copy()
    unit, step, there = one.unit, one.step, np.ones(len(one), dtype=np.bool_)
    if what == "at":
        at[place] += 1
    elif what == "mark":
        mark[place] = "M"
    elif what == "unit":
        unit = "µg/L"
    elif what == "step":
        step = 60.0
    elif what == "left out":
        there[place] = False
    else:
        value[place] = {"value": 31.0, "nan": np.nan, "bit": np.nextafter(value[place], np.inf)}[what]
    changed = Series(at[there], value[there], mark[there], unit, step)
    assert changed.fingerprint != one.fingerprint
    assert Keys().of(ConstantValue(), changed) != Keys().of(ConstantValue(), one)


# drawers


def test_a_damaged_answer_is_none_and_those_beside_it_stay(tmp_path: Path) -> None:
    path = tmp_path / "1.looks"
    drawer = Drawer(path)
    names = [bytes([number]) * 32 for number in range(3)]
    for name in names:
        drawer.put(name, b"what was said " + name[:1])
    drawer.keep()
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x40]) + whole[place + 1 :])
        told = [Drawer(path).get(name) for name in names]
        assert all(one in (None, b"what was said " + name[:1]) for one, name in zip(told, names, strict=True))
    path.write_bytes(whole[:-1])
    assert [Drawer(path).get(name) is None for name in names].count(True) == 1, "cut short"
    path.write_bytes(b"nothing of the kind")
    assert Drawer(path).get(names[0]) is None


def test_what_was_asked_for_longest_ago_goes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering, "MOST_A_DRAWER", 3000)
    days = iter(range(20_000, 20_010))
    path, old, new, newest = tmp_path / "1.looks", b"o" * 32, b"n" * 32, b"m" * 32
    for name in (old, new):
        _on(next(days), monkeypatch)
        drawer = Drawer(path)
        drawer.put(name, bytes(1000))
        drawer.keep()
    _on(next(days), monkeypatch)
    drawer = Drawer(path)
    assert drawer.get(old) is not None, "asked for today"
    drawer.put(newest, bytes(1000))
    drawer.keep()
    kept = Drawer(path)
    assert [kept.get(name) is not None for name in (old, new, newest)] == [True, False, True]


def _on(day: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remembering.time, "time", lambda: day * remembering.DAY_S + 1.0)


def test_a_folder_is_kept_within_its_bytes(tmp_path: Path) -> None:
    import os

    for number in range(5):
        path = tmp_path / f"{number}.looks"
        path.write_bytes(bytes(100))
        os.utime(path, (1000 * number, 1000 * number))
    left = tmp_path / ".7.looks.4711"
    left.write_bytes(b"")
    os.utime(left, (0, 0))
    bound(tmp_path, 250)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["3.looks", "4.looks"]
    bound(tmp_path / "nowhere", 250)


# rehearsals


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.LOOKS, settings.LOOKS_BYTES, settings.LAKE = tmp_path / "looks", 10**8, str(tmp_path / "lake")
    return tmp_path / "looks"


@pytest.fixture
def course(station: Any, readings: Readings) -> dict[str, list[tuple[datetime, float]]]:
    """Hours of three factors that go together, with days that stand still, are repeated or are coarse."""
    from qingyuan.sensing.queries import Channel

    random = np.random.default_rng(5)
    size = 24 * (PAST + DAYS)
    joint = np.cumsum(random.normal(0, 0.05, size)) * 0.2
    sent = {}
    for code, level, decimals in (("w01018", 24.0, 1), ("w21003", 0.9, 3), ("w21011", 0.21, 3)):
        value = np.round(level * np.exp(joint + 0.05 * random.normal(size=size)), decimals)
        here = 24 * (PAST + 4)
        value[here : here + 48] = value[here]
        value[here + 120 : here + 144] = value[here - 480 : here - 456]
        value[here + 240 : here + 312] = np.round(value[here + 240 : here + 312], max(0, decimals - 2))
        one = Channel.objects.create(station=station, factor=code, unit="mg/L")
        hours = [START + HOUR * (number - 24 * PAST) for number in range(size)]
        sent[code] = list(zip(hours, value.tolist(), strict=True))
        readings(one, "h", sent[code])
    for detector in LEARNING:
        set_watch(detector, kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    return sent


def rehearsed(rules: Any = None, **settings: Any) -> Told:
    return [
        (look.detector, look.channel.pk, episode)
        for look, episode in rehearse(rules or json.loads(json.dumps(export_rules())), SPAN, **settings)
    ]


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """How often each detector was asked."""
    from qingyuan_science.detect import DETECTORS

    asked = dict.fromkeys(LEARNING, 0)
    for code in LEARNING:
        made = DETECTORS.get(code)

        def findings(self: Any, values: Any, context: Any, _said: Any = made.findings, _code: str = code) -> Any:
            asked[_code] += 1
            return _said(self, values, context)

        monkeypatch.setattr(made, "findings", findings)
    return asked


@pytest.mark.django_db
def test_a_second_rehearsal_asks_nothing_again_and_finds_the_very_same(
    folder: Path, course: Any, counted: dict[str, int], settings: Any
) -> None:
    settings.LOOKS_BYTES = 0
    alone = rehearsed()
    assert {row[0] for row in alone} >= {"constant_value", "repeated_days"}
    assert not folder.exists(), "nothing is kept where nothing is to be"
    settings.LOOKS_BYTES = 10**8
    assert rehearsed() == alone, "all fields of each episode"
    before = dict(counted)
    assert all(before.values())
    assert rehearsed() == alone
    assert counted == before
    assert rehearsed(at_once=1) == alone, "by other processes"


@pytest.mark.django_db
def test_of_a_changed_rule_or_reading_only_what_it_touches_is_asked_again(
    folder: Path, course: Any, counted: dict[str, int], readings: Readings
) -> None:
    from qingyuan.sensing.queries import Channel

    rehearsed()
    before = dict(counted)
    rules = export_rules()
    for one in rules["watches"]:
        if one["detector"] == "constant_value":
            one["parameters"] = {"still_flow": 0.03}
    rehearsed(rules)
    asked = {code for code in LEARNING if counted[code] > before[code]}
    assert asked == {"constant_value"}
    before = dict(counted)
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    rehearsed()
    assert counted == before, "a rule beside them that takes limits"
    ammonia = Channel.objects.get(factor="w21003")
    readings(ammonia, "h", [(START + 30 * 24 * HOUR, 0.123)])
    again = rehearsed()
    assert all(counted[code] > before[code] for code in LEARNING)
    whole = {code: counted[code] - before[code] for code in LEARNING}
    for path in folder.iterdir():
        path.unlink()
    before = dict(counted)
    assert rehearsed() == again
    every = {code: counted[code] - before[code] for code in LEARNING}
    assert all(whole[code] <= every[code] for code in LEARNING)
    assert whole["repeated_days"] <= every["repeated_days"] / 3, "which looks at ammonia alone, from then on"


@pytest.mark.django_db
def test_damaged_answers_are_computed_anew(folder: Path, course: Any, counted: dict[str, int]) -> None:
    first = rehearsed()
    before = dict(counted)
    for path in folder.iterdir():
        damaged = bytearray(path.read_bytes())
        damaged[20::40] = bytes(one ^ 0x40 for one in damaged[20::40])
        path.write_bytes(damaged)
    assert rehearsed() == first
    assert sum(counted.values()) > sum(before.values())


# whole looks


@pytest.fixture
def prepared(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """For how many passes of each detector it was put together what stands around."""
    from qingyuan.judging.logic import seeing

    made, context = dict.fromkeys(LEARNING, 0), seeing.context

    def counting(one: Any, *rest: Any) -> Any:
        if one.look.detector in made:
            made[one.look.detector] += 1
        return context(one, *rest)

    monkeypatch.setattr(seeing, "context", counting)
    return made


@pytest.fixture
def limited(course: Any, station: Any) -> Any:
    """A rule that takes limits stands beside those that learn."""
    set_watch("exceedance", kind="h", valid_from=LONG_AGO, station_kind="outlet-water")
    return station


@pytest.mark.django_db
def test_for_a_whole_look_found_again_nothing_around_is_put_together(
    folder: Path, limited: Any, prepared: dict[str, int]
) -> None:
    first, before = rehearsed(), dict(prepared)
    assert all(before.values())
    assert rehearsed() == first
    rules = export_rules()
    for one in rules["watches"]:
        if one["detector"] == "exceedance":
            one["parameters"] = {"minimum_periods": 2}
    rehearsed(rules)
    assert prepared == before, "the same again, and another rule changed"


CHANGES: dict[str, Callable[[Any, Readings], Any]] = {}


def _change(make: Callable[[Any, Readings], Any]) -> Callable[[Any, Readings], Any]:
    CHANGES[make.__name__.replace("_", " ")] = make
    return make


def _channels(station: Any) -> Any:
    from qingyuan.sensing.queries import Channel

    return Channel.objects.filter(station=station)


@_change
def a_reading_of_its_own(station: Any, readings: Readings) -> None:
    readings(_channels(station).get(factor="w01018"), "h", [(START + 30 * 24 * HOUR, 55.5)])


@_change
def a_reading_beside(station: Any, readings: Readings) -> None:
    readings(_channels(station).get(factor="w21011"), "h", [(START + 30 * 24 * HOUR, 0.555)])


@_change
def the_name_of_the_place(station: Any, readings: Readings) -> None:
    from qingyuan.places.api import describe_station

    describe_station(station, {"title": "二号排口"})


@_change
def the_owner(station: Any, readings: Readings) -> None:
    station.enterprise.title_en = "Renamed works"
    station.enterprise.save()


@_change
def a_standard(station: Any, readings: Readings) -> None:
    from qingyuan.places.api import apply_standard

    apply_standard(station, standard="GB 8978-1996", level="level1", valid_from=(START + 20 * 24 * HOUR).date())


@_change
def the_unit_of_a_channel(station: Any, readings: Readings) -> None:
    _channels(station).filter(factor="w21003").update(unit="µg/L")


@_change
def a_channel_more(station: Any, readings: Readings) -> None:
    readings(_channels(station).create(station=station, factor="w21001", unit="mg/L"), "h", [(START, 3.0)])


@pytest.mark.django_db
@pytest.mark.parametrize("what", CHANGES)
def test_whatever_changes_around_a_look_it_is_taken_anew(
    what: str, folder: Path, limited: Any, prepared: dict[str, int], readings: Readings, settings: Any
) -> None:
    rehearsed()
    before = dict(prepared)
    CHANGES[what](limited, readings)
    again = rehearsed()
    assert all(prepared[code] > before[code] for code in ("repeated_days", "unlike_process")), prepared
    settings.LOOKS_BYTES = 0
    assert rehearsed() == again


@pytest.mark.django_db
def test_what_is_written_down_counts_from_the_instant_on_which_it_is_known(
    folder: Path, limited: Any, prepared: dict[str, int]
) -> None:
    from qingyuan.kit import clock
    from qingyuan.places.api import apply_standard

    day = timedelta(days=1)
    with clock.wound_to(SPAN[1] + 300 * day):
        apply_standard(limited, standard="GB 8978-1996", level="level1", valid_from=SPAN[0].date())
    counts = []
    for days in (200, 250, 299, 301, 400):
        with clock.wound_to(SPAN[1] + days * day):
            rehearsed()
        counts.append(prepared["unlike_process"])
    assert counts[0] == counts[1] == counts[2] < counts[3] == counts[4]
