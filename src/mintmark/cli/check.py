"""Is this plan sound, before anything is spent?"""

import json
from pathlib import Path
from typing import Annotated

import typer

import mintmark as mm
from mintmark.cli import console

STYLES = {"error": "red", "warning": "yellow", "note": "dim"}


def command(
    plans: Annotated[list[Path], typer.Argument(help="Recipes or proposals (YAML).")],
    sarif: Annotated[Path | None, typer.Option(help="Also write the findings as a SARIF log.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say of each finding why, and who has shown it.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Answer in JSON: an object, or a list for several plans.")
    ] = False,
) -> None:
    """Check plans: a recipe against its data and every rule, a proposal against the rules. Nothing is made.

    Exit code 2 where a plan has errors that it does not accept.
    """
    audits, answers = [], []
    for plan in plans:
        recipe = None if mm.is_proposal(plan) else mm.check(plan)
        audit = recipe.audit if recipe is not None else mm.audit(plan)
        audits.append(audit)
        answers.append(recipe.to_json() if recipe is not None else audit.to_json())
        if not as_json:
            if recipe is not None:
                show(recipe)
            tell(audit, explain=explain)
    if sarif is not None:
        sarif.write_text(json.dumps(mm.sarif(*audits), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    if as_json:
        console.answer(answers if len(answers) > 1 else answers[0])
    if any(audit.errors for audit in audits):
        raise typer.Exit(2)


def tell(audit: "mm.Audit", *, explain: bool) -> None:
    """Prints what the rules found."""
    for finding in audit.findings:
        accepted = finding.accepted is not None
        style = "dim" if accepted else STYLES[finding.severity]
        console.out.print(f"{finding.where} {finding.code} {finding.what}", style=style, markup=False)
        if accepted:
            console.out.print(f"    accepted: {finding.accepted}", style="dim", markup=False)
            continue
        console.out.print(f"    {finding.fix}", markup=False)
        if explain:
            console.out.print(f"    {finding.reason} ({'; '.join(finding.sources)})", style="dim", markup=False)
    counts = {
        severity: sum(f.severity == severity and f.accepted is None for f in audit.findings) for severity in STYLES
    }
    found = ", ".join(f"{count} {name}{'s' * (count > 1)}" for name, count in counts.items() if count)
    ending = "unsound" if audit.errors else "sound"
    console.out.print(
        f"{ending}: {audit.rules} rules, {found or 'nothing found'}", style="red" if audit.errors else "green"
    )


def show(plan: "mm.Plan") -> None:
    """Prints what a recipe will do."""
    body = plan.to_json()
    console.out.print(f"[bold]{body['name']}[/]  {body['recipe'][:19]}")
    console.out.print(f"{body['train_rows']:,} rows to learn from, {body['holdout_rows']:,} locked away to judge by")
    steps = console.table("step", "method", "rows", "shards")
    for step in body["steps"]:
        steps.add_row(step["name"], step["make"], f"{step['count']:,}", str(step["shards"]))
    console.out.print(steps)
    console.out.print("asks " + (", ".join(body["metrics"]) or "nothing: nobody judges the rows"))
    console.out.print("leaves if " + " and ".join(body["gate"]) if body["gate"] else "no gate", markup=False)
    for line in body["notes"]:
        console.note(f"note: {line}")
