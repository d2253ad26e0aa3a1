"""What every store keeps to: content comes back unaltered, is kept once, is checked, is whole or absent."""

import json
import resource
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mintmark import digest
from mintmark.digest import Digest
from mintmark.errors import LedgerError, StorageError
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.objects import Objects

TABLE = pa.table({"n": pa.array(range(50_000), pa.int32()), "word": [f"w{i % 97}" for i in range(50_000)]})


def _bytes(store: Objects, tmp_path: Path) -> Digest:
    return store.put_file(bytes(range(256)) * 300)


def _file(store: Objects, tmp_path: Path) -> Digest:
    return store.put_file(_source(tmp_path))


def _source(tmp_path: Path) -> Path:
    source = tmp_path / "source.bin"
    if not source.exists():
        source.write_bytes(bytes(range(255, -1, -1)) * 300)
    return source


def _json(store: Objects, tmp_path: Path) -> Digest:
    return store.put_json({"values": list(range(20_000)), "ü": None})


def _table(store: Objects, tmp_path: Path) -> Digest:
    return store.put_table([TABLE.slice(0, 30_000), TABLE.slice(30_000)], TABLE.schema).object


Put = Callable[[Objects, Path], Digest]
every_put = pytest.mark.parametrize("put", [_bytes, _file, _json, _table])


@pytest.fixture
def store(tmp_path: Path) -> Objects:
    return Ledger.open(tmp_path / ".mintmark").objects


def _drafts(store: Objects) -> list[Path]:
    return list((store.folder / "drafts").iterdir())


@every_put
def test_an_object_bears_the_digest_of_its_bytes(store: Objects, tmp_path: Path, put: Put) -> None:
    name = put(store, tmp_path)
    assert digest.of_file(store.open(name, check=True)) == name
    assert list(store) == [name]
    assert _drafts(store) == []


@every_put
def test_equal_content_is_kept_once(store: Objects, tmp_path: Path, put: Put) -> None:
    assert put(store, tmp_path) == put(store, tmp_path)
    assert len(list(store)) == 1


@every_put
@pytest.mark.parametrize("part", [0.0, 0.21, 0.5, 0.99])
def test_one_altered_byte_is_named_exactly(store: Objects, tmp_path: Path, put: Put, part: float) -> None:
    name = put(store, tmp_path)
    path = store.path(name)
    data = bytearray(path.read_bytes())
    place = int(part * len(data))
    data[place] ^= 0x80
    path.write_bytes(data)
    with pytest.raises(LedgerError, match=rf"{path}: byte {place:,}: this object was altered"):
        store.open(name, check=True)


@every_put
def test_several_altered_bytes_are_bounded_by_a_block(store: Objects, tmp_path: Path, put: Put) -> None:
    name = put(store, tmp_path)
    path = store.path(name)
    data = bytearray(path.read_bytes())
    for place in (17_000, 18_000, 18_001):
        data[place] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(LedgerError, match=r"within bytes 16,384–32,767"):
        store.check(name)


@every_put
def test_an_object_cut_short_says_where_it_ends(store: Objects, tmp_path: Path, put: Put) -> None:
    name = put(store, tmp_path)
    path = store.path(name)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:20_000])
    with pytest.raises(LedgerError, match=rf"within bytes 16,384–20,000 .*had {size:,} bytes"):
        store.check(name)
    path.write_bytes(b"")
    with pytest.raises(LedgerError, match=r"byte 0 .*the file ends there"):
        store.check(name)


@every_put
def test_a_damaged_object_is_mended_by_making_it_again(store: Objects, tmp_path: Path, put: Put) -> None:
    name = put(store, tmp_path)
    store.path(name).write_bytes(b"damaged")
    assert put(store, tmp_path) == name
    store.check(name)


@every_put
def test_without_its_marks_damage_is_still_found(store: Objects, tmp_path: Path, put: Put) -> None:
    name = put(store, tmp_path)
    for marks in (store.folder / "marks").glob("*/*"):
        marks.write_text("[torn")
    path = store.path(name)
    path.write_bytes(path.read_bytes() + b"!")
    with pytest.raises(LedgerError, match="its marks are lost"):
        store.check(name)


@every_put
def test_a_full_disk_is_said_and_leaves_nothing(store: Objects, tmp_path: Path, put: Put) -> None:
    """A limit on the size of files stands in for a full disk: the write fails half-way."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    kept = store.put_file(b"kept before")
    _source(tmp_path)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(StorageError, match="could not be read or written"):
            put(store, tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(store) == [kept]
    assert _drafts(store) == []
    store.check(kept)


def test_a_table_comes_back_with_its_types_and_its_logical_digest(store: Objects) -> None:
    whole = store.put_table([TABLE], TABLE.schema)
    parts = store.put_table((TABLE.slice(i, 10_000) for i in range(0, 50_000, 10_000)), TABLE.schema)
    assert whole.content == parts.content
    assert whole.object != parts.object
    assert whole.rows == parts.rows == 50_000
    assert pq.read_table(store.open(parts.object)).equals(TABLE)


def test_a_table_of_no_rows_is_kept(store: Objects) -> None:
    ref = store.put_table([], TABLE.schema)
    assert ref.rows == 0
    assert pq.read_table(store.open(ref.object)).schema == TABLE.schema


def test_batches_of_the_wrong_columns_leave_nothing(store: Objects) -> None:
    with pytest.raises(ValueError):
        store.put_table([TABLE, TABLE.select(["n"])], TABLE.schema)
    assert list(store) == []
    assert _drafts(store) == []


def test_json_comes_back(store: Objects) -> None:
    value = {"a": [1, None, "ü"]}
    name = store.put_json(value)
    assert store.get_json(name) == value
    assert json.loads(store.open(name).read_bytes()) == value


@pytest.mark.parametrize("name", ["", "sha256:", "sha256:../../etc/passwd", "sha256:" + "g" * 64, "md5:" + "0" * 64])
def test_what_is_no_digest_is_no_path(store: Objects, name: str) -> None:
    with pytest.raises(LedgerError, match="not a digest"):
        store.path(name)


def test_a_missing_object_is_named(store: Objects) -> None:
    name = digest.of_bytes(b"never kept")
    with pytest.raises(LedgerError, match="an object is missing"):
        store.open(name)
    assert not store.holds(name)
