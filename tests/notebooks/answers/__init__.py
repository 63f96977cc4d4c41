"""Answers that students give to the assignments, right and wrong, to test the tests with.

Each function stands for one that a student wrote; its name says what is special about it.
"""

from typing import NamedTuple

ANSWERS = []


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
        ANSWERS.append(Answer(task, function, error))
        return function

    return mark
