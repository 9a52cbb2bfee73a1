# Two commands matter: `make demo` and `make test`. Both set up everything they need first.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: demo test unit setup lint lock clean

demo: setup
	$(VENV)/bin/advisor demo

# Four processes, each with servers of its own: most tests wait for servers longer than they reckon. The long files come
# first, and the tests of one file stay together.
test: setup
	$(VENV)/bin/pytest -n 4 --dist loadfile --no-loadscope-reorder

# What needs no server, in a few minutes: for after every edit.
unit: setup
	$(VENV)/bin/pytest -n 2 --dist loadfile --no-loadscope-reorder -m "not servers" \
	    tests/unit tests/contract tests/architecture tests/docs

setup:
	@PYTHON=$(PYTHON) scripts/setup.sh

lint: setup
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

# Draws the imports into docs/architecture.md.
.PHONY: picture
picture: setup
	$(VENV)/bin/python scripts/draw_imports.py

# Builds a Kubernetes control plane into .cache/cluster, with Go; the first time that takes minutes.
.PHONY: cluster-assets
cluster-assets: setup
	@scripts/cluster_assets.sh
	@$(VENV)/bin/python -m advisor.servers.cluster.programs

# The tests on that control plane, which `make test` runs too where it is built.
.PHONY: cluster
cluster: cluster-assets
	$(VENV)/bin/pytest tests/cluster

# Writes the JSON Schema of every shape that is printed into docs/schema/.
.PHONY: schemas
schemas: setup
	$(VENV)/bin/python scripts/write_schemas.py

# Newest versions within pyproject's ranges, with hashes and without addresses.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	    --all-extras --group dev --no-emit-package advisor-agents --no-emit-package tuning-advisor \
	    pyproject.toml agents/pyproject.toml -o requirements.lock

clean:
	rm -rf $(VENV) .cache
