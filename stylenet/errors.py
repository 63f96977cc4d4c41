"""What went wrong, as a sentence: Python, NumPy and TensorFlow have words of their own.

try:
    draw()
except Exception as error:
    print(errors.sentence(error))
"""

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
