"""Do the parts of an unaltered release agree with each other? A signer can sign what does not fit together."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark import digest
from mintmark.data.content import Content
from mintmark.data.files import SAFE_NAME
from mintmark.data.origin import Origins
from mintmark.data.sources.released import SIDE, read
from mintmark.digest import Digest
from mintmark.errors import DataError
from mintmark.ledger.entry import MAX_BYTES
from mintmark.report.evidence import findings_digest
from mintmark.report.statement import PREDICATE, STATEMENT

README = "README.md"
"""The one name with capitals: the Hugging Face hub knows its card by no other."""


def contradictions(folder: Path, told: Mapping[str, Any]) -> Iterator[str]:
    """What in a release, whose files all are as they were signed, does not agree with its statement."""
    if told.get("_type") != STATEMENT or told.get("predicateType") != PREDICATE:
        yield f"the statement is of a kind that this program does not know: {told.get('predicateType')!r}"
        return
    try:
        predicate = told["predicate"]
        yield from _evidence(_json(folder / "evidence.json"), predicate)
        yield from _lineage(_json(folder / "lineage.json"))
        yield from _contents(folder, predicate)
        yield from _origins(folder, predicate)
    except (KeyError, TypeError, AttributeError, ValueError, RecursionError, pa.ArrowException, OSError) as error:
        yield f"a part of this release cannot be understood: {type(error).__name__}: {error}"


def safe(name: str) -> bool:
    """Is this the name of a file inside the folder, which leads nowhere else?"""
    parts = PurePosixPath(name).parts
    return "/".join(parts) == name and bool(parts) and (name == README or all(map(SAFE_NAME.fullmatch, parts)))


def _evidence(found: Mapping[str, Any], predicate: Mapping[str, Any]) -> Iterator[str]:
    if findings_digest(found["findings"]) != predicate["findings"]:
        yield "evidence.json: its findings are not those of the statement"
    for part in ("decision", "dataset"):
        if found[part] != predicate[part]:
            yield f"evidence.json: its {part} is not that of the statement"
    if not (predicate["decision"] or {}).get("released"):
        yield "the statement says that the gate did not let this data pass"


def _lineage(found: Mapping[str, Any]) -> Iterator[str]:
    placed = {}
    for entry in found["entries"]:
        outline = {key: value for key, value in entry.items() if key not in ("digest", "chain")}
        if digest.of_json(outline) != entry["digest"]:
            yield f"lineage.json: entry {entry['number']} does not bear its own digest"
        placed[entry.get("chain"), entry["number"]] = entry
    for (chain, number), entry in placed.items():
        before = placed.get((chain, number - 1))
        if before and entry["previous"] != before["digest"]:
            yield f"lineage.json: entry {number} does not follow entry {number - 1}"


def _contents(folder: Path, predicate: Mapping[str, Any]) -> Iterator[str]:
    """Rows are compared by what they say, wherever the form keeps all of it."""
    parts = predicate.get("parts") or {}
    contents = {name: one["content"] for name, one in parts.items()} or predicate["contents"]
    for table, wanted in contents.items():
        for path in sorted((folder / "data").glob("*")):
            if path.stem == table and path.suffix in _READ and _READ[path.suffix](path) != wanted:
                yield f"data/{path.name}: its rows are not those of the statement"
    if parts and sum(one["rows"] for one in parts.values()) != sum(predicate["dataset"]["rows"].values()):
        yield "the statement's parts do not have as many rows as its dataset"


def _origins(folder: Path, predicate: Mapping[str, Any]) -> Iterator[str]:
    """The table of origins must be one, speak of these rows, and sum up to what the statement says of them."""
    if not (folder / SIDE).is_file():
        if predicate.get("origins"):
            yield f"{SIDE}: it is missing, and the statement tells of it"
        return
    try:
        found = read(folder / SIDE)
    except DataError as error:
        yield f"{SIDE}: {error.wrong}: {error.found or error.fix}"
        return
    rows = {name: len(origins) for name, origins in found.items()}
    parts = {name: one["rows"] for name, one in (predicate.get("parts") or {}).items()}
    if rows != (parts or predicate["dataset"]["rows"]):
        yield f"{SIDE}: it is of {rows}, and the data of {parts or predicate['dataset']['rows']} rows"
        return
    whole = Origins.concat(list(found.values()))
    if whole.shares != predicate["origins"] or whole.depth != predicate["depth"]:
        yield f"{SIDE}: its origins are not those of the statement"


def _parquet(path: Path) -> Digest:
    with pq.ParquetFile(path) as file:
        content = Content(file.schema_arrow)
        for batch in file.iter_batches():
            content.add(pa.Table.from_batches([batch]))
    return content.digest()


def _arrow(path: Path) -> Digest:
    with pa.OSFile(str(path)) as source, pa.ipc.open_stream(source) as batches:
        content = Content(batches.schema)
        for batch in batches:
            content.add(pa.Table.from_batches([batch]))
    return content.digest()


_READ = {".parquet": _parquet, ".arrow": _arrow}


def _json(path: Path) -> dict[str, Any]:
    if path.stat().st_size > MAX_BYTES:
        raise ValueError(f"{path.name} is too large")
    found: dict[str, Any] = json.loads(path.read_bytes())
    return found
