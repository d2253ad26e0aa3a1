"""Tables on Hugging Face (`hf:NAME` or `hf:NAME@SPLIT`) and OpenML (`openml:NAME`), through their own clients."""

import importlib
from types import ModuleType

import pyarrow as pa

from mintmark.data.sources.found import Found, Request
from mintmark.errors import DataError, MissingExtra, UnknownName


def find(source: str, request: Request) -> Found:
    """The table behind a hub's name; `table` picks a configuration of a Hugging Face dataset."""
    hub, _, name = source.partition(":")
    client = _client("datasets" if hub == "hf" else "openml", source)
    try:
        return Found(_hugging_face(client, name, request) if hub == "hf" else _openml(client, name))
    except (OSError, ValueError, RuntimeError, LookupError) as error:
        found = str(error).partition("\n")[0]
        raise DataError("this could not be fetched", where=source, found=found, fix="is there a network?") from error


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
        raise UnknownName("split", split, splits)
    return splits[split].with_format("arrow")[:]


def _openml(client: ModuleType, name: str) -> pa.Table:
    frame, *_ = client.datasets.get_dataset(int(name) if name.isdecimal() else name).get_data()
    return pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
