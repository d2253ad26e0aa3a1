"""People who stand in a table, and others in their place."""

import ipaddress
import json
import re
import typing
from dataclasses import replace

import faker
import hypothesis.strategies as st
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings

from mintmark import catalog
from mintmark.data import checksums, locales
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Kind, Personal
from mintmark.errors import DataError
from mintmark.generators.tabular import columns, facets, faked, forms, people
from mintmark.metrics.metric import Case
from mintmark.metrics.privacy.copies import Copies
from mintmark.metrics.validity.schema import Schema as ValidSchema
from mintmark.seeds import Seed


def rng(*path):
    return Seed(9).child(*path).rng()


def made(table, count=500, **described):
    data = Dataset.of(table)
    return columns.learn(data, rare=5).named(count, described, rng("made"))


@pytest.fixture(scope="module")
def german(tables):
    return tables.customers(600, each=3, locale="de_DE")


@pytest.fixture(scope="module")
def others(german):
    return pa.table(made(german, 600))


def test_nobody_is_who_they_were(german, others, tables):
    for name in ("customer_id", *tables.IDENTIFYING):
        assert not set(german[name].to_pylist()) & (set(others[name].to_pylist()) - {None}), name


def test_an_entity_keeps_one_name_and_one_of_everything(others, tables):
    rows = others.to_pylist()
    keys = {row["customer_id"] for row in rows}
    assert len(keys) == len({(row["customer_id"], *(row[name] for name in tables.IDENTIFYING)) for row in rows})
    assert len({row["email"] for row in rows}) == len(keys)


def test_people_stand_in_as_many_rows_as_they_did(german, others):
    was, is_ = (np.unique(np.unique(part["customer_id"].to_pylist(), return_counts=True)[1], return_counts=True)
                for part in (german, others))  # fmt: skip
    # 200 people each: the share of those with one row is off by at most 0.15 in 999 of 1,000 draws.
    assert abs(was[1][0] / was[1].sum() - is_[1][0] / is_[1].sum()) < 0.15
    assert max(is_[0]) <= max(was[0])


def test_missing_values_are_as_frequent_as_they_were(german, others):
    assert others["ip"].null_count / 600 == pytest.approx(german["ip"].null_count / 600, abs=0.12)
    assert not others["email"].null_count


def test_codes_are_sound_and_nobodys(others):
    assert all(
        checksums.is_iban(iban) and iban.startswith("DE") and iban[4:8] == "0000" for iban in others["iban"].to_pylist()
    )
    assert all(number.startswith(("+49 000 ", "+49 00 0")) for number in others["phone"].to_pylist())
    for card in others["card"].to_pylist():
        assert checksums.luhn_digit(card[:-1]) == card[-1]
        assert not checksums.is_card(card)  # no network's
    for address in others["ip"].drop_null().to_pylist():
        assert ipaddress.ip_address(address).is_reserved


def test_mail_goes_to_a_domain_that_is_reserved_and_that_no_row_has(german, others):
    domains = {mail.partition("@")[2] for mail in others["email"].to_pylist()}
    assert domains == {"example.net"}  # the training rows hold .com and .org
    assert not domains & {mail.partition("@")[2] for mail in german["email"].to_pylist()}


def test_name_mail_and_sex_agree(tables):
    data = Dataset.of(tables.customers(300))
    data = Dataset.of(data.table, schema=replace(data.columns, locale="es_MX"))
    sex = pa.array(["female", "male"] * 250)
    found = columns.learn(data, rare=5).named(500, {"sex": sex}, rng("made"))
    parts = faked.parts("es_MX", set())
    for name, mail, woman in zip(found["name"].to_pylist(), found["email"].to_pylist(), sex.to_pylist(), strict=True):
        first, last = name.rsplit(" ", 1)
        assert first in (parts.female if woman == "female" else parts.male)
        assert mail.startswith(f"{forms.plain(first)}.{forms.plain(last)}")


def test_two_people_in_a_row_are_two(tables):
    one, other = tables.customers(200, seed=1), tables.customers(200, seed=2)
    table = pa.table({"buyer_name": one["name"], "buyer_email": one["email"], "seller_name": other["name"],
                      "seller_email": other["email"]})  # fmt: skip
    found = made(table, 300)
    for role in ("buyer", "seller"):
        for name, mail in zip(found[f"{role}_name"].to_pylist(), found[f"{role}_email"].to_pylist(), strict=True):
            assert mail.startswith(forms.plain(name.split(" ")[0]))
    assert found["buyer_name"].to_pylist() != found["seller_name"].to_pylist()
    assert len(set(found["buyer_email"].to_pylist())) == 300


def test_a_seller_who_repeats_beside_unique_buyers_still_repeats(tables):
    one, few = tables.customers(200, seed=1), tables.customers(10, seed=2)
    who = np.arange(200) % 10
    table = pa.table({"email": one["email"], "seller_email": few["email"].take(pa.array(who))})
    found = made(table, 200)
    assert len(set(found["email"].to_pylist())) == 200
    assert 8 <= len(set(found["seller_email"].to_pylist())) <= 12


def test_what_is_given_says_who_it_is(german):
    given_ids = pa.array(["A", "B", "A", "C", "B", "A"])
    found = made(german, 6, customer_id=given_ids)
    names = found["name"].to_pylist()
    assert names[0] == names[2] == names[5]
    assert names[1] == names[4]
    assert len(set(names)) == 3
    assert "customer_id" not in found


def test_a_column_of_numbers_stays_one():
    table = pa.table({"mobile": pa.array([2_125_550_100 + 7919 * n for n in range(200)]), "n": list(range(200))})
    found = made(table, 300)["mobile"]
    assert found.type == pa.int64()
    assert all(str(number).startswith("555") and len(str(number)) == 10 for number in found.to_pylist())
    assert len(set(found.to_pylist())) == 300


def test_dictionaries_and_large_strings_come_back(tables):
    mails = tables.customers(60)["email"].combine_chunks()
    table = pa.table({"email": mails.dictionary_encode(), "work_email": mails.cast(pa.large_string())})
    found = made(table, 20)
    assert found["email"].type == table.schema.field("email").type
    assert found["work_email"].type == pa.large_string()
    assert not set(found["email"].dictionary.to_pylist()) & set(mails.to_pylist())


def test_style_is_kept(tables):
    names = [f"{last}, {first}".upper() for first, last in
             (name.split(" ", 1) for name in tables.customers(80)["name"].to_pylist())]  # fmt: skip
    assert all(
        re.fullmatch(r"[A-Z'-]+, [A-Z' -]+", name) for name in made(pa.table({"name": names}), 50)["name"].to_pylist()
    )


def test_the_same_seed_makes_the_same_people_and_the_model_holds_no_real_one(german, tmp_path, tables):
    sampler = catalog.build("generators", "tabular.independent", {}).fit(Dataset.of(german), rng=rng("fit"))
    sampler.save(tmp_path)
    loaded = catalog.build("generators", "tabular.independent", {}).load(tmp_path)
    assert loaded.sample(90, rng=rng("a")).digest == sampler.sample(90, rng=rng("a")).digest
    model = (tmp_path / "model.json").read_text()
    body = json.loads(model)
    held = {text for name in tables.IDENTIFYING for text in german[name].to_pylist() if text}
    assert not [text for text in held if text in model]
    real = {name.split(" ")[-1].lower() for name in german["name"].to_pylist()}
    assert not real & {name.lower() for name in body["people"]["parts"]["surnames"]}


def test_a_block_of_surnames_of_which_one_is_real_is_passed_over_whole():
    first = faked.parts("en_US", set()).surnames
    second = faked.parts("en_US", {first[7].lower()}).surnames
    assert not set(first) & set(second)
    assert second == faked.parts("en_US", {first[0].lower(), first[300].lower()}).surnames  # which one stays untold


def test_every_country_has_surnames_of_its_own_that_no_list_has():
    for locale in typing.get_args(locales.Locale):
        parts = faked.parts(locale, set())
        fake = faker.Faker(locale)
        fake.seed_instance(0)
        assert len(parts.surnames) > 300, locale
        assert not {name.lower() for name in parts.surnames} & {fake.last_name().lower() for _ in range(2000)}
        assert min(len(parts.female), len(parts.male), len(parts.cities)) > 20, locale
        street = parts.street.format(number=1, word=parts.surnames[0], way=parts.ways[0])
        assert parts.address.format(street=street, postcode="1", city="x")


def test_where_every_surname_is_taken_it_is_said():
    real = ("Anderson", "Martinez", "Johnson", "Williams")
    taken = {name.lower() for block in faked._blocks(real) for name in block}
    with pytest.raises(DataError, match="locale"):
        faked._surnames(real, taken)


@pytest.mark.parametrize(
    ("columns_", "expected"),
    [
        ({"iban": ["DE89370400440532013000"] * 3}, "de_DE"),
        ({"phone": ["+33 1 23 45 67 89"] * 3}, "fr_FR"),
        ({"cognome": ["Rossi"] * 3}, "it_IT"),
        ({"email": ["a@b.it"]}, "en_US"),
    ],
)
def test_the_country_is_told_from_codes_and_words(columns_, expected):
    told = {"iban": Personal.IBAN, "phone": Personal.PHONE, "cognome": Personal.LAST_NAME, "email": Personal.EMAIL}
    data = Dataset.of(pa.table(columns_))
    schema = [next(iter(data.columns.columns))]
    schema = [replace(column, personal=told[column.name]) for column in schema]
    assert locales.guessed(schema, data.table) == expected


@pytest.mark.parametrize(
    ("personal", "texts", "form", "lead"),
    [
        (Personal.PHONE, ["(212) 555-0100", "(646) 555-0199"], "(###) ###-####", "555"),
        (Personal.PHONE, ["(555) 123-4567", "(555) 123-9999"], "(###) ###-####", "000"),
        (Personal.PHONE, ["+49 30 1234567", "+49 40 7654321"], "+49 ## #######", "000"),
        (Personal.PHONE, ["+358 40 123 4567", "+358 50 765 4321"], "+358 ## ### ####", "000"),
        (Personal.PHONE, ["030 12345", "040 54321"], "### #####", "000"),
        (Personal.SSN, ["123-45-6789", "987-65-4321"], "###-##-####", "000"),
        (Personal.SSN, ["000-45-6789", "987-65-4321"], "###-##-####", "666"),
        (Personal.IBAN, ["DE89 3704 0044 0532 0130 00"] * 2, "DE## #### #### #### #### ##", "000000"),
        (Personal.IBAN, ["GB82WEST12345698765432"] * 2, "GB##@@@@##############", "00XXXA"),
        (Personal.IBAN, ["GB82XXXA12345698765432"] * 2, "GB##@@@@##############", "00XXXB"),
        (Personal.CARD, ["4111 1111 1111 1111"] * 2, "#### #### #### ####", "9999"),
        (Personal.POSTCODE, ["SW1A 1AA", "EC1A 1BB"], "@@#@ #@@", ""),
    ],
)
def test_forms_are_learnt_and_begin_as_nobodys(personal, texts, form, lead):
    assert forms.learn(personal, texts, rare=2) == (forms.Form(form, 1.0, lead),)


def test_a_form_that_few_share_is_not_kept():
    texts = ["212-555-0100"] * 5 + ["1.2.3.4.5.6.7.8"]
    assert [form.text for form in forms.learn(Personal.PHONE, texts, rare=2)] == ["###-###-####"]
    assert [form.text for form in forms.learn(Personal.PHONE, texts[-1:], rare=2)] == ["###-###-####"]


def test_what_is_written_beside_a_number_is_no_part_of_its_form():
    texts = [f"Anna {n:03d} {n:06d}" for n in range(200, 230)] + [f"{n:03d}-{n:06d} ext. 1{n}" for n in range(200, 230)]
    assert [form.text for form in forms.learn(Personal.PHONE, texts, rare=5)] == ["###-###### ext. ####"]


@pytest.mark.parametrize("nets", [range(240, 255), range(240, 254), range(1, 20)])
def test_a_network_that_no_row_has_is_found(nets):
    taken = [f"{net}.{at}.7.{at}" for net in nets for at in range(0, 256, 2)]
    found = made(pa.table({"ip": taken}), 300)["ip"].to_pylist()
    assert not set(found) & set(taken)
    assert all(ipaddress.ip_address(address).is_reserved for address in found)


def test_junk_in_a_column_that_is_said_to_be_personal_is_learnt_saved_and_never_met_again(tmp_path):
    junk = ["-", "", "n/a", "?", "+", "+1", "ß", "# 1", "Ä-Ö", "１２"] * 3
    for personal in Personal:
        data = Dataset.of(pa.table({"x": junk, "n": list(range(30))}))
        column = replace(data.columns["x"], kind=Kind.KEY, levels=(), personal=personal)
        data = Dataset.of(data.table, schema=replace(data.columns, columns=(column, data.columns["n"])))
        sampler = catalog.build("generators", "tabular.independent", {}).fit(data, rng=rng("fit"))
        (tmp_path / personal).mkdir()
        sampler.save(tmp_path / personal)
        loaded = catalog.build("generators", "tabular.independent", {}).load(tmp_path / personal)
        assert not set(loaded.sample(40, rng=rng("a")).table["x"].to_pylist()) & set(junk), personal


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    personal=st.sampled_from(sorted(facets.CODES - {Personal.POSTCODE, Personal.IBAN})),
    texts=st.lists(
        st.from_regex(r"[+(]?[0-9]{1,4}[-) ./]{0,2}[0-9]{2,5}[- ]?[0-9]{2,6}", fullmatch=True), min_size=1, max_size=30
    ),
    rare=st.integers(1, 3),
)
def test_no_code_is_ever_met_again(personal, texts, rare):
    learnt = forms.learn(personal, texts, rare=rare)
    known = {re.sub(r"\D", "", text) for text in texts}
    for code in forms.write(personal, learnt, 50, rng("codes")):
        assert re.sub(r"\D", "", code) not in known


def test_a_table_without_people_needs_no_register(wine):
    assert people.learn(wine, rare=5) is None


def test_a_record_is_copied_whatever_it_is_called(tables):
    real, unseen = tables.customers(200, seed=1), tables.customers(200, seed=2)
    beside = {name: real[name].combine_chunks() for name in ("sex", "spent")}
    renamed = pa.table({**made(real, 200, **beside), **beside}).select(real.column_names)
    train = Dataset.of(real)
    case = Case(
        synthetic=Dataset.of(renamed, schema=train.columns),
        train=train,
        holdout=Dataset.of(unseen, schema=train.columns),
    )
    assert Copies().measure(case, rng=rng("copies")).value > 0.9
    assert ValidSchema().measure(case, rng=rng("schema")).value == 1
