"""Styles clips, frame by frame, so that the style stays on the scene.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016,
https://arxiv.org/abs/1604.08610

| method      | draws a frame by                               | keeps strokes in place by        |
|-------------|------------------------------------------------|----------------------------------|
| "fast"      | a feed-forward network                         | `consistency.py`                 |
| "frames"    | the same                                       | nothing: the baseline            |
| "gatys"     | optimizing its pixels                          | `temporal.py`, the paper's       |
| "universal" | whitening and coloring, the style encoded once | `consistency.py`                 |
"""

import shutil
from pathlib import Path

import numpy as np
from tqdm.auto import tqdm

from stylenet import images
from stylenet.video.reading import open_clip
from stylenet.video.writing import Recording, check_target

COLORS = ("style", "keep")
OPTIONS = {  # of `stylize_video`, a method
    "fast": (),
    "frames": (),
    "gatys": ("num_steps", "offsets", "temporal_weight", "start", "preset", "seed", "weights"),
    "universal": ("network", "alpha", "levels", "weights"),
}
METHODS = tuple(OPTIONS)


def stylize_video(
    source,
    target,
    style="wave",
    method="fast",
    *,
    strength=1.0,
    colors="style",
    max_size=None,
    style_size=None,
    rate=None,
    passes=1,
    resume=False,
    progress=True,
    **options,
):
    """Draws a clip in a style; frame rate, size and sound are kept, memory is constant.

    Args:
        source: a video that ffmpeg reads, an animated GIF, or a folder of frames.
        target: an .mp4, .mov, .mkv, .webm or .gif, or a new folder for frames.
        style: as in `feed_forward.stylize`; for "gatys" and "universal" the path of a picture, or
            a list of paths.
        method: one of `METHODS`, see the table of this module.
        strength: 0 to 1, fades between frame and drawing.
        colors: "style", or "keep" for the frames' own chroma.
        max_size: of the frames' longer side, in pixels.
        style_size: of the style pictures' longer side, by default the frames'.
        rate: frames a second of a folder, by default 25.
        passes: of "gatys", see `temporal.passes`.
        resume: go on where an interrupted run with the same settings stopped.
        progress: show the frames done and the time left.
        **options: of the method, see `OPTIONS`, `temporal.TemporalStylizer` and
            `universal.UniversalStylizer`.

    Raises:
        ValueError: broken input, an output that cannot be written, unknown options.
        FileNotFoundError: no such file, folder or style.

    Reference: Ruder et al. 2016, https://arxiv.org/abs/1604.08610
    """
    _check(method, strength, colors, passes, options)
    check_target(target, source)
    clip = open_clip(source, max_size, rate)
    size = style_size or max(clip.size)
    settings = {
        "source": str(Path(source).resolve()),
        "size": clip.size,
        "rate": clip.rate,
        "style": style if isinstance(style, str | Path | list | tuple) else repr(style),
        "style_size": size,
        **{"method": method, "strength": strength, "colors": colors, "passes": passes},
        **options,
    }
    stylizer = build_stylizer(style, method, size, **options)
    recording = Recording(target, clip, settings, resume)
    stylizer.restore(recording.state)
    try:
        results = _results(clip, recording, stylizer, passes, progress)
        for frame, drawing in results:
            picture = finish(drawing, frame.image, strength, colors)
            recording.write(frame._replace(image=picture), stylizer.state)
        recording.finish()
    except ValueError:
        recording.discard()  # nothing to go on with
        raise


class Single:
    """Frames drawn by themselves.

    Args:
        draw: a function, a frame to its drawing.
    """

    def __init__(self, draw):
        self.draw = draw

    def __call__(self, frame):
        """The drawing of a frame."""
        return self.draw(frame)

    def state(self):
        """Nothing is needed to go on."""
        return {}

    def restore(self, state):
        """Goes on."""


def build_stylizer(style, method, style_size=None, **options):
    """What draws the frames of a clip, one after the other.

    Args:
        style: as in `stylize_video`.
        method: one of `METHODS`.
        style_size: of the style pictures' longer side, in pixels; None for their own.
        **options: of the method.

    Returns:
        A function of a frame `(height, width, 3)` in [0, 255], called in order, that has methods
        `state()` and `restore(state)` to go on later.
    """
    if method in ("fast", "frames"):
        return _feed_forward(style, method, **options)
    paths = [style] if isinstance(style, str | Path) else style
    pictures = [images.load_image(path, style_size) for path in paths]
    if method == "gatys":
        from stylenet.video.temporal import TemporalStylizer

        return TemporalStylizer(pictures, **options)
    return _universal(pictures, **options)


def _feed_forward(style, method):
    if isinstance(style, list | tuple):
        raise ValueError(f"Expected one style for method {method!r}. Received: {list(style)}.")
    from stylenet.feed_forward.stylizer import draw, load_style
    from stylenet.video.consistency import Consistency

    network = load_style(style)
    wrapper = Consistency if method == "fast" else Single
    return wrapper(lambda frame: draw(frame, network, 1.0, "style"))


def _universal(pictures, network="slim", weights=None, **options):
    from stylenet.universal.stylizer import UniversalStylizer
    from stylenet.video.consistency import Consistency

    stylizer = UniversalStylizer(network, weights)
    encodings = [stylizer.encode(picture) for picture in pictures]
    return Consistency(lambda frame: stylizer.stylize(frame, encodings, **options))


def finish(drawing, frame, strength=1.0, colors="style"):
    """A drawing with the frame's colors, or faded to the frame, as `feed_forward.stylize` does."""
    if colors == "keep":
        from stylenet.colors import keep_colors

        drawing = keep_colors(drawing, frame)
    return frame + np.float32(strength) * (drawing - frame)


def _results(clip, recording, stylizer, passes, progress):
    """The frames and their drawings, from where the recording stands."""
    bar = {"unit": "frame", "disable": None if progress else True}  # None: on a terminal only
    if passes == 1:
        with tqdm(total=clip.count, initial=recording.count, **bar) as shown:
            for frame in clip.frames(recording.count):
                yield frame, stylizer(frame.image)
                shown.update()
        return
    from stylenet.video.temporal import passes as draw_passes

    folder = recording.work / "passes"
    frames = _extract(clip, folder)
    with tqdm(total=passes * len(frames), **bar) as shown:
        for _ in draw_passes(stylizer, frames, folder, passes):
            shown.update()
    last = [folder / f"{passes - 1:02}_{index:06}.png" for index in range(len(frames))]
    for frame, path in zip(clip.frames(recording.count), last[recording.count :], strict=True):
        yield frame, images.load_image(path)
    shutil.rmtree(folder)


def _extract(clip, folder):
    """All frames as files, since passes go backward as well."""
    folder.mkdir(exist_ok=True)
    paths = []
    for number, frame in enumerate(clip.frames()):
        paths.append(folder / f"frame_{number:06}.png")
        if not paths[-1].is_file():
            images.save_image(paths[-1], frame.image)
    return paths


def _check(method, strength, colors, passes, options):
    if method not in METHODS:
        raise ValueError(f"Expected method to be one of {METHODS}. Received: {method!r}.")
    if not 0.0 <= strength <= 1.0:
        raise ValueError(f"Expected a strength between 0 and 1. Received: {strength}.")
    if colors not in COLORS:
        raise ValueError(f"Expected colors to be one of {COLORS}. Received: {colors!r}.")
    if passes < 1 or (passes > 1 and method != "gatys"):
        raise ValueError(
            f"Expected 1 pass, or more with method 'gatys'. Received: {passes} with {method!r}."
        )
    unknown = [name for name in options if name not in OPTIONS[method]]
    if unknown:
        raise ValueError(
            f"Expected options of {method!r}, which has {', '.join(OPTIONS[method]) or 'none'}. "
            f"Received: {', '.join(unknown)}."
        )
