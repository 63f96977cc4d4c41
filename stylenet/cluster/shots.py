"""Clips, drawn shot by shot on several machines: inside a shot, each frame needs the one before."""

import itertools
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stylenet import files, images, reports
from stylenet.cluster.machines import connected, machines, stream
from stylenet.cluster.sending import loaded, new_job, sent
from stylenet.colors import finish
from stylenet.video.consistency import trusted_flow
from stylenet.video.containers import IncompleteClip
from stylenet.video.reading import Frame
from stylenet.video.stylizer import frame_stylizer, strength_and_colors
from stylenet.video.writing import PIECE

SUSPICIOUS = 8.0  # grey levels that a pixel changes in the mean: perhaps a cut; far more is one
EVERY = 8  # of the pixels that are looked at, in rows and columns


class Shot(NamedTuple):
    """Frames `start` to `stop`, which can be drawn without all others."""

    start: int
    stop: int


def find_shots(clip, method="consistent", progress=True):
    """Where a clip can be taken apart without a difference to what is drawn.

    With "consistent" that is where `video.consistency` starts the style afresh, which the flow
    between two frames decides; it is asked where much has changed. With "frames", anywhere.

    Args:
        clip: a `video.reading.Clip`.
        method: "consistent" or "frames".
        progress: show how far it has come.

    Returns:
        A list of `Shot`, and the frames' times.
    """
    starts, times, before = [0], [], None
    bar = reports.progress_bar(clip.frames(), total=clip.count, unit="frame", disable=not progress)
    for number, frame in enumerate(bar):
        times.append(frame.time)
        if method == "frames":
            cut = number > 0 and number % PIECE == 0
        else:
            cut = before is not None and _is_cut(frame.image, before)
        if cut:
            starts.append(number)
        before = frame.image
    return [Shot(*ends) for ends in itertools.pairwise([*starts, len(times)])], times


def draw_shots(recording, draw, method, address, progress=True):
    """Draws the frames that a recording lacks on a Ray cluster.

    Shots that were drawn too early, or before an interruption, wait as files beside the recording.

    Args:
        recording: a `video.writing.Recording`.
        draw: a stylizer, as in `pictures.draw_pictures`.
        method: "consistent" or "frames".
        address: see `connected`.
        progress: show the frames done and the time left.

    Yields:
        A `Frame` after the other, its image the drawing with strength and colors, uint8.

    Raises:
        ImportError, ConnectionError: as `pictures.draw_pictures`; or a shot's machines went on
            ending.
    """
    shots, times = find_shots(recording.clip, method, progress)
    recording.waiting.mkdir(exist_ok=True)
    there = {int(path.stem) for path in recording.waiting.glob("*.png")}
    there |= set(range(recording.count))
    lacking = [shot for shot in shots if not there.issuperset(range(*shot))]
    with (
        connected(address),
        reports.progress_bar(total=len(times), unit="frame", disable=not progress) as bar,
    ):
        arriving = _arriving(recording, draw, method, lacking)
        for shot in shots:
            for number in range(max(shot.start, recording.count), shot.stop):
                while number not in there:
                    there.add(next(arriving))
                yield Frame(times[number], images.load_image(_place(recording, number)))
                bar.update(number + 1 - bar.n)
            for number in range(shot.start, min(shot.stop, recording.kept)):
                _place(recording, number).unlink(missing_ok=True)
    shutil.rmtree(recording.waiting)


def draw_shot(style, job, clip, packed, method, shot):
    """Draws the frames of a shot, on the machine that has been chosen for it.

    Args:
        style: as in `pictures.draw_one`.
        job: the same.
        clip: a `video.reading.Clip`.
        packed: its files, a dict of their bytes by name.
        method: "consistent" or "frames".
        shot: a `Shot`.

    Yields:
        A frame's number, and its drawing as the bytes of a PNG.
    """
    draw = loaded(style, job)
    in_order = frame_stylizer(draw, method)
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore", IncompleteClip)  # told where the shots were found
        path = _unpacked(packed, Path(folder), clip.path)
        frames = clip._replace(path=path).frames(shot.start)
        for number, frame in zip(range(*shot), frames, strict=False):
            drawing = finish(in_order(frame.image), frame.image, *strength_and_colors(draw))
            target = Path(folder) / "drawing.png"
            images.write_pixels(target, images.to_uint8(drawing))
            yield number, target.read_bytes()


def _is_cut(frame, before):
    coarse = (each[::EVERY, ::EVERY] for each in (frame, before))
    return np.abs(np.subtract(*coarse)).mean() > SUSPICIOUS and trusted_flow(frame, before) is None


def _arriving(recording, draw, method, shots):
    """Draws shots and lets each frame wait as a file; yields the number of each that has come."""
    import ray

    found, clip = machines(), recording.clip
    reports.tell(f"drawing {len(shots)} shots on {found.describe()} ...")
    shared = ray.put(sent(draw)), new_job(), clip, ray.put(_packed(clip.path)), method
    for _, (number, data) in stream(draw_shot, shots, lambda shot: (*shared, shot)):
        with files.written_whole(_place(recording, number)) as part:
            part.write_bytes(data)
        yield number


def _place(recording, number):
    return recording.waiting / f"{number:08}.png"


def _packed(path):
    """The files of a clip, their bytes by name."""
    paths = images.find_images(path) if path.is_dir() else [path]
    return {each.name: each.read_bytes() for each in paths}


def _unpacked(packed, folder, path):
    """Writes the files of a clip; where it lies then."""
    inside = folder / "clip"
    inside.mkdir()
    for name, data in packed.items():
        (inside / name).write_bytes(data)
    return inside / path.name if list(packed) == [path.name] else inside
