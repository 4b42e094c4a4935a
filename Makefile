# Two commands: `make run` takes a synthetic Denmark from nothing to a ranking report,
# `make test` runs every check. Both install what is missing first, and only then.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.9
export TILDELING_HOME ?= data
# Compiled modules are kept even where the machine says not to: every start would compile pandas anew.
export PYTHONDONTWRITEBYTECODE :=

# uv installs in seconds what takes pip minutes. It trusts the machine's certificates and uses the
# internal mirror that pip is set up for; where it still cannot reach the packages, pip tries.
export UV_SYSTEM_CERTS ?= true
ifndef UV_DEFAULT_INDEX
PIP_INDEX := $(shell $(PYTHON) -m pip config get global.index-url 2>/dev/null)
ifneq ($(PIP_INDEX),)
export UV_DEFAULT_INDEX := $(PIP_INDEX)
endif
endif

UV := VIRTUAL_ENV=$(VENV) $(BIN)/uv pip install --quiet --no-deps
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: run test check types queries format catalogue golden lock clean help

help:
	@echo "make run     one whole night on a synthetic Denmark, then where the report is"
	@echo "make test    every check and test"
	@echo "make check   ruff, mypy and sqlfluff only"
	@echo "make format  format the Python and SQL files"
	@echo "make catalogue  write sql/result anew from pipeline/catalogue"
	@echo "make golden  write the golden files of the report anew"
	@echo "make lock    resolve the pinned versions anew"

run: $(VENV)/.installed
	@$(BIN)/tildeling nightly --home "$(TILDELING_HOME)"

# Three processes on two cores, for one of them often waits for a Prefect server; threads of the linear
# algebra would only wait for each other.
test: $(VENV)/.installed-dev check
	@OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 3 --dist loadfile --no-loadscope-reorder

check: $(VENV)/.installed-dev
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(MAKE) --no-print-directory --jobs 2 --output-sync types queries

types: $(VENV)/.installed-dev
	@$(BIN)/mypy

queries: $(VENV)/.installed-dev
	@$(BIN)/sqlfluff lint --disable-progress-bar sql

format: $(VENV)/.installed-dev
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .
	@$(BIN)/sqlfluff fix --disable-progress-bar sql

# The SQL of the published tables, written from pipeline/catalogue.
catalogue: $(VENV)/.installed-dev
	@$(BIN)/python -m pipeline.catalogue.ddl

# What the tests compare the report with; read the diff before committing it.
golden: $(VENV)/.installed-dev
	@$(BIN)/python tests/update_golden.py

$(VENV)/bin/uv:
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check "uv==$(UV_VERSION)"

# The stamp is newer than the lock exactly when the lock is installed.
$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/uv
	@echo "Installing the pinned packages"
	@$(UV) --require-hashes -r requirements.lock || $(PIP) --require-hashes -r requirements.lock
	@$(UV) --editable . || $(PIP) --editable .
	@touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	@echo "Installing the pinned packages for tests"
	@$(UV) --require-hashes -r requirements-dev.lock || \
		$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

LOCK := $(BIN)/uv pip compile --quiet --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"
lock: | $(VENV)/bin/uv
	@$(LOCK) pyproject.toml -o requirements.lock
	@$(LOCK) --extra dev --extra dask -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) build *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
