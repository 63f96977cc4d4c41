"""The command line: runs a command of `stylenet.commands`, and reports what went wrong."""

import difflib
import os
import re
import sys
import traceback
from typing import Annotated

import typer
from typer import Option

import stylenet
from stylenet import reports
from stylenet.commands import COMMANDS
from stylenet.commands.parsing import Command, common

FOR_NOTEBOOKS = ("matplotlib", "pandas", "IPython")  # Keras does without
app = typer.Typer(
    help="Neural style transfer: draw a photograph in the manner of a painting.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
)
for command in COMMANDS:
    app.command(cls=Command)(common(command))


def main():
    """Runs a command; every error is one line on stderr and exit status 2."""
    try:
        status = app(standalone_mode=False, prog_name="stylenet")
    except KeyboardInterrupt:
        status = _fail("interrupted", 130)
    except typer.Abort:
        status = _fail("aborted")
    except BrokenPipeError:  # the reader has closed, as `| head -1` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except Exception as error:
        if hasattr(error, "format_message"):  # the parser's own
            status = _fail(_misread(error))
        elif isinstance(error, ValueError | OSError | ImportError | MemoryError):
            status = _fail(_reason(error))
        else:
            raise
    finally:
        reports.configure()
    sys.exit(status or 0)


def run():
    """The console script: `main`, without what native libraries write to stderr.

    TensorFlow greets before any setting can silence it. Python keeps the real stderr. What Keras
    imports for notebooks alone, where it is installed, is left out: a tenth of the time it takes.
    """
    if not {"app", "figures"} & set(sys.argv[1:2]):
        sys.modules.update(dict.fromkeys(FOR_NOTEBOOKS))
    sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    main()


def _fail(message, status=2):
    reports.clear()
    if reports.verbose():
        traceback.print_exc()
    print(f"stylenet: {' '.join(str(message).split())}", file=sys.stderr)
    return status


def _misread(error):
    """What the parser says, without its library's words, and where help is."""
    text = error.format_message().replace("Value error, ", "").replace("Input should", "it should")
    text = re.sub(r"(?<=\w)$", ".", text)
    return f"{text}{_near(error)} Try '{error.ctx.command_path} --help'."


def _near(error):
    """The choice that was meant, perhaps."""
    choices = getattr(getattr(error, "param", None), "type_descriptor", None)
    choices = [str(each) for each in getattr(choices, "choices", None) or ()]
    received = re.search(r"'([^']*)' is not one of", error.format_message())
    near = difflib.get_close_matches(received[1], choices, 1) if received else []
    return f" Did you mean {near[0]!r}?" if near else ""


def _reason(error):
    if isinstance(error, OSError) and error.strerror and error.filename:
        return f"{error.strerror}: {error.filename}"
    return str(error) or type(error).__name__


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, Option("--version", help="Show the version and exit.")] = False,
):
    if version:
        print(f"stylenet {stylenet.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())
