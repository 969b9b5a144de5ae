"""The arithmetic of a Merkle tree as RFC 6962 and RFC 9162 (section 2.1) define it; knows no database.

A tree is known by its complete subtrees: `(level, position)` is the one over the 2^level leaves from leaf
`position * 2^level` on, and level 0 are the leaves' own hashes. A root or a proof of a tree of n leaves is made of some
log n of them, so whoever calls hands over a function that fetches one.
"""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Place = tuple[int, int]
Node = Callable[[int, int], bytes]


class BadPlace(ValueError):
    """A leaf or a size that the tree does not have."""


def leaf_hash(*parts: bytes) -> bytes:
    """Hash of a leaf that is these parts, one behind the other. [32 bytes]"""
    hashed = sha256(b"\0")
    for part in parts:
        hashed.update(part)
    return hashed.digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node over its two children. [32 bytes]"""
    return sha256(b"\1" + left + right).digest()


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Root over the hashes of all leaves; of an empty tree the hash of nothing."""
    if not leaves:
        return sha256(b"").digest()
    level = list(leaves)
    while len(level) > 1:
        pairs = [sha256(b"\1" + a + b).digest() for a, b in zip(level[::2], level[1::2], strict=False)]
        level = pairs + level[len(pairs) * 2 :]
    return level[0]


def nodes_of(leaves: Sequence[bytes]) -> Node:
    """The nodes of the tree over a list of leaves' hashes, kept in memory."""
    nodes: dict[Place, bytes] = {}

    def node(level: int, position: int) -> bytes:
        return nodes[level, position]

    for index, leaf in enumerate(leaves):
        nodes[0, index] = leaf
        nodes.update(grown(index, leaf, node))
    return node


def root(size: int, node: Node) -> bytes:
    """Root of the tree over the first `size` leaves."""
    return _over(0, size, node) if size else sha256(b"").digest()


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """The hashes that lead from leaf `index` (from 0) up to the root of the tree over `size` leaves.

    Raises
    ------
    BadPlace
        There is no such leaf.
    """
    if not 0 <= index < size:
        raise BadPlace(f"leaf {index}: expected one of a tree of {size}")
    return list(_path(index, (0, size), node))


def consistency_proof(old: int, new: int, node: Node) -> list[bytes]:
    """The hashes that show the tree over `new` leaves to begin with the tree over `old` leaves.

    Raises
    ------
    BadPlace
        The old size is not between 1 and the new one.
    """
    if not 0 < old <= new:
        raise BadPlace(f"size {old}: expected 1 to {new}")
    return list(_bridge(old, (0, new), node, whole=True))


def grown(index: int, leaf: bytes, node: Node) -> Iterator[tuple[Place, bytes]]:
    """The inner nodes that leaf `index` completes when it is appended, from the lowest on."""
    level, position, found = 0, index, leaf
    while position & 1:
        found = node_hash(node(level, position - 1), found)
        level, position = level + 1, position >> 1
        yield (level, position), found


def places_for(proof: Callable[[Node], object]) -> set[Place]:
    """Which nodes a computation will ask for, so that they can be fetched at once."""
    places: set[Place] = set()

    def note(level: int, position: int) -> bytes:
        places.add((level, position))
        return b""

    proof(note)
    return places


def _over(begin: int, end: int, node: Node) -> bytes:
    """Hash of the subtree over leaves `begin` to `end`, which the recursion keeps aligned."""
    size = end - begin
    if size & (size - 1) == 0:
        return node(size.bit_length() - 1, begin // size)
    middle = begin + _split(size)
    return node_hash(_over(begin, middle, node), _over(middle, end, node))


def _path(index: int, span: tuple[int, int], node: Node) -> Iterator[bytes]:
    begin, end = span
    if end - begin == 1:
        return
    middle = begin + _split(end - begin)
    if index < middle:
        yield from _path(index, (begin, middle), node)
        yield _over(middle, end, node)
    else:
        yield from _path(index, (middle, end), node)
        yield _over(begin, middle, node)


def _bridge(old: int, span: tuple[int, int], node: Node, *, whole: bool) -> Iterator[bytes]:
    begin, end = span
    if old == end:
        if not whole:
            yield _over(begin, end, node)
        return
    middle = begin + _split(end - begin)
    if old <= middle:
        yield from _bridge(old, (begin, middle), node, whole=whole)
        yield _over(middle, end, node)
    else:
        yield from _bridge(old, (middle, end), node, whole=False)
        yield _over(begin, middle, node)


def _split(size: int) -> int:
    """The largest power of two below `size`."""
    return 1 << ((size - 1).bit_length() - 1)
