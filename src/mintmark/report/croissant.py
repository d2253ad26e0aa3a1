"""The dataset's description for machines: Croissant 1.1 (JSON-LD), with terms of Croissant RAI 1.0 and W3C PROV-O.

Sources: MLCommons Croissant Format Specification 1.1; Croissant RAI 1.0; PROV-O (W3C, 2013).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

import pyarrow as pa

from mintmark.data import guarding
from mintmark.data.schema import Column
from mintmark.data.sources.released import SIDE
from mintmark.digest import Digest
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence
from mintmark.report import words
from mintmark.report.story import Story

FORMATS = {
    ".parquet": "application/x-parquet",
    ".csv": "text/csv",
    ".jsonl": "application/jsonlines",
    ".arrow": "application/vnd.apache.arrow.stream",
}
"""Media types by the ends of names, in the order in which a reader is sent to them."""

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


def croissant(
    story: Story,
    files: Mapping[str, Digest],
    sizes: Mapping[str, int],
    guarded: Mapping[str, Mapping[str, int]],
    parts: Sequence[str] = (),
) -> dict[str, Any]:
    """The description of the released data files, named by their paths, with their sizes in bytes.

    `guarded` says for a file which columns were kept from being formulas; `parts` names those in which the rows lie,
    where they lie in several: each is a set of records.
    """
    data = {name: found for name, found in files.items() if _end(name) in FORMATS}
    made = story.provenance
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
        **({"datePublished": made.created} if made.created else {}),
        "keywords": ["synthetic", "tabular", "mintmark"],
        "isLiveDataset": False,
        "distribution": [
            *(_file(name, data[name], sizes[name]) for name in sorted(data)),
            *([_side(files[SIDE], sizes[SIDE])] if SIDE in files else []),
        ],
        "recordSet": [
            record
            for table in story.schema.tables
            for part in parts or (table,)
            if (record := _record_set(story, table, part, data, guarded))
        ],
        **_responsible(story),
        **_provenance(story),
    }


def license_of(story: Story) -> str:
    """The licence that the recipe names, or `other`."""
    released = (story.provenance.recipe or {}).get("release") or {}
    return str(released.get("license") or "other")


def _license(name: str) -> str | dict[str, str]:
    """An address where the licence is a known one, else its name."""
    spdx = LICENSES.get(name.lower())
    if spdx:
        return f"https://spdx.org/licenses/{spdx}.html"
    return {"@type": "sc:CreativeWork", "name": "no licence is stated" if name == "other" else name}


def _description(story: Story) -> str:
    rows = ", ".join(f"{count:,} rows of {name}" for name, count in story.rows.items())
    verdict = story.decision.words if story.decision else "Nobody asked whether it may leave."
    kind = "Real data, and synthetic data" if story.outside_rows else "Synthetic data"
    return f"{kind} made by {story.provenance.generator or 'an unknown generator'}: {rows}. {verdict}"


def _file(name: str, found: Digest, size: int) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{size} B",
        "encodingFormat": FORMATS[_end(name)],
        "sha256": found.removeprefix("sha256:"),
    }


def _side(found: Digest, size: int) -> dict[str, Any]:
    """The table that says where each row came from."""
    return {
        "@type": "cr:FileObject",
        "@id": SIDE,
        "name": SIDE,
        "description": "where each row came from: for each run of rows its step, generator, parameters and seed",
        "contentUrl": SIDE,
        "contentSize": f"{size} B",
        "encodingFormat": FORMATS[".arrow"],
        "sha256": found.removeprefix("sha256:"),
    }


def _record_set(
    story: Story, table: str, part: str, data: Mapping[str, Digest], guarded: Mapping[str, Mapping[str, int]]
) -> dict[str, Any] | None:
    source = next((name for end in READABLE if (name := f"data/{part}{end}") in data), None)
    if source is None:
        return None
    schema = story.schema[table]
    record: dict[str, Any] = {
        "@type": "cr:RecordSet",
        "@id": part,
        "name": part,
        "field": [
            _field(column, data_type, part, source, guarded.get(source, {}))
            for column in schema.columns
            if (data_type := _data_type(column.type, source))
        ],
    }
    if schema.key:
        record["key"] = {"@id": _id(part, schema.key)}
    return record


def _field(column: Column, data_type: str, table: str, source: str, guarded: Mapping[str, int]) -> dict[str, Any]:
    title = guarding.guarded_name(column.name) if column.name in guarded else column.name
    return {
        "@type": "cr:Field",
        "@id": _id(table, column.name),
        "name": column.name,
        "description": f"{column.kind}, stored as {column.type}",
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


def _responsible(story: Story) -> dict[str, Any]:
    """Terms of Croissant RAI."""
    found = story.findings
    missing = [f"{one.metric} was not measured: {one.reason}" for one in found if isinstance(one, NoEvidence)]
    privacy = [words.meaning(one) for one in found if isinstance(one, Evidence) and one.claim == Claim.PRIVACY]
    biases = [words.meaning(one) for one in found if isinstance(one, Evidence) and one.claim == Claim.FAIRNESS]
    marked = [f"columns that name groups of people: {', '.join(story.sensitive)}"] if story.sensitive else []
    marked += [f"{story.outside_rows:,} rows are real, or of unknown origin"] if story.outside_rows else []
    told = {
        "rai:dataCollection": _collected(story),
        "rai:dataCollectionType": ["Synthetic data", *(["Others"] if story.outside_rows else [])],
        "rai:dataLimitations": [*story.provenance.assumes, *missing],
        "rai:dataBiases": biases,
        "rai:dataUseCases": [f"{key}: {value}" for key, value in story.purpose.items()],
        "rai:personalSensitiveInformation": [*marked, *privacy],
    }
    return {term: value for term, value in told.items() if value}


def _collected(story: Story) -> str:
    if story.outside_rows:
        return f"{story.outside_rows:,} rows are real, or of unknown origin; the others were made by a generator."
    if story.provenance.depth:
        return "Made by a generator that learnt from real data; no row was collected."
    return "Made by a generator; no row was collected."


def _provenance(story: Story) -> dict[str, Any]:
    """Terms of PROV-O: what the data was derived from, by which act, with which software.

    The holdout is no origin of the data: no generator saw it.
    """
    made = story.provenance
    used = [
        {"@type": "prov:Entity", "@id": _urn(found), "prov:label": role}
        for role, found in made.inputs.items()
        if role != "holdout"
    ]
    plan = {"@type": "prov:Plan", "@id": _urn(made.recipe_digest)} if made.recipe_digest else None
    agents = [f"{name} {version}" for name, version in made.versions.items()]
    act = {
        "@type": "prov:Activity",
        "prov:label": f"{made.generator or 'unknown'}, seed {made.seed}",
        "prov:used": used,
        "prov:endedAtTime": made.created,
        "prov:qualifiedAssociation": [
            {
                "@type": "prov:Association",
                "prov:agent": {"@type": "prov:SoftwareAgent", "prov:label": agent},
                **({"prov:hadPlan": plan} if plan else {}),
            }
            for agent in agents
        ],
    }
    return {
        **({"prov:wasDerivedFrom": used} if used else {}),
        "prov:wasGeneratedBy": {term: value for term, value in act.items() if value},
    }


def _urn(found: Digest) -> str:
    return f"urn:{found}"


def _id(table: str, column: str) -> str:
    """Column names may hold anything; identifiers may not."""
    return f"{table}/{quote(column, safe='')}"


def _end(name: str) -> str:
    return "." + name.rpartition(".")[2] if name.startswith("data/") else ""


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
