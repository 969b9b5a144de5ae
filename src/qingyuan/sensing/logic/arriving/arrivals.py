"""What comes out of a connection: single frames, and runs of sound frames that came in one read."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from qingyuan.sensing.logic.forms import Form
from qingyuan.sensing.models import PacketState
from qingyuan.sensing.queries import named_in
from qingyuan_science.hj212 import STANDARD, Dialect, Hj212Error, Message
from qingyuan_science.hj212.bulk.layout import AROUND, QN_LENGTH, Integers

TOO_MANY = "TooManyStrangers"


@dataclass(slots=True)
class Arrival:
    """A frame as it came, and what became of it. It has no `message` when read by a known form, or when in `error`."""

    raw: bytes
    peer: str
    received_us: int
    segment: bytes = b""
    dialect: Dialect = STANDARD
    speaker: str = ""
    enciphered: bool = False
    message: Message | None = None
    error: Hj212Error | None = None
    state: PacketState = PacketState.REJECTED
    fault: str = ""
    note: str = ""
    form: Form | None = None
    qn: bytes = b""
    _named: str | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def named(self) -> str:
        """The number of the device that its bytes name, looked for once; nothing proves it."""
        if self._named is None:
            self._named = named_in(self.raw)
        return self._named

    @property
    def mn(self) -> str:
        """The number of its device; of what cannot be read the one that its bytes name, so that it is found again."""
        if self.message is None:
            return self.form.mn if self.form else self.named
        return self.message.mn[:64]

    @property
    def cn(self) -> str:
        if self.message is None:
            return self.form.cn if self.form else ""
        return self.message.cn[:8]

    @property
    def noise(self) -> bool:
        return self.state == PacketState.REJECTED and (self.message is None or self.fault == TOO_MANY)

    def arrivals(self) -> "list[Arrival]":
        """Itself: something that arrived may be several frames."""
        return [self]

    @property
    def packets(self) -> int:
        """How many packets it is."""
        return 1

    def parts(self) -> "Iterator[Arrival | Piece]":
        """Itself: what arrived together may fall into parts."""
        yield self

    def begin(self) -> None:
        """Forget what an attempt that failed said."""
        self.state, self.fault, self.note, self.form = PacketState.REJECTED, "", "", None

    def refuse(self, fault: str, note: str) -> None:
        self.state, self.fault, self.note = PacketState.REJECTED, fault, note


@dataclass
class Run:
    """Sound frames of one sender that came in one read, end to end.

    `edges` says where the first begins, and where each ends. `taken` are the parts that they fell into when they were
    taken in: pieces that were read by a form, single frames.
    """

    raw: bytes
    edges: Integers
    peer: str
    received_us: int
    dialect: Dialect
    speaker: str
    taken: "list[Arrival | Piece]" = field(default_factory=list)

    @property
    def named(self) -> str:
        """The number of the device that its first bytes name; nothing proves it."""
        return named_in(self.raw)

    @property
    def packets(self) -> int:
        """How many packets they are."""
        return len(self.edges) - 1

    def behind(self, place: int) -> tuple[bytes, Integers]:
        """The frames from one on, end to end: where the first of them begins, and where each ends."""
        if not place:
            return self.raw, self.edges
        return self.raw[self.edges[place] :], self.edges[place:] - self.edges[place]

    def arrival(self, place: int) -> Arrival:
        """One of the frames by itself."""
        return self.single(self.raw[self.edges[place] : self.edges[place + 1]])

    def segment(self, place: int) -> bytes:
        """The data segment of one of the frames."""
        return self.raw[self.edges[place] + AROUND : self.edges[place + 1] - AROUND]

    def single(self, raw: bytes) -> Arrival:
        """A frame of the run by itself."""
        return Arrival(raw, self.peer, self.received_us, raw[AROUND:-AROUND], self.dialect, self.speaker)

    def arrivals(self) -> list[Arrival]:
        """The frames one by one."""
        return [self.arrival(place) for place in range(self.packets)]

    def parts(self) -> "Iterator[Arrival | Piece]":
        """What the frames fell into."""
        yield from self.taken

    def begin(self) -> None:
        """Forget what an attempt that failed said, or what is done with: parts and run name each other."""
        self.taken = []


@dataclass
class Piece:
    """Frames of a run, one after the other, that were read by one form; the first begins at the first of `edges`."""

    run: Run
    edges: Integers
    form: Form
    message = None
    fault = note = ""
    noise = False
    state = PacketState.DECODED

    @property
    def packets(self) -> int:
        """How many packets they are."""
        return len(self.edges) - 1

    @property
    def starts(self) -> Integers:
        """Where the frames begin."""
        return self.edges[:-1]

    def arrivals(self) -> list[Arrival]:
        """The frames one by one, as they would be if each had come by itself."""
        return [self._single(self.run.raw[start:end]) for start, end in pairwise(self.edges.tolist())]

    def _single(self, raw: bytes) -> Arrival:
        arrival = self.run.single(raw)
        arrival.state, arrival.form, arrival.qn = self.state, self.form, arrival.segment[3 : 3 + QN_LENGTH]
        return arrival

    @property
    def raw(self) -> bytes:
        return self.run.raw[self.edges[0] : self.edges[-1]]

    @property
    def peer(self) -> str:
        return self.run.peer

    @property
    def received_us(self) -> int:
        return self.run.received_us

    @property
    def mn(self) -> str:
        return self.form.mn

    @property
    def cn(self) -> str:
        return self.form.cn
