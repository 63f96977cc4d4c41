"""How every command reads its line: old names, lists with commas, `--quiet` and `--verbose`.

Typer reads the rest from a command's signature.
"""

import functools
import inspect
import os
import sys
from pathlib import Path
from typing import Annotated

from typer import Option
from typer.core import TyperCommand, TyperGroup

from stylenet import reports

# What options were called before; in a command that has the name still, it is that one.
RENAMED = {
    "--alpha": "--strength",
    "--vgg-weights": "--weights",
    "--encoder-weights": "--weights",
    "--loss-network": "--network",
    "--levels": "--scales",
}
Quiet = Annotated[bool, Option("--quiet", "-q", help="Tell errors alone.")]
Verbose = Annotated[
    bool, Option("--verbose", "-v", help="Tell what libraries say, and where an error arose.")
]


class Typeless:
    """Arguments and flags whose help shows no type: their names say it."""

    def get_params(self, ctx):
        """All that the command takes, `--help` included."""
        found = super().get_params(ctx)
        for each in found:
            if each.param_type_name == "argument" or each.is_flag:
                each.display_type_rich = lambda ctx: ""
        return found


class Program(Typeless, TyperGroup):
    """All commands together."""


class Command(Typeless, TyperCommand):
    """A command as all of stylenet's are."""

    def parse_args(self, ctx, args):
        """Reads the words that follow the command's name."""
        words = [part for word in args for part in _apart(word)]
        return super().parse_args(ctx, self._listed(self._renamed(words)))

    def _renamed(self, words):
        """Old names become new ones, with a note."""
        known = {name for parameter in self.params for name in parameter.opts}
        for place, word in enumerate(words):
            new = RENAMED.get(word)
            if new in known and word not in known:
                reports.warn(f"note: {word} is now called {new}.")
                words[place] = new
        return words

    def _listed(self, words):
        """`--share 2,1` becomes `--share 2 --share 1`, unless there is a file of that name."""
        several = {
            name
            for each in self.params
            if each.param_type_name == "option" and each.multiple
            for name in each.opts
        }
        found = []
        for before, word in zip(["", *words], words, strict=False):
            parts = word.split(",") if before in several and not Path(word).exists() else [word]
            found += [parts[0], *(each for part in parts[1:] for each in (before, part))]
        return found


def common(function):
    """A command that knows `--quiet` and `--verbose` as well."""

    @functools.wraps(function)
    def command(*arguments, quiet=False, verbose=False, **options):
        if verbose:
            show_everything()
        reports.configure(quiet, verbose)
        return function(*arguments, **options)

    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=False, annotation=kind)
        for name, kind in (("quiet", Quiet), ("verbose", Verbose))
    ]
    signature = inspect.signature(function)
    command.__signature__ = signature.replace(parameters=[*signature.parameters.values(), *more])
    command.__annotations__ = {**function.__annotations__, "quiet": Quiet, "verbose": Verbose}
    return command


def show_everything():
    """Lets native libraries write to the standard error stream again."""
    os.environ["TF_CPP_MIN_LOG_LEVEL"] = "0"
    if sys.stderr.fileno() != 2:
        os.dup2(sys.stderr.fileno(), 2)


def _apart(word):
    """`--share=2` as two words."""
    name, equals, value = word.partition("=")
    return [name, value] if equals and name.startswith("--") else [word]
