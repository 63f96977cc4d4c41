"""The assignments: right answers get the points, wrong ones and stubs do not."""

import ast
import csv
import importlib
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
from answers import ANSWERS
from classroom import (
    ASSIGNMENTS,
    PROJECT,
    SOURCE,
    STUB,
    cells,
    execute,
    judge,
    name_of,
    read,
    run,
    source,
    tasks,
    visible,
)

STUBS = ("1_losses", "2_network")  # that nbgrader grades too; the others only fail here


@pytest.fixture(scope="module")
def solved():
    """A function: the names that a solved notebook has."""
    matplotlib.use("Agg")
    done = {}

    def names(assignment):
        if assignment not in done:
            done[assignment] = run(source(assignment))
        return done[assignment]

    return names


def answers():
    """All answers, each with its assignment."""
    found = []
    for assignment, (module, _) in ASSIGNMENTS.items():
        importlib.import_module(f"answers.{module}")
        for answer in ANSWERS:
            if answer.function.__module__ == f"answers.{module}":
                verdict = "wrong" if answer.error else "right"
                name = f"{assignment}-{answer.task}-{verdict}-{answer.function.__name__}"
                found.append(pytest.param(assignment, answer, id=name))
    return found


@pytest.mark.parametrize(("assignment", "answer"), answers())
def test_an_answer_gets_what_it_deserves(assignment, answer, solved):
    test = cells(source(assignment))[f"test_{answer.task}"]["text"]
    if answer.error is None:
        judge(test, answer.task, answer.function, solved(assignment))
    else:
        with pytest.raises(answer.error, match=r"\w"):
            judge(test, answer.task, answer.function, solved(assignment))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_visible_tests_catch_most_wrong_answers(assignment, solved):
    parts, caught = cells(source(assignment)), []
    wrong = [one.values[1] for one in answers() if one.values[0] == assignment]
    for answer in (answer for answer in wrong if answer.error):
        test = visible(parts[f"test_{answer.task}"]["text"])
        try:
            judge(test, answer.task, answer.function, solved(assignment))
            caught.append(False)
        except Exception:
            caught.append(True)
    assert np.mean(caught) > 0.6


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_solved_notebook_passes_all_that_students_see(assignment):
    run(source(assignment), lambda name, text: visible(text))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_what_students_call_their_variables_does_not_matter(assignment, solved):
    names = {**solved(assignment)}
    right = [one.values[1] for one in answers() if one.values[0] == assignment]
    names.update({answer.task: answer.function for answer in right if answer.error is None})
    helpers = {name for name, value in names.items() if callable(value)}
    theirs = {"np", "ops", "random", "sum", "max", "len", "loss", "optimization", *helpers}
    names.update(dict.fromkeys(theirs - {*tasks(source(assignment))}, "mine"))
    for task in tasks(source(assignment)):
        judge(cells(source(assignment))[f"test_{task}"]["text"], task, names[task], names)


def missing(names, task):
    del names[task]


def stub(names, task):
    def function(*arguments, **options):
        raise NotImplementedError

    names[task] = function


def nonsense(names, task):
    names[task] = lambda *arguments, **options: None


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
@pytest.mark.parametrize("spoil", [missing, stub, nonsense])
def test_a_mistake_costs_its_own_points_alone(assignment, spoil, solved):
    notebook, names = source(assignment), solved(assignment)
    for task in tasks(notebook):
        before = names[task]
        spoil(names, task)
        lost = []
        for name in tasks(notebook):
            try:
                execute(cells(notebook)[f"test_{name}"]["text"], names)
            except Exception:
                lost.append(name)
        names[task] = before
        assert lost == [task]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_function_has_enough_answers(assignment):
    given = [param.values[1] for param in answers() if param.values[0] == assignment]
    for task in tasks(source(assignment)):
        right = [answer for answer in given if answer.task == task and answer.error is None]
        wrong = [answer for answer in given if answer.task == task and answer.error]
        assert len(right) >= 5 and len(wrong) >= 8, task
    assert {answer.task for answer in given} == set(tasks(source(assignment)))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_function_that_returns_nothing_gets_no_points(assignment, solved):
    for task in tasks(source(assignment)):
        test = cells(source(assignment))[f"test_{task}"]["text"]
        with pytest.raises((AssertionError, TypeError, ValueError, AttributeError, IndexError)):
            judge(test, task, lambda *arguments, **options: None, solved(assignment))


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_an_assignment_has_all_its_parts(assignment):
    parts = cells(source(assignment))
    assert len(parts["theory"]["text"].split()) > 150
    assert {"title", "setup", "parameters", "reward", "question", "answer", "remember"} <= {*parts}
    for name in tasks(source(assignment)):
        tests = parts[f"test_{name}"]["text"]
        visible = re.sub(r"(?s)### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", "", tests)
        assert re.search(r"\bassert", visible) and "### BEGIN HIDDEN TESTS" in tests
        assert '"""' in parts[name]["text"] and "### BEGIN SOLUTION" in parts[name]["text"]
    points = [cell["metadata"].get("nbgrader", {}).get("points", 0) for cell in parts.values()]
    assert sum(points) == 20 and parts["answer"]["metadata"]["nbgrader"]["points"] == 4
    texts = "".join(cell["text"] for cell in parts.values())
    headings = [int(number) for number in re.findall(r"\((\d) points\)", texts)]
    assert sum(headings) == 20, "The headings name the points of their tasks."


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_check_says_something(assignment):
    for name, cell in cells(source(assignment)).items():
        for node in ast.walk(ast.parse(cell["text"])) if name.startswith("test_") else ():
            if isinstance(node, ast.Assert):
                assert node.msg is not None, ast.unparse(node)
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("assert_allclose"):
                assert "err_msg" in {word.arg for word in node.keywords}, ast.unparse(node)


def assigned(tree):
    """The names that a cell gives values to, its functions' own aside."""
    inner = ast.FunctionDef | ast.Lambda | ast.ListComp | ast.GeneratorExp | ast.DictComp
    names, nodes = set(), [tree]
    while nodes:
        node = nodes.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        nodes += [child for child in ast.iter_child_nodes(node) if not isinstance(child, inner)]
    return names


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_no_cell_overwrites_a_parameter(assignment):
    """In a solved notebook the hidden tests run too, before the last cell draws."""
    parts = cells(source(assignment))
    parameters = assigned(ast.parse(parts.pop("parameters")["text"]))
    assert parameters
    for cell in parts.values():
        if cell["cell_type"] == "code":
            assert not parameters & assigned(ast.parse(cell["text"])), cell["text"]


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_the_last_cell_draws_with_the_students_functions(assignment, monkeypatch):
    monkeypatch.chdir(SOURCE / assignment)
    monkeypatch.setattr(plt, "show", lambda: None)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    names, called = {"__name__": assignment}, set()
    for name, cell in cells(source(assignment)).items():
        if cell["cell_type"] == "code" and not name.startswith("test_"):
            names.update(ASSIGNMENTS[assignment][1] if name == "reward" else {})
            execute(cell["text"], names)
        if name in tasks(source(assignment)):
            names[name] = watched(names[name], name, called)
    shown = [axis.images[0].get_array() for axis in plt.gcf().axes if axis.images]
    plt.close("all")
    assert len(shown) >= 2 and all(np.std(picture) > 0.01 for picture in shown)
    assert not np.array_equal(shown[0], shown[-1])
    assert len(called) >= 3, f"Of the student's functions only {called} help to draw."


def watched(function, name, called):
    def run(*arguments, **options):
        called.add(name)
        return function(*arguments, **options)

    return run


TALKATIVE = """
quiet = content_loss


def content_loss(*arguments):
    print("Some warning.", file=__import__("sys").stderr)
    return quiet(*arguments)
"""


def course(folder, *arguments):
    """Runs the program of `make assignments` and `make grade` in a folder."""
    program = str(PROJECT / "notebooks" / "assignments" / "course.py")
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    command = [sys.executable, program, *map(str, arguments)]
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=1800
    )


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    """The folder that `course.py release` fills."""
    folder = tmp_path_factory.mktemp("release")
    done = course(folder, "release", "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(Path("out") / "assignments.zip")
    return folder / "out"


@pytest.mark.slow
def test_the_archive_has_what_a_student_needs_and_no_solutions(released):
    with zipfile.ZipFile(released / "assignments.zip") as archive:
        texts = {name: archive.read(name) for name in archive.namelist() if name[-1] != "/"}
    notebooks = {f"assignments/{name}/{name}.ipynb" for name in ASSIGNMENTS}
    assert {name for name in texts if name.endswith(".ipynb")} == notebooks
    assert "assignments/README.md" in texts and len(texts) == len(notebooks) + 7
    for path in released.glob("assignments/**/*.*"):
        assert path.read_bytes() == texts[str(path.relative_to(released))]
    for name in ASSIGNMENTS:
        text = texts[f"assignments/{name}/{name}.ipynb"].decode("utf-8")
        assert not re.search("SOLUTION|HIDDEN|def right_", text)
        for task in [*tasks(source(name)), "answer"]:
            solution = re.search(
                r"(?s)### BEGIN SOLUTION\n(.*?)### END SOLUTION", cells(source(name))[task]["text"]
            )
            longest = max(solution[1].splitlines(), key=len).strip()
            assert json.dumps(longest)[1:-1] not in text
        for test in re.findall(
            r"(?s)### BEGIN HIDDEN TESTS\n(.*?)### END HIDDEN",
            "".join(cell["text"] for cell in cells(source(name)).values()),
        ):
            assert test not in text


@pytest.mark.slow
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_released_stub_fails_every_test_and_says_why(assignment, released):
    names = {"__name__": assignment}
    for name, cell in cells(
        read(released / "assignments" / assignment / f"{assignment}.ipynb")
    ).items():
        if name.startswith("test_"):
            with pytest.raises(NotImplementedError, match=STUB):
                execute(cell["text"], names)
        elif cell["cell_type"] == "code" and name != "reward":
            execute(cell["text"], names)


@pytest.mark.slow
def test_nbgrader_grades_submissions(released, tmp_path):
    handed_in = tmp_path / "submissions"
    for name in ASSIGNMENTS:
        notebook = json.loads((released / "assignments" / name / f"{name}.ipynb").read_text())
        if name in STUBS:
            hand_in(notebook, handed_in / "bea" / f"{name}.ipynb")
        for cell in notebook["cells"]:
            grade_id = name_of(cell)
            if grade_id in tasks(source(name)):
                cell["source"] = cells(source(name))[grade_id]["text"]
                if grade_id == "content_loss":  # what is said in a test costs no points
                    cell["source"] += TALKATIVE
            elif grade_id == "answer":
                cell["source"] = "Because of the batch, they say."
        hand_in(notebook, handed_in / "ada" / name / f"{name}.ipynb")
    # Cleo's Gram matrix lacks its divisor, and she deletes the tests that say so; Eve leaves them.
    notebook = json.loads((handed_in / "ada" / "1_losses" / "1_losses.ipynb").read_text())
    for cell in list(notebook["cells"]):
        if name_of(cell) == "gram_matrix":
            cell["source"] = cell["source"].replace(" / (channels * height * width)", "")
    hand_in(notebook, handed_in / "eve" / "1_losses.ipynb")
    notebook["cells"] = [cell for cell in notebook["cells"] if name_of(cell) != "test_gram_matrix"]
    hand_in(notebook, handed_in / "cleo" / "1_losses.ipynb")
    (handed_in / "dan").mkdir()
    (handed_in / "dan" / "4_wct.ipynb").write_text("not a notebook")

    done = course(tmp_path, "grade", "submissions", "out", "--timeout", 900)
    assert done.returncode == 1, done.stderr
    with (tmp_path / "out" / "grades.csv").open(newline="", encoding="utf-8") as file:
        rows = {(row["student"], row["assignment"]): row for row in csv.DictReader(file)}
    assert len(rows) == 10
    for name in ASSIGNMENTS:
        full = rows["ada", name]
        assert (full["points"], full["of"], full["by_hand"]) == ("16", "16", "4"), full
        assert full["missed"] == "" and full["answer"] == "Because of the batch, they say."
    for name in STUBS:
        none = rows["bea", name]
        assert (none["points"], none["of"]) == ("0", "16")
        assert none["missed"].count(STUB) == len(tasks(source(name)))
    cheat = rows["cleo", "1_losses"]
    assert cheat["points"] == "12"
    assert cheat["missed"] == "gram_matrix (4): its cell of tests is missing"
    assert rows["eve", "1_losses"]["points"] == "12"
    assert rows["eve", "1_losses"]["missed"].startswith("gram_matrix (4): By hand: ")
    assert rows["dan", "4_wct"]["points"] == ""
    assert rows["dan", "4_wct"]["missed"].startswith("not graded: ")
    page = tmp_path / "out" / "feedback" / "bea" / "1_losses" / "1_losses.html"
    assert STUB in page.read_text("utf-8")
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["feedback", "grades.csv"]


def hand_in(notebook, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(notebook))


@pytest.mark.slow
def test_a_folder_without_submissions_is_refused_in_one_line(tmp_path):
    done = course(tmp_path, "grade", tmp_path, "out")
    assert done.returncode == 2 and done.stderr.count("\n") == 1
    assert "expected STUDENT/ with one of 1_losses.ipynb" in done.stderr
    assert not (tmp_path / "out").exists()
