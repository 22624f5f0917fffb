# What can be done here; `make` alone prints this list.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-builtin-rules
# Tests start many processes: what one has compiled, the others need not.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
BIN := .venv/bin
# Tests that share something costly are of one group, and a group is one process's (`xdist_group`).
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadgroup
CATALOGS := $(patsubst %.po,%.mo,$(wildcard translations/*/LC_MESSAGES/*.po))

.PHONY: help run demo-reset install test test-browser bench prove prove-money prove-tasks prove-pages lighthouse screenshots check format translations lock

help: ## print this list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 22

run: .venv/.installed $(CATALOGS) ## start the demo at 127.0.0.1:8000 (PORT, HOST and DATA_DIR change where)
	@DEMO=$${DEMO:-1} $(BIN)/flask --app wsgi db upgrade
	@DEMO=$${DEMO:-1} $(BIN)/flask --app wsgi demo load
	@DEMO=$${DEMO:-1} exec $(BIN)/python -m dashboard.serve

demo-reset: .venv/.installed $(CATALOGS) ## delete the demo with all that was done in it, and load it anew
	@DEMO=$${DEMO:-1} $(BIN)/flask --app wsgi db upgrade
	@DEMO=$${DEMO:-1} $(BIN)/flask --app wsgi demo reset

install: .venv/.installed $(CATALOGS) ## set up or update the environment of a server (docs/operations.md)

test: .venv/.installed-dev $(CATALOGS) ## run the tests on SQLite and on PostgreSQL
	$(PYTEST) -m 'not browser' --db=sqlite
	$(PYTEST) -m 'not browser' --db=postgresql

# What tests in a browser call.
PROGRAMS := chromium java libatomic.so.1 nginx pdfdetach pdffonts pdftoppm pdftotext systemd-analyze xmlsec1 zbarimg

test-browser: .venv/.installed-dev $(CATALOGS) ## run the tests that need Chromium or another program of the system
	tools/need-programs $(PROGRAMS)
	$(PYTEST) -m browser

bench: .venv/.installed-dev $(CATALOGS) ## measure the import of bank files, the monthly run and matching
	$(BIN)/python -m tests.bench $(BENCH)

# What is too long for each change: `make -k prove` goes through all of it, each part can be asked for alone.
THOROUGH := HYPOTHESIS_PROFILE=thorough $(PYTEST) --durations=0

prove: prove-money prove-tasks prove-pages ## prove what takes hours: the three below

prove-money: .venv/.installed-dev $(CATALOGS) ## long random histories, 500 rounds of eight people at once, three years of calendars, on both databases
	$(THOROUGH) --db=sqlite tests/histories
	$(THOROUGH) --db=postgresql tests/histories

prove-tasks: .venv/.installed-dev $(CATALOGS) ## the twelve main tasks by each hand, with and without scripts, through every interruption
	tools/need-programs $(PROGRAMS)
	$(THOROUGH) -m browser tests/browser/tasks

prove-pages: .venv/.installed-dev $(CATALOGS) ## every page in every language, theme, width and fill
	tools/need-programs $(PROGRAMS)
	$(THOROUGH) -m browser tests/app_wide/test_matrix.py

lighthouse: .venv/.installed-dev $(CATALOGS) ## measure the main pages with Lighthouse (needs the network once, node and npm)
	tools/need-programs chromium
	$(BIN)/python -m tools.lighthouse $(PAGES)

screenshots: .venv/.installed-dev $(CATALOGS) ## take pictures of the main pages: both languages, light, dark, phone (PAGES names some)
	tools/need-programs chromium
	$(BIN)/python -m tools.screenshots $(PAGES)

check: .venv/.installed-dev ## check style, types, imports, templates, translations and the tree
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/python -m tools.check_templates
	$(BIN)/python -m tools.check_sizes
	$(BIN)/python -m tools.translations check
	$(BIN)/python -m tools.check_tree

format: .venv/.installed-dev ## put the code into the house style
	$(BIN)/ruff check --fix-only
	$(BIN)/ruff format

translations: .venv/.installed-dev ## bring messages.pot and both catalogs up to date with the code
	$(BIN)/python -m tools.translations update

lock: ## pin the newest allowed versions of all dependencies, with hashes (needs the network)
	$(PYTHON) -m venv --clear .build/lock
	.build/lock/bin/python -m pip install --quiet uv
	.build/lock/bin/uv pip compile $(LOCK_OPTIONS) requirements.in -o requirements.lock
	.build/lock/bin/uv pip compile $(LOCK_OPTIONS) -c requirements.lock requirements-dev.in -o requirements-dev.lock

LOCK_OPTIONS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header

# An environment that is whole or absent: the stamp is written last.
.venv/.installed: requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed.' >&2; exit 1; }
	@$(PYTHON) -m venv --clear .venv || { rm -rf .venv; echo 'On Debian: apt-get install python3-venv' >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock .venv/.installed
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements-dev.lock
	@touch $@

%.mo: %.po | .venv/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(notdir $(patsubst %/LC_MESSAGES/,%,$(dir $<)))
