# Every verb sets up what it needs. `make help` lists them; ARGS="…" is handed on to the tool behind a verb.
.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
INSTALLED := .venv/.installed
WHEEL_VENV := build/wheel-venv
SDKS := build/sdks
WORKERS ?= 2
# Tests that meet the wheel as its users do. Those of rules and values are the same wherever the code lies.
OF_WHEEL := tests/interfaces tests/web/http $(wildcard tests/web/contracts/test_[cs]*.py tests/web/contracts/handlers/test_handlers_served.py) tests/web/contracts/outgoing
COVERED := $(addprefix tests/,contract delay mocks sandbox timing traffic web)
ARGS ?=
# The Slate page that the contract came from, where it lies beside the checkout.
SERVICE_DOCS ?= $(wildcard ../shared/slate/index.html.md)

export PIP_DISABLE_PIP_VERSION_CHECK = 1
export PYRIGHT_PYTHON_IGNORE_WARNINGS = 1

# The first Python that answers, is in range and can make an environment: a name on the PATH may be an empty shim.
CANDIDATES := $(if $(PYTHON),"$(PYTHON)",python3.13 python3.12 python3.11 python3 python)
PROBE := import ensurepip, sys, venv; sys.exit(not (3, 11) <= sys.version_info < (3, 15))
FIND_PYTHON = python=; for candidate in $(CANDIDATES); do \
	if "$$candidate" -c '$(PROBE)' >/dev/null 2>&1; then python=$$candidate; break; fi; done; \
	if [ -z "$$python" ]; then \
	echo "eqkit needs Python 3.11 to 3.14 with venv (on Debian: python3-venv); or say make PYTHON=/path/to/python" >&2; \
	exit 1; fi

# The lock is complete, so there is nothing to resolve. pip compiles what it installs: where a start cannot write bytecode,
# as in a read-only image, it would compile all of Connexion anew each time.
INSTALL_LOCK := -m pip install --quiet --no-deps --require-hashes -r requirements.lock

.PHONY: help setup serve test check format format-check lint types imports contract flows lint-openapi wheel test-wheel resolve client clients examples sdks bench cover mutants changelog release lock audit clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' Makefile

setup: $(INSTALLED) ## make .venv from the lock, once

$(INSTALLED): requirements.lock pyproject.toml
	@$(FIND_PYTHON); echo "Setting up .venv with $$("$$python" --version): about a minute, once"; \
	"$$python" -m venv --upgrade-deps .venv
	@$(BIN)/python $(INSTALL_LOCK)
	@PYTHONWARNINGS=ignore $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

serve: setup ## run the server; ARGS are those of `eqkit serve`
	@exec $(BIN)/eqkit serve $(ARGS)

test: setup ## run the whole suite; ARGS are pytest's
	$(BIN)/python -m pytest --numprocesses $(WORKERS) $(ARGS)

cover: setup ## measure branches of the rooms that run in a test's own process; fails below the floor in pyproject.toml
	$(BIN)/python -m pytest --numprocesses $(WORKERS) --cov --cov-report=term $(COVERED) $(ARGS)

mutants: setup ## change single lines of delay, contract and sandbox, and count the changes that tests notice; ARGS="--count 200 --seed 2"
	$(BIN)/python -m tests.mutants $(ARGS)

check: format-check lint types imports contract ## every check of the code and of the contract but the tests

format: setup ## rewrite the code in the one format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

format-check: setup ## is the code in the one format?
	$(BIN)/ruff format --check

lint: setup ## ruff
	$(BIN)/ruff check

types: setup ## mypy strict, then pyright (which needs node)
	$(BIN)/mypy
	$(BIN)/pyright

imports: setup ## does a room know only the floors below it?
	$(BIN)/lint-imports

contract: setup ## docs, contract and server held against each other
	$(BIN)/eqkit lint
	$(BIN)/eqkit lint --contract openapi/mock.yaml --ruleset recommended --ruleset generators --ruleset eqkit
	$(BIN)/eqkit trace $(SERVICE_DOCS)
	.ci/served sh -c '$(BIN)/eqkit probe "$$EQKIT_URL" && $(BIN)/eqkit fuzz "$$EQKIT_URL" --seed 1'
	$(BIN)/python -m pytest --quiet tests/checks/coverage/test_coverage.py tests/elasticqueue/probe/test_mutants.py

flows: setup lint-openapi ## the three stories of the docs, run by Redocly against a server
	.ci/served npm --prefix openapi/lint run flows

lint-openapi: ## Redocly and Spectral over the contract (needs npm)
	npm --prefix openapi/lint ci
	npm --prefix openapi/lint run lint

wheel: setup ## build dist/*.whl
	rm -rf build/lib build/bdist.* dist
	$(BIN)/python -m build --wheel --no-isolation

test-wheel: wheel ## run the tests of its users against the built wheel, away from the source
	rm -rf $(WHEEL_VENV) build/wheel-tests && mkdir -p build/wheel-tests
	$(BIN)/python -m venv --upgrade-deps $(WHEEL_VENV)
	$(WHEEL_VENV)/bin/python $(INSTALL_LOCK)
	$(WHEEL_VENV)/bin/python -m pip install --quiet --no-deps dist/*.whl
	cp -R pyproject.toml tests build/wheel-tests
	cd build/wheel-tests && ../../$(WHEEL_VENV)/bin/python -m pytest --numprocesses $(WORKERS) \
		$(OF_WHEEL) $(ARGS)

resolve: setup ## what eqkit can be installed beside, and the steps of the image (needs the index)
	$(BIN)/python -m pytest --numprocesses $(WORKERS) tests/resolve $(ARGS)

client: setup ## make the client that waits from the client of coroutines
	$(BIN)/python -m sdks.synchronous

clients: setup ## build and test the package for JavaScript and TypeScript (needs npm)
	npm --prefix clients/typescript ci --ignore-scripts --no-audit --no-fund
	EQKIT_COMMAND="$(CURDIR)/$(BIN)/eqkit" npm --prefix clients/typescript test

examples: setup clients ## run the tests of the examples (the TypeScript one needs npm)
	cd examples/python && PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 ../../$(BIN)/python -m pytest -p eqkit.pytest_plugin
	cd examples/bookshop && PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 ../../$(BIN)/python -m pytest -p eqkit.pytest_plugin
	npm --prefix examples/typescript ci --ignore-scripts --no-audit --no-fund
	EQKIT_COMMAND="$(CURDIR)/$(BIN)/eqkit" npm --prefix examples/typescript test

sdks: setup $(SDKS)/.installed ## generate clients from the contract and run them against a server (needs Java and npm)
	$(BIN)/python -m sdks $(ARGS)

$(SDKS)/.installed: sdks/requirements.txt sdks/package.json sdks/package-lock.json sdks/.npmrc
	@$(FIND_PYTHON); echo "Setting up the generators: about a minute, once"; \
	"$$python" -m venv --upgrade-deps $(SDKS)/venv
	@$(SDKS)/venv/bin/python -m pip install --quiet --no-deps --require-hashes -r sdks/requirements.txt
	cp sdks/package.json sdks/package-lock.json sdks/.npmrc $(SDKS)
	npm --prefix $(SDKS) ci
	@touch $@

changelog: setup ## show the section that changes/ makes in CHANGELOG.md
	$(BIN)/towncrier build --draft --version Unreleased

release: setup ## make a release: VERSION=1.2.3, and DRY_RUN=1 to try it (RELEASING.md)
	.ci/release "$(VERSION)" $(if $(DRY_RUN),--dry-run)

bench: setup ## measure eqkit beside its peers (Linux, wrk; Node and Java for three of them)
	-npm --prefix benchmarks/peers ci --ignore-scripts --no-audit --no-fund
	$(BIN)/python -m benchmarks $(ARGS)

lock: ## write requirements.lock anew; ARGS=--upgrade for newer releases
	@$(FIND_PYTHON); "$$python" -m venv build/lock-venv
	@build/lock-venv/bin/python -m pip install --quiet 'uv>=0.13,<0.14'
	build/lock-venv/bin/uv pip compile --quiet --no-config --universal --generate-hashes --python-version 3.11 \
		--extra dev --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--output-file requirements.lock $(ARGS) pyproject.toml
	build/lock-venv/bin/uv pip compile --quiet --no-config --universal --generate-hashes --python-version 3.11 \
		--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
		--output-file sdks/requirements.txt $(ARGS) sdks/requirements.in

# --strict: a release that could not be looked up is not taken for one without vulnerabilities.
audit: setup ## has a locked release a known vulnerability? (needs PyPI itself)
	$(BIN)/uvx --quiet --from 'pip-audit>=2.10,<3' pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock

clean: ## remove all that can be made again
	rm -rf .venv build dist *.egg-info .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	rm -rf openapi/lint/node_modules benchmarks/peers/node_modules examples/typescript/node_modules examples/typescript/build
	rm -rf clients/typescript/node_modules clients/typescript/dist clients/typescript/src/schema.ts
	find eqkit handlers mocks tests -name __pycache__ -type d -prune -exec rm -rf {} +
