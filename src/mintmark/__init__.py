"""Mints synthetic data to a recipe, assays it against reality, and marks it with where it came from."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mintmark.advice.audit import Audit
    from mintmark.advice.choice import Choice, Weighed
    from mintmark.advice.diagnosis import Diagnosis, Looked
    from mintmark.advice.proposal import Proposal
    from mintmark.catalog import browse
    from mintmark.data.dataset import Dataset
    from mintmark.data.schema import Column, Kind, Schema, TableSchema
    from mintmark.data.sources import read
    from mintmark.errors import MintmarkError
    from mintmark.gate import Decision, Gate, Rule
    from mintmark.ledger.ledger import Ledger
    from mintmark.metrics.evidence import Evidence, NoEvidence, Reading
    from mintmark.metrics.findings import Findings
    from mintmark.metrics.metric import Case
    from mintmark.pipeline.advise import advise
    from mintmark.pipeline.compare import compare
    from mintmark.pipeline.demo import demo
    from mintmark.pipeline.diagnose import diagnose
    from mintmark.pipeline.differing import diff
    from mintmark.pipeline.disclosing import disclose
    from mintmark.pipeline.draft import draft, write_schema
    from mintmark.pipeline.examine import audit, is_proposal, sarif
    from mintmark.pipeline.generate import generate, generator
    from mintmark.pipeline.history import gc, lineage, references, tag, tags, versions
    from mintmark.pipeline.judge import assay, judge
    from mintmark.pipeline.moving import export_ledger, import_ledger
    from mintmark.pipeline.plan import Plan
    from mintmark.pipeline.registering import record_model
    from mintmark.pipeline.reproducing import reproduce
    from mintmark.pipeline.result import Result
    from mintmark.pipeline.row_origin import row_origin
    from mintmark.pipeline.run import check, run
    from mintmark.pipeline.verify import verify
    from mintmark.recipe import Recipe, json_schema
    from mintmark.report.comparison.table import Comparison
    from mintmark.report.disclosure.documents import Document
    from mintmark.report.lineage import draw
    from mintmark.report.terminal import summary
    from mintmark.seeds import Seed
    from mintmark.words.canaries import plant

__version__ = "0.1.0"

_HOME = {
    "Audit": "advice.audit",
    "Case": "metrics.metric",
    "Choice": "advice.choice",
    "Column": "data.schema",
    "Comparison": "report.comparison.table",
    "Dataset": "data.dataset",
    "Decision": "gate",
    "Diagnosis": "advice.diagnosis",
    "Document": "report.disclosure.documents",
    "Evidence": "metrics.evidence",
    "Findings": "metrics.findings",
    "Gate": "gate",
    "Kind": "data.schema",
    "Ledger": "ledger.ledger",
    "Looked": "advice.diagnosis",
    "MintmarkError": "errors",
    "NoEvidence": "metrics.evidence",
    "Plan": "pipeline.plan",
    "Proposal": "advice.proposal",
    "Reading": "metrics.evidence",
    "Recipe": "recipe",
    "Result": "pipeline.result",
    "Rule": "gate",
    "Schema": "data.schema",
    "Seed": "seeds",
    "TableSchema": "data.schema",
    "Weighed": "advice.choice",
    "advise": "pipeline.advise",
    "assay": "pipeline.judge",
    "audit": "pipeline.examine",
    "browse": "catalog",
    "check": "pipeline.run",
    "compare": "pipeline.compare",
    "demo": "pipeline.demo",
    "diagnose": "pipeline.diagnose",
    "diff": "pipeline.differing",
    "disclose": "pipeline.disclosing",
    "draft": "pipeline.draft",
    "draw": "report.lineage",
    "export_ledger": "pipeline.moving",
    "gc": "pipeline.history",
    "generate": "pipeline.generate",
    "generator": "pipeline.generate",
    "json_schema": "recipe",
    "import_ledger": "pipeline.moving",
    "is_proposal": "pipeline.examine",
    "judge": "pipeline.judge",
    "lineage": "pipeline.history",
    "plant": "words.canaries",
    "read": "data.sources",
    "record_model": "pipeline.registering",
    "references": "pipeline.history",
    "reproduce": "pipeline.reproducing",
    "row_origin": "pipeline.row_origin",
    "run": "pipeline.run",
    "sarif": "pipeline.examine",
    "summary": "report.terminal",
    "tag": "pipeline.history",
    "tags": "pipeline.history",
    "verify": "pipeline.verify",
    "versions": "pipeline.history",
    "write_schema": "pipeline.draft",
}
"""Where each public name lives: its module is imported at first use, so that `import mintmark` loads nothing."""

__all__ = [
    "Audit",
    "Case",
    "Choice",
    "Column",
    "Comparison",
    "Dataset",
    "Decision",
    "Diagnosis",
    "Document",
    "Evidence",
    "Findings",
    "Gate",
    "Kind",
    "Ledger",
    "Looked",
    "MintmarkError",
    "NoEvidence",
    "Plan",
    "Proposal",
    "Reading",
    "Recipe",
    "Result",
    "Rule",
    "Schema",
    "Seed",
    "TableSchema",
    "Weighed",
    "__version__",
    "advise",
    "assay",
    "audit",
    "browse",
    "check",
    "compare",
    "demo",
    "diagnose",
    "diff",
    "disclose",
    "draft",
    "draw",
    "export_ledger",
    "gc",
    "generate",
    "generator",
    "import_ledger",
    "is_proposal",
    "json_schema",
    "judge",
    "lineage",
    "plant",
    "read",
    "record_model",
    "references",
    "reproduce",
    "row_origin",
    "run",
    "sarif",
    "summary",
    "tag",
    "tags",
    "verify",
    "versions",
    "write_schema",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'mintmark' has no attribute {name!r}")
    found = getattr(importlib.import_module(f"mintmark.{_HOME[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return __all__
