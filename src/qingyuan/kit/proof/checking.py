"""Walking the log: every line against its hash, every hash against the tree, the tree against heads kept elsewhere."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import connection

from qingyuan.kit import canonical, merkle
from qingyuan.kit.merkle import Place
from qingyuan.kit.models import Entry
from qingyuan.kit.proof import leaf, tree
from qingyuan.kit.proof.tree import Head

CHUNK = 2000


@dataclass(frozen=True)
class Anchored:
    """A head that was kept elsewhere, and where."""

    head: Head
    where: str


@dataclass
class Found:
    """What a walk over the log found."""

    lines: int = 0
    anchors: int = 0
    faults: list[str] = field(default_factory=list)


@dataclass
class _Walk:
    """The walk itself: `peaks` are the largest complete subtrees so far by level, None where a line is missing."""

    anchors: "deque[Anchored]"
    found: Found = field(default_factory=Found)
    next: int = 1
    peaks: dict[int, bytes | None] = field(default_factory=dict)
    computed: dict[Place, bytes | None] = field(default_factory=dict)
    wrong: set[Place] = field(default_factory=set)

    def take(self, entry: Entry) -> None:
        """One more line."""
        if entry.seq < self.next:
            self._fault(f"line {entry.seq} has a number that no line can have")
            return
        if entry.seq > self.next:
            self._skip_to(entry.seq)
        if merkle.leaf_hash(leaf.body(entry, canonical.text(entry.detail))) != bytes(entry.hash):
            self._fault(f"line {entry.seq} ({entry.act} {entry.subject}) was changed after it was written")
        self._grow(entry.seq - 1, bytes(entry.hash))
        self.found.lines += 1
        self.next = entry.seq + 1
        self._compare_anchors()
        if len(self.computed) >= CHUNK:
            self.compare_nodes()

    def _skip_to(self, number: int) -> None:
        last = number - 1
        gap = f"line {last} is" if last == self.next else f"lines {self.next} to {last} are"
        self._fault(f"{gap} missing: found line {number} in their place")
        self.peaks = {level: None for level in range(last.bit_length()) if last >> level & 1}
        self.next = number

    def _grow(self, index: int, hashed: bytes) -> None:
        level, position = 0, index
        top: bytes | None = hashed
        while position & 1:
            left = self.peaks.pop(level, None)
            top = merkle.node_hash(left, top) if left is not None and top is not None else None
            level, position = level + 1, position >> 1
            self.computed[level, position] = top
        self.peaks[level] = top

    def compare_nodes(self) -> None:
        """Hold what was computed against what is stored; of nested differences the innermost is told."""
        stored = tree.stored(self.computed)
        for place in sorted(self.computed):
            level, position = place
            expected = self.computed[place]
            if expected is not None and stored.get(place) != expected:
                if not {(level - 1, 2 * position), (level - 1, 2 * position + 1)} & self.wrong:
                    self._fault(_wrong_node(level, position, missing=place not in stored))
                self.wrong.add(place)
        self.computed.clear()

    def _compare_anchors(self) -> None:
        while self.anchors and self.anchors[0].head.size < self.next:
            anchored = self.anchors.popleft()
            self.found.anchors += 1
            if anchored.head.size == self.next - 1 and self._root() not in (None, anchored.head.root):
                self._fault(
                    f"lines 1 to {anchored.head.size} are not those whose head was kept ({anchored.where}):"
                    " one of them was changed since"
                )

    def _root(self) -> bytes | None:
        top: bytes | None = None
        for level in sorted(self.peaks):
            peak = self.peaks[level]
            if peak is None:
                return None
            top = peak if top is None else merkle.node_hash(peak, top)
        return top

    def finish(self) -> Found:
        self.compare_nodes()
        size = self.next - 1
        reaches = _reach_of_nodes()
        if reaches > size:
            self._fault(
                f"the tree was made over at least {reaches} lines, the log ends with line {size}: its end is cut"
            )
        for anchored in self.anchors:
            wanted = anchored.head.size
            self._fault(f"a head over {wanted} lines was kept ({anchored.where}), the log ends with line {size}: cut")
        return self.found

    def _fault(self, text: str) -> None:
        self.found.faults.append(text)


def check(anchors: Iterable[Anchored] = ()) -> Found:
    """Walk the log from its first line to its last; what is wrong is told line by line.

    Parameters
    ----------
    anchors : iterable of Anchored
        Heads kept outside of the database.
    """
    once = {(one.head.size, one.head.root): one for one in anchors if one.head.size}
    walk = _Walk(deque(sorted(once.values(), key=lambda one: one.head.size)))
    for entry in Entry.objects.order_by("seq").iterator(chunk_size=CHUNK):
        walk.take(entry)
    return walk.finish()


def _wrong_node(level: int, position: int, *, missing: bool) -> str:
    first, last = (position << level) + 1, (position + 1) << level
    if missing:
        return f"the tree has no node over lines {first} to {last}"
    return f"lines {first} to {last} are not those of which the tree was made: one was changed, moved or put in"


def _reach_of_nodes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max((position + 1) << level::int), 0) FROM kit_node")
        return int(cursor.fetchone()[0])
