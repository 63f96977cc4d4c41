"""The figure of videos: frames one after the other, and one row of pixels over time."""

import numpy as np

from stylenet.figures.drawing import Figure, grid, photograph, show


def video(style="wave", count=24, shown=(14, 18)):
    """A clip in a style, each frame by itself and consistent."""
    from stylenet.flow import warp
    from stylenet.stylizers import stylizer
    from stylenet.video.consistency import Consistency
    from stylenet.video.scenes import Motion, Scene

    scene = Scene(
        photograph("coffee.png"),
        (280, 400),
        Motion(-2.3, 0.3),
        photograph("astronaut.png"),
        60,
        Motion(1.6, -0.4),
    )
    frames = [scene.frame(time) for time in range(count)]
    draw = stylizer(style)
    single = [draw(frame) for frame in frames]
    drawings = iter(single)
    consistent = Consistency(lambda frame: next(drawings))
    steady = [consistent(frame) for frame in frames]

    def error(results):
        pairs = zip(range(1, count), results, results[1:], strict=False)
        return np.mean(
            [
                np.square(warp(before, scene.flow(time, time - 1)) - now)[
                    ~scene.occluded(time, time - 1)
                ].mean()
                for time, before, now in pairs
            ]
        )

    rows = {"the scene": frames, "each by itself": single, "consistent": steady}
    drawing, axes = grid(len(rows), len(shown) + 1, aspect=1.5)
    middle = scene.size[0] // 2
    for line, (name, results) in zip(axes, rows.items(), strict=True):
        for place, time in zip(line, shown, strict=False):
            show(place, results[time], f"{name}, frame {time}")
            place.axhline(middle, color="red", linewidth=0.5)
        show(line[-1], temporal_slice(results, middle), "the red line over time")
        line[-1].set_aspect("auto")
    caption = (
        f"A camera moves over coffee.png, and a disc floats in front of it; in the style {style}, "
        "each frame drawn by itself (method frames), and consistent (method consistent). Right: "
        f"the row of pixels at the red line, {count} frames from top to bottom: what stays on the "
        "scene makes straight slanting lines, what flickers is noise. Warping error along the "
        f"true flow {error(single):.0f} and {error(steady):.0f}."
    )
    return Figure(drawing, caption)


def temporal_slice(frames, row):
    """One row of pixels over time.

    Args:
        frames: a list of `(height, width, 3)`.
        row: its number.

    Returns:
        `(frames, width, 3)`.
    """
    return np.stack([frame[row] for frame in frames])
