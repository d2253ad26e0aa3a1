"""Who beats whom, what the front is, and what is said of it: on findings made by hand."""

import io
import json
import math
import re
from dataclasses import replace

import pytest
from rich.console import Console
from scipy import stats

import mintmark as mm
from mintmark.errors import InputError, UnknownName
from mintmark.gate import Gate
from mintmark.metrics.draws import joined, of_mean
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.metrics.findings import Findings
from mintmark.pipeline import contestants
from mintmark.report.charts.tradeoff import Dot, Score, tradeoff
from mintmark.report.comparison import front, lines
from mintmark.report.comparison.advice import advise
from mintmark.report.comparison.entrant import Cost, Entrant
from mintmark.report.comparison.front import TIME, Axis
from mintmark.report.comparison.table import Comparison, Proof

DETECTION, TRANSFER, MEMBERSHIP = "fidelity.detection", "utility.transfer", "privacy.membership"
BETTER = {TRANSFER: "higher"}
DOT = re.compile(r'color-(\d)"><g class="dots"><circle class="dot" cx="([\d.]+)" cy="([\d.]+)"')
SIDES = {DETECTION: (0.5, 0.99), TRANSFER: (1.0, -0.1), MEMBERSHIP: (0.01, 0.01)}


def evidence(metric, value, arm):
    beside = [Reading(side, (side - 0.003, side + 0.003), 500) for side in SIDES.get(metric, (0.0, 1.0))]
    reading = Reading(value, (value - arm, value + arm), 500)
    return Evidence(metric, Claim(metric.split(".")[0]), BETTER.get(metric, "lower"), reading, *beside)


def entrant(label, seconds=1.0, *, rules=(), missing=(), arm=0.01, **scores):
    """`entrant("a", detection=0.6, transfer=(0.9, 0.2))`: a value, or a value and the arm of its interval."""
    named = {"detection": DETECTION, "transfer": TRANSFER, "membership": MEMBERSHIP}
    found = []
    for name, score in scores.items():
        value, wide = score if isinstance(score, tuple) else (score, arm)
        found.append(evidence(named.get(name, name), value, wide))
    found += [NoEvidence(metric, Claim(metric.split(".")[0]), "too few rows") for metric in missing]
    findings = Findings(tuple(found))
    cost = Cost(seconds, seconds, 0.0, 0.0, rows=500, peak_bytes=300_000_000, base_bytes=100_000_000)
    decision = Gate.of(*rules).decide(findings, validated=True) if rules else None
    return Entrant(label, label.partition("(")[0], {}, findings, (cost, cost), decision)


def failed(label="broken"):
    return Entrant(label, label, failure="the process that ran it was ended by signal 9")


def best(*entrants):
    return [each.label for each in front.front(entrants, front.axes(entrants))]


def said(*entrants):
    return advise(entrants, front.axes(entrants))


def comparison(*entrants, **more):
    return Comparison("adult", entrants, 2, 700, 300, 700, **more)


def test_who_is_better_in_nothing_and_worse_in_something_is_beaten():
    close, quick = entrant("close", 100, detection=0.55), entrant("quick", 1, detection=0.9)
    assert best(close, quick, entrant("poor", 100, detection=0.95)) == ["close", "quick"]


def test_equals_share_the_front():
    assert best(entrant("a", detection=0.6), entrant("b", detection=0.6)) == ["a", "b"]


def test_a_clear_advantage_on_one_axis_and_equality_on_the_rest_beats():
    assert best(entrant("a", detection=0.6, transfer=0.99), entrant("b", detection=0.6, transfer=0.9)) == ["a"]


def ring():
    """a beats b by x, b beats c by y, c beats a by z, and nothing else can be told apart."""
    narrow, wide = 0.01, 0.5
    by = {"fidelity.x": "abc", "utility.y": "bca", "privacy.z": "cab"}
    place = {0: (0.1, narrow), 1: (0.3, narrow), 2: (0.2, wide)}
    return [entrant(one, **{metric: place[order.index(one)] for metric, order in by.items()}) for one in "abc"]


def test_three_who_beat_each_other_in_a_ring_all_stand_on_the_front():
    three = ring()
    by = front.axes(three)
    a, b, c = three
    assert front.beats(a, b, by)
    assert front.beats(b, c, by)
    assert front.beats(c, a, by)
    assert best(*three) == ["a", "b", "c"]
    worse = entrant("d", **{"fidelity.x": (0.9, 0.01), "utility.y": (0.9, 0.01), "privacy.z": (0.9, 0.01)})
    assert best(*three, worse) == ["a", "b", "c"]


def test_scores_are_told_apart_by_the_arms_that_face_each_other():
    one = evidence(DETECTION, 0.2, 0.1)
    assert front.standing(one, evidence(DETECTION, 0.342, 0.1)) == "better"  # 0.142 > √0.02
    assert front.standing(evidence(DETECTION, 0.342, 0.1), one) == "worse"
    assert front.standing(one, evidence(DETECTION, 0.341, 0.1)) == "alike"  # 0.141 < √0.02
    assert front.standing(evidence(TRANSFER, 0.9, 0.01), evidence(TRANSFER, 0.8, 0.01)) == "better"


def test_methods_are_told_apart_by_their_means_and_not_by_a_further_fit():
    exact = joined([Reading(value, (value, value), 100) for value in (1.0, 2.0, 3.0)])
    half = float(stats.t.ppf(0.975, 2)) / math.sqrt(3)
    assert of_mean(exact) == pytest.approx((2 - half, 2 + half))
    assert exact.interval == pytest.approx((2 - half * 2, 2 + half * 2))  # √(1 + 1/3) against √(1/3)
    wide = joined([Reading(value, (value - 0.7, value + 0.7), 100) for value in (1.0, 1.0, 1.0)])
    assert of_mean(wide) == pytest.approx(wide.interval)
    single = Reading(1.0, (0.5, 1.5), 100)
    assert of_mean(single) == single.interval


@pytest.mark.parametrize(
    ("mine", "theirs", "stands"),
    [
        (10, 19, "alike"),
        (10, 20, "better"),
        (20, 10, "worse"),
        (0.1, 0.9, "alike"),
        (0, 0, "alike"),
        (0.5, 1.6, "better"),
    ],
)
def test_times_count_where_they_differ_by_a_factor_of_two_and_by_a_second(mine, theirs, stands):
    assert TIME.compare(entrant("a", mine), entrant("b", theirs)) == stands


def test_an_axis_is_the_first_score_that_all_have_evidence_for():
    a = entrant("a", detection=0.6, **{"fidelity.pairs": 0.02})
    b = entrant("b", missing=[DETECTION], **{"fidelity.pairs": 0.03})
    assert front.axes([a, b, failed()]) == (Axis("fidelity", "fidelity.pairs"), TIME)
    assert front.axes([failed()]) == ()


def test_the_table_shows_two_scores_of_each_claim_and_only_what_somebody_has():
    a = entrant("a", detection=0.6, membership=0.01, **{"fidelity.pairs": 0.02, "fidelity.marginals": 0.1})
    assert front.shown([a]) == {Claim.FIDELITY: (DETECTION, "fidelity.pairs"), Claim.PRIVACY: (MEMBERSHIP,)}


def test_leaders_are_those_than_whom_nobody_is_clearly_better():
    a, b, c = entrant("a", detection=0.60), entrant("b", detection=0.61), entrant("c", detection=0.7)
    assert front.leaders([a, b, c, failed()], Axis("fidelity", DETECTION)) == {"a", "b"}


def test_one_alone_on_the_front_is_advised():
    advice = said(entrant("good", detection=0.55, transfer=0.99), entrant("poor", detection=0.9, transfer=0.9))
    assert advice.headline == (
        "Take good: it is alone on the front, and it is not shown to give away more than unseen real rows do."
    )
    assert (advice.chosen, advice.reasons) == ("good", ())
    assert advice.standings["poor"] == (
        "Beaten by good: clearly better in fidelity (0.55 against 0.9) and utility (0.99 against 0.9), "
        "and clearly worse in nothing."
    )


def test_what_sets_the_advised_apart_is_said_axis_by_axis():
    advice = said(entrant("a", 40, detection=0.55, transfer=0.99), entrant("b", 2, detection=0.7, transfer=0.99))
    assert (
        advice.headline
        == "Take a or b: on the front, and none of them is shown to give away more than unseen real rows do."
    )
    assert advice.reasons == (
        "In fidelity (fidelity.detection) b (0.7) is clearly behind a (0.55).",
        "In utility (utility.transfer) they cannot be told apart.",
        "In time a (40 CPU-s) is clearly behind b (2 CPU-s).",
    )
    assert advice.chosen == "b"  # each is behind on one axis: then the quicker


def test_who_leaks_more_than_unseen_real_rows_is_not_advised():
    leaky = entrant("leaky", detection=0.5, membership=0.2)
    safe = entrant("safe", detection=0.7, membership=0.012)
    advice = said(leaky, safe)
    assert advice.advised == ("safe",)
    assert advice.headline == "Take safe: the only one on the front against which nothing speaks."
    assert advice.standings["leaky"] == (
        "On the front, but it gives away more than unseen real rows do: privacy.membership 0.2 against 0.01."
    )


def test_who_is_no_better_than_shuffled_columns_is_not_advised_however_quick():
    advice = said(entrant("slow", 100, detection=0.6), entrant("shuffle", 1, detection=0.985))
    assert advice.advised == ("slow",)
    assert (
        "nothing shows it to be better than shuffled columns: fidelity.detection 0.985 against 0.99"
        in (advice.standings["shuffle"])
    )


def test_without_a_gate_nobody_may_give_away_more_and_a_rule_is_what_would_allow_it():
    advice = said(entrant("a", detection=0.5, membership=0.2), entrant("b", detection=0.985, membership=0.01))
    assert advice.headline == (
        "Nobody can be advised: something speaks against each of them. "
        "Where a little may be given away, say how much in a rule, such as privacy.membership <= 0.03."
    )


def test_with_a_gate_those_are_advised_that_pass_it():
    rules = [f"{DETECTION} <= 0.65"]
    a, b = entrant("a", 100, detection=0.6, rules=rules), entrant("b", 1, detection=0.645, rules=rules)
    advice = said(a, b)
    assert advice.headline == "Take a: the only one on the front against which nothing speaks."
    assert "the gate would refuse it: fidelity.detection <= 0.65 (0.645, and at worst 0.655" in advice.standings["b"]
    assert said(b).headline == "Nobody can be advised: something speaks against b."
    assert said(a).headline == "Take a: it is alone on the front, and passes the gate."


def test_who_is_beaten_only_by_those_against_whom_something_speaks_is_advised():
    rules = [f"{MEMBERSHIP} <= 0.03"]
    leaky = entrant("leaky", detection=0.53, transfer=0.99, membership=(0.028, 0.005), rules=rules)
    safe = entrant("safe", detection=0.7, transfer=0.95, membership=(0.024, 0.005), rules=rules)
    poor = entrant("poor", detection=0.8, transfer=0.9, membership=(0.024, 0.005), rules=rules)
    advice = said(leaky, safe, poor)
    assert advice.advised == ("safe",)
    assert advice.headline == "Take safe: nothing speaks against it, as something does against all who beat it."
    assert advice.standings["safe"].endswith("But something speaks against leaky, and nothing against it.")
    assert advice.standings["poor"].startswith("Beaten by leaky")
    shuffled = entrant("shuffled", detection=0.985, transfer=0.0, membership=(0.01, 0.005), rules=rules)
    assert said(leaky, shuffled).headline == "Nobody can be advised: something speaks against each of them."


def test_of_equals_the_one_that_may_leak_least_is_chosen_and_not_the_quickest():
    careful = entrant("careful", 1.4, detection=(0.6, 0.1), membership=(0.02, 0.05))
    quick = entrant("quick", 0.5, detection=(0.6, 0.1), membership=(0.3, 0.5))
    advice = said(quick, careful)
    assert (set(advice.advised), advice.chosen) == ({"quick", "careful"}, "careful")


def test_what_the_holdout_finds_against_the_chosen_is_said():
    told = comparison(
        entrant("a", detection=0.55, membership=0.012),
        proof=Proof(entrant("a", detection=0.55, membership=0.2), 1000, 400, 0),
    )
    assert "That speaks against it: it gives away more than unseen real rows do: privacy.membership 0.2" in str(told)


def test_who_failed_is_said_so_and_the_others_go_on():
    advice = said(failed(), entrant("a", detection=0.6))
    assert advice.standings["broken"] == "Could not be compared: the process that ran it was ended by signal 9"
    assert advice.chosen == "a"
    nobody = said(failed())
    assert (nobody.headline, nobody.chosen) == (
        "Nobody can be advised: not one of them could be fitted and judged.",
        None,
    )


def test_the_rules_are_met_by_who_is_advised_and_meets_them_on_the_holdout_too():
    rules = [f"{DETECTION} <= 0.65"]
    good, bad = entrant("a", detection=0.6, rules=rules), entrant("a", detection=0.9, rules=rules)
    assert comparison(good, gate=("r",)).met
    assert not comparison(bad, gate=("r",)).met
    assert comparison(good, gate=("r",), proof=Proof(good, 1000, 400, 0)).met
    assert not comparison(good, gate=("r",), proof=Proof(bad, 1000, 400, 0)).met
    assert not comparison(good, gate=("r",), proof=Proof(failed("a"), 1000, 400, 0)).met
    assert comparison(entrant("a", detection=0.98)).met
    assert not comparison(failed()).met


def test_all_tell_the_same_table():
    proved = replace(entrant("a", detection=0.57), label="a")
    told = comparison(
        entrant("a", detection=0.55),
        failed("tabular.<b>"),
        entrant("c", detection=0.9),
        proof=Proof(proved, 1000, 400, 2),
    )
    rows = [(line.label, line.role, line.front) for line in lines.lines(told)]
    assert rows == [
        (lines.CEILING, "ceiling", False),
        ("a", "entrant", True),
        ("tabular.<b>", "failed", False),
        ("c", "entrant", False),
        (lines.FLOOR, "floor", False),
        (lines.PROOF, "proof", False),
    ]
    html = told._repr_html_()
    assert "tabular.&lt;b&gt;" in html
    for text in (str(told), html):
        assert "0.550 (0.540 to 0.560)" in text
        assert "This holdout has reported on 2 other choices before" in text
    answer = json.loads(json.dumps(told.to_json(), allow_nan=False))
    assert answer["front"] == ["a"]
    assert answer["holdout"]["holdout_rows"] == 400
    assert answer["entrants"][1]["failure"].endswith("signal 9")


def test_an_interval_without_end_is_null_in_json():
    told = comparison(entrant("a", detection=(0.6, math.inf)), entrant("b", detection=0.7))
    assert told.to_json()["entrants"][0]["findings"][0]["interval"] == [None, None]
    assert "without end" in str(told)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminals_table_keeps_to_the_width_and_loses_no_column(width):
    scores = {
        "detection": 0.6,
        "transfer": 0.9,
        "membership": 0.01,
        "fairness.odds": 0.2,
        "fairness.representation": 0.9,
    }
    told = comparison(entrant("tabular.trees(leaf=20)", **scores), entrant("tabular.copula", **scores), failed())
    out = Console(width=width, file=io.StringIO(), force_terminal=False)
    out.print(mm.summary(told))
    text = out.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    for head in ("detection ↓", "transfer ↑", "membership ↓", "odds ↓", "representation", "sample", "memory"):
        assert head in text
    assert "● tabular.trees(leaf=20)" in text


def test_the_chart_puts_better_to_the_right_and_up():
    good = Dot("1", Score(0.01, (0.005, 0.02), "lower"), Score(0.95, (0.9, 1.0), "higher"), True)
    poor = Dot("2", Score(0.2, (0.1, math.inf), "lower"), Score(0.5, (0.4, 0.6), "higher"), False)
    chart = str(tradeoff([good, poor], says="x"))
    drawn = {color: [float(x) for x in found] for color, *found in DOT.findall(chart)}
    assert drawn["2"][0] > drawn["1"][0]  # the one on the front lies further right
    assert drawn["2"][1] < drawn["1"][1]  # and further up, as SVG counts from above
    assert chart == str(tradeoff([good, poor], says="x"))
    assert tradeoff([replace(good, front=False)], says="one alone")


def parsed(*written):
    return [each.label for each in contestants.parse(written)]


def test_methods_are_read_as_a_person_writes_them():
    assert parsed("tabular.copula, tabular.trees(leaf=20)") == ["tabular.copula", "tabular.trees(leaf=20)"]
    assert parsed("tabular.copula", {"make": "tabular.trees", "with": {"leaf": 5}}) == [
        "tabular.copula",
        "tabular.trees(leaf=5)",
    ]
    assert parsed("tabular.oversample(target=' income, net')") == ['tabular.oversample(target=" income, net")']
    assert parsed('tabular.oversample(target="1")', "tabular.oversample(target=1b)") == [
        'tabular.oversample(target="1")',
        'tabular.oversample(target="1b")',
    ]


@pytest.mark.parametrize(
    ("written", "error", "words"),
    [
        ("tabular.copula,tabular.copula", InputError, "stands twice"),
        ("tabular.trees(leaf=20),tabular.trees(leaf=20)", InputError, "stands twice"),
        ("tabular.tree", UnknownName, "tabular.trees"),
        ("tabular.trees(leaves=20)", UnknownName, "leaf"),
        ("tabular.trees(leaf=few)", InputError, "leaf"),
        ("tabular.trees(leaf=20", InputError, "do not close"),
        ("tabular.trees(leaf='20)", InputError, "do not close"),
        ("tabular.trees)leaf=20(", InputError, "do not close"),
        ("tabular.trees(20)", InputError, "leaf=20"),
        ("trees", InputError, "tabular.trees"),
        ("tabular.copula,,tabular.trees", InputError, "nothing"),
        ({"make": "tabular.trees", "where": {}}, InputError, "with: {leaf: 20}"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_what_to_write(written, error, words):
    with pytest.raises(error, match=words.replace("{", r"\{")):
        contestants.parse([written], where="--with")
