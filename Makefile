.PHONY: setup demo test check docs quality clean
export PYTHONDONTWRITEBYTECODE =
BIN = .venv/bin

setup:
	@bash scripts/setup.sh

# Three cities from problem to closed project, on real servers.
demo: setup
	@$(BIN)/ashar demo run

# Everything; what CI runs. Two test processes, since every machine that runs Ashar has two cores.
test: setup browser style
	@$(BIN)/pytest -q -n 2 --dist loadfile --ignore=tests/rules
	@$(BIN)/pytest -q tests/rules --cov=rules --cov-branch --cov-report=term:skip-covered --cov-fail-under=100

.PHONY: browser
browser:
	@bash scripts/browser.sh

# Before each commit: style, arrows, types, rules and house tests.
check: setup style
	@$(BIN)/pytest -q tests/rules tests/house

.PHONY: style
style:
	@$(BIN)/ruff check --quiet . && $(BIN)/ruff format --quiet --check .
	@$(BIN)/lint-imports --no-cache > /dev/null || $(BIN)/lint-imports --no-cache
	@$(BIN)/basedpyright

# Bursts of 200, 2,000 and 10,000 packages against a bare loop, written to docs/benchmarks.md; an hour and more. Other sizes: make bench-documents SIZES="50"
SIZES = 200 2000 10000
.PHONY: bench-documents
bench-documents: setup
	@$(BIN)/python -m benchmarks.documents --applications $(SIZES) --folder bench-output

# The daily sweep over up to 10,000 contracts through five years, and the reading of a thousand reports, written to docs/benchmarks-monitoring.md; an hour.
.PHONY: bench-monitoring
bench-monitoring: setup
	@$(BIN)/python -m benchmarks.monitoring --folder bench-output

# A million events in five thousand cases on both databases: appending, sealing, verifying, finding, dossiers; written to docs/benchmarks-audit.md; an hour.
.PHONY: bench-audit
bench-audit: setup
	@$(BIN)/python -m benchmarks.audit --folder bench-output

# Bytes that nobody chose through every reader, so many runs each. Coverage guides them once the group "fuzz" is installed:
# .venv/bin/python -m pip install --group fuzz
RUNS = 2000
.PHONY: fuzz
fuzz: setup
	@for target in $$($(BIN)/python -m tests.fuzz.targets); do $(BIN)/python -m tests.fuzz.run $$target $(RUNS) || exit 1; done

# Ten thousand spoilt dossiers through both verifiers, the page in a real browser: no false accept and no disagreement. Some minutes; FUZZ=2000 SEED=7 for other runs.
FUZZ = 10000
SEED = 1
.PHONY: fuzz-dossier
fuzz-dossier: setup browser
	@$(BIN)/python -m tests.dossier.mutations $(FUZZ) $(SEED)

docs: setup
	@$(BIN)/python scripts/make_docs.py

# What the readers and rules find, make up and miss in a labelled set of files; some minutes of text recognition.
quality: setup
	@$(BIN)/python -m tests.quality

clean:
	rm -rf .venv build dist demo-output bench-output
