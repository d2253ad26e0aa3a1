"""Who may write to the ledger and who may let data out."""

import ast
from pathlib import Path

import mintmark

SOURCE = Path(mintmark.__file__).parent


def users_of(*names: str) -> set[str]:
    """The first folders below the package whose files import one of these modules."""
    found = set()
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                full = {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
                if full & set(names):
                    found.add(path.relative_to(SOURCE).parts[0])
    return found


def test_only_the_pipeline_uses_a_ledger():
    assert users_of("mintmark.ledger.ledger") - {"ledger", "__init__.py", "report"} == {"pipeline"}


def test_only_the_run_releases():
    assert users_of("mintmark.pipeline.release") <= {"pipeline"}


def test_generators_never_meet_metrics():
    for path in [*(SOURCE / "generators").rglob("*.py")]:
        assert "mintmark.metrics" not in path.read_text(encoding="utf-8"), path
    for path in [*(SOURCE / "metrics").rglob("*.py")]:
        assert "mintmark.generators" not in path.read_text(encoding="utf-8"), path
