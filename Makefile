# Each target sets up what it needs. VENV chooses where: make test VENV=/somewhere/else
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
# Two processes: each imports torch once, and no test may depend on another's order
PYTEST = $(BIN)/pytest -q -n 2 --dist worksteal

.PHONY: quickstart test test-slow test-lowest test-pythons check dist bench bench-encoding constraints clean

quickstart: $(VENV)/.train  ## the main job on real input: an English encoder becomes multilingual
	$(BIN)/interlingua quickstart

test: $(VENV)/.dev  ## lint, types, tables, tests: exactly what CI runs
	$(MAKE) check VENV=$(VENV)

check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python benchmarks/tables --check
	$(PYTEST)

test-slow: $(VENV)/.dev  ## the minutes-long tests
	$(BIN)/pytest -q -m slow

LOWEST ?= build/lowest
test-lowest:  ## the tests with the lowest versions that are allowed; TORCH chooses a build of torch
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/pip install --quiet packaging
	$(LOWEST)/bin/python scripts/lowest.py > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet $(or $(TORCH),torch)
	$(LOWEST)/bin/pip install --quiet --constraint $(LOWEST)/constraints.txt --editable '.[train,eval]'
	$(LOWEST)/bin/pip install --quiet --constraint $(LOWEST)/constraints.txt beartype hypothesis pytest pytest-xdist
	$(LOWEST)/bin/pytest -q -n 2 --ignore tests/parity --ignore tests/formats $(TESTS)

test-pythons:  ## the tests on every supported Python that is installed
	@for version in 3.11 3.12 3.13; do \
	  if command -v python$$version > /dev/null; then \
	    $(MAKE) test VENV=build/python$$version PYTHON=python$$version || exit 1; \
	  else echo "python$$version is not installed"; fi; \
	done

dist: $(VENV)/.dev  ## wheel and sdist in dist/, and proof that the wheel works alone; TORCH chooses a build of torch
	rm -rf dist
	$(BIN)/pip install --quiet build
	$(BIN)/python -m build
	PYTHON=$(PYTHON) TORCH=$(TORCH) scripts/check_dist.sh

constraints: $(VENV)/.dev  ## constraints.txt: the versions that the tests last passed with
	$(BIN)/pip list --format freeze --exclude-editable | grep -viE '^(pip|setuptools|wheel|torch|interlingua|build|nvidia.*|triton)=' > constraints.txt

bench: $(VENV)/.dev  ## the benchmarks that need no data of yours; JSON goes to benchmarks/results, tables to README.md
	$(BIN)/python benchmarks/quality/quickstart_seeds.py
	$(BIN)/python benchmarks/tables

bench-encoding: $(VENV)/.dev  ## make bench-encoding MODEL=FOLDER STS=STS-B.test.tsv TATOEBA=FOLDER: speed and quality of every engine
	$(BIN)/pip install --quiet openvino
	$(BIN)/python benchmarks/speed/encoding_speed.py $(MODEL) $(STS) $(TATOEBA) \
	  --out benchmarks/results/encoding-speed-$(notdir $(MODEL)).json
	$(BIN)/interlingua export $(MODEL) --output benchmarks/engine --precision int8
	$(BIN)/python benchmarks/speed/cold_start.py $(MODEL) benchmarks/engine --out benchmarks/results/cold-start.json
	$(BIN)/python benchmarks/speed/encoding_stream.py benchmarks/engine $(STS) --texts 100000 \
	  --out benchmarks/results/encoding-stream.json
	$(BIN)/python benchmarks/tables

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
