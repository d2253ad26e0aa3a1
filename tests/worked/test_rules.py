"""Rules: distributions against their closed forms, and mistakes against their messages."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from mintmark import catalog, document
from mintmark.data import checksums
from mintmark.data.constraints import satisfied
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Personal
from mintmark.errors import ConditionError, InputError, RecipeError, UnknownName
from mintmark.generators.tabular.forms import plain
from mintmark.generators.tabular.rules import Rules
from mintmark.seeds import Seed

EXAMPLES = Path(__file__).parents[2] / "examples"


def rng(*path):
    return Seed(8).child(*path).rng()


def rows(columns, count=4000, **rest):
    return Rules(columns=columns, **rest).fit(None, rng=rng("fit")).sample(count, rng=rng("sample"))


@pytest.mark.parametrize(
    ("definition", "law"),
    [
        ({"normal": {"mean": 3, "sd": 2}}, stats.norm(3, 2)),
        ({"lognormal": {"median": 20, "sigma": 0.5}}, stats.lognorm(0.5, scale=20)),
        ({"uniform": {"low": -1, "high": 4}}, stats.uniform(-1, 5)),
        ({"exponential": {"mean": 0.2}}, stats.expon(scale=0.2)),
        ({"gamma": {"shape": 2.5, "scale": 3}}, stats.gamma(2.5, scale=3)),
        ({"beta": {"a": 2, "b": 5}}, stats.beta(2, 5)),
        ({"normal": {}, "low": -1, "high": 2}, stats.truncnorm(-1, 2)),
    ],
)
def test_a_distribution_is_that_of_its_name(definition, law):
    assert stats.kstest(rows({"x": definition}).table["x"].to_numpy(), law.cdf).pvalue > 0.001


@pytest.mark.parametrize(
    ("definition", "law"),
    [
        ({"integer": {"low": 2, "high": 5}}, stats.randint(2, 6)),
        ({"poisson": {"mean": 4}}, stats.poisson(4)),
        ({"zipf": {"exponent": 1.3, "items": 6}}, stats.zipfian(1.3, 6)),
    ],
)
def test_a_distribution_of_whole_numbers_is_that_of_its_name(definition, law):
    found = rows({"x": definition}).table["x"]
    assert found.type == pa.int64()
    values, counts = np.unique(found.to_numpy(), return_counts=True)
    often = law.pmf(values) * 4000 > 5
    expected = law.pmf(values[often])
    assert stats.chisquare(counts[often], expected / expected.sum() * counts[often].sum()).pvalue > 0.001


def test_choices_follow_their_weights():
    found = rows({"x": {"choice": {"a": 3, "b": 1}}}).table["x"].to_pylist()
    assert found.count("a") / 4000 == pytest.approx(0.75, abs=0.02)


def test_a_parameter_may_be_an_expression():
    made = rows({"age": {"integer": {"low": 20, "high": 60}}, "pay": {"normal": {"mean": "100 * age", "sd": 1}}}).table
    assert np.abs(made["pay"].to_numpy() - 100 * made["age"].to_numpy()).max() < 6


def test_a_case_changes_what_it_says_and_keeps_the_rest():
    made = rows({"kind": {"choice": ["a", "b"]},
                 "x": {"by": "kind", "normal": {"mean": 0, "sd": 0.1}, "cases": {"b": {"mean": 9}}}}).table  # fmt: skip
    x, b = made["x"].to_numpy(), np.array(made["kind"].to_pylist()) == "b"
    assert x[b].mean() == pytest.approx(9, abs=0.05)
    assert x[~b].mean() == pytest.approx(0, abs=0.05)
    assert x[b].std() == pytest.approx(0.1, abs=0.02)


def test_a_choice_without_a_case_for_each_value_says_which_is_lacking():
    columns = {"kind": {"choice": ["a", "b"]}, "x": {"by": "kind", "choice": {}, "cases": {"a": {"red": 1}}}}
    with pytest.raises(RecipeError, match="no case for 'b'"):
        rows(columns)


def test_columns_may_stand_in_any_order_and_come_out_in_theirs():
    made = rows({"total": {"formula": "2 * price"}, "price": {"uniform": {}}}, 10).table
    assert made.column_names == ["total", "price"]
    assert made["total"].to_pylist() == [2 * price for price in made["price"].to_pylist()]


def test_running_totals_and_places_start_anew_in_each_entity():
    made = rows({"who": {"pattern": "P-######", "repeat": 4}, "x": {"exponential": {}},
                 "sum": {"formula": "x", "running": "total", "per": "who"},
                 "before": {"formula": "x", "running": "previous", "per": "who"},
                 "n": {"sequence": {"start": 1}, "per": "who"}}, 300).table.to_pylist()  # fmt: skip
    total, last, place, who = 0.0, None, 0, None
    for row in made:
        if row["who"] != who:
            total, last, place, who = 0.0, None, 0, row["who"]
        total, place = total + row["x"], place + 1
        assert row["sum"] == pytest.approx(total)
        assert row["before"] == last
        assert row["n"] == place
        last = row["x"]


def test_entities_have_about_as_many_rows_as_was_said():
    who = rows({"who": {"pattern": "P-########", "repeat": 4}}).table["who"].to_pylist()
    assert 4000 / len(set(who)) == pytest.approx(4, rel=0.1)


def test_what_an_entity_is_does_not_depend_on_the_shard():
    who, home = {"choice": [f"c{n}" for n in range(30)]}, {"choice": ["north", "south"], "each": "who"}
    sampler = Rules(columns={"who": who, "home": home}).fit(None, rng=rng("f"))
    one, two = (sampler.sample(500, rng=rng("shard", n)).table.to_pylist() for n in (0, 1))
    homes = {}
    for row in [*one, *two]:
        assert homes.setdefault(row["who"], row["home"]) == row["home"]
    assert set(homes.values()) == {"north", "south"}


def test_missing_shares_may_depend_on_other_columns():
    mail = {"pattern": "????", "missing": "where(old, 0.8, 0.1)"}
    made = rows({"old": {"boolean": {"share": 0.5}}, "mail": mail}).table
    gone, old = made["mail"].is_null().to_numpy(), made["old"].to_numpy()
    assert gone[old].mean() == pytest.approx(0.8, abs=0.03)
    assert gone[~old].mean() == pytest.approx(0.1, abs=0.03)


def test_unique_patterns_are_unique_even_where_room_is_short_and_rows_are_drawn_again():
    made = rows({"id": {"pattern": "K-####", "unique": True}, "x": {"uniform": {}}}, 5000, constraints=("x < 0.3",))
    assert len(set(made.table["id"].to_pylist())) == 5000
    assert made.columns.key == "id"
    with pytest.raises(ConditionError, match="no room"):
        rows({"id": {"pattern": "K-#", "unique": True}}, 11)


def test_constraints_hold_and_condition_the_distribution():
    made = rows({"x": {"uniform": {}}, "y": {"uniform": {}}}, constraints=("x + y <= 0.5",))
    assert satisfied(made.table, made.columns, "x + y <= 0.5").all()
    assert made.columns.constraints == ("x + y <= 0.5",)
    # Within the triangle x + y ≤ ½ the margin of x has the density 8 (½ − x).
    assert stats.kstest(made.table["x"].to_numpy(), lambda x: 8 * (x / 2 - x**2 / 2)).pvalue > 0.001


def test_a_constraint_that_cannot_be_met_is_named_with_its_share():
    with pytest.raises(ConditionError, match=r"'x > 5' is hardly ever met\n.*0\.00%"):
        rows({"x": {"uniform": {}}}, constraints=("x >= 0", "x > 5"))


def test_bounds_that_cannot_be_met_are_named():
    with pytest.raises(ConditionError, match="between 50 and 60"):
        rows({"x": {"normal": {}, "low": 50, "high": 60}})


@pytest.mark.parametrize(
    ("columns", "error", "message"),
    [
        ({}, RecipeError, "no columns"),
        ({"a": {"formula": "b"}, "b": {"formula": "c"}, "c": {"formula": "a"}}, RecipeError, "a → b → c → a"),
        ({"a": {"formula": "a + 1"}}, RecipeError, "a → a"),
        ({"a": {"formula": "prise"}, "price": {"uniform": {}}}, UnknownName, "price"),
        ({"a": {"norml": {}}}, UnknownName, "normal"),
        ({"a": {"normal": {"men": 1}}}, UnknownName, "mean"),
        ({"a": {"normal": {}, "uniform": {}}}, RecipeError, "exactly one source"),
        ({"a": {"decimals": 2}}, RecipeError, "exactly one source"),
        ({"a": {"normal": {}, "by": "b"}, "b": {"choice": ["x"]}}, RecipeError, "by and cases"),
        ({"a": {"pattern": "no places"}}, RecipeError, "is a digit"),
        ({"a": {"normal": {}, "kind": "nmber"}}, UnknownName, "number"),
        ({"a": {"normal": {}, "missing": 2}}, RecipeError, "share"),
        ({"a": {"choice": {}}}, RecipeError, "no choice"),
        ({"a": {"person": "nme"}}, UnknownName, "name"),
        ({"a": {"person": {"of": "buyer"}}}, RecipeError, "says nothing"),
        ({"a": {"person": {"is": "name", "called": "x"}}}, UnknownName, "woman"),
        ({"a": {"person": 3}}, RecipeError, "person takes"),
        ({"a": {"person": "name", "repeat": 3}}, RecipeError, "`each` and `missing`"),
        ({"a": {"person": "name", "unique": True}}, RecipeError, "`each` and `missing`"),
        ({"a": {"person": {"is": "name", "woman": "sx == 'f'"}}}, UnknownName, "sx"),
        (
            {
                "a": {"person": "name", "each": "k"},
                "b": {"person": "email", "each": "l"},
                "k": {"pattern": "#"},
                "l": {"pattern": "#"},
            },
            RecipeError,
            "differ in `each`",
        ),
    ],
)
def test_a_mistake_is_found_before_anything_is_drawn(columns, error, message):
    with pytest.raises(error, match=message):
        Rules(columns=columns)


@pytest.mark.parametrize(
    ("definition", "message"),
    [
        ({"normal": {"sd": -1}}, "at least 0"),
        ({"exponential": {"mean": 0}}, "above 0"),
        ({"poisson": {}}, "needs mean"),
        ({"choice": {"a": 0}}, "weights"),
        ({"boolean": {"share": 1.5}}, "share"),
        ({"datetime": {"start": "soon", "end": "2024-01-01"}}, "no date"),
        ({"date": {"start": "2025-01-01", "end": "2024-01-01"}}, "before start"),
        ({"formula": "1 + 'a'"}, "needs numbers"),
        ({"person": {"is": "name", "woman": "3"}}, "true or false"),
    ],
)
def test_a_parameter_that_makes_no_sense_is_refused_when_it_is_fitted(definition, message):
    with pytest.raises(RecipeError, match=message):
        Rules(columns={"a": definition}).fit(None, rng=rng("f"))


def test_what_is_given_shapes_what_depends_on_it():
    columns = {"kind": {"choice": ["a", "b"]},
               "x": {"by": "kind", "normal": {"sd": 0.1}, "cases": {"b": {"mean": 9}}}}  # fmt: skip
    sampler = Rules(columns=columns, constraints=("x > 0",)).fit(None, rng=rng("f"))
    made = sampler.sample(4, rng=rng("s"), given=Dataset.of(pa.table({"kind": ["b", "a", "b", "a"]}))).table
    assert made["kind"].to_pylist() == ["b", "a", "b", "a"]
    assert [x > 5 for x in made["x"].to_pylist()] == [True, False, True, False]


EVERYTHING = {str(personal): {"person": str(personal)} for personal in Personal}


@pytest.mark.parametrize("locale", ["de_DE", "en_US", "fr_FR"])
def test_all_that_is_said_of_a_person_in_a_row_agrees(locale):
    made = rows(EVERYTHING, 200, locale=locale)
    assert {column.name: column.personal for column in made.columns.columns} == {str(p): p for p in Personal}
    assert made.columns.locale == locale
    for row in made.table.to_pylist():
        assert row["name"] == f"{row['first_name']} {row['last_name']}"
        assert row["email"].startswith(f"{plain(row['first_name'])}.{plain(row['last_name'])}")
        assert row["username"].startswith(plain(row["first_name"])[0] + plain(row["last_name"]))
        for part in ("street", "postcode", "city"):
            assert row[part] in row["address"]
        assert row["email"].endswith("@example.com")
        assert checksums.is_iban(row["iban"])
        assert checksums.luhn_digit(row["card"][:-1]) == row["card"][-1]
    assert len(set(made.table["name"].to_pylist())) > 190
    assert len(set(made.table["email"].to_pylist())) == 200


def test_the_country_is_chosen():
    ibans = {locale: rows({"iban": {"person": "iban"}}, 20, locale=locale).table["iban"].to_pylist()
             for locale in ("de_DE", "fr_FR")}  # fmt: skip
    assert all(iban.startswith("DE") for iban in ibans["de_DE"])
    assert all(iban.startswith("FR") for iban in ibans["fr_FR"])
    with pytest.raises(InputError, match="locale"):
        catalog.build("generators", "tabular.rules", {"columns": {"a": {"person": "name"}}, "locale": "xx_XX"})


def test_a_customer_is_one_person_in_every_row_and_shard_and_others_are_others(tmp_path):
    columns = {
        "customer": {"choice": [f"C{n}" for n in range(20)]},
        "sex": {"choice": ["f", "m"], "each": "customer"},
        "name": {"person": {"is": "name", "woman": "sex == 'f'"}, "each": "customer"},
        "email": {"person": "email", "missing": 0.2},
        "seller": {"person": {"is": "name", "of": "seller"}},
        "seller_mail": {"person": {"is": "email", "of": "seller"}},
    }
    sampler = Rules(columns=columns, locale="de_DE").fit(None, rng=rng("f"))
    shards = [sampler.sample(150, rng=rng("shard", n)).table.to_pylist() for n in (0, 1)]
    people, mails = {}, {}
    for row in [*shards[0], *shards[1]]:
        assert people.setdefault(row["customer"], (row["sex"], row["name"])) == (row["sex"], row["name"])
        assert row["email"] is None or mails.setdefault(row["customer"], row["email"]) == row["email"]
        first, _, last = row["seller"].partition(" ")
        assert row["seller_mail"].startswith(f"{plain(first)}.{plain(last)}")
    assert len({name for _, name in people.values()}) == 20
    assert {sex for sex, _ in people.values()} == {"f", "m"}
    women = set(sampler.cast.parts.female) - set(sampler.cast.parts.male)
    men = set(sampler.cast.parts.male) - set(sampler.cast.parts.female)
    for sex, name in people.values():
        assert name.partition(" ")[0] not in (men if sex == "f" else women)
    assert len({row["seller"] for row in shards[0]}) > 145
    gone = sum(row["email"] is None for row in [*shards[0], *shards[1]])
    assert 30 <= gone <= 90  # 300 draws at 0.2: four standard errors
    sampler.save(tmp_path)
    again = Rules(columns=columns).load(tmp_path)
    assert again.sample(150, rng=rng("shard", 0)).table.to_pylist() == shards[0]


def test_rows_that_are_drawn_again_bear_other_people_who_agree():
    columns = {**EVERYTHING, "x": {"uniform": {}}}
    made = rows(columns, 300, constraints=("x < 0.2",)).table.to_pylist()
    for row in made:
        assert row["email"].startswith(f"{plain(row['first_name'])}.{plain(row['last_name'])}")
    assert len({row["email"] for row in made}) == 300


@pytest.fixture(scope="module", params=["bank", "telecom"])
def example(request):
    return _example(request.param)


def _example(name):
    recipe = document.read(EXAMPLES / name / "recipe.yaml").value
    step = next(iter(recipe["steps"].values()))
    sampler = catalog.build("generators", step["make"], step["with"]).fit(None, rng=rng("fit"))
    return sampler.sample(4000, rng=rng("sample"))


def test_no_constraint_of_an_example_is_violated(example):
    assert example.columns.constraints
    for text in example.columns.constraints:
        assert satisfied(example.table, example.columns, text).all(), text


def test_gaps_between_packets_are_exponential_and_times_add_them_up():
    packets = _example("telecom").table.to_pylist()
    assert stats.kstest([row["gap"] / row["pace"] for row in packets], stats.expon.cdf).pvalue > 0.001
    sessions = {}
    for row in packets:
        sessions.setdefault(row["session"], []).append(row)
    for log in sessions.values():
        steps = np.diff([0, *(row["elapsed"] for row in log)])
        assert np.allclose(steps, [row["gap"] for row in log])
        flags = [row["flag"] for row in log]
        tcp = log[0]["protocol"] == "TCP"
        assert flags[:3] == (["SYN", "SYN-ACK", "ACK"] if tcp else ["none"] * 3)[: len(flags)]
        assert len({(row["port"], row["start"]) for row in log}) == 1


def test_balances_of_the_bank_add_up_and_spending_differs_by_segment():
    made = _example("bank").table.to_pylist()
    balance = {}
    for row in made:
        before = balance.get(row["account"], row["opening"])
        assert row["balance"] == pytest.approx(before + row["signed"], abs=0.011)
        balance[row["account"]] = row["balance"]
    meals = {s: np.mean([row["merchant"] == "restaurant" for row in made if row["segment"] == s])
             for s in ("student", "retired")}  # fmt: skip
    assert meals["student"] > 1.5 * meals["retired"]
