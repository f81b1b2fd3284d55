# Two commands carry the house: `make book` and `make test`. Each does its own set-up.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PORT   ?= 8000

.PHONY: help book test serve lab bench lint data notebooks lock clean
.DEFAULT_GOAL := help

help: ## list the commands
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## */make \1\t/' | expand -t 18

# The environment is made anew when the lock or the package's description changes.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 or later is needed; say which: make PYTHON=/path/to/python3.12 book"; exit 1; }
	@echo "Setting up the environment in $(VENV) (once; a minute or two)"
	@rm -rf $(VENV)
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(READY)

book: $(READY) ## build the book from clean into _build/html
	@$(BIN)/python -m paths_abroad.book

test: $(READY) ## check everything a person reads or runs (builds the book too)
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/paths-abroad check data
	@$(BIN)/python -m pytest --nbval --nbval-cell-timeout=120 --nbval-current-env -p no:xdist exercises
	@$(BIN)/python -m pytest -n auto --maxprocesses=4 --dist loadfile

serve: $(READY) ## open the built book in a browser
	@test -f _build/html/index.html || $(MAKE) book
	@echo "http://localhost:$(PORT)  (Ctrl-C ends it)"
	@$(BIN)/python -c 'import sys, webbrowser; webbrowser.open("http://localhost:" + sys.argv[1])' $(PORT) || true
	@$(BIN)/python -m http.server $(PORT) --bind 127.0.0.1 --directory _build/html

notebooks: $(READY) ## write the student notebooks and the chapters as notebooks to notebooks/
	@$(BIN)/paths-abroad notebooks --out notebooks

lab: notebooks ## open them in JupyterLab
	@$(BIN)/jupyter lab notebooks

bench: $(READY) ## measured comparisons, as ratios in one run
	@for b in benchmarks/*.py; do echo "== $$b"; $(BIN)/python $$b || exit 1; done

data: $(READY) ## write the ledger as one zip archive to dist/
	@$(BIN)/paths-abroad data --out dist

lint: $(READY) ## style of the code, and the ledger
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/paths-abroad check data

lock: $(READY) ## pin the environments anew (needs the network)
	@$(BIN)/python tools/lock.py

clean: ## remove what was built; clean twice as well: make clean && rm -rf .venv
	@rm -rf _build _generated notebooks dist .pytest_cache .ruff_cache
