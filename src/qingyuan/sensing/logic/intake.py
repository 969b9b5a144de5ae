"""One batch of arrivals into the database: raw packets, readings, faults and devices, in one transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from django.db import connection, transaction

from qingyuan.sensing.door import holds
from qingyuan.sensing.logic import commanding, listening, strangers
from qingyuan.sensing.logic.arriving.arrivals import TOO_MANY, Arrival, Piece, Run
from qingyuan.sensing.logic.arriving.runs import BULK
from qingyuan.sensing.logic.away import limits_told
from qingyuan.sensing.logic.decoding import KIND_OF_COMMAND, NO_READING, learn, read_into
from qingyuan.sensing.logic.forms import Cut, Form, cut
from qingyuan.sensing.logic.raw.keeping import Faults, host, instant, keep
from qingyuan.sensing.logic.registry import Known, Registry
from qingyuan.sensing.logic.rows import Rows, Segment
from qingyuan.sensing.logic.telling import ANSWERS, Told, doubts_of_report, store
from qingyuan.sensing.models import PacketState
from qingyuan_science.hj212 import Hj212Error, Message, can_be_enciphered, must_be_enciphered, parse, reports

Sink = Callable[[Rows, Segment], int]


@dataclass
class Batch:
    """What one transaction writes."""

    arrivals: Sequence[Arrival | Run]
    rows: Rows = field(default_factory=Rows)
    faults: Faults = field(default_factory=Faults)
    seen: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    proved: set[int] = field(default_factory=set)  # commands that devices have carried out, by the password they use

    def see(self, mn: str, arrival: Arrival | Piece) -> None:
        """Count what a device sent that is known, be it in quarantine only."""
        number, at, peer = self.seen.get(mn, (0, 0, ""))
        at, peer = max((at, peer), (arrival.received_us, arrival.peer))
        self.seen[mn] = (number + arrival.packets, at, peer)

    def parts(self) -> list[Arrival | Piece]:
        """What arrived, in its order."""
        return [part for arrival in self.arrivals for part in arrival.parts()]


def take_in(arrivals: Sequence[Arrival | Run], registry: Registry, sink: Sink) -> int:
    """Write a batch durably; afterwards each arrival's `state` says what became of it.

    Returns how many readings were new. Nothing is written when anything fails.
    """
    batch = Batch(arrivals)
    try:
        with limits_told(), transaction.atomic():
            registry.refresh()
            registry.expect([arrival.named for arrival in arrivals])
            for _, several in groupby(arrivals, type):
                _judge_all(list(several), batch, registry)
            segment = keep(batch.parts())
            if registry.give_up_parts(arrivals[-1].received_us):
                listening.name_given_up(arrivals[-1].received_us, registry, batch.faults)
            batch.faults.store()
            store(batch.told)
            listening.note(batch.seen, registry)
            _mark_seen(batch, registry)
            for number in sorted(batch.proved):
                commanding.confirm(number)
            changed = sink(batch.rows, segment)
        registry.gave_up()
        return changed
    except BaseException:
        registry.forget()
        raise


def give_up_parts(at_us: int, registry: Registry) -> None:
    """Give up what waits for parts for too long, also when nobody speaks. [µs]"""
    if not registry.give_up_parts(at_us):
        return
    faults = Faults()
    with transaction.atomic():
        listening.name_given_up(at_us, registry, faults)
        faults.store()
    registry.gave_up()


def _judge_all(alike: Sequence[Arrival | Run], batch: Batch, registry: Registry) -> None:
    """Judge arrivals of one type."""
    runs = [arrival for arrival in alike if isinstance(arrival, Run)]
    if runs:
        _judge_runs(runs, batch, registry)
    _judge_singles([arrival for arrival in alike if isinstance(arrival, Arrival)], batch, registry)


def _judge_singles(arrivals: Sequence[Arrival], batch: Batch, registry: Registry) -> None:
    """Judge single frames; the devices among them that nobody knows are entered first, all at once."""
    found = {}
    for arrival in arrivals:
        if arrival.error is None and not registry.knows(arrival.named):
            _parse(arrival)
            if arrival.message is not None and arrival.mn and "\0" not in arrival.mn:
                found[arrival.mn] = host(arrival.peer)
    strangers.enter(found, registry)
    for arrival in arrivals:
        _judge(arrival, batch, registry)


def _judge_runs(runs: Sequence[Run], batch: Batch, registry: Registry) -> None:
    """Read the frames of many runs in one go, those of each by the form of its first.

    Where one differs, it and those behind it in its run are read by themselves before the next run is.
    """
    for run in runs:
        run.begin()
    joined = BULK.joined([(run, 0, _form_at(run, 0, registry)) for run in runs])
    place = 0
    while place < len(runs):
        place = joined.read(place, batch.rows)
        if place < len(runs):
            _judge_rest(runs[place], batch, registry)
            place += 1
    for run in runs:
        for part in run.taken:
            if isinstance(part, Piece):
                batch.see(part.mn, part)


def _judge_rest(run: Run, batch: Batch, registry: Registry) -> None:
    """Read the frames of a run that are not among its parts yet: pieces by a form, and others one by one."""
    place = sum(part.packets for part in run.taken)
    while place < run.packets:
        known = len(run.taken)
        BULK.joined([(run, place, _form_at(run, place, registry))]).read(0, batch.rows)
        if len(run.taken) == known:
            arrival = run.arrival(place)
            _judge_singles([arrival], batch, registry)
            run.taken.append(arrival)
        place += run.taken[-1].packets


def _form_at(run: Run, place: int, registry: Registry) -> Form | None:
    """The form of one of the frames, where it is known and may come from there."""
    found = cut(run.segment(place), run.dialect)
    form = registry.form(found.key) if found is not None else None
    if form is None or form.enciphered or not holds(form.networks, host(run.peer)):
        return None
    return form


def _judge(arrival: Arrival, batch: Batch, registry: Registry) -> None:
    arrival.begin()
    found = cut(arrival.segment, arrival.dialect) if arrival.error is None else None
    form = registry.form(found.key) if found is not None else None
    if found is None or form is None or not _read_by_form(arrival, form, found, batch):
        _judge_in_full(arrival, batch, registry)
        if found is not None and form is None:
            _learn(arrival, found, registry)


def _read_by_form(arrival: Arrival, form: Form, found: Cut, batch: Batch) -> bool:
    at_home = holds(form.networks, host(arrival.peer)) and arrival.enciphered >= form.enciphered
    if not at_home or not form.read_into(batch.rows, found.values, arrival.received_us):
        return False
    arrival.state, arrival.form, arrival.qn = PacketState.DECODED, form, found.qn
    batch.see(form.mn, arrival)
    return True


def _learn(arrival: Arrival, found: Cut, registry: Registry) -> None:
    """Read the next packets like this one by their form, unless this one had anything odd."""
    message = arrival.message
    if message is None or message.cn not in KIND_OF_COMMAND:
        return
    device = registry.device(arrival.mn)
    if device is None:
        return
    whole = message.pnum in (None, 1)  # parts are counted, so each is read in full
    if whole and arrival.state == PacketState.DECODED and not arrival.note:
        form = learn(message, found, device, registry)
        if form is not None:
            form.enciphered = device.enciphers
            arrival.form, arrival.qn = form, found.qn
            registry.remember(found.key, form)


def _parse(arrival: Arrival) -> None:
    try:
        if arrival.error is None and arrival.message is None:
            arrival.message = parse(arrival.segment, arrival.dialect)
    except Hj212Error as error:
        arrival.error = error.with_traceback(None)  # which holds the whole batch, in a ring that no count resolves
        arrival.error.__context__ = arrival.error.__cause__ = None


def _judge_in_full(arrival: Arrival, batch: Batch, registry: Registry) -> None:
    _parse(arrival)
    if arrival.error is not None:
        arrival.refuse(type(arrival.error).__name__, str(arrival.error))
    elif arrival.message is not None:
        _judge_message(arrival, arrival.message, batch, registry)
    if arrival.fault and arrival.state == PacketState.REJECTED:
        batch.faults.add(arrival, arrival.fault, arrival.note)


def _judge_message(arrival: Arrival, message: Message, batch: Batch, registry: Registry) -> None:
    if not arrival.mn and arrival.speaker and message.cn in ANSWERS:
        arrival.message = message = replace(message, mn=arrival.speaker)
    if not arrival.mn:
        arrival.refuse("MissingField", "found no MN: expected the number of the device")
        return
    if "\0" in arrival.mn:
        arrival.refuse("BadHeader", f"found MN {arrival.mn!r}: expected one without NUL")
        return
    device = registry.device(arrival.mn)
    if device is None:
        arrival.refuse(TOO_MANY, f"found more than {strangers.MOST} unknown devices from one address: expected fewer")
        return
    batch.see(device.mn, arrival)
    judge_of(device, arrival, batch, registry)


def judge_of(device: Known, arrival: Arrival, batch: Batch, registry: Registry) -> None:
    """Take in what a known device says, unless it may not say it so."""
    message = arrival.message
    if message is None:
        return
    if not device.active:
        arrival.state = PacketState.QUARANTINED
    elif not _password_fits(message, device):
        arrival.refuse("BadPassword", f"found another PW: expected the one registered for {device.mn}")
    elif device.enciphers and _lacks_cipher(arrival, message):
        arrival.refuse("NotEnciphered", f"found CN {message.cn} in the clear: expected it under the key of {device.mn}")
    elif not holds(device.networks, host(arrival.peer)):
        expected = ", ".join(map(str, device.networks))
        arrival.refuse("ForeignAddress", f"found address {host(arrival.peer)}: expected one of {expected}")
    else:
        read_packet(arrival, device, batch, registry)
        if message.pw in device.possible and message.pw != device.password:
            batch.proved.add(device.possible[message.pw])


def _lacks_cipher(arrival: Arrival, message: Message) -> bool:
    """Whether a device with a key said in the clear what is to be enciphered; less than a block cannot be."""
    wanted = must_be_enciphered(message.cn, "device-to-host") and can_be_enciphered(arrival.segment)
    return wanted and not arrival.enciphered


def _password_fits(message: Message, device: Known) -> bool:
    """Whether PW is right; answers of the 2005 edition may leave it out."""
    left_out = not message.pw and message.cn in ANSWERS and device.dialect.reply == "2005"
    return not device.password or message.pw == device.password or left_out or message.pw in device.possible


def read_packet(arrival: Arrival, device: Known, batch: Batch, registry: Registry) -> None:
    """Add an active device's packet to the batch's readings; commands without readings are kept as decoded too."""
    message = arrival.message
    arrival.state = PacketState.DECODED
    if message is None:
        return
    for fault, note in listening.parts_of(message, host(arrival.peer), arrival.received_us, registry):
        batch.faults.add(arrival, fault, note)
    if message.cn not in KIND_OF_COMMAND:
        for fault, note in doubts_of_report(message, device.dialect):
            batch.faults.add(arrival, fault, note)
            arrival.fault, arrival.note = fault, note
        batch.told.append((device.id, message, arrival.received_us, device.dialect))
        return
    try:
        doubts = read_into(batch.rows, message, device=device, registry=registry, received_us=arrival.received_us)
    except Hj212Error as error:
        arrival.refuse(type(error).__name__, str(error))
        return
    for fault, note in doubts.found:
        batch.faults.add(arrival, fault, note)
        arrival.fault, arrival.note = fault, note
    if reports(message, device.dialect):  # what it says beside its readings
        batch.told.append((device.id, message, arrival.received_us, device.dialect))
    if doubts.found and not doubts.kept:
        arrival.fault = NO_READING  # of the packet; what was wrong with its parts stands in the note, and is counted


def _mark_seen(batch: Batch, registry: Registry) -> None:
    sql = (
        "UPDATE sensing_device d SET last_seen_at = s.at, last_peer = s.peer, packets = d.packets + s.packets"
        " FROM unnest(%s::int[], %s::int[], %s::timestamptz[], %s::text[]) AS s(id, packets, at, peer)"
        " WHERE d.id = s.id"
    )
    known = {device.id: seen for mn, seen in batch.seen.items() if (device := registry.device(mn)) is not None}
    if not known:
        return
    numbers = sorted(known)
    counts, instants, peers = zip(*(known[number] for number in numbers), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(sql, [numbers, list(counts), [instant(at) for at in instants], list(peers)])
