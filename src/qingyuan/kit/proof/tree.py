"""Heads and proofs of the log's tree as it stands in the database."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import partial

from django.db import connection
from django.db.models import Max

from qingyuan.kit import merkle
from qingyuan.kit.errors import LogBroken
from qingyuan.kit.merkle import Node, Place
from qingyuan.kit.models import Entry

_LEAVES = "SELECT seq - 1, hash FROM kit_entry WHERE seq = ANY(%s)"
_NODES = (
    "SELECT n.level, n.position, n.hash FROM unnest(%s::smallint[], %s::bigint[]) AS wanted (level, position)"
    " JOIN kit_node n USING (level, position)"
)


@dataclass(frozen=True, order=True)
class Head:
    """What stands for the first `size` lines of the log: the root of the tree over them."""

    size: int
    root: bytes


def head(size: int | None = None) -> Head:
    """The head over the first `size` lines; over all of them when left out."""
    if size is None:
        size = Entry.objects.aggregate(newest=Max("seq"))["newest"] or 0
    nodes = stored(merkle.places_for(partial(merkle.root, size)))
    return Head(size, merkle.root(size, _from(nodes)))


def inclusion(numbers: Collection[int], size: int) -> dict[int, list[bytes]]:
    """For each line the hashes that lead from it up to the head over `size` lines."""
    wanted: set[Place] = set()
    for number in numbers:
        wanted |= merkle.places_for(partial(merkle.inclusion_proof, number - 1, size))
    node = _from(stored(wanted))
    return {number: merkle.inclusion_proof(number - 1, size, node) for number in numbers}


def consistency(sizes: Collection[int], size: int) -> dict[int, list[bytes]]:
    """For each older size the hashes that show the log of `size` lines to begin with the log of that many."""
    wanted: set[Place] = set()
    for old in sizes:
        wanted |= merkle.places_for(partial(merkle.consistency_proof, old, size))
    node = _from(stored(wanted))
    return {old: merkle.consistency_proof(old, size, node) for old in sizes}


def stored(places: Iterable[Place]) -> dict[Place, bytes]:
    """The nodes of the tree at these places, as far as they stand there; leaves stand with their lines."""
    leaves, levels, positions = [], [], []
    for level, position in places:
        if level == 0:
            leaves.append(position + 1)
        else:
            levels.append(level)
            positions.append(position)
    found: dict[Place, bytes] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LEAVES, [leaves])
        found.update({(0, position): bytes(hashed) for position, hashed in cursor.fetchall()})
        cursor.execute(_NODES, [levels, positions])
        found.update({(level, position): bytes(hashed) for level, position, hashed in cursor.fetchall()})
    return found


def _from(nodes: dict[Place, bytes]) -> Node:
    def node(level: int, position: int) -> bytes:
        found = nodes.get((level, position))
        if found is None:
            first, last = (position << level) + 1, (position + 1) << level
            raise LogBroken(f"the tree has no node over lines {first} to {last}: run `qingyuan verify`")
        return found

    return node
