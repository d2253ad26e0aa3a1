"""Tables about people who do not exist, from Faker: what a generator must never hand on."""

import faker
import numpy as np
import pyarrow as pa

COLUMNS = ("customer_id", "name", "email", "phone", "iban", "street", "zip", "card", "ip", "sex", "spent")
IDENTIFYING = ("name", "email", "phone", "iban", "street", "card", "ip")
"""What no two people share, and no made person shares with a real one."""


def customers(rows, *, each=1, locale="en_US", seed=3):
    """Purchases by customers, each of whom stands in about so many rows."""
    rng = np.random.default_rng(seed)
    people = [_customer(rng, fake, number) for fake in [_seeded(locale, seed)] for number in range(rows // each)]
    who = rng.permutation(np.concatenate([np.arange(len(people)), rng.integers(len(people), size=rows - len(people))]))
    return pa.Table.from_pylist([people[at] | {"spent": round(float(rng.gamma(2, 30)), 2)} for at in who])


def _seeded(locale, seed):
    fake = faker.Faker(locale)
    fake.seed_instance(seed)
    return fake


def _customer(rng, fake, number):
    woman = rng.random() < 0.5
    first, last = (fake.first_name_female if woman else fake.first_name_male)(), fake.last_name()
    return {
        "customer_id": f"C{rng.integers(10**6):06d}{number:04d}",
        "name": f"{first} {last}",
        "email": f"{first}.{last}{number}@example.{rng.choice(['com', 'org'])}".lower().replace(" ", ""),
        "phone": f"+49 {rng.integers(30, 999)} {rng.integers(10**6, 10**8)}",
        "iban": fake.iban(),
        "street": f"{rng.integers(1, 99)} {fake.last_name()} Street",
        "zip": f"{rng.integers(10**5):05d}",
        "card": fake.credit_card_number("visa16"),
        "ip": fake.ipv4_public() if rng.random() > 0.2 else None,
        "sex": "female" if woman else "male",
    }
