"""What the record says of a dataset that was made: its rows, and all that they came of."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mintmark import catalog
from mintmark.data.origin import MADE
from mintmark.ledger.entry import Entry
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.sketch import sketch
from mintmark.ledger.versions import publish_dataset
from mintmark.pipeline.environment import versions
from mintmark.pipeline.making import Made
from mintmark.pipeline.plan import Plan, PlannedStep
from mintmark.pipeline.stacking import Stacked


def published(record: Ledger, planned: Plan, made: dict[str, Made], whole: Stacked) -> Entry:
    """Enters the dataset under the digest of its content: a new version of its name."""
    recipe = planned.recipe
    return publish_dataset(
        record,
        name=recipe.name,
        schema=whole.schema,
        shards={whole.name: whole.shards},
        inputs={**planned.inputs, "recipe": recipe.digest},
        origins={whole.name: whole.origins},
        body={
            "recipe": recipe.to_json(),
            "recipe_digest": recipe.digest,
            "order": list(recipe.steps),
            "seed": recipe.seed,
            "steps": {step.name: _making(planned, step, made[step.name]) for step in planned.steps},
            "versions": versions(),
            "depth": whole.origins.depth,
            "depths": {str(depth): share for depth, share in whole.origins.depths.items()},
            "real_share": whole.origins.real_share,
            "standing": whole.origins.standing,
            "mix": planned.mixture.to_json() if planned.mixture else [],
            "descent": planned.descent.to_json(),
            "sketch": {"object": record.objects.put_json(_sketch(record, whole))},
        },
    )


def _sketch(record: Ledger, whole: Stacked) -> dict[str, list[int]]:
    """By which the rows are recognised when they come back: made ones, for real rows may come from elsewhere."""
    start = 0
    for ref in whole.shards:
        own = whole.origins.slice(start, ref.rows).mask(*MADE)
        start += ref.rows
        if own.any():
            return sketch(pq.read_table(record.objects.open(ref.object)).filter(pa.array(own)))
    return {name: [] for name in whole.columns.names}


def _making(planned: Plan, step: PlannedStep, made: Made) -> dict[str, Any]:
    return {
        "generator": step.step.make,
        "parameters": catalog.parameters(step.generator),
        "assumes": list(step.generator.assumes),
        "constraints": list(made.met),
        "rows": sum(ref.rows for ref in made.shards),
        "seed": str(planned.seed.child(step.name)),
        "sampler": made.sampler,
        "guarantee": made.guarantee.to_json() if made.guarantee else None,
        "notes": list(made.notes),
        "filters": made.harvest.to_json() if made.harvest else None,
        "asked": list(made.asked),
        "files": dict(step.files),
    }
