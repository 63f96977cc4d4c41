"""The assignments as the tests see them: their cells, and what a function earns."""

import contextlib
import importlib.util
import json
import re
import warnings
from pathlib import Path

import answers
import numpy as np
import variants

PROJECT = Path(__file__).resolve().parents[2]
FOLDER = PROJECT / "notebooks" / "assignments"
SOURCE = FOLDER / "source"
# The notebook, the module of `answers` that belongs to it, and a small picture for its last cell.
ASSIGNMENTS = {
    "1_losses": ("losses", {"num_steps": 2, "size": 48}),
    "2_network": ("network", {"size": 64}),
    "3_gatys": ("gatys", {"num_steps": 2, "size": 48}),
    "4_wct": ("wct", {"size": 48}),
    "5_video": ("video", {"size": 96, "num_frames": 3}),
    "6_doodle": ("doodle", {"num_steps": 2, "size": 64}),
}
STUB = "Write this function, then run its cell again."
HIDDEN = re.compile(r"(?m)^ *### BEGIN HIDDEN TESTS\n(?:.*\n)*?^ *### END HIDDEN TESTS$\n?")


def read(path):
    """A notebook as a dict."""
    return json.loads(Path(path).read_text("utf-8"))


def source(assignment, seed=None):
    """The notebook with solutions and hidden tests, in the variant of a seed."""
    notebook = read(SOURCE / assignment / f"{assignment}.ipynb")
    return variants.variant(notebook, assignment, seed)


def answers_to(assignment, seed=None):
    """All answers to an assignment, with the numbers of a variant."""
    before = {**vars(answers.given)}
    vars(answers.given).update(variants.given(assignment, seed))
    path = Path(answers.__file__).with_name(f"{ASSIGNMENTS[assignment][0]}.py")
    spec = importlib.util.spec_from_file_location(f"{path.stem}_{seed}", path)
    answers.ANSWERS.clear()
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
    vars(answers.given).update(before)
    return list(answers.ANSWERS)


def cells(notebook):
    """The cells of a notebook, by grade id, each with its text."""
    return {name_of(cell): {**cell, "text": "".join(cell["source"])} for cell in notebook["cells"]}


def name_of(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id", cell["id"])


def tasks(notebook):
    """The names of the functions to write."""
    return [
        name
        for name, cell in cells(notebook).items()
        if cell["cell_type"] == "code" and cell["metadata"].get("nbgrader", {}).get("solution")
    ]


def visible(text):
    """A cell as students see it."""
    return HIDDEN.sub("", text)


@contextlib.contextmanager
def as_when_graded():
    """Without warnings: they cost no points."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def execute(text, names, title="cell"):
    exec(compile(text, title, "exec"), names)


def run(notebook, text_of=lambda name, text: text):
    """The names that a notebook has, all its cells run but the last picture."""
    names = {"__name__": "__main__"}
    with as_when_graded():
        for name, cell in cells(notebook).items():
            if cell["cell_type"] == "code" and name != "reward":
                execute(text_of(name, cell["text"]), names, name)
    return names


def judge(test, task, function, names):
    """Runs the tests of a task on a function in place of the one that the names have."""
    before = names[task]
    names[task] = function
    try:
        with as_when_graded():
            execute(test, names, f"test_{task}")
    finally:
        names[task] = before
