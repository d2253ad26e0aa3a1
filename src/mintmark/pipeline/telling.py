"""Fills the story of a run, which all reports tell."""

from collections.abc import Iterable

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.digest import Digest
from mintmark.gate import Decision
from mintmark.ledger.ledger import now
from mintmark.metrics.findings import Findings
from mintmark.pipeline.environment import versions
from mintmark.pipeline.plan import Plan
from mintmark.pipeline.stacking import Stacked
from mintmark.report.story import Provenance, Story, missing_of


def story(
    planned: Plan,
    digest: Digest,
    whole: Stacked,
    synthetic: Dataset,
    findings: Findings,
    decision: Decision,
    notes: tuple[str, ...] = (),
    *,
    begun: str | None = None,
    made: str | None = None,
) -> Story:
    """The story of the dataset that this plan made; `synthetic` holds its rows, or enough of them to picture.

    `notes` are what fits have to say against their results: readers find them beside what the methods assume. `begun`
    and `made` are the times that the ledger has for the plan and for the dataset.
    """
    recipe = planned.recipe
    # In order of name, as the ledger keeps them: what is told later is then the same.
    steps = sorted(planned.steps, key=lambda step: step.name)
    provenance = Provenance(
        recipe=recipe.to_json(),
        recipe_digest=recipe.digest,
        seed=recipe.seed,
        generator=", ".join(sorted({step.step.make for step in steps})),
        parameters={step.name: catalog.parameters(step.generator) for step in steps},
        assumes=tuple(dict.fromkeys([*(text for step in steps for text in step.generator.assumes), *notes])),
        inputs=planned.inputs,
        versions=versions(),
        depth=whole.origins.depth,
        real_share=whole.origins.real_share,
        descent=planned.descent.words,
        origins=whole.origins.shares,
        depths={str(depth): share for depth, share in whole.origins.depths.items()},
        created=made or now(),
        begun=begun,
        methods=methods(step.step.make for step in steps),
    )
    return Story(
        name=recipe.name,
        schema=synthetic.schema,
        rows={whole.name: whole.rows},
        digest=digest,
        findings=tuple(findings),
        decision=decision,
        provenance=provenance,
        synthetic=synthetic,
        real=planned.holdout if planned.holdout is not None else planned.train,
        target=planned.target,
        sensitive=planned.sensitive,
        left_out=findings.left_out,
        purpose=recipe.purpose.model_dump(mode="json", exclude_none=True),
        missing=missing_of(synthetic.tables),
    )


def methods(makes: Iterable[str]) -> dict[str, str]:
    """What each of these generators is, in a line."""
    captions = {item.name: item.caption for item in catalog.items("generators")}
    return {name: captions.get(name, "") for name in sorted(set(makes))}
