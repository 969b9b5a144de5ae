"""A sender as HJ 212 wants it: it forgets a packet once that was answered with 9014, and sends it again until then."""

import re
import socket
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from machine import HOST
from wire import frame

AGAIN_S = 1.0
WINDOW = 12
SHANGHAI = timedelta(hours=8)
_ANSWER = re.compile(rb"QN=(\d{17});ST=91;CN=9014")


@dataclass(frozen=True)
class Packet:
    """A packet with one value, which no other packet has."""

    qn: str
    mn: str
    kind: str
    at: datetime
    value: float
    data: bytes


def packets(mn: str, first: datetime, serial: int) -> Iterator[Packet]:
    """Hours, each with its minutes, without an end; every QN and every value occurs once among serials up to 100."""
    number = 0
    while True:
        hour = first + timedelta(hours=number // 60)
        kind, at = ("h", hour) if number % 60 == 0 else ("m", hour + timedelta(minutes=number % 60))
        cn = "2061" if kind == "h" else "2051"
        value = serial + number / 1_000_000
        sent = f"{at + SHANGHAI:%Y%m%d%H%M%S}"
        qn = f"{sent}{serial:03d}"
        data = f"DataTime={sent};w01018-Cou=1.5,w01018-Avg={value:.6f},w01018-Flag=N"
        segment = f"QN={qn};ST=32;CN={cn};PW=123456;MN={mn};Flag=5;CP=&&{data}&&"
        yield Packet(qn, mn, kind, at, value, frame(segment))
        number += 1


@dataclass
class Stubborn:
    """One device with one connection, in a thread of its own, until it is told to come to an end."""

    port: int
    source: Iterator[Packet]
    acknowledged: dict[str, Packet] = field(default_factory=dict)
    waiting: dict[str, Packet] = field(default_factory=dict)
    resent: int = 0
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self._live, daemon=True)
        self.thread.start()

    def finish(self, patience: float) -> None:
        """Send nothing new; wait until everything sent is answered."""
        self.ending.set()
        self.thread.join(patience)
        assert not self.thread.is_alive(), f"{len(self.waiting)} packets were never answered"

    def _live(self) -> None:
        while self.waiting or not self.ending.is_set():
            try:
                with socket.create_connection((HOST, self.port), timeout=0.2) as line:
                    self._talk(line)
            except OSError:
                time.sleep(0.05)

    def _talk(self, line: socket.socket) -> None:
        """On one connection: all that still waits again, then what is new."""
        heard, due = b"", deque(self.waiting.values())
        self.resent += len(due)
        sent_at = time.monotonic()
        while self.waiting or not self.ending.is_set():
            if not due and time.monotonic() - sent_at > AGAIN_S:
                due.extend(self.waiting.values())
                self.resent += len(due)
            while len(self.waiting) < WINDOW and not self.ending.is_set():
                packet = next(self.source)
                self.waiting[packet.qn] = packet
                due.append(packet)
            if due:
                line.sendall(b"".join(packet.data for packet in due))
                due.clear()
                sent_at = time.monotonic()
            heard = self._hear(line, heard)

    def _hear(self, line: socket.socket, heard: bytes) -> bytes:
        try:
            more = line.recv(65_536)
        except TimeoutError:
            return heard
        if not more:
            raise ConnectionResetError("the gateway is gone")
        whole, mark, rest = (heard + more).rpartition(b"\r\n")
        for qn in _ANSWER.findall(whole):
            packet = self.waiting.pop(qn.decode(), None)
            if packet is not None:
                self.acknowledged[packet.qn] = packet
        return rest if mark else heard + more


def beginning() -> datetime:
    """Three weeks ago, so that a long stream still lies in the past."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=21)
