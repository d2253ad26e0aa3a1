"""What a metric tells beside its score, as a page shows it: words, measured values, and tables of parts."""

from mintmark.report import details

TOLD = {
    "words": "Said above already.",
    "members": 10_000,
    "better_than_naive": True,
    "auc": 0.8144,
    "auc_interval": [0.8069, 0.8221],
    "tstr": {"value": 0.9, "interval": [0.88, 0.92]},
    "distance": [[None, 0.1], [0.1, None]],
    "few_people": ["somebody"],
    "attacks": {
        "near": {"auc": 0.8, "auc_interval": [0.7, 0.9], "tpr": {"0.01": {"value": 0.6, "interval": [0.5, 0.7]}}}
    },
    "groups": [{"group": "race: Other", "value": 0.62, "interval": [0.52, 0.71]}] * 12,
}


def test_single_numbers_and_words_stand_as_they_are_with_their_intervals() -> None:
    assert dict(details.plain(TOLD)) == {
        "members": "10,000",
        "better than naive": "yes",
        "auc": "0.814 (0.807 to 0.822)",
        "tstr": "0.9 (0.88 to 0.92)",
    }


def test_attacks_and_groups_are_tables_with_each_rate_in_a_column_and_the_rest_counted() -> None:
    attacks, groups = (details.table(f"privacy.{name}", TOLD) for name in ("membership", "outliers"))
    rows = (("near", "0.8 (0.7 to 0.9)", "0.6 (0.5 to 0.7)"),)
    assert attacks == details.Table("attacks", ("", "auc", "tpr 0.01"), rows, 0)
    assert groups is not None
    assert groups.head == ("group", "value")
    assert groups.rows[0] == ("race: Other", "0.62 (0.52 to 0.71)")
    assert (len(groups.rows), groups.more) == (10, 2)


def test_details_of_another_form_or_of_a_strange_metric_are_no_table() -> None:
    assert details.table("privacy.strange", TOLD) is None
    assert details.table("privacy.membership", {"attacks": [1, 2]}) is None
    assert details.table("privacy.membership", {"attacks": {"near": 1}}) is None
    assert details.table("privacy.membership", {}) is None
