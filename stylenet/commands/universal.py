"""The command of universal style transfer."""

from typing import Annotated, Literal

from typer import Option

from stylenet import reports
from stylenet.commands import options


def universal(
    photos: options.Photos,
    style: options.Paintings = None,
    output: options.Output = None,
    strength: Annotated[
        list[float] | None,
        Option(
            min=0,
            max=1,
            metavar="NUMBER",
            help="To the full style, 1; 0.6 unless given, in one pass 0.5. "
            "One for each level: with commas.",
        ),
    ] = None,
    method: Annotated[
        Literal["levels", "onepass"],
        Option(help="Five levels, or a network that draws any painting in one pass: sooner."),
    ] = "levels",
    levels: Annotated[
        list[int] | None,
        Option(
            metavar="NUMBERS",
            help="Of the encoder, in this order; 5,4,3,2,1 unless given, as far as they ship.",
        ),
    ] = None,
    network: Annotated[
        options.ENCODERS | None,
        Option(help="The encoder; slim, which ships, unless given."),
    ] = None,
    weights: Annotated[
        str | None,
        Option(
            metavar="FILE",
            help="Of the encoder: imagenet (slim's own), or a file; in one pass of the network.",
        ),
    ] = None,
    recipe: Annotated[
        Literal["detail", "li"] | None,
        Option(
            help="detail, unless given: with the photograph's details put back; li: the paper to "
            "the letter."
        ),
    ] = None,
    transform: Annotated[
        Literal["wct", "adain", "transport"] | None,
        Option(
            help="wct, unless given: whitening and coloring; adain: deviations alone; transport: "
            "the style's correlations by the shortest way."
        ),
    ] = None,
    max_size: options.MaxSize = None,
    style_size: options.StyleSize = 512,
    share: options.Share = None,
    mask: options.Mask = None,
    colors: options.Colors = "style",
    suffix: options.Suffix = ".png",
    recursive: options.Recursive = False,
    ray: options.Ray = None,
):
    """Draw photographs in the style of any painting, in seconds, without training for it.

    Example: stylenet universal photo.jpg -s painting.jpg --strength 0.6
    """
    chosen = {"recipe": recipe, "transform": transform}
    given = {"levels": levels, "network": network, "mask": mask, **chosen}
    _check(method, strength, given)
    reports.status(f"reading {photos[0]} ...")
    from stylenet import batch
    from stylenet.stylizers import stylizer

    photos, paintings = options.photos_and_paintings(photos, style)
    output = output or options.output_for(photos, paintings, suffix)
    read = (*paintings, *(mask or ()))
    batch.plan(photos, output, suffix, read, recursive)  # before anything slow
    told = {"style_size": style_size, "shares": share or None, "colors": colors}
    if method == "onepass":
        emphasis = strength[0] if strength else 0.5
        draw = stylizer(paintings, "onepass", emphasis=emphasis, weights=weights, **told)
    else:
        draw = stylizer(
            paintings,
            "universal",
            alpha=_one_or_each(strength or [0.6]),
            levels=levels or None,
            network=network or "slim",
            weights=weights or "imagenet",
            masks=mask or None,
            recipe=recipe or "detail",
            transform=transform or "wct",
            **told,
        )
    return batch.draw_files(photos, output, draw, max_size, suffix, read, recursive, ray)


def _check(method, strength, given):
    """Raises a ValueError for what one pass does not have."""
    if method == "levels":
        return
    names = [f"--{name}" for name, value in given.items() if value]
    names += ["several strengths"] * (len(strength or []) > 1)
    if names:
        raise ValueError(
            f"Expected --method levels with {' and '.join(names)}, since one pass has no levels, "
            "encoders, recipes, transforms or masks to choose."
        )


def _one_or_each(values):
    return values if len(values) > 1 else values[0]
