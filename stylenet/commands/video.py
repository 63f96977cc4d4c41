"""The command of videos."""

from pathlib import Path
from typing import Annotated

from typer import Argument, Option


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
    from stylenet.video.stylizer import stylize_video

    options = {
        "alpha": alpha,
        "network": network,
        "num_steps": steps,
        "offsets": offset or None,
        "temporal_weight": temporal_weight,
        "start": start,
        "weights": vgg_weights,
    }
    stylize_video(
        source,
        output,
        style[0] if len(style) == 1 else list(style),
        method,
        strength=strength,
        colors=colors,
        max_size=max_size,
        style_size=style_size,
        rate=rate,
        passes=passes,
        resume=resume,
        **{name: value for name, value in options.items() if value is not None},
    )
