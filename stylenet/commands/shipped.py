"""The commands that show what ships: a list of the styles, and a picture in each."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

from stylenet import reports

NAME_WIDTH = 28


def styles():
    """List the shipped styles and how they were trained."""
    from stylenet.catalog import styles as shipped

    for name, record in shipped().items():
        print(f"{name:{NAME_WIDTH}}{record.get('title', '')}")
        print(f"{'':{NAME_WIDTH}}{record.get('summary', '')}")


def demo(
    photos: Annotated[list[Path], Argument(metavar="PHOTO", help="Photographs.")],
    output: Annotated[
        Path, Option("-o", "--output", metavar="FOLDER", help="Where the pictures go.")
    ] = Path("out"),
):
    """Draw photographs in every shipped style, and a contact sheet.

    Example: stylenet demo photo.jpg -o out
    """
    reports.status(f"reading {photos[0]} ...")
    from stylenet import batch

    for path in batch.demo(photos, output):
        print(path)
