"""The assay puts one question to the synthetic data, to unseen real data and to shuffled columns, and loses nothing."""

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np
import pyarrow as pa
import pytest

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Schema
from mintmark.errors import CannotMeasure, UnknownName
from mintmark.metrics import assay as module
from mintmark.metrics.assay import assay, profile
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.metrics.fidelity.marginals import Marginals
from mintmark.metrics.findings import Findings
from mintmark.metrics.metric import Case, Role
from mintmark.metrics.unasked import less
from mintmark.seeds import Seed


def people(n: int, seed: int) -> Dataset:
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=n), 3)
    label = np.where(x + 0.3 * rng.normal(size=n) > 0, "yes", "no")
    return Dataset.of({"x": x, "label": label, "place": rng.choice(["a", "b", "c"], n)})


CASE = Case(people(400, 1), train=people(500, 2), holdout=people(300, 3), target="label", sensitive=("place",))


@dataclass(frozen=True)
class Spy:
    """Writes down what it is shown, and answers as it is told."""

    seen: list[Case]
    answer: Callable[[Case, np.random.Generator], float] = lambda case, rng: float(rng.random())
    claim: ClassVar[Claim] = Claim.FIDELITY
    needs: ClassVar[frozenset[Role]] = frozenset({Role.SYNTHETIC})
    better: ClassVar[Literal["lower", "higher"]] = "lower"
    whole: ClassVar[bool] = False

    def measure(self, case: Case, *, rng: np.random.Generator) -> Reading:
        self.seen.append(case)
        value = self.answer(case, rng)
        return Reading(value, (value, value), len(case.synthetic))


class Attack(Spy):
    whole: ClassVar[bool] = True


def seen(case: Case = CASE, metric: type[Spy] = Spy) -> list[Case]:
    spy = metric([])
    assay(case, {"a.spy": spy}, seed=Seed(1))
    return spy.seen


def rows(data: Dataset | None) -> list[tuple[object, ...]]:
    assert data is not None
    return sorted(zip(*(column.to_pylist() for column in data.table.columns), strict=True))


def test_synthetic_ceiling_and_floor_are_of_one_size_and_meet_the_same_rows() -> None:
    cases = seen()
    assert [len(case.synthetic) for case in cases] == [150, 150, 150]
    assert len({case.holdout.digest for case in cases if case.holdout}) == 1


def test_ceiling_and_reference_are_the_holdout_cut_in_two() -> None:
    _, ceiling, _ = seen()
    assert sorted(rows(ceiling.synthetic) + rows(ceiling.holdout)) == rows(CASE.holdout)


def agreement(data: Dataset) -> float:
    """How often the sign of x tells the label."""
    return float(np.mean((data.table["x"].to_numpy() > 0) == (np.array(data.table["label"].to_pylist()) == "yes")))


def test_the_floor_has_the_values_of_real_rows_and_not_their_combinations() -> None:
    floor = seen()[2].synthetic
    assert CASE.train is not None
    for name in floor.table.schema.names:
        assert set(floor.table[name].to_pylist()) <= set(CASE.train.table[name].to_pylist())
    assert agreement(CASE.train) > 0.85
    assert agreement(floor) < 0.65


def test_an_attacker_has_all_synthetic_rows_and_the_same_reference() -> None:
    cases = seen(metric=Attack)
    assert [len(case.synthetic) for case in cases] == [400, 150, 150]
    assert cases[0].holdout is not None
    assert rows(cases[0].holdout) == rows(seen()[0].holdout)


def test_few_synthetic_rows_make_ceiling_and_floor_as_few() -> None:
    assert [len(case.synthetic) for case in seen(replace(CASE, synthetic=people(40, 9)))] == [40, 40, 40]


def test_a_cap_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CAP", 100)
    finding = assay(CASE, {"a.spy": Spy([])}, seed=Seed(1))[0]
    assert isinstance(finding, Evidence)
    assert finding.reading.n == 100
    assert "synthetic: 100 of 400 rows, drawn at random" in finding.notes


def test_entities_are_not_torn_between_ceiling_and_reference() -> None:
    table = people(300, 3).table.append_column("who", pa.array(np.arange(300) // 5))
    schema = Dataset.of(table).columns
    holdout = Dataset(Schema({"rows": replace(schema, group="who")}), {"rows": table})
    _, ceiling, _ = seen(replace(CASE, holdout=holdout))
    assert ceiling.holdout is not None
    halves = [set(data.table["who"].to_pylist()) for data in (ceiling.synthetic, ceiling.holdout)]
    assert not halves[0] & halves[1]


def test_adding_a_metric_changes_no_other_number() -> None:
    alone = assay(CASE, {"a.spy": Spy([])}, seed=Seed(1))["a.spy"]
    beside = assay(CASE, {"b.spy": Spy([]), "a.spy": Spy([])}, seed=Seed(1))
    assert beside["a.spy"] == alone
    assert beside["b.spy"].to_json()["value"] != alone.to_json()["value"]


def test_a_metric_that_breaks_is_an_answer_with_its_error_and_stops_nothing() -> None:
    def broken(case: Case, rng: np.random.Generator) -> float:
        raise ZeroDivisionError("by zero")

    findings = assay(CASE, {"a.broken": Spy([], broken), "a.spy": Spy([])}, seed=Seed(1))
    assert findings["a.broken"] == NoEvidence("a.broken", Claim.FIDELITY, "failed: ZeroDivisionError: by zero")
    assert isinstance(findings["a.spy"], Evidence)


def test_a_value_outside_its_interval_is_no_evidence() -> None:
    finding = assay(CASE, {"a.spy": Spy([], lambda case, rng: float("nan"))}, seed=Seed(1))[0]
    assert isinstance(finding, NoEvidence)


def test_what_cannot_be_measured_says_why() -> None:
    def cannot(case: Case, rng: np.random.Generator) -> float:
        raise CannotMeasure("too few rows", found="3 rows")

    finding = assay(CASE, {"a.spy": Spy([], cannot)}, seed=Seed(1))[0]
    assert isinstance(finding, NoEvidence)
    assert finding.reason == "too few rows\n  found: 3 rows"


def test_a_ceiling_that_fails_leaves_the_value_and_a_note() -> None:
    spy = Spy([])

    def second(case: Case, rng: np.random.Generator) -> float:
        if len(spy.seen) == 2:
            raise CannotMeasure("no ceiling today")
        return 0.5

    object.__setattr__(spy, "answer", second)
    finding = assay(CASE, {"a.spy": spy}, seed=Seed(1))[0]
    assert isinstance(finding, Evidence)
    assert finding.ceiling is None
    assert finding.floor is not None
    assert "there is no ceiling: no ceiling today" in finding.notes


def test_without_a_holdout_there_is_no_ceiling_and_a_note_says_so() -> None:
    finding = assay(replace(CASE, holdout=None), {"a.spy": Spy([])}, seed=Seed(1))[0]
    assert isinstance(finding, Evidence)
    assert finding.ceiling is None
    assert any("no ceiling" in note for note in finding.notes)


def test_a_holdout_of_one_row_makes_no_ceiling() -> None:
    finding = assay(replace(CASE, holdout=people(1, 3)), {"a.spy": Spy([])}, seed=Seed(1))[0]
    assert isinstance(finding, Evidence)
    assert finding.ceiling is None


def test_a_holdout_that_repeats_training_rows_is_told() -> None:
    assert CASE.train is not None
    findings = assay(replace(CASE, holdout=CASE.train), {"a.spy": Spy([])}, seed=Seed(1))
    assert "100.00% of the holdout rows equal a training row" in findings[0].to_json()["notes"]


def test_several_tables_are_answered_with_a_reason() -> None:
    two = people(60, 1).bind(Dataset.of({"y": [1.0, 2.0]}, name="more"))
    findings = assay(Case(two, train=two, holdout=two), profile("quick"), seed=Seed(1))
    assert all(isinstance(finding, NoEvidence) for finding in findings)
    assert "exactly one table" in findings[0].to_json()["reason"]


def test_conditioned_rows_are_compared_with_real_rows_that_meet_the_conditions() -> None:
    alike = replace(CASE, holdout=people(100, 8))
    plain, attack = Spy([]), Attack([])
    findings = assay(CASE, {"a.spy": plain, "a.attack": attack}, seed=Seed(1), alike=alike)
    assert len(plain.seen[0].holdout or ()) == 50
    assert len(attack.seen[0].holdout or ()) == 150
    assert any("100 unseen real rows that meet" in note for note in findings["a.spy"].to_json()["notes"])


def test_a_metric_that_sees_all_rows_says_how_many_its_ceiling_and_floor_have() -> None:
    findings = assay(CASE, {"a.spy": Spy([]), "a.attack": Attack([])}, seed=Seed(1))
    notes = {finding.metric: finding.to_json()["notes"] for finding in findings}
    assert "ceiling and floor stand on 150 rows each" in notes["a.attack"]
    assert not any("stand on" in note for note in notes["a.spy"])


def test_a_reason_does_not_count_few_real_people() -> None:
    """How many real rows meet the conditions of a recipe may be how many people are ill."""
    few = replace(CASE, holdout=people(14, 8))
    finding = assay(CASE, {"a.b": Marginals()}, seed=Seed(1), alike=few)[0]
    assert isinstance(finding, NoEvidence)
    assert "fewer than 10 synthetic rows, fewer than 10 real rows" in finding.reason


def test_the_answers_are_the_same_with_any_number_of_workers() -> None:
    metrics = {
        name: catalog.build("metrics", name, {}) for name in ("fidelity.frechet", "fidelity.mmd", "utility.transfer")
    }
    one, four = (assay(CASE, metrics, seed=Seed(1), workers=n) for n in (1, 4))
    assert one.to_json() == four.to_json()
    assert [finding.metric for finding in four] == list(metrics)


def test_an_interrupted_assay_asks_no_further_question() -> None:
    asked: list[Case] = []

    def interrupt(what: str, done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        assay(CASE, {f"a.{k}": Spy(asked) for k in range(500)}, seed=Seed(1), progress=interrupt, workers=1)
    assert len(asked) < 500


def test_what_an_assay_works_out_of_data_ends_with_it() -> None:
    case = Case(people(400, 1), train=people(500, 2), holdout=people(300, 3))
    assay(case, {"fidelity.marginals": Marginals()}, alike=case, seed=Seed(1))
    assert not any(data.memo for data in (case.synthetic, case.train, case.holdout) if data)


def test_progress_is_told_before_each_metric_and_at_the_end() -> None:
    told: list[tuple[str, int, int]] = []
    assay(CASE, {"a.spy": Spy([]), "b.spy": Spy([])}, seed=Seed(1), progress=lambda *each: told.append(each))
    assert told == [("a.spy", 0, 2), ("b.spy", 1, 2), ("all", 2, 2)]


def test_the_thorough_profile_is_all_that_is_on_the_shelf() -> None:
    assert list(profile("thorough")) == catalog.names("metrics")


def test_other_profiles_ask_less_or_more_of_the_same() -> None:
    assert set(profile("quick")) < set(profile("default"))
    assert set(profile("default")) < set(profile("thorough"))
    with pytest.raises(UnknownName, match="did you mean default"):
        profile("defualt")


@pytest.fixture(scope="module")
def findings() -> Findings:
    return assay(CASE, profile("default"), seed=Seed(1))


def test_the_default_assay_answers_every_question(findings: Findings) -> None:
    assert [finding.metric for finding in findings] == list(profile("default"))
    assert {*findings.left_out, *profile("default")} == set(catalog.names("metrics"))
    missing = {finding.metric: finding.reason for finding in findings if isinstance(finding, NoEvidence)}
    assert missing["validity.constraints"] == "no constraints were declared"
    assert not [reason for reason in missing.values() if reason.startswith("failed")]
    assert all(finding.ceiling and finding.floor for finding in findings if isinstance(finding, Evidence))


def test_findings_are_plain_json(findings: Findings) -> None:
    assert json.loads(json.dumps(findings.to_json(), allow_nan=False)) == findings.to_json()


def test_findings_are_had_by_name_by_place_and_by_slice(findings: Findings) -> None:
    assert findings["privacy.copies"] in list(findings)
    assert findings[0].metric == next(iter(profile("default")))
    assert len(findings[:2]) == 2
    with pytest.raises(UnknownName, match=r"privacy\.copies"):
        findings["privacy.copy"]


def test_findings_show_themselves_as_aligned_text(findings: Findings) -> None:
    lines = str(findings).splitlines()
    table = [line for line in lines if "no evidence" not in line and "not asked" not in line]
    assert len({len(line) for line in table}) == 1
    assert "validity.constraints: no evidence, no constraints were declared" in lines


def test_what_a_notebook_shows_is_escaped() -> None:
    html = Findings((NoEvidence("a.b", None, "<script>alert(1)</script>"),))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_score_says_what_the_thorough_profile_would_ask_more() -> None:
    quick, full = (catalog.build("metrics", "coverage.cells", {"ways": ways}) for ways in (1, 3))
    assert less(quick, "thorough") == ["the profile thorough asks this with ways 3 (here 1)"]
    assert less(full, "thorough") == []
    audit = catalog.build("metrics", "privacy.audit", {})
    assert less(audit, "thorough") == [
        "the profile thorough asks this with targets 10,000 (here 2,000), every on (here off)"
    ]
    assert less(catalog.build("metrics", "validity.schema", {}), "thorough") == []
