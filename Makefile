# `make app` and `make test` do all the set-up by themselves.
SHELL := /bin/bash
# The first of these that runs here; continuous integration uses the first of all.
PYTHONS := python3.11 python3.12 python3.13 python3
ACCEPTED := import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(firstword $(foreach one,$(PYTHONS),$(shell $(one) -c '$(ACCEPTED)' 2>/dev/null && echo $(one))))
ADDRESS ?= 127.0.0.1
PORT ?= 8501
HOSTS ?=
BASE ?=
VENV := .venv
AUDIT := build/audit
WAYS := build/ways
BIN := $(VENV)/bin
READY := $(VENV)/.requirements-installed
PYTEST_ARGS ?=
PROCESSES ?= 3
ROOMS ?=
MUTATION_ARGS ?=
MINUTES ?= 10

.PHONY: app test thorough lint format docs performance wheel ways mutation fuzz audit licences sbom setup clean help

help:
	@echo "make app          set up, then open the dashboard on http://$(ADDRESS):$(PORT) (variables ADDRESS, PORT, HOSTS, BASE)"
	@echo "make test         set up, then run the tests (variables PYTEST_ARGS, PROCESSES)"
	@echo "make thorough     run what make test leaves out because it takes long, and the laws on more examples (the same variables)"
	@echo "make lint         check the style of the code and its types; make format puts the style right"
	@echo "make performance  measure speed and memory; takes minutes and wants an idle machine"
	@echo "make wheel        build the package that pip installs, into build/wheel"
	@echo "make ways         try the wheel in an empty environment, the image's steps, the notebook, the workflow, a cluster; takes minutes"
	@echo "make mutation     change the code in small ways and count what the tests notice (variables ROOMS, MUTATION_ARGS)"
	@echo "make fuzz         send damaged files and checkpoints through the readers, and count what comes of them (variable MINUTES)"
	@echo "make audit        look up known vulnerabilities of every package that is pinned"
	@echo "make licences     list the licence of every package that is installed"
	@echo "make sbom         write build/sbom.json, the list of all parts (CycloneDX)"
	@echo "make clean        remove the virtual environment and every cache"

app: setup
	$(BIN)/python -m grn_core app --address=$(ADDRESS) --port=$(PORT) $(if $(BASE),--base=$(BASE)) $(HOSTS:%=--host=%)

# What is compiled is kept, whatever the shell says: the tests start hundreds of processes.
RUN_TESTS = PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest --numprocesses=$(PROCESSES) --dist=loadfile --no-loadscope-reorder

test: setup
	$(RUN_TESTS) $(PYTEST_ARGS)

thorough: setup
	$(RUN_TESTS) -m "(thorough or hypothesis) and not performance and not ways" --hypothesis-profile=thorough $(PYTEST_ARGS)

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: setup
	$(BIN)/python -m scripts.make_docs

performance: setup
	$(BIN)/python -m pytest -m performance -s tests/performance tests/browser/test_axe.py $(PYTEST_ARGS)

wheel: setup
	rm -rf build/wheel
	$(BIN)/python -m pip wheel --disable-pip-version-check --quiet --no-deps --wheel-dir build/wheel .
	@ls build/wheel/*.whl

ways: setup $(WAYS)/.installed
	$(WAYS)/bin/python -m pytest -m ways tests/ways tests/executors $(PYTEST_ARGS)

$(WAYS)/.installed: requirements-ways.txt requirements-dask.txt
	$(BIN)/python -m venv --clear $(WAYS)
	@$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
		> "$$($(WAYS)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/checkout.pth"
	$(WAYS)/bin/python -m pip install --disable-pip-version-check --quiet --requirement requirements-ways.txt --requirement requirements-dask.txt
	@touch $@

mutation: setup
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements-mutation.txt
	$(BIN)/python scripts/mutation.py $(ROOMS) $(MUTATION_ARGS)

fuzz: setup
	$(BIN)/python -m tests.fuzz --minutes $(MINUTES)
	$(BIN)/python -m tests.fuzz.checkpoints --minutes $(MINUTES)

audit: setup $(AUDIT)/.installed
	$(BIN)/python scripts/audit.py $(AUDIT)/bin/pip-audit $(wildcard requirements*.txt)

licences: setup $(AUDIT)/.installed
	$(AUDIT)/bin/pip-licenses --python=$(BIN)/python --from=mixed --order=license --format=markdown --with-urls

sbom: setup $(AUDIT)/.installed
	$(AUDIT)/bin/cyclonedx-py environment --output-reproducible --output-format JSON --output-file build/sbom.json $(BIN)/python
	@echo "build/sbom.json is written"

$(AUDIT)/.installed: requirements-audit.txt
	$(BIN)/python -m venv --clear $(AUDIT)
	$(AUDIT)/bin/python -m pip install --disable-pip-version-check --quiet --requirement requirements-audit.txt
	@touch $@

setup: $(READY)

$(READY): requirements.txt requirements-dev.txt
	@found='$(PYTHON)'; "$${found:-none}" -c '$(ACCEPTED)' 2>/dev/null || { \
		echo "Python 3.11, 3.12 or 3.13 is needed and '$${found:-python3}' is none of them. Install one (Debian, Ubuntu:"; \
		echo "apt-get install python3 python3-venv; macOS: brew install python@3.13), or name it:"; \
		echo "make PYTHON=/path/to/python3.12 ..."; \
		exit 1; } >&2
	@$(BIN)/python -c '$(ACCEPTED)' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --requirement requirements.txt --requirement requirements-dev.txt
	@touch $@

clean:
	rm -rf $(VENV) build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
