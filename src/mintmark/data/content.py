"""The logical digest of a table: of its names, types and values, and of nothing else.

Parquet bytes hold the version of their writer and the place of every shard border; this digest holds neither. It can
be fed batch by batch, so a table of any length is digested in bounded memory, and any cut into batches agrees.
"""

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from mintmark import digest
from mintmark.digest import Digest


class Content:
    """Accumulates a table's digest from its batches, in row order."""

    def __init__(self, schema: pa.Schema) -> None:
        self._fields = [(field.name, _plain(field.type)) for field in schema]
        self._hashes = [[hashlib.sha256() for _ in range(3)] for _ in schema]
        self._rows = 0

    def add(self, table: pa.Table) -> None:
        """Takes the next rows; their columns stand in the order of the schema."""
        self._rows += table.num_rows
        for (_, plain), (valid, sizes, values), array in zip(self._fields, self._hashes, table.columns, strict=True):
            for chunk in array.chunks:
                flat = chunk.cast(plain) if chunk.type != plain else chunk
                valid.update(flat.is_valid().to_numpy(zero_copy_only=False).tobytes())
                for hash_, part in zip((sizes, values), _parts(flat), strict=True):
                    hash_.update(part)

    def digest(self) -> Digest:
        """The digest of all rows so far."""
        columns = [
            [name, str(plain), [hash_.hexdigest() for hash_ in hashes]]
            for (name, plain), hashes in zip(self._fields, self._hashes, strict=True)
        ]
        return digest.of_json({"rows": self._rows, "columns": columns})


def of_tables(tables: Iterable[pa.Table], schema: pa.Schema) -> Digest:
    """The digest of tables laid end to end."""
    content = Content(schema)
    for table in tables:
        content.add(table)
    return content.digest()


def _plain(type_: pa.DataType) -> pa.DataType:
    """Encodings are not content: a dictionary of strings is its strings."""
    if pa.types.is_dictionary(type_):
        return _plain(type_.value_type)
    if pa.types.is_string(type_) or pa.types.is_string_view(type_):
        return pa.large_string()
    return pa.large_binary() if pa.types.is_binary(type_) else type_


def _parts(flat: pa.Array) -> tuple[bytes, bytes]:
    """Lengths and bytes of the values, missing ones as zeros: what lies under a null is not content."""
    type_ = flat.type
    if pa.types.is_large_string(type_) or pa.types.is_large_binary(type_):
        filled = pc.fill_null(flat, "" if pa.types.is_large_string(type_) else b"")
        sizes = pc.binary_length(filled).to_numpy(zero_copy_only=False).astype("<i8")
        return sizes.tobytes(), _joined(filled)
    if pa.types.is_nested(type_) or pa.types.is_null(type_):
        words = [repr(value).encode() for value in flat.to_pylist()]
        return np.array([len(word) for word in words], "<i8").tobytes(), b"".join(words)
    return b"", _fixed(flat)


def _joined(filled: pa.Array) -> bytes:
    offsets = np.frombuffer(filled.buffers()[1], "<i8")[filled.offset : filled.offset + len(filled) + 1]
    data = filled.buffers()[2]
    return b"" if data is None else data.slice(int(offsets[0]), int(offsets[-1] - offsets[0])).to_pybytes()


def _fixed(flat: pa.Array) -> bytes:
    if pa.types.is_boolean(flat.type):
        return pc.fill_null(flat, False).cast(pa.uint8()).to_numpy(zero_copy_only=False).tobytes()
    width = flat.type.bit_width // 8
    data = flat.buffers()[1]
    if data is None:
        return bytes(len(flat) * width)
    raw = (
        np.frombuffer(data, np.uint8)[flat.offset * width : (flat.offset + len(flat)) * width]
        .reshape(len(flat), width)
        .copy()
    )
    raw[flat.is_null().to_numpy(zero_copy_only=False)] = 0
    return raw.tobytes()
