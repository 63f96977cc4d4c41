"""The command that draws photographs in a style."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def stylize(
    photos: Annotated[list[str], Argument(help="Photographs, folders of them, or patterns.")],
    style: Annotated[str, Option("-s", "--style", help="A shipped style or a weights file.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture, or a folder for several.")],
    max_size: Annotated[int | None, Option(min=1, help="Longer side at most, in pixels.")] = None,
    strength: Annotated[float, Option(help="0, the photograph, to 1, the full style.")] = 1.0,
    colors: Annotated[str, Option(help="style, or keep: the photograph's own.")] = "style",
    suffix: Annotated[str, Option(help="Format of the pictures in a folder.")] = ".png",
    recursive: Annotated[
        bool, Option("--recursive", help="Folders inside folders too; results keep them.")
    ] = False,
):
    """Draw photographs in a style.

    Example: stylenet stylize photo.jpg -s wave -o out.png
    """
    from stylenet import batch
    from stylenet.stylizers import stylizer

    batch.plan(photos, output, suffix, recursive=recursive)  # before anything slow
    draw = stylizer(style, strength=strength, colors=colors)
    return batch.draw_files(photos, output, draw, max_size, suffix, recursive=recursive)
