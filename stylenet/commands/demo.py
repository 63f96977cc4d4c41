"""The command that shows every shipped style."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def demo(
    photo: Annotated[Path, Argument(help="A photograph.")],
    output: Annotated[Path, Option("-o", "--output", help="A folder.")] = Path("out"),
):
    """Draw one photograph in every shipped style, and a contact sheet.

    Example: stylenet demo photo.jpg -o out
    """
    from stylenet import batch

    for path in batch.demo(photo, output):
        print(path)
