"""Every score on the scale between shuffled columns and unseen real data; and what was not asked is said."""

from rich.console import Console

from mintmark.metrics.evidence import Claim, Evidence, Reading
from mintmark.metrics.findings import Findings
from mintmark.metrics.position import Position
from mintmark.metrics.unasked import unasked
from mintmark.report import words
from mintmark.report.numerals import place
from mintmark.report.overview import overview
from mintmark.report.terminal import summary


def evidence(name: str, value: float, half: float = 0.1, *, floor: float = 0.0, ceiling: float = 1.0) -> Evidence:
    reading = Reading(value, (value - half, value + half), 100)
    sides = (Reading(each, (each, each), 100) for each in (ceiling, floor))
    return Evidence(name, Claim.UTILITY, "higher", reading, *sides)


def test_places_are_laid_out_from_a_quarter_below_the_floor_to_a_quarter_above_the_ceiling() -> None:
    (line,) = overview([evidence("a.half", 0.5)]).lines
    assert (line.at, line.whisker) == (50.0, (43.33, 56.67))
    assert not line.beyond


def test_what_lies_off_the_scale_is_drawn_at_its_edge_and_told_as_it_is() -> None:
    (line,) = overview([evidence("a.below", -3.0)]).lines
    assert (line.at, line.whisker, line.beyond) == (0.0, (0.0, 0.0), True)
    assert isinstance(line.place, Position)
    assert line.place.value == -3


def test_scores_without_a_place_are_named_with_the_reason() -> None:
    drawn = overview([evidence("a.flat", 0.5, ceiling=0.0), evidence("a.level", 0.5, ceiling=0.0)])
    assert drawn.lines == ()
    ((why, names),) = drawn.without.items()
    assert "cannot be told apart" in why
    assert names == ("a.flat", "a.level")


def told(findings: Findings) -> list[str]:
    console = Console(width=80, record=True)
    with console.capture() as text:
        console.print(summary(findings))
    return [line.rstrip() for line in text.get().splitlines()]


def test_a_terminal_draws_the_scale_within_eighty_columns() -> None:
    lines = told(Findings((evidence("a.good", 0.95), evidence("a.bad", 0.0), evidence("a.awful", -9.0))))
    drawn = {line.split()[0]: line.split()[1] for line in lines if line.count("(") == 1 and "│" in line}
    assert drawn["a.good"] == "····│·············─●┼─···"
    assert drawn["a.bad"] == "··──●──·············│····"
    assert drawn["a.awful"] == "◀···│···············│····"
    assert max(map(len, lines)) <= 80


def test_what_was_not_asked_is_said_everywhere() -> None:
    findings = Findings((evidence("a.b", 0.5),), {"c.d": "asked by the profile thorough"})
    assert "c.d: not asked, asked by the profile thorough" in str(findings)
    assert "not asked: asked by the profile thorough" in findings._repr_html_()
    assert "  c.d: asked by the profile thorough" in told(findings)
    assert findings[:1].left_out == findings.left_out


def test_names_are_gathered_by_reason() -> None:
    assert words.by_reason({"a": "x", "b": "y", "c": "x"}) == {"x": ["a", "c"], "y": ["b"]}


def test_every_metric_that_was_not_asked_is_named_with_who_asks_it() -> None:
    left = unasked({"fidelity.pairs"}, ("quick", "default", "thorough"))
    assert "fidelity.pairs" not in left
    assert left["fidelity.marginals"] == "asked by the profiles quick, default, thorough"
    assert left["utility.transfer"] == "asked by the profiles default, thorough"


def leak(name: str, value: float, half: float, ceiling: float = 0.01) -> Evidence:
    """A question on which shuffled columns do as well as unseen real rows, and less is better."""
    sides = (Reading(ceiling, (ceiling - 0.01, ceiling + 0.01), 100) for _ in range(2))
    return Evidence(name, Claim.PRIVACY, "lower", Reading(value, (value - half, value + half), 100), *sides)


def test_a_leak_without_a_place_on_the_scale_is_named_at_a_glance() -> None:
    found = [leak("a.leak", 0.6, 0.02), leak("a.none", 0.01, 0.02), leak("a.better", -0.6, 0.02)]
    assert overview(found).worse == ("a.leak",)
    assert overview([evidence("a.good", 0.9)]).worse == ()
    assert "Surely worse than unseen real data" in told(Findings(tuple(found)))
    assert "  a.leak" in told(Findings(tuple(found)))


def test_of_many_scores_chance_calls_none_worse() -> None:
    """Two and a half standard errors off are sure of one question, and not of the worst among fifty."""
    off = leak("a.off", 0.01 + 2.5 / 1.96 * 0.01 * 2**0.5, 0.01)
    assert overview([off]).worse == ("a.off",)
    assert overview([off, *(leak(f"a.{k}", 0.01, 0.01) for k in range(49))]).worse == ()


def test_places_far_off_the_scale_are_told_without_decimals() -> None:
    assert [place(value) for value in (0.954, -0.5, 12.34, -400.84)] == ["0.95", "−0.50", "12", "−401"]
