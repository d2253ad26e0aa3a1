"""Should this plan be carried out? Asks the rules of advice about a recipe or a proposal."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mintmark import document
from mintmark.advice import sarif as logs
from mintmark.advice.audit import Audit
from mintmark.advice.audit import audit as ask
from mintmark.advice.proposal import Proposal
from mintmark.document import Document
from mintmark.pipeline.environment import versions
from mintmark.pipeline.run import check
from mintmark.recipe import Recipe


def audit(what: Proposal | Recipe | Mapping[str, Any] | str | Path) -> Audit:
    """What the rules find in a proposal or a recipe, or in the file of one; nothing is made or written.

    Raises RecipeError where it can be read as neither, and what `check` raises of a recipe.
    """
    if isinstance(what, Proposal):
        return ask(what, Document({}, {}, what.proposal))
    if isinstance(what, Mapping) and "proposal" in what:
        return audit(Proposal.of(Document(dict(what), {}, "proposal")))
    if isinstance(what, str | Path) and is_proposal(what):
        source = document.read(Path(what))
        return ask(Proposal.of(source), source)
    return check(what).audit


def is_proposal(path: str | Path) -> bool:
    """Is this the file of a proposal, and not of a recipe? RecipeError where it cannot be read."""
    value = document.read(Path(path)).value
    return isinstance(value, dict) and "proposal" in value


def sarif(*found: Audit) -> dict[str, Any]:
    """The same findings as a log that code hosts show beside the lines."""
    return logs.sarif(found, versions()["mintmark"])
