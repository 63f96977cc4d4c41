"""The command of videos."""

import contextlib
import sys
import warnings
from pathlib import Path
from typing import Annotated, Literal

from typer import Argument, Option

from stylenet import reports
from stylenet.commands import options

# Of the command, to those of `video.stylize_video`; and the options that each knows.
METHODS = {
    "fast": "consistent",
    "frames": "frames",
    "gatys": "temporal",
    "onepass": "consistent",
    "universal": "consistent",
}
OPTIONS = {
    "fast": ("stroke", "shares"),
    "frames": ("stroke", "shares"),
    "gatys": ("num_steps", "offsets", "temporal_weight", "start", "weights"),
    "onepass": ("shares",),
    "universal": ("network", "shares"),
}
STRENGTHS = {"onepass": 0.5, "universal": 0.6}


def video(
    source: Annotated[
        Path,
        Argument(metavar="VIDEO", help="A video, an animated GIF, or a folder of frames."),
    ],
    style: options.Style = ("wave",),
    output: Annotated[
        Path | None,
        options.written(
            ".mp4, .mov, .mkv, .webm, .gif or a new folder; VIDEO_STYLE.mp4 unless given."
        ),
    ] = None,
    method: Annotated[
        Literal["fast", "frames", "gatys", "onepass", "universal"] | None,
        Option(help="fast unless given, of paintings onepass; frames flickers."),
    ] = None,
    max_size: options.MaxSize = None,
    strength: Annotated[
        float | None,
        options.part(
            "From the frames, 0, to the full style, 1; of universal 0.6 unless given, of "
            "onepass and of a style that shares a network 0.5."
        ),
    ] = None,
    stroke: options.Stroke = None,
    share: options.Share = None,
    colors: Annotated[
        Literal["style", "keep"], Option(help="The style's, or the frames' own.")
    ] = "style",
    rate: Annotated[
        float | None,
        Option(min=0.1, max=1000, metavar="NUMBER", help="Frames a second, of a folder."),
    ] = None,
    style_size: options.StyleSize = None,
    network: Annotated[options.ENCODERS | None, Option(help="Of universal: the encoder.")] = None,
    weights: Annotated[
        str | None, Option(metavar="FILE", help="Of gatys' loss network: imagenet, or a file.")
    ] = None,
    steps: Annotated[int | None, options.count("Of gatys: steps a frame.")] = None,
    offset: Annotated[
        list[int] | None,
        Option(
            min=1,
            metavar="NUMBERS",
            help="Of gatys: frames to look back; repeatable, or with commas.",
        ),
    ] = None,
    temporal_weight: Annotated[float | None, options.amount("Of gatys: the temporal loss.")] = None,
    passes: Annotated[
        int, Option(min=1, max=100, metavar="NUMBER", help="Of gatys: how often over all frames.")
    ] = 1,
    start: Annotated[
        Literal["content", "noise"] | None, Option(help="Of gatys: where a frame begins.")
    ] = None,
    resume: options.Resume = False,
    ray: options.Ray = None,
):
    """Draw a video in a style that stays on the scene; the sound is kept.

    Example: stylenet video in.mp4 -s wave -o out.mp4
    """
    given = options.chosen(
        stroke=stroke,
        shares=share,
        network=network,
        num_steps=steps,
        offsets=offset or None,
        temporal_weight=temporal_weight,
        start=start,
        weights=weights,
    )
    reports.status(f"reading {source} ...")
    ending = ".gif" if source.suffix == ".gif" else ".mp4"
    output = output or options.output_for([source], style, ending)
    method = method or _method(style, network)
    _check(method, given, passes)
    from stylenet.video.reading import open_clip
    from stylenet.video.writing import check_target

    check_target(output, source)
    size = style_size or max(open_clip(source, max_size, rate).size)
    draw = _stylizer(method, style, size, strength, colors=colors, **given)
    reports.tell(f"drawing {source} with {' and '.join(style)}, by {method} ...")
    more = {"max_size": max_size, "rate": rate, "passes": passes, "resume": resume, "ray": ray}
    return _write(source, output, draw, method=METHODS[method], **more)


def _method(style, network):
    """What draws unless it is said."""
    if not options.paintings_of(style):
        return "fast"
    return "universal" if network else "onepass"


def _write(source, output, draw, **more):
    """Writes the clip; the exit status is 1 if a part of it was missing."""
    from stylenet.video.stylizer import stylize_video

    with _incomplete() as told:
        stylize_video(source, output, draw, **more)
    reports.tell(f"Wrote {output}.")
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
    unknown = [name for name in given if name not in OPTIONS[method]]
    if unknown:
        raise ValueError(
            f"Expected options of {method!r}, which has {', '.join(OPTIONS[method]) or 'none'}. "
            f"Received: {', '.join(unknown)}."
        )
    if passes > 1 and method != "gatys":
        raise ValueError(f"Expected 1 pass, or more with method 'gatys'. Received: {passes}.")


def _stylizer(method, style, size, strength, **more):
    """What draws the frames: in the style of a network, or of pictures."""
    if method == "gatys":
        from stylenet.images import load_image
        from stylenet.video.temporal import TemporalStylizer

        pictures = [load_image(path, size) for path in style]
        return TemporalStylizer(pictures, strength=_or(strength, 1.0), **more)
    from stylenet.stylizers import stylizer

    if method in ("onepass", "universal"):
        more["emphasis" if method == "onepass" else "alpha"] = _or(strength, STRENGTHS[method])
        return stylizer(list(style), method, style_size=size, **more)
    chosen = options.blend(style, more.pop("shares", None))
    return stylizer(chosen, strength=strength, **more)


def _or(value, default):
    return default if value is None else value
