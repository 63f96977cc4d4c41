"""The command of Gatys' method."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


def gatys(
    photo: Annotated[Path, Argument(help="A photograph.")],
    paintings: Annotated[list[Path], Argument(help="One or several styles.")],
    output: Annotated[Path, Option("-o", "--output", help="A picture.")],
    steps: Annotated[int, Option(min=1, help="At each level.")] = 500,
    max_size: Annotated[int, Option(min=16, help="Longer side at most, in pixels.")] = 512,
    style_size: Annotated[
        int | None, Option(min=16, help="The styles' longer side, by default the photograph's.")
    ] = None,
    levels: Annotated[int, Option(min=1, help="Sizes from coarse to fine, doubling.")] = 1,
    preset: Annotated[str, Option(help="Losses: gatys or course.")] = "gatys",
    share: Annotated[list[float] | None, Option(help="A style's share; repeatable.")] = None,
    mask: Annotated[
        list[Path] | None, Option(help="White where a style applies; a picture for each style.")
    ] = None,
    start: Annotated[str, Option(help="content, noise, or a picture.")] = "content",
    optimizer: Annotated[str, Option(help="lbfgs or adam.")] = "lbfgs",
    strength: Annotated[float, Option(help="Fades: 0, the photograph, to 1.")] = 1.0,
    colors: Annotated[str, Option(help="style, match or keep.")] = "style",
    network: Annotated[str | None, Option(help="vgg19, vgg16 or slim.")] = None,
    pooling: Annotated[str | None, Option(help="max or average.")] = None,
    content_weight: Annotated[float | None, Option(min=0.0)] = None,
    style_weight: Annotated[float | None, Option(min=0.0)] = None,
    tv_weight: Annotated[float | None, Option(min=0.0)] = None,
    seed: int = 0,
    vgg_weights: Annotated[str, Option(help="imagenet, or a file.")] = "imagenet",
):
    """Draw a photograph in the style of any painting, by optimizing its pixels.

    Minutes a picture; Ctrl-C keeps the best so far.

    Example: stylenet gatys photo.jpg painting.jpg -o out.png
    """
    from stylenet import batch, images
    from stylenet.stylizers import stylizer

    read = (*paintings, *(mask or ()), *([start] if start not in ("content", "noise") else []))
    batch.plan([photo], output, inputs=read)  # before anything slow
    height, width = images.picture_size(photo, max_size)
    draw = stylizer(
        paintings,
        "gatys",
        num_steps=steps,
        preset=preset,
        shares=share or None,
        masks=mask or None,
        start=start,
        optimizer=optimizer,
        scales=levels,
        style_size=style_size,
        network=network,
        pooling=pooling,
        content_weight=content_weight,
        style_weight=style_weight,
        tv_weight=tv_weight,
        weights=vgg_weights,
        seed=seed,
        strength=strength,
        colors=colors,
    )
    from stylenet.gatys import memory

    needed = memory(height, width, levels)
    print(f"{width} x {height} pixels take about {needed:.1f} GB of memory.")
    return batch.draw_files([photo], output, draw, max_size, inputs=read)
