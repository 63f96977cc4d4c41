"""Grades one notebook in a folder of its own, with nbgrader."""

import copy
import logging
import os
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from flags import flags
from nbgrader.apps import NbGraderAPI
from nbgrader.preprocessors import (
    CheckCellMetadata,
    Execute,
    IgnorePattern,
    LimitOutput,
    SaveAutoGrades,
)
from traitlets.config import Config

STUB = """# YOUR CODE HERE
raise NotImplementedError("Write this function, then run its cell again.")"""
OURS = ("setup", "reference")  # cells at the top, in which nothing is a student's
PATIENCE = 600  # seconds for these
STUDENT = "student"  # of nbgrader, which meets one at a time
MOST_OUTPUT = 1_000_000  # characters that a notebook may say
LONGEST = 300  # characters of a message in the table
HIDDEN = re.compile(r"(?m)^ *### BEGIN HIDDEN TESTS\n(?:.*\n)*?^ *### END HIDDEN TESTS$\n?")


class Bounded(Execute):
    """Runs a notebook and keeps the first megabyte of what it says, and every error.

    The cells at the top, which load TensorFlow, may take ten minutes: a slow computer costs nobody
    any points.
    """

    said = 0

    def _get_timeout(self, cell):
        return PATIENCE if cell and id_of(cell) in OURS else super()._get_timeout(cell)

    def output(self, outs, msg, display_id, cell_index):
        content = msg["content"]
        if msg["msg_type"] == "error":
            content["evalue"] = content["evalue"][:10_000]
            content["traceback"] = [line[:10_000] for line in content["traceback"][-50:]]
        else:
            self.said += len(str(content))
            if self.said > MOST_OUTPUT:
                return None
        return super().output(outs, msg, display_id, cell_index)


def nbgrader(root, source, timeout=None):
    """The API of nbgrader, for a folder with a gradebook, submissions and what becomes of them."""
    config = Config()
    config.CourseDirectory.root = str(root)
    config.CourseDirectory.source_directory = str(source)
    config.CourseDirectory.db_url = f"sqlite:///{root}/gradebook.db"
    config.ClearSolutions.code_stub = {"python": STUB}
    config.ClearSolutions.text_stub = "*Your answer here.*"
    config.Execute.timeout, config.Execute.iopub_timeout = timeout, 60
    config.Execute.startup_timeout = PATIENCE
    config.Execute.error_on_timeout = {
        "ename": "Timeout",
        "evalue": f"it ran longer than {timeout} seconds",
        "traceback": [f"Timeout: it ran longer than {timeout} seconds"],
    }
    # Warnings and TensorFlow's log would cost a test's points: nbgrader counts stderr as an error.
    config.IgnorePattern.enabled, config.IgnorePattern.pattern = True, ".*"
    config.Autograde.autograde_preprocessors = [
        *(Bounded, IgnorePattern, LimitOutput, SaveAutoGrades, CheckCellMetadata)
    ]
    # nbgrader starts `alembic`, which lies beside this Python.
    if str(Path(sys.executable).parent) not in os.environ["PATH"].split(os.pathsep):
        os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    api = NbGraderAPI(config=config)
    api.log.setLevel(logging.ERROR)
    return api


def visible(text):
    """A cell as students see it."""
    return HIDDEN.sub("", text)


def id_of(cell):
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def text_of(notebook, name):
    return next((cell.source for cell in notebook.cells if id_of(cell) == name), "").strip()


def mend(notebook, released):
    """Puts cells back that are missing, and leaves one of those that are there twice.

    Args:
        notebook: as handed in; it is changed.
        released: as handed out.

    Returns:
        What was done, in words.
    """
    notes, known = [], [id_of(cell) for cell in released.cells if id_of(cell)]
    locked = {id_of(c) for c in released.cells if c.metadata.get("nbgrader", {}).get("locked")}
    for name in known:
        copies = [cell for cell in notebook.cells if id_of(cell) == name]
        if len(copies) < 2:
            continue
        notes.append(f"cell {name} is there {len(copies)} times")
        for cell in copies[:-1]:
            if name in locked:
                notebook.cells.remove(cell)
            else:  # all run, in their order, so the last one counts
                del cell.metadata["nbgrader"]
    for cell in notebook.cells:
        if id_of(cell) not in known:
            cell.metadata.pop("nbgrader", None)
    notes += put_back(notebook, released)
    return notes


def put_back(notebook, released):
    notes, place = [], 0
    for cell in released.cells:
        ids = [id_of(one) for one in notebook.cells]
        name = id_of(cell)
        if name in ids:
            place = ids.index(name) + 1
        elif name:
            notebook.cells.insert(place, copy.deepcopy(cell))
            place += 1
            if cell.cell_type == "code" and cell.metadata["nbgrader"]["locked"]:
                notes.append(f"cell {name} was missing and is put back")
    return notes


def grade(submission, course, timeout, pages):
    """Grades a notebook.

    Args:
        submission: a `Submission` with a notebook.
        course: the folder with `gradebook.db` and `release/`.
        timeout: seconds that a cell may take.
        pages: a function, path of an HTML page and whether it is for students, called with both.

    Returns:
        A dict: "points", "of", "by_hand", "missed", "answer", "notes", "seconds"; without points
        where it can't be graded.
    """
    began, name = time.monotonic(), submission.assignment
    released = nbformat.read(course / "release" / name / f"{name}.ipynb", 4)
    notebook = submission.notebook
    told = flags(notebook)
    if text_of(notebook, "theory") not in ("", text_of(released, "theory")):
        told.append("its page of theory is another: of another variant, or changed")
    told += mend(notebook, released)
    with tempfile.TemporaryDirectory() as root:
        root = Path(root)
        shutil.copyfile(course / "gradebook.db", root / "gradebook.db")
        (root / "empty").mkdir()
        api = nbgrader(root, root / "empty", timeout)
        handed_in = root / "submitted" / STUDENT / name
        handed_in.mkdir(parents=True)
        nbformat.write(notebook, handed_in / f"{name}.ipynb")
        result = api.autograde(name, STUDENT)
        row = {"notes": "\n".join((*submission.notes, *told))}
        if result["success"]:
            row |= row_of(root, name, released)
            make_pages(api, root, name, pages)
        else:
            row["missed"] = f"not graded: {why(result)}"
    return {**row, "seconds": f"{time.monotonic() - began:.1f}"}


def row_of(root, name, released):
    """Points are those of the released notebook, whatever a program did to its gradebook."""
    graded = nbformat.read(root / "autograded" / STUDENT / name / f"{name}.ipynb", 4)
    done = {id_of(cell): cell for cell in graded.cells}
    for name in OURS:
        if failed := reason(done[name]):
            raise RuntimeError(f"the cell {name} at the top failed, {failed}")
    tests, points, by_hand, missed = 0, 0, 0, []
    for cell in released.cells:
        settings = cell.metadata.get("nbgrader", {})
        worth = settings.get("points", 0) if settings.get("grade") else 0
        if not worth:
            continue
        if cell.cell_type != "code":
            by_hand += worth
            continue
        tests += worth
        failed = reason(done[settings["grade_id"]])
        points += 0 if failed else worth
        if failed:
            missed.append(f"{settings['grade_id'].removeprefix('test_')} ({worth:g}): {failed}")
    return {
        "points": f"{points:g}",
        "of": f"{tests:g}",
        "by_hand": f"{by_hand:g}",
        "missed": "\n".join(missed),
        "answer": done["answer"].source if "answer" in done else "",
    }


def reason(cell):
    """What a failed test says, in one line; "" where it passed."""
    errors = [output for output in cell.outputs if output.output_type == "error"]
    if not errors:
        return "" if cell.execution_count else "it did not run"
    error = next((one for one in errors if one.ename == "Timeout"), errors[0])
    lines = [line.strip() for line in error.evalue.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("Not equal to tolerance")]
    return said[0][:LONGEST] if said else error.ename


def make_pages(api, root, name, pages):
    """Makes nbgrader's feedback page with the hidden tests, then the same without them."""
    path = root / "autograded" / STUDENT / name / f"{name}.ipynb"
    for students in (False, True):
        if students:
            notebook = nbformat.read(path, 4)
            for cell in notebook.cells:
                if cell.cell_type == "code" and id_of(cell) and cell.metadata.nbgrader.grade:
                    hide(cell)
            nbformat.write(notebook, path)
        api.generate_feedback(name, STUDENT)
        pages(root / "feedback" / STUDENT / name / f"{name}.html", students)


def hide(cell):
    """Leaves of a test what students may see: no hidden tests, and of an error its message."""
    cell.source = visible(cell.source)
    cell.outputs = [output for output in cell.outputs if output.output_type == "error"]
    for error in cell.outputs:
        error.evalue = reason(cell)
        error.traceback = [f"{error.ename}: {error.evalue}"]


def why(result):
    """What stopped nbgrader, in one line: the end of the first traceback of its log."""
    text = result.get("log") or result.get("error") or "nbgrader does not say why"
    if "DeadKernelError" in text:
        return "the program ended itself, or the memory was full"
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith("[")]
    return (said[-1] if said else lines[-1])[:LONGEST]
