"""What went wrong, as a sentence: Python, NumPy and TensorFlow have words of their own.

And what Ctrl-C ends: a picture, or several that are drawn one after the other.

try:
    draw()
except Exception as error:
    print(errors.sentence(error))
"""

import contextlib
import contextvars
import errno

from stylenet.memory import OutOfMemory, ended

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)  # no room: on the disk, for this user, in a file


def sentence(error):
    """A line that says what went wrong and what to do about it.

    Args:
        error: an exception.

    Returns:
        A string without line breaks; None for an exception that is a fault of the program, whose
        traceback is worth more.
    """
    if ended(error) and not isinstance(error, OutOfMemory):
        return (
            "Expected more free memory than there is. Choose a smaller size (--max-size) or batch, "
            "or close other programs."
        )
    if not isinstance(error, ValueError | OSError | ImportError | MemoryError):
        return None
    return reason(error)


def reason(error):
    """What an exception says, on one line; its kind if it says nothing."""
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.strerror}: {error.filename}" if error.filename else error.strerror
        if error.errno in FULL and error.filename:
            text = f"Cannot write {str(error.filename)!r}: {error.strerror}."
    else:
        text = str(error)
    return " ".join(text.split()) or type(error).__name__


_row = contextvars.ContextVar("row", default=False)


@contextlib.contextmanager
def in_a_row(several=True):
    """A context, or a decorator: what is drawn inside is one of several, so that Ctrl-C ends all.

    A single picture ends with the best so far; of several, the next would only begin.

    Args:
        several: whether there are several.
    """
    before = _row.set(_row.get() or several)
    try:
        yield
    finally:
        _row.reset(before)


def ends_all():
    """Whether Ctrl-C is for more than the picture that it meets, see `in_a_row`."""
    return _row.get()
