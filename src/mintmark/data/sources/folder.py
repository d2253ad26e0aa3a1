"""A folder of shards: files of one form that are one table."""

from collections.abc import Callable
from pathlib import Path

import pyarrow as pa

from mintmark.data.sources.found import Found, Told
from mintmark.errors import DataError


def joined(folder: Path, form_of: Callable[[Path], str | None], find: Callable[[Path], Found]) -> Found:
    """All shards in order of their names; DataError where their forms or columns differ."""
    shards = [path for path in sorted(folder.iterdir()) if path.is_file() and not path.name.startswith((".", "_"))]
    forms = {path: form for path in shards if (form := form_of(path))}
    if not forms:
        names = ", ".join(path.name for path in shards[:8]) or "nothing"
        raise DataError("this folder holds no table", where=str(folder), found=names)
    if len(set(forms.values())) > 1:  # a meta.json beside the shards is about them, not one of them
        forms = {path: form for path, form in forms.items() if path.suffix != ".json"}
    if len(set(forms.values())) > 1:
        found = ", ".join(sorted(set(forms.values())))
        raise DataError("the files of this folder have several forms", where=str(folder), found=found)
    parts = {path: find(path) for path in forms}
    names = next(iter(parts.values())).table.schema.names
    for path, part in parts.items():
        if set(part.table.schema.names) != set(names):
            odd = ", ".join(sorted(set(part.table.schema.names) ^ set(names)))
            raise DataError("this shard has other columns than the first", where=str(path), found=odd)
    return _together(folder, [part.table.select(names) for part in parts.values()], list(parts.values()))


def _together(folder: Path, tables: list[pa.Table], parts: list[Found]) -> Found:
    try:
        table = pa.concat_tables(tables, promote_options="permissive")
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        raise DataError("the types of the shards differ", where=str(folder), found=str(error)) from error
    notes = tuple(dict.fromkeys(note for part in parts for note in part.notes))
    told = Told.NOTHING if parts[0].told == Told.NOTHING else parts[0].told
    return Found(table.unify_dictionaries(), told, notes, comma=all(part.comma for part in parts))
