# `make demo` and `make test` need git, make and Python 3.11 to 3.13, nothing else.

PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PHOTO ?= images/content/chelsea.png images/content/rocket.jpg
SUBMISSIONS ?= submissions
SEED ?=

.PHONY: demo test test-notebooks lint lock notebooks assignments grade figures clean

demo: $(VENV)/installed
	$(BIN)/stylenet demo $(PHOTO) -o out

test: $(VENV)/tested
	$(BIN)/python -m pytest -n 2 --dist loadfile

# Every lecture from a clean kernel, offline, two at a time; LECTURES=02 chooses some.
test-notebooks: $(VENV)/tested
	$(BIN)/python -m pytest -n 2 -m notebooks -k "$(LECTURES)"

# Links and clone addresses of all lectures, in a fork: make notebooks REPO=name/stylenet
notebooks: $(VENV)/installed
	$(BIN)/python notebooks/openings.py $(REPO)

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

# What requirements.txt means today, for every system and Python, with the files' hashes.
lock: $(VENV)/tested
	$(BIN)/python -m pip install --quiet 'uv>=0.9,<1'
	$(BIN)/uv pip compile requirements.txt --universal --python-version 3.11 --generate-hashes \
	  --no-header --no-annotate --no-emit-index-url --quiet --output-file requirements.lock
	sed -i '1i # Written by `make lock`: what requirements.txt meant on that day, with hashes.' \
	  requirements.lock

# The notebooks for a class, without solutions: out/assignments and out/assignments.zip. SEED=2027
# makes a variant with other numbers; grade with the same.
assignments: $(VENV)/teaching
	$(BIN)/python notebooks/assignments/course.py release out $(if $(SEED),--seed $(SEED))

# Grades what a class handed in into out/grades.csv and out/feedback.
grade: $(VENV)/teaching
	$(BIN)/python notebooks/assignments/course.py grade "$(SUBMISSIONS)" out $(if $(SEED),--seed $(SEED))

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
	  { echo "stylenet needs Python 3.11 to 3.13; choose one with: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
	  { rm -rf $(VENV); echo "Creating $(VENV) failed; on Debian: apt install python3-venv" >&2; exit 1; }

$(VENV)/installed: $(VENV)/bin/python requirements.txt pyproject.toml
	@echo "Installing TensorFlow, Keras and Jupyter: 2.5 GB on the disk, some minutes"
	$(BIN)/python -m pip install --editable '.[lectures]'
	@touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[test]'
	@touch $@

$(VENV)/teaching: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --editable '.[teaching]'
	@touch $@

clean:
	rm -rf $(VENV) out
