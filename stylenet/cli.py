"""The command line: runs a command of `stylenet.commands`, and reports what went wrong.

Little is imported before signals are caught, so that Ctrl-C ends it quietly while the rest loads.
"""

import contextlib
import gc
import os
import signal
import sys
import traceback

FOR_NOTEBOOKS = ("matplotlib", "pandas", "IPython")  # Keras does without
SIGNALS = ("SIGINT", "SIGTERM", "SIGHUP")  # Ctrl-C, `kill`, a closed terminal; Windows lacks one
OBJECTS = 10_000  # new ones between two searches for garbage; an import makes millions, and none
SILENT = {"-q", "--quiet", "-h", "--help"}
INTERRUPTED = 130  # what Typer makes of a KeyboardInterrupt
interrupted = []  # their numbers; libraries turn the exception into others, or swallow it


def main():
    """Runs a command; every error is one line on stderr and exit status 2."""
    try:
        status = _run()
    except BaseException as error:
        status = _ended(error)
    finally:
        _reports().configure()
    sys.exit(status or 0)


def run():
    """The console script: `main`, without what native libraries write to stderr.

    TensorFlow greets before any setting can silence it. Python keeps the real stderr. What Keras
    imports for notebooks alone, where it is installed, is left out, a tenth of the time it takes;
    Ray does not do without. Another tenth are searches for garbage, which are rarer. A signal that
    asks for the end is an exception, so that whatever is open is closed and cleared.
    """
    numbers = [getattr(signal, name) for name in SIGNALS if hasattr(signal, name)]
    for number in numbers:
        signal.signal(number, _interrupt)
    gc.set_threshold(OBJECTS, *gc.get_threshold()[1:])
    if not {"app", "figures"} & set(sys.argv[1:2]) and "--ray" not in " ".join(sys.argv):
        sys.modules.update(dict.fromkeys(FOR_NOTEBOOKS))
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    try:
        main()
    except SystemExit as end:
        if interrupted:  # a library may have told Python to end by the signal instead
            sys.stdout.flush()
            os._exit(end.code)
        raise
    finally:
        for number in numbers:  # while Python ends, it would be a traceback
            signal.signal(number, signal.SIG_DFL)


def _interrupt(number, frame):
    interrupted.append(number)
    raise KeyboardInterrupt


def _run():
    _begin()
    from stylenet.commands.program import app

    empty = [word for word in sys.argv[1:] if not word or (word[:2] == "--" and word[-1] == "=")]
    if empty:
        raise ValueError(f"Expected values that are not empty. Received: {empty[0]!r}.")
    status = app(standalone_mode=False, prog_name="stylenet")
    if status == INTERRUPTED:
        raise KeyboardInterrupt
    return status


def _begin():
    """Says a word before the parser is imported, which takes most of the time to the next one."""
    words = sys.argv[1:]
    if words and words[0][:1] != "-" and not SILENT & set(words):
        _reports().status("starting ...")


def _ended(error):
    """Says on one line why a command ended, and gives the exit status."""
    if interrupted or isinstance(error, KeyboardInterrupt):
        return _fail("interrupted", 128 + (interrupted or [signal.SIGINT])[0])
    if isinstance(error, SystemExit):
        return error.code
    if isinstance(error, BrokenPipeError):  # the reader has closed, as `| head -1` does
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    if hasattr(error, "format_message"):  # the parser's own
        from stylenet.commands.program import misread

        return _fail(misread(error))
    from stylenet.errors import sentence

    told = sentence(error)
    if told is None:
        raise error
    return _fail(told)


def _fail(message, status=2):
    _reports().clear()
    if _reports().verbose():
        traceback.print_exc()
    print(f"stylenet: {' '.join(str(message).split())}", file=sys.stderr)
    return status


def _reports():
    from stylenet import reports

    return reports
