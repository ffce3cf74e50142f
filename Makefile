# make serve   build the embedded page on the first run, then serve it
# make test    all checks and tests
# Both install what they need into .venv first; each command can be run again after an interruption.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: serve test lint install bench clean

serve: install
	@$(BIN)/loccit check >/dev/null 2>&1 || $(BIN)/loccit build --embedded
	@exec $(BIN)/loccit serve

test: lint
	$(BIN)/python -m pytest

lint: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

install: $(INSTALLED)

# The mark is written last, so an interrupted installation is done again.
$(INSTALLED): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "loccit needs Python 3.11 or later: make PYTHON=python3.11 install")'
	test -x $(BIN)/pip || (rm -rf $(VENV) && $(PYTHON) -m venv $(VENV))
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev]'
	@touch $@

bench: install
	$(BIN)/python -m service.bench

clean:
	rm -rf $(VENV) .loccit build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
