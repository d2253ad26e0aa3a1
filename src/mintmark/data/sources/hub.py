"""Tables on Hugging Face (`hf:NAME` or `hf:NAME@SPLIT`) and OpenML (`openml:NAME`), through their own clients."""

import importlib
from types import ModuleType

import pyarrow as pa
import pyarrow.compute as pc

from mintmark.data.sources.columnar import unnested
from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError, InputError, MissingExtra, UnknownName


def find(source: str, request: Request) -> Found:
    """The table behind a hub's name; `table` picks a configuration of a Hugging Face dataset.

    The name of a Hugging Face dataset may also be the path of a local folder that holds one. Classes become their
    names, and nested columns JSON text.
    """
    hub, _, name = source.partition(":")
    if not name.partition("@")[0]:
        fix = "write hf:NAME, hf:NAME@SPLIT or openml:NAME"
        raise DataError("the name of a dataset is missing", where=source, fix=fix)
    client = _client("datasets" if hub == "hf" else "openml", source)
    try:
        return unnested(_hugging_face(client, name, request) if hub == "hf" else _openml(client, name))
    except InputError:
        raise
    except Exception as error:  # each client raises errors of its own, of which many are no OSError
        found = str(error).partition("\n")[0]
        fix = "are the name right and the network there?"
        raise DataError("this could not be fetched", where=source, found=found, fix=fix) from error


def _client(package: str, source: str) -> ModuleType:
    try:
        return importlib.import_module(package)
    except ModuleNotFoundError as error:
        raise MissingExtra(f"reading {source}", package, "hub") from error


def _hugging_face(client: ModuleType, name: str, request: Request) -> pa.Table:
    name, _, split = name.partition("@")
    # Code that a dataset carries is never run: its files are read, and nothing else.
    splits = client.load_dataset(name, request.table)
    if not split:
        split = "train" if "train" in splits else next(iter(splits))
    if split not in splits:
        raise UnknownName("split", split, splits, where=f"hf:{name}")
    rows = splits[split]
    classes = {name: feature.names for name, feature in rows.features.items() if isinstance(feature, client.ClassLabel)}
    return _named(rows.with_format("arrow")[:], classes)


def _named(table: pa.Table, classes: dict[str, list[str]]) -> pa.Table:
    """The table with classes by name; the hub writes −1 where a class is unknown."""
    for column, names in classes.items():
        codes = table[column].combine_chunks()
        known = pc.if_else(pc.less(codes, 0), pa.scalar(None, codes.type), codes).cast(pa.int32())
        words = pa.DictionaryArray.from_arrays(known, pa.array(names, pa.string()))
        table = table.set_column(table.schema.names.index(column), column, words)
    return table


def _openml(client: ModuleType, name: str) -> pa.Table:
    frame, *_ = client.datasets.get_dataset(int(name) if name.isdecimal() else name).get_data()
    return pa.Table.from_pandas(frame, preserve_index=False)
