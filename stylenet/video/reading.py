"""Reads clips: videos, animated GIFs and folders of frames, one frame at a time."""

import os
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import numpy as np

from stylenet import extras, images

av = extras.load("av")

DEFAULT_RATE = Fraction(25)


class Frame(NamedTuple):
    """A picture `(height, width, 3)`, RGB float32 in [0, 255], and when to show it.

    `time` counts in units of the clip's `time_base`.
    """

    time: int
    image: np.ndarray


class Clip(NamedTuple):
    """What there is to know of a clip before it is read.

    `size` is `(height, width)` in pixels, `rate` frames a second, `time_base` seconds, `count`
    the number of frames as far as the file says, or None; `sound` tells whether it has any.
    """

    path: Path
    size: tuple
    rate: Fraction
    time_base: Fraction
    count: int | None
    sound: bool
    max_size: int | None

    def frames(self, start=0):
        """The frames one after the other, from number `start` on; upright, at most `max_size`.

        Raises:
            ValueError: a frame that cannot be read, or whose size differs from the first.
        """
        read = _folder_frames if self.path.is_dir() else _file_frames
        for number, frame in enumerate(read(self, start), start):
            image = images.limit_size(frame.image, self.max_size)
            if image.shape[:2] != self.size:
                raise ValueError(
                    f"Expected frames of one size. Frame {number + 1} of {str(self.path)!r} has "
                    f"{image.shape[1]} x {image.shape[0]} pixels, the first "
                    f"{self.size[1]} x {self.size[0]}."
                )
            yield Frame(frame.time, image)


def open_clip(path, max_size=None, rate=None):
    """Looks at a clip and reads its first frame.

    Args:
        path: a video of any format that ffmpeg reads, an animated GIF, or a folder of pictures
            in the order of their names.
        max_size: longer side of the frames at most, in pixels.
        rate: frames a second of a folder, by default 25; a video has its own.

    Returns:
        A `Clip`.

    Raises:
        FileNotFoundError, PermissionError: there is nothing to read.
        ValueError: no video, a broken one, or one without a picture.
    """
    path = Path(path)
    if path.is_dir():
        count, rate = len(images.find_images(path)), Fraction(rate or DEFAULT_RATE)
        clip = Clip(path, None, rate, 1 / rate, count, False, max_size)
        first = images.load_image(images.find_images(path)[0])
    else:
        if rate is not None:
            raise ValueError("Expected a rate for folders only: a video keeps its own.")
        clip, first = _probe(path, max_size)
    return clip._replace(size=images.limit_size(first, max_size).shape[:2])


def _folder_frames(clip, start):
    for number, path in enumerate(images.find_images(clip.path)[start:], start):
        yield Frame(number, images.load_image(path))


def _probe(path, max_size):
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {str(path)!r}.")
    if not path.is_file() or not path.stat().st_size:
        raise ValueError(f"Expected a video, but {str(path)!r} is empty or no regular file.")
    if not os.access(path, os.R_OK):
        raise PermissionError(f"No permission to read {str(path)!r}.")
    with _opened(path) as container:
        if not container.streams.video:
            raise ValueError(f"Expected a video, but {str(path)!r} has no pictures.")
        stream = container.streams.video[0]
        rate = stream.average_rate or stream.guessed_rate or DEFAULT_RATE
        sound = bool(container.streams.audio)
        clip = Clip(path, None, rate, stream.time_base, stream.frames or None, sound, max_size)
        if clip.count is None and container.duration:
            clip = clip._replace(count=round(container.duration / av.time_base * rate))
    frame = next(_file_frames(clip, 0), None)
    if frame is None:
        raise ValueError(f"Expected a video, but {str(path)!r} has no frame.")
    return clip, frame.image


def _file_frames(clip, start):
    step, time = max(1, round(1 / (clip.rate * clip.time_base))), -1
    with _opened(clip.path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        decoded = container.decode(stream)
        number = 0
        while True:
            try:
                picture = next(decoded, None)
            except av.FFmpegError as error:
                raise _unreadable(clip.path, f"frame {number + 1}: {error.strerror}") from error
            if picture is None:
                return
            # Some files lack times, or repeat them.
            time = max(picture.pts if picture.pts is not None else time + step, time + 1)
            if number >= start:
                yield Frame(time, _upright(picture))
            number += 1


def _upright(picture):
    """The pixels, turned as the camera was held."""
    pixels = picture.to_ndarray(format="rgb24")
    return np.rot90(pixels, round(picture.rotation / 90)).astype("float32")


def _opened(path):
    try:
        return av.open(str(path))
    except av.FFmpegError as error:
        raise _unreadable(path, error.strerror) from error


def _unreadable(path, reason):
    return ValueError(f"Cannot read {str(path)!r}: expected an intact video: {reason}.")
