# From a fresh clone: `make demo` or `make test`, with Python 3.10 or newer and nothing else prepared.
#   make PYTHON=python3.12 test    another Python
#   make VENV=/tmp/v test          another place for the environment
PYTHON ?= $(shell for each in python3 python3.13 python3.12 python3.11 python3.10 python; do \
  $$each -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && { echo $$each; break; }; done)
VENV ?= .venv
PYTEST_ARGS ?=
BIN := $(VENV)/bin
SOURCES := mlhazards tests tools bench

.DEFAULT_GOAL := help
.PHONY: help demo test lint style types layers dogfood coverage bench wheel clean

help:
	@echo "make demo   shows findings and fixes on two published packages"
	@echo "make test   runs the tests"
	@echo "make lint   ruff, mypy, the layering contracts, and our own rules on ourselves"
	@echo "make bench  precision, recall and speed"
	@echo "make wheel  builds dist/*.whl"

# Two stamps: the demo needs no test tools.
$(VENV)/.base: pyproject.toml
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "mlhazards needs Python 3.10 or newer: make PYTHON=/path/to/python3.12 ..."; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --group dev
	@touch $@

demo: $(VENV)/.base
	@$(BIN)/python -m tools.demo

test: $(VENV)/.dev
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: style types layers dogfood

style: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports --no-cache

dogfood: $(VENV)/.dev
	$(BIN)/flake8 $(SOURCES)
	$(BIN)/mlhazards mlhazards

coverage: $(VENV)/.dev
	$(BIN)/python -m coverage erase
	$(BIN)/python -m coverage run -m pytest $(PYTEST_ARGS)
	$(BIN)/python -m coverage combine --quiet
	$(BIN)/python -m coverage report --skip-covered

bench: $(VENV)/.dev
	$(BIN)/python -m bench

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel --outdir dist .

clean:
	rm -rf $(VENV) .demo build dist
