.PHONY: setup demo test check clean
export PYTHONDONTWRITEBYTECODE =
BIN = .venv/bin

setup:
	@bash scripts/setup.sh

demo: setup
	@$(BIN)/ashar demo run

test: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright
	@$(BIN)/pytest --cov --cov-report=term-missing:skip-covered

check: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/basedpyright
	@$(BIN)/pytest -q -m "not server"

clean:
	rm -rf .venv build dist demo-output
