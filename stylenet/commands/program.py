"""All commands as one program, which parses the command line, and what it says of misreadings."""

import difflib
import re
from typing import Annotated

import typer
from typer import Option

import stylenet
from stylenet.commands import COMMANDS
from stylenet.commands.parsing import Command, Program, common

app = typer.Typer(
    cls=Program,
    help="Neural style transfer: draw a photograph in the manner of a painting.",
    context_settings={"help_option_names": ["-h", "--help"]},
    no_args_is_help=False,
)
for command in COMMANDS:
    app.command(cls=Command)(common(command))


@app.callback(invoke_without_command=True)
def _options(
    context: typer.Context,
    version: Annotated[bool, Option("--version", help="Show the version and exit.")] = False,
):
    if version:
        print(f"stylenet {stylenet.__version__}")
    elif context.invoked_subcommand is None:
        print(context.get_help())


def misread(error):
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
