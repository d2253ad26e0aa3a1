"""The dataset under the element names of the Data Provenance Standards; what only its publisher knows is null.

The groups are source, provenance and use; codes are those of the standards' annex. What the standards require and the
record does not know (issuer, geography) stands as null and is listed under `to-be-filled-in`.

Source: Data & Trust Alliance, Data Provenance Standards 1.0.0 (Data-and-Trust-Alliance/DPS, specification.md).
"""

from typing import Any

from mintmark.metrics.evidence import Claim, Evidence
from mintmark.report import words
from mintmark.report.datafiles import FORMATS, DataFiles, ending
from mintmark.report.disclosure import facts, findings
from mintmark.report.markdown import escaped, stopped
from mintmark.report.story import Story

VERSION = "1.0.0"
_SYSTEM = "https://dataandtrustalliance.org/DPS/CodeSystem"
_PURPOSES = {
    "augment": "ai-pre-training",
    "replace": "ai-pre-training",
    "test": "non-ai-staging",
    "study": "non-ai-other",
    "share": "non-ai-other",
}
"""The standards' code for what becomes of the data; a model of any kind that learns is trained."""


def provenance_standards(story: Story, files: DataFiles) -> dict[str, Any]:
    """All elements of the three groups, in the standards' order."""
    groups = {"source": _source(story), "provenance": _provenance(story, files), "use": _use(story)}
    unfilled = [f"{name}.{field}" for name, group in groups.items() for field, value in group.items() if value is None]
    return {**groups, "to-be-filled-in": unfilled}


def _source(story: Story) -> dict[str, Any]:
    return {
        "version": VERSION,
        "title": story.name,
        "id": f"urn:{story.digest}",
        "location": None,
        "issuer": None,
        "description": _description(story),
    }


def _description(story: Story) -> str:
    """In Markdown, as the standards say; what speaks against the data first."""
    told = words.banner(story.decision)
    lines = [
        facts.warning(story),
        f"{told.word}: {told.why}",
        facts.collected(story),
    ]
    lines += [stopped(each) for each in (*facts.size(story), *facts.purpose(story), facts.unseen(story))]
    return " ".join(escaped(line) for line in lines if line)


def _provenance(story: Story, files: DataFiles) -> dict[str, Any]:
    made = story.provenance
    learnt = " ".join([*map(stopped, facts.methods(story)), *facts.learnt(story), *facts.distance(story)])
    inputs = [f"urn:{found}" for role, found in made.inputs.items() if role != "holdout"]
    return {
        "source": inputs[0] if inputs else None,
        "origin": None,
        "origin-geography": None,
        "date": made.created,
        "previous-date": None,
        "generation-period": _period(made.begun, made.created),
        "generation-method": [_concept("Method", "machine-generated-mlops-synthetic", learnt)],
        "format": list(dict.fromkeys(FORMATS[ending(name)] for name in files.names)),
        "sub-provenance": [],
    }


def _period(start: str | None, end: str | None) -> dict[str, str] | None:
    return {name: at for name, at in (("start", start), ("end", end)) if at} or None


def _use(story: Story) -> dict[str, Any]:
    licence = facts.licence(story)
    return {
        "classification": None,
        "consents": None,
        "privacy-enhancing": _protection(story),
        "processing-included": None,
        "processing-excluded": None,
        "storage-allowed": None,
        "storage-forbidden": None,
        "license": [licence] if licence else None,
        "intended-purpose": _purposes(story),
        "copyright": None,
        "patent": None,
        "trademark": None,
    }


def _protection(story: Story) -> list[dict[str, Any]]:
    """What was done for the people in the real data, and what attacks and proofs say of it."""
    if "train" not in story.provenance.inputs:
        return []
    found = findings.evidence(story, Claim.PRIVACY)
    software = f"mintmark {story.provenance.versions.get('mintmark', '')}".strip()
    # The annex has no code for synthesis: a concept of one's own has a description alone.
    synthesis = {
        "tool-category": {"description": "Synthetic data generation"},
        "tool-used": software,
        "parameters": [f"generator={story.provenance.generator}", f"seed={story.provenance.seed}"],
        "result": [_result(one) for one in found if one.basis != "proved"] or ["privacy was not measured"],
    }
    proved = [
        {
            "tool-category": _concept("PET", "differential-privacy", "Differential Privacy"),
            "tool-used": software,
            "parameters": [f"{name}={one.reading.details[name]}" for name in ("epsilon", "delta", "neighbours")],
            "result": [words.meaning(one)],
        }
        for one in found
        if one.basis == "proved"
    ]
    masked = [
        {
            "tool-category": _concept("PET", "data-masking", "Data Masking"),
            "tool-used": software,
            "parameters": [f"column={name}" for name in facts.personal(story)],
            "result": ["values of these columns were made anew, not taken from the real data"],
        }
    ]
    return [synthesis, *proved, *(masked if facts.personal(story) else [])]


def _result(one: Evidence) -> str:
    return f"{one.metric} = {one.value:.6g} ({findings.interval(one)}; {one.better} is better)"


def _purposes(story: Story) -> list[dict[str, str]] | None:
    code = _PURPOSES.get(str(story.purpose.get("use")))
    return [_concept("Use", code, " ".join(facts.purpose(story)))] if code else None


def _concept(system: str, code: str, description: str) -> dict[str, str]:
    return {"code": code, "system": f"{_SYSTEM}/{system}", "description": description}
