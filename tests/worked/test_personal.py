"""Which columns are about people, and which only look so."""

import os
from pathlib import Path

import faker
import pyarrow as pa
import pytest

import mintmark as mm
from mintmark.data import checksums, hints, infer, personal, sources
from mintmark.data.schema import Column, Kind, Personal, Schema, TableSchema
from mintmark.errors import RecipeError, UnknownName
from mintmark.recipe import Recipe


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("GB82 WEST 1234 5698 7654 32", True),  # the example of ISO 13616
        ("DE89370400440532013000", True),
        ("NO9386011117947", True),
        ("GB82 WEST 1234 5698 7654 33", False),
        ("DE8937040044053201300", False),  # a digit short
        ("XX82WEST12345698765432", False),
        ("", False),
    ],
)
def test_an_account_number_proves_itself(text, sound):
    assert checksums.is_iban(text) is sound


@pytest.mark.parametrize("iban", ["GB82WEST12345698765432", "DE89370400440532013000", "NO9386011117947"])
def test_check_digits_of_an_account_are_found_again(iban):
    assert checksums.iban_digits(iban[:2], iban[4:]) == iban[2:4]


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("4111 1111 1111 1111", True),
        ("378282246310005", True),
        ("4111 1111 1111 1112", False),
        ("7992739871300000", False),
        ("411111111111", False),
        ("٤١١١١١١١١١١١١١١١", False),  # digits that no card is printed with
    ],
)
def test_a_card_number_proves_itself(text, sound):
    assert checksums.is_card(text) is sound


def test_luhns_own_example():
    assert checksums.luhn_digit("7992739871") == "3"


def made(method, count=40, locale="en_US", **asked):
    fake = faker.Faker(locale)
    fake.seed_instance(3)
    return [getattr(fake, method)(**asked) for _ in range(count)]


def column(values, name):
    return infer.column(name, pa.chunked_array([pa.array(values)]))


@pytest.mark.parametrize(
    ("name", "method", "expected"),
    [
        ("a", "email", Personal.EMAIL),
        ("a", "iban", Personal.IBAN),
        ("a", "ipv4", Personal.IP),
        ("a", "ipv6", Personal.IP),
        ("a", "url", Personal.URL),
        ("a", "ssn", Personal.SSN),
        ("a", "name", Personal.NAME),
        ("name", "name", Personal.NAME),
        ("First Name", "first_name", Personal.FIRST_NAME),
        ("lastName", "last_name", Personal.LAST_NAME),
        ("phone", "phone_number", Personal.PHONE),
        ("street", "street_address", Personal.STREET),
        ("Anschrift", "address", Personal.ADDRESS),
        ("city", "city", Personal.CITY),
        ("zip_code", "postcode", Personal.POSTCODE),
        ("employer", "company", Personal.COMPANY),
        ("login", "user_name", Personal.USERNAME),
        ("a", "city", None),
        ("a", "postcode", None),
        ("a", "company", None),
        ("a", "user_name", None),
        ("a", "first_name", None),
        ("note", "sentence", None),
        ("name", "company", None),
        ("id", "uuid4", None),
        ("version", "numerify", None),
    ],
)
def test_what_values_and_names_prove(name, method, expected):
    found = column([str(value) for value in made(method)], name)
    assert found.personal == expected
    assert (found.kind == Kind.KEY) or expected is None


@pytest.mark.parametrize("locale", ["de_DE", "fr_FR", "es_ES", "it_IT", "pl_PL", "nl_NL", "sv_SE"])
def test_names_are_known_in_several_languages(locale):
    assert column(made("name", 300, locale), "full_name").personal == Personal.NAME


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([f"{a}.{b}.{c}" for a in range(3) for b in range(5) for c in range(3)], "version"),
        ([f"user{n}" for n in range(40)], "event"),
        ([n * 10_007 + 10**9 for n in range(400)], "amount"),
        ([n * 10_007 for n in range(400)], "zip_count"),
        ([f"Terminal {n} Airport" for n in range(50)], "name"),
        ([f"{n} items" for n in range(50)], "via"),
        ([f"p{n}@home" for n in range(50)], "mail"),
        (["yes", "no"] * 30, "email"),
        (["Berlin", "Paris", "Rome"] * 30, "city"),
        (["10115", "75001", "00118"] * 30, "zip"),
        (["IBM", "SAP", "Dell"] * 30, "company"),
    ],
)
def test_what_only_looks_personal_stays(values, name):
    assert column(values, name).personal is None


def test_one_letter_makes_a_number_no_card():
    cards = [int(card) for card in made("credit_card_number", 60, card_type="visa16")]
    assert column(cards, "a").personal == Personal.CARD
    assert column([card + 1 for card in cards], "a").personal is None


def test_numbers_are_telephones_where_they_are_called_so():
    numbers = [2_125_550_100 + 7919 * n for n in range(60)]
    assert column(numbers, "mobile").personal == Personal.PHONE
    assert column(numbers, "population").personal is None


def test_a_plus_that_is_dialled_is_kept(tmp_path):
    file = tmp_path / "calls.csv"
    file.write_text("phone,n\n" + "".join(f"+4930{n:07d},{n}\n" for n in range(0, 10**6, 25_000)))
    data = mm.read(file)
    assert data.columns["phone"].personal == Personal.PHONE
    assert data.table["phone"][1].as_py() == "+49300025000"


def test_beside_an_e_mail_address_rare_names_and_repeated_towns_are_believed():
    people = [(f"a{n}@b.org", f"Tenzin Dorje{chr(97 + n)}", f"{chr(65 + n)}ton") for n in range(26)] * 4
    mails, names, towns = zip(*people, strict=True)
    alone = infer.table_schema(pa.table({"name": names, "city": towns}))
    assert [c.personal for c in alone.columns] == [None, None]
    beside = infer.table_schema(pa.table({"email": mails, "name": names, "city": towns, "sent_name": names}))
    assert [c.personal for c in beside.columns] == [Personal.EMAIL, Personal.NAME, Personal.CITY, None]


def test_few_accounts_and_addresses_prove_themselves_but_few_cards_do_not():
    assert column(["DE89370400440532013000", "GB82WEST12345698765432"] * 9, "a").personal == Personal.IBAN
    assert column(["a@b.org", "c@d.org"] * 9, "a").personal == Personal.EMAIL
    assert column(["4111111111111111", "4111111111111111"], "a").personal is None


def test_a_customers_number_is_a_key_whatever_it_is_called_and_a_word_is_not():
    mails = [f"anna{n}@mail.example" for n in range(40)]
    table = pa.table({"email": mails * 3, "kunde": [f"K{n:05d}" for n in range(40)] * 3,
                      "desk": [f"the desk of {n}" for n in range(40)] * 3,
                      "plz": [f"{10115 + 7 * n}" for n in range(40)] * 3})  # fmt: skip
    found = infer.table_schema(table)
    assert [str(found[name].told) for name in ("kunde", "desk", "plz")] == ["key", "category", "postcode"]


def test_a_customers_number_is_a_key_and_a_shops_is_a_category():
    mails = [f"a{n}@b.org" for n in range(40)] * 3
    table = pa.table({"email": mails, "customer_id": [f"C{n:03d}" for n in range(40)] * 3,
                      "shop_id": [f"S{n % 30:03d}" for n in range(120)]})  # fmt: skip
    found = infer.table_schema(table)
    assert [found[name].kind for name in ("customer_id", "shop_id")] == [Kind.KEY, Kind.CATEGORY]


def test_an_e_mail_address_makes_no_few_levels_personal():
    mails = made("email", 60)
    table = pa.table({"email": mails, "city": ["Rome", "Pisa", "Bari"] * 20})
    assert infer.table_schema(table).columns[1].kind == Kind.CATEGORY


def test_a_person_may_say_what_a_column_is_and_what_it_is_not(tmp_path):
    file = tmp_path / "a.csv"
    file.write_text("who,name\n" + "".join(f"{n},{name}\n" for n, name in enumerate(made("name"))))
    assert mm.read(file).columns["name"].personal == Personal.NAME
    assert mm.read(file, kinds={"name": "category"}).columns["name"].kind == Kind.CATEGORY
    assert mm.read(file, kinds={"name": "text"}).columns["name"].personal is None
    assert mm.read(file, kinds={"who": "ssn"}).columns["who"].personal == Personal.SSN
    with pytest.raises(UnknownName, match="email"):
        mm.read(file, kinds={"name": "emial"})


def test_a_recipe_says_it_in_the_same_words():
    real = "real: {from: a.csv, columns: {x: email, y: category}, locale: de_DE}"
    text = f"name: a\n{real}\nsteps: {{r: {{make: tabular.trees}}}}\n"
    real = Recipe.parse(text).real
    assert real.columns == {"x": Personal.EMAIL, "y": Kind.CATEGORY}
    assert isinstance(real.columns["x"], Personal)
    with pytest.raises(RecipeError, match="de_DE"):
        Recipe.parse(text.replace("locale: de_DE", "locale: klingon"))


def test_a_personal_column_is_no_key_of_the_table():
    table = pa.table({"email": made("email"), "id": [f"K{n:05d}" for n in range(40)]})
    assert infer.table_schema(table).key == "id"


def test_the_schema_remembers_it():
    column = Column("x", Kind.KEY, pa.string(), personal=Personal.EMAIL)
    schema = Schema({"rows": TableSchema((column,), locale="de_DE")})
    assert Schema.from_json(schema.to_json()) == schema
    assert column.told == Personal.EMAIL


def test_no_two_kinds_are_told_by_one_word():
    assert not {str(kind) for kind in Kind} & {str(each) for each in Personal}
    assert set(hints.HINTS) == set(Personal) == set(personal.SHAPES)


@pytest.mark.parametrize(
    ("name", "kind", "role"),
    [
        ("buyer_name", Personal.NAME, "buyer"),
        ("buyerEmail", Personal.EMAIL, "buyer"),
        ("E-Mail", Personal.EMAIL, ""),
        ("Straße", Personal.STREET, ""),
        ("phone 2", Personal.PHONE, "2"),
    ],
)
def test_whose_a_column_is_stands_in_its_name(name, kind, role):
    assert hints.role(name, kind) == role


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "digits", "iris", "linnerud", "wine"])
def test_no_column_of_the_bundled_tables_is_personal(name):
    assert personal.notes(sources.read(f"sklearn:{name}").columns) == ()


def test_no_column_of_known_real_data_is_personal():
    if "MINTMARK_DATA" not in os.environ:
        pytest.skip("MINTMARK_DATA names no folder of real data")
    files = [
        path
        for ending in ("*/*.csv.gz", "*/*.parquet", "*/*.jsonl.gz", "*/*.jsonl")
        for path in sorted(Path(os.environ["MINTMARK_DATA"]).glob(ending))
    ]
    assert files
    assert {path.name: notes for path in files if (notes := personal.notes(sources.read(path).columns))} == {}
