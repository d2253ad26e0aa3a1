"""Tells the story of a dataset again: from the record that made it, or from a released folder alone.

Documents are functions of a story, so what is told later is what would have been told then. Rows are not recalled.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, Personal, Schema, TableSchema, arrow_type
from mintmark.errors import LedgerError
from mintmark.ledger.entry import Act
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.versions import Version, open_dataset
from mintmark.metrics.findings import Findings
from mintmark.pipeline.history import recalled, remembered, said_of
from mintmark.pipeline.judged import JUDGED_ROWS
from mintmark.pipeline.release import EVIDENCE, SIDE, STATEMENT
from mintmark.pipeline.telling import methods
from mintmark.pipeline.verify import statement_of, verify
from mintmark.recipe import Recipe
from mintmark.report.datafiles import DataFiles
from mintmark.report.story import Provenance, Story


def from_ledger(folder: Path, name: str) -> tuple[Story, DataFiles]:
    """A dataset of the record, and the files of its release where there was one.

    Raises UnknownName, or LedgerError where there is no record.
    """
    record = Ledger.open(folder, create=False)
    version = open_dataset(record, name)
    entry, body = version.entry, version.entry.body
    recipe = Recipe.model_validate(body["recipe"]) if body.get("recipe") else None
    assayed, decided = said_of(record, entry, Act.ASSAY), said_of(record, entry, Act.DECISION)
    findings = recalled(assayed.body) if assayed else Findings((), {})
    task = recipe.purpose.task if recipe else None
    story = Story(
        name=version.name,
        schema=version.schema,
        rows=version.rows(),
        digest=entry.subject,
        findings=tuple(findings),
        decision=remembered(decided.body) if decided else None,
        provenance=_making(record, version),
        synthetic=_without_rows(version.schema),
        target=task.target if task else None,
        sensitive=recipe.real.sensitive if recipe and recipe.real else (),
        left_out=findings.left_out,
        purpose=recipe.purpose.model_dump(mode="json", exclude_none=True) if recipe else {},
        missing=_missing(version),
    )
    released = said_of(record, entry, Act.RELEASE)
    return story, _files(released.body) if released else DataFiles()


def from_folder(folder: Path) -> tuple[Story, DataFiles]:
    """A released dataset, by its signed papers alone; LedgerError where they are not as they were signed."""
    checked = verify(folder)
    if checked.problems:
        fix = f"ask whom you have it from for a whole one; mintmark verify {folder} tells all"
        raise LedgerError("this release is not as it was signed", where=str(folder), found=checked.problems[0], fix=fix)
    return story_of(json.loads((folder / EVIDENCE).read_bytes())), _signed_files(folder, statement_of(folder))


def is_release(folder: Path) -> bool:
    """Does a release lie here?"""
    return (folder / STATEMENT).is_file()


def _making(record: Ledger, version: Version) -> Provenance:
    entry, body = version.entry, version.entry.body
    steps = list(body["steps"].values())
    origins = next(filter(None, map(version.origins, body["shards"])), None)
    planned = [plan for plan in record.find(Act.PLAN, subject=body["recipe_digest"])
               if plan.chain == entry.chain and plan.number < entry.number]  # fmt: skip
    given = {step.get("given") for step in ((body["recipe"] or {}).get("steps") or {}).values()}
    said = [note for name, step in body["steps"].items() if name not in given for note in step.get("notes", ())]
    assumed = [*(line for step in steps for line in step["assumes"]), *said]
    makes = [step["generator"] for step in steps]
    return Provenance(
        recipe=body["recipe"],
        recipe_digest=body["recipe_digest"],
        seed=body["seed"],
        generator=", ".join(sorted(set(makes))),
        parameters={name: step["parameters"] for name, step in body["steps"].items()},
        assumes=tuple(dict.fromkeys(assumed)),
        inputs={role: digest for role, digest in entry.inputs.items() if role != "recipe"},
        versions=body["versions"],
        depth=body["depth"],
        real_share=body["real_share"],
        origins=origins.shares if origins else {},
        depths=body.get("depths", {}),
        descent=(body.get("descent") or {}).get("words", ""),
        created=body["at"],
        begun=planned[-1].body["at"] if planned else None,
        methods=methods(makes),
    )


def _missing(version: Version) -> dict[str, dict[str, float]]:
    """As they were counted: in the first shards up to the number of rows that is judged."""
    counted: dict[str, dict[str, float]] = {}
    for table, schema in version.schema.tables.items():
        rows, gaps = 0, dict.fromkeys(schema.names, 0)
        for ref in version.refs(table):
            if rows >= JUDGED_ROWS:
                break
            shard = pq.read_table(version.ledger.objects.open(ref.object))
            rows += shard.num_rows
            for column in schema.names:
                gaps[column] += shard[column].null_count
        counted[table] = {column: count / rows for column, count in gaps.items() if count}
    return counted


def story_of(told: Mapping[str, Any]) -> Story:
    """The story that an evidence file tells."""
    made, purpose = told["provenance"], told["purpose"]
    real = (made["recipe"] or {}).get("real") or {}
    schema = Schema({name: _table(columns, told.get("keys", {}).get(name), real)
                     for name, columns in told["columns"].items()})  # fmt: skip
    findings = recalled({"findings": told["findings"], "left_out": told["left_out"]})
    fields = {name: value for name, value in made.items() if name in Provenance.__dataclass_fields__}
    return Story(
        name=told["dataset"]["name"],
        schema=schema,
        rows=told["dataset"]["rows"],
        digest=told["dataset"]["digest"],
        findings=tuple(findings),
        decision=remembered(told["decision"]) if told["decision"] else None,
        provenance=Provenance(**{**fields, "assumes": tuple(made["assumes"])}),
        synthetic=_without_rows(schema),
        target=(purpose.get("task") or {}).get("target"),
        sensitive=tuple(real.get("sensitive", ())),
        left_out=findings.left_out,
        purpose=purpose,
        missing=_told_missing(told["columns"]),
    )


def _table(columns: list[dict[str, Any]], key: str | None, real: Mapping[str, Any]) -> TableSchema:
    made = tuple(
        Column(
            each["name"],
            Kind(each["kind"]),
            arrow_type(each["type"]),
            personal=Personal(each["personal"]) if "personal" in each else None,
        )
        for each in columns
    )
    group = real.get("group")
    return TableSchema(made, key=key, group=group if group in [column.name for column in made] else None)


def _told_missing(columns: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, float]] | None:
    if not all("missing" in each for table in columns.values() for each in table):
        return None
    return {
        name: {each["name"]: each["missing"] for each in table if each["missing"]} for name, table in columns.items()
    }


def _files(body: Mapping[str, Any]) -> DataFiles:
    digests = {name: found for name, found in body["files"].items() if _is_data(name)}
    return DataFiles(digests, body.get("sizes", {}), body["guarded"], body.get("parts", {}))


def _signed_files(folder: Path, signed: Mapping[str, Any]) -> DataFiles:
    named = {one["name"]: "sha256:" + one["digest"]["sha256"] for one in signed["subject"]}
    digests = {name: found for name, found in named.items() if _is_data(name)}
    sizes = {name: (folder / name).stat().st_size for name in digests}
    parts = {name: one["rows"] for name, one in signed["predicate"].get("parts", {}).items()}
    return DataFiles(digests, sizes, signed["predicate"]["guarded"], parts)


def _is_data(name: str) -> bool:
    return name == SIDE or name.startswith("data/")


def _without_rows(schema: Schema) -> Dataset:
    return Dataset(schema, {name: table.arrow().empty_table() for name, table in schema.tables.items()})
