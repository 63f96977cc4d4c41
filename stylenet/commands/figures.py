"""The command that draws the lectures' figures."""

import sys
from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def figures(
    names: Annotated[list[str] | None, Argument(help="Of figures; by default all.")] = None,
    output: Annotated[
        Path | None, Option("-o", "--output", help="A folder, by default images/figures.")
    ] = None,
):
    """Draw the lectures' figures, each with a caption; print where they are.

    Example: stylenet figures gabor field -o slides
    """
    from stylenet import figures

    status = 0
    for name, result in figures.draw(names, output):
        if isinstance(result, Exception):
            print(f"stylenet: {name} is left out: {' '.join(str(result).split())}", file=sys.stderr)
            status = 1
        else:
            print(result)
    return status
