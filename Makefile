# `make demo` and `make test` need Python 3.11, 3.12 or 3.13, and nothing else set up.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
VENV_MYSQL ?= .venv-mysql
BIN_MYSQL := $(VENV_MYSQL)/bin
READY_MYSQL := $(VENV_MYSQL)/.ready
VENV_NEXT ?= .venv-next
BIN_NEXT := $(VENV_NEXT)/bin
READY_NEXT := $(VENV_NEXT)/.ready

# Tests that are compiled once start sooner.
unexport PYTHONDONTWRITEBYTECODE

# The lock holds everything, the build backend too: nothing is resolved here, and nothing is built in isolation.
define make_environment
@echo "Making the environment in $(1): a minute or two the first time."
@test -x $(1)/bin/python || $(PYTHON) -m venv $(1)
@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --requirement $<
@$(1)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
@touch $@
endef

.PHONY: help demo mysql next test test-slow test-long test-anyday lint format schemas site bench mutants lock clean

help:
	@echo "make demo         set up a demo source, run the daily job and print the report"
	@echo "make mysql        set up the environment of target mysql (dbt-core 1.7), which test-slow needs"
	@echo "make next         set up the environment with dbt-core 1.12, which test-slow needs"
	@echo "make test         run the quick tests"
	@echo "make test-slow    run the slow tests (half an hour): engines, browser, accidents, nights by the hundred"
	@echo "make test-long    run the slow tests at full length (hours)"
	@echo "make test-anyday  run the quick tests that depend on a clock, at fourteen moments in six time zones"
	@echo "make lint         run ruff, mypy and sqlfluff"
	@echo "make format       let ruff and sqlfluff fix what they can"
	@echo "make schemas      write the JSON Schemas again, from the models' YAML and the sections"
	@echo "make site         build the pages in docs/ as a website, in build/site"
	@echo "make bench        compare the speed with hand-written scripts"
	@echo "make mutants      plant faults and list those that no test finds (hours); FILES=period takes some files"
	@echo "make lock         resolve the locks of requirements again"
	@echo "make clean        remove the environments and everything that tests and builds left behind"

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; sys.exit(None if (3, 11) <= v < (3, 14) else "autostats needs Python 3.11, 3.12 or 3.13, and this is %d.%d: make PYTHON=python3.12" % v)'
	$(call make_environment,$(VENV))

# dbt-mysql needs dbt-core 1.7, so that the target mysql has an environment and a lock of its own.
$(READY_MYSQL): requirements-mysql.lock pyproject.toml
	$(call make_environment,$(VENV_MYSQL))

mysql: $(READY_MYSQL)

# dbt-core 1.12 without the parser that it requires and does not use: see requirements-next.in.
$(READY_NEXT): requirements-next.lock pyproject.toml
	$(call make_environment,$(VENV_NEXT))

next: $(READY_NEXT)

demo: $(READY)
	$(BIN)/autostats demo

test: $(READY)
	$(BIN)/python -m pytest -n 2 --dist loadfile

test-slow: $(READY) $(READY_MYSQL) $(READY_NEXT)
	AUTOSTATS_MYSQL_PYTHON=$(abspath $(BIN_MYSQL)/python) AUTOSTATS_NEXT_PYTHON=$(abspath $(BIN_NEXT)/python) $(BIN)/python -m pytest -m slow -n 2 --dist loadfile --no-loadscope-reorder

test-long:
	AUTOSTATS_TEST_LONG=1 $(MAKE) test-slow

test-anyday: $(READY)
	PYTHONPATH=tests $(BIN)/python -m support.anyday $(MOMENTS)

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/sqlfluff lint models tests/singular

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/sqlfluff fix models tests/singular

schemas: $(READY)
	$(BIN)/python -m autostats.schemas

site: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

bench: $(READY)
	$(BIN)/python -m bench
	$(BIN)/python -m bench.attention
	$(BIN)/python -m bench.availability
	$(BIN)/python -m bench.archive
	$(BIN)/python -m bench.freshness
	$(BIN)/python -m bench.serve

mutants: $(READY)
	$(BIN)/python -m mutants $(FILES)

lock: $(READY)
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra archive --extra bus --extra charts \
		--extra freshness --extra notify --extra postgres --extra serve --extra xlsx --group dev \
		--generate-hashes --custom-compile-command "make lock" --output-file requirements.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --extra archive --extra bus --extra charts \
		--extra freshness --extra notify --extra mysql --extra serve --extra xlsx --group build \
		--generate-hashes --custom-compile-command "make lock" --output-file requirements-mysql.lock
	$(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --override requirements-next.in \
		--extra archive --extra bus --extra charts --extra freshness --extra notify --extra postgres --extra serve --extra xlsx --group build \
		--generate-hashes --custom-compile-command "make lock" --output-file requirements-next.lock

clean:
	rm -rf $(VENV) $(VENV_MYSQL) $(VENV_NEXT) build dist target logs .pytest_cache .mypy_cache .ruff_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
