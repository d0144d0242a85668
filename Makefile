# Gladly Source. Two commands on a fresh machine: `make demo` and `make test`.

PYTHON ?= python3
ARGS ?=
# Most tests wait for sockets and processes: more of them than cores.
WORKERS ?= 4
BIN := .venv/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Debian packages: a venv, what Qt needs to open a window, fonts for names in all scripts, a real
# PostgreSQL and a real Secret Service for tests, a screen with a window manager for the window's
# tests, and systemd, which is asked about its units.
DEBS := python3-venv libglib2.0-0 libgl1 libegl1 libxkbcommon0 libdbus-1-3 libfontconfig1 \
        libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 \
        libxcb-image0 libxcb-randr0 libxcb-render-util0 libxcb-util1 libxcb-xkb1 libx11-xcb1 \
        fonts-dejavu-core fonts-noto-core fonts-noto-cjk postgresql \
        dbus gnome-keyring libsecret-1-0 xvfb openbox systemd

.PHONY: demo test run bench check format screenshots setup debs clean

demo: setup
	@$(BIN)/gladly-source demo $(ARGS)

test: setup
	@$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

run: setup
	@$(BIN)/gladly-source $(ARGS)

bench: setup
	@$(BIN)/python -m tests.bench $(ARGS)

check: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

setup: debs .venv/.ready

# Installs what is missing when root on Debian or Ubuntu; else says the line and goes on.
debs:
	@command -v dpkg-query >/dev/null 2>&1 || exit 0; \
	missing=""; for p in $(DEBS); do \
	  dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q "ok installed" || \
	  dpkg-query -W -f='$${Status}' $${p}t64 2>/dev/null | grep -q "ok installed" || missing="$$missing $$p"; done; \
	[ -z "$$missing" ] && exit 0; \
	if [ "$$(id -u)" = 0 ]; then \
	  echo "Installing Debian packages:$$missing"; \
	  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing; } >/dev/null \
	    || echo "apt-get could not install:$$missing (going on without)"; \
	else \
	  echo "Some Debian packages are missing; some tests will be skipped. As root:"; \
	  echo "  apt-get install -y --no-install-recommends$$missing"; \
	fi

.venv/.ready: pyproject.toml .ci/constraints.txt
	@echo "Setting up .venv (once) …"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; say which with: make PYTHON=python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install -q -c .ci/constraints.txt -e '.[gui,postgres,dev]' || { echo "The packages could not be installed: see the lines above."; exit 1; }
	@touch $@

screenshots: setup
	@$(BIN)/python -m tests.screenshots $(ARGS)

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
