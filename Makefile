# Each target sets up what it needs. VENV chooses where: make test VENV=/somewhere/else
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: quickstart test test-slow check bench clean

quickstart: $(VENV)/.train  ## the main job on real input: an English encoder becomes multilingual
	$(BIN)/interlingua quickstart

test: $(VENV)/.dev  ## lint, types, tests: exactly what CI runs
	$(MAKE) check VENV=$(VENV)

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/pytest -q

test-slow: $(VENV)/.dev  ## the minutes-long tests
	$(BIN)/pytest -q -m slow

bench: $(VENV)/.dev  ## the benchmarks that need no data of yours; JSON goes to benchmarks/results, tables to README.md
	$(BIN)/python benchmarks/quickstart_seeds.py
	$(BIN)/python benchmarks/tables.py

$(VENV)/.train: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[train]'
	touch $@

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --editable '.[train,eval,dev]'
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache
