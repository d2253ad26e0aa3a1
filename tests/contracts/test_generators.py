"""What every generator of tables keeps, whoever wrote it."""

import dataclasses

import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import HealthCheck, given, settings

import mintmark as mm
from mintmark import catalog
from mintmark.data import arrays
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind
from mintmark.errors import (
    ConditionError,
    DataError,
    InputError,
    LedgerError,
    MintmarkError,
    MissingExtra,
    UnknownName,
)
from mintmark.generators.generator import Sampler
from mintmark.generators.tabular.columns import FEWEST_ROWS
from mintmark.generators.tabular.constraints.obeying import Obeying
from mintmark.pipeline import where
from mintmark.seeds import Seed

NEEDS = {
    "tabular.rules": {
        "columns": {
            "account": {"pattern": "ACC-########", "repeat": 5},
            "kind": {"choice": {"in": 1, "out": 3}},
            "amount": {"lognormal": {"median": 20, "sigma": 0.5}, "decimals": 2},
            "large": {"formula": "amount > 30"},
            "owner": {"person": "name", "each": "account"},
            "mail": {"person": "email", "missing": 0.1},
        },
        "constraints": ["amount <= 100"],
    }
}
"""What a generator cannot be made without."""

PRIVATE = {"tabular.private"}
"""What learns with noise of the operating system, which no seed repeats, and keeps nothing of a schema that was told
from the rows: here it is told the domain, and promises so little that 300 rows suffice."""
QUICK = {
    "tabular.diffusion": {"epochs": 4, "width": 32, "strides": 8, "batch": 32},
    "tabular.gan": {"epochs": 2, "width": 16},
    "tabular.network": {"nets": 2, "epochs": 2, "hidden": 8},
    "tabular.vae": {"epochs": 2, "width": 16, "components": 2},
}
"""The contract holds for the smallest network as for the largest, which takes longer."""


def _is_here(name):
    try:
        catalog.load("generators", name)
    except MissingExtra:
        return False
    return True


ALL = [name for name in catalog.names("generators") if name.startswith("tabular.") and _is_here(name)]
LEARNING = [name for name in ALL if name not in NEEDS]


def make(name, real=None):
    asked = {"epsilon": 100, "delta": 1e-3, "public": public(real)} if name in PRIVATE and real is not None else {}
    return catalog.build("generators", name, NEEDS.get(name, {**QUICK.get(name, {}), **asked}))


def public(real):
    """What a person would declare who knows the domain without the rows."""
    out = {}
    for column in real.columns.columns:
        out[column.name] = {"kind": str(column.kind)}
        if column.discrete:
            out[column.name]["levels"] = list(column.levels)
        if column.low is not None:
            steps = column.step
            out[column.name] |= {"min": column.low * steps, "max": column.high * steps}
            out[column.name] |= {"specials": list(column.specials)}
        if column.decimals is not None:
            out[column.name]["decimals"] = column.decimals
    return out


def assert_same_columns(name, made, real):
    """The same schema; of one that learns in private, the same names and types."""
    assert made.columns.names == real.columns.names
    assert made.columns.arrow().equals(real.columns.arrow())
    assert name in PRIVATE or made.schema == real.schema


def rng(*path):
    return Seed(5).child(*path).rng()


@pytest.fixture(scope="module")
def samplers(mixed):
    return {name: make(name, mixed).fit(mixed, rng=rng("fit")) for name in ALL}


@pytest.fixture(params=ALL)
def name(request):
    return request.param


@pytest.fixture(params=LEARNING)
def learning(request):
    return request.param


def test_the_same_seed_gives_the_same_rows(name, mixed, samplers):
    if name in PRIVATE:
        pytest.skip("noise that a seed repeats hides nothing")
    again = make(name).fit(mixed, rng=rng("fit"))
    assert again.sample(80, rng=rng("a")).digest == samplers[name].sample(80, rng=rng("a")).digest


def test_another_seed_gives_other_rows(name, samplers):
    assert samplers[name].sample(80, rng=rng("a")).digest != samplers[name].sample(80, rng=rng("b")).digest


def test_sampling_leaves_no_trace_in_the_sampler(name, samplers):
    before = samplers[name].sample(30, rng=rng("a")).digest
    samplers[name].sample(500, rng=rng("b"))
    assert samplers[name].sample(30, rng=rng("a")).digest == before


def test_what_is_saved_and_loaded_makes_the_same_rows(name, samplers, tmp_path):
    samplers[name].save(tmp_path)
    assert {path.suffix for path in tmp_path.iterdir()} <= {".json", ".npz", ".arrow", ".safetensors"}
    loaded = make(name).load(tmp_path)
    assert loaded.sample(200, rng=rng("a")).digest == samplers[name].sample(200, rng=rng("a")).digest


def test_saving_twice_writes_the_same_bytes(name, samplers, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        samplers[name].save(tmp_path / folder)
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes()


@pytest.mark.parametrize("count", [0, 1, 7])
def test_as_many_rows_come_as_are_asked(name, count, samplers):
    assert samplers[name].sample(count, rng=rng("a")).table.num_rows == count


def test_names_order_and_storage_types_come_back_exactly(learning, mixed, samplers):
    made = samplers[learning].sample(50, rng=rng("a"))
    assert_same_columns(learning, made, mixed)
    assert made.table.schema.equals(mixed.table.schema)
    made.table.validate(full=True)


def test_the_domain_is_kept(name, samplers):
    made = samplers[name].sample(500, rng=rng("a"))
    for column in made.columns.columns:
        values = made.table[column.name]
        assert column.nullable or not values.null_count, column.name
        if column.discrete:
            assert (arrays.codes(values, column) > -2).all(), column.name
        if column.numeric and column.low is not None:
            numbers = arrays.numbers(values, column)
            numbers = numbers[~np.isnan(numbers) & ~np.isin(numbers, column.specials)]
            assert (numbers >= column.low).all(), column.name
            assert (numbers <= column.high).all(), column.name
        if column.decimals is not None:
            numbers = arrays.numbers(values, column)
            assert np.allclose(numbers, np.round(numbers, column.decimals), equal_nan=True, rtol=1e-6), column.name


def test_keys_are_fresh_and_unique_and_no_text_is_copied(learning, mixed, samplers):
    made = samplers[learning].sample(500, rng=rng("a"))
    for column in mixed.columns.columns:
        if column.kind in (Kind.KEY, Kind.TEXT):
            known = set(mixed.table[column.name].to_pylist())
            assert not known & set(made.table[column.name].to_pylist()), column.name
        if column.kind == Kind.KEY:
            assert pc.count_distinct(made.table[column.name]).as_py() == 500


def test_no_training_row_is_copied(learning, mixed, samplers):
    shown = [column.name for column in mixed.columns.columns if column.kind not in (Kind.KEY, Kind.TEXT)]
    made = samplers[learning].sample(500, rng=rng("a")).only(shown)
    assert not _rows(made) & _rows(mixed.only(shown))


def _rows(data):
    """Each row as text, to the last nanosecond."""
    return set(zip(*(arrays.text(data.table[name]).to_pylist() for name in data.table.column_names), strict=True))


def test_missing_values_are_as_frequent_as_they_were(learning, mixed, samplers):
    made = samplers[learning].sample(2000, rng=rng("a")).table
    for column in ("income", "member", "empty", "age"):
        real = mixed.table[column].null_count / mixed.table.num_rows
        assert made[column].null_count / 2000 == pytest.approx(real, abs=0.04)


def test_special_codes_stay_codes(learning, mixed, samplers):
    assert mixed.columns["visits"].specials == (-999.0,)
    made = samplers[learning].sample(2000, rng=rng("a")).table["visits"].to_numpy()
    assert np.mean(made == -999) == pytest.approx(0.2, abs=0.06)
    assert not ((made < 0) & (made != -999)).any()


def test_training_data_is_not_changed(learning, mixed):
    before = mixed.digest
    make(learning).fit(mixed, rng=rng("fit")).sample(10, rng=rng("a"))
    assert Dataset(mixed.schema, mixed.tables).digest == before


def test_what_is_given_is_kept_in_its_order(learning, mixed, samplers):
    part = mixed.only(["sex", "age", "income", "size", "seen", "account"]).select(np.arange(40))
    made = samplers[learning].sample(40, rng=rng("a"), given=part)
    assert_same_columns(learning, made, mixed)
    assert made.table.select(part.table.column_names).equals(part.table)


def test_all_columns_can_be_given(learning, mixed, samplers):
    part = mixed.select(np.arange(5))
    assert samplers[learning].sample(5, rng=rng("a"), given=part).table.equals(part.table)


def test_rules_keep_what_is_given(samplers):
    table = pa.table({"kind": ["in", "out", "in"], "amount": [1.0, 50.0, 31.0]})
    made = samplers["tabular.rules"].sample(3, rng=rng("a"), given=Dataset.of(table)).table
    assert made.select(["kind", "amount"]).equals(table)
    assert made["large"].to_pylist() == [False, True, True]


@pytest.mark.parametrize(
    ("part", "message"),
    [
        ({"sex": ["male", "martian"]}, "martian"),
        ({"age": [30, 250]}, "250"),
        ({"planet": ["earth", "mars"]}, "planet"),
        ({"age": [30]}, "ask for 1"),
        ({"sex": ["male", None]}, "never missing"),
        ({"income": ["rich", "poor"]}, "income"),
    ],
)
def test_what_cannot_be_given_is_refused_with_what_can(learning, samplers, part, message):
    with pytest.raises(ConditionError, match=message):
        samplers[learning].sample(2, rng=rng("a"), given=Dataset.of(pa.table(part)))


def test_another_table_cannot_be_given(learning, samplers):
    with pytest.raises(ConditionError, match="others"):
        samplers[learning].sample(1, rng=rng("a"), given=Dataset.of(pa.table({"sex": ["male"]}), name="others"))


def test_a_table_that_is_no_dataset_and_a_count_that_is_none_are_refused(learning, samplers):
    with pytest.raises(ConditionError, match=r"Dataset\.of"):
        samplers[learning].sample(1, rng=rng("a"), given=pa.table({"sex": ["male"]}))
    with pytest.raises(InputError, match="whole number"):
        samplers[learning].sample(-1, rng=rng("a"))


def test_no_data_is_refused_where_it_is_needed(learning):
    with pytest.raises(DataError, match="none is given"):
        make(learning).fit(None, rng=rng("fit"))


def test_one_row_is_too_few(learning, mixed):
    with pytest.raises(DataError, match="at least"):
        make(learning).fit(mixed.select(np.arange(1)), rng=rng("fit"))


def test_parameters_are_frozen_and_unknown_ones_refused(name):
    generator = make(name)
    field = dataclasses.fields(generator)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(generator, field, 3)
    with pytest.raises(UnknownName, match="leafs"):
        catalog.build("generators", name, {**NEEDS.get(name, {}), "leafs": 3})


def test_parameters_out_of_range_are_refused(learning):
    field = "epsilon" if learning in PRIVATE else "rare"
    with pytest.raises(InputError, match=field):
        catalog.build("generators", learning, {field: 0})


def test_every_generator_says_whether_its_rows_follow_few_real_ones(name):
    assert getattr(make(name), "origin", "synthetic") == ("augmented" if name == "tabular.oversample" else "synthetic")


def test_every_generator_says_what_it_assumes(name):
    assumes = type(make(name)).assumes
    assert assumes
    assert all(sentence.endswith(".") for sentence in assumes)


def test_a_sampler_keeps_the_contract(name, samplers):
    assert isinstance(samplers[name], Sampler)


def test_an_altered_model_file_gives_an_error_or_the_same_kind_of_rows(name, samplers, tmp_path):
    samplers[name].save(tmp_path)
    sound = samplers[name].sample(20, rng=rng("a")).table.schema
    draw = rng("alter", name)
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        for _ in range(30):
            place = int(draw.integers(len(whole)))
            path.write_bytes(whole[:place] + bytes([whole[place] ^ 255]) + whole[place + 1 :])
            try:
                made = make(name).load(tmp_path).sample(20, rng=rng("a")).table
            except MintmarkError:
                continue
            assert made.schema == sound
            assert made.num_rows == 20
        path.write_bytes(whole)


def test_a_truncated_or_missing_model_file_gives_a_ledger_error(name, samplers, tmp_path):
    samplers[name].save(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])
        with pytest.raises(LedgerError):
            make(name).load(tmp_path)
        path.unlink()
        with pytest.raises(LedgerError):
            make(name).load(tmp_path)
        path.write_bytes(whole)


def test_a_model_of_another_method_is_refused(samplers, tmp_path):
    samplers["tabular.copula"].save(tmp_path)
    with pytest.raises(LedgerError, match=r"tabular\.copula"):
        make("tabular.independent").load(tmp_path)


@pytest.fixture(scope="module")
def visits(tables):
    """Three visits of each of 100 people, with all that tells who they are."""
    return Dataset.of(tables.customers(300, each=3))


@pytest.fixture(scope="module")
def strangers(visits):
    return {name: make(name).fit(visits, rng=rng("fit")).sample(400, rng=rng("a")) for name in LEARNING}


def test_nobody_who_was_learnt_from_is_named_or_can_be_reached(learning, visits, strangers, tables):
    assert {column.name for column in visits.columns.columns if column.personal} >= set(tables.IDENTIFYING)
    for name in (*tables.IDENTIFYING, "customer_id"):
        known = set(visits.table[name].to_pylist()) - {None}
        assert not known & set(strangers[learning].table[name].to_pylist()), name


def test_a_person_who_was_made_up_has_one_name_and_one_address(learning, strangers, tables):
    if learning in PRIVATE:
        pytest.skip("which rows are about one person is told from the rows, and no part of the guarantee")
    rows = strangers[learning].table.to_pylist()
    keys = {row["customer_id"] for row in rows}
    assert len(keys) < 300
    assert len({(row["customer_id"], *(row[name] for name in tables.IDENTIFYING)) for row in rows}) == len(keys)
    assert len({row["email"] for row in rows}) == len(keys)


def test_what_is_given_of_a_person_is_kept_and_the_rest_is_made(learning, visits):
    if learning in PRIVATE:
        pytest.skip("which rows are about one person is told from the rows, and no part of the guarantee")
    sampler = make(learning).fit(visits, rng=rng("fit"))
    part = visits.only(["customer_id", "sex"]).select(np.arange(60))
    made_ = sampler.sample(60, rng=rng("a"), given=part).table
    assert made_.select(["customer_id", "sex"]).equals(part.table)
    assert len({(row["customer_id"], row["name"]) for row in made_.to_pylist()}) == len(
        set(part.table["customer_id"].to_pylist())
    )


def test_a_table_that_says_nothing_but_who_people_are_can_be_learnt(learning, visits):
    bare = visits.only(["name", "email"])
    made_ = make(learning).fit(bare, rng=rng("fit")).sample(7, rng=rng("a")).table
    assert made_.schema.equals(bare.table.schema)
    assert not set(bare.table["name"].to_pylist()) & set(made_["name"].to_pylist())


_VALUES = {
    pa.int8(): st.integers(-128, 127),
    pa.uint64(): st.integers(0, 2**64 - 1),
    pa.int64(): st.integers(-(2**63), 2**63 - 1),
    pa.float64(): st.floats(allow_infinity=False),
    pa.float32(): st.floats(width=32, allow_infinity=False),
    pa.string(): st.text(max_size=6),
    pa.bool_(): st.booleans(),
    pa.date32(): st.dates(),
    pa.timestamp("us"): st.datetimes(),
    pa.timestamp("ns", "Europe/Berlin"): st.integers(-(2**62), 2**62),
    pa.duration("us"): st.integers(-(2**62), 2**62),
    pa.time64("us"): st.times(),
    pa.time32("s"): st.integers(0, 86_399),
    pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["a", "b", "ü", ""]),
    pa.decimal128(12, 3): st.decimals(-(10**8), 10**8, places=3),
    pa.decimal128(38, 0): st.integers(-(10**37), 10**37),
    pa.list_(pa.int64()): st.lists(st.integers(0, 9), max_size=2),
    pa.binary(): st.binary(max_size=4),
    pa.null(): st.none(),
}
TINY = {
    "tabular.diffusion": {"epochs": 1, "width": 8, "strides": 2},
    "tabular.gan": {"epochs": 1, "width": 8, "noise": 4},
    "tabular.network": {"nets": 2, "epochs": 1, "hidden": 4},
    "tabular.vae": {"epochs": 1, "width": 8, "hidden": 2, "components": 2},
}
"""Networks that learn nothing, and fit in no time: what is asked of them is that they can."""
PROMISED = {name: {**TINY[name], "private": {"epsilon": 5, "delta": 1e-4}} for name in ("tabular.gan", "tabular.vae")}
MANY = {"tabular.auto": 3, "tabular.diffusion": 8, "tabular.gan": 8, "tabular.network": 8, "tabular.vae": 8}
"""Tables that are tried of each: networks take longer."""
EVERY = [(name, TINY.get(name, {})) for name in LEARNING]
EVERY += [(name, with_) for name, with_ in PROMISED.items() if name in ALL and "tabular.private" in ALL]


@st.composite
def tables(draw):
    rows = draw(st.integers(1, 24))
    types = draw(st.lists(st.sampled_from(list(_VALUES)), min_size=1, max_size=4))
    many = len(types)
    names = draw(st.lists(st.text(min_size=1, max_size=6), min_size=many, max_size=many, unique=True))
    columns = {}
    for name, type_ in zip(names, types, strict=True):
        few = draw(st.lists(_VALUES[type_], min_size=1, max_size=draw(st.sampled_from([1, 3, rows]))))
        pool = st.sampled_from(few) | st.none() if draw(st.booleans()) else st.sampled_from(few)
        columns[name] = pa.array(draw(st.lists(pool, min_size=rows, max_size=rows)), type_)
    return pa.table(columns)


@pytest.mark.parametrize(("learning", "with_"), EVERY, ids=lambda part: part if isinstance(part, str) else "")
def test_any_table_that_can_be_read_can_be_learnt_and_sampled(learning, with_):
    """Constant, empty and missing columns, categories of one row, extremes, names in any writing."""

    @settings(max_examples=MANY.get(learning, 25), deadline=None, suppress_health_check=list(HealthCheck),
              derandomize=True, database=None)  # fmt: skip
    @given(table=tables())
    def tried(table):
        _learnt_and_sampled(learning, with_, Dataset.of(table))

    tried()


def _learnt_and_sampled(learning, with_, real):
    generator = catalog.build("generators", learning, with_)
    if len(real) < FEWEST_ROWS:
        with pytest.raises(DataError, match="at least"):
            generator.fit(real, rng=rng("fit"))
        return
    sampler = generator.fit(real, rng=rng("fit"))
    made = sampler.sample(9, rng=rng("a"))
    assert made.table.schema.equals(real.table.schema)
    made.table.validate(full=True)
    if learning in PRIVATE or "private" in with_:
        return  # what may be given is what was told, and not what is there
    part = real.only(real.columns.names[:1]).select(np.arange(3))
    again = sampler.sample(3, rng=rng("b"), given=part)
    assert Dataset(part.schema, {part.name: again.table.select(part.columns.names)}).digest == part.digest


@pytest.mark.parametrize(("learning", "with_"), EVERY, ids=lambda part: part if isinstance(part, str) else "")
def test_the_largest_and_smallest_numbers_overflow_nothing(learning, with_):
    """Their squares, sums and differences are no numbers: each warning would be an error here."""
    draw = rng("extremes")
    large = draw.normal(size=60) * 1e307
    table = pa.table(
        {
            "ends": draw.choice([1.7e308, -1.7e308, 1e-308, 0.0], 60),
            "large": large,
            "twice": 2 * large,
            "near": large * 1.000001 + 1e290,
            "whole": pa.array(draw.choice([2**63 - 1, -(2**63)], 60)),
            "tiny": draw.random(60) * 5e-324,
            "once": ["a"] * 59 + ["b"],
        }
    )
    _learnt_and_sampled(learning, with_, Dataset.of(table))


@pytest.fixture(scope="module")
def awkward():
    """Copies and formulas of each other, a category of one row, a class of three, an end that follows its start."""
    draw, rows = rng("awkward"), 120
    age, start = draw.integers(18, 90, rows), draw.integers(0, 50, rows)
    table = pa.table(
        {
            "age": age,
            "copy": age,
            "months": 12 * age,
            "town": draw.choice(["a", "b", "c"], rows),
            "label": np.where(np.arange(rows) < 3, "yes", "no"),
            "once": np.where(np.arange(rows) == 5, "hapax", "usual"),
            "start": start,
            "end": start + draw.integers(0, 9, rows),
        }
    )
    read = Dataset.of(table)
    schema = dataclasses.replace(read.columns, constraints=("end >= start",))
    return Dataset.of(table, schema=schema)


@pytest.fixture(scope="module")
def obedient(awkward):
    """Every method that gives no promise, made to obey; those that do are shown nothing of constraints or copies."""
    return {name: Obeying(catalog.build("generators", name, TINY.get(name, {}))).fit(awkward, rng=rng("fit"))
            for name in LEARNING if name not in PRIVATE}  # fmt: skip


@pytest.fixture(params=[name for name in LEARNING if name not in PRIVATE])
def obeying(request):
    return request.param


def asked(sampler, real, **conditions):
    given = where.given(conditions, real.columns, real.name, sampler, 40, rng=rng("where"))
    return sampler.sample(40, rng=rng("sample"), given=given).table


@pytest.mark.parametrize(
    ("conditions", "error", "message"),
    [
        ({"town": "zz"}, UnknownName, "a, b, c"),
        ({"town": {"zz": 0.5, "a": 0.5}}, UnknownName, "a, b, c"),
        ({"town": {"a": 0.7, "b": 0.5}}, ConditionError, "do not sum to 1"),
        ({"town": {"a": 0.2, "b": 0.2, "c": 0.2}}, ConditionError, "do not sum to 1"),
        ({"town": {"a": -0.2}}, ConditionError, "between 0 and 1"),
        ({"age": {"min": 500}}, ConditionError, "goes from 18 to 89"),
        ({"age": {"min": 80}, "copy": {"max": 20}}, ConditionError, "do not hold together"),
        ({"start": {"min": 45}, "end": {"max": 3}}, ConditionError, "do not hold together"),
    ],
)
def test_conditions_that_cannot_be_met_are_refused(obeying, obedient, awkward, conditions, error, message):
    with pytest.raises(error, match=message):
        asked(obedient[obeying], awkward, **conditions)


def test_conditions_that_were_never_learnt_together_are_met_and_said(obeying, obedient, awkward):
    """Each is met by real rows, and both by none: there is no error, since nothing forbids it, and no silence."""
    sampler, said = obedient[obeying], []
    for conditions in ({"label": "yes", "once": "hapax"}, {"town": "a", "age": {"min": 50}}):
        given = where.given(conditions, awkward.columns, awkward.name, sampler, 40, rng=rng("where"), doubt=said.append)
        assert len(given) == 40
    assert len(said) == 1
    assert said[0].startswith("where: 40 of 40 rows combine what none")
    assert "label yes and once hapax" in said[0]


def test_what_hardly_anybody_has_is_made_where_it_is_asked_for_and_else_not(obeying, obedient, awkward):
    made = asked(obedient[obeying], awkward, label={"yes": 0.5})
    assert made["label"].to_pylist().count("yes") == 20
    assert set(asked(obedient[obeying], awkward, once="hapax")["once"].to_pylist()) == {"hapax"}
    made = obedient[obeying].sample(200, rng=rng("a")).table
    assert "hapax" not in made["once"].to_pylist()
    assert "yes" not in made["label"].to_pylist()


def test_columns_that_are_copies_or_formulas_of_others_still_are(obeying, obedient):
    made = obedient[obeying].sample(60, rng=rng("a")).table
    assert made["copy"].equals(made["age"])
    assert made["months"].to_pylist() == [12 * age for age in made["age"].to_pylist()]
    assert all(end >= start for start, end in zip(made["start"].to_pylist(), made["end"].to_pylist(), strict=True))


def test_constraints_that_contradict_each_other_or_the_data_are_refused(obeying, awkward):
    for texts, error in ((("age > 100", "age < 50"), ConditionError), (("age < 30",), DataError)):
        with pytest.raises(error, match=r"contradict|breaks"):
            mm.generate(awkward, obeying, count=9, constraints=texts, **TINY.get(obeying, {}))
