"""The command that gives a garment another pattern."""

import time
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet import reports
from stylenet.commands import options


def restyle(
    photo: Annotated[Path, Argument(metavar="PHOTO", help="A photograph.")],
    pattern: Annotated[Path, Argument(metavar="PATTERN", help="A picture of the pattern.")],
    output: options.Output = None,
    mask: Annotated[
        Path | None, Option(metavar="PICTURE", help="White on the garment, black elsewhere.")
    ] = None,
    box: Annotated[
        list[int] | None,
        Option(
            metavar="X,Y,WIDTH,HEIGHT",
            help="Around the garment, in pixels, instead of a mask; what was found is written "
            "beside the result, OUT_mask.png. It needs OpenCV.",
        ),
    ] = None,
    pattern_size: Annotated[
        int | None,
        Option(
            min=1,
            metavar="PIXELS",
            help="Of the pattern's longer side on the photograph; half of the garment's unless "
            "given.",
        ),
    ] = None,
    strength: Annotated[
        float,
        Option(
            min=0,
            max=1,
            metavar="NUMBER",
            help="From the pattern as it is, 0, to drawn in full, 1.",
        ),
    ] = 0.6,
    network: Annotated[Literal["slim", "vgg19"], Option(help="The encoder; slim ships.")] = "slim",
):
    """Give a garment on a photograph another pattern, in seconds; its folds stay.

    Example: stylenet restyle photo.jpg pattern.jpg --box 20,200,350,300 -o out.png
    """
    reports.status(f"reading {photo} ...")
    from stylenet import batch, images

    output = output or options.output_for([photo], [pattern])
    read = [pattern, mask] if mask else [pattern]
    [photo], [output] = batch.plan([photo], output, inputs=read)  # before anything slow
    beside = output.with_name(f"{output.stem}_mask.png")
    if box:
        batch.plan([photo], beside, inputs=read)
    start, content, found = time.monotonic(), images.load_image(photo), images.load_image(pattern)
    from stylenet.extensions import clothes

    inside = mask
    if box and not mask:
        inside = clothes.garment(content, box)
    told = {"pattern_size": pattern_size, "strength": strength, "network": network}
    box = box if mask else None  # both are an error
    result = clothes.restyle(content, found, mask=inside, box=box, **told)
    images.save_image(output, result)
    if inside is not mask:
        images.save_image(beside, 255.0 * inside[..., None].repeat(3, axis=2))
    reports.tell(f"Wrote {output} after {time.monotonic() - start:.1f} s.")
