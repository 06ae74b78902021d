# Everything a person or a machine does with this checkout. `make help` lists it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
BIN := .venv/bin
PORT ?= 8443
# Tests run side by side, one process a core, four at most; a file stays together, with what it set up.
# Files go out in the order of tests/conftest.py, the longest first; the scheduler's own is by number of tests.
WORKERS ?= $(shell n=$$(nproc 2>/dev/null || echo 1); echo $$((n < 4 ? n : 4)))
# The OpenID provider that the tests speak to, on loopback.
PROVIDER := tests/files/oidc/node_modules/.ready
# Go's own notes and trees, with which the tests check what we hand out: nothing of ours is in it.
C2SP := tests/files/c2sp/build/c2sp-check
export UV_PYTHON_DOWNLOADS := never
# Everything is compiled once, at its installation or its first use: a program of ours starts in half the time.
export UV_COMPILE_BYTECODE := 1
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help setup demo test test-long check bench bench-signin bench-signin-short bench-brake bench-touched bench-hidden mutants lock format clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 20

setup: .venv/.everything $(PROVIDER) $(C2SP) ## build the environment in .venv, with what the tests need

demo: .venv/.runtime ## fill a demonstration practice and serve it on https://localhost:8443
	$(BIN)/serment demo --data demo-data --port $(PORT)

test: .venv/.everything $(PROVIDER) $(C2SP) ## run every test that this machine can run
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

test-long: .venv/.everything ## the longer forms: load, crash, fuzz, very large files
	$(BIN)/python -m pytest -m long --timeout 3600

check: .venv/.everything ## lint, types, import contracts, architecture tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest -q tests/architecture

bench: .venv/.everything ## measure ourselves beside peers and the machine's limit
	$(BIN)/python -m bench

bench-signin: .venv/.everything ## attack the sign-in for ten minutes, then try to tell refusals apart
	$(BIN)/python -m bench.signin
	$(BIN)/python -m bench.signin_timing

bench-signin-short: .venv/.everything ## the same attack in less than a minute, as the tests run it
	$(BIN)/python -m bench.signin --short

bench-touched: .venv/.everything ## ask who was touched, over a million traces
	$(BIN)/python -m bench.touched

bench-hidden: .venv/.everything ## try to tell documents that are hidden from documents that never were
	$(BIN)/python -m bench.hidden

bench-brake: .venv/.everything ## replay a busy week of fifty people, and scrapers, against the read brake
	$(BIN)/python -m bench.brake

mutants: .venv/.everything ## take each check of the decision away, one at a time, and print how many are missed
	PYTHONPATH=tests:. $(BIN)/python -m matrix.mutants

lock: .venv/bin/uv ## resolve the dependencies anew, with their hashes
	$(BIN)/uv pip compile -q pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements/runtime.txt
	$(BIN)/uv pip compile -q pyproject.toml --all-extras --group dev -c requirements/runtime.txt --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 -o requirements/everything.txt

format: .venv/.everything ## let ruff format and mend what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clean: ## remove the environment and the demonstration
	rm -rf .venv demo-data .mypy_cache .ruff_cache .pytest_cache

# Python's own venv, and uv inside it: nothing is installed outside this folder, nothing needs root.
.venv/bin/uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Serment needs Python 3.11 or newer; $(PYTHON) is older. Name another: make PYTHON=python3.12 setup"; exit 3; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv module is missing: install the package python3-venv, then run make again."; exit 3; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements/uv.txt
	@touch $@

.venv/.runtime: .venv/bin/uv requirements/runtime.txt pyproject.toml
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/runtime.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --no-deps --no-build-isolation -e .
	@touch $@

.venv/.everything: .venv/.runtime requirements/everything.txt
	$(BIN)/uv pip install -q --python $(BIN)/python --require-hashes -r requirements/everything.txt
	@touch $@

# Without npm, or without its packages, the tests of federated sign-in skip and say so (or fail: SERMENT_REQUIRE_ALL).
$(PROVIDER): tests/files/oidc/package-lock.json
	@if ! command -v npm >/dev/null; then echo "npm is missing: the tests of federated sign-in will be skipped."; \
	elif npm ci --prefix tests/files/oidc --ignore-scripts --no-audit --no-fund --loglevel=error; then touch $@; \
	else echo "npm could not install the test provider: the tests of federated sign-in will be skipped."; fi

# Without Go 1.25, or without its modules, one test skips and says so.
$(C2SP): tests/files/c2sp/main.go tests/files/c2sp/go.mod tests/files/c2sp/go.sum
	@if ! command -v go >/dev/null; then echo "Go is missing: proofs will not be checked with the tools of others."; \
	elif (cd tests/files/c2sp && GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0 go build -trimpath -o build/c2sp-check .); then :; \
	else echo "Go could not build the check of proofs: its test will be skipped."; fi
