"""The assignments: right answers get the points, wrong ones and stubs do not."""

import ast
import re

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
import pytest
import variants
from classroom import (
    ASSIGNMENTS,
    SOURCE,
    answers_to,
    cells,
    execute,
    judge,
    run,
    source,
    tasks,
    visible,
)

SEEDS = range(2026, 2036)
matplotlib.use("Agg")  # also where there is a screen


@pytest.fixture(scope="module")
def solved():
    """A function: the names that a solved notebook has."""
    done = {}

    def names(assignment, seed=None):
        if (assignment, seed) not in done:
            done[assignment, seed] = run(source(assignment, seed))
        return done[assignment, seed]

    return names


ANSWERS = {assignment: answers_to(assignment) for assignment in ASSIGNMENTS}


def named_answers():
    """All answers, each with its assignment."""
    for assignment, answers in ANSWERS.items():
        for answer in answers:
            verdict = "wrong" if answer.error else "right"
            name = f"{assignment}-{answer.task}-{verdict}-{answer.function.__name__}"
            yield pytest.param(assignment, answer, id=name)


@pytest.mark.parametrize(("assignment", "answer"), list(named_answers()))
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
    for answer in (answer for answer in ANSWERS[assignment] if answer.error):
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
    right = {answer.task: answer.function for answer in ANSWERS[assignment] if not answer.error}
    names.update(right)
    helpers = {name for name, value in names.items() if callable(value)}
    theirs = {"np", "ops", "random", "sum", "max", "len", "loss", "optimization", *helpers}
    names.update(dict.fromkeys(theirs - {*tasks(source(assignment))}, "mine"))
    for task in tasks(source(assignment)):
        judge(cells(source(assignment))[f"test_{task}"]["text"], task, names[task], names)


@pytest.mark.parametrize("seed", SEEDS[:5])
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_every_variant_is_solved_by_its_solutions(assignment, seed, solved):
    assert solved(assignment, seed).keys() == solved(assignment).keys()


@pytest.mark.seeds
@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_answers_of_the_year_get_what_they_deserve(assignment, seed, solved):
    names, parts = solved(assignment, seed), cells(source(assignment, seed))
    for answer in answers_to(assignment, seed):
        test = parts[f"test_{answer.task}"]["text"]
        try:
            judge(test, answer.task, answer.function, names)
            passed = True
        except Exception:
            passed = False
        assert passed == (answer.error is None), answer.function.__name__


@pytest.mark.parametrize(("last", "this"), [(None, 2026), (2026, 2027)])
@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_last_years_solutions_do_not_pass_whole(assignment, last, this, solved):
    old, names, lost = solved(assignment, last), {**solved(assignment, this)}, []
    for task in tasks(source(assignment)):
        test = cells(source(assignment, this))[f"test_{task}"]["text"]
        try:
            judge(test, task, old[task], names)
        except AssertionError:
            lost.append(task)
    assert lost


@pytest.mark.parametrize("assignment", ASSIGNMENTS)
def test_a_variant_says_its_own_numbers_everywhere(assignment):
    for seed in SEEDS:
        text = "".join(cell["text"] for cell in cells(source(assignment, seed)).values())
        options = variants.drawn(assignment, seed)
        for choice, option in zip(variants.CHOICES[assignment], options, strict=True):
            for place in choice.places:
                assert variants.fill(place, option) in text
        assert variants.given(assignment, seed) != variants.given(assignment, seed - 1)
        assert variants.given(assignment, seed) != variants.given(assignment)
    assert source(assignment, 2026) == source(assignment, 2026)


def test_a_number_that_is_not_in_the_text_is_an_error():
    with pytest.raises(ValueError, match="Expected in 1_losses the text of a place"):
        variants.variant({"cells": []}, "1_losses", 1)


def test_hidden_shapes_grow_and_thin_ones_stay():
    text = "(1, 6, 6, 4) ### BEGIN HIDDEN TESTS (1, 6, 6, 4), (2, 2, 7, 3, 1), (8, 1, 3, 6)"
    found = variants.other_data(f"{text} default_rng(3)", "1_losses", 2026)
    assert found.startswith("(1, 6, 6, 4) #") and "(8, 1, 3, 6) default_rng(20263)" in found
    more = int(re.search(r"TESTS \(1, (\d)", found)[1]) - 6
    assert more in (1, 2) and f"(1, {6 + more}, {6 + more}, 4), (2, 2, {7 + more}," in found


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
    given = ANSWERS[assignment]
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
