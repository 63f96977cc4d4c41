"""Reads clips: videos, animated GIFs and folders of frames, one frame at a time."""

import os
import warnings
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stylenet import extras, images, inputs
from stylenet.video import containers, pixels
from stylenet.video.containers import IncompleteClip, Unreadable

av = extras.load("av")

DEFAULT_RATE = Fraction(25)
RATES = (0.1, 1000)  # frames a second


class Frame(NamedTuple):
    """A picture `(height, width, 3)`, RGB float32 in [0, 255], and when to show it.

    `time` counts in units of the clip's `time_base`.
    """

    time: int
    image: np.ndarray


class Clip(NamedTuple):
    """What there is to know of a clip before it is read.

    `size` is `(height, width)` in pixels, `rate` frames a second, `time_base` seconds, `count`
    the number of frames as far as the file says, or None; `sound` is the number of its tracks, and
    `survey` what `surveyed` found. `even` asks for even sides, see `fitted`.
    """

    path: Path
    size: tuple
    rate: Fraction
    time_base: Fraction
    count: int | None
    sound: int
    max_size: int | None
    even: bool = False
    survey: containers.Survey | None = None

    def frames(self, start=0):
        """The frames one after the other, from number `start` on; upright, at most `max_size`.

        What cannot be decoded is left out, and an `IncompleteClip` warning at the end counts it.

        Raises:
            Unreadable: a picture of a folder that cannot be read, or whose size differs from the
                first.
        """
        read = _folder_frames if self.path.is_dir() else _file_frames
        for number, frame in enumerate(read(self, start), start):
            size = frame.image.shape[:2]
            if fitted(size, self.max_size, self.even) != self.size:
                raise Unreadable(
                    f"Expected frames of one size. Frame {number + 1} of {str(self.path)!r} has "
                    f"{size[1]} x {size[0]} pixels, the first {self.size[1]} x {self.size[0]}."
                )
            yield Frame(frame.time, _fit(frame.image, self.max_size, self.size))

    def surveyed(self):
        """The clip after a look at the whole file, whose sound is decoded.

        Warns of what is missing or damaged, `IncompleteClip`.
        """
        if self.path.is_dir():
            return self
        survey = containers.survey(self.path, self.sound > 0)
        if survey.lacking:
            _warn(self.path, "; ".join(survey.lacking))
        return self._replace(survey=survey, count=survey.count)


def open_clip(path, max_size=None, rate=None, even=False, max_pixels=None):
    """Looks at a clip and reads its first frame.

    Args:
        path: a video of any format that ffmpeg reads, an animated GIF, or a folder of pictures
            in the order of their names, numbers as numbers.
        max_size: longer side of the frames at most, in pixels.
        rate: frames a second of a folder, by default 25; a video has its own.
        even: whether both sides are made even, see `fitted`.
        max_pixels: a video of larger frames is refused before it is decoded; by default
            `images.MAX_PIXELS`.

    Returns:
        A `Clip`.

    Raises:
        FileNotFoundError, PermissionError: there is nothing to read.
        ValueError: no video, a broken one, one without a picture, or one that is too large.
    """
    path = Path(path)
    if path.is_dir():
        if rate is not None:
            inputs.number("rate", rate, *RATES)
        count, rate = len(images.find_images(path)), Fraction(rate or DEFAULT_RATE)
        clip = Clip(path, None, rate, 1 / rate, count, 0, max_size, even)
        first = images.load_image(images.find_images(path)[0])
    else:
        if rate is not None:
            raise ValueError("Expected a rate for folders only: a video keeps its own.")
        clip, first = _probe(path, max_size, even, max_pixels)
    return clip._replace(size=fitted(first.shape[:2], max_size, even))


def fitted(size, max_size=None, even=False):
    """The size of a clip whose frames have another.

    Frames whose longer side exceeds `max_size` are reduced. Where sides are to be even, as video
    with colors at half the resolution (4:2:0) needs them, an odd one then loses its last row or
    column; a single one is doubled.

    Args:
        size: `(height, width)` of the frames.
        max_size: of the longer side, or None.
        even: whether both sides are to be even.

    Returns:
        `(height, width)`.
    """
    if max_size is not None and max_size < 1:
        raise ValueError(f"Expected max_size of at least 1 pixel. Received: {max_size}.")
    longest = max(size)
    if max_size is not None and longest > max_size:
        size = [max(1, round(side * max_size / longest)) for side in size]
    return tuple(max(2, side - side % 2) for side in size) if even else tuple(size)


def _fit(image, max_size, size):
    """A frame at a size of `fitted`."""
    image = images.limit_size(image, max_size)
    lacking = [(0, max(0, wanted - side)) for wanted, side in zip(size, image.shape, strict=False)]
    return np.pad(image, [*lacking, (0, 0)], "edge")[: size[0], : size[1]]


def _folder_frames(clip, start):
    for number, path in enumerate(images.find_images(clip.path)[start:], start):
        try:
            image = images.load_image(path)
        except (ValueError, OSError) as error:
            raise Unreadable(str(error)) from error
        yield Frame(number, image)


def _probe(path, max_size, even, max_pixels):
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {str(path)!r}.")
    if not path.is_file() or not path.stat().st_size:
        raise ValueError(f"Expected a video, but {str(path)!r} is empty or no regular file.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"No permission to read {str(path)!r}.")
    with containers.opened(path) as container:
        stream = containers.moving_pictures(container)
        if stream is None:
            raise ValueError(
                f"Expected a video, but {str(path)!r} has no moving pictures, or "
                "of a kind that ffmpeg does not decode."
            )
        _check_pixels(path, stream, images.MAX_PIXELS if max_pixels is None else max_pixels)
        rate = stream.average_rate or stream.guessed_rate or DEFAULT_RATE
        sound, count = len(container.streams.audio), stream.frames or None
        clip = Clip(path, None, rate, stream.time_base, count, sound, max_size, even)
        if clip.count is None and container.duration:
            clip = clip._replace(count=round(container.duration / av.time_base * rate))
        first = next(containers.decoded(container), None)
        if first is None:
            raise ValueError(f"Expected a video, but {str(path)!r} has no frame.")
        return clip, pixels.Screen(_aspect(stream))(first)


def _check_pixels(path, stream, max_pixels):
    height, width = pixels.display_size(stream.height, stream.width, _aspect(stream))
    if max(width, stream.width) * height > max_pixels:
        raise ValueError(
            f"Cannot read {str(path)!r}: {width} x {height} pixels are more than the limit of "
            f"{max_pixels}; reduce the clip first."
        )


def _aspect(stream):
    return stream.sample_aspect_ratio or Fraction(1)


def _file_frames(clip, start):
    step, time = max(1, round(1 / (clip.rate * clip.time_base))), -1
    with containers.opened(clip.path) as container:
        screen = pixels.Screen(_aspect(containers.moving_pictures(container)))
        decoded, number = containers.decoded(container), 0
        while True:
            try:
                picture = next(decoded)
            except StopIteration as end:
                if end.value:
                    _warn(clip.path, f"pictures that are damaged or left out: {end.value}")
                return
            # Some files lack times, or repeat them.
            time = max(picture.pts if picture.pts is not None else time + step, time + 1)
            if number >= start:
                yield Frame(time, screen(picture))
            number += 1


def _warn(path, what):
    warnings.warn(f"{str(path)!r} is incomplete: {what}.", IncompleteClip, stacklevel=3)
