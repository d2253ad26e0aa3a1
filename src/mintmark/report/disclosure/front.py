"""The front matter of a card: YAML that the Hugging Face hub and `datasets` read.

All text of strangers is written as a quoted scalar, in characters that every reader of YAML takes as they are.

Source: huggingface/hub-docs, datasetcard.md, and the hub's list of licences.
"""

import json
import re
from collections.abc import Iterator, Mapping

import pyarrow as pa

from mintmark.data import chat, guarding
from mintmark.data.schema import Column
from mintmark.report.croissant import license_of
from mintmark.report.datafiles import FORMATS, DataFiles
from mintmark.report.disclosure import facts, modality
from mintmark.report.story import Story

LICENSES = frozenset(
    ("apache-2.0", "mit", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0", "odc-by", "odbl",
     "pddl", "cdla-permissive-1.0", "cdla-permissive-2.0", "cdla-sharing-1.0", "gpl-3.0", "unknown")
)  # fmt: skip
"""Those that the hub knows by these names; any other is `other` with its own name."""

_SIZES = ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M"), (10**7, "1M<n<10M"),
          (10**8, "10M<n<100M"), (10**9, "100M<n<1B"), (10**10, "1B<n<10B"))  # fmt: skip


def front(story: Story, files: DataFiles) -> str:
    """The block between the two lines of dashes, with them."""
    return "\n".join(["---", *_lines(story, files), "---"])


def quoted(text: str) -> str:
    """Text as a scalar that YAML and JSON both read as it is."""
    # YAML knows no pairs of surrogates, and folds or refuses what stands outside its printable characters.
    return re.sub(r"[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]",
                  lambda found: f"\\u{ord(found[0]):04x}", json.dumps(text, ensure_ascii=False))  # fmt: skip


def _lines(story: Story, files: DataFiles) -> Iterator[str]:
    named = license_of(story)
    known = named.lower() in LICENSES
    yield f"license: {named.lower() if known else 'other'}"
    if not known and named != "other":
        yield f"license_name: {quoted(named)}"
    yield f"pretty_name: {quoted(story.name)}"
    total = sum(story.rows.values())
    yield f"size_categories: [{quoted(next((name for limit, name in _SIZES if total < limit), 'n>1T'))}]"
    yield f"tags: [{', '.join(map(quoted, _tags(story, files)))}]"
    tasks = modality.tasks(story)
    if tasks:
        yield f"task_categories: [{', '.join(tasks)}]"
    yield "annotations_creators: [machine-generated]"
    chosen = {table: paths for table in story.schema.tables if (paths := _best(table, files))}
    chats = {f"{table}-{form}": paths for table in story.schema.tables for form in chat.FORMS
             if (paths := _chats(table, form, files))}  # fmt: skip
    if chosen or chats:
        yield "configs:"
    for name, paths in (chosen | chats).items():
        listed = ", ".join(f"{{split: {split}, path: {quoted(path)}}}" for split, path in paths.items())
        yield f"- config_name: {quoted(name)}"
        yield f"  data_files: [{listed}]"
    described = [lines for table, paths in chosen.items() if (lines := list(_info(story, table, paths, files)))]
    if described:
        yield "dataset_info:"
    for lines in described:
        yield from lines


def _tags(story: Story, files: DataFiles) -> list[str]:
    """A dataset that did not pass says so where people filter."""
    passed = [] if facts.released(story) else [facts.status(story).replace(" ", "-")]
    return [*modality.keywords(story, files), *passed]


def _best(table: str, files: DataFiles) -> dict[str, str]:
    """By split, the file of each part of a table in the form that loads best."""
    form = next((end for end in FORMATS if f"data/{files.within(table)[0]}{end}" in files.digests), None)
    return {} if form is None else {_split(table, part): f"data/{part}{form}" for part in files.within(table)}


def _chats(table: str, form: str, files: DataFiles) -> dict[str, str]:
    """By split, the file of each part of a table in a form of chat; none where it was not written in that form."""
    paths = {_split(table, part): f"data/{part}.{form}.jsonl" for part in files.within(table)}
    return paths if set(paths.values()) <= set(files.digests) else {}


def _split(table: str, part: str) -> str:
    return part.removeprefix(table).lstrip(".") or "train"


def _info(story: Story, table: str, paths: Mapping[str, str], files: DataFiles) -> Iterator[str]:
    """The types of the columns as the files have them; nothing where the hub has no name for one of them."""
    columns, first = story.schema[table].columns, next(iter(paths.values()))
    types = [_type(column.type, first) for column in columns]
    if not all(types):
        return
    yield f"- config_name: {quoted(table)}"
    yield "  features:"
    for column, type_ in zip(columns, types, strict=True):
        yield f"  - name: {quoted(_title(column, files.guarded.get(first, {})))}"
        yield f"    dtype: {quoted(str(type_))}"
    if set(paths.values()) <= set(files.sizes):
        # `datasets` takes no split whose bytes are not told: they are those of the file.
        rows = dict(zip(paths, (files.parts or {table: story.rows[table]}).values(), strict=True))
        yield "  splits:"
        for split, path in paths.items():
            yield f"  - {{name: {split}, num_bytes: {files.sizes[path]}, num_examples: {rows[split]}}}"
        size = sum(files.sizes[path] for path in paths.values())
        yield f"  download_size: {size}"
        yield f"  dataset_size: {size}"


def _title(column: Column, guarded: Mapping[str, int]) -> str:
    return guarding.guarded_name(column.name) if column.name in guarded else column.name


def _type(type_: pa.DataType, path: str) -> str | None:
    if pa.types.is_dictionary(type_):
        return _type(type_.value_type, path)
    text = not path.endswith((".parquet", ".arrow"))
    if text and (pa.types.is_time(type_) or pa.types.is_duration(type_)):
        return "string"
    return next((name if name else str(type_) for holds, name in _TYPES if holds(type_)), None)


_TYPES = (
    (pa.types.is_boolean, "bool"),
    (pa.types.is_integer, ""),
    (pa.types.is_float16, "float16"),
    (pa.types.is_float32, "float32"),
    (pa.types.is_float64, "float64"),
    (pa.types.is_date32, "date32"),
    (pa.types.is_date64, "date64"),
    (pa.types.is_timestamp, ""),
    (pa.types.is_time, ""),
    (pa.types.is_duration, ""),
    (pa.types.is_decimal, ""),
    (pa.types.is_string, "string"),
    (pa.types.is_string_view, "string"),
    (pa.types.is_large_string, "large_string"),
)
"""What `datasets` calls the types of Arrow; those without a name are called what Arrow calls them."""
