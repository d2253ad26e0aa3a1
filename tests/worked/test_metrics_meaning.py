"""Questions about what texts say: closed forms of MAUVE and of the Vendi score, and the faults that they see."""

import math

import numpy as np
import pyarrow as pa
import pytest
from scipy.integrate import quad
from scipy.sparse import csr_matrix
from scipy.special import xlogy

from mintmark import catalog
from mintmark.data.dataset import Dataset
from mintmark.data.schema import Column, Kind, TableSchema
from mintmark.errors import CannotMeasure
from mintmark.metrics import vendi
from mintmark.metrics.coverage.vendi import alike_long
from mintmark.metrics.evidence import Reading
from mintmark.metrics.fidelity.mauve import area
from mintmark.metrics.metric import Case
from mintmark.seeds import Seed
from mintmark.words import coded


def ask(name: str, made: list[str], real: list[str], **parameters: object) -> Reading:
    schema = TableSchema((Column("note", Kind.TEXT, pa.string()),))
    sides = [Dataset.of({"note": side}, schema=schema) for side in (made, real)]
    return catalog.build("metrics", name, parameters).measure(Case(sides[0], holdout=sides[1]), rng=Seed(1).rng())


def about(rng: np.random.Generator, topics: int, n: int, first: int = 0) -> list[str]:
    """Twelve words each, of the thirty that belong to one of so many topics."""
    picked = rng.integers(first, first + topics, n)
    return [" ".join(f"t{topic}w{word}" for word in rng.integers(30, size=12)) for topic in picked.tolist()]


@pytest.mark.parametrize("scale", [1.0, 2.0, 5.0])
def test_two_sides_that_share_no_cell_have_an_area_of_one_over_a_binomial_coefficient(scale: float) -> None:
    """The frontier is then ((1 − λ)^c, λ^c), and the area under it c B(c + 1, c) = 1 / C(2c, c)."""
    real, made = np.array([3.0, 1, 0, 0]), np.array([0, 0, 5.0, 1])
    assert area(real, made, scale, prior=0) == pytest.approx(1 / math.comb(int(2 * scale), int(scale)), rel=1e-9)


def test_the_same_histogram_twice_has_an_area_of_one() -> None:
    counts = np.array([7.0, 4, 2, 11])
    assert area(np.append(counts, 0), np.append(counts, 0)) == pytest.approx(1, abs=1e-12)
    assert area(counts, 3 * counts, prior=0) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("prior", [0.5, 0.0])
def test_the_area_is_that_of_integrating_the_frontier_as_a_curve(prior: float) -> None:
    """Written anew from the definition: y as a function of x, found by bisection of λ, integrated by SciPy."""
    real, made = np.array([6.0, 3, 1, 0]), np.array([1.0, 2, 3, 4])
    p, q = ((side + prior) / (side + prior).sum() for side in (real, made))

    def point(share: float) -> tuple[float, float]:
        mixed = share * p + (1 - share) * q
        return tuple(math.exp(-5 * xlogy(side, side / mixed).sum()) for side in (q, p))  # type: ignore[return-value]

    def height(x: float) -> float:
        low, high = 0.0, 1 - 1e-15
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if point(middle)[0] > x else (low, middle)
        return point(low)[1]

    expected = quad(height, 0, 1, limit=200)[0]
    assert 0.1 < expected < 0.9
    assert area(real, made, prior=prior) == pytest.approx(expected, abs=1e-5)


def test_areas_of_many_histograms_are_those_of_each() -> None:
    rng = np.random.default_rng(0)
    real, made = rng.integers(0, 9, (2, 6, 5)).astype(float)
    assert area(real, made) == pytest.approx([area(p, q) for p, q in zip(real, made, strict=True)])


def test_mauve_of_other_draws_is_near_one_and_of_other_subjects_near_nothing() -> None:
    rng = np.random.default_rng(0)
    real = about(rng, 5, 300)
    same = ask("fidelity.mauve", about(rng, 5, 300), real)
    assert same.value > 0.85
    assert same.interval[1] <= 1
    lacking = ask("fidelity.mauve", about(rng, 2, 300), real)
    strange = ask("fidelity.mauve", about(rng, 5, 300, first=5), real)
    assert strange.interval[1] < 0.06 < lacking.interval[0] < lacking.interval[1] < same.interval[0]
    assert strange.details["cells"] == 30


@pytest.mark.parametrize("wide", [3, 400])
def test_the_vendi_score_of_m_groups_at_right_angles_is_m(wide: int) -> None:
    """In the dual form and in the other one; unequal groups have the exponential of their entropy."""
    group = np.repeat([0, 1, 2], [30, 30, 30])
    assert math.exp(vendi.jackknifed(np.eye(wide)[group])[0]) == pytest.approx(3)
    shares = np.array([0.5, 0.3, 0.2])
    group = np.repeat([0, 1, 2], (90 * shares).astype(int))
    log, variance = vendi.entropy(np.eye(wide)[group])
    assert log == pytest.approx(-(shares * np.log(shares)).sum())
    assert vendi.jackknifed(csr_matrix(np.eye(wide)[group]))[0] == pytest.approx(log)
    # A row's influence on the entropy of shares is −ln of its own: the plug-in estimate's variance (Basharin 1959).
    assert variance == pytest.approx((shares * np.log(shares) ** 2).sum() - log**2, rel=0.02)


def test_both_forms_of_the_vendi_score_agree() -> None:
    F = np.random.default_rng(0).normal(size=(40, 39))
    F /= np.linalg.norm(F, axis=1, keepdims=True)
    dual, whole = vendi.jackknifed(F), vendi.jackknifed(np.pad(F, ((0, 0), (0, 5))))
    assert dual == pytest.approx(whole)
    assert dual[0] == pytest.approx(vendi.entropy(F)[0])


def test_texts_that_say_one_of_five_things_count_as_five() -> None:
    made = [f"a{k} b{k} c{k} d{k}" for k in range(5)] * 20
    real = [f"r{k} s{k} t{k} u{k}" for k in range(100)]
    reading = ask("coverage.vendi", made, real)
    assert reading.details["vendi"]["synthetic"] == pytest.approx(5)
    assert reading.details["vendi"]["real"] == pytest.approx(100)
    assert reading.value == pytest.approx(0.05)


def test_texts_without_words_count_as_one_thing() -> None:
    """Half is one thing and half fifty different ones: exp(½ ln 2 + ½ ln 100) = √200."""
    made, real = ([f"{side}{k}" if k < 50 else "?" for k in range(100)] for side in "ab")
    reading = ask("coverage.vendi", made, real)
    assert reading.details["vendi"]["synthetic"] == pytest.approx(math.sqrt(200))
    assert reading.value == pytest.approx(1)


def test_both_sides_are_cut_to_the_same_lengths() -> None:
    real, made = ["One two, three!", "a", "Four five."], ["x y z u", "v w", "?"]
    cut = alike_long(real, made)
    assert cut == (["One two, three!", "", "Four five."], ["x y z", "v w", "?"])
    assert sorted(coded.words(cut[0]).counts) == sorted(coded.words(cut[1]).counts)


def test_length_alone_does_not_change_how_many_things_are_said() -> None:
    rng = np.random.default_rng(0)
    words = [f"w{k}" for k in range(300)]
    long, short = ([" ".join(rng.choice(words, n)) for _ in range(200)] for n in (60, 10))
    low, high = ask("coverage.vendi", long, short).details["ratio_interval"]
    assert low <= 1 <= high


@pytest.mark.parametrize("name", ["fidelity.mauve", "fidelity.topics", "coverage.vendi"])
def test_texts_without_any_word_give_no_evidence(name: str) -> None:
    with pytest.raises(CannotMeasure, match="words"):
        ask(name, ["?!"] * 100, ["…"] * 100)


@pytest.mark.parametrize("encoder", ["letters", "topics"])
def test_mauve_takes_other_encoders(encoder: str) -> None:
    rng = np.random.default_rng(0)
    reading = ask("fidelity.mauve", about(rng, 3, 100), about(rng, 3, 100), encoder=encoder)
    assert reading.details["encoder"] == encoder
    assert reading.value > 0.5
    assert ask("coverage.vendi", about(rng, 3, 100), about(rng, 3, 100), encoder="letters").value > 0.9
