"""What is told while something long goes on: lines, and bars; in a terminal, elsewhere, or not.

What is done and what was written goes to the standard output; bars, notes and errors go to the
standard error stream. A bar is tqdm's in a terminal and in a notebook; elsewhere it is a plain line
every few seconds.
"""

import functools
import sys
import time

SECONDS = 10.0  # between two plain lines
LINE = "{desc}{n_fmt} of {total_fmt} after {elapsed}, {remaining} left{postfix}"
CLEAR = "\r\x1b[K"
_state = {"quiet": False, "verbose": False, "shown": False}


def configure(quiet=False, verbose=False):
    """How much is told from now on.

    Args:
        quiet: errors alone.
        verbose: where an error arose as well.
    """
    clear()
    _state.update(quiet=quiet, verbose=verbose)


def verbose():
    """Whether an error is told with the way to it."""
    return _state["verbose"]


def status(text):
    """Shows in a terminal what is being done, until something else is told; elsewhere nothing."""
    if not _state["quiet"] and _terminal():
        sys.stderr.write(f"{CLEAR}{text}")
        sys.stderr.flush()
        _state["shown"] = True


def clear():
    """Takes away what `status` shows."""
    if _state["shown"]:
        sys.stderr.write(CLEAR)
        _state["shown"] = False


def tell(text):
    """What is being done, or was: a line."""
    clear()
    if not _state["quiet"]:
        print(text, flush=True)


def warn(text):
    """What did not go as expected, though all goes on: a line, above the bars if there are any."""
    clear()
    if "tqdm" in sys.modules:
        sys.modules["tqdm"].tqdm.write(f"stylenet: {text}", file=sys.stderr)
    else:
        print(f"stylenet: {text}", file=sys.stderr, flush=True)


def progress_bar(iterable=None, *, disable=False, **options):
    """Tqdm's bar, see https://tqdm.github.io; `disable` hides it.

    Example:
        >>> with progress_bar(total=2, unit="step", disable=True) as shown:
        ...     shown.update()
    """
    clear()
    hidden = disable or _state["quiet"]
    if hidden or _terminal() or _notebook():
        from tqdm.auto import tqdm

        return tqdm(iterable, disable=hidden, **options)
    return _lines()(iterable, bar_format=LINE, **options)


@functools.cache
def _lines():
    """Tqdm's bar as plain lines, the first after a while; a class made late, as is its import."""
    from tqdm import tqdm

    class Lines(tqdm):
        monitor_interval = 0

        def __init__(self, *arguments, **options):
            self.told = time.monotonic()
            super().__init__(*arguments, **options)

        def display(self, msg=None, pos=None):
            if time.monotonic() - self.told >= SECONDS:
                self.told = time.monotonic()
                print(self, file=sys.stderr, flush=True)

        def close(self):
            self.disable = True

    return Lines


def _terminal():
    return sys.stderr.isatty()


def _notebook():
    """Whether this is a notebook's kernel; that its package has been imported does not tell."""
    ipython = sys.modules.get("IPython")
    return hasattr(ipython and ipython.get_ipython(), "kernel")
