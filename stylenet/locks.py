"""One process at an output: a second one is told, and what a killed one left is no obstacle."""

import contextlib
import os
from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None


@contextlib.contextmanager
def locked(path):
    """Keeps an output to this process until the block ends.

        with locked("clip.mp4"):
            ...

    The lock is the operating system's own, on the hidden file `.NAME.lock` beside the output, and
    ends with its process, however that ends: a file left by a killed process is taken over. Where
    the system has no such locks, as on Windows, nothing is locked.

    Args:
        path: of what is going to be written.

    Raises:
        BlockingIOError: another process writes it.
    """
    target = Path(os.path.realpath(path))
    target.parent.mkdir(parents=True, exist_ok=True)
    place = target.with_name(f".{target.name}.lock")
    file = _take(place, path) if fcntl else None
    try:
        yield
    finally:
        if file:
            place.unlink(missing_ok=True)
            file.close()


def _take(place, path):
    """The locked file; opened again if its owner has deleted it meanwhile."""
    while True:
        file = open(place, "a+")  # noqa: SIM115, it stays open as long as the lock is held
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            file.close()
            raise BlockingIOError(
                f"Expected {str(path)!r} to be free, but another process is writing it. Wait for "
                "that one or stop it, or choose another output."
            ) from error
        except OSError:  # a file system without locks
            return file
        if place.exists() and os.path.samestat(os.fstat(file.fileno()), place.stat()):
            return file
        file.close()
