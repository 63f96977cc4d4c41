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
        options.part(
            "To the full style, 1; 0.6 unless given, in one pass 0.5. "
            "One for each level: with commas."
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
        options.ENCODERS | None, Option(help="The encoder; slim, which ships, unless given.")
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
    advice: options.Advice = False,
):
    """Draw photographs in the style of any painting, in seconds, without training for it.

    Example: stylenet universal photo.jpg -s painting.jpg --strength 0.6
    """
    given = locals()  # all options, by their names
    _check(given)
    reports.status(f"reading {photos[0]} ...")
    from stylenet import batch
    from stylenet.stylizers import stylizer

    photos, paintings = options.photos_and_paintings(photos, style)
    output = output or options.output_for(photos, paintings, suffix)
    read = (*paintings, *(mask or ()))
    paths, _ = batch.plan(photos, output, suffix, read, recursive)  # before anything slow
    method, chosen = _method(given)
    if advice:
        return options.tell_advice(paths[0], paintings, method, max_size, chosen)
    draw = stylizer(paintings, method, **chosen)
    return batch.draw_files(photos, output, draw, max_size, suffix, read, recursive, ray)


def _check(given):
    """Raises a ValueError for what one pass does not have."""
    if given["method"] == "levels":
        return
    of_levels = ("levels", "network", "mask", "recipe", "transform")
    names = [f"--{name}" for name in of_levels if given[name]]
    names += ["several strengths"] * (len(given["strength"] or []) > 1)
    if names:
        raise ValueError(
            f"Expected --method levels with {' and '.join(names)}, since one pass has no levels, "
            "encoders, recipes, transforms or masks to choose."
        )


def _method(given):
    """What draws, through an encoder's levels or in one pass, and with which options."""
    of_levels = given["method"] == "levels"
    method, name = ("universal", "alpha") if of_levels else ("onepass", "emphasis")
    more = options.chosen(shares=given["share"], masks=given["mask"])
    if strength := given["strength"]:
        more[name] = strength if len(strength) > 1 else strength[0]
    return method, options.alike(given, method) | more
