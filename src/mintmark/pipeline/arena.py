"""Where generators meet: all learn from the same rows and are judged by the same unseen ones; finished work is kept."""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from mintmark import catalog, digest, disk
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import ConditionError, GenerationError, LedgerError, MintmarkError, StorageError
from mintmark.gate import Gate
from mintmark.generators.guarantee import Guarantee
from mintmark.generators.workshop import Workshop
from mintmark.ledger.ledger import Ledger
from mintmark.ledger.work import Work
from mintmark.metrics.assay import assay
from mintmark.metrics.findings import Findings
from mintmark.metrics.metric import Case, Metric, Task
from mintmark.pipeline import fitting, proving
from mintmark.pipeline import where as conditions
from mintmark.pipeline.contestants import Contestant
from mintmark.pipeline.environment import versions
from mintmark.pipeline.fitting import Delivery, Order
from mintmark.pipeline.history import recalled
from mintmark.pipeline.progress import Progress
from mintmark.recipe import Step
from mintmark.report.comparison.entrant import Cost, Entrant
from mintmark.seeds import Seed


@dataclass(frozen=True)
class Tell:
    """What is said of one fit while it lasts."""

    report: Progress
    what: str
    done: int
    total: int
    """Fits, and the judgement of them all."""

    def now(self) -> None:
        """It begins."""
        self.report(self.what, self.done, self.total)

    def how(self, how: str, done: int, total: int) -> None:
        """How it stands, in its own words, and how far it is."""
        self.report(f"{self.what}: {how}, {done:,} of at most {total:,}", self.done, self.total)


@dataclass(frozen=True)
class Arena:
    """What all entrants have in common."""

    train: Dataset
    unseen: Dataset
    step: Step
    """The recipe's step: its conditions hold for every method."""
    count: int
    """Rows that each makes with each seed."""
    target: str | None
    sensitive: tuple[str, ...]
    task: Task | None
    metrics: Mapping[str, Metric]
    gate: Gate
    seeds: int
    seed: Seed
    record: Ledger
    folder: Path
    """For the training rows, as the processes that fit read them."""

    def enter(self, contestant: Contestant, report: Progress, *, label: str = "") -> Entrant:
        """Fits, samples and judges one; one that fails says why and stops nobody else.

        What an earlier call has finished, seed by seed, is taken as it is.
        """
        told = (label or contestant.label).replace(",", "")  # what follows a comma is what changes
        entrant = Entrant(contestant.label, contestant.make, dict(contestant.parameters))
        steps = self.seeds + 1
        try:
            parameters = contestant.complete(self.step, self.target)
            work = self._work(contestant, parameters)
            made = []
            for seed in range(self.seeds):
                what = f"{told}, fitting with seed {seed + 1} of {self.seeds}"
                made.append(self._made(work, contestant, parameters, seed, Tell(report, what, seed, steps)))
            findings = self._findings(work, [each.rows for each in made], lambda metric, _, __: report(
                f"{told}, judging {metric}", self.seeds, steps))  # fmt: skip
            findings = self._proved(findings, made, contestant)
        except (StorageError, LedgerError):
            raise
        except MintmarkError as error:
            report(told, steps, steps)
            return replace(entrant, failure=str(error))
        report(told, steps, steps)
        decision = self.gate.decide(findings, validated=True) if self.gate.rules else None
        notes = tuple(dict.fromkeys(note for each in made for note in each.notes))
        costs = tuple(each.cost for each in made)
        return replace(entrant, findings=findings, costs=costs, decision=decision, notes=notes)

    def _work(self, contestant: Contestant, parameters: Mapping[str, Any]) -> Work:
        """Named after all that decides which rows are made; neither the questions nor the other entrants are in it."""
        what: dict[str, Any] = {"comparing": contestant.make, "parameters": dict(parameters), "where": self.step.where}
        what["constraints"] = list(self.train.columns.constraints)
        body = {**what, "count": self.count, "seed": str(self.seed), "train": self.train.digest, "versions": versions()}
        return self.record.work(digest.of_json(body))

    def _made(self, work: Work, contestant: Contestant, parameters: Mapping[str, Any], seed: int,
              tell: "Tell") -> Delivery:  # fmt: skip
        tell.now()
        noted = work.folder / f"cost-{seed:05}.json"
        ref = work.done(seed)
        if ref is None or not noted.is_file():
            place = work.folder / f"fit-{seed:05}"
            order = Order(contestant.make, parameters, self.step.where, self.count, self.seed.child(seed))
            made = fitting.carry_out(order, self._written(), workshop=Workshop(tell.how, place))
            self._check(made.rows, contestant)
            told = {"guarantee": made.guarantee and made.guarantee.to_json(), "notes": list(made.notes)}
            self._keep(noted, {"cost": vars(made.cost), "schema": made.rows.schema.to_json(), **told})
            ref = self.record.objects.put_table([made.rows.table], made.rows.table.schema)
            work.finish(seed, ref)
            shutil.rmtree(place, ignore_errors=True)  # also because chance that hides rows lies in it
        # Read back even when it was just made, so that a comparison that goes on sees what an unbroken one sees.
        body = json.loads(noted.read_bytes())
        schema = Schema.from_json(body["schema"])
        name, columns = next(iter(schema.tables.items()))
        table = pq.read_table(self.record.objects.open(ref.object)).cast(columns.arrow())
        guarantee = Guarantee.from_json(body["guarantee"]) if body.get("guarantee") else None
        return Delivery(Dataset(schema, {name: table}), Cost(**body["cost"]), guarantee, tuple(body.get("notes", ())))

    def _proved(self, findings: Findings, made: Sequence[Delivery], contestant: Contestant) -> Findings:
        """The findings, and what one fit proves of its training rows: of several seeds, whichever proves least."""
        held = [each.guarantee for each in made if each.guarantee is not None]
        least = max(held, key=lambda each: (each.epsilon, each.delta)) if len(held) == len(made) else None
        asked = any(rule.metric == proving.METRIC for rule in self.gate.rules)
        proof = proving.proved({contestant.make: least}, asked=asked)
        return Findings((*findings, *proof), findings.left_out)

    def _check(self, made: Dataset, contestant: Contestant) -> None:
        if made.columns.names != self.train.columns.names:
            found = ", ".join(made.columns.names[:10])
            raise GenerationError(f"{contestant.make} makes other columns than the real data has", found=found)
        if len(made) != self.count:
            raise GenerationError(f"{contestant.make} made {len(made)} rows where {self.count} were asked")

    def _findings(self, work: Work, draws: Sequence[Dataset], report: Progress) -> Findings:
        asked = {name: catalog.parameters(metric) for name, metric in self.metrics.items()}
        meant = {"metrics": asked, "unseen": self.unseen.digest, "seeds": self.seeds, "target": self.target}
        body = {**meant, "sensitive": list(self.sensitive), "task": self.task}
        path = work.folder / f"findings-{digest.of_json(body)[7:23]}.json"
        if not path.is_file():
            case = Case(draws[0], self.train, self.unseen, self.target, self.sensitive, self.task)
            found = assay(case, self.metrics, seed=self.seed, alike=self._alike(case), draws=draws[1:], progress=report)
            self._keep(path, {"findings": found.to_json(), "left_out": dict(found.left_out)})
        return recalled(json.loads(path.read_bytes()))

    def _alike(self, case: Case) -> Case | None:
        """The case with real rows that meet the step's conditions; None where it has none."""
        if not self.step.where:
            return None

        def thinned(role: str, real: Dataset | None) -> Dataset | None:
            try:
                return real and conditions.alike(
                    [(self.step.where, 1.0)], real, rng=self.seed.child("alike", role).rng()
                )
            except ConditionError:
                return None  # no real row is like what was asked: then there is nothing to compare with

        return replace(case, train=thinned("train", case.train), holdout=thinned("holdout", case.holdout))

    def _written(self) -> Path:
        path = self.folder / f"{self.train.digest[7:23]}.arrow"
        if not path.is_file():
            fitting.write(self.train, path)
        return path

    def _keep(self, path: Path, body: Mapping[str, Any]) -> None:
        text = json.dumps(body, ensure_ascii=False, default=str)
        disk.write(path, text.encode(), drafts=self.record.folder / "drafts")
