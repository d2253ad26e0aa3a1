# The README's two commands are `make demo` and `make test`; each sets up all it needs.
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
DEVELOP := .venv/.develop
# A file a worker, and a thread each: workers that share the processors gain nothing from threads of their own.
# In the order of their names, or slow files of few tests come last and keep one worker waiting.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses logical --dist loadfile --no-loadscope-reorder

.PHONY: demo test check bench pins clean

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(DEVELOP): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

demo: $(READY)
	$(BIN)/mintmark demo

test: $(DEVELOP)
	$(PYTEST) $(LESS)

check: $(DEVELOP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/pins.py --check
	$(PYTEST) tests/invariants tests/whole/test_documentation.py

bench: $(DEVELOP)
	$(BIN)/python -m benchmarks

pins: $(DEVELOP)
	$(BIN)/python .ci/pins.py

clean:
	rm -rf .venv build dist
