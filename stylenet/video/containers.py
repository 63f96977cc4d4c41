"""Files of pictures and sound: opened, compared with what they promise, decoded past damage."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from stylenet import extras

av = extras.load("av")

INDEXED = "mp4"  # the family of containers that list every packet: MP4, MOV, M4A, 3GP
TIMED = ("mp4", "matroska", "webm", "flv", "asf")  # those that write how long they are
ENDS = {"gif": b";", "apng": b"IEND\xaeB`\x82"}  # those that end in a mark
# Of FFmpeg's decoders, those that read transparency, which its first choice leaves out.
WITH_ALPHA = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


class IncompleteClip(UserWarning):
    """Less arrived than the clip promises."""


class Unreadable(ValueError):
    """Nothing, or nothing more, can be read."""


def opened(path):
    """A container, to be closed by the caller.

    Raises:
        Unreadable: no video.
    """
    try:
        return av.open(str(path), metadata_errors="replace")
    except av.FFmpegError as error:
        raise Unreadable(
            f"Cannot read {str(path)!r}: expected an intact video: {error.strerror}."
        ) from error


def moving_pictures(container):
    """The stream of pictures that can be decoded, or None; the cover of an album is none."""
    cover = av.stream.Disposition.attached_pic
    for stream in container.streams.video:
        if stream.codec_context is not None and not stream.disposition & cover:
            return stream
    return None


def decoded(container):
    """The pictures of a container one after the other; what cannot be decoded is left out.

    Yields:
        `av.VideoFrame`.

    Returns:
        How many packets could not be decoded, or only in part.
    """
    stream = moving_pictures(container)
    decoder, damaged = _decoder(stream), 0
    for packet in _packets(container, [stream]):
        if packet.is_corrupt or (not packet.size and packet.dts is not None):
            continue  # cut off by the end of the file, as the survey says; or as the one before
        try:
            # The last packet is empty: it calls for the pictures that the decoder holds back.
            pictures = decoder.decode(packet if packet.size else None)
        except av.EOFError:
            break
        except av.FFmpegError:
            damaged += 1
            continue
        for picture in pictures:
            damaged += picture.is_corrupt
            yield picture
    return damaged


class Survey(NamedTuple):
    """What a file holds, found without decoding a picture.

    `count` is the number of pictures, `last` for how many seconds the last one is shown (None if
    the file does not say), `damaged` has for each sound track the numbers of the packets that
    cannot be decoded, or None where that is all of them, and `lacking` says in words what is
    missing.
    """

    count: int
    last: float | None
    damaged: tuple
    lacking: tuple


def survey(path, sound=True):
    """Reads a file from start to end, decodes its sound, and compares with what it promises.

    Args:
        path: of the file.
        sound: whether its sound matters.

    Returns:
        A `Survey`.
    """
    with opened(path) as container:
        streams = [moving_pictures(container), *(container.streams.audio if sound else ())]
        tallies = {stream.index: Tally(stream) for stream in streams}
        for packet in _packets(container, streams):
            tallies[packet.stream.index].add(packet)
        pictures, *sounds = tallies.values()
        lacking = [*_missing(container, pictures, sounds), *_no_end(path, container)]
        lacking += _damage(sounds)
        damaged = tuple(sound.broken() for sound in sounds)
        return Survey(pictures.count, pictures.last, damaged, tuple(lacking))


class Tally:
    """What arrives of a stream."""

    def __init__(self, stream):
        self.sound = stream.type == "audio"
        self.promised = _promised(stream)
        self.number, self.count, self.damaged = 0, 0, []
        self.end, self.last = -np.inf, None

    def add(self, packet):
        """Counts a packet, and remembers how long it is shown if it is the last."""
        if packet.dts is None and not packet.size:
            return
        self.number += 1
        if self.sound and not packet.is_corrupt and not _decodes(packet):
            self.damaged.append(self.number - 1)
        if packet.is_corrupt:
            return
        self.count += 1
        if packet.pts is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            if end > self.end:
                self.end = end
                self.last = float(packet.duration * packet.time_base) if packet.duration else None

    def broken(self):
        """The numbers of the damaged packets; None for all of them."""
        return frozenset(self.damaged) if len(self.damaged) < self.number else None


def _packets(container, streams):
    """All packets as far as the file can be read; an empty one ends each stream."""
    try:
        yield from container.demux(streams)
    except av.FFmpegError:
        return


def _decoder(stream):
    """Decodes without threads over frames.

    They would lose what they hold when a packet is damaged, and wait forever when another library
    has switched `av.logging` on.
    """
    name = WITH_ALPHA.get(stream.codec_context.name)
    if name in av.codecs_available and stream.metadata.get("alpha_mode") == "1":
        return av.CodecContext.create(name, "r")
    stream.thread_type = "SLICE"
    return stream.codec_context


def _decodes(packet):
    try:
        packet.decode()
    except av.FFmpegError:
        return False
    return True


def _kind(container):
    return container.format.name.split(",")


def _promised(stream):
    """How many packets there should be, or 0 if the file does not say."""
    kind = _kind(stream.container)
    if "avi" in kind and stream.type == "video":
        return stream.frames
    return len(stream.index_entries) if INDEXED in kind else 0


def _missing(container, pictures, sounds):
    """What is promised and did not arrive, in words."""
    if pictures.promised:
        if pictures.count < pictures.promised:
            missing = pictures.promised - pictures.count
            yield f"{missing} of {pictures.promised} pictures are missing"
        for number, sound in enumerate(sounds, 1):
            if sound.count < sound.promised:
                missing = sound.promised - sound.count
                yield f"{missing} of {sound.promised} packets of sound track {number} are missing"
        return
    if not container.duration or not set(TIMED) & set(_kind(container)):
        return
    promised = container.duration / av.time_base
    arrived = max(0, *(each.end for each in (pictures, *sounds)))
    if promised - arrived > max(0.1, 1.5 * (pictures.last or 0)):
        yield f"the last {promised - arrived:.1f} of {promised:.1f} seconds are missing"


def _no_end(path, container):
    mark = ENDS.get(container.format.name)
    if not mark:
        return
    with open(path, "rb") as file:
        file.seek(max(0, Path(path).stat().st_size - 1024))
        if not file.read().rstrip(b"\0").endswith(mark):
            yield "its end is missing, and the format does not say how much"


def _damage(sounds):
    for number, sound in enumerate(sounds, 1):
        if sound.damaged:
            yield (
                f"{len(sound.damaged)} of {sound.number} packets of sound track {number} are "
                "damaged and left out"
            )
