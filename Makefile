# Plugpool. Needed beforehand: Python 3.11 or newer with venv, make, and a package index.
# HOST, PORT (8000), PUBLIC_URL and VAR_DIR (var) come from the environment.

REQUIREMENTS := requirements.txt requirements-dev.txt
VENV := .venv
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
STAMP := $(VENV)/.installed-$(shell cat $(REQUIREMENTS) | cksum | tr -d ' ')
LOCAL := env DJANGO_SETTINGS_MODULE=config.settings.local $(BIN)/python
OWN := env -u DATABASE_URL -u REDIS_URL -u PUBLIC_URL
TEST := env -u DATABASE_URL -u REDIS_URL DJANGO_SETTINGS_MODULE=config.settings.test

.DEFAULT_GOAL := help
.PHONY: help setup run demo test drills check format messages bench reset

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(STAMP) ## install into .venv (done by every other target)

$(STAMP):
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed."; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear $(VENV)
	@echo "Installing into $(VENV) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@rm -f $(VENV)/.installed-*
	@touch $@

run: setup ## the portal and the API with a demo ecosystem on http://127.0.0.1:8000
	@exec $(LOCAL) manage.py run_local

demo: setup ## the life of a contract, step by step, against a server of its own
	@exec $(OWN) $(LOCAL) -m apps.demo.lifecycle

test: setup ## the whole test suite, on SQLite and on PostgreSQL
	@exec $(TEST) $(BIN)/python -m tests.run

drills: setup ## kill workers, broker, database while work is in hand (PostgreSQL, 5 minutes)
	@exec $(TEST) $(BIN)/python -m pytest -q tests/drills

check: setup ## format, lint, types, import contracts, migrations, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy .
	$(BIN)/lint-imports
	$(TEST) $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --check --quiet templates apps

format: setup ## write the code the way check wants it
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

messages: setup ## gather new sentences into the German catalogue and compile it
	@exec $(TEST) $(BIN)/python -m tests.languages

bench: setup ## every benchmark
	@missed=; for file in benchmarks/*.py; do case $$file in */__init__.py) continue;; esac; \
		echo "== $$file"; $(LOCAL) -m $$(echo $${file%.py} | tr / .) || missed="$$missed $$(basename $$file .py)"; done; \
	test -z "$$missed" && echo "Every bar was reached." || { echo "Bar not reached, or failed:$$missed"; exit 1; }

reset: ## forget the local database and the demo ecosystem
	rm -rf "$${VAR_DIR:-var}/demo" "$${VAR_DIR:-var}"/plugpool.sqlite3*
