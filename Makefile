# Each target installs what it needs into .venv once; a stamp file makes the second run start at once.
# One venv serves all targets: `demo` needs the runtime packages only, the others the tools too.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: help install demo demo-real test test-real test-postgresql verify check bench lock browser

help: ## List the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

install: $(DEV) ## Install Crossdock and its tools into .venv

demo: $(RUNTIME) ## Run the demonstration
	$(BIN)/crossdock demo

demo-real: $(DEV) ## Run orders to cash through a real ERP and a real warehouse system (Tryton)
	$(BIN)/python -m tests.real.demo

test: $(DEV) browser ## Run all tests, in random order, on two workers
	$(BIN)/pytest -n 2 --ignore=tests/real $(PYTEST_ARGS)

test-real: $(DEV) ## Try every connector on the real system: installs Tryton and sets it up at first
	$(BIN)/pytest -n 2 --dist loadgroup tests/real $(PYTEST_ARGS)

verify: $(DEV) browser ## The long proofs (marked `verify`): twenty seeds of all faults at once, fuzzing, and bad days of real systems
	$(BIN)/pytest -n 2 --dist loadgroup -m verify $(PYTEST_ARGS)

test-postgresql: $(DEV) ## Run the tests of engine, store and delivery on Debian's PostgreSQL, as servers have it
	.ci/on-debian-postgresql $(BIN)/pytest -n 2 tests/store tests/scenarios tests/delivery $(PYTEST_ARGS)

check: $(DEV) ## Lint, format, types, layers, dependencies
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

bench: $(DEV) ## Measure settling, intake and delivery
	$(BIN)/crossdock bench settle
	$(BIN)/crossdock bench intake
	$(BIN)/crossdock bench deliver

# Tests of the pages drive Chromium. It is installed where that can be done without asking; else those tests are skipped.
CHROMIUM := command -v chromium || command -v chromium-browser || command -v google-chrome
AS_ROOT := $$(test "$$(id -u)" = 0 || echo sudo -n)

browser:
	@($(CHROMIUM)) >/dev/null || ! command -v apt-get >/dev/null || { \
		$(AS_ROOT) apt-get update -qq && $(AS_ROOT) env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium >/dev/null; \
	} || echo "Chromium could not be installed: tests of the pages are skipped" >&2

# A lock names packages, versions and hashes; where they are fetched from is the machine's own business.
COMPILE = $(VENV)/lock/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 --generate-hashes \
	--no-header --no-annotate --no-emit-index-url --group build

lock: $(VENV)/bin/python ## Pin the dependencies of pyproject.toml anew
	$(PYTHON) -m venv $(VENV)/lock
	$(VENV)/lock/bin/pip install --quiet --disable-pip-version-check uv
	$(COMPILE) $(LOCK_ARGS) pyproject.toml --output-file requirements.txt
	$(COMPILE) $(LOCK_ARGS) pyproject.toml --group dev --constraint requirements.txt --output-file requirements-dev.txt
	$(COMPILE:--group build=) $(LOCK_ARGS) tests/real/requirements-tryton.in --output-file tests/real/requirements-tryton.txt
	sed -i '1i # What Crossdock runs on, pinned by name, version and hash. Written by `make lock`; edit pyproject.toml instead.' \
		requirements.txt
	sed -i '1i # requirements.txt and the tools that check it, pinned by name, version and hash. Written by `make lock`.' \
		requirements-dev.txt
	sed -i '1i # Tryton as the counterpart of tests/real, pinned by name, version and hash. Written by `make lock`.' \
		tests/real/requirements-tryton.txt

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(RUNTIME): requirements.txt pyproject.toml | $(VENV)/bin/python
	$(PIP_INSTALL) --require-hashes -r requirements.txt
	$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	touch $@

$(DEV): requirements-dev.txt $(RUNTIME)
	$(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	touch $@
