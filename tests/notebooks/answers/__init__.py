"""Answers that students give to the assignments, right and wrong, to test the tests with.

Each function stands for one that a student wrote; its name says what is special about it. The
numbers that are others in another year are in `given`: set them, then execute a module of answers.
"""

import functools
from types import SimpleNamespace
from typing import NamedTuple

ANSWERS = []
given = SimpleNamespace(
    content=1,
    gram=1,
    style=1,
    variation=1,
    epsilon=1e-3,
    residual=1,
    mean=(103.939, 116.779, 123.68),
    layers=1,
    betas=(0.9, 0.999),
    adam_epsilon=1e-7,
    learning_rate=10.0,
    ddof=1,
    threshold=1e-5,
    alpha=1.0,
    share=0.01,
    slack=0.5,
    temporal=1,
    region=1,
    outside=True,
    doodle=1,
)
DIVIDED = {  # what a task's result is divided by
    "content_loss": "content",
    "gram_matrix": "gram",
    "style_loss": "style",
    "total_variation_loss": "variation",
    "temporal_loss": "temporal",
    "region_gram": "region",
    "doodle_loss": "doodle",
}


class Answer(NamedTuple):
    """One answer: its task, the function, and how a wrong one fails (None for a right one)."""

    task: str
    function: callable
    error: type[Exception] | None


def right(task):
    """Marks a right answer to a task, written differently from the reference solution."""
    return _marker(task, None)


def wrong(task, error=AssertionError):
    """Marks a typical wrong answer to a task, and how it fails: by a test, or by itself."""
    return _marker(task, error)


def _marker(task, error):
    def mark(function):
        ANSWERS.append(Answer(task, functools.wraps(function)(of_the_year(function, task)), error))
        return function

    return mark


def of_the_year(function, task):
    """The function with the factors that `given` has in its equation."""
    divisor = getattr(given, DIVIDED.get(task, ""), 1)
    factor, layers = given.residual, given.layers
    if divisor != 1:
        return lambda *arguments: function(*arguments) / divisor
    if task == "residual_block" and factor != 1:
        return lambda x, *others: x + factor * (function(x, *others) - x)
    if task == "gatys_loss" and layers != 1:
        return lambda *arguments: function(*arguments[:-1], arguments[-1] / layers)
    return lambda *arguments, **options: function(*arguments, **options)
