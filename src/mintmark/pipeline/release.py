"""Lets data out: writes the folder that a person receives, whole or not at all. Nothing else in Mintmark does.

NAME/
  data/rows.parquet …    the rows; of two parts, data/rows.train.parquet and data/rows.validation.parquet
  origin.arrow           where each of them came from, a line for each run of rows
  report.html            for people      card.md         for people who look for data
  evidence.json          findings        croissant.json  for machines that load data
  datasheet.md …         documents that the recipe asks for
  lineage.json           what it stands on
  checksums.json         marks that find the first altered byte
  signer.pem             the public key
  statement.dsse.json    the signed list of all of these, with how the data was made
"""

import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mintmark import digest, disk
from mintmark.data import chat, files, origin
from mintmark.data.chat import Roles
from mintmark.data.content import Content
from mintmark.data.origin import Origins
from mintmark.data.sources import released
from mintmark.digest import Digest
from mintmark.errors import InputError, LedgerError
from mintmark.ledger.entry import Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.marks import Marks
from mintmark.ledger.signing import Key
from mintmark.report import evidence, statement
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure.documents import ALWAYS, document
from mintmark.report.story import Story

STATEMENT, SIDE = released.STATEMENT, released.SIDE
SIGNER, CHECKSUMS, EVIDENCE, LINEAGE = "signer.pem", "checksums.json", "evidence.json", "lineage.json"

Shards = Callable[[], Iterable[pa.Table]]
"""The rows from the first on, each time that it is called."""

_STALE_SECONDS = 24 * 3600


@dataclass(frozen=True)
class Released:
    """A folder that is out."""

    folder: Path
    files: Mapping[str, Digest]
    """Every file by its path in the folder."""
    guarded: Mapping[str, Mapping[str, int]]
    """For a file, how many cells of each column were kept from being formulas."""
    sizes: Mapping[str, int]
    """Bytes of each file of rows, and of the one that says where they came from."""
    parts: Mapping[str, int]
    """Rows of each part, where they lie in several."""


def release(
    story: Story,
    shards: Shards,
    folder: Path,
    *,
    formats: Sequence[str] = ("parquet", "csv"),
    documents: Sequence[str] = (),
    raw: bool = False,
    page: str,
    lineage: Sequence[Entry],
    ledger: Ledger,
    origins: Origins | None = None,
    overwrite: bool = False,
    roles: Roles | None = None,
    sides: Mapping[str, NDArray[np.bool_]] | None = None,
) -> Released:
    """Writes a dataset of one table that the gate let pass, with its papers, signed with the ledger's key.

    `origins` say where each row came from, and go with the rows. `roles` say which columns hold a conversation, for
    formats of chat; `sides` part the rows into several files, each with its name and which rows are its own.

    With `overwrite`, a release of that name is replaced; anything else is never touched. The papers are kept in the
    ledger too, so that `verify` can tell their damage byte by byte. Raises InputError where the folder cannot be used,
    LedgerError where the gate did not let the data pass or these rows are not those that were judged, and StorageError.
    """
    if story.decision is None or not story.decision.released:
        raise LedgerError("the gate did not let this data pass", found=str(story.decision and story.decision.status))
    with _appearing(folder, overwrite=overwrite, proof=STATEMENT) as draft:
        data = _write_data(story, shards, draft / "data", _Forms(formats, raw, roles, sides))
        if origins is not None:
            _write_origins(story, draft / SIDE, origins, sides)
        _write_papers(story, draft, page, lineage, data, documents)
        _sign(story, draft, data, Key.local(ledger.keys))
        written = _digests(draft)
        sizes = {name: (draft / name).stat().st_size for name in written if name == SIDE or name.startswith("data/")}
        for name in written:
            if not name.startswith("data/"):
                ledger.objects.put_file(draft / name)
    return Released(folder, written, data.guarded, sizes, data.rows)


def refuse(story: Story, folder: Path, *, page: str) -> Path:
    """Writes why a dataset did not leave: its report and its evidence, and no row of it."""
    with _appearing(folder, overwrite=True, proof=EVIDENCE) as draft:
        (draft / "report.html").write_text(page, encoding="utf-8")
        _write_json(draft / EVIDENCE, evidence.evidence(story))
    return folder


def check_place(folder: Path) -> None:
    """InputError where a release could not be written to `folder`: asked before anything is spent."""
    _refuse_unfit(folder, overwrite=True, proof=STATEMENT)


@contextmanager
def _appearing(folder: Path, *, overwrite: bool, proof: str) -> Iterator[Path]:
    """A hidden folder beside `folder`, which takes its place when all in it is safe on the disk."""
    _refuse_unfit(folder, overwrite=overwrite, proof=proof)
    with disk.storage(folder):
        disk.make_folder(folder.parent)
        _sweep(folder)
        draft = folder.parent / f".{folder.name}.{uuid4().hex}.draft"
        try:
            draft.mkdir()
            yield draft
            for path in (*draft.rglob("*"), draft):
                disk.sync(path)
            _swap(draft, folder)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def _refuse_unfit(folder: Path, *, overwrite: bool, proof: str) -> None:
    if not files.SAFE_NAME.fullmatch(folder.name):
        fix = "use up to 64 of a-z, 0-9, _, . and -, beginning with a letter or digit"
        raise InputError("a release cannot bear this name", found=repr(folder.name), fix=fix)
    if folder.is_symlink():
        raise InputError("a release does not follow links", where=str(folder))
    if folder.exists() and not (overwrite and (folder / proof).is_file()):
        raise InputError(
            "something lies here already" if overwrite else "there is a release here already",
            where=str(folder),
            fix="choose another name, or move this away",
        )


def _sweep(folder: Path) -> None:
    """Clears what killed releases of this name have left."""
    for path in folder.parent.glob(f".{folder.name}.*.draft"):
        if path.stat().st_mtime < time.time() - _STALE_SECONDS:
            shutil.rmtree(path, ignore_errors=True)


def _swap(draft: Path, folder: Path) -> None:
    """Between the two renames of a replacement nothing bears the name; the old folder then lies beside it, whole."""
    old = folder.parent / f".{folder.name}.{uuid4().hex}.draft"
    replaced = folder.exists()
    if replaced:
        folder.rename(old)
    draft.rename(folder)
    disk.sync(folder.parent)
    if replaced:
        shutil.rmtree(old, ignore_errors=True)


@dataclass(frozen=True)
class _Forms:
    """How the rows are to be written."""

    formats: Sequence[str]
    raw: bool
    roles: Roles | None
    sides: Mapping[str, NDArray[np.bool_]] | None

    @property
    def parts(self) -> Iterable[tuple[str, NDArray[np.bool_] | None]]:
        """Each part with its name and its rows; all rows are one part without a name."""
        return self.sides.items() if self.sides else [("", None)]


@dataclass(frozen=True)
class _Data:
    """What was written of the rows."""

    contents: Mapping[str, Digest]
    """Of each table the digest of its content."""
    guarded: Mapping[str, Mapping[str, int]]
    parts: Mapping[str, Mapping[str, Any]]
    """For each part its rows and the digest of its content; nothing where the rows lie in one."""

    @property
    def rows(self) -> dict[str, int]:
        """Of each part."""
        return {name: one["rows"] for name, one in self.parts.items()}


def _write_data(story: Story, shards: Shards, folder: Path, forms: _Forms) -> _Data:
    """Writes the table once in each form, in one part or several."""
    if len(story.schema.tables) != 1:
        raise InputError("a release holds one table", found=", ".join(story.schema.tables))
    [(table, columns)] = story.schema.tables.items()
    schema = columns.arrow()
    folder.mkdir()
    guarded: dict[str, Mapping[str, int]] = {}
    contents: dict[str, Digest] = {}
    parts: dict[str, Mapping[str, Any]] = {}
    for form in dict.fromkeys(forms.formats):
        for side, mask in forms.parts:
            name, whole, own = f"{table}.{side}".rstrip("."), Content(schema), Content(schema)
            path = folder / f"{name}.{form}{'.jsonl' if form in chat.FORMS else ''}"
            rows = _own(_fed(shards(), schema, whole), mask, own)
            written = files.write(rows, schema, path, form=form, raw=forms.raw, roles=forms.roles)
            guarded[f"data/{path.name}"] = written.guarded
            contents[table] = whole.digest()
            _refuse_unjudged(story, contents)
            if mask is not None:
                parts[name] = {"rows": written.rows, "content": own.digest()}
    return _Data(contents, guarded, parts)


def _own(tables: Iterable[pa.Table], mask: NDArray[np.bool_] | None, content: Content) -> Iterator[pa.Table]:
    """The rows of one part."""
    if mask is None:
        yield from tables
        return
    start = 0
    for table in tables:
        part = table.filter(pa.array(mask[start : start + len(table)]))
        start += len(table)
        content.add(part)
        yield part


def _fed(shards: Iterable[pa.Table], schema: pa.Schema, content: Content) -> Iterator[pa.Table]:
    for shard in shards:
        table = shard.cast(schema)
        content.add(table)
        yield table


def _refuse_unjudged(story: Story, contents: Mapping[str, Digest]) -> None:
    found = digest.of_json({"tables": dict(contents), "assets": list(story.synthetic.assets)})
    if found != story.digest:
        raise LedgerError("these rows are not those that were judged", found=f"{found}, not {story.digest}")


def _write_origins(story: Story, path: Path, origins: Origins, sides: Mapping[str, NDArray[np.bool_]] | None) -> None:
    [(table, rows)] = story.rows.items()
    if len(origins) != rows:
        raise LedgerError("these origins are not those of the rows", found=f"{len(origins):,} of {rows:,} rows")
    parts = {f"{table}.{side}": origins.take(np.flatnonzero(mask)) for side, mask in (sides or {}).items()}
    path.write_bytes(origin.packed(parts or {table: origins}))


def _write_papers(
    story: Story, folder: Path, page: str, lineage: Sequence[Entry], data: _Data, documents: Sequence[str]
) -> None:
    found = _digests(folder)
    told = DataFiles(found, {name: (folder / name).stat().st_size for name in found}, data.guarded, data.rows)
    (folder / "report.html").write_text(page, encoding="utf-8")
    for name in dict.fromkeys((*ALWAYS, *documents)):
        for path, text in document(name, story, told).texts.items():
            (folder / path).write_text(text, encoding="utf-8")
    _write_json(folder / EVIDENCE, evidence.evidence(story))
    _write_json(folder / LINEAGE, evidence.lineage(lineage))


def _sign(story: Story, folder: Path, data: _Data, key: Key) -> None:
    (folder / SIGNER).write_bytes(key.public)
    marks = {name: Marks.of(folder / name).to_json() for name in _digests(folder)}
    (folder / CHECKSUMS).write_bytes(digest.canonical(marks))
    told = statement.statement(story, _digests(folder), data.contents, data.guarded, data.parts)
    (folder / STATEMENT).write_bytes(key.sign(digest.canonical(told), statement.MEDIA_TYPE))


def _digests(folder: Path) -> dict[str, Digest]:
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): digest.of_file(path) for path in paths}


def _write_json(path: Path, value: Any) -> None:
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8")
