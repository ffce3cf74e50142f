# make serve   build the embedded page on the first run, then serve it
# make test    all checks and tests
# make gate    the quality of the answers against the last accepted
# Both install what they need into .venv first; each command can be run again after an interruption.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

PLUGINS := .plugins

.PHONY: serve test lint gate install plugins bench fuzz clean

serve: install
	@$(BIN)/loccit check >/dev/null 2>&1 || $(BIN)/loccit build --embedded
	@exec $(BIN)/loccit serve

test: lint gate plugins
	$(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist loadfile

# The development questions on the embedded page, against the answers that were last accepted.
gate: install
	@rm -rf .gate/run
	$(BIN)/loccit build --embedded --out .gate/store
	$(BIN)/loccit eval run --questions eval/data/cervical_spinal_metastases_development.jsonl \
		--index .gate/store --out .gate/run >/dev/null
	$(BIN)/loccit eval compare eval/baseline .gate/run \
		--gate "nDCG@10=-0.02" --gate "R@5=-0.03" --gate "citation F1=-0.01" --gate "wrong refusal=-0.04"

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

# The frameworks whose examples in the documentation are run; some of them would change how loccit's own tests run.
plugins: $(PLUGINS)/.installed

$(PLUGINS)/.installed: tests/plugins.txt
	$(PYTHON) -m venv --clear $(PLUGINS)
	$(PLUGINS)/bin/pip install --quiet --disable-pip-version-check --requirement tests/plugins.txt
	@touch $@

# loccit beside txtai and a plain stack; the first run installs txtai into .bench. BENCH takes options, such as --quick.
bench: install
	$(BIN)/python -m service.bench $(BENCH)

# Every reader on broken and on growing input.
fuzz: install
	$(BIN)/python -m tests.fuzzing

clean:
	rm -rf $(VENV) .loccit .gate .bench $(PLUGINS) build *.egg-info .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
