"""Findings in SARIF 2.1.0 (OASIS 2020), as code hosts and editors show them beside the lines that they are about."""

from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from mintmark.advice.audit import Audit, rules
from mintmark.advice.rule import Finding, Rule, Severity
from mintmark.advice.sources import SOURCES

_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def sarif(audits: Iterable[Audit], version: str) -> dict[str, Any]:
    """A log of one run over some plans; what was accepted is there, suppressed, with its reason."""
    driver = {"name": "mintmark", "version": version, "rules": [_rule(name, rule) for name, rule in rules().items()]}
    run = {"tool": {"driver": driver}, "results": [_result(finding) for audit in audits for finding in audit.findings]}
    return {"$schema": "https://json.schemastore.org/sarif-2.1.0.json", "version": "2.1.0", "runs": [run]}


def _rule(name: str, rule: type[Rule]) -> dict[str, Any]:
    cited = "; ".join(SOURCES.get(source, source) for source in rule.sources)
    return {
        "id": rule.code,
        "name": name,
        "shortDescription": {"text": (rule.__doc__ or name).partition("\n")[0]},
        "fullDescription": {"text": rule.reason},
        "help": {"text": f"{rule.fix}\n\nSources: {cited}"},
        "defaultConfiguration": {"level": _LEVEL[rule.severity]},
    }


def _result(finding: Finding) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": PurePath(finding.file).as_posix()},
        "region": {"startLine": finding.line},
    }
    out: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVEL[finding.severity],
        "message": {"text": f"{finding.what}. {finding.fix}"},
        "locations": [{"physicalLocation": place}],
    }
    if finding.accepted is not None:
        out["suppressions"] = [{"kind": "inSource", "justification": finding.accepted}]
    return out
