"""How the data was made and what must be known before it is used: terms of Croissant RAI 1.0 and of W3C PROV-O.

Sources: MLCommons, Croissant RAI Specification 1.0; Croissant Format Specification 1.1, "Responsible AI and
Governance"; PROV-O (W3C, 2013).
"""

from typing import Any

from mintmark.metrics.evidence import Claim
from mintmark.report.disclosure import facts, findings
from mintmark.report.story import Story


def responsible(story: Story) -> dict[str, Any]:
    """Terms of Croissant RAI; what the story does not say is left out."""
    told = {
        "rai:dataCollection": _collection(story),
        "rai:dataCollectionType": ["Others", "Synthetic data"],
        "rai:dataCollectionRawData": " ".join([*facts.learnt(story), *facts.distance(story)]),
        "rai:dataCollectionMissingData": _missing(story),
        "rai:dataPreprocessingProtocol": facts.preparation(story),
        "rai:dataAnnotationProtocol": _labels(story),
        "rai:annotationsPerItem": "0",
        "rai:machineAnnotationTools": _tools(story),
        "rai:dataLimitations": findings.limits(story),
        "rai:dataBiases": findings.meanings(story, Claim.FAIRNESS) + findings.meanings(story, Claim.COVERAGE),
        "rai:dataUseCases": [*facts.purpose(story), *(f"Not suited for {each}." for each in facts.unsuited(story))],
        "rai:personalSensitiveInformation": _sensitive(story),
    }
    return {term: value for term, value in told.items() if value}


def provenance(story: Story) -> dict[str, Any]:
    """Terms of PROV-O: what the data was derived from, by which act, with which software.

    The holdout is no origin of the data: no generator saw it.
    """
    made = story.provenance
    used = [
        {"@type": "prov:Entity", "@id": f"urn:{found}", "prov:label": role}
        for role, found in sorted(made.inputs.items())
        if role != "holdout"
    ]
    agents = {name: {"@type": "prov:SoftwareAgent", "prov:label": f"{name} {of}"} for name, of in made.versions.items()}
    own = agents.get("mintmark")
    plan = {"prov:hadPlan": {"@type": "prov:Plan", "@id": f"urn:{made.recipe_digest}"}} if made.recipe_digest else {}
    act = {
        "@type": "prov:Activity",
        "prov:label": f"{made.generator or 'unknown'}, seed {'unknown' if made.seed is None else made.seed}",
        "prov:used": used,
        "prov:startedAtTime": made.begun,
        "prov:endedAtTime": made.created,
        "prov:qualifiedAssociation": [{"@type": "prov:Association", "prov:agent": own, **plan}] if own else [],
        "prov:wasAssociatedWith": [agents[name] for name in sorted(agents) if name != "mintmark"],
    }  # fmt: skip
    return {
        **({"prov:wasDerivedFrom": used} if used else {}),
        "prov:wasGeneratedBy": {term: value for term, value in act.items() if value},
        **({"prov:wasAttributedTo": own} if own else {}),
    }


def _collection(story: Story) -> str:
    source = "other rows" if "train" in story.provenance.inputs else "no rows"
    methods = "; ".join(each.rstrip(".") for each in facts.methods(story))
    how = f"The generator learnt from {source}" + (f" ({methods})." if methods else ".")
    return f"{facts.collected(story)} {how}"


def _missing(story: Story) -> str:
    found = facts.missing(story)
    return f"Values are missing in {'; '.join(found)}." if found else ""


def _labels(story: Story) -> str:
    target = facts.target(story)
    if target is None:
        return "No row was labelled by a person."
    return f"No row was labelled by a person: the values of {target} were generated together with the rest of the row."


def _tools(story: Story) -> list[str]:
    version = story.provenance.versions.get("mintmark")
    return [f"mintmark {version}"] if version and facts.target(story) else []


def _sensitive(story: Story) -> list[str]:
    marked = [f"Columns that name groups of people: {', '.join(story.sensitive)}."] if story.sensitive else []
    how = "made anew, not taken from the real data"
    anew = [f"{name} ({what}): {how}." for name, what in facts.personal(story).items()]
    measured = findings.meanings(story, Claim.PRIVACY)
    unasked = (
        [] if measured else ["Privacy was not measured: take this data for as private as what it was learnt from."]
    )
    return marked + anew + measured + unasked
