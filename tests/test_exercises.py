import numpy as np
import pytest
from keras import ops

from stylenet.exercises import gradient, remember, run_test

SETUP = """
import numpy as np
from stylenet.exercises import remember, run_test


def doubled(x):
    return np.multiply(x, 2)


solutions = {"double": doubled}
remember(globals(), solutions)
"""
DOUBLE = "def double(x):\n    return x + x\n"
QUADRUPLE = "def quadruple(x):\n    return double(double(x))\n"
TEST_DOUBLE = """
@run_test
def test_double():
    assert np.array_equal(double(np.ones(2)), doubled(np.ones(2))), "Not twice."
"""
TEST_QUADRUPLE = """
@run_test
def test_quadruple():
    assert np.array_equal(quadruple(np.ones(2)), np.full(2, 4)), "Not four times."
"""


def notebook(*cells):
    """The names of a notebook after its cells."""
    names = {"__name__": "__main__"}
    for cell in (SETUP, *cells):
        exec(cell, names)
    return names


def test_a_right_function_passes_and_its_notebook_is_as_before():
    names = notebook(DOUBLE, QUADRUPLE)
    before = dict(names)
    exec(TEST_DOUBLE + TEST_QUADRUPLE, names)
    del names["test_double"], names["test_quadruple"]
    assert names == before


def test_a_wrong_function_fails():
    with pytest.raises(AssertionError, match=r"Not twice\."):
        notebook("def double(x):\n    return x\n", TEST_DOUBLE)


def test_a_test_does_not_see_other_names_of_the_student():
    notebook("import random as np\nsum = len = doubled = 3", DOUBLE, TEST_DOUBLE)


@pytest.mark.parametrize("double", ["def double(x):\n    return 0 * x\n", ""])
def test_other_functions_are_taken_to_be_right(double):
    names = notebook(double, QUADRUPLE, TEST_QUADRUPLE)
    assert ("double" in names) == bool(double)
    assert names.get("double") is not names["doubled"]


def test_a_missing_function_is_named():
    with pytest.raises(NameError, match=r"Expected a function double\. Received: none\."):
        notebook("def dubble(x):\n    return 2 * x\n", TEST_DOUBLE)


def test_a_test_before_the_cells_at_the_top_says_so():
    with pytest.raises(NameError, match="cells at the top"):
        exec(TEST_DOUBLE, {"run_test": run_test, "__name__": "__main__"})


@pytest.mark.parametrize("argument", ["np.ones(2)", "[np.ones(2)]", "{'x': (np.ones(2),)}"])
def test_changing_an_argument_is_refused_in_words(argument):
    function = """
def double(x):
    while not isinstance(x, np.ndarray):
        x = x[0] if not isinstance(x, dict) else x["x"]
    x *= 2
"""
    with pytest.raises(AssertionError, match="changes an array that it is given"):
        notebook(function, f"@run_test\ndef test_double():\n    double({argument})\n")


def test_defaults_and_closures_of_helpers_stay():
    names = notebook()
    exec("def scaled(x, factor=3, *, shift=1):\n    return factor * x + shift\n", names)
    remember(names)
    exec("@run_test\ndef test_double():\n    assert scaled(2) == 7\n", {**names, "double": print})


def test_the_gradient_of_a_square():
    x = np.arange(6, dtype="float32").reshape(1, 2, 3)
    np.testing.assert_allclose(gradient(lambda x: ops.sum(x**2), x), 2 * x)


def set_an_entry(x):
    x[0] = 1
    return ops.sum(x)


@pytest.mark.tensorflow
@pytest.mark.parametrize(
    ("loss", "said"),
    [
        (set_an_entry, "can't be changed in place"),
        (lambda x: ops.sum(x.reshape(-1)), "write ops.reshape"),
        (lambda x: np.mean(x), "what NumPy returns is a constant"),
    ],
)
def test_what_stands_in_the_way_of_a_gradient_is_named(loss, said):
    with pytest.raises(AssertionError, match=said):
        gradient(loss, np.ones((1, 2, 3), "float32"))
