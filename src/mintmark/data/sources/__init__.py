"""Where real data is read from: files, folders, databases, bundled tables and hubs, behind one function."""

import importlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from mintmark.data import infer
from mintmark.data.dataset import ROWS, Dataset
from mintmark.data.origin import Origins
from mintmark.data.schema import Kind, Personal, Schema
from mintmark.data.sources import folder, opening, released, settling
from mintmark.data.sources.address import SERVERS, redacted
from mintmark.data.sources.found import DEFAULT_MISSING, Found, Request
from mintmark.errors import DataError, UnknownName

FORMS = {
    "delimited": (".csv", ".tsv", ".tab", ".txt"),
    "columnar": (".parquet", ".pq", ".arrow", ".feather", ".ipc"),
    "jsonlines": (".jsonl", ".ndjson", ".json"),
    "database": (".db", ".sqlite", ".sqlite3", ".duckdb", ".ddb"),
}
"""Which reader takes which file names; .gz and .zst may follow."""

PLACES = {"sklearn": "bundled", "hf": "hub", "openml": "hub"}
PROSE = "text:"
"""Before the path of files of plain text, which are read paragraph by paragraph and not as tables."""


def read(source: str | Path, **wanted: Any) -> Dataset:
    """Real data from wherever it lies; takes what `read_with_notes` takes."""
    return read_with_notes(source, **wanted)[0]


def read_with_notes(
    source: str | Path,
    *,
    kinds: Mapping[str, Kind | Personal | str] | None = None,
    missing: Sequence[str] = DEFAULT_MISSING,
    drop: Iterable[str] = (),
    table: str | None = None,
    query: str | None = None,
    base: Path | None = None,
    key: str | None = None,
    group: str | None = None,
    order: str | None = None,
    constraints: Sequence[str] = (),
) -> tuple[Dataset, tuple[str, ...]]:
    """Real data, and what had to be guessed to read it.

    `source` is a file (CSV, TSV, Parquet, Arrow, JSONL; also .gz and .zst), a folder of such files, a SQLite or DuckDB
    file with `table` or `query`, a PostgreSQL or MySQL URL, `sklearn:NAME`, `hf:NAME`, `openml:NAME`, `text:PATH` for
    plain text with a row for each paragraph, or a release of Mintmark's own, whose rows keep their origins. `kinds`
    overrides what would be inferred, `missing` lists the texts that mean "unknown" (an empty cell always does), and
    paths are relative to `base`. Raises DataError, UnknownName or MissingExtra.
    """
    address = str(source)
    where = redacted(address) if address.startswith(SERVERS) else address
    request = Request(missing, table, query)
    told = {name: _kind(name, kind) for name, kind in (kinds or {}).items()}
    if key:
        told.setdefault(key, Kind.KEY)
    settled, notes = settling.settle(_find(address, base, request), told, tuple(drop), request, where, (group, order))
    infer.refuse_unusable(settled, where=where)
    schema = infer.table_schema(settled, kinds=told)
    schema = replace(schema, key=key or schema.key, group=group, order=order, constraints=tuple(constraints))
    _check_key(settled, key, where)
    origins = _origins(address, base)
    return Dataset(Schema({ROWS: schema}), {ROWS: settled}, origins={} if origins is None else {ROWS: origins}), notes


def place(source: str, base: Path | None) -> Path | None:
    """The file or folder that a source is; None where it is a table of a server, of a hub, or a bundled one.

    Raises DataError, with the nearest names, where it is a path and nothing lies there.
    """
    before, colon, _ = source.partition(":")
    if (colon and before in PLACES) or "://" in source:
        return None
    return opening.resolved(source, base)


def _find(source: str, base: Path | None, request: Request) -> Found:
    place, colon, rest = source.partition(":")
    if colon and place in PLACES:
        return _reader(PLACES[place]).find(rest if place == "sklearn" else source, request)
    if source.startswith(PROSE):
        return _reader("prose").find(opening.resolved(source.removeprefix(PROSE), base))
    if source.startswith(SERVERS):
        return _reader("server").find(source, request)
    if "://" in source:
        fix = "fetch the file first; databases are read from postgresql:// and mysql://"
        raise DataError("this kind of address is not read", where=source.partition("://")[0], fix=fix)
    path = released.rows(opening.resolved(source, base))
    if path.is_dir():
        return folder.joined(path, _form, lambda shard: _reader(_form(shard) or "").find(shard, request))
    form = _form(path) or _form_within(path)
    if form != "database" and (request.table or request.query):
        fix = "leave `table` and `query` out: they choose from a database"
        raise DataError(
            "this file is no database", where=str(path), found=request.table or request.query or "", fix=fix
        )
    return _reader(form).find(path, request)


def _origins(source: str, base: Path | None) -> Origins | None:
    place, colon, _ = source.partition(":")
    if (colon and place in PLACES) or source.startswith((*SERVERS, PROSE)):
        return None
    return released.origins(opening.resolved(source, base))


def _reader(name: str) -> Any:
    # Imported by name, so that reading a CSV loads no database and no scikit-learn.
    return importlib.import_module(f"{__name__}.{name}")


def _form(path: Path) -> str | None:
    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    return next((form for form, suffixes in FORMS.items() if name.endswith(suffixes)), None)


def _form_within(path: Path) -> str:
    """The form of a file whose name does not say it."""
    seen = opening.looks_like(opening.head(path))
    if seen and "database" in seen:
        return "database"
    known = ", ".join(suffix for suffixes in FORMS.values() for suffix in suffixes)
    fix = f"name it by its form: {known}, each also with .gz or .zst"
    raise DataError("this file's name does not say what it is", where=str(path), found=seen or path.name, fix=fix)


def _kind(name: str, kind: Kind | Personal | str) -> Kind | Personal:
    known = [*Kind, *Personal]
    if kind not in known:
        raise UnknownName("kind", str(kind), [str(each) for each in known], where=f"kinds.{name}")
    return next(each for each in known if each == kind)


def _check_key(table: pa.Table, key: str | None, where: str) -> None:
    if key is None:
        return
    values = table[key]
    if values.null_count or not infer.is_unique(values):
        found = f"{values.null_count} missing cells" if values.null_count else "values that repeat"
        raise DataError(f"column {key} cannot be the key: it does not name each row", where=where, found=found)
