"""What must not be imported, proved by looking at what is."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import mintmark

SOURCE = Path(mintmark.__file__).parent
INSIDE = SOURCE / "sandbox" / "inside"
"""What runs untrusted code, within the sandbox and nowhere else."""
HEAVY = {
    "numpy",
    "pyarrow",
    "pandas",
    "scipy",
    "sklearn",
    "lightgbm",
    "duckdb",
    "pydantic",
    "torch",
    "pygal",
    "jinja2",
    "faker",
    "aiohttp",
    "openai",
    "jsonschema",
    "transformers",
}


def loaded_by(code: str) -> set[str]:
    script = f"import sys\n{code}\nprint(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.splitlines()[-1].split())


def test_importing_mintmark_loads_no_other_package() -> None:
    assert loaded_by("import mintmark") & (HEAVY | {"typer", "rich", "yaml"}) == set()


def test_the_help_page_needs_no_heavy_package() -> None:
    code = "from typer.testing import CliRunner; from mintmark.cli import app\nCliRunner().invoke(app, ['--help'])"
    assert loaded_by(code) & HEAVY == set()


def test_browsing_imports_no_method_and_no_metric() -> None:
    code = "import mintmark\nassert mintmark.browse()['generators']"
    assert loaded_by(code) & HEAVY == set()


def test_reading_a_csv_loads_neither_scikit_learn_nor_duckdb(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1,x\n2,y\n")
    assert loaded_by(f"import mintmark; mintmark.read({str(file)!r})") & {"sklearn", "duckdb", "lightgbm"} == set()


def test_a_run_that_asks_no_model_needs_none_of_the_packages_for_text(tmp_path: Path) -> None:
    body = {"name": "x", "assay": [], "steps": {"a": {"make": "tabular.rules", "count": 3, "with": {"columns": {
        "t": {"choice": {"one word": 1}}}}, "keep": [{"filters.length": {"column": "t", "least": 1}}]}}}  # fmt: skip
    code = f"import os, mintmark; os.chdir({str(tmp_path)!r}); mintmark.run({body!r})"
    assert loaded_by(code) & {"jsonschema", "aiohttp", "openai", "referencing", "transformers"} == set()


def test_faker_is_loaded_only_where_a_table_holds_people() -> None:
    learn = "import mintmark, numpy\nmintmark.generate(mintmark.read({!r}), 'tabular.independent', count=5, seed=1)"
    assert "faker" not in loaded_by(learn.format("sklearn:wine"))
    rows = "".join(f"a{n}@b.org,{n}\n" for n in range(30))
    file = f"import pathlib\npathlib.Path('a.csv').write_text('mail,n\\n' + {rows!r})"
    code = f"import os, tempfile\nos.chdir(tempfile.mkdtemp())\n{file}\n"
    assert "faker" in loaded_by(code + learn.format("a.csv"))


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_file_unpickles_evaluates_or_imports_itself_inside_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = {alias.name.partition(".")[0] for alias in node.names}
            assert names & {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"} == set()
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in {"eval", "exec", "compile", "__import__"} or path.parent == INSIDE
        if isinstance(node, ast.keyword) and node.arg == "allow_pickle":
            assert isinstance(node.value, ast.Constant)
            assert node.value.value is False
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = [
                n for n in ast.walk(node) if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("mintmark")
            ]
            assert inside == []


def test_what_runs_inside_the_sandbox_is_imported_by_nothing_outside() -> None:
    for path in SOURCE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and "sandbox.inside" in f"{node.module}.{node.names[0].name}":
                assert path.parent == INSIDE, path
            if isinstance(node, ast.ImportFrom | ast.Import) and path.parent == INSIDE:
                names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [one.name for one in node.names]
                assert all("mintmark" not in name or name == "mintmark.sandbox.inside" for name in names), path


def test_no_part_of_the_public_face_loads_a_client_of_language_models() -> None:
    code = "import mintmark\nfor name in mintmark.__all__:\n    getattr(mintmark, name)"
    assert loaded_by(code) & {"aiohttp", "openai", "jsonschema", "transformers"} == set()


def test_the_public_names_are_those_that_are_declared() -> None:
    assert sorted(mintmark.__all__) == sorted([*mintmark._HOME, "__version__"])
    for name in mintmark.__all__:
        assert getattr(mintmark, name) is not None


def test_the_command_line_uses_only_public_names() -> None:
    for path in (SOURCE / "cli").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mintmark."):
                assert node.module in {"mintmark.cli", "mintmark.errors"}
