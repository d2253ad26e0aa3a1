"""The report page as Chromium shows it: on a phone, in the dark, and printed."""

import base64
import itertools
import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sklearn.datasets import load_breast_cancer

from mintmark.data.dataset import Dataset
from mintmark.gate import Gate
from mintmark.metrics.evidence import Claim, Evidence, NoEvidence, Reading
from mintmark.metrics.findings import Findings
from mintmark.report import page
from mintmark.report.comparison.entrant import Cost, Entrant
from mintmark.report.comparison.table import Comparison, Proof
from mintmark.report.story import Provenance, Story

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe",
)  # fmt: skip

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")


class Browser:
    """Chromium at the other end of a pipe, in the DevTools protocol: messages in JSON, ended by a zero byte."""

    def __init__(self, folder: str) -> None:
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        # Chromium reads from descriptor 3 and writes to 4; only the shell can place them without a fork in Python.
        command = 'exec "$0" "$@" 3<&"$CHROMIUM_IN" 4>&"$CHROMIUM_OUT"'
        self.process = subprocess.Popen(
            ["bash", "-c", command, CHROMIUM, *FLAGS, f"--user-data-dir={folder}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            env={**os.environ, "CHROMIUM_IN": str(theirs_in), "CHROMIUM_OUT": str(theirs_out)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.out, self.inn = os.fdopen(ours_out, "wb", buffering=0), os.fdopen(ours_in, "rb", buffering=0)
        self.ids, self.rest, self.session = itertools.count(1), b"", None
        self.events: list[dict[str, Any]] = []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        number = next(self.ids)
        message = {"id": number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        self.out.write(json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != number:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def read(self) -> dict[str, Any]:
        while b"\0" not in self.rest:
            block = self.inn.read(65536)
            assert block, "Chromium has ended"
            self.rest += block
        message, _, self.rest = self.rest.partition(b"\0")
        return json.loads(message)

    def open(self, file: Path, *, width: int = 1200, scheme: str = "light") -> None:
        self.events.clear()
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=800, deviceScaleFactor=1, mobile=width < 500
        )
        self.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.call("Page.navigate", url=file.as_uri())
        while not self.happened("Page.loadEventFired"):
            self.events.append(self.read())

    def happened(self, *methods: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event.get("method") in methods]

    def value(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def close(self) -> None:
        self.out.close()
        self.inn.close()
        self.process.terminate()
        self.process.wait(timeout=10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        chromium = Browser(folder)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page.render(story()), encoding="utf-8")
    return file


def story() -> Story:
    """Long names, long levels and many columns: what breaks a layout."""
    table = pa.Table.from_pandas(load_breast_cancer(as_frame=True).frame, preserve_index=False)
    long = "a_name_without_any_space_that_is_far_longer_than_a_phone_is_wide_" * 2
    table = table.append_column(
        long, pa.array(["a level that is long as well " * 5, "b", "c" * 90, None] * 142 + ["b"])
    )
    data = Dataset.of(table)
    names = data.columns.names[:12]
    distances = [[None if a == b else 0.1 for a in names] for b in names]
    findings = (
        found("privacy.membership", 0.31, (0.28, 0.34)),
        found("fidelity.pairs", 0.1, (0.05, 0.2), columns=names, distance=distances),
        NoEvidence("utility.transfer", Claim.UTILITY, "no target " + "x" * 300),
    )
    decision = Gate.of("privacy.membership <= 0.02", "utility.transfer >= 0.9").decide(findings, validated=True)
    made_by = Provenance(generator="tabular.trees", recipe={"name": long}, inputs={"train": data.digest}, seed=7)
    return Story(long, data.schema, {"rows": len(data)}, data.digest, findings, decision, made_by, data, data)


def found(metric: str, value: float, interval: tuple[float, float], **details: Any) -> Evidence:
    beside = Reading(0.01, (0.01, 0.01), 1000)
    return Evidence(
        metric, Claim(metric.split(".")[0]), "lower", Reading(value, interval, 1000, details), beside, beside
    )


@pytest.mark.parametrize("width", [320, 375, 768, 1200])
def test_nothing_is_wider_than_the_screen(browser: Browser, file: Path, width: int) -> None:
    browser.open(file, width=width)
    assert browser.value("document.documentElement.scrollWidth") <= width


def test_the_console_stays_empty_and_nothing_is_fetched(browser: Browser, file: Path) -> None:
    browser.open(file)
    assert not browser.happened("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    asked = [event["params"]["request"]["url"] for event in browser.happened("Network.requestWillBeSent")]
    assert asked == [file.as_uri()]


def test_the_page_follows_the_reader_into_the_dark(browser: Browser, file: Path) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        browser.open(file, scheme=scheme)
        shade = browser.value("getComputedStyle(document.body).backgroundColor")
        shades[scheme] = sum(map(int, shade.removeprefix("rgb(").removesuffix(")").split(",")))
        drawn = "getComputedStyle(document.querySelector('.pair .color-0 .rect')).fill"
        shades[f"{scheme} bar"] = browser.value(drawn)
    assert shades["light"] > 700
    assert shades["dark"] < 100
    assert shades["light bar"] != shades["dark bar"]


def test_in_print_the_paper_is_white_and_nothing_is_folded_away(browser: Browser, file: Path) -> None:
    unseen = "[...document.querySelectorAll('details > :not(summary)')].filter(e => !e.checkVisibility()).length"
    browser.open(file, scheme="dark")
    assert browser.value(unseen) > 0
    browser.call("Emulation.setEmulatedMedia", media="print")
    assert browser.value("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert browser.value(unseen) == 0
    assert browser.value("document.querySelector('details.more').offsetHeight") > 500
    printed = base64.b64decode(browser.call("Page.printToPDF")["data"])
    assert printed.startswith(b"%PDF-")
    assert len(printed) > 50_000


def test_scores_are_drawn_where_their_numbers_say(browser: Browser, file: Path) -> None:
    browser.open(file)
    place = "document.querySelector('.strip {}').getBoundingClientRect()"
    value, bound = (browser.value(f"{place.format(name)}.x") for name in ("circle.value", "line.bound"))
    allowed = browser.value(f"{place.format('rect.allowed')}.x")
    # Lower is better and the value is above the bound: it stands left of what is allowed.
    assert value < bound
    assert allowed == pytest.approx(bound, abs=2)


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A comparison with a long name, one that failed, and an interval without end."""
    scores = {"fidelity.detection": (0.6, (0.5, 0.7)), "privacy.membership": (0.02, (0.0, float("inf")))}
    cost = Cost(3.0, 3.0, 0.1, 0.1, rows=500, peak_bytes=3 * 10**8, base_bytes=10**8)

    def entrant(label: str) -> Entrant:
        findings = Findings(tuple(found(metric, *score) for metric, score in scores.items()))
        return Entrant(label, "tabular.trees", {}, findings, (cost,))

    long = "tabular.trees(" + "a_parameter=" * 20 + "1)"
    entrants = (
        entrant(long),
        entrant("tabular.copula"),
        Entrant("x", "x", failure="<b>out of memory</b> " + "x" * 300),
    )
    told = Comparison("a_name_" * 30, entrants, 3, 700, 300, 700, proof=Proof(entrant(long), 1000, 400, 1))
    file = tmp_path_factory.mktemp("compared") / "compared.html"
    told.write(file)
    return file


@pytest.mark.parametrize("width", [320, 1200])
def test_a_comparison_fits_the_screen_and_leaves_the_console_empty(
    browser: Browser, compared: Path, width: int
) -> None:
    browser.open(compared, width=width)
    assert browser.value("document.documentElement.scrollWidth") <= width
    assert not browser.happened("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled")
    asked = [event["params"]["request"]["url"] for event in browser.happened("Network.requestWillBeSent")]
    assert asked == [compared.as_uri()]
    assert browser.value("document.querySelectorAll('.tradeoff .dot').length") == 2
    assert browser.value("document.querySelectorAll('.contest tbody tr').length") == 6
