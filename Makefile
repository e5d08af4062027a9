# `make demo` and `make test` need Python 3.11, 3.12 or 3.13, and nothing else set up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
VENV_MYSQL ?= .venv-mysql
BIN_MYSQL := $(VENV_MYSQL)/bin
READY_MYSQL := $(VENV_MYSQL)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps
PIP_MYSQL := $(BIN_MYSQL)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: help demo mysql test test-slow lint format bench lock clean

help:
	@echo "make demo       a demonstration source, the daily job, the report"
	@echo "make mysql      the environment of the target mysql, with dbt-core 1.7, for test-slow"
	@echo "make test       the quick tests"
	@echo "make test-slow  the long ones: half an hour: engines, browser, accidents, nights by the hundred"
	@echo "make lint       ruff, mypy, sqlfluff"
	@echo "make format     let ruff and sqlfluff mend what they can"
	@echo "make bench      speed against hand-written scripts"
	@echo "make lock       resolve both locks of requirements anew (needs uv)"
	@echo "make clean      remove the environment and what tests and builds left"

# The lock holds everything, the build backend too: nothing is resolved here, and nothing is built in isolation.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "autostats needs Python 3.11, 3.12 or 3.13, and this is %d.%d: make PYTHON=python3.12" % v)'
	@echo "Making the environment in $(VENV): a minute or two the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --requirement requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

# dbt-mysql needs dbt-core 1.7, so that the target mysql has an environment and a lock of its own.
$(READY_MYSQL): requirements-mysql.lock pyproject.toml
	@echo "Making the environment in $(VENV_MYSQL): a minute or two the first time."
	@test -x $(BIN_MYSQL)/python || $(PYTHON) -m venv $(VENV_MYSQL)
	@$(PIP_MYSQL) --requirement requirements-mysql.lock
	@$(PIP_MYSQL) --no-build-isolation --editable .
	@touch $@

mysql: $(READY_MYSQL)

demo: $(READY)
	$(BIN)/autostats demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(READY) $(READY_MYSQL)
	AUTOSTATS_MYSQL_PYTHON=$(abspath $(BIN_MYSQL)/python) $(BIN)/python -m pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint models tests/singular

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix models tests/singular

bench: $(READY)
	$(BIN)/python -m bench

lock:
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra charts --extra notify --extra postgres \
		--group dev \
		--generate-hashes --custom-compile-command "make lock" --output-file requirements.lock
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra charts --extra notify --extra mysql \
		--group build \
		--generate-hashes --custom-compile-command "make lock" --output-file requirements-mysql.lock

clean:
	rm -rf $(VENV) $(VENV_MYSQL) build dist target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
