"""A payload on its way into the database."""

from dataclasses import dataclass, field

from qingyuan.sensing.connector import LONGEST_ADDRESS, Payload, Read
from qingyuan.sensing.logic.journalkeeping.staging import StagedJournal
from qingyuan.sensing.logic.recordkeeping.staging import Staged
from qingyuan.sensing.logic.recordkeeping.storing import Merged
from qingyuan.sensing.models import Camera, Footage, PacketState

UNKNOWN = "UnknownName"


@dataclass
class Delivery:
    """One payload, and what became of it.

    `readings` and `scans` count what was stored of it, `records` the rows of a list that could be read,
    `faults` is what is wrong, as (error, detail); `read` is what it says, `refused` why parts of that were not stored.
    What `camera` filmed is `footage`, not always new; `receipt` stands for it among the raw packets. Rows of a list are
    `staged`, then `merged` with those that are known.
    """

    payload: Payload
    mn: str
    cn: str
    state: PacketState = PacketState.DECODED
    fault: str = ""
    note: str = ""
    readings: int = 0
    records: int = 0
    scans: int = 0
    noise: bool = False
    read: Read = field(default_factory=Read)
    refused: dict[str, str] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)
    receipt: bytes = b""
    camera: Camera | None = None
    footage: Footage | None = None
    is_new: bool = True
    staged: Staged | StagedJournal | None = None
    merged: Merged | None = None

    @property
    def waiting(self) -> int:
        """How many observations wait until somebody says what their names mean."""
        return sum(fault == UNKNOWN for fault, _ in self.faults)

    @property
    def raw(self) -> bytes:
        return self.receipt or self.payload.raw

    @property
    def packets(self) -> int:
        return 1

    @property
    def peer(self) -> str:
        return self.payload.address[:LONGEST_ADDRESS]

    @property
    def received_us(self) -> int:
        return self.payload.received_us

    def end(self, state: PacketState, fault: str, note: str) -> None:
        self.state, self.fault, self.note = state, fault, note
