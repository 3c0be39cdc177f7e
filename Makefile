# Everything a newcomer or a CI machine needs, from a fresh clone: each target does its own set-up.

UV_VERSION := 0.13.9
PYTHON ?= $(shell command -v python3.11 || command -v python3)
UV ?= .uv/bin/uv
VENV := .venv
BIN := $(VENV)/bin
SYNCED := $(VENV)/.synced
MANIFESTS := uv.lock pyproject.toml $(wildcard */pyproject.toml services/*/pyproject.toml)
CODE := shared services gateway cli tests bench
DATA ?= ../shared/data/credit-polish-bankruptcy/polish_5thyear.csv.gz
# tests/conftest.py puts the longest groups first; pytest-xdist would begin with those of most tests.
PYTEST := $(BIN)/pytest -n 2 --dist loadgroup --no-loadscope-reorder
SOURCES := $(addsuffix /src,shared gateway cli $(wildcard services/*))

# Many short processes run the same modules, which are compiled once, also where the shell's setting says otherwise.
export PYTHONDONTWRITEBYTECODE :=

.DEFAULT_GOAL := help
.PHONY: help run test check format bench laws scorecard-report soak clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

run: $(SYNCED) ## Run the whole system in the foreground at http://127.0.0.1:8080 (Ctrl-C stops it)
	@$(BIN)/openitem run

test: $(SYNCED) ## Run every test, against a real PostgreSQL and a real RabbitMQ
	$(PYTEST) $(PYTEST_ARGS)

check: $(SYNCED) ## Check format, lint, types (strict) and import contracts
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/ruff check $(CODE)
	$(BIN)/mypy $(SOURCES) tests bench
	$(BIN)/lint-imports

format: $(SYNCED) ## Format the code and fix what the linter can fix
	$(BIN)/ruff format $(CODE)
	$(BIN)/ruff check --fix $(CODE)

bench: $(SYNCED) ## Print the benchmark table
	@$(BIN)/python -m bench

laws: $(SYNCED) ## Prove the laws of the ledger in 20,000 random sequences of 50 deeds (or OPENITEM_SEQUENCES, OPENITEM_SEED)
	OPENITEM_SEQUENCES=$${OPENITEM_SEQUENCES:-20000} OPENITEM_SEED=$${OPENITEM_SEED:-$$(date +%s)} \
		$(PYTEST) -rP tests/cashapp/integrity/test_random_sequences.py

scorecard-report: $(SYNCED) ## Write docs/scorecard.md: how well the scorecard tells who fails (DATA=file)
	@$(BIN)/openitem scorecard-report "$(DATA)" --out docs/scorecard.md

soak: $(SYNCED) ## Kill 100 processes, one after another, during the story, and check that nothing is lost
	OPENITEM_KILLS=100 $(BIN)/pytest tests/faults -m stack

clean: ## Remove what set-up made (not the data in .openitem)
	rm -rf $(VENV) .uv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(SYNCED): $(MANIFESTS) | $(UV)
	$(UV) sync --locked --compile-bytecode --python "$(PYTHON)"
	@touch $@

.uv/bin/uv:
	@.ci/bootstrap-uv "$(PYTHON)" $(UV_VERSION)
