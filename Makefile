# The README's two commands are `make demo` and `make test`; each sets up all it needs.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test check bench pins clean

.venv/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: .venv/.installed
	$(BIN)/mintmark demo

test: .venv/.installed
	$(BIN)/python -m pytest

check: .venv/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest tests/invariants tests/whole/test_documentation.py

bench: .venv/.installed
	$(BIN)/python -m benchmarks

pins: .venv/.installed
	$(BIN)/python benchmarks/../.ci/pins.py

clean:
	rm -rf .venv build dist
