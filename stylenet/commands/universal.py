"""The command of universal style transfer."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def universal(
    photo: Annotated[str, Argument(help="A photograph, a folder of them, or a pattern.")],
    paintings: Annotated[list[Path], Argument(help="One or several styles.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture, or a folder for several.")],
    alpha: Annotated[
        list[float] | None,
        Option(help="0 to 1, the full style; 0.6 unless given. Repeat it for each level."),
    ] = None,
    levels: Annotated[
        str | None, Option(help="In this order; 5,4,3,2,1 unless given, as far as they ship.")
    ] = None,
    network: Annotated[str, Option(help="slim, or vgg19.")] = "slim",
    max_size: Annotated[int | None, Option(min=1, help="Longer side at most, in pixels.")] = None,
    style_size: Annotated[
        int, Option(min=1, help="The styles' longer side: larger, larger strokes.")
    ] = 512,
    share: Annotated[list[float] | None, Option(help="A style's share; repeatable.")] = None,
    mask: Annotated[
        list[Path] | None, Option(help="White where a style applies; a picture for each style.")
    ] = None,
    strength: Annotated[float, Option(help="Fades: 0, the photograph, to 1.")] = 1.0,
    colors: Annotated[str, Option(help="style, match or keep.")] = "style",
    suffix: Annotated[str, Option(help="Format of the pictures in a folder.")] = ".png",
):
    """Draw photographs in the style of any painting, without training for it.

    Example: stylenet universal photo.jpg painting.jpg -o out.png --alpha 0.6
    """
    from stylenet import batch
    from stylenet.stylizers import stylizer

    read = (*paintings, *(mask or ()))
    batch.plan([photo], output, suffix, read)  # before anything slow
    draw = stylizer(
        paintings,
        "universal",
        alpha=_alpha(alpha),
        levels=_levels(levels),
        network=network,
        style_size=style_size,
        shares=share or None,
        masks=mask or None,
        strength=strength,
        colors=colors,
    )
    return batch.draw_files([photo], output, draw, max_size, suffix, read)


def _alpha(values):
    return values if values and len(values) > 1 else (values or [0.6])[0]


def _levels(text):
    if text is None:
        return None
    try:
        return tuple(int(level) for level in text.split(","))
    except ValueError as error:
        raise ValueError(
            f"Expected levels as numbers with commas, for instance 3,2,1. Received: {text!r}."
        ) from error
