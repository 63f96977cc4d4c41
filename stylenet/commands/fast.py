"""Commands of the feed-forward networks."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option

NAME_WIDTH = 16


def stylize(
    photos: Annotated[list[str], Argument(help="Photographs, folders of them, or patterns.")],
    style: Annotated[str, Option("-s", "--style", help="A shipped style or a weights file.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture, or a folder for several.")],
    max_size: Annotated[int | None, Option(min=1, help="Longer side at most, in pixels.")] = None,
    strength: Annotated[float, Option(help="0, the photograph, to 1, the full style.")] = 1.0,
    colors: Annotated[str, Option(help="style, or keep: the photograph's own.")] = "style",
    suffix: Annotated[str, Option(help="Format of the pictures in a folder.")] = ".png",
):
    """Draw photographs in a style.

    Example: stylenet stylize photo.jpg -s wave -o out.png
    """
    from stylenet import batch

    return batch.stylize_files(photos, style, output, max_size, strength, colors, suffix)


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


def styles():
    """List the shipped styles and how they were trained."""
    from stylenet.weights import styles as shipped

    for name, record in shipped().items():
        print(f"{name:{NAME_WIDTH}}{record['title']}")
        print(f"{'':{NAME_WIDTH}}{record['summary']}")


def convert(
    old: Annotated[Path, Argument(help="A .h5 of Keras 2, or a .npz of the TensorFlow original.")],
    new: Annotated[Path, Argument(help="NAME.weights.h5.")],
):
    """Convert weights that older programs saved for the course's network.

    Example: stylenet convert wave_weights.h5 old_wave.weights.h5
    """
    from stylenet import legacy

    legacy.convert(old, new)
