# Needs Python 3.11 or newer with pip, and make. Everything else comes from the locks into .venv.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3.14 python3,$(shell command -v $(name) 2>/dev/null)))
PORT ?= 8000
HOST ?= 127.0.0.1
WORKERS ?= 2
BIN := .venv/bin
# The venv's own pip, or the machine's where Debian's venv could not bring one.
PIP_INSTALL = if test -x $(BIN)/pip; then pip=$(BIN)/pip; else pip="$(PYTHON) -m pip --python $(BIN)/python"; fi; \
  $$pip install --quiet --disable-pip-version-check
CODE := incident drills web tools tests bench

.PHONY: run demo setup test test-long check fuzz audit bench chaos lock clean
.DEFAULT_GOAL := run

run: .venv/.ready
	$(BIN)/incident serve --demo --host $(HOST) --port $(PORT)

demo: .venv/.ready
	$(BIN)/python -m bench.demo

setup: .venv/.ready

test: .venv/.ready-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" $(ARGS)

# Whole installations that are killed, cut off and started again. CI runs these too.
test-long: .venv/.ready-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m long $(ARGS)

check: .venv/.ready-test
	$(BIN)/ruff check $(wildcard $(CODE))
	$(BIN)/ruff format --check $(wildcard $(CODE))
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tools.check_house
	$(BIN)/python -m tools.check_locks
	$(BIN)/python -m pytest tests/test_words.py

# The API's own description and every translator, with new dice and far more of them than `make test` throws.
FUZZ ?= 100
fuzz: .venv/.ready-test
	FUZZ=$(FUZZ) $(BIN)/python -m pytest -n $(WORKERS) tests/web/test_fuzz.py tests/intake tests/notify/test_replies.py

bench: .venv/.ready-test
	$(BIN)/python -m bench $(ARGS)

# Known holes in what the locks pin: needs pip-audit on the PATH, and a network that reaches its database. Strict: what
# could not be looked up is a failure, not a pass.
audit:
	pip-audit --strict --disable-pip --require-hashes --requirement requirements.lock
	pip-audit --strict --disable-pip --require-hashes --requirement requirements-test.lock

# Minutes long, wants PostgreSQL and, to fill a disk, root: docs/chaos.md
chaos: .venv/.ready-test
	$(BIN)/python -m bench.chaos $(ARGS)

# Only for whoever changes a dependency: needs uv on the PATH.
lock:
	tools/lock.sh

clean:
	rm -rf .venv build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find incident drills web tests tools bench -name __pycache__ -type d -prune -exec rm -rf {} +

# The settings that this machine's pip has (its index, its certificates) are pip's to read; none is named here.
.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and no python3 is on the PATH." >&2; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Name another: make PYTHON=/path/to/python3.11" >&2; exit 2; }
	$(PYTHON) -m venv .venv >/dev/null 2>&1 || { rm -rf .venv; $(PYTHON) -m venv --without-pip .venv; }

.venv/.ready: requirements.lock pyproject.toml | .venv/bin/python
	@echo "Installing what requirements.lock holds (a minute the first time)"
	@$(PIP_INSTALL) --require-hashes --requirement requirements.lock
	@$(PIP_INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.ready-test: requirements-test.lock .venv/.ready
	@echo "Installing what requirements-test.lock holds"
	@$(PIP_INSTALL) --require-hashes --requirement requirements-test.lock
	@touch $@
