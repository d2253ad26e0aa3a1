"""What the signature is put to: an in-toto statement that names every released file and how the data was made.

Source: in-toto attestation framework, Statement v1 (in-toto/attestation, spec/v1/statement.md).
"""

from collections.abc import Mapping
from typing import Any

from mintmark.digest import Digest
from mintmark.report import evidence
from mintmark.report.story import Story

STATEMENT = "https://in-toto.io/Statement/v1"

PREDICATE = "urn:mintmark:predicate:dataset:1"
"""A name, not an address: it need not lead anywhere to stay the same."""

MEDIA_TYPE = "application/vnd.in-toto+json"


def statement(
    story: Story,
    files: Mapping[str, Digest],
    contents: Mapping[str, Digest],
    guarded: Mapping[str, Mapping[str, int]],
    parts: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """The statement on a release.

    `files` by their paths in it, `contents` the logical digest of each table, and `guarded` for a file the number of
    cells of each column that were kept from being formulas. `parts` are those in which the rows lie, where they lie in
    several: each with its `rows` and the logical digest of its `content`.
    """
    findings = [finding.to_json() for finding in story.findings]
    made = evidence.provenance(story.provenance)
    subject = [{"name": name, "digest": {"sha256": files[name].removeprefix("sha256:")}} for name in sorted(files)]
    predicate = {
        "dataset": evidence.dataset(story),
        "contents": dict(contents),
        **({"parts": {name: dict(one) for name, one in parts.items()}} if parts else {}),
        "guarded": {name: dict(cells) for name, cells in guarded.items() if cells},
        "findings": evidence.findings_digest(findings),
        "decision": story.decision.to_json() if story.decision else None,
        **{key: value for key, value in made.items() if key != "recipe"},
    }
    return {"_type": STATEMENT, "subject": subject, "predicateType": PREDICATE, "predicate": predicate}
