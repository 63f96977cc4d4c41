"""The command of Gatys' method."""

import math
from typing import Annotated, Literal

from typer import Option

from stylenet import reports
from stylenet.commands import options


def gatys(
    photos: options.Photos,
    style: options.Paintings = None,
    output: options.Output = None,
    steps: options.Steps = 500,
    max_size: options.MaxSize = 512,
    style_size: options.StyleSize = None,
    scales: options.Scales = 1,
    preset: Annotated[options.PRESETS, Option(help="Layers and weights of the losses.")] = "gatys",
    structure: Annotated[
        float | None,
        options.part("Share of the photo's structure to keep, instead of such weights."),
    ] = None,
    share: options.Share = None,
    mask: options.Mask = None,
    start: Annotated[
        str, Option(metavar="PICTURE", help="Where to begin: content, noise, or a picture.")
    ] = "content",
    optimizer: Annotated[Literal["lbfgs", "adam"], Option(help="What moves the pixels.")] = "lbfgs",
    strength: options.Strength = 1.0,
    colors: options.Colors = "style",
    network: options.LossNetwork = None,
    weights: options.LossWeights = "imagenet",
    pooling: Annotated[
        Literal["max", "average"] | None, Option(help="Of the network; the preset's unless given.")
    ] = None,
    content_weight: options.ContentWeight = None,
    style_weight: options.StyleWeight = None,
    tv_weight: options.TvWeight = None,
    statistics: Annotated[
        options.STATISTICS | None,
        Option(help="What style is: Gram matrices, means and covariances, or sorted responses."),
    ] = None,
    suffix: options.Suffix = ".png",
    seed: options.Seed = 0,
    advice: options.Advice = False,
):
    """Draw a photograph in the style of any painting, by optimizing its pixels.

    Minutes a picture; Ctrl-C keeps the best so far, of several photographs those that are done.

    Example: stylenet gatys photo.jpg -s painting.jpg -o out.png
    """
    given = locals()  # all options, by their names
    reports.status(f"reading {photos[0]} ...")
    from stylenet import batch, images
    from stylenet.stylizers import stylizer

    photos, paintings = options.photos_and_paintings(photos, style)
    output = output or options.output_for(photos, paintings, suffix)
    read = (*paintings, *(mask or ()), *([start] if start not in ("content", "noise") else []))
    paths, _ = batch.plan(photos, output, suffix, read)  # before anything slow
    more = options.chosen(num_steps=steps, shares=share, masks=mask, strength=strength)
    chosen = options.alike(given, "gatys") | more
    if advice:
        return options.tell_advice(paths[0], paintings, "gatys", max_size, chosen)
    draw = stylizer(paintings, "gatys", **chosen)
    sizes = [images.picture_size(path, max_size) for path in paths]
    height, width = max(sizes, key=math.prod)
    from stylenet.gatys import memory

    needed = memory(height, width, scales)
    reports.tell(f"{width} x {height} pixels take about {needed:.1f} GB of memory.")
    return batch.draw_files(photos, output, draw, max_size, suffix, read)
