# Two commands do all the set-up: `make run` and `make test`. They need Python 3.11 or later, and nothing else.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP     = $(BIN)/pip install --quiet --disable-pip-version-check
CONFIG ?= g4f.example.yaml

.PHONY: run test check soak storm disconnects bench bench-check format lock schema names deploy manual docs clean fuzz slow catalog
.DEFAULT_GOAL := help

help: ## what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/' | expand -t 12

run: $(VENV)/.run ## install and serve by g4f.example.yaml (CONFIG=FILE for another)
	$(BIN)/g4fd --config $(CONFIG)

test: $(VENV)/.test ## install what tests need and run them all
	sh tests/e2e/setup.sh
	sh tests/threats/setup.sh
	sh tests/cli/setup.sh
	$(BIN)/python -m pytest $(ARGS)

check: $(VENV)/.test ## linters: style, types, floors, dangerous calls, and rules of our own
	$(BIN)/ruff check --no-cache .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/bandit -q -ll -c pyproject.toml -r g4f deploy
	$(BIN)/python -m pytest -q tests/threats/test_rules.py tests/threats/test_supply.py tests/threats/test_table.py

soak: $(VENV)/.test ## faults on three of four providers for SECONDS=120; no request may fail for it
	$(BIN)/python -m tests.soak.soak --seconds $(or $(SECONDS),120) --rate $(or $(RATE),80)

storm: $(VENV)/.test ## RELOADS=200 of the file under RATE=200 requests a second; none may fail or be cut
	G4F_STORM_RELOADS=$(or $(RELOADS),200) G4F_STORM_RATE=$(or $(RATE),200) $(BIN)/python -m pytest -s tests/e2e/test_reload_storm.py

disconnects: $(VENV)/.test ## COUNT=10000 clients that leave early; no upstream call may outlive one
	$(BIN)/python -m tests.soak.disconnects --count $(or $(COUNT),10000)

.PHONY: fuzz slow sbom streams
slow: $(VENV)/.test ## COUNT=1000 slow connections of four kinds; a good client must hardly notice (ARGS=--tool: slowhttptest)
	$(BIN)/python -m tests.soak.slow --count $(or $(COUNT),1000) $(ARGS)

streams: $(VENV)/.test ## COUNT=10000 streams open at once on one worker: memory of each, and all must end well
	$(BIN)/python -m tests.soak.streams --count $(or $(COUNT),10000)

fuzz: $(VENV)/.test ## feed every parser of strangers' input with mutations for SECONDS=60 each (TARGET=sse for one)
	$(BIN)/python -m tests.fuzz --seconds $(or $(SECONDS),60) $(if $(TARGET),--target $(TARGET)) $(ARGS)

format: $(VENV)/.test ## put the code into its usual form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.test ## measure against other gateways on loopback (ARGS=--quick; docs/performance.md)
	$(BIN)/python -m bench $(ARGS)

bench-check: $(VENV)/.test ## count the calls and instructions of the hot path against bench/budget.json
	$(BIN)/python -m bench.check $(ARGS)

catalog: $(VENV)/.test ## gather models, names and prices anew; MODELS_DEV is a checkout of models.dev
	$(BIN)/pip install -q genai-prices
	$(BIN)/python -m tools.catalog $(MODELS_DEV)

schema: $(VENV)/.run ## write config/g4f.schema.json
	$(BIN)/g4fd schema > config/g4f.schema.json

names: $(VENV)/.test ## write the stubs by which editors complete g4f.models. and g4f.Provider.
	$(BIN)/python -m tools.names

manual: $(VENV)/.run ## write deploy/man/g4fd.1 and docs/cli.md
	mkdir -p deploy/man
	$(BIN)/g4fd manual > deploy/man/g4fd.1
	$(BIN)/g4fd manual --markdown > docs/cli.md

deploy: $(VENV)/.run ## write the systemd units in deploy/
	$(BIN)/g4fd install-service --program /opt/g4f/bin/g4fd --directory deploy --force

docs: $(VENV)/.test ## write docs/reference from the docstrings
	$(BIN)/python docs/build_reference.py

sbom: ## the bill of materials of requirements.lock, as CycloneDX, in dist/g4f.cdx.json (no network)
	mkdir -p dist
	$(PYTHON) deploy/sbom.py > dist/g4f.cdx.json

lock: ## pin the dependencies again (needs uv; UPGRADE=--upgrade for the newest)
	uv pip compile -q $(UPGRADE) --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --universal \
	  --custom-compile-command "make lock" pyproject.toml -o requirements.lock
	uv pip compile -q $(UPGRADE) --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --universal \
	  --custom-compile-command "make lock" -c requirements.lock pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile -q $(UPGRADE) --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --universal \
	  --custom-compile-command "make lock" -c requirements-dev.lock --group build -o requirements-build.lock

clean: ## remove what was installed and built
	rm -rf $(VENV) dist bench/.cache bench/results .mypy_cache .ruff_cache .pytest_cache

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("g4f needs Python 3.11 or later" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements.lock requirements-build.lock pyproject.toml
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --require-hashes -r requirements-build.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	$(BIN)/python -m compileall -q g4f
	touch $@

$(VENV)/.test: $(VENV)/bin/python requirements-dev.lock pyproject.toml
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@
