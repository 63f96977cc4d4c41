"""The command that draws photographs in a style."""

from typing import Annotated

from stylenet import reports
from stylenet.commands import options


def stylize(
    photos: options.Photos,
    style: options.Style,
    output: options.Output = None,
    max_size: options.MaxSize = None,
    strength: Annotated[
        float | None,
        options.part(
            "From the photograph, 0, to the full style, 1. Of a style that shares a network, "
            "and of a painting, 0.5 unless given, and 0 is a little of it."
        ),
    ] = None,
    stroke: options.Stroke = None,
    share: options.Share = None,
    colors: options.Colors = "style",
    suffix: options.Suffix = ".png",
    recursive: options.Recursive = False,
    ray: options.Ray = None,
):
    """Draw photographs in a style: of a trained network, or of any painting.

    Example: stylenet stylize photo.jpg -s wave -o out.png
    """
    reports.status(f"reading {photos[0]} ...")
    from stylenet import batch
    from stylenet.stylizers import stylizer

    output = output or options.output_for(photos, style, suffix)
    paintings = options.paintings_of(style)
    chosen = None if paintings else options.blend(style, share)
    batch.plan(photos, output, suffix, paintings, recursive)  # before anything slow
    if paintings:
        if stroke is not None:
            raise ValueError("Expected a shipped style for --stroke. Received paintings.")
        emphasis = 0.5 if strength is None else strength
        draw = stylizer(paintings, "onepass", emphasis=emphasis, colors=colors, shares=share)
    else:
        draw = stylizer(chosen, strength=strength, colors=colors, stroke=stroke)
    return batch.draw_files(photos, output, draw, max_size, suffix, paintings, recursive, ray)
