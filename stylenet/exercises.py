"""How the assignments in `notebooks/assignments` test what a student wrote.

A notebook has one namespace, and a student may call anything in it `random`, `sum` or `loss`. So a
test runs apart: it sees the names that the notebook had when `remember` was called, and of the
student's names one, the function to be tested.
"""

import contextlib
import functools
from types import FunctionType

import numpy as np

from stylenet.optimization import value_and_gradient

TOOLS, SOLUTIONS = "__tools__", "__solutions__"  # what `remember` keeps, in the notebook's names
ADVICE = {
    "item assignment": "A tensor can't be changed in place: write a = a - b, not a[...] = b.",
    "no attribute": "A tensor has other methods than an array: write ops.reshape(x, ...).",
}


def remember(names, solutions=None):
    """Keeps the names that a notebook has so far, for its tests to use.

    Args:
        names: the notebook's `globals()`.
        solutions: right functions by their names. While one function is tested, these take the
            place of the others, so that a mistake costs points once.
    """
    tools = dict(names)
    for name, value in tools.items():
        if isinstance(value, FunctionType) and value.__globals__ is names:
            tools[name] = _apart(value, tools)
    names[TOOLS] = tools
    names[SOLUTIONS] = {
        name: _apart(function, tools) for name, function in (solutions or {}).items()
    }


def run_test(test):
    """Runs a test at once: a decorator of a function `test_TASK()` that calls `TASK`.

    Args:
        test: the test. It sees the names that `remember` kept and the function TASK, whose
            arguments it finds unchanged.

    Raises:
        NameError: the notebook has no function TASK, or `remember` was not called.
        AssertionError: the function is not right, or changes an array that it is given.
    """
    names, task = test.__globals__, test.__name__.removeprefix("test_")
    if TOOLS not in names:
        raise NameError("Expected the cells at the top to have run. Run all cells from the top.")
    if not callable(names.get(task)):
        raise NameError(
            f"Expected a function {task}. Received: none. Keep its name, and run its cell first."
        )
    function = _watched(names[task], task)
    with _others_solved(names, task):
        _apart(test, {**names[TOOLS], task: function})()


def gradient(loss, image):
    """The gradient of a loss, or in words what stands in its way.

    Args:
        loss: a function, tensor to a scalar.
        image: an array of any shape.

    Returns:
        An array like `image`.

    Raises:
        AssertionError: the loss is a constant, or does with tensors what only arrays can do.
    """
    try:
        return value_and_gradient(lambda tensor: {"loss": loss(tensor)})(image)[1]
    except (AttributeError, TypeError, ValueError) as error:
        said = " ".join(str(error).split())
        advice = [advice for words, advice in ADVICE.items() if words in said]
        raise AssertionError(f"No gradient. {advice[0] if advice else said}") from error


def _apart(function, names):
    """The function, with other global names."""
    made = FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    made.__kwdefaults__ = function.__kwdefaults__
    return made


@contextlib.contextmanager
def _others_solved(names, task):
    solved = {name: value for name, value in names[SOLUTIONS].items() if name != task}
    before = {name: names[name] for name in solved if name in names}
    names.update(solved)
    try:
        yield
    finally:
        for name in solved:
            names.pop(name, None)
        names.update(before)


def _watched(function, task):
    @functools.wraps(function)
    def call(*arguments, **options):
        arrays = list(_arrays([arguments, options]))
        copies = [array.copy() for array in arrays]
        result = function(*arguments, **options)
        if not all(map(np.array_equal, arrays, copies)):
            raise AssertionError(
                f"{task} changes an array that it is given. Write a = a - b, not a -= b; "
                "before you set entries, take a copy."
            )
        return result

    return call


def _arrays(values):
    """The arrays in nested lists, tuples and dicts."""
    if isinstance(values, np.ndarray):
        yield values
    elif isinstance(values, dict):
        yield from _arrays(list(values.values()))
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _arrays(value)
