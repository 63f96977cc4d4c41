"""What a class gets, and what becomes of what it hands in, however it is named or broken."""

import copy
import csv
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import course
import grading
import nbformat
import pytest
import typer
from classroom import (
    ASSIGNMENTS,
    FOLDER,
    PROJECT,
    STUB,
    cells,
    execute,
    name_of,
    read,
    source,
    tasks,
    visible,
)
from flags import flags
from submissions import collect, owner

SEED = 2027  # of the class that is graded whole
TASKS = {name: set(tasks(source(name))) for name in ASSIGNMENTS}
LOSSES = {name_of(cell): "".join(cell["source"]) for cell in source("1_losses")["cells"]}


def notebook(assignment="1_losses", **texts):
    """A notebook as handed in, with the solutions, or with other texts in some cells."""
    made = source(assignment)
    for cell in made["cells"]:
        cell["source"] = texts.get(name_of(cell), visible(cell["source"]))
    return made


def node(made):
    return nbformat.from_dict(copy.deepcopy(made))


def hand_in(path, made=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(made or notebook()), "utf-8")
    return path


def rows_of(folder):
    """(student, assignment): (file, problem) of all that is found in a folder."""
    found = collect(folder, TASKS)
    return {(one.student, one.assignment): (one.file, one.problem) for one in found}


@pytest.mark.parametrize(
    "name",
    [
        "1_losses.ipynb",
        "1_losses (1).ipynb",
        "1_losses-Copy1.ipynb",
        "1_LOSSES.IPYNB",
        "c_12345_1_losses.ipynb",
        "1_losses.ipynb.txt",
        "1_losses.json",
        "Untitled.ipynb",
        "deeper/still/1_losses.ipynb",
    ],
)
def test_a_notebook_is_recognized_under_any_name(name, tmp_path):
    hand_in(tmp_path / "ada [2]" / name)
    assert rows_of(tmp_path) == {("ada [2]", "1_losses"): (name, "")}


@pytest.mark.parametrize(
    ("stem", "student"),
    [
        ("ada_1_losses", "ada"),
        ("1_losses_ada", "ada"),
        ("Ada Lovelace_12345_assignsubmission_file_1_losses", "Ada Lovelace"),
        ("lovelaceada_LATE_12345_67890_1_losses", "lovelaceada"),
        ("ada_1_losses (1)", "ada"),
        ("1_losses", ""),
        ("1_losses-Copy1", ""),
        ("ada", "ada"),
    ],
)
def test_a_flat_file_bears_its_students_name(stem, student):
    assert owner(stem) == student


def test_flat_files_and_archives_are_found(tmp_path):
    hand_in(tmp_path / "ada_1_losses.ipynb")
    hand_in(tmp_path / "1_losses.ipynb")
    text = json.dumps(notebook())
    (tmp_path / "carl").mkdir()
    archives = {
        "bea.zip": ["assignments/1_losses/1_losses.ipynb", "__MACOSX/._1_losses.ipynb"],
        "carl/all.zip": ["1_losses.ipynb"],
        "class.zip": ["dan/1_losses.ipynb", "eve/1_losses.ipynb"],
        "fay.zip": ["notes.txt"],
    }
    for name, members in archives.items():
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for member in members:
                archive.writestr(member, text)
    found = rows_of(tmp_path)
    assert {student for student, _ in found} == {"", "ada", "bea", "carl", "dan", "eve", "fay"}
    assert "whose it is" in found["", "1_losses"][1]
    assert found["fay", ""][1] == "no notebook inside"
    assert found["eve", "1_losses"] == ("class.zip/eve/1_losses.ipynb", "")


def test_what_can_not_be_read_says_why(tmp_path):
    hand_in(tmp_path / "bom" / "1_losses.ipynb").write_bytes(
        b"\xef\xbb\xbf" + json.dumps(notebook()).encode()
    )
    for student, data in {
        "empty": b"",
        "text": b"Hello",
        "bytes": b"\xff\xfe\x00",
        "list": b"[]",
        "number": b'{"cells": 3}',
    }.items():
        (tmp_path / student).mkdir()
        (tmp_path / student / "1_losses.ipynb").write_bytes(data)
    (tmp_path / "folder" / "1_losses.ipynb").mkdir(parents=True)
    (tmp_path / "link").mkdir()
    (tmp_path / "link" / "1_losses.ipynb").symlink_to("nowhere")
    (tmp_path / "nothing").mkdir()
    (tmp_path / "pdf").mkdir()
    (tmp_path / "pdf" / "report.pdf").write_bytes(b"%PDF")
    (tmp_path / "zip").mkdir()
    (tmp_path / "zip" / "1_losses.zip").write_bytes(b"PK?")
    other = {**notebook(), "cells": []}
    hand_in(tmp_path / "other" / "thesis.ipynb", other)
    hand_in(tmp_path / "named" / "1_losses.ipynb", other)
    problems = {student: problem for (student, _), (_, problem) in rows_of(tmp_path).items()}
    expected = {
        "bom": "",
        "empty": "not a notebook: it is empty",
        "text": "not a notebook: Expecting value",
        "bytes": "not a notebook: 'utf-8' codec",
        "list": "not a notebook: it has no cells",
        "number": "not a notebook: its cells are no list",
        "folder": "a folder, where a notebook should be",
        "link": "a link to nothing",
        "nothing": "an empty folder",
        "pdf": "no notebook, but report.pdf",
        "zip": "no archive: ",
        "other": "neither name nor cells of an assignment",
        "named": "none of the cells of 1_losses",
    }
    assert problems.keys() == expected.keys()
    for student, problem in expected.items():
        assert problems[student].startswith(problem), student


def test_the_newest_of_several_counts_and_the_others_are_named(tmp_path):
    for when, name in enumerate(("1_losses (1).ipynb", "1_losses.ipynb", "1_losses (2).ipynb")):
        path = hand_in(tmp_path / "ada" / name)
        os.utime(path, (when, when))
    path.write_text("broken")
    (found,) = collect(tmp_path, TASKS)
    assert found.file == "1_losses.ipynb" and found.notebook
    assert found.notes == ("the newest of 3; not 1_losses (2).ipynb, 1_losses (1).ipynb",)


def released(assignment="1_losses"):
    made = node(notebook(assignment))
    for cell in made.cells:
        if name_of(cell) in TASKS[assignment]:
            cell.source = "stub"
    return made


def test_missing_cells_are_put_back_at_their_place():
    made = node(notebook())
    order = [name_of(cell) for cell in made.cells]
    gone = ("setup", "reference", "test_gram_matrix", "answer")
    made.cells = [cell for cell in made.cells if name_of(cell) not in gone]
    notes = grading.mend(made, released())
    assert [name_of(cell) for cell in made.cells] == order
    assert notes == [f"cell {name} was missing and is put back" for name in gone[:3]]


def test_of_a_test_that_is_there_twice_one_stays_and_copies_of_an_answer_all_run():
    made = node(notebook())
    for name in ("test_gram_matrix", "gram_matrix"):
        place = [name_of(cell) for cell in made.cells].index(name)
        made.cells.insert(place, copy.deepcopy(made.cells[place]))
        made.cells[place].id = f"copy-{place}"
    notes = grading.mend(made, released())
    assert notes == [
        "cell gram_matrix is there 2 times",
        "cell test_gram_matrix is there 2 times",
    ]
    ids = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in made.cells]
    assert ids.count("test_gram_matrix") == ids.count("gram_matrix") == 1
    sources = [cell.source for cell in made.cells]
    assert sources.count(visible(LOSSES["gram_matrix"])) == 2
    assert ids[sources.index(visible(LOSSES["gram_matrix"]))] is None, "The last one counts."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("from stylenet.losses import gram_matrix", ["imports stylenet.losses.gram_matrix"]),
        (
            "def f(x):\n    return stylenet.losses.gram_matrix(x)",
            ["uses stylenet.losses.gram_matrix"],
        ),
        ("np.testing.assert_allclose = print", ["replaces np.testing.assert_allclose"]),
        ("import sqlite3, numpy", ["imports sqlite3"]),
        ("setattr(np, 'abs', 0); open('x')", ["calls open", "calls setattr"]),
        ("solutions = run_test", ["names run_test", "names solutions"]),
        ("!pip install x\nimport random", ["runs !pip install x"]),
        ("import numpy as np\nx = np.ones(3)\nx.shape = (3, 1)", []),
        ("this is no program", []),
    ],
)
def test_what_stands_out_is_told(text, told):
    found = flags({"cells": [{"cell_type": "code", "source": text, "metadata": {}}]})
    assert len(found) == len(told) and all(map(str.startswith, found, told))
    locked = {"cell_type": "code", "source": text, "metadata": {"nbgrader": {"locked": True}}}
    assert flags({"cells": [locked]}) == []


def test_nothing_stands_out_in_the_solutions():
    assert [flags(notebook(name)) for name in ASSIGNMENTS] == [[]] * len(ASSIGNMENTS)


def failed_cell(name, message):
    output = nbformat.v4.new_output("error", ename=name, evalue=message, traceback=["secret"])
    return nbformat.v4.new_code_cell("test", outputs=[output], execution_count=1)


def test_reasons_are_one_line_of_300_characters():
    assert (
        grading.reason(failed_cell("AssertionError", "\nNot equal to tolerance\nA row.\nx"))
        == "A row."
    )
    assert grading.reason(failed_cell("ValueError", "x" * 10**6)) == "x" * 300
    assert grading.reason(failed_cell("KeyError", "")) == "KeyError"
    cell = failed_cell("KeyboardInterrupt", "")
    cell.outputs += failed_cell("Timeout", "it ran longer than 3 seconds").outputs
    assert grading.reason(cell) == "it ran longer than 3 seconds"
    assert grading.reason(nbformat.v4.new_code_cell("test", execution_count=1)) == ""
    assert grading.reason(nbformat.v4.new_code_cell("test")) == "it did not run"


def test_pages_for_students_hold_no_hidden_test():
    cell = failed_cell("AssertionError", "A row.")
    cell.source = LOSSES["test_gram_matrix"]
    cell.outputs.append(nbformat.v4.new_output("stream", text="printed arguments"))
    grading.hide(cell)
    assert "HIDDEN" not in cell.source and "By hand" in cell.source
    assert [output.traceback for output in cell.outputs] == [["AssertionError: A row."]]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx"])
def test_no_cell_of_the_table_is_a_formula(text):
    assert course.plain(text) == f"'{text}"
    assert course.plain(f"x{text}") == f"x{text}"


def table(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def a_class(folder):
    """Thirty students: ten as they should be, twenty that are not; how many rows they get."""
    for number in range(10):
        hand_in(folder / f"student{number}" / "1_losses.ipynb")
    data = json.dumps(notebook()).encode()
    strange = {
        "a [x]/1_losses.ipynb": data,
        "b/1_losses (1).ipynb": data,
        "c/c_12345_1_losses.ipynb": data,
        "d/1_losses-Copy1.ipynb": data,
        "e/1_LOSSES.ipynb": data,
        "f/1_losses.ipynb": b"\xef\xbb\xbf" + data,
        "g/1_losses.ipynb": b"",
        "h/1_losses.ipynb": b"\x00\xff",
        "i/1_losses.ipynb": b'{"cells": 3}',
        "j/essay.pdf": b"%PDF",
        "k/Untitled.ipynb": data,
        "l/thesis.ipynb": b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        "m_1_losses.ipynb": data,
        "n/1_losses.zip": b"PK",
        "o/1_losses.ipynb.txt": data,
        "=p/1_losses.ipynb": data,
        "1_losses.ipynb": data,
    }
    for name, content in strange.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)
    (folder / "q" / "1_losses.ipynb").mkdir(parents=True)
    (folder / "r").mkdir()
    (folder / "r" / "1_losses.ipynb").symlink_to("nowhere")
    with zipfile.ZipFile(folder / "s.zip", "w") as archive:
        archive.writestr("assignments/1_losses/1_losses.ipynb", data)


GRADED = 21  # of these thirty; the others get a row that says why not


@pytest.fixture
def graded_at_once(monkeypatch):
    """Grading without running anything."""

    def grade(submission, folder, timeout, pages):
        points = {"points": "16", "of": "16", "by_hand": "4", "missed": "", "answer": "=x"}
        return {**points, "notes": "", "seconds": "0"}

    monkeypatch.setattr(course, "generate", lambda root, seed=None: None)
    monkeypatch.setattr(grading, "grade", grade)


def test_a_class_of_thirty_with_twenty_strange_submissions(tmp_path, graded_at_once, capsys):
    a_class(tmp_path / "class")
    assert course.grade(tmp_path / "class", tmp_path / "out") == 1
    rows = table(tmp_path / "out" / "grades.csv")
    assert len(rows) == len({row["student"] for row in rows}) == 30
    assert sum(bool(row["points"]) for row in rows) == GRADED
    for row in rows:
        assert bool(row["points"]) != row["missed"].startswith("not graded: "), row
        assert not row["points"] or row["answer"] == "'=x"
    assert "'=p" in {row["student"] for row in rows}
    assert capsys.readouterr().out.count("\n") == 3


@pytest.mark.parametrize("stop", [RuntimeError("x" * 999), KeyboardInterrupt()])
def test_what_is_graded_is_written_whatever_happens_then(
    tmp_path, graded_at_once, monkeypatch, stop
):
    whole = grading.grade
    for number in range(5):
        hand_in(tmp_path / "class" / str(number) / "1_losses.ipynb")

    def grade(submission, *others):
        if submission.student == "3":
            raise stop
        return whole(submission, *others)

    monkeypatch.setattr(grading, "grade", grade)
    if isinstance(stop, KeyboardInterrupt):
        with pytest.raises(KeyboardInterrupt):
            course.grade(tmp_path / "class", tmp_path / "out")
    else:
        assert course.grade(tmp_path / "class", tmp_path / "out") == 1
    rows = table(tmp_path / "out" / "grades.csv")
    points = [row["points"] for row in rows]
    assert points == ["16"] * 3 if len(rows) == 3 else ["16"] * 3 + ["", "16"]
    assert len(rows) == (3 if isinstance(stop, KeyboardInterrupt) else 5)
    assert all(len(row["missed"]) <= 350 for row in rows)


def test_a_folder_without_submissions_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"expected STUDENT/ with one of 1_losses\.ipynb"):
        course.grade(tmp_path, tmp_path / "out")
    with pytest.raises(FileNotFoundError, match="which is none"):
        course.grade(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_error_is_one_line_and_exit_status_2(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["course.py", "grade", str(tmp_path), str(tmp_path / "out")])
    with pytest.raises(SystemExit) as leaving:
        course.main()
    assert leaving.value.code == 2 and capsys.readouterr().err.count("\n") == 1
    assert isinstance(course.app, typer.Typer)


def program(folder, *arguments):
    """Runs the program of `make assignments` and `make grade` in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, *map(str, arguments)]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """The folder that `course.py release` fills."""
    folder = tmp_path_factory.mktemp("release")
    done = program(folder, FOLDER / "course.py", "release", "out", "--seed", SEED)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(Path("out") / "assignments.zip")
    return folder / "out"


def handed_out_notebook(folder, name):
    return read(folder / "assignments" / name / f"{name}.ipynb")


@pytest.mark.slow
def test_the_archive_has_what_a_student_needs_and_no_solutions(handed_out):
    with zipfile.ZipFile(handed_out / "assignments.zip") as archive:
        texts = {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    notebooks = {f"assignments/{name}/{name}.ipynb" for name in ASSIGNMENTS}
    assert {name for name in texts if name.endswith(".ipynb")} == notebooks
    assert "assignments/README.md" in texts and len(texts) == len(notebooks) + 7
    for path in handed_out.glob("assignments/**/*.*"):
        assert path.read_bytes() == texts[str(path.relative_to(handed_out))]
    for name in ASSIGNMENTS:
        text = texts[f"assignments/{name}/{name}.ipynb"].decode("utf-8")
        assert not re.search("SOLUTION|HIDDEN|def right_", text)
        given_out = cells(handed_out_notebook(handed_out, name))
        for grade_id, cell in cells(source(name, SEED)).items():
            if "### BEGIN SOLUTION" not in cell["text"]:
                assert given_out[grade_id]["text"] == visible(cell["text"]).rstrip("\n")
            else:
                solution = re.search(r"(?s)BEGIN SOLUTION\n(.*?)### END SOLUTION", cell["text"])
                longest = max(solution[1].splitlines(), key=len).strip()
                assert json.dumps(longest)[1:-1] not in text


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_stub_fails_every_test_and_says_why(assignment, handed_out):
    names = {"__name__": "__main__"}
    for name, cell in cells(handed_out_notebook(handed_out, assignment)).items():
        if name.startswith("test_"):
            with pytest.raises(NotImplementedError, match=STUB):
                execute(cell["text"], names)
        elif cell["cell_type"] == "code" and name != "reward":
            execute(cell["text"], names)


TALKATIVE = """
quiet = content_loss


def content_loss(*arguments):
    print("Some warning.", file=__import__("sys").stderr)
    return quiet(*arguments)
"""
LOUD_AND_CURIOUS = """
import os, sqlite3

print("=" * 3_000_000)
print("neighbors", sorted(os.listdir("../..")), sorted(os.listdir("../../..")))
book = sqlite3.connect("../../../gradebook.db")
book.execute("update grade_cells set max_score = 1000")
book.commit()
"""
ENDLESS = """
def content_loss(features, content_features):
    import time
    while True:
        time.sleep(9)
"""
# The program with all the time in the world for every cell but the one that never ends.
PATIENT = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
import course, grading
of_cell = grading.Bounded._get_timeout
def patient(self, cell):
    endless = any("time.sleep(9)" in each.source for each in self.nb.cells)
    called = cell and grading.id_of(cell) == "test_content_loss"
    return of_cell(self, cell) if endless and called else grading.PATIENCE
grading.Bounded._get_timeout = patient
course.main()
"""


@pytest.mark.slow
def test_nbgrader_grades_a_class(handed_out, tmp_path):
    handed_in = tmp_path / "class"
    for name in ASSIGNMENTS:
        solved = handed_out_notebook(handed_out, name)
        for cell in solved["cells"]:
            if name_of(cell) in TASKS[name]:
                cell["source"] = cells(source(name, SEED))[name_of(cell)]["text"]
            if name_of(cell) == "content_loss":  # what is said in a test costs no points
                cell["source"] += TALKATIVE
            elif name_of(cell) == "answer":
                cell["source"] = "Because of the batch, they say."
        hand_in(handed_in / "ada" / name / f"{name}.ipynb", solved)
    hand_in(
        handed_in / "bea [1]" / "1_losses (1).ipynb", handed_out_notebook(handed_out, "1_losses")
    )
    # Eve's first function never ends, her second is not the class's, and a test is missing.
    eve = read(handed_in / "ada" / "1_losses" / "1_losses.ipynb")
    eve["cells"] = [cell for cell in eve["cells"] if name_of(cell) != "test_gram_matrix"]
    for cell in eve["cells"]:
        if name_of(cell) == "content_loss":
            cell["source"] = ENDLESS
        elif name_of(cell) == "gram_matrix":
            cell["source"] = re.sub(r" / \(.*channels \* height.*\)", "", cell["source"])
        elif name_of(cell) == "style_loss":
            cell["source"] += LOUD_AND_CURIOUS
    hand_in(handed_in / "eve_1_losses.ipynb", eve)
    (handed_in / "dan").mkdir()
    (handed_in / "dan" / "4_wct.ipynb").write_text("not a notebook")

    done = program(tmp_path, "-c", PATIENT, "grade", "class", "out", "--timeout", 5, "--seed", SEED)
    assert done.returncode == 1, done.stderr
    rows = {(row["student"], row["assignment"]): row for row in table(tmp_path / "out/grades.csv")}
    assert len(rows) == len(ASSIGNMENTS) + 3
    for name in ASSIGNMENTS:
        full = rows["ada", name]
        assert (full["points"], full["of"], full["by_hand"]) == ("16", "16", "4"), full
        assert full["missed"] == "" and full["answer"] == "Because of the batch, they say."
    none = rows["bea [1]", "1_losses"]
    assert (none["points"], none["of"]) == ("0", "16") and none["missed"].count(STUB) == 4
    assert rows["dan", "4_wct"]["missed"].startswith("not graded: not a notebook")
    row = rows["eve", "1_losses"]
    assert (row["points"], row["of"]) == ("8", "16")
    first, second = row["missed"].split("\n")
    assert first == "content_loss (4): it ran longer than 5 seconds"
    assert second.startswith("gram_matrix (4): By hand: ")
    assert "imports sqlite3" in row["notes"]
    assert "cell test_gram_matrix was missing and is put back" in row["notes"]
    pages = [
        tmp_path / "out" / folder / "eve" / "1_losses.html" for folder in course.PAGES.values()
    ]
    # Code on a page is colored word by word.
    students, lecturers = (re.sub("<[^>]+>", "", page.read_text("utf-8")) for page in pages)
    assert "symmetric(random" in lecturers and "symmetric(random" not in students
    assert "By hand: " in students and len(lecturers) < 2_000_000
    assert STUB in (tmp_path / "out/feedback/bea [1]/1_losses.html").read_text("utf-8")
    assert "neighbors [" not in lecturers, "What comes after the first megabyte is dropped."
