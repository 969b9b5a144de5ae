"""The log: what a line says, which number it gets when, and that no change of it goes unnoticed."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, ClassVar

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from qingyuan.kit import canonical, log, queries
from qingyuan.kit.errors import LogBroken
from qingyuan.kit.events import Event
from qingyuan.kit.models import Entry, Node, Written
from qingyuan.kit.proof import checking, tree
from qingyuan.kit.proof.checking import Anchored

pytestmark = pytest.mark.django_db


@dataclass(frozen=True)
class LampLit(Event):
    subject_kind: ClassVar[str] = "lamp"
    id: int
    colour: Any = "绿"


def light(count: int) -> None:
    for number in range(1, count + 1):
        log.write(LampLit(id=number), log.Origin("wang", "10.0.0.1"), why="夜里")


@pytest.fixture
def seven_lines(db: None) -> list[int]:
    """Their numbers; the first of them follows whatever was there before."""
    light(7)
    return [entry.seq for entry in Entry.objects.order_by("seq")][-7:]


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_an_untouched_log_verifies_and_says_how_long_it_is(seven_lines: list[int]) -> None:
    before = log.verify()
    log.write(LampLit(id=8))
    assert log.verify() == before + 1


def test_a_line_tells_who_from_where_what_and_why(seven_lines: list[int]) -> None:
    line = Entry.objects.get(seq=seven_lines[0])
    assert (line.act, line.subject, line.actor, line.origin, line.why) == (
        "LampLit",
        "lamp/1",
        "wang",
        "10.0.0.1",
        "夜里",
    )
    assert line.detail == {"id": 1, "colour": "绿"}


def test_numbers_have_no_gap_and_nothing_is_left_waiting(seven_lines: list[int]) -> None:
    assert seven_lines == list(range(seven_lines[0], seven_lines[0] + 7))
    assert not Written.objects.exists()


@pytest.mark.parametrize("which", range(7))
@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE kit_entry SET why = 'other' WHERE seq = %s",
        "UPDATE kit_entry SET actor = 'li' WHERE seq = %s",
        "UPDATE kit_entry SET act = 'LampPut' WHERE seq = %s",
        "UPDATE kit_entry SET subject = 'lamp/0' WHERE seq = %s",
        "UPDATE kit_entry SET origin = '' WHERE seq = %s",
        "UPDATE kit_entry SET detail = '{}' WHERE seq = %s",
        "UPDATE kit_entry SET at = at + interval '1 microsecond' WHERE seq = %s",
        "UPDATE kit_entry SET hash = sha256('x') WHERE seq = %s",
    ],
)
def test_a_changed_line_is_found_and_named(seven_lines: list[int], tampering: str, which: int) -> None:
    run(tampering, seven_lines[which])
    with pytest.raises(LogBroken, match=rf"line {seven_lines[which]} \(.*changed"):
        log.verify()


@pytest.mark.parametrize("which", range(6))
def test_a_dropped_line_is_found_and_named(seven_lines: list[int], which: int) -> None:
    run("DELETE FROM kit_entry WHERE seq = %s", seven_lines[which])
    with pytest.raises(LogBroken, match=f"line {seven_lines[which]} is missing"):
        log.verify()


@pytest.mark.parametrize("which", range(6))
def test_two_lines_that_change_places_are_found(seven_lines: list[int], which: int) -> None:
    first, second = seven_lines[which], seven_lines[which + 1]
    for source, target in ((first, -1), (second, first), (-1, second)):
        run("UPDATE kit_entry SET seq = %s WHERE seq = %s", target, source)
    with pytest.raises(LogBroken, match=r"lines \d+ to \d+ are not those of which the tree was made"):
        log.verify()


@pytest.mark.parametrize("which", range(6))
def test_a_line_that_was_put_in_is_found(seven_lines: list[int], which: int) -> None:
    place = seven_lines[which]
    run("UPDATE kit_entry SET seq = -seq WHERE seq >= %s", place)
    run("UPDATE kit_entry SET seq = 1 - seq WHERE seq < 0")
    run(
        "INSERT INTO kit_entry (seq, at, act, subject, actor, origin, why, detail, hash)"
        " SELECT %s, at, act, subject, actor, origin, why, detail, hash FROM kit_entry WHERE seq = %s",
        place, place + 1,
    )  # fmt: skip
    with pytest.raises(LogBroken, match=r"of which the tree was made|no node over lines"):
        log.verify()


@pytest.mark.parametrize("which", range(7))
def test_a_line_that_was_replaced_with_its_hash_is_found_by_the_tree(seven_lines: list[int], which: int) -> None:
    kept = tree.head()
    other = seven_lines[which - 1]
    run(
        "UPDATE kit_entry SET (at, act, subject, actor, origin, why, detail, hash) ="
        " (SELECT at, act, subject, actor, origin, why, detail, hash FROM kit_entry WHERE seq = %s) WHERE seq = %s",
        other, seven_lines[which],
    )  # fmt: skip
    faults = checking.check([Anchored(kept, "test")]).faults
    assert any("changed" in fault for fault in faults), "the last line of an odd log is in no complete subtree"


def test_a_cut_tail_is_found_by_what_is_left_of_the_tree(seven_lines: list[int]) -> None:
    reached = 2 * (seven_lines[-1] // 2)
    run("DELETE FROM kit_entry WHERE seq >= %s", reached)
    with pytest.raises(LogBroken, match=f"made over at least {reached} lines, the log ends with line {reached - 1}"):
        log.verify()


@pytest.mark.parametrize("lost", range(1, 7))
def test_a_tail_that_was_cut_with_its_part_of_the_tree_is_found_only_against_a_kept_head(
    seven_lines: list[int], lost: int
) -> None:
    kept = tree.head()
    left = kept.size - lost
    run("DELETE FROM kit_entry WHERE seq > %s", left)
    run("DELETE FROM kit_node WHERE (position + 1) << level::int > %s", left)
    assert log.verify() == left
    faults = checking.check([Anchored(kept, "anchors.jsonl line 1")]).faults
    assert faults == [
        f"a head over {kept.size} lines was kept (anchors.jsonl line 1), the log ends with line {left}: cut"
    ]


def test_a_log_made_anew_from_some_line_on_is_found_only_against_a_kept_head(seven_lines: list[int]) -> None:
    kept = tree.head(seven_lines[4])
    run("DELETE FROM kit_entry WHERE seq > %s", seven_lines[2])
    run("DELETE FROM kit_node WHERE (position + 1) << level::int > %s", seven_lines[2])
    light(5)
    assert log.verify() == seven_lines[2] + 5
    faults = checking.check([Anchored(kept, "a mail of May")]).faults
    assert len(faults) == 1
    assert f"lines 1 to {kept.size} are not those whose head was kept (a mail of May)" in faults[0]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE kit_node SET hash = sha256('x') WHERE (level, position) = (%s, %s)",
        "DELETE FROM kit_node WHERE (level, position) = (%s, %s)",
    ],
)
def test_a_changed_or_dropped_node_of_the_tree_is_found(seven_lines: list[int], tampering: str) -> None:
    for node in Node.objects.all():
        with transaction.atomic():
            run(tampering, node.level, node.position)
            with pytest.raises(LogBroken, match=f"lines {(node.position << node.level) + 1} to"):
                log.verify()
            transaction.set_rollback(True)


def test_a_damaged_log_takes_new_lines_all_the_same(seven_lines: list[int]) -> None:
    run("DELETE FROM kit_entry WHERE seq >= %s", seven_lines[3])
    run("DELETE FROM kit_node WHERE level = 1 AND position = 0")
    light(9)
    with pytest.raises(LogBroken):
        log.verify()


def test_every_fault_is_told(seven_lines: list[int]) -> None:
    run("UPDATE kit_entry SET why = '' WHERE seq IN (%s, %s)", seven_lines[1], seven_lines[4])
    run("DELETE FROM kit_entry WHERE seq = %s", seven_lines[2])
    assert len([fault for fault in checking.check().faults if "changed after" in fault or "missing" in fault]) == 3


numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**20), 10**20)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
values = st.recursive(
    numbers | texts | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)


def test_whatever_an_event_holds_it_reads_back_with_the_same_hash() -> None:
    @settings(max_examples=60, deadline=None)
    @given(values)
    def same(value: Any) -> None:
        log.write(LampLit(id=1, colour=value))
        stored = Entry.objects.latest("seq")
        assert canonical.text(stored.detail) == canonical.text({"id": 1, "colour": value})

    same()
    assert log.verify() >= 60


@pytest.mark.parametrize("value", [1e22, -0.0, 1e16, 123456789012345680.0, 5e-324, 1e-7, 2**70, {"b": 1e300, "a": []}])
def test_numbers_that_postgresql_writes_otherwise_keep_their_hash(value: Any) -> None:
    log.write(LampLit(id=1, colour=value))
    assert log.verify() > 0


def test_the_zone_in_which_an_instant_was_given_does_not_matter() -> None:
    log.write(LampLit(id=1), at=datetime(2026, 5, 1, 8, tzinfo=timezone(timedelta(hours=8))))
    assert Entry.objects.latest("seq").at == datetime(2026, 5, 1, 0, tzinfo=UTC)
    assert log.verify() > 0


def test_an_event_name_can_be_used_once_only() -> None:
    with pytest.raises(TypeError, match="LampLit"):
        type("LampLit", (Event,), {"__module__": "elsewhere"})


@pytest.fixture
def aside() -> Iterator[Callable[[Callable[[], None]], threading.Thread]]:
    """Runs something in a thread with a connection of its own."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], None]) -> threading.Thread:
        def run_and_close() -> None:
            try:
                work()
            finally:
                connection.close()

        threads.append(threading.Thread(target=run_and_close))
        threads[-1].start()
        return threads[-1]

    yield start
    for thread in threads:
        thread.join(20)


@pytest.mark.django_db(transaction=True)
def test_a_line_has_no_number_before_its_transaction_commits() -> None:
    with transaction.atomic():
        log.write(LampLit(id=1))
        assert not Entry.objects.filter(subject="lamp/1").exists()
    assert Entry.objects.get(subject="lamp/1").seq == Entry.objects.latest("seq").seq


@pytest.mark.django_db(transaction=True)
def test_numbers_follow_the_order_of_commits_and_nobody_waits_for_a_writer_that_is_not_done(aside: Any) -> None:
    wrote, done = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            log.write(LampLit(id=1))
            wrote.set()
            assert done.wait(10)

    first = aside(slow)
    assert wrote.wait(10)
    began = time.monotonic()
    log.write(LampLit(id=2))
    assert time.monotonic() - began < 2
    done.set()
    first.join(10)
    assert [entry.subject for entry in Entry.objects.filter(act="LampLit").order_by("seq")] == ["lamp/2", "lamp/1"]


@pytest.mark.django_db(transaction=True)
def test_lines_of_one_transaction_keep_their_order_and_what_is_rolled_back_takes_no_number() -> None:
    with transaction.atomic():
        log.write(LampLit(id=1))
        try:
            with transaction.atomic():
                log.write(LampLit(id=2))
                raise ValueError
        except ValueError:
            pass
        log.write(LampLit(id=3))
    with transaction.atomic():
        log.write(LampLit(id=4))
        transaction.set_rollback(True)
    log.write(LampLit(id=5))
    lit = list(Entry.objects.filter(act="LampLit").order_by("seq"))
    assert [entry.subject for entry in lit] == ["lamp/1", "lamp/3", "lamp/5"]
    assert [entry.seq for entry in lit] == list(range(lit[0].seq, lit[0].seq + 3))


@pytest.mark.django_db(transaction=True)
def test_who_waits_for_a_row_at_commit_does_not_hold_the_log(aside: Any) -> None:
    """The check of a foreign key waits for a locked row; a log held meanwhile would be a deadlock."""
    run("CREATE TABLE post (id int PRIMARY KEY)")
    run("CREATE TABLE lamp (post int REFERENCES post DEFERRABLE INITIALLY DEFERRED)")
    run("INSERT INTO post VALUES (1)")
    locked = threading.Event()
    failed: list[Exception] = []

    def holder() -> None:
        try:
            with transaction.atomic():
                run("SELECT * FROM post FOR UPDATE")
                locked.set()
                time.sleep(0.4)
                log.write(LampLit(id=2))
        except Exception as error:  # noqa: BLE001 whatever it is, the test tells it
            failed.append(error)

    try:
        other = aside(holder)
        assert locked.wait(10)
        with transaction.atomic():
            log.write(LampLit(id=1))
            run("INSERT INTO lamp VALUES (1)")
        other.join(10)
        assert failed == []
        assert Entry.objects.filter(act="LampLit").count() == 2
    finally:
        run("DROP TABLE lamp, post")


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_make_one_whole_log(aside: Any) -> None:
    def write_some() -> None:
        for number in range(10):
            with transaction.atomic():
                log.write(LampLit(id=number))
                log.write(LampLit(id=number))

    for thread in [aside(write_some) for _ in range(5)]:
        thread.join(20)
    assert Entry.objects.filter(act="LampLit").count() == 100
    assert log.verify() == Entry.objects.latest("seq").seq


@pytest.mark.django_db(transaction=True)
def test_lines_since_an_instant_are_found_without_reading_those_long_before(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(queries, "PAGE", 4)
    now = datetime.now(UTC)
    ages = [*[timedelta(days=2)] * 40, timedelta(minutes=9), timedelta(days=3), *[timedelta(minutes=5)] * 5]
    for number, age in enumerate(ages):
        log.write(LampLit(number), at=now - age)
    with django_assert_num_queries(3):  # a page of new ones, a mixed one, and one of old ones
        found = [line.detail["id"] for line in queries.lines_since(now - timedelta(minutes=10), acts=("LampLit",))]
    assert found == [46, 45, 44, 43, 42, 40]
