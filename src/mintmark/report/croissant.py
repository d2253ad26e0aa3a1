"""The dataset's description for machines: Croissant 1.1 (JSON-LD), with terms of Croissant RAI 1.0 and W3C PROV-O.

Sources: MLCommons Croissant Format Specification 1.1; Croissant RAI 1.0; PROV-O (W3C, 2013).
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from mintmark.data import guarding
from mintmark.data.schema import Column
from mintmark.data.sources.released import SIDE
from mintmark.digest import Digest
from mintmark.report.datafiles import FORMATS, DataFiles
from mintmark.report.disclosure import facts, modality
from mintmark.report.disclosure.responsible import provenance, responsible
from mintmark.report.story import Story

LICENSES = {
    name.lower(): name
    for name in (
        ("Apache-2.0", "MIT", "BSD-3-Clause", "CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0", "CC-BY-NC-4.0", "ODC-By-1.0",
         "ODbL-1.0", "PDDL-1.0", "CDLA-Permissive-1.0", "CDLA-Permissive-2.0", "CDLA-Sharing-1.0", "GPL-3.0-only")
    )
}  # fmt: skip
"""Identifiers of SPDX, by their small letters."""

READABLE = (".parquet", ".csv", ".jsonl")
"""What Croissant's readers can take columns from."""


def croissant(story: Story, files: DataFiles) -> dict[str, Any]:
    """The description of the released data files, or of a dataset that has none."""
    made = story.provenance
    records = [record for table in story.schema.tables for part in files.within(table)
               if (record := _record_set(story, table, part, files))]  # fmt: skip
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": story.name,
        "description": _description(story),
        "conformsTo": ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"],
        "license": _license(license_of(story)),
        "url": _urn(story.digest),
        "creator": {"@type": "sc:Organization", "name": "not stated"},
        "version": f"1.0.0+{story.digest.removeprefix('sha256:')[:12]}",
        **({"dateCreated": made.created, "datePublished": made.created} if made.created else {}),
        "keywords": modality.keywords(story, files),
        "isLiveDataset": False,
        "distribution": [
            *(_file(name, files) for name in files.names),
            *([_side(files)] if SIDE in files.digests else []),
        ],
        "recordSet": records,
        **responsible(story),
        **provenance(story),
    }


def license_of(story: Story) -> str:
    """The licence that the recipe names, or `other`."""
    return facts.licence(story) or "other"


def _license(name: str) -> str | dict[str, str]:
    """An address where the licence is a known one, else its name."""
    spdx = LICENSES.get(name.lower())
    if spdx:
        return f"https://spdx.org/licenses/{spdx}.html"
    return {"@type": "sc:CreativeWork", "name": "no licence is stated" if name == "other" else name}


def _description(story: Story) -> str:
    rows = ", ".join(f"{name} ({count:,} rows)" for name, count in story.rows.items())
    verdict = story.decision.words if story.decision else "Nobody asked whether it may leave."
    # A reader meets what speaks against the data before what it is.
    kind = "Real data, and synthetic data" if story.outside_rows else "Synthetic data"
    what = f"{kind} made by {story.provenance.generator or 'an unknown generator'}: {rows}."
    return " ".join(filter(None, (facts.warning(story), what, verdict)))


def _file(name: str, files: DataFiles) -> dict[str, Any]:
    size = {"contentSize": f"{files.sizes[name]} B"} if name in files.sizes else {}
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        **size,
        "encodingFormat": FORMATS["." + name.rpartition(".")[2]],
        "sha256": files.digests[name].removeprefix("sha256:"),
    }


def _side(files: DataFiles) -> dict[str, Any]:
    """The table that says where each row came from."""
    told = "where each row came from: for each run of rows its step, generator, parameters and seed"
    return {**_file(SIDE, files), "description": told}


def _record_set(story: Story, table: str, part: str, files: DataFiles) -> dict[str, Any] | None:
    source = files.best(part, READABLE)
    if source is None:
        return None
    schema = story.schema[table]
    parents = {link.column: link.parent for link in schema.parents}
    record: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": part,
        "name": part,
        "field": [
            _field(column, data_type, part, source, files.guarded.get(source, {}))
            | _reference(story, parents.get(column.name))
            for column in schema.columns
            if (data_type := _data_type(column.type, source))
        ],
    }
    if schema.key:
        record["key"] = {"@id": _id(part, schema.key)}
    return record


def _reference(story: Story, parent: str | None) -> dict[str, Any]:
    """To the key of the table whose rows these rows belong to."""
    key = story.schema[parent].key if parent else None
    return {"references": {"field": {"@id": _id(parent, key)}}} if parent and key else {}


def _field(column: Column, data_type: str, table: str, source: str, guarded: Mapping[str, int]) -> dict[str, Any]:
    title = guarding.guarded_name(column.name) if column.name in guarded else column.name
    personal = f"; says of a person: {column.personal}, and is made anew" if column.personal else ""
    return {
        "@type": "cr:Field",
        "@id": _id(table, column.name),
        "name": column.name,
        "description": f"{column.kind}, stored as {column.type}{personal}",
        "dataType": data_type,
        "source": {"fileObject": {"@id": source}, "extract": {"column": title}},
    }


def _data_type(type_: pa.DataType, source: str) -> str | None:
    """None where Croissant has no type for it: one such field would keep its readers from all others."""
    if pa.types.is_dictionary(type_):
        return _data_type(type_.value_type, source)
    if pa.types.is_time(type_) or pa.types.is_duration(type_):
        # Text forms write fractions of a second, at which the readers' own parser of times stops.
        return _IN_PARQUET.get(type_.id) if source.endswith(".parquet") else "sc:Text"
    return next((name for holds, name in _TYPES if holds(type_)), None)


_IN_PARQUET = {pa.time32("s").id: "sc:Time", pa.time64("us").id: "sc:Time"}

_TYPES = (
    (pa.types.is_boolean, "sc:Boolean"),
    (pa.types.is_integer, "sc:Integer"),
    (pa.types.is_floating, "sc:Float"),
    (pa.types.is_decimal, "sc:Float"),
    (pa.types.is_timestamp, "sc:DateTime"),
    (pa.types.is_date, "sc:Date"),
    (pa.types.is_string, "sc:Text"),
    (pa.types.is_large_string, "sc:Text"),
    (pa.types.is_string_view, "sc:Text"),
)


def _urn(found: Digest) -> str:
    return f"urn:{found}"


def _id(table: str, column: str) -> str:
    """Column names may hold anything; identifiers may not."""
    return f"{table}/{quote(column, safe='')}"


_CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "prov": "http://www.w3.org/ns/prov#",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
