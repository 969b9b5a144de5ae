"""The tree against the reference vectors of RFC 6962 (certificate-transparency), and against its own definition."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qingyuan.kit import merkle
from qingyuan.kit.verifier import verify_bundle as verifier

# certificate-transparency, cpp/merkletree/merkle_tree_test.cc: inputs d0 to d7, and the root over the first n of them
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
# the same file: paths (leaf from 1, size) and proofs (old size, new size)
PATHS = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (3, 3): ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    (2, 5): [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
BRIDGES = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}


def leaves_of(bodies: list[bytes]) -> list[bytes]:
    return [merkle.leaf_hash(body) for body in bodies]


TREE = merkle.nodes_of(leaves_of(INPUTS))


def plain_root(bodies: list[bytes]) -> bytes:
    """RFC 6962 section 2.1, word for word."""
    if not bodies:
        return sha256(b"").digest()
    if len(bodies) == 1:
        return sha256(b"\0" + bodies[0]).digest()
    k = 1
    while 2 * k < len(bodies):
        k *= 2
    return sha256(b"\1" + plain_root(bodies[:k]) + plain_root(bodies[k:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_are_those_of_the_reference(size: int) -> None:
    assert merkle.root(size, TREE).hex() == ROOTS[size - 1]
    assert merkle.root_of(leaves_of(INPUTS[:size])).hex() == ROOTS[size - 1]


def test_the_root_of_nothing_is_the_hash_of_nothing() -> None:
    expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.root(0, TREE).hex() == merkle.root_of([]).hex() == expected


@pytest.mark.parametrize(("leaf", "size"), PATHS)
def test_paths_are_those_of_the_reference(leaf: int, size: int) -> None:
    path = merkle.inclusion_proof(leaf - 1, size, TREE)
    assert [step.hex() for step in path] == PATHS[leaf, size]
    root = verifier.root_by_path(merkle.leaf_hash(INPUTS[leaf - 1]), leaf - 1, size, path)
    assert root is not None
    assert root.hex() == ROOTS[size - 1]


@pytest.mark.parametrize(("old", "new"), BRIDGES)
def test_proofs_of_growth_are_those_of_the_reference(old: int, new: int) -> None:
    proof = merkle.consistency_proof(old, new, TREE)
    assert [step.hex() for step in proof] == BRIDGES[old, new]
    heads = [(size, bytes.fromhex(ROOTS[size - 1])) for size in (old, new)]
    assert verifier.begins_with(heads[0], heads[1], proof)


bodies = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


@given(bodies)
def test_a_tree_grown_leaf_by_leaf_has_the_root_of_the_definition(found: list[bytes]) -> None:
    tree = merkle.nodes_of(leaves_of(found))
    assert merkle.root(len(found), tree) == plain_root(found)
    assert merkle.root_of(leaves_of(found)) == plain_root(found)


@given(bodies, st.data())
def test_every_leaf_is_proven_and_nothing_else_is(found: list[bytes], data: st.DataObject) -> None:
    size = len(found)
    index = data.draw(st.integers(0, size - 1))
    tree = merkle.nodes_of(leaves_of(found))
    path = merkle.inclusion_proof(index, size, tree)
    leaf, root = merkle.leaf_hash(found[index]), plain_root(found)
    assert len(path) <= (size - 1).bit_length()
    assert verifier.root_by_path(leaf, index, size, path) == root
    assert verifier.root_by_path(merkle.leaf_hash(found[index] + b"!"), index, size, path) != root
    assert verifier.root_by_path(leaf, index, size, [*path, bytes(32)]) is None
    if path:
        assert verifier.root_by_path(leaf, index, size, path[:-1]) is None
        place = data.draw(st.integers(0, len(path) - 1))
        assert verifier.root_by_path(leaf, index, size, [*path[:place], bytes(32), *path[place + 1 :]]) != root
    if size > 1:
        other = data.draw(st.integers(0, size - 1).filter(lambda one: one != index))
        alike = verifier.root_by_path(leaf, other, size, path) == root
        assert not alike or found[other] == found[index]


@given(bodies, st.data())
def test_growth_is_proven_and_a_changed_beginning_is_not(found: list[bytes], data: st.DataObject) -> None:
    new = len(found)
    old = data.draw(st.integers(1, new))
    tree = merkle.nodes_of(leaves_of(found))
    proof = merkle.consistency_proof(old, new, tree)
    before, after = (old, plain_root(found[:old])), (new, plain_root(found))
    assert verifier.begins_with(before, after, proof)
    assert not verifier.begins_with((old, bytes(32)), after, proof)
    assert not verifier.begins_with(before, (new, bytes(32)), proof)
    changed = [*found[: old - 1], found[old - 1] + b"!", *found[old:]]
    forged = merkle.nodes_of(leaves_of(changed))
    proof_of_forgery = merkle.consistency_proof(old, new, forged)
    assert not verifier.begins_with(before, (new, plain_root(changed)), proof_of_forgery)
    if proof:
        assert not verifier.begins_with(before, after, proof[:-1])
        assert not verifier.begins_with(before, after, [*proof, bytes(32)])


@given(bodies, st.data())
def test_what_a_proof_will_ask_for_is_known_before(found: list[bytes], data: st.DataObject) -> None:
    size = len(found)
    index = data.draw(st.integers(0, size - 1))
    places = merkle.places_for(lambda node: merkle.inclusion_proof(index, size, node))
    tree = merkle.nodes_of(leaves_of(found))
    fetched = {place: tree(*place) for place in places}
    proof = merkle.inclusion_proof(index, size, lambda level, position: fetched[level, position])
    assert proof == merkle.inclusion_proof(index, size, tree)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 3)])
def test_a_leaf_that_the_tree_does_not_have_is_refused(index: int, size: int) -> None:
    with pytest.raises(merkle.BadPlace, match=f"leaf {index}: expected one of a tree of {size}"):
        merkle.inclusion_proof(index, size, TREE)


@pytest.mark.parametrize(("old", "new"), [(0, 3), (4, 3)])
def test_a_size_that_the_tree_never_had_is_refused(old: int, new: int) -> None:
    with pytest.raises(merkle.BadPlace, match=f"size {old}: expected 1 to {new}"):
        merkle.consistency_proof(old, new, TREE)
