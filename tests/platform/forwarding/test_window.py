"""What is under way on a line: order for each device, repeats with what follows, nothing lost when a line breaks."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from qingyuan.forwarding.logic.window import OF_A_DEVICE, Item, Result, Window


def item(mn: str, number: int, qn: str = "") -> Item:
    name = qn or f"{number:017d}"
    return Item(number, 1, mn, name, "2061", f"{mn}/{name}/{number}".encode(), 0, lambda _: None)


def test_of_one_device_only_so_many_are_under_way_and_others_go_on() -> None:
    window = Window(10.0, 3, 500)
    for number in range(OF_A_DEVICE + 5):
        window.put(item("A", number))
    window.put(item("B", 999))
    sent = window.to_send(0.0, 0)
    assert len(sent) == OF_A_DEVICE + 1
    assert sent[-1].startswith(b"B/")
    window.answered("A", f"{0:017d}", now=1.0, now_us=1)
    assert window.to_send(1.0, 1) == [item("A", OF_A_DEVICE).data]


def test_two_packets_with_one_number_never_wait_for_the_same_answer() -> None:
    window = Window(10.0, 3, 500)
    first, second = item("A", 1, qn="7"), item("A", 2, qn="7")
    window.put(first)
    window.put(second)
    assert window.to_send(0.0, 0) == [first.data]
    window.answered("A", "7", now=1.0, now_us=1)
    assert (first.result, second.result) == (Result.ACCEPTED, Result.WAITING)
    assert window.to_send(1.0, 1) == [second.data]


def test_a_late_answer_to_one_device_settles_nothing_of_another() -> None:
    window = Window(10.0, 3, 500)
    other = item("B", 2, qn="7")
    window.put(other)
    window.to_send(0.0, 0)
    assert not window.answered("A", "7", now=1.0, now_us=1)
    assert other.result == Result.WAITING


def test_a_repeat_takes_with_it_what_the_device_sent_after_it() -> None:
    window = Window(10.0, 3, 500)
    items = [item("A", number) for number in range(3)]
    window.put(items[0])
    window.to_send(0.0, 0)
    for one in items[1:]:
        window.put(one)
    window.to_send(5.0, 0)
    assert window.to_send(10.0, 0) == [one.data for one in items]


def test_no_more_than_allowed_go_out_in_a_second() -> None:
    window = Window(60.0, 3, 500, per_second=10)
    for number in range(100):
        window.put(item(f"M{number}", number))
    sent = [len(window.to_send(second / 4, 0)) for second in range(17)]
    assert sent[0] == 10
    assert sum(sent[1:]) <= 41


class Line:
    """A window under a clock, with what it sent: in which order first, and what of it has not been answered."""

    def __init__(self, window: Window, items: list[Item]) -> None:
        self.window, self.now = window, 0.0
        self.by_data = {one.data: one for one in items}
        self.first_sent: dict[str, list[bytes]] = defaultdict(list)
        self.on_the_way: dict[bytes, Item] = {}

    def send(self) -> None:
        self.now += 0.25
        for frame in self.window.to_send(self.now, 0):
            one = self.on_the_way[frame] = self.by_data[frame]
            if frame not in self.first_sent[one.mn]:
                self.first_sent[one.mn].append(frame)
        if self.window.dead:
            self.break_off()

    def answer(self, frame: bytes) -> None:
        one = self.on_the_way.pop(frame)
        assert self.window.answered(one.mn, one.qn, now=self.now, now_us=1) or one.result

    def break_off(self) -> None:
        self.window.line_lost()
        self.on_the_way.clear()


@given(st.data())
def test_each_device_is_first_told_in_order_and_nothing_is_lost_whatever_happens(data: st.DataObject) -> None:
    """Puts, sendings, answers in any order, breaks of the line: first sendings keep the order, all ends settled."""
    items = [item(data.draw(st.sampled_from("ABC")), number, str(number % 7)) for number in range(30)]
    line = Line(Window(10.0, 2, data.draw(st.integers(1, 40)), by_number=data.draw(st.booleans())), items)
    waiting = list(items)
    for act in data.draw(st.lists(st.sampled_from(("put", "send", "answer", "put", "answer", "break")), max_size=150)):
        if act == "put" and waiting:
            line.window.put(waiting.pop(0))
        if act == "break":
            line.break_off()
        if act == "answer" and line.on_the_way:
            line.answer(data.draw(st.sampled_from(sorted(line.on_the_way))))
        line.send()
    for one in waiting:
        line.window.put(one)
    for _ in range(200):
        line.send()
        for frame in tuple(line.on_the_way):
            line.answer(frame)
    for mn, frames in line.first_sent.items():
        assert frames == [one.data for one in items if one.mn == mn]
    assert {one.result for one in items} <= {Result.ACCEPTED, Result.UNANSWERED}
    assert line.window.waiting == line.window.under_way == 0


def test_devices_that_wait_for_a_number_are_remembered_once_each_however_much_is_answered() -> None:
    devices, rounds = [f"D{number}" for number in range(40)], 30
    window = Window(10.0, 3, 5, by_number=True)
    for number in range(rounds):
        for mn in devices:  # all speak in the same second, so their numbers are the same
            window.put(item(mn, number, qn=f"{number:017d}"))
    answered = 0
    while answered < rounds * len(devices):
        for data in window.to_send(float(answered), answered):
            mn, qn, _ = data.decode().split("/")
            assert window.answered(mn, qn, now=float(answered), now_us=answered)
            answered += 1
        assert len(window._released) <= len(devices)
