"""Styles clips, frame by frame, so that the style stays on the scene.

Ruder, Dosovitskiy and Brox, "Artistic Style Transfer for Videos", GCPR 2016,
https://arxiv.org/abs/1604.08610

| method       | draws a frame by                          | keeps strokes in place by  |
|--------------|-------------------------------------------|----------------------------|
| "consistent" | any stylizer                              | `consistency.py`           |
| "frames"     | any stylizer                              | nothing: the baseline      |
| "temporal"   | optimizing its pixels, `TemporalStylizer` | its temporal loss          |
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from stylenet import images, inputs, stylizers
from stylenet.colors import finish
from stylenet.errors import in_a_row
from stylenet.locks import locked
from stylenet.reports import progress_bar
from stylenet.video.codecs import FORMATS
from stylenet.video.containers import Unreadable
from stylenet.video.reading import open_clip
from stylenet.video.writing import Recording, check_target

METHODS = ("consistent", "frames", "temporal")
MOST_PASSES = 100


@in_a_row()
def stylize_video(
    source: str | Path,
    target: str | Path,
    draw: str | Path | Callable = "wave",
    *,
    method: Literal["consistent", "frames", "temporal"] = "consistent",
    max_size: int | None = None,
    rate: float | None = None,
    passes: int = 1,
    resume: bool = False,
    progress: bool = True,
    ray: str | None = None,
) -> None:
    """Draws a clip in a style; frame rate, size and sound are kept, memory is constant.

    Args:
        source: a video that ffmpeg reads, an animated GIF, or a folder of frames.
        target: an .mp4, .mov, .mkv, .webm or .gif, or a new folder for frames.
        draw: a stylizer, or any function of a frame `(height, width, 3)` in [0, 255] that returns
            its drawing; for "temporal" a `TemporalStylizer`. A name or path stands for a style:
            of a network, or for "temporal" of a picture, which is read at the frames' size.
        method: one of `METHODS`, see the table of this module.
        max_size: of the frames' longer side, in pixels.
        rate: frames a second of a folder, by default 25.
        passes: of "temporal", see `temporal.passes`.
        resume: go on where an interrupted run with the same settings stopped.
        progress: show the frames done and the time left.
        ray: the address of a Ray cluster, see `stylenet.cluster`, which draws several shots at a
            time; "local" starts one here. Not for "temporal".

    A stylizer's strength and colors are applied to each frame at the end: what travels with the
    scene is the drawing in full.

    Videos are 4:2:0 of even sides: an odd one loses its last row or column. GIFs and folders keep
    it. Of a clip that is cut short or damaged what there is gets drawn, and `IncompleteClip`
    warnings say what is missing.

    Raises:
        ValueError: broken input, an output that cannot be written, unknown options. The frames
            before a broken picture of a folder are kept for `resume`.
        BlockingIOError: another process is writing the same output.
        FileNotFoundError: no such file, folder or style.

    Reference: Ruder et al. 2016, https://arxiv.org/abs/1604.08610

    Example:
        >>> stylize_video("in.mp4", "out.mp4", "wave", max_size=640)  # doctest: +SKIP
    """
    _check(method, passes, ray)
    check_target(target, source)
    clip = _open(source, target, max_size, rate)
    draw = _as_stylizer(draw, method, max(clip.size))
    in_order = frame_stylizer(draw, method) if ray is None else None
    settings = _settings(source, clip, draw, method, passes, ray)
    with locked(target):
        recording = Recording(target, clip, settings, resume)
        if in_order:
            in_order.restore(recording.state)
            frames = _results(clip, recording, in_order, passes, progress)
            frames = _finished(frames, *strength_and_colors(draw))
            _record(recording, frames, in_order.state)
        else:
            from stylenet.cluster import draw_shots

            _record(recording, draw_shots(recording, draw, method, ray, progress), dict)


def _record(recording, frames, state):
    """Writes the frames that a recording lacks, and finishes it; `state` as in its `write`."""
    try:
        for frame in frames:
            recording.write(frame, state)
        recording.keep(state)
        recording.finish()
    except Unreadable as error:
        raise _stopped(recording, state, error) from error
    except BaseException:  # an interrupted run as well
        if recording.is_worthless():
            recording.discard()
        raise


def _finished(frames, strength, colors):
    """Frames with their drawings as the results show them."""
    for frame, drawing in frames:
        yield frame._replace(image=finish(drawing, frame.image, strength, colors))


def _open(source, target, max_size, rate):
    """The clip as the target takes it: its sides even, its sound left out, or neither."""
    coding = FORMATS.get(Path(target).suffix.lower())
    clip = open_clip(source, max_size, rate, coding is not None and coding.even)
    if coding is None or coding.sound is None:
        clip = clip._replace(sound=0)
    return clip.surveyed()


def _stopped(recording, state, error):
    """The error of a clip that cannot be read on, after its drawn frames are kept."""
    if not recording.count:
        recording.discard()
        return error
    recording.keep(state)
    return ValueError(
        f"{error} The first {recording.count} frames are drawn and kept in {str(recording.work)!r}:"
        " mend or remove what is broken, then repeat the command with --resume."
    )


def frame_stylizer(draw, method="consistent"):
    """What draws the frames of a clip one after the other, before strength and colors.

    Args:
        draw: as in `stylize_video`, but no name.
        method: one of `METHODS`.

    Returns:
        A function of a frame `(height, width, 3)` in [0, 255], called in order, that has methods
        `state()` and `restore(state)` to go on later.

    Raises:
        ValueError: an unknown method, or "temporal" with something else than its stylizer.
    """
    if method == "frames":
        return Single(_paint(draw))
    if method == "consistent":
        from stylenet.video.consistency import Consistency

        return Consistency(_paint(draw))
    from stylenet.video.temporal import TemporalStylizer

    if not isinstance(draw, TemporalStylizer):
        raise ValueError(f"Expected a TemporalStylizer for method 'temporal'. Received: {draw!r}.")
    return draw


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


def _as_stylizer(draw, method, size):
    """A name or path as a stylizer; anything else is one."""
    if not isinstance(draw, str | Path):
        return draw
    if method != "temporal":
        return stylizers.stylizer(draw)
    from stylenet.video.temporal import TemporalStylizer

    return TemporalStylizer(images.load_image(draw, size))


def _paint(draw):
    """What a stylizer does before its strength and colors; a plain function has neither."""
    return getattr(draw, "paint", draw)


def strength_and_colors(draw):
    """A stylizer's own; those of a plain function change nothing."""
    return getattr(draw, "strength", 1.0), getattr(draw, "colors", "style")


def _settings(source, clip, draw, method, passes, ray):
    """What the pictures depend on, each by name: a run resumes only with the same."""
    style = getattr(draw, "description", {"function": repr(draw)})
    return {
        "source": os.path.realpath(source),
        "size": clip.size,
        "rate": clip.rate,
        "video_method": method,
        "passes": passes,
        "ray": ray is not None,
        **style,
    }


def _results(clip, recording, in_order, passes, progress):
    """The frames and their drawings, from where the recording stands."""
    bar = {"unit": "frame", "disable": not progress}
    if passes == 1:
        with progress_bar(total=clip.count, initial=recording.count, **bar) as shown:
            for frame in clip.frames(recording.count):
                yield frame, in_order(frame.image)
                shown.update()
        return
    from stylenet.video.temporal import passes as draw_passes

    folder = recording.work / "passes"
    frames = _extract(clip, folder)
    with progress_bar(total=passes * len(frames), **bar) as shown:
        for _ in draw_passes(in_order, frames, folder, passes):
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


def _check(method, passes, ray):
    inputs.choice("method", method, METHODS)
    inputs.number("passes", passes, 1, MOST_PASSES, whole=True)
    if passes > 1 and method != "temporal":
        raise ValueError(
            f"Expected 1 pass, or more with method 'temporal'. Received: {passes} with {method!r}."
        )
    if ray is not None and method == "temporal":
        raise ValueError(
            "Expected method 'consistent' or 'frames' on a Ray cluster, since the temporal loss "
            "looks further back than a shot. Received: 'temporal'."
        )
