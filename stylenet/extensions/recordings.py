"""Sounds and their files: WAV through SciPy, all else through PyAV; checked once."""

import itertools
import os
import struct
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.io import wavfile

from stylenet import extras, files, inputs

av = extras.load("av")

SECONDS = (0.5, 120.0)  # from the widest filter and what a window takes, to some minutes' work
RATES = (2_000, 384_000)  # samples a second
SILENCE = 1e-5  # of full scale, root mean square: less than one step of 16 bits
SUFFIXES = (".wav", ".flac")  # what is written; without losses, at any rate


class Sound(NamedTuple):
    """A recording: `samples`, float32 `(count, channels)` in [-1, 1], `rate` of them a second."""

    samples: np.ndarray
    rate: int

    @property
    def seconds(self):
        """How long it is."""
        return len(self.samples) / self.rate


def check_sound(sound, name="sound"):
    """A sound, converted and checked.

    Args:
        sound: a path, a `Sound`, or a pair of samples `(count,)` or `(count, channels)` and a
            rate. Integers are scaled to [-1, 1]; floats may exceed it.
        name: of the argument, for the message.

    Returns:
        A `Sound` of one or two channels.

    Raises:
        ValueError: no such pair, another number of channels, values that are not finite, silence,
            less than half a second or more than two minutes.
        OSError: a file that can't be read.
    """
    if isinstance(sound, str | os.PathLike):
        return check_sound(read_sound(sound), repr(str(sound)))
    if not isinstance(sound, tuple) or len(sound) != 2:
        raise ValueError(
            f"Expected {name} to be a path, a Sound, or samples and a rate. "
            f"Received: {type(sound).__name__}."
        )
    samples, rate = np.asarray(sound[0]), sound[1]
    inputs.number("rate", rate, *RATES, whole=True)
    samples = _floats(samples[:, None] if samples.ndim == 1 else samples, name)
    _check_shape(samples, rate, name)
    if not np.isfinite(samples).all():
        raise ValueError(f"Expected {name} to be finite. Received NaN or infinite samples.")
    if np.std(samples, axis=0, dtype="float64").max() < SILENCE:
        raise ValueError(f"Expected {name} to be a sound. Received silence.")
    return Sound(samples, int(rate))


def _check_shape(samples, rate, name):
    if samples.ndim != 2 or samples.shape[1] not in (1, 2):
        raise ValueError(
            f"Expected {name} to have one or two channels, samples of shape (count, channels). "
            f"Received shape {samples.shape}."
        )
    shortest, longest = SECONDS
    if not shortest <= len(samples) / rate <= longest:
        raise ValueError(
            f"Expected {name} to last from {shortest:g} to {longest:g} seconds. "
            f"Received: {len(samples) / rate:.3g}."
        )


def _floats(samples, name):
    """Samples as float32; whole numbers in [-1, 1), as WAV means them: 8 bits have no sign."""
    if samples.dtype == "uint8":
        return (samples.astype("float32") - 128) / 128
    if np.issubdtype(samples.dtype, np.signedinteger):
        return (samples / -float(np.iinfo(samples.dtype).min)).astype("float32")
    if not np.issubdtype(samples.dtype, np.floating):
        raise ValueError(f"Expected {name} to be numbers. Received: an array of {samples.dtype}.")
    return samples.astype("float32")


def load_sound(path):
    """Reads a sound: WAV, or with the extra `video` whatever FFmpeg reads, films included.

    Args:
        path: of the file.

    Returns:
        A `Sound`.

    Raises:
        OSError: there is no such file, or it can't be read.
        ValueError: no sound, or one that `check_sound` refuses.
        ImportError: another format than WAV, and PyAV is absent.

    Example:
        >>> path = getfixture("tmp_path") / "tone.wav"
        >>> save_sound(path, (np.sin(np.arange(8000)), 8000))
        >>> load_sound(path).samples.shape
        (8000, 1)
    """
    return check_sound(path)


def read_sound(path):
    """What a file holds, as samples and rate, unchecked; see `load_sound`."""
    files.refuse_address(path)
    if not Path(path).exists():
        raise FileNotFoundError(f"There is no file {str(path)!r}.")
    if not Path(path).is_file():
        raise ValueError(f"Expected a sound, but {str(path)!r} is not a regular file.")
    with open(path, "rb") as file:
        head = file.read(4)
    if head in (b"RIFF", b"RIFX", b"RF64"):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", wavfile.WavFileWarning)  # of chunks of other kinds
                return wavfile.read(path)[::-1]
        except (ValueError, struct.error, OverflowError, ZeroDivisionError) as error:
            if "Unknown wave file format" not in str(error):
                raise ValueError(
                    f"Cannot read {str(path)!r}: expected an intact WAV: {error}."
                ) from error
    return _decoded(path)


def _decoded(path):
    try:
        with av.open(str(path), metadata_errors="replace") as container:
            if not container.streams.audio:
                raise ValueError(f"Expected a sound, but {str(path)!r} has none.")
            return _collected(container, container.streams.audio[0])
    except av.FFmpegError as error:
        raise ValueError(
            f"Cannot read {str(path)!r}: expected an intact sound: {error.strerror}."
        ) from error


def _collected(container, stream):
    """All samples of a stream, or a little more of it than is allowed."""
    channels = min(stream.channels, 2)
    layout = "stereo" if channels == 2 else "mono"
    resampler = av.AudioResampler(format="flt", layout=layout, rate=stream.rate)
    most, parts, count = SECONDS[1] * stream.rate, [], 0
    for frame in itertools.chain(container.decode(stream), [None]):
        for even in resampler.resample(frame):
            parts.append(even.to_ndarray().reshape(-1, channels))
            count += len(parts[-1])
        if count > most:
            break
    return (np.concatenate(parts) if parts else np.zeros((0, 1), "float32")), stream.rate


def check_target(path, sources=()):
    """Checks, before any work is done, that a sound can be written: a WAV or a FLAC.

    Args:
        path: of the file.
        sources: paths of what is going to be read, none of which it may replace.

    Raises:
        ValueError, OSError: as `files.check_writable`, or one of the sources.
        ImportError: a FLAC, and PyAV is absent.
    """
    if os.path.realpath(path) in map(os.path.realpath, sources):
        raise ValueError(f"Expected an output that does not replace its input: {path}.")
    files.check_writable(path, SUFFIXES, "sound")
    if Path(path).suffix.lower() != ".wav":
        av.open  # noqa: B018, says what is absent


def save_sound(path, sound):
    """Writes a sound of 16 bits: a WAV, or with the extra `video` a FLAC; whole or not at all.

    Args:
        path: of the file, `.wav` or `.flac`.
        sound: as in `check_sound`; one that is too loud is made less loud, not cut.

    Raises:
        ValueError, OSError, ImportError: as `check_sound` and `check_target`.
    """
    check_target(path)
    samples, rate = check_sound(sound)
    samples = samples / max(1.0, np.abs(samples).max())
    whole = np.round(32767 * samples).astype("int16")
    with files.written_whole(path) as part:
        if part.suffix.lower() == ".wav":
            wavfile.write(part, rate, whole)
        else:
            _encode(part, whole, rate)


def _encode(path, samples, rate):
    layout = "stereo" if samples.shape[1] == 2 else "mono"
    with av.open(str(path), "w", format="flac") as container:
        stream = container.add_stream("flac", rate=rate, layout=layout, format="s16")
        frame = av.AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate = rate
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
