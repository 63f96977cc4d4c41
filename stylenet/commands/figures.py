"""The command that draws the lectures' figures."""

from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet import reports


def figures(
    names: Annotated[
        list[str] | None, Argument(metavar="FIGURE", help="Names of figures; by default all.")
    ] = None,
    output: Annotated[
        Path | None,
        Option(
            "-o", "--output", metavar="FOLDER", help="Where they go; images/figures unless given."
        ),
    ] = None,
    kind: Annotated[
        Literal["png", "jpg", "svg", "pdf"] | None, Option("--format", help="By default png.")
    ] = None,
):
    """Draw the lectures' figures, each with a caption; print where they are.

    Example: stylenet figures gabor field -o slides --format pdf
    """
    reports.status(f"drawing {' and '.join(names or ['all figures'])} ...")
    from stylenet import figures

    status = 0
    for name, result in figures.draw(names, output, kind):
        if isinstance(result, Exception):
            reports.warn(f"{name} is left out: {' '.join(str(result).split())}")
            status = 1
        else:
            reports.clear()
            print(result)
    return status
