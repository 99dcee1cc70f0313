# Every target creates what it needs in .venv, from requirements.lock. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
HTML := _build/html
# One process of tests per core; the tests of a file share what they set up, and so a process.
BESIDE := --numprocesses auto --dist loadfile

# One thread per process: two torch threads beside another busy process were seen to be a hundred times slower.
export OMP_NUM_THREADS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Many processes load the same modules: without their compiled files each of them would compile all of these again.
unexport PYTHONDONTWRITEBYTECODE
# Where a machine checks the work, a missing browser or Node.js is a failure; elsewhere it is a printed skip.
ifneq ($(strip $(CI)),)
export ISOAUX_REQUIRE_BROWSER := 1
endif

.PHONY: help install reproduce test check book site zip bench lint types format lock clean
.NOTPARALLEL:

help:  ## list the targets
	@awk 'BEGIN { FS = ":.*## " } /^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: $(INSTALLED)  ## everything that the other targets need, into .venv (they call it themselves)

# Compiled at once: compiling during the tests would let a dependency's SyntaxWarning fail them. By all cores, and without
# what the packages are tested with, a fifth of all files; pip itself would compile everything, by one core.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.version_info >= (3, 11) or \
	    sys.exit("isoaux needs Python 3.11 or later and $(PYTHON) is " + v + "; try: make PYTHON=python3.12")'
	test -x $(VENV)/bin/pip || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install --no-compile --require-hashes --no-deps -r requirements.lock
	-$(PY) -W ignore -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib
	$(PY) -m pip install --no-deps --no-build-isolation -e .
	@touch $@

reproduce: $(INSTALLED)  ## retrain Figure 1 (quick) and everything else (smoke), build three books; prints their paths
	@mkdir -p _build && date +%s > _build/began
	$(PY) -m isoaux run fig01 --profile quick
	$(PY) -m isoaux run --profile smoke
	$(MAKE) --no-print-directory book
	@for page in _build/quick/html _build/smoke/html $(HTML); do \
	    test -f "$$page/index.html" || { echo "there is no front page at $$page" >&2; exit 1; }; \
	    printf 'open %s\n' "$(CURDIR)/$$page/index.html"; \
	done
	@echo "make reproduce took $$(( ($$(date +%s) - $$(cat _build/began)) / 60 )) minutes after installing"

test: $(INSTALLED)  ## unit tests, published figures drawn again, notebooks, JavaScript units
	$(PY) -m pytest $(BESIDE) $(KINDS)

# What `reproduce` has built is what the tests of the site open: nothing is trained, built or collected twice.
check: KINDS := -m ""
check: export ISOAUX_SITE := $(CURDIR)/$(HTML)
check: export ISOAUX_SMOKE := $(CURDIR)/_build/smoke/src/book/notebooks
check: lint types reproduce zip test  ## all of it: lint, types, both commands of the README, the site in a real browser

book: $(INSTALLED)  ## build the committed book into _build/html; every warning is an error
	$(VENV)/bin/jupyter-book build . -W -n --keep-going --all

site: book zip  ## the book as one zip that opens from disk: _build/isoaux-site.zip

zip: $(INSTALLED)
	rm -rf _build/isoaux-site _build/isoaux-site.zip
	cp -R $(HTML) _build/isoaux-site
	rm -f _build/isoaux-site/.buildinfo
	cd _build && ../$(PY) -m zipfile -c isoaux-site.zip isoaux-site
	rm -rf _build/isoaux-site

bench: $(INSTALLED)  ## measure speed and memory into benchmarks/results.json (5 to 10 minutes, best on a quiet machine)
	@for script in benchmarks/bench_*.py; do echo "== $$script"; $(PY) "$$script" || exit 1; done

lint: $(INSTALLED)  ## ruff: rules and formatting, notebooks too
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .

types: $(INSTALLED)  ## mypy
	$(PY) -m mypy

format: $(INSTALLED)  ## let ruff mend what it can
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

# uv lives in a venv of its own, so that a broken lock can be mended with it.
# Pins stay where they are unless pyproject.toml forces a move; `make lock UPGRADE=1` moves everything.
lock:  ## write requirements.lock anew from pyproject.toml (UPGRADE=1: newest versions)
	test -x _build/uv/bin/uv || { $(PYTHON) -m venv _build/uv && _build/uv/bin/python -m pip install --quiet uv; }
	_build/uv/bin/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-header --no-annotate \
	    --no-emit-index-url --no-emit-find-links --extra train --extra book --extra cluster --extra dev $(if $(UPGRADE),--upgrade) \
	    pyproject.toml -o requirements.lock

clean:  ## remove what was built; .venv and the store of trained networks stay
	rm -rf _build build .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find isoaux tests benchmarks book -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
