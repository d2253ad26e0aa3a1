"""The report page and its parts, on rows by hand and on a story with planted secrets and planted scripts."""

import datetime as dt
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from rich.console import Console
from sklearn.datasets import load_breast_cancer

from mintmark.data.dataset import Dataset
from mintmark.gate import Gate, Rule
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.report import numerals, page, terminal, words
from mintmark.report.charts.bars import bars
from mintmark.report.pictures import sparing
from mintmark.report.pictures.grid import differences
from mintmark.report.story import Provenance, Story
from mintmark.report.strips import strip

RULES = ("privacy.membership <= 0.02", "fidelity.detection <= 0.65")


def evidence(metric, value, interval, *, better="lower", floor=None, ceiling=None, n=1000, **details):
    def beside(score):
        return None if score is None else Reading(score, (score, score), n)

    reading = Reading(value, interval, n, details)
    return Evidence(metric, Claim(metric.split(".")[0]), better, reading, beside(ceiling), beside(floor))


def findings():
    return (
        evidence("privacy.membership", 0.011, (0.008, 0.015), floor=0.010, ceiling=0.010),
        evidence("fidelity.detection", 0.57, (0.55, 0.59), floor=0.99, ceiling=0.50),
        evidence("shortcuts.rounding", 3.2, (2.9, 3.8)),
        NoEvidence("utility.transfer", Claim.UTILITY, "there is no target <script>alert(3)</script>"),
    )


def story(synthetic, real, *, found=None, rules=RULES, validated=True):
    found = findings() if found is None else found
    decision = None if rules is None else Gate.of(*rules).decide(found, validated=validated)
    made_by = Provenance(generator="tabular.trees", seed=7, assumes=("rows mean nothing to each other",))
    rows = {name: table.num_rows for name, table in synthetic.tables.items()}
    return Story("adult", synthetic.schema, rows, synthetic.digest, found, decision, made_by, synthetic, real)


@pytest.fixture(scope="module")
def cells():
    frame = load_breast_cancer(as_frame=True).frame
    return Dataset.of(frame.iloc[::2]), Dataset.of(frame.iloc[1::2])


@pytest.fixture(scope="module")
def html(cells):
    return page.render(story(*cells))


class Tags(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.seen = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.seen.append((tag, dict(attrs)))

    def named(self, *names) -> Iterator[dict]:
        return (attrs for tag, attrs in self.seen if tag in names)


# ── strips ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_strip_runs_from_worse_at_the_left_to_better_at_the_right():
    drawn = strip(evidence("fidelity.detection", 0.6, (0.5, 0.7), floor=1.0, ceiling=0.5), [])
    # The scale runs from 0.5 to 1.0 with 7 % to spare at each end: 0.465 to 1.035.
    assert drawn.value.at == pytest.approx(100 * (1.035 - 0.6) / 0.57, abs=0.01)
    assert drawn.floor.at == pytest.approx(100 * 0.035 / 0.57, abs=0.01)
    assert drawn.floor.at < drawn.value.at < drawn.ceiling.at
    assert drawn.whisker[0] < drawn.value.at < drawn.whisker[1]


def test_a_strip_has_digits_enough_to_tell_the_ends_of_an_interval_apart():
    """A floor that is far off makes the scale long, and two digits would read 0.01 (0.01 to 0.02)."""
    drawn = strip(evidence("fidelity.pairs", 0.0127, (0.0102, 0.0152), floor=0.157, ceiling=0.0088), ())
    assert (drawn.interval, drawn.value.label, drawn.ceiling.label) == (("0.010", "0.015"), "0.013", "0.009")


def test_where_higher_is_better_a_strip_is_turned_round():
    drawn = strip(evidence("utility.transfer", 0.9, (0.8, 1.0), better="higher", floor=0.0), [])
    assert drawn.floor.at < drawn.whisker[0] < drawn.value.at < drawn.whisker[1]


@pytest.mark.parametrize(
    ("better", "rule", "low_is_open"),
    [("lower", "a.b <= 0.65", False), ("higher", "a.b >= 0.65", False), ("lower", "a.b >= 0.65", True)],
)
def test_the_allowed_stretch_lies_on_the_side_that_the_rule_allows(better, rule, low_is_open):
    found = replace(evidence("fidelity.detection", 0.6, (0.5, 0.7), better=better), metric="a.b")
    drawn = strip(found, [Rule.parse(rule)])
    bound = drawn.bounds[0].at
    assert drawn.allowed == ((0.0, bound) if low_is_open else (bound, 100.0))


def test_an_interval_without_end_reaches_the_edge():
    drawn = strip(evidence("shortcuts.x", 1.0, (0.5, float("inf"))), [])
    assert drawn.whisker[0] == 0.0
    assert drawn.interval[1] == "without end"


def test_an_end_that_misses_a_bound_never_reads_as_the_bound():
    drawn = strip(evidence("privacy.membership", 0.01, (0.0, 0.0204)), [Rule.parse("privacy.membership <= 0.02")])
    assert drawn.interval[1] == "0.0204"


def test_a_perfect_score_stands_on_a_scale_that_is_long_enough_to_show_nothing():
    drawn = strip(evidence("validity.schema", 1.0, (0.9999, 1.0), better="higher"), [])
    assert drawn.whisker[1] - drawn.whisker[0] < 2


# ── numbers and words ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.57, "0.57"), (0.01134, "0.0113"), (24421, "24,421"), (-0.001, "−0.001"), (0.0, "0"), (1.2e-7, "0.00000012")],
)
def test_numerals_have_three_digits_and_no_exponent(value, text):
    assert numerals.numeral(value) == text


def test_numbers_at_zero_bear_no_sign():
    assert numerals.fixed(-0.0001, 2) == "0.00"
    assert numerals.percent(-0.00001) == "0\u00a0%"


def test_ticks_are_round_and_inside():
    assert numerals.ticks(0.465, 1.035) == [0.6, 0.8, 1.0]


def test_membership_is_told_in_people():
    told = words.meaning(evidence("privacy.membership", 0.31, (0.28, 0.34)))
    assert "about 31 (at worst 34) of every 100 people" in told


def test_no_copies_found_are_told_with_how_many_there_may_be():
    told = words.meaning(evidence("privacy.copies", -0.001, (-0.004, 0.002)))
    assert "no more often than fresh real rows do (at worst 2 more of every 1,000)" in told


def test_an_attack_that_was_tried_is_not_told_as_any_attack():
    assert words.meaning(evidence("privacy.membership", 0.01, (0.0, 0.02))).startswith("The strongest attack that was")


def test_an_unknown_metric_is_told_with_its_direction_and_references():
    told = words.meaning(evidence("privacy.other_attack", 0.2, (0.1, 0.3), ceiling=0.05))
    assert "lower is better" in told
    assert "unseen real data scores 0.05" in told
    assert words.question("privacy.other_attack") == "Other attack"


@pytest.mark.parametrize(
    ("rules", "validated", "word"),
    [
        (RULES, True, "Passed"),
        (("fidelity.detection <= 0.5",), True, "Refused"),
        (("utility.transfer >= 0.9",), True, "Refused"),
        (RULES, False, "Unvalidated"),
        ((), True, "No rules"),
        (None, True, "Assay only"),
    ],
)
def test_every_way_to_end_has_its_word(rules, validated, word, cells):
    text = page.render(story(*cells, rules=rules, validated=validated))
    assert re.search(rf'<p class="word">.*{word}</p>', text)


# ── what a released page may not show ─────────────────────────────────────────────────────────────────────────────────


def test_small_counts_are_hidden_together_with_what_would_tell_them():
    assert sparing.shares([5, 20, 75], 100) == [None, None, 0.75]
    assert sparing.shares([5, 6, 20, 69], 100) == [None, None, 0.2, 0.69]
    assert sparing.shares([40, 60], 100) == [0.4, 0.6]
    assert sparing.shares([0, 100], 100) == [None, 1.0]
    assert sparing.share(9, 100) is None
    assert sparing.share(95, 100) is None
    assert sparing.share(50, 100) == 0.5


def test_no_value_of_one_real_person_stands_on_the_page():
    rng = np.random.default_rng(1)
    made = {"pay": rng.normal(100, 10, 500).round(3), "town": rng.choice(["A", "B"], 500)}
    real = {"pay": made["pay"].copy(), "town": made["town"].astype(object).copy()}
    real["pay"][0], real["pay"][1] = 98765.432, -4321.987
    real["town"][:9] = "Lonely Hamlet"
    keys = [f"person-{i:05d}" for i in range(500)]
    text = page.render(story(Dataset.of(pa.table(made)), Dataset.of(pa.table({**real, "id": keys}))))
    for secret in ("98765", "98,765", "4321", "4,321", "Lonely Hamlet", "person-0"):
        assert secret not in text


def test_of_the_ledger_only_frames_are_shown(cells):
    entry = {
        "act": "assay",
        "subject": "sha256:" + "a" * 64,
        "inputs": {"train": "sha256:" + "b" * 64},
        "body": {"at": "2026-11-21T03:00:00+00:00", "findings": [{"cell": "Lonely Hamlet", "real_rows": 1}]},
    }
    text = page.render(story(*cells), lineage=[entry, {"act": "bare"}])
    assert "Lonely" not in text
    assert all(word in text for word in ("assay<", "bare<", "2026-11-21T03:00", "a" * 12, "b" * 12))


def test_a_real_category_of_ten_people_is_named_and_one_of_nine_is_not():
    made = Dataset.of(pa.table({"town": ["A"] * 100}))
    real = Dataset.of(pa.table({"town": ["A"] * 81 + ["Ten"] * 10 + ["Nine"] * 9}))
    text = page.render(story(made, real))
    assert "Ten<" in text
    assert "Nine" not in text


def test_a_rare_category_is_not_named_though_synthetic_rows_repeat_it():
    made = Dataset.of(pa.table({"town": ["A"] * 80 + ["Copied"] * 20 + ["Invented"] * 12}))
    real = Dataset.of(pa.table({"town": ["A"] * 99 + ["Copied"]}))
    text = page.render(story(made, real))
    assert "Copied" not in text
    assert "Invented<" in text
    assert "1 other<" in text


def test_groups_and_examples_that_rest_on_few_people_are_not_shown():
    group = {"real_share": 0.01, "synthetic_share": 0.02}
    found = (
        evidence(
            "fairness.representation", 0.5, (0.4, 0.6), better="higher",
            groups=[{"group": "sex: Few", "real_rows": 9, **group}, {"group": "sex: Many", "real_rows": 90, **group}],
            unknown=[{"group": "sex: Hidden", "real_rows": 3}],
        ),
        evidence(
            "fidelity.detection", 0.6, (0.5, 0.7), n=100,
            columns=[{"column": "town", "auc_drop": 0.1, "example": {"cell": "Lonely", "real_share": 0.05,
                                                                      "synthetic_share": 0.5}}],
        ),
    )  # fmt: skip
    data = Dataset.of(pa.table({"town": ["A", "B"] * 50}))
    text = page.render(story(data, data, found=found))
    assert "Many" in text
    assert "1 groups have too few real rows" in text
    assert not re.search("Few<|Hidden|Lonely", text)


# ── a page that may be opened anywhere ────────────────────────────────────────────────────────────────────────────────


def test_names_levels_and_reasons_are_escaped():
    evil = "<script>alert(1)</script>"
    data = Dataset.of(pa.table({evil: [evil, "b"] * 50, "</style><b>": range(100), "x": np.arange(100) ** 2.0}))
    lineage = [{"act": evil}]
    text = page.render(replace(story(data, data), name=evil, target=evil), lineage=lineage)
    assert "<script" not in text
    assert "</style><b>" not in text
    assert "alert(3)" in text
    assert text.count("</style>") == 1


def test_the_page_needs_no_network_and_no_script(html):
    assert not re.search(r"https?:|//\w|@import|url\(|<script|<link|<iframe|\son\w+=", html)
    assert "default-src 'none'" in html


def test_the_same_story_gives_the_same_bytes(cells, html):
    assert page.render(story(*cells)) == html


def test_sixty_columns_are_told_in_time_and_size():
    rng = np.random.default_rng(2)
    wide = {f"column {i:02d} with quite a long name": rng.normal(i, 1, 3000) for i in range(60)}
    real = {name: values + (0.5 if "07" in name else 0) for name, values in wide.items()}
    text = page.render(story(Dataset.of(pa.table(wide)), Dataset.of(pa.table(real))))
    assert len(text.encode()) < 1_500_000
    assert "36 further columns" in text
    assert text.count('class="chart pair histogram"') == 24
    assert text.index("column 07") < text.index("column 00")


def test_every_kind_of_column_has_a_picture_or_is_named_as_having_none():
    n = 60
    day = dt.datetime(2020, 1, 1)
    table = pa.table(
        {
            "whole": pa.array([2**62 + i for i in range(n)], pa.int64()),
            "constant": [3.25] * n,
            "vast": [1e300, -1e300] * (n // 2),
            "gone": pa.array([None] * n, pa.float64()),
            "some": pa.array([None, 1.5] * (n // 2)),
            "flag": [True, False] * (n // 2),
            "moment": [day + dt.timedelta(hours=i) for i in range(n)],
            "date": [(day + dt.timedelta(days=i)).date() for i in range(n)],
            "time": [dt.time(i % 24, i) for i in range(n)],
            "span": [dt.timedelta(minutes=i) for i in range(n)],
            "words": [f"a text of its own, number {i}" for i in range(n)],
            "money": pa.array([f"{i}.50" for i in range(n)]).cast(pa.decimal128(10, 2)),
        }
    )
    data = Dataset.of(table)
    text = page.render(story(data, data))
    assert "Keys and free text have no picture: words." in text
    for name in table.schema.names[:-2]:
        assert f"<figcaption>{name}" in text


@pytest.mark.parametrize(
    "details", [{"columns": 3}, {"columns": [{"column": 1}]}, {"groups": "x"}, {"distance": [[1]]}]
)
def test_details_of_another_form_are_passed_over(details, cells):
    found = tuple(
        evidence(metric, 0.5, (0.4, 0.6), **details)
        for metric in ("fidelity.marginals", "fidelity.pairs", "fidelity.detection", "fairness.representation",
                       "utility.transfer", "privacy.membership")
    )  # fmt: skip
    assert "Passed" not in page.render(story(*cells, found=found))


def test_a_page_without_real_rows_says_so(cells):
    text = page.render(story(cells[0], None))
    assert "There are no real rows to show" in text


def test_columns_that_differ_in_kind_are_still_told():
    made = Dataset.of(pa.table({"x": ["a", "b"] * 50, "y": ["1", "2"] * 50}))
    real = Dataset.of(pa.table({"x": np.arange(100.0), "z": range(100)}))
    assert "<figcaption>x" in page.render(story(made, real))


def test_tables_beside_each_other_are_all_told():
    def two(count):
        tables = {"customers": pa.table({"age": np.arange(count) % 90, "x": np.arange(count) ** 2.0}),
                  "orders": pa.table({"amount": np.arange(3 * count) / 7, "y": np.arange(3 * count) % 7})}  # fmt: skip
        parts = [Dataset.of(table, name=name) for name, table in tables.items()]
        return parts[0].bind(parts[1])

    text = page.render(story(two(300), two(200)))
    assert "<figcaption>customers.age" in text
    assert "<figcaption>orders.amount" in text


def test_pairs_are_shaded_by_their_distance():
    grid = differences({"columns": ["a", "b", "c"], "distance": [[None, 0.5, 0.1], [0.5, None, 0.0], [0.1, 0.0, None]]})
    assert grid.names == ("a", "b", "c")
    assert (grid.cells[0][1].text, grid.cells[0][1].weight) == ("0.50", 1.0)
    assert grid.cells[2][0].weight == 0.2
    assert grid.cells[1][1] is None


def test_bars_stand_in_their_order_and_are_as_long_as_their_values():
    svg = bars(["first", "second"], {"real": [0.4, None], "synthetic": [0.2, 0.1]}, says="x")
    found = re.findall(r'<rect class="rect" height="[\d.]+" width="([\d.]+)" x="[\d.]+" y="([\d.]+)"', svg)
    from_above = [float(width) for width, top in sorted(found, key=lambda bar: float(bar[1]))]
    assert from_above == pytest.approx([from_above[0], from_above[0] / 2, from_above[0] / 4], rel=0.01)
    tops = {word: float(top) for top, word in re.findall(r'y="([\d.]+)">(first|second)<', svg)}
    assert tops["first"] < tops["second"]


# ── a page for every reader ───────────────────────────────────────────────────────────────────────────────────────────


def test_headings_step_down_one_at_a_time(html):
    levels = [int(tag[1]) for tag, _ in Tags(html).seen if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_tables_have_scopes_and_charts_have_names(html):
    tags = Tags(html)
    assert all(attrs.get("scope") in ("row", "col") for attrs in tags.named("th"))
    assert all(attrs.get("aria-label") for attrs in tags.named("svg") if attrs.get("role") == "img")
    assert next(tags.named("html"))["lang"] == "en"
    ids = [attrs["id"] for _, attrs in tags.seen if "id" in attrs]
    assert len(ids) == len(set(ids))


@pytest.mark.parametrize("theme", [0, 1])
def test_text_has_the_contrast_of_wcag_aa_in_both_themes(theme):
    css = (Path(page.__file__).parent / "templates" / "page.css").read_text(encoding="utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#\w+);", blocks[0])) | dict(re.findall(r"--(\w+): (#\w+);", blocks[theme]))
    for text in ("ink", "soft", "accent", "bad"):
        assert contrast(rgb(colours[text]), rgb(colours["paper"])) >= 4.5, text
    for hue in ("accent", "bad"):
        deepest = [0.45 * a + 0.55 * b for a, b in zip(rgb(colours[hue]), rgb(colours["wash"]), strict=True)]
        assert contrast(rgb(colours["ink"]), deepest) >= 4.5, hue


def rgb(colour):
    return [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]


def contrast(one, other):
    def luminance(colour):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour]
        return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


# ── the terminal ──────────────────────────────────────────────────────────────────────────────────────────────────────


def told(*args, width=80):
    console = Console(width=width, no_color=True, record=True, file=io.StringIO())
    console.print(terminal.summary(*args))
    return console.export_text()


def test_a_terminal_of_eighty_columns_shows_scores_rules_and_gaps(cells):
    text = told(story(*cells))
    assert max(map(len, text.splitlines())) <= 80
    assert re.search(r"privacy\.membership +0\.011 +0\.008–0\.015 +0\.010 +0\.010 +1,000 +✓ ≤0\.02", text)
    assert "✓ Passed." in text
    assert "utility.transfer: There is no target" in text


def test_a_terminal_names_the_rules_that_do_not_hold(cells):
    text = told(story(*cells, rules=("utility.transfer >= 0.9",)))
    assert "✗ Refused." in text
    assert "utility.transfer >= 0.9: it could not be measured" in text


def test_findings_without_a_decision_are_shown_unjudged():
    text = told(findings())
    assert "rule" not in text.splitlines()[0]
    assert "Passed" not in text
