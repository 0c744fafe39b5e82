# Every command of the project. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup run test lint unit integration e2e bench screenshots lock messages clean

# The oldest Python we support is 3.11; a distribution may call a newer one by its number only.
PYTHON ?= $(shell for name in python3 python3.11 python3.12 python3.13 python3.14; do \
	if $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then echo $$name; break; fi; done)
BIN := .venv/bin
COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links
# For example: make unit PYTEST="-k replies -x"
PYTEST ?=
WORKERS ?= 2

help: ## show this list
	@grep -hE '^[a-z0-9]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9]+):[^#]*## (.*)/  make \1\t\2/' | expand -t 22

setup: ## build .venv from the lock (quick when it is there)
	@if [ -z "$(PYTHON)" ]; then echo "Todoku needs Python 3.11 or newer; none was found."; exit 1; fi
	@$(PYTHON) tools/bootstrap.py

run: setup ## start everything, until Ctrl-C
	@exec $(BIN)/python -m config.launch

test: lint ## lint, then every test
	$(BIN)/pytest tests/unit tests/integration -n $(WORKERS) $(PYTEST)
	CHROMIUM="$$($(BIN)/python tools/chromium.py)" $(BIN)/pytest tests/e2e $(PYTEST)

lint: setup ## style, types, import contracts, migrations, translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	@# White space inside components is seen in every page, so they are formatted by hand.
	$(BIN)/djlint templates --check --quiet --extend-exclude templates/ui
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/lint-imports --no-logo
	$(BIN)/mypy .
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py messages --check

unit: setup ## tests without database, network and clock
	$(BIN)/pytest tests/unit -n $(WORKERS) $(PYTEST)

integration: setup ## tests with PostgreSQL, Valkey, SMTP
	$(BIN)/pytest tests/integration -n $(WORKERS) $(PYTEST)

e2e: setup ## tests in a browser
	CHROMIUM="$$($(BIN)/python tools/chromium.py)" $(BIN)/pytest tests/e2e $(PYTEST)

bench: setup ## how fast messages are built, and sent end to end
	$(BIN)/python -m bench.message --messages 200 --rounds 3
	$(BIN)/python -m bench.send --messages 2000 --rounds 1

screenshots: setup ## pictures of every page of a running demo, into screenshots/
	CHROMIUM="$$($(BIN)/python tools/chromium.py)" $(BIN)/python -m tools.screenshots

lock: setup ## pin requirements/*.in again, with hashes
	$(COMPILE) requirements/base.in -o requirements/base.txt
	$(COMPILE) requirements/dev.in -o requirements/dev.txt

messages: setup ## bring translations up to the source and compile them
	$(BIN)/python manage.py messages --update
	$(BIN)/python manage.py messages --compile

clean: ## remove caches; data in var/ and .venv stay
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis staticfiles screenshots
	find . -name __pycache__ -not -path './.venv/*' -not -path './var/*' -prune -exec rm -rf {} +
