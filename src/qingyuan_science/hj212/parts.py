"""Which parts of split messages have come, which are missing: a status, because parts are stored as they come."""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, NamedTuple

from qingyuan_science.hj212.errors import BadPart
from qingyuan_science.hj212.message import Message

MOST_PARTS: Final = 9999
"""PNUM has four characters. HJ/T 212-2005, HJ 212-2017. [1]"""


class PartsKey(NamedTuple):
    """What the parts of one message share; `data_time` is QN where DataTime was not sent.

    Not QN, which differs from part to part in the example of HJ 212-2017 C.49.
    """

    mn: str
    st: str
    cn: str
    data_time: str
    pnum: int


@dataclass(frozen=True, slots=True)
class PartsStatus:
    """What has come of a split message.

    `new` says that the last part taken had not been seen before. [`since`, `last`: s, on the collector's clock]
    """

    key: PartsKey
    seen: frozenset[int]
    since: float
    last: float
    new: bool

    @property
    def complete(self) -> bool:
        """Whether all parts have come."""
        return len(self.seen) == self.key.pnum

    @property
    def missing(self) -> tuple[int, ...]:
        """PNO of the parts that have not come, in order."""
        return tuple(number for number in range(1, self.key.pnum + 1) if number not in self.seen)


class PartsCollector:
    """Keeps account of the parts of split messages; keeps none of their content.

    Parameters
    ----------
    patience : float
        How long after its last part a message is given up, or forgotten if it is complete; until then its parts are
        known as duplicates. [s]
    most : int
        How many messages are kept account of; beyond that the one that waited longest is given up. [1]

    Source
    ------
    HJ 212-2017 C.49 and C.50; HJ/T 212-2005. The time to wait is not laid down.

    Examples
    --------
    >>> cp = ((("DataTime", "20160801085857"),),)
    >>> collector = PartsCollector(patience=60)
    >>> collector.take(Message("", "32", "2011", mn="1", flag=6, pnum=2, pno=2, cp=cp), 0.0).missing
    (1,)
    >>> [status.missing for status in collector.expired(61.0)]
    [(1,)]
    """

    def __init__(self, patience: float = 60.0, most: int = 1000) -> None:
        self._patience, self._most = patience, most
        self._known: OrderedDict[PartsKey, PartsStatus] = OrderedDict()
        self._crowded_out: list[PartsStatus] = []

    def __len__(self) -> int:
        return len(self._known)

    def take(self, message: Message, now: float) -> PartsStatus | None:
        """Enter a message.

        Parameters
        ----------
        message : Message
            Any; the fields count and not bit 1 of Flag, which senders set carelessly.
        now : float
            A clock that never goes back. [s]

        Returns
        -------
        PartsStatus or None
            None for a message that is not split: without PNUM and PNO, or one part of one.

        Raises
        ------
        BadPart
            Only one of PNUM and PNO was sent, or they are impossible.
        """
        pnum, pno = message.pnum, message.pno
        if pnum is None and pno is None:
            return None
        if pnum is None or pno is None or not 1 <= pno <= pnum <= MOST_PARTS:
            raise BadPart(f"PNO {pno} of PNUM {pnum}", f"1 to PNUM, and PNUM up to {MOST_PARTS}")
        if pnum == 1:
            return None
        key = PartsKey(message.mn, message.st, message.cn, message.data_time or message.qn, pnum)
        before = self._known.pop(key, None)
        if before is not None and before.last + self._patience < now:
            self._crowded_out += [] if before.complete else [before]
            before = None
        seen = before.seen if before else frozenset[int]()
        status = PartsStatus(key, seen | {pno}, before.since if before else now, now, pno not in seen)
        self._known[key] = status
        if len(self._known) > self._most:
            _, oldest = self._known.popitem(last=False)
            self._crowded_out += [] if oldest.complete else [oldest]
            del self._crowded_out[: -self._most]
        return status

    def expired(self, now: float) -> tuple[PartsStatus, ...]:
        """Give up what waited too long.

        Parameters
        ----------
        now : float
            The clock of `take`. [s]

        Returns
        -------
        tuple of PartsStatus
            Messages with parts missing that will not be waited for any more, those that had to make room included;
            each is told once. Complete ones are forgotten without a word.
        """
        given_up, self._crowded_out = self._crowded_out, []
        while self._known:
            key, status = next(iter(self._known.items()))
            if status.last + self._patience >= now:
                break
            del self._known[key]
            given_up += [] if status.complete else [status]
        return tuple(given_up)
