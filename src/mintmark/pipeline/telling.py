"""Fills the story of a run, which all reports tell."""

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.digest import Digest
from mintmark.gate import Decision
from mintmark.ledger.ledger import now
from mintmark.metrics.findings import Findings
from mintmark.pipeline.environment import versions
from mintmark.pipeline.plan import Plan
from mintmark.pipeline.stacking import Stacked
from mintmark.report.story import Provenance, Story


def story(
    planned: Plan,
    digest: Digest,
    whole: Stacked,
    synthetic: Dataset,
    findings: Findings,
    decision: Decision,
    notes: tuple[str, ...] = (),
) -> Story:
    """The story of the dataset that this plan made; `synthetic` holds its rows, or enough of them to picture.

    `notes` are what fits have to say against their results: readers find them beside what the methods assume.
    """
    recipe = planned.recipe
    provenance = Provenance(
        recipe=recipe.to_json(),
        recipe_digest=recipe.digest,
        seed=recipe.seed,
        generator=", ".join(dict.fromkeys(step.step.make for step in planned.steps)),
        parameters={step.name: catalog.parameters(step.generator) for step in planned.steps},
        assumes=tuple(dict.fromkeys([*(text for step in planned.steps for text in step.generator.assumes), *notes])),
        inputs=planned.inputs,
        versions=versions(),
        depth=whole.origins.depth,
        real_share=whole.origins.real_share,
        descent=planned.descent.words,
        origins=whole.origins.shares,
        depths={str(depth): share for depth, share in whole.origins.depths.items()},
        created=now(),
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
    )
