# `make demo` and `make test` need Python 3.11, 3.12 or 3.13, and nothing else set up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps

.PHONY: help demo test test-slow lint format bench lock clean

help:
	@echo "make demo       a demonstration source, the daily job, the report"
	@echo "make test       the quick tests"
	@echo "make test-slow  the long ones: engines, killed runs, properties"
	@echo "make lint       ruff, mypy, sqlfluff"
	@echo "make format     let ruff and sqlfluff mend what they can"
	@echo "make bench      speed against hand-written scripts"
	@echo "make lock       resolve requirements.lock anew (needs uv)"
	@echo "make clean      remove the environment and what tests and builds left"

# The lock holds everything, the build backend too: nothing is resolved here, and nothing is built in isolation.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "autostats needs Python 3.11, 3.12 or 3.13, and this is %d.%d: make PYTHON=python3.12" % v)'
	@echo "Making the environment in $(VENV): a minute or two the first time."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) --requirement requirements.lock
	@$(PIP) --no-build-isolation --editable .
	@touch $@

demo: $(READY)
	$(BIN)/autostats demo

test: $(READY)
	$(BIN)/python -m pytest

test-slow: $(READY)
	$(BIN)/python -m pytest -m slow

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
	uv pip compile pyproject.toml --universal --python-version 3.11 --extra postgres --group dev \
		--generate-hashes --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf $(VENV) build dist target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
