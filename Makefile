# Two commands matter: `make book` and `make test`. Each sets up .venv first, if it has to.
PYTHON   ?= python3
BIN      := .venv/bin
READY    := .venv/ready
BROWSER  := .venv/browser
GREEN    := _build/green
TABLE    := _build/table/rows.json
PORT     ?= 8765
CHROMIUM ?= $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
NOTEBOOKS := $(shell find chapters -name '*.ipynb' -not -path '*/.*')
LIBRARY  := $(shell find memlib -name '*.py' -not -path 'memlib/book/*')
SOURCES  := $(shell find chapters memlib -type f -not -path '*/.*' -not -path '*/__pycache__/*' \( -not -name '*.json' -o -path '*/_bench/*' \)) _config.yml _toc.yml
unexport PYTHONDONTWRITEBYTECODE  # compile what is imported once, not in every process
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1
export CHROMIUM

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1|\2/p' $(MAKEFILE_LIST) | awk -F'|' '{ printf "%-16s %s\n", $$1, $$2 }'

book: $(READY) ## execute the pages and build _build/html; any warning is an error
	@rm -f $(GREEN)
	@$(MAKE) --no-print-directory $(GREEN)

test: $(READY) $(TABLE) ## unit tests, then every notebook against its stored outputs
	@$(BIN)/pytest -q --color=no -n 2 --dist loadscope tests; units=$$?; \
	JUPYTER_DEFAULT_PROVISIONER_NAME=memlib-warm \
	$(BIN)/pytest -q --color=no -n 2 --dist loadscope --nbval chapters && exit $$units

serve: $(GREEN) ## show the book on this machine (PORT=8765)
	@echo "The book is at http://127.0.0.1:$(PORT)/ (stop with Ctrl-C)"
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory _build/html $(PORT)

check: $(READY) ## lint, format, types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

browser: ## look at every built page in headless Chromium
ifeq ($(CHROMIUM),)
	@echo "No Chromium or Chrome was found, so nobody looked at the pages. On Debian: apt install chromium"
	@test "$$CI" != true
else
	@$(MAKE) --no-print-directory $(GREEN) $(BROWSER)
	$(BIN)/pytest -q --color=no -n 2 tests/browser
endif

table: $(TABLE) ## measure every method on every data set, with certificates (the book and the tests ask for it)

bench: $(READY) ## the measurements that are too long for a page (MEMO=path: also against patrickfinke/memo; PART=name: one)
	MEMO='$(MEMO)' $(BIN)/python -m tests.bench $(PART)

normalise: $(READY) ## tidy notebooks after "restart and run all" (FILES=..., otherwise all)
	$(BIN)/python -m memlib.book.normalise $(or $(FILES),$(NOTEBOOKS))

clean: ## remove everything that is built; .venv stays
	rm -rf _build .pytest_cache .ruff_cache .mypy_cache .hypothesis

$(GREEN): $(READY) $(SOURCES) $(TABLE)
	@rm -f $@
	$(BIN)/python -m memlib.book.prefill
	$(BIN)/jupyter-book build . --all -n -W --keep-going
	@touch $@

$(TABLE): $(READY) $(LIBRARY)
	$(BIN)/python -m memlib.capacity.measured

$(READY): requirements.txt pyproject.toml
	@command -v $(PYTHON) >/dev/null || { echo "$(PYTHON) was not found: the book needs Python 3.11, 3.12 or 3.13 with venv. On Debian: apt install python3-venv. If it has another name: make PYTHON=/path/to/python book"; exit 1; }
	@$(PYTHON) .ci/environment.py
	@touch $@

$(BROWSER): requirements-browser.txt $(READY)
	@$(PYTHON) .ci/environment.py requirements-browser.txt
	@touch $@

.PHONY: help book test serve check browser table bench normalise clean
