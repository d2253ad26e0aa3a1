"""The documents do what they say: every Python block runs, every command answers, every recipe is sound."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import yaml

from mintmark.document import Document
from mintmark.pipeline.plan import plan
from mintmark.recipe import Recipe

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
WALLED = {"sandbox.md"}
"""Pages whose code runs programs behind walls."""
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall(page.read_text(encoding="utf-8")) if kind == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_code_on_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch, mintmark):
    if page.name in WALLED and shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    monkeypatch.chdir(tmp_path)
    space: dict[str, object] = {}
    for language, code in BLOCK.findall(page.read_text(encoding="utf-8")):
        if language == "python":
            exec(compile(code, str(page), "exec"), space)
        if language == "sh":
            for line in code.splitlines():
                words = shlex.split(line, comments=True)
                if words:
                    assert words[0] == "mintmark", f"{page.name}: only mintmark's commands are run: {line}"
                    done = mintmark(*words[1:])
                    assert done.code == 0, f"{line}\n{done.out}{done.err}"
        if language == "yaml" and "title=" not in code and code.startswith("name:"):
            assert Recipe.parse(code).name
            (tmp_path / f"{Recipe.parse(code).name}.yaml").write_text(code)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "ARCHITECTURE.md", ROOT / "INVARIANTS.md"], ids=lambda page: page.name)
def test_links_and_named_files_exist(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", text):
        assert (page.parent / target).exists(), f"{page.name} links to {target}"
    for named in re.findall(r"`((?:src|tests|docs|examples|benchmarks)/[\w./-]+\.(?:py|md|yaml))`", text):
        assert (ROOT / named).exists(), f"{page.name} names {named}"


def test_every_metric_generator_and_filter_is_written_about():
    from mintmark import catalog

    pages = [ROOT / "docs" / name for name in ("tables.md", "evidence.md", "filters.md")]
    written = "".join(page.read_text(encoding="utf-8") for page in (*pages, *(ROOT / "docs").glob("text*.md")))
    for name in [*catalog.names("generators"), *catalog.names("metrics"), *catalog.names("filters")]:
        assert f"`{name}`" in written, name


def test_every_language_model_is_written_about():
    from mintmark import catalog

    written = (ROOT / "docs" / "text.md").read_text(encoding="utf-8")
    for name in catalog.names("models"):
        assert f"`{name}`" in written, name


def test_every_rule_and_every_claim_with_its_source_is_written_down():
    from mintmark.advice import audit
    from mintmark.advice.sources import SOURCES

    sources, plans = (ROOT / "docs" / "sources.md").read_text("utf-8"), (ROOT / "docs" / "plans.md").read_text("utf-8")
    rules = list(audit.rules().values())
    for rule in rules:
        assert f"- **{rule.code}** {rule.reason} ({'; '.join(rule.sources)})\n" in sources
        assert f"| {rule.code} | {rule.__doc__.rstrip('.')} | {rule.severity} |\n" in plans
    for key, text in SOURCES.items():
        cited = ", ".join(sorted(rule.code for rule in rules if key in rule.sources))
        assert f"- **{key}**: {text}." + (f" Cited by {cited}." if cited else " Cited by `mintmark advise`.") in sources


@pytest.mark.parametrize("recipe", sorted((ROOT / "examples").glob("*/recipe.yaml")), ids=lambda path: path.parent.name)
def test_every_example_runs_to_its_end(recipe, mintmark, tmp_path):
    shutil.copytree(recipe.parent, tmp_path, dirs_exist_ok=True)
    done = mintmark("run", "recipe.yaml")
    assert done.code in (0, 1), done.err
    assert (recipe.parent / "README.md").is_file()


def test_examples_with_a_scripted_model_say_what_to_change_for_a_real_one():
    for recipe in sorted((ROOT / "examples").glob("text-*/recipe.yaml")):
        lines = (recipe.parent / "README.md").read_text("utf-8").partition("    use:")
        model = yaml.safe_load("".join(lines[1:]))
        body = yaml.safe_load(recipe.read_text("utf-8"))
        body["models"] = {name: dict(model) for name in body["models"]}
        planned = plan(Recipe.of(Document(body, {}, str(recipe))), base=recipe.parent)
        asked = [step.generator.model for step in planned.steps if step.talks]
        assert [each.use for each in asked] == ["models.endpoint"]
