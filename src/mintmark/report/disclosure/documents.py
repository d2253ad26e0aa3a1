"""Every document by its name: the files that it is, and what writes them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mintmark import disk
from mintmark.digest import Digest
from mintmark.errors import UnknownName
from mintmark.report.card import card
from mintmark.report.croissant import croissant
from mintmark.report.datafiles import DataFiles
from mintmark.report.disclosure import facts
from mintmark.report.disclosure.datasheet import datasheet
from mintmark.report.disclosure.eu_summary import eu_fields, eu_summary
from mintmark.report.disclosure.huggingface import huggingface
from mintmark.report.disclosure.model_card import model_card
from mintmark.report.disclosure.provenance_standards import provenance_standards
from mintmark.report.disclosure.technical_file import technical_file
from mintmark.report.markdown import BLANK
from mintmark.report.story import Story

Teller = Callable[[Story, DataFiles], str | dict[str, Any]]
"""Writes a document in Markdown, or as JSON."""

KINDS: Mapping[str, Mapping[str, Teller]] = {
    "card": {"card.md": card},
    "croissant": {"croissant.json": croissant},
    "datasheet": {"datasheet.md": datasheet},
    "huggingface": {"README.md": huggingface},
    "model-card": {"model-card.md": model_card},
    "provenance-standards": {"provenance-standards.json": provenance_standards},
    "eu-summary": {"eu-summary.md": eu_summary, "eu-summary.json": eu_fields},
    "technical-file": {"technical-file.md": technical_file},
}
"""The first file of a document is the one that people read."""

ALWAYS = ("card", "croissant")
"""What every release holds, whatever else the recipe asks for."""


@dataclass(frozen=True)
class Document:
    """One document on one dataset."""

    name: str
    dataset: str
    digest: Digest
    status: str
    """How the dataset's decision ended."""
    texts: Mapping[str, str]
    """Its files, by their names in a release."""

    @property
    def text(self) -> str:
        """What people read of it."""
        return next(iter(self.texts.values()))

    @property
    def blanks(self) -> int:
        """Answers that are left to the publisher."""
        return self.text.count(BLANK)

    @property
    def body(self) -> Any:
        """Its form as JSON, or None where it has none."""
        found = [text for path, text in self.texts.items() if path.endswith(".json")]
        return json.loads(found[0]) if found else None

    def write(self, path: Path) -> None:
        """Writes what people read of it, or its form as JSON where the path ends in `.json` and it has one."""
        ending = path.suffix.lower()
        found = next((text for name, text in self.texts.items() if Path(name).suffix == ending), self.text)
        disk.write(path, found.encode(), drafts=path.parent)

    def to_json(self) -> dict[str, Any]:
        """What `mintmark disclose --json` answers."""
        about = {"document": self.name, "dataset": self.dataset, "digest": self.digest, "status": self.status}
        return {**about, "blanks": self.blanks, "text": self.text, "body": self.body}


def document(name: str, story: Story, files: DataFiles) -> Document:
    """A document on a dataset; UnknownName where there is none of this name."""
    if name not in KINDS:
        raise UnknownName("document", name, KINDS)
    texts = {path: _text(tell(story, files)) for path, tell in KINDS[name].items()}
    return Document(name, story.name, story.digest, facts.status(story), texts)


def _text(told: str | dict[str, Any]) -> str:
    return told if isinstance(told, str) else json.dumps(told, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
