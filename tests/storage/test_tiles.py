"""The log's tiles are those of C2SP; proofs from them are those of RFC 6962; a torn or foreign tile is no tile."""

from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import BrokenTrail
from storage import log, tiles
from storage.folder import FolderObjects
from storage.tiles import ENTRIES, Edge, Tiles, name_of
from tests.storage.test_log import INPUTS, LEAVES, ROOTS

UNTIL = datetime(2040, 1, 1, tzinfo=UTC)


def grown(count: int, edge: Edge | None = None) -> Edge:
    edge = edge or Edge()
    for number in range(edge.size, count):
        edge.append(f"entry {number}".encode())
    return edge


def leaves(count: int) -> list[bytes]:
    return [log.leaf_hash(f"entry {number}".encode()) for number in range(count)]


@pytest.mark.parametrize(
    ("level", "index", "width", "name"),
    [
        (0, 0, 256, "000"),
        (0, 273, 112, "273.p/112"),
        (1, 1, 17, "001.p/17"),
        (2, 0, 1, "000.p/1"),
        (0, 1234067, 256, "x001/x234/067"),
        (0, 1000, 1, "x001/000.p/1"),
    ],
)
def test_names_are_those_of_the_specification(level: int, index: int, width: int, name: str):
    assert name_of(level, index, width) == f"log/tile/{level}/{name}"
    assert name_of(ENTRIES, index, width) == f"log/tile/entries/{name}"


def test_a_log_of_70_000_leaves_has_the_tiles_of_the_specifications_example():
    """C2SP tlog-tiles: 256 · 273 + 112; 256 · 256 · 1 + …; partial tiles 0/273.p/112, 1/001.p/17, 2/000.p/1."""
    new = grown(70_000).unwritten()
    assert len({one.name for one in new}) == len(new)
    assert {one.name.removeprefix("log/tile/") for one in new if not one.full} == {
        "0/273.p/112",
        "1/001.p/17",
        "2/000.p/1",
        "entries/273.p/112",
    }
    assert {one.name.removeprefix("log/tile/") for one in new if one.full} == {
        *(f"{kind}/{index:03d}" for kind in (0, "entries") for index in range(273)),
        "1/000",
    }
    assert {len(one.body) for one in new if one.full and one.level != ENTRIES} == {8192}


@pytest.mark.parametrize("size", range(1, 9))
def test_roots_and_proofs_from_tiles_are_the_published_ones(size: int, tmp_path: Path):
    edge, objects = Edge(), FolderObjects(tmp_path)
    for data in INPUTS[:size]:
        edge.append(bytes.fromhex(data))
    tiles.publish(objects, edge.unwritten())
    told = Tiles(objects, size)

    assert edge.root().hex() == told.root().hex() == ROOTS[size]
    for index in range(size):
        assert told.inclusion(index) == log.inclusion(LEAVES[:size], index)
    for old in range(size + 1):
        assert told.consistency(old) == log.consistency(LEAVES[:size], old)


@pytest.mark.parametrize("forgets", [True, False])
def test_a_log_grown_in_pieces_and_taken_up_from_the_store_has_the_tiles_of_one_grown_at_once(
    tmp_path: Path, forgets: bool
):
    objects, edge, unfilled = FolderObjects(tmp_path), Edge(), tiles.Unfilled()
    sizes = [1, 2, 255, 256, 257, 511, 512, 700, 65_535, 65_536, 65_537, 66_000]
    all_leaves = leaves(66_000)
    tree = log.Tree(all_leaves)
    for size in sizes:
        grown(size, edge)
        new = edge.unwritten()
        marks = tiles.publish(objects, new)
        unfilled.add(marks)
        tiles.lock(objects, marks, UNTIL)
        unfilled.sweep(objects, marks)
        if forgets:
            unfilled = tiles.Unfilled(size)
        again = tiles.restored(objects, size, tree.root(size))
        assert (again.levels, again.entries, again.peaks()) == (edge.levels, edge.entries, edge.peaks())
        told = Tiles(objects, size)
        for index in {0, size // 2, size - 1}:
            assert told.inclusion(index) == tree.inclusion(index, size)
        for old in sizes:
            if old <= size:
                assert told.consistency(old) == tree.consistency(old, size)
                assert told.root(old) == tree.root(old)
        edge = again
    once = {one.name: one.body for one in grown(66_000).unwritten()}
    there = {one.key: objects.read(one.key, tiles.LARGEST) for one in objects.keys(tiles.PREFIX)}
    assert there == once  # and nothing that is half full beside its full one


@given(st.lists(st.binary(max_size=300), max_size=20))
@settings(max_examples=60, deadline=None)
def test_a_bundle_gives_back_its_entries(entries: list[bytes]):
    raw = tiles.bundled(entries)
    assert tiles.unbundled(raw) == entries
    if raw:
        with pytest.raises(ValueError, match="within an entry"):
            tiles.unbundled(raw + b"\x00\x05abcd")


def test_an_entry_that_no_bundle_can_hold_is_not_appended():
    with pytest.raises(ValueError, match="64 KB"):
        Edge().append(bytes(65_536))
    Edge().append(bytes(65_535))


@pytest.mark.parametrize("kind", ["missing", "short", "other", "entries", "torn"])
def test_an_edge_that_is_not_the_signed_one_is_not_taken_up(kind: str, tmp_path: Path):
    edge = grown(300)
    new = {one.name: one.body for one in edge.unwritten()}
    hashes, bundle = name_of(0, 1, 44), name_of(ENTRIES, 1, 44)
    if kind == "missing":
        del new[hashes]
    elif kind == "short":
        new[hashes] = new[hashes][:-32]
    elif kind == "other":
        new[hashes] = bytes(32) + new[hashes][32:]
    elif kind == "entries":
        new[bundle] = new[bundle].replace(b"entry 299", b"entry 999")
    else:
        new[bundle] = new[bundle][:-1]
    objects = FolderObjects(tmp_path)
    for name, body in new.items():
        objects.put(name, BytesIO(body), len(body), tiles.hashlib.sha256(body).hexdigest())
    with pytest.raises(BrokenTrail) as broken:
        tiles.restored(objects, 300, edge.root())
    assert broken.value.facts["why"] == "tiles"


@pytest.mark.parametrize("size", [300, 511, 512, 65_700])
def test_what_is_longer_than_the_log_goes_and_nothing_else(size: int, tmp_path: Path):
    objects = FolderObjects(tmp_path)
    tiles.publish(objects, grown(size).unwritten())
    once = {one.key for one in objects.keys("log/")}
    tiles.publish(objects, grown(66_000).unwritten())
    assert tiles.drop_beyond(objects, size) > 0
    left = {one.key for one in objects.keys("log/")}
    assert once <= left
    assert all(tiles.reaching(one)[1] <= size >> 8 * max(tiles.reaching(one)[0], 0) for one in left)
    assert {one for one in left if ".p/" not in one} == set(tiles.full(objects, size))


def test_another_tile_under_a_name_is_never_written(tmp_path: Path):
    objects = FolderObjects(tmp_path)
    tiles.publish(objects, grown(300).unwritten())
    other = Edge()
    for number in range(300):
        other.append(f"forged {number}".encode())
    with pytest.raises(BrokenTrail):
        tiles.publish(objects, other.unwritten())
