# Each target sets up what it needs. VENV chooses where: make test VENV=/somewhere/else
VENV ?= .venv
PYTHON ?= python3
BIN = $(VENV)/bin
# Two processes: each imports torch once, and no test may depend on another's order
PYTEST = $(BIN)/pytest -q -n 2 --dist worksteal

.PHONY: quickstart test test-slow test-lowest test-newest test-trackers fuzz test-pythons check dist sbom audit licences bench bench-encoding constraints clean

quickstart: $(VENV)/.train  ## the main job on real input: an English encoder becomes multilingual
	$(BIN)/interlingua quickstart

test: $(VENV)/.dev  ## lint, types, tables, tests: exactly what CI runs
	$(MAKE) check VENV=$(VENV)

# pyright, which has one thread, runs beside the tests
check:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python benchmarks/tables --check
	$(BIN)/python scripts/licences.py --check
	$(BIN)/pyright --pythonpath $(BIN)/python & types=$$!; $(PYTEST); tests=$$?; wait $$types && exit $$tests

test-slow: $(VENV)/.dev  ## the minutes-long tests
	$(BIN)/pytest -q -m slow

LOWEST ?= build/lowest
# Old releases call new ones by names that are going away: matplotlib does so with pyparsing
OLD_NAMES = ignore::DeprecationWarning
test-lowest:  ## the tests with the lowest versions that are allowed; TORCH=torch==VERSION takes another torch
	$(PYTHON) -m venv $(LOWEST)
	$(LOWEST)/bin/pip install --quiet packaging
	$(LOWEST)/bin/python scripts/lowest.py $(TORCH) > $(LOWEST)/constraints.txt
	$(LOWEST)/bin/pip install --quiet --constraint $(LOWEST)/constraints.txt --editable '.[train,eval,openvino,documents]' \
	  beartype hypothesis pytest pytest-xdist tensorboard
	WITHOUT_PEERS=1 $(LOWEST)/bin/pytest -q -n 2 --dist worksteal -W '$(OLD_NAMES)' $(TESTS)

NEWEST ?= build/newest
test-newest:  ## the tests with the newest versions there are, whatever is installed or in constraints.txt
	PIP_CONSTRAINT= $(MAKE) test VENV=$(NEWEST)

TRACKERS ?= build/trackers
test-trackers:  ## what --track promises, with every tracker installed
	$(PYTHON) -m venv $(TRACKERS)
	$(TRACKERS)/bin/pip install --quiet --editable '.[train,eval,tensorboard,wandb,trackio,mlflow]' \
	  beartype hypothesis pytest
	$(TRACKERS)/bin/pytest -q tests/contracts/test_trackers.py tests/training/test_trackers.py

FUZZ ?= build/fuzz-venv
MINUTES ?= 10
fuzz:  ## everything that reads what users give, for MINUTES in all; TARGETS chooses some; findings stay in build/fuzz
	$(PYTHON) -m venv $(FUZZ)
	$(FUZZ)/bin/pip install --quiet --editable '.[train]' 'atheris>=3'
	$(FUZZ)/bin/python -m fuzz $(MINUTES) $(TARGETS)

test-pythons:  ## the tests on every supported Python that is installed
	@for version in 3.11 3.12 3.13; do \
	  if python$$version --version > /dev/null 2>&1; then \
	    $(MAKE) test VENV=build/python$$version PYTHON=python$$version || exit 1; \
	  else echo "python$$version is not installed"; fi; \
	done

dist:  ## wheel and sdist in dist/, and proof that the wheel works alone; TORCH chooses a build of torch
	rm -rf dist
	$(PYTHON) -m venv build/dist
	build/dist/bin/pip install --quiet build hatchling
	build/dist/bin/python -m build --sdist --wheel
	if git diff --quiet HEAD; then build/dist/bin/python scripts/reproducible.py dist; fi
	PYTHON=$(PYTHON) TORCH=$(TORCH) scripts/check_dist.sh

# What a user installs, apart from the tools that look at it
build/sbom/.made: pyproject.toml constraints.txt
	$(PYTHON) -m venv build/sbom
	build/sbom/bin/pip install --quiet --constraint constraints.txt '.[train,eval,openvino]' $(TORCH)
	$(PYTHON) -m venv build/tools
	build/tools/bin/pip install --quiet --upgrade pip packaging 'cyclonedx-bom>=7' 'pip-audit>=2.10'
	touch $@

sbom: build/sbom/.made  ## dist/interlingua.cdx.json: what an installation holds, by CycloneDX
	mkdir -p dist
	build/tools/bin/cyclonedx-py environment --pyproject pyproject.toml --mc-type library --output-reproducible \
	  --output-file dist/interlingua.cdx.json build/sbom/bin/python

# --strict: a package of which the service knows nothing counts as a failure, not as a sound one
audit: build/sbom/.made  ## known holes in what an installation holds; asks PyPI's service of vulnerabilities
	build/sbom/bin/pip list --format freeze --exclude interlingua | sed 's/+.*//' > build/audit.txt
	build/tools/bin/pip-audit --strict --no-deps --disable-pip --requirement build/audit.txt

licences: build/sbom/.made  ## docs/licences.md, by what pip would install
	build/tools/bin/python scripts/licences.py

# torch is left out, with what only some of its builds need: which build serves a machine is the machine's affair
constraints: $(VENV)/.dev  ## constraints.txt: the versions that the tests last passed with
	$(BIN)/pip list --format freeze --exclude-editable \
	  | grep -viE '^(pip|setuptools|wheel|torch|nvidia.*|cuda.*|triton)=' > constraints.txt

bench: $(VENV)/.dev  ## the benchmarks that need no data of yours; JSON goes to benchmarks/results, tables to README.md
	$(BIN)/python benchmarks/quality/quickstart_seeds.py
	$(BIN)/python benchmarks/tables

bench-encoding: $(VENV)/.dev  ## every engine's speed and quality: MODEL=FOLDER STS=STS-B.test.tsv TATOEBA=FOLDER
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

# pip would compile one file after the other, those of tests too
$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --editable '.[train,eval,openvino,dev]'
	$(BIN)/python -m compileall -qq -j 0 -x /tests/ $(VENV)/lib || true  # some files are templates
	touch $@

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache
