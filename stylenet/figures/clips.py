"""The figure of videos: frames one after the other, and one row of pixels over time."""

import itertools

import numpy as np

from stylenet.figures.drawing import Figure, grid, photograph, show


def video(style="wave", count=24, shown=(14, 18)):
    """A clip in a style, each frame by itself and consistent.

    Args:
        style: of a trained network.
        count: of frames.
        shown: numbers of those that are shown.
    """
    clip = scene()
    frames = [clip.frame(time) for time in range(count)]
    single, steady = drawn(frames, style)
    rows = {"the scene": frames, "each by itself": single, "consistent": steady}
    drawing, axes = grid(len(rows), len(shown) + 1, aspect=1.5)
    middle = clip.size[0] // 2
    for line, (name, results) in zip(axes, rows.items(), strict=True):
        for place, time in zip(line, shown, strict=False):
            show(place, results[time], f"{name}, frame {time}")
            place.axhline(middle, color="red", linewidth=0.5)
        show(line[-1], temporal_slice(results, middle), "the red line over time")
        line[-1].set_aspect("auto")
    errors = (warping_error(clip, results) for results in (single, steady))
    caption = (
        f"A camera moves over coffee.png, and a disc floats in front of it; in the style {style}, "
        "each frame drawn by itself (method frames), and consistent (method consistent). Right: "
        f"the row of pixels at the red line, {count} frames from top to bottom: what stays on the "
        "scene makes straight slanting lines, what flickers is noise. Warping error along the "
        f"true flow {' and '.join(f'{error:.0f}' for error in errors)}."
    )
    return Figure(drawing, caption)


def scene():
    """A camera that moves over a photograph, and a disc of another one in front."""
    from stylenet.video.scenes import Motion, Scene

    moves, floats = Motion(-2.3, 0.3), Motion(1.6, -0.4)
    behind, disc = photograph("coffee.png"), photograph("astronaut.png")
    return Scene(behind, (280, 400), moves, disc, 60, floats)


def drawn(frames, style):
    """Frames in a style, each by itself, and consistent: two lists."""
    from stylenet.stylizers import stylizer
    from stylenet.video.consistency import Consistency

    draw = stylizer(style)
    single = [draw(frame) for frame in frames]
    drawings = iter(single)
    consistent = Consistency(lambda frame: next(drawings))
    return single, [consistent(frame) for frame in frames]


def warping_error(clip, results):
    """The mean square difference of a result and the one before, which the true flow carries along.

    Args:
        clip: a `video.Scene`, which knows its flow; what was hidden before does not count.
        results: its frames in a style, a list of `(height, width, 3)`.
    """
    from stylenet.flow import warp

    errors = []
    for time, (before, now) in enumerate(itertools.pairwise(results), 1):
        carried = warp(before, clip.flow(time, time - 1))
        seen = ~clip.occluded(time, time - 1)
        errors.append(np.square(carried - now)[seen].mean())
    return np.mean(errors)


def temporal_slice(frames, row):
    """One row of pixels over time.

    Args:
        frames: a list of `(height, width, 3)`.
        row: its number.

    Returns:
        `(frames, width, 3)`.
    """
    return np.stack([frame[row] for frame in frames])
