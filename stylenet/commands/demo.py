"""The command that shows every shipped style."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def demo(
    photos: Annotated[list[Path], Argument(metavar="PHOTO", help="Photographs.")],
    output: Annotated[
        Path, Option("-o", "--output", metavar="FOLDER", help="Where the pictures go.")
    ] = Path("out"),
):
    """Draw photographs in every shipped style, and a contact sheet.

    Example: stylenet demo photo.jpg -o out
    """
    from stylenet import batch

    for path in batch.demo(photos, output):
        print(path)
