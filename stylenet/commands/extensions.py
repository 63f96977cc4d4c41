"""The commands of what else style transfer can do: doodles, clothes, sound."""

import time
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet import reports
from stylenet.commands import options


def doodle(
    picture: Annotated[
        Path, Argument(metavar="DOODLE", help="A picture of a few flat colors, one a region.")
    ],
    painting: Annotated[
        Path, Argument(metavar="PAINTING", help="What the doodle is to be painted like.")
    ],
    output: options.Output = None,
    regions: Annotated[
        Path | None,
        Option(
            "--map",
            metavar="PICTURE",
            help="The painting's regions in the doodle's colors; found by color unless given, and "
            "written beside the result, OUT_map.png.",
        ),
    ] = None,
    method: Annotated[
        Literal["gatys", "universal"],
        Option(help="By optimizing pixels, in minutes; or by whitening and coloring, in seconds."),
    ] = "gatys",
    steps: options.Steps = 60,
    scales: options.Scales = 3,
    max_size: Annotated[
        int, Option(min=32, metavar="PIXELS", help="Of the doodle's longer side, at most.")
    ] = 512,
    style_size: options.StyleSize = None,
    network: Annotated[options.NETWORKS, Option(help="The loss network; slim ships.")] = "slim",
    weights: options.LossWeights = "imagenet",
    seed: options.Seed = 0,
):
    """Make a painting of a doodle: each of its colors becomes a region of a painting.

    Ctrl-C keeps the best so far.

    Example: stylenet doodle doodle.png painting.jpg --map map.png -o out.png
    """
    reports.status(f"reading {picture} ...")
    from stylenet import batch, images

    output = output or options.output_for([picture], [painting])
    read = [painting, regions] if regions else [painting]
    [picture], [output] = batch.plan([picture], output, inputs=read)  # before anything slow
    beside = output.with_name(f"{output.stem}_map.png")
    if not regions:
        batch.plan([picture], beside, inputs=read)
    start, drawn = time.monotonic(), images.load_image(picture, max_size)
    seen = [images.load_image(path) for path in read]
    batch.announce(_size(drawn), f"{painting.name}, by {method}")
    from stylenet.extensions import doodle

    result = doodle.paint(
        drawn,
        *seen,
        method=method,
        network=network,
        weights=weights,
        style_size=style_size,
        scales=scales,
        num_steps=steps,
        seed=seed,
    )
    images.save_image(output, result.image)
    if not regions:
        images.save_image(beside, result.map)
    reports.tell(f"Wrote {output} after {time.monotonic() - start:.1f} s.")


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
        float, options.part("From the pattern as it is, 0, to drawn in full, 1.")
    ] = 0.6,
    network: Annotated[options.ENCODERS, Option(help="The encoder; slim ships.")] = "slim",
):
    """Give a garment on a photograph another pattern, in seconds; its folds stay.

    Example: stylenet restyle photo.jpg pattern.jpg --box 20,200,350,300 -o out.png
    """
    reports.status(f"reading {photo} ...")
    from stylenet import batch, extras, images

    output = output or options.output_for([photo], [pattern])
    read = [pattern, mask] if mask else [pattern]
    [photo], [output] = batch.plan([photo], output, inputs=read)  # before anything slow
    beside = output.with_name(f"{output.stem}_mask.png")
    if box:
        batch.plan([photo], beside, inputs=read)
    if box and not mask:
        extras.load("cv2").grabCut  # noqa: B018
    start, content, found = time.monotonic(), images.load_image(photo), images.load_image(pattern)
    batch.announce(_size(content), pattern.name)
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


def sound(
    content: Annotated[
        Path,
        Argument(metavar="CONTENT", help="A sound: WAV; others with the extra video."),
    ],
    style: Annotated[Path, Argument(metavar="STYLE", help="The sound whose texture it takes.")],
    output: Annotated[
        Path | None,
        options.written(".wav, or with the extra video .flac; CONTENT_STYLE.wav unless given."),
    ] = None,
    strength: options.Strength = 1.0,
    onset_weight: Annotated[
        float, options.amount("Of what happens when, which the content keeps.")
    ] = 0.01,
    steps: options.Steps = 60,
    seed: options.Seed = 0,
):
    """Give a sound the texture of another, by optimizing its spectrogram.

    A minute or two for ten seconds of sound, two minutes of sound at most; Ctrl-C keeps the best
    so far.

    Example: stylenet sound melody.wav rain.wav -o out.wav
    """
    reports.status(f"reading {content} ...")
    from stylenet.extensions import recordings

    output = output or Path(f"{content.stem}_{style.stem}.wav")
    recordings.check_target(output, (content, style))  # before anything slow
    sounds = [recordings.check_sound(path) for path in (content, style)]
    reports.tell(f"giving {content} the texture of {style} ...")
    from stylenet.extensions.sound import stylize_sound

    result = stylize_sound(
        *sounds, strength=strength, onset_weight=onset_weight, num_steps=steps, seed=seed
    )
    recordings.save_sound(output, result.sound)
    (drawn, heard), onsets = result.style_left, result.onsets[1]
    reports.tell(
        f"Wrote {output}. Of the style loss {heard:.1%} is left, {drawn:.1%} before the "
        f"spectrogram became a sound; onsets correlate with the content's by {onsets:.2f}."
    )


def _size(picture):
    height, width = picture.shape[:2]
    return f"{width} x {height}"
