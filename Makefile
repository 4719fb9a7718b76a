# Two commands: `make demo` and `make test`. Both first make the environment (`make env`), which only installs.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: env demo test test-nightly lint check coverage browser screenshots clean

env: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml
	@echo "installing Haechi into $(VENV) ..."
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

demo: env
	@$(BIN)/haechi demo

test: env lint check browser coverage

lint: env
	@$(BIN)/ruff check src tests
	@$(BIN)/ruff format --check src tests

check: env
	@$(BIN)/mypy

coverage: env
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --cov --cov-report=term --cov-report=json:.coverage.json
	@$(BIN)/python tests/coverage_gates.py .coverage.json

# The journeys at the console run in a browser; without one they are left out, and say so.
browser:
	@command -v chromium >/dev/null || test -n "$$HAECHI_CHROMIUM" \
	|| { test "$$(id -u)" = 0 && echo "installing chromium for the console's tests ..." && apt-get update -qq && apt-get install -qq -y chromium >/dev/null; } \
	|| echo "no chromium: the console's browser tests are left out. 'apt-get install chromium', or name one in HAECHI_CHROMIUM"

screenshots: env browser
	@$(BIN)/python tests/console/screenshots.py docs/console

test-nightly: env
	@$(BIN)/python -m pytest -m nightly

clean:
	rm -rf $(VENV) .coverage .coverage.json
