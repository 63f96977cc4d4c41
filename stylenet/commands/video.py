"""The command of videos."""

import contextlib
import sys
import warnings
from pathlib import Path
from typing import Annotated

from typer import Argument, Option

# Of the command, to those of `video.stylize_video`; and the options that each knows.
METHODS = {
    "fast": "consistent",
    "frames": "frames",
    "gatys": "temporal",
    "universal": "consistent",
}
OPTIONS = {
    "fast": (),
    "frames": (),
    "gatys": ("num_steps", "offsets", "temporal_weight", "start", "weights"),
    "universal": ("network", "alpha"),
}


def video(
    source: Annotated[Path, Argument(help="A video, an animated GIF, or a folder of frames.")],
    output: Annotated[
        Path, Option("-o", "--output", help=".mp4, .mov, .mkv, .webm, .gif or a new folder.")
    ],
    style: Annotated[
        list[str],
        Option("-s", "--style", help="A shipped style or a weights file; else a picture."),
    ] = ("wave",),
    method: Annotated[str, Option(help="fast, frames, gatys or universal.")] = "fast",
    max_size: Annotated[int | None, Option(min=16, help="Longer side at most, in pixels.")] = None,
    strength: Annotated[float, Option(help="0, the frames, to 1, the full style.")] = 1.0,
    colors: Annotated[str, Option(help="style, or keep: the frames' own.")] = "style",
    rate: Annotated[float | None, Option(min=0.1, help="Frames a second, of a folder.")] = None,
    style_size: Annotated[
        int | None, Option(min=16, help="gatys, universal: of the pictures, in pixels.")
    ] = None,
    alpha: Annotated[float | None, Option(help="universal: 0 to 1, the full style.")] = None,
    network: Annotated[str | None, Option(help="universal: slim or vgg19.")] = None,
    steps: Annotated[int | None, Option(min=1, help="gatys: a frame.")] = None,
    offset: Annotated[
        list[int] | None, Option(min=1, help="gatys: frames to look back; repeatable.")
    ] = None,
    temporal_weight: Annotated[float | None, Option(min=0.0, help="gatys.")] = None,
    passes: Annotated[int, Option(min=1, help="gatys: over all frames.")] = 1,
    start: Annotated[str | None, Option(help="gatys: content or noise.")] = None,
    vgg_weights: Annotated[str | None, Option(help="gatys: imagenet, or a file.")] = None,
    resume: Annotated[
        bool, Option("--resume", help="Go on where an interrupted run stopped.")
    ] = False,
):
    """Draw a video in a style that stays on the scene; the sound is kept.

    With gatys and universal, --style is any picture.

    Example: stylenet video in.mp4 -s wave -o out.mp4
    """
    given = {
        "alpha": alpha,
        "network": network,
        "num_steps": steps,
        "offsets": offset or None,
        "temporal_weight": temporal_weight,
        "start": start,
        "weights": vgg_weights,
    }
    given = {name: value for name, value in given.items() if value is not None}
    _check(method, given, passes)
    from stylenet.video.reading import open_clip
    from stylenet.video.stylizer import stylize_video
    from stylenet.video.writing import check_target

    check_target(output, source)
    size = style_size or max(open_clip(source, max_size, rate).size)
    draw = _stylizer(method, style, size, strength=strength, colors=colors, **given)
    with _incomplete() as told:
        stylize_video(
            source,
            output,
            draw,
            method=METHODS[method],
            max_size=max_size,
            rate=rate,
            passes=passes,
            resume=resume,
        )
    return 1 if told else 0


@contextlib.contextmanager
def _incomplete():
    """Tells on stderr what of a clip is missing, a line each, and yields the list of it."""
    from stylenet.video.containers import IncompleteClip

    told, show = [], warnings.showwarning

    def tell(message, category, *place, **more):
        if not issubclass(category, IncompleteClip):
            show(message, category, *place, **more)
        elif str(message) not in told:
            told.append(str(message))
            print(f"stylenet: warning: {message}", file=sys.stderr)

    with warnings.catch_warnings():
        warnings.simplefilter("always", IncompleteClip)
        warnings.showwarning = tell
        yield told


def _check(method, given, passes):
    if method not in METHODS:
        raise ValueError(f"Expected method to be one of {tuple(METHODS)}. Received: {method!r}.")
    unknown = [name for name in given if name not in OPTIONS[method]]
    if unknown:
        raise ValueError(
            f"Expected options of {method!r}, which has {', '.join(OPTIONS[method]) or 'none'}. "
            f"Received: {', '.join(unknown)}."
        )
    if passes > 1 and method != "gatys":
        raise ValueError(f"Expected 1 pass, or more with method 'gatys'. Received: {passes}.")


def _stylizer(method, style, size, **options):
    """What draws the frames: in the style of a network, or of pictures."""
    if method == "gatys":
        from stylenet.images import load_image
        from stylenet.video.temporal import TemporalStylizer

        return TemporalStylizer([load_image(path, size) for path in style], **options)
    from stylenet.stylizers import stylizer

    if method == "universal":
        return stylizer(list(style), "universal", style_size=size, **options)
    if len(style) > 1:
        raise ValueError(f"Expected one style for method {method!r}. Received: {list(style)}.")
    return stylizer(style[0], **options)
