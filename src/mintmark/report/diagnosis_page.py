"""A diagnosis as one HTML file that needs no network: what is lacking, how surely, a picture, and what would help."""

from dataclasses import dataclass

from markupsafe import Markup

from mintmark.advice.diagnosis import Diagnosis, Looked
from mintmark.report.charts.bars import bars
from mintmark.report.numerals import numeral, percent
from mintmark.report.page import environment

WORDS = {"marked": "Marked", "slight": "Slight", "absent": "Not found"}


def render(found: Diagnosis, *, name: str) -> str:
    """The whole page; the same diagnosis gives the same bytes."""
    looked = [_Section.of(each) for each in found.looked if each.symptom is not None]
    silent = [each for each in found.looked if each.symptom is None]
    page = environment().get_template("diagnosis.html")
    return page.render(name=name, found=found, sections=looked, silent=silent)


@dataclass(frozen=True)
class _Section:
    name: str
    title: str
    grade: str
    word: str
    what: str
    helps: str
    interval: str
    n: int
    says: str
    chart: Markup | None

    @classmethod
    def of(cls, looked: Looked) -> "_Section":
        symptom = looked.symptom
        assert symptom is not None
        picture, chart = symptom.bars, None
        if picture is not None:
            shares = all(0 <= value <= 1 for value in picture.values)
            chart = bars(picture.names, {"": picture.values}, says=picture.says, form=percent if shares else numeral)
        low, high = symptom.reading.interval
        return cls(
            name=looked.name.partition(".")[2],
            title=looked.title,
            grade=str(symptom.grade),
            word=WORDS[symptom.grade],
            what=symptom.what,
            helps=symptom.helps,
            interval=f"{numeral(symptom.reading.value)} ({numeral(low)} to {numeral(high)})",
            n=symptom.reading.n,
            says=picture.says if picture else "",
            chart=chart,
        )
