"""The findings and the decision as JSON, for machines: what `evidence.json` and `lineage.json` hold."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mintmark import digest
from mintmark.data.schema import Column
from mintmark.digest import Digest
from mintmark.ledger.entry import Entry
from mintmark.report.story import Provenance, Story


def evidence(story: Story) -> dict[str, Any]:
    """All that was measured, what could not be, and what was decided.

    Levels and bounds of columns stay out: they are learnt from real rows, and some stand in no released one.
    """
    return {
        "dataset": dataset(story),
        "columns": {
            name: [
                _column(column, None if story.missing is None else story.missing.get(name, {}))
                for column in table.columns
            ]
            for name, table in story.schema.tables.items()
        },
        "keys": {name: table.key for name, table in story.schema.tables.items() if table.key},
        "findings": [finding.to_json() for finding in story.findings],
        "left_out": dict(story.left_out),
        "decision": story.decision.to_json() if story.decision else None,
        "purpose": dict(story.purpose),
        "provenance": provenance(story.provenance),
    }


def _column(column: Column, missing: Mapping[str, float] | None) -> dict[str, Any]:
    told: dict[str, Any] = {"name": column.name, "kind": str(column.kind), "type": str(column.type)}
    if column.personal:
        told["personal"] = str(column.personal)
    if missing is not None:
        told["missing"] = missing.get(column.name, 0.0)
    return told


def dataset(story: Story) -> dict[str, Any]:
    """What the dataset is."""
    return {"name": story.name, "digest": story.digest, "rows": dict(story.rows)}


def findings_digest(findings: list[dict[str, Any]]) -> Digest:
    """What a list of findings is named after."""
    return digest.of_json(findings)


def provenance(made: Provenance) -> dict[str, Any]:
    """How the data came about, without what is only the maker's business."""
    return {
        "recipe": public(made.recipe),
        "recipe_digest": made.recipe_digest,
        "seed": made.seed,
        "generator": made.generator,
        "parameters": dict(made.parameters),
        "assumes": list(made.assumes),
        "inputs": dict(made.inputs),
        "versions": dict(made.versions),
        "depth": made.depth,
        "real_share": made.real_share,
        "descent": made.descent,
        "methods": dict(made.methods),
        "begun": made.begun,
        "origins": dict(made.origins),
        "depths": dict(made.depths),
        "created": made.created,
    }


def lineage(entries: Iterable[Entry]) -> dict[str, Any]:
    """The entries that the dataset stands on, without their bodies, which may speak of real data.

    Each is named after its outline, so that a reader can check the digests and the chain without the bodies. Those of
    a guest's chain, which counts its own entries, say which it is.
    """
    return {"entries": [{"digest": entry.digest, **_chain(entry), **entry.outline()} for entry in entries]}


def _chain(entry: Entry) -> dict[str, str]:
    return {"chain": entry.chain} if entry.chain else {}


_LOGIN = re.compile(r"//[^/@]*@")


def public(recipe: Any) -> Any:
    """The recipe without folders of the maker's machine and without passwords in addresses of databases."""
    if recipe is None or not isinstance(recipe.get("real"), dict):
        return recipe if recipe is None else dict(recipe)
    hidden = {key: _place(value) if key in ("from", "holdout") else value for key, value in recipe["real"].items()}
    return {**recipe, "real": hidden}


def _place(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    if "://" in value:
        return _LOGIN.sub("//…@", value).partition("?")[0]
    return re.split(r"[/\\]", value)[-1] or "…"
