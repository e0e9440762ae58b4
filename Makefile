# Everything a person or a pipeline does with this checkout. Needs Python 3.11 or newer, make and git;
# the rest comes from requirements/dev.txt into .venv.

PYTHON ?= python3
RELEASE ?= dist
WORKERS ?= 2

BIN := .venv/bin
INSTALLED := .venv/.installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# A week lets a poisoned release be found before it reaches the pins.
COMPILE := build/uv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --exclude-newer "1 week" --annotation-style line --custom-compile-command "make requirements"
UV := uv==0.13.9

.DEFAULT_GOAL := help
.PHONY: help demo test lint format docs bench wheel requirements clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "%-14s%s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(INSTALLED) ## Plan and build the example policy, into dist/
	$(BIN)/profilegen plan examples/northwind.yaml
	$(BIN)/profilegen build examples/northwind.yaml --users examples/northwind-users.csv -o $(RELEASE)
	@printf '\nThe release is in %s/. To verify it: %s verify %s\n' $(RELEASE) $(BIN)/profilegen $(RELEASE)

test: lint ## Run every gate and the whole suite
	$(BIN)/pytest -n $(WORKERS) --cov --cov-report=term

lint: $(INSTALLED) ## Check style, types and layers
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

format: $(INSTALLED) ## Rewrite the code in the one style
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

docs: $(INSTALLED) ## Build the documentation, into docs/_build/html/
	$(BIN)/python docs/generate_commands.py
	$(BIN)/python docs/generate_channels.py
	$(BIN)/python docs/generate_rules.py
	$(BIN)/sphinx-build --quiet --fail-on-warning --keep-going docs docs/_build/html

bench: $(INSTALLED) ## Measure start-up, lists of users, archives, and how fast fleets are built: half an hour
	$(BIN)/python benchmarks/startup.py
	$(BIN)/python benchmarks/users.py
	$(BIN)/python benchmarks/sinks.py
	$(BIN)/python benchmarks/fleet.py

wheel: $(INSTALLED) ## Build the wheel and the source archive, into build/wheel/
	rm -rf build/wheel
	$(BIN)/hatchling build -d build/wheel

requirements: ## Pin the newest dependencies that are a week old, with hashes
	$(PYTHON) -m venv build/uv
	build/uv/bin/python -m pip --disable-pip-version-check --quiet install $(UV)
	$(COMPILE) --upgrade --output-file requirements/runtime.txt pyproject.toml
	$(COMPILE) --upgrade --output-file requirements/dev.txt --constraint requirements/runtime.txt \
		--group dev pyproject.toml
	$(COMPILE) --upgrade --output-file requirements/ldap.txt --constraint requirements/dev.txt --group ldap

clean: ## Remove what the targets made, but not certs/ and not dist/
	rm -rf .venv build docs/_build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache \
		.hypothesis .import_linter_cache

# Only when the pins or the metadata changed: the second run of anything starts at once.
$(INSTALLED): requirements/dev.txt requirements/ldap.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "error: $(PYTHON) is missing or older than Python 3.11"; \
		echo "hint: make PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "error: $(PYTHON) cannot make virtual environments"; \
		echo "hint: install the module venv (Debian: apt-get install python3-venv)"; exit 1; }
	@echo "Installing requirements/dev.txt into .venv ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@# Built from source: only where the headers of OpenLDAP are. Elsewhere its tests are skipped.
	@test ! -e /usr/include/ldap.h || test ! -e /usr/include/sasl/sasl.h || \
		$(PIP) install --require-hashes --no-build-isolation -r requirements/ldap.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@
