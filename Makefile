# Each target sets up what it needs. VENV chooses where: make test VENV=/somewhere/else
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin

.PHONY: quickstart test test-slow check bench bench-encoding clean

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

bench-encoding: $(VENV)/.dev  ## make bench-encoding MODEL=FOLDER STS=STS-B.test.tsv TATOEBA=FOLDER: speed and quality of every engine
	$(BIN)/pip install --quiet openvino
	$(BIN)/python benchmarks/encoding_speed.py $(MODEL) $(STS) $(TATOEBA) --out benchmarks/results/encoding-speed-$(notdir $(MODEL)).json
	$(BIN)/interlingua export $(MODEL) --output benchmarks/engine --precision int8
	$(BIN)/python benchmarks/cold_start.py $(MODEL) benchmarks/engine --out benchmarks/results/cold-start.json
	$(BIN)/python benchmarks/encoding_stream.py benchmarks/engine $(STS) --texts 100000 --out benchmarks/results/encoding-stream.json
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
