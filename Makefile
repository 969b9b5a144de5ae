# `make` alone lists the targets. Only Python 3.11, make and git are needed; everything else is set up below.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
BIN := .venv/bin
WEB := $(shell git ls-files -co --exclude-standard web 2>/dev/null)
# a process of tests for each processor, each with a database of its own; the longest files stand first
BESIDE := -n logical --maxprocesses 4 --dist loadfile --no-loadscope-reorder
PO := $(wildcard src/qingyuan/locale/*/LC_MESSAGES/*.po)

.PHONY: help setup run test science check bench soak crash new docs lock demo-reset browser broker client

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

setup: .make/environment .make/web .make/locale  ## environment, front end, translations

run: setup  ## start the platform with the demo district
	@$(BIN)/qingyuan run --demo

test: setup browser broker client science  ## all tests of a normal day (under 12 minutes on two cores)
	@$(BIN)/python -m pytest $(BESIDE) --ignore=tests/science --ignore=tests/conformance/test_detectors.py --ignore=tests/crash
	@$(BIN)/python -m pytest $(BESIDE) tests/crash

science: .make/environment  ## the science library alone, without Django
	@$(BIN)/python -m pytest -p no:django -W ignore::pytest.PytestConfigWarning $(BESIDE) tests/science tests/conformance/test_detectors.py

check: setup  ## style, types, architecture, generated pages
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/python tools/make_reference.py --check
	@$(BIN)/python -m pytest -q tests/architecture

bench: setup  ## measure; figures are printed beside a rival or a limit
	@for script in bench/[a-z]*.py; do echo "== $$script"; $(BIN)/python $$script || exit 1; done

soak: setup  ## an hour of sustained load with everything switched on
	@$(BIN)/python bench/soak.py --minutes 60

crash: setup  ## twenty kills of processes under load: nothing acknowledged may be lost
	@$(BIN)/python bench/crash.py --kills 20

new: .make/environment  ## a new plug-in from a template: make new KIND=detector CODE=flatline
	@$(BIN)/python tools/new_plugin.py $(KIND) $(CODE)

docs: setup  ## write the generated reference pages anew
	@$(BIN)/python tools/make_reference.py

lock:  ## lock the requirements anew, with hashes
	@command -v uv > /dev/null || { echo "make lock needs uv: pip install uv"; exit 1; }
	@uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml -o requirements/run.txt
	@uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 pyproject.toml --group dev --group frontend -o requirements/dev.txt

demo-reset: .make/environment  ## delete the demo's data
	@$(BIN)/qingyuan reset-demo

browser: .make/environment
	@$(BIN)/python tools/install_browser.py

broker: .make/environment
	@$(BIN)/python tools/install_broker.py

client: .make/environment
	@$(BIN)/python tools/install_client.py

.make/environment: requirements/dev.txt pyproject.toml
	@mkdir -p .make
	@echo "qingyuan  setting up Python packages in .venv (first time: a minute or two)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

.make/web: .make/environment $(WEB)
	@$(BIN)/python web/build.py
	@touch $@

.make/locale: .make/environment $(PO)
	@$(BIN)/python tools/compile_messages.py
	@touch $@
