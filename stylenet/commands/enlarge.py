"""The command that makes pictures four times as wide and high."""

from typing import Annotated

from typer import Option

from stylenet import reports
from stylenet.commands import options


def enlarge(
    photos: options.Photos,
    output: options.Output = None,
    trained: Annotated[
        str,
        Option(
            metavar="NETWORK",
            help="perceptual, sharper; pixels, smoother and nearer in grey levels; or a file.",
        ),
    ] = "perceptual",
    max_size: options.MaxSize = None,
    suffix: options.Suffix = ".png",
    recursive: options.Recursive = False,
):
    """Make pictures four times as wide and high, with details that a network learned.

    Example: stylenet enlarge small.jpg -o large.png
    """
    reports.status(f"reading {photos[0]} ...")
    from stylenet import batch
    from stylenet.super_resolution import settings

    output = output or options.output_for(photos, ["enlarged"], suffix)
    settings.find(trained)
    batch.plan(photos, output, suffix, (), recursive)  # before anything slow
    from stylenet.super_resolution import Enlarger

    return batch.draw_files(photos, output, Enlarger(trained), max_size, suffix, (), recursive)
