# `make demo` opens the console on its own service; `make test` runs everything.
# All else happens in .venv, which the first of them creates.

VENV := .venv
BIN := $(VENV)/bin
USED := $(VENV)/.installed
DEVELOPED := $(VENV)/.installed-dev
ARGS ?=

.PHONY: help demo test check format bench clean
.DEFAULT_GOAL := help

help:
	@echo 'make demo   open the console on the embedded service; ARGS="--fault latency" adds a fault'
	@echo 'make test   set up, then run every check and every test'
	@echo 'make check  the static checks only: format, lint, types, layers'
	@echo 'make format put the sources into the one format'
	@echo 'make bench  measure what must stay fast'
	@echo 'make clean  remove everything that was built or installed here'

demo: $(USED)
	@exec $(BIN)/python -m tui demo $(ARGS)

# Each run names the places where its tests are: only these are collected. A test that drives a
# console, a terminal or a server shares two cores with what it watches, and the time of day with
# it: one that fails is run once more, and only a second failure counts. The log shows both.
LIVE := e2e or prometheus
WALKS := catalogue
FAULTS := faults and not e2e
TARGETS := (docker or kubernetes or systemd) and not benchmark_only
QUICK := not benchmark_only and not ($(LIVE)) and not $(WALKS) and not faults and not ($(TARGETS))
WALKED := tests/integration/execution/test_catalogue_walk.py
REAL := tests/integration/targets tests/e2e
LIVELY := tests/e2e tests/faults $(addprefix tests/integration/,execution signals targets fleet console)
DRAWN := tests/snapshot tests/integration/console
DRIVEN := tests/pilot $(DRAWN)
FIRST := tests/unit tests/integration/sandbox
ALERTED := tests/e2e/test_faults_e2e.py tests/e2e/test_cache_flush_e2e.py
ASIDE := .aside.log
UNITS := .units.log
ALERTS := .alerts.log
again = $(BIN)/pytest --durations=12 $(2) -m '$(1)' || $(BIN)/pytest $(2) -m '$(1)' --last-failed

# What waits most of the time runs aside. The walks through the catalogue do so, and the faults,
# which follow the unit tests, beside tests that no clock watches; faults get no second try, which
# would hide the one command in a hundred runs that was executed twice.
# Those that drive the console come after them. Last come, side by side, the others in a real
# terminal, engine, cluster and units, and alerts that take minutes to fire and a cache that takes
# minutes to recover: all of them are mostly waited for.
test: check
ifeq ($(strip $(ARGS)),)
	@( $(call again,$(WALKS),$(WALKED) -o cache_dir=.pytest_cache/aside) ) >$(ASIDE) 2>&1 & \
	aside=$$!; \
	( ( $(call again,$(QUICK),$(FIRST) -o cache_dir=.pytest_cache/unit) ); units=$$?; \
	$(BIN)/pytest --durations=6 tests/faults -m '$(FAULTS)' -o cache_dir=.pytest_cache/faults \
		&& exit $$units ) \
		>$(UNITS) 2>&1 & units=$$!; \
	( $(call again,$(QUICK),$(addprefix --ignore=,$(FIRST) $(DRIVEN))) ); quick=$$?; \
	wait $$units; units=$$?; \
	wait $$aside; walked=$$?; \
	cat $(UNITS) $(ASIDE); rm -f $(UNITS) $(ASIDE); \
	test $$quick = 0 && test $$units = 0 && test $$walked = 0
	@( $(call again,$(QUICK),$(DRAWN) -o cache_dir=.pytest_cache/aside) ) >$(ASIDE) 2>&1 & aside=$$!; \
	( $(call again,$(QUICK),$(filter-out $(DRAWN),$(DRIVEN))) ); driven=$$?; \
	wait $$aside; drawn=$$?; \
	cat $(ASIDE); rm -f $(ASIDE); \
	test $$driven = 0 && test $$drawn = 0
	@( $(call again,$(TARGETS),$(REAL) -o cache_dir=.pytest_cache/aside) ) >$(ASIDE) 2>&1 & aside=$$!; \
	( $(call again,$(LIVE),$(ALERTED) -o cache_dir=.pytest_cache/alerts) ) >$(ALERTS) 2>&1 & \
	alerts=$$!; \
	( $(call again,($(LIVE)) and not ($(TARGETS)),$(LIVELY) $(addprefix --ignore=,$(ALERTED))) ); \
	live=$$?; \
	wait $$alerts; alerts=$$?; \
	wait $$aside; targets=$$?; \
	cat $(ALERTS) $(ASIDE); rm -f $(ALERTS) $(ASIDE); \
	test $$live = 0 && test $$alerts = 0 && test $$targets = 0
else
	$(BIN)/pytest -m 'not benchmark_only' $(ARGS)
endif

check: $(DEVELOPED)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOPED)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(DEVELOPED)
	$(BIN)/pytest -m benchmark_only $(ARGS)

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis \
		.import_linter_cache .benchmarks snapshot_report.html $(ASIDE) $(UNITS) $(ALERTS)
	find tui widgets procedures tests -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is a copy of the pyproject.toml that was installed: only changed content asks for pip,
# and with it for the network, not a changed time.
$(USED): pyproject.toml
	@if cmp -s $< $@; then touch $@; else $(MAKE) --no-print-directory install; fi

$(DEVELOPED): pyproject.toml
	@if cmp -s $< $@; then touch $@; else $(MAKE) --no-print-directory install-dev; fi

.PHONY: install install-dev
install: $(BIN)/pip
	$(call pip_install,.)
	@cp pyproject.toml $(USED)

install-dev: $(BIN)/pip
	$(call pip_install,.[dev])
	@cp pyproject.toml $(USED)
	@cp pyproject.toml $(DEVELOPED)

# The compatible editable mode is a plain path: the other one costs every start 30 ms of import hooks.
define pip_install
$(BIN)/pip install --quiet --disable-pip-version-check \
	--editable '$(1)' --config-settings editable_mode=compat
$(BIN)/python -m compileall -q tui widgets procedures
endef

$(BIN)/pip:
	.ci/venv $(VENV)
