# Everything sets itself up: `make gen` and `make test` work on a fresh machine with Python 3.11 or newer.
# Without root or apt, `make test` says what to install; REDIS_SERVER=…, INITDB=… and MARIADBD=… name servers in unusual places.
PYTHON ?= $(shell for each in python3.11 python3.12 python3.13 python3.14 python3; do \
	command -v $$each >/dev/null && $$each -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	&& { echo $$each; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
export PYTHONPATH := generated
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help gen check test tests mutants matrix golden demo bench scale docs docs-serve release clean

help:  ## say what there is
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

gen: $(READY)  ## write generated/ from spec/ and say what changed
	@$(PY) -m codegen gen

check: $(READY)  ## lint the spec, compare generated/ with it, who imports whom, ruff; mypy --strict and pyright for three systems
	@$(PY) -m codegen lint
	@$(PY) -m codegen check
	@$(VENV)/bin/lint-imports --no-logo
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/ruff format --check .
	@$(MAKE) --no-print-directory -j2 mypy pyright

.PHONY: mypy pyright
mypy: $(READY)
	@for each in linux win32 darwin; do \
		$(VENV)/bin/mypy --platform $$each --cache-dir .mypy_cache/$$each || exit 1; done

pyright: $(READY)
	@for each in Linux Windows Darwin; do \
		PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(VENV)/bin/pyright --warnings --pythonplatform $$each || exit 1; done

test: check servers  ## check, then every test with branch coverage, in as many processes as there are cores
	@rm -f .coverage .coverage.*
	@$(PY) -m pytest -n auto --cov --cov-report=
	@$(PY) -m coverage report

tests: $(READY) servers
	@$(PY) -m pytest -n auto

mutants: $(READY) servers  ## change the code in 400 random places and see whether a test fails: half an hour; SEED="2 3" for others
	@$(PY) -m tools.mutants $(or $(SEED),1)

matrix:  ## the tests alone, with every Python from 3.11 on that is found here
	@for version in 3.11 3.12 3.13 3.14; do \
		found=; \
		for python in python$$version $$HOME/.pyenv/versions/$$version.*/bin/python; do \
			$$python -c "" 2>/dev/null && { found=$$python; break; }; \
		done; \
		test -n "$$found" || { echo "Python $$version: not found"; continue; }; \
		echo "Python $$version"; \
		$(MAKE) --no-print-directory VENV=.venv-$$version PYTHON=$$found tests || exit 1; \
	done

golden: $(READY)  ## accept what the generator makes of the toy spec
	@$(PY) -m pytest -q tests/codegen/test_golden.py --update-golden

demo: $(READY)  ## a look at the SDK at work; no account needed
	@$(PY) examples/demo.py

bench: $(READY)  ## side by side with the peers
	@$(MAKE) --no-print-directory -C bench

docs: $(READY)  ## build the documentation in English and Chinese into site/
	@$(PY) -m codegen docs
	@$(MAKE) --no-print-directory -j2 docs-en docs-zh
	@mv docs/reference/site-zh docs/reference/site-en/zh
	@rm -rf site
	@mv docs/reference/site-en site

.PHONY: docs-en docs-zh
docs-en docs-zh: docs-%:
	@cd docs/reference && $(abspath $(VENV))/bin/zensical build -f zensical.$*.toml

docs-serve: docs  ## build it, and show it at http://127.0.0.1:8000/
	@$(PY) -m http.server --bind 127.0.0.1 --directory site 8000

scale: servers  ## workers of Celery against rate limits, one of them killed; 2,000,000 customers in one process
	@$(PY) bench/scale.py

release: test  ## set the version, build, try the wheel, commit and tag; VERSION=1.2.3 if not the least; no upload
	@$(PY) -m tools.release $(VERSION)

clean:  ## forget what was installed
	rm -rf .venv .venv-* site docs/reference .coverage .coverage.* .import_linter_cache .mypy_cache .ruff_cache .pytest_cache

.PHONY: servers
servers: $(READY)
	@$(PY) tests/servers_support.py >/dev/null 2>&1 || { \
		echo "installing redis-server, postgresql and mariadb-server, which tests start"; \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			apt-get install -y -qq redis-server postgresql mariadb-server; } >/dev/null 2>&1; \
		$(PY) tests/servers_support.py; }

$(READY): requirements.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed"; exit 1; }
	@echo "setting up $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(PY) -m pip install --quiet --requirement requirements.txt
	@touch $(READY)
