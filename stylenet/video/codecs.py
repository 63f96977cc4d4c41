"""Codes pictures as video, piece by piece, and joins the pieces, with the sound, to a file."""

import contextlib
import heapq
import warnings
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from stylenet import extras
from stylenet.video.containers import IncompleteClip, opened

av = extras.load("av")

HUNDREDTH = Fraction(1, 100)  # of a second: a GIF counts in these
BT709, LIMITED = 1, 1  # ffmpeg's numbers for how colors are coded


class Format(NamedTuple):
    """How a kind of file codes pictures and sound, and which sound it takes as it is.

    `even` tells whether both sides of its pictures have to be even.
    """

    codec: str
    options: dict
    sound: str | None
    copied: tuple
    even: bool = True


# Without B-frames packets are decoded in the order of their times: pieces join without a gap.
_X264 = Format("libx264", {"crf": "17", "bf": "0"}, "aac", ("aac", "mp3", "ac3", "alac"))
FORMATS = {
    ".mp4": _X264,
    ".mov": _X264,
    ".mkv": _X264._replace(copied=("aac", "mp3", "ac3", "opus", "vorbis", "flac")),
    ".webm": Format(
        "libvpx-vp9",
        {"crf": "24", "b:v": "0", "cpu-used": "4", "row-mt": "1"},
        "libopus",
        ("opus", "vorbis"),
    ),
    ".gif": Format("ffv1", {}, None, (), even=False),  # without loss until its colors are chosen
}


class Piece:
    """A few seconds of pictures in a file of their own, at the times that they will have."""

    def __init__(self, path, clip, coding):
        self.container = av.open(str(path), "w", format="nut")
        self.stream = self.container.add_stream(coding.codec, options=coding.options)
        height, width = clip.size
        context = self.stream.codec_context
        context.height, context.width = height, width
        context.framerate, context.time_base = clip.rate, clip.time_base
        if coding.codec == "ffv1":
            context.pix_fmt = "bgr0"
        else:  # phones and Windows show no other; it needs even sides
            context.pix_fmt = "yuv420p"
            context.colorspace = context.color_primaries = context.color_trc = BT709
            context.color_range = LIMITED

    def write(self, frame):
        pixels = np.rint(np.clip(frame.image, 0, 255)).astype("uint8")
        picture = av.VideoFrame.from_ndarray(pixels, format="rgb24")
        picture = picture.reformat(
            format=self.stream.codec_context.pix_fmt, dst_colorspace="itu709"
        )
        picture.pts, picture.time_base = frame.time, self.stream.codec_context.time_base
        self.container.mux(self.stream.encode(picture))

    def close(self):
        self.container.mux(self.stream.encode(None))
        self.container.close()


def join(pieces, target, clip, coding):
    """Copies the packets of all pieces into one file, and the sound of the clip between them.

    Sound that no longer can be written is left out, with an `IncompleteClip` warning.
    """
    try:
        _join(pieces, target, clip, coding)
    except av.FFmpegError as error:
        if not clip.sound:
            raise
        warnings.warn(
            f"The sound of {str(clip.path)!r} is left out: {error.strerror}.",
            IncompleteClip,
            stacklevel=2,
        )
        _join(pieces, target, clip._replace(sound=0), coding)


def _join(pieces, target, clip, coding):
    with contextlib.ExitStack() as files:
        output = files.enter_context(av.open(str(target), "w"))
        first = files.enter_context(av.open(str(pieces[0])))
        video = output.add_stream_from_template(first.streams.video[0], rate=clip.rate)
        tracks = [_pictures(pieces, video, clip)]
        for number in range(clip.sound):
            damaged = clip.survey.damaged[number] if clip.survey else ()
            if damaged is not None:
                source = files.enter_context(opened(clip.path))
                tracks.append(_sound(source, number, output, coding, damaged))
        for _, packet in heapq.merge(*tracks, key=lambda track: track[0]):
            output.mux(packet)


def _pictures(pieces, stream, clip):
    """The packets of the pictures with their times; the last is shown as long as the clip's."""
    before = None
    for packet in _packets(pieces):
        packet.stream = stream
        if before is not None:
            yield before.dts * before.time_base, before
        before = packet
    if clip.survey and clip.survey.last:
        before.duration = round(clip.survey.last / before.time_base)
    yield before.dts * before.time_base, before


def _packets(pieces):
    for piece in pieces:
        with av.open(str(piece)) as container:
            for packet in container.demux(video=0):
                if packet.dts is not None:
                    yield packet


def _sound(source, number, output, coding, damaged):
    """The packets of a track with their times: copied where the file takes them, else coded."""
    sound = source.streams.audio[number]
    intact = (
        packet
        for place, packet in enumerate(source.demux(sound))
        if place not in damaged and not packet.is_corrupt
    )
    if sound.codec_context.name in coding.copied:
        track = output.add_stream_from_template(sound)
        packets = _copied(intact, track)
    else:
        track = output.add_stream(coding.sound, rate=48000 if coding.sound == "libopus" else None)
        packets = _coded(intact, track)
    if "language" in sound.metadata:
        track.metadata["language"] = sound.metadata["language"]
    return ((packet.dts * packet.time_base, packet) for packet in packets)


def _copied(packets, track):
    for packet in packets:
        if packet.dts is not None:
            packet.stream = track
            yield packet


def _coded(packets, track):
    for packet in packets:
        for samples in packet.decode():
            yield from track.encode(samples)
    yield from track.encode(None)


def join_gif(pieces, target, clip):
    """All pieces as a GIF that repeats; each frame has the 256 colors that suit it best."""
    graph = av.filter.Graph()
    height, width = clip.size
    with av.open(str(pieces[0])) as first:
        time_base = first.streams.video[0].time_base
    start = graph.add_buffer(width=width, height=height, format="bgr0", time_base=time_base)
    split = graph.add("split")
    palette = graph.add("palettegen", "stats_mode=single")
    use = graph.add("paletteuse", "new=1:dither=bayer:bayer_scale=3")
    sink = graph.add("buffersink")
    start.link_to(split)
    split.link_to(palette, 0, 0)
    split.link_to(use, 1, 0)
    palette.link_to(use, 0, 1)
    use.link_to(sink)
    graph.configure()
    last = {}
    if clip.survey and clip.survey.last:
        last["final_delay"] = str(min(round(100 * clip.survey.last), 65535))
    with av.open(str(target), "w", options=last) as output:
        stream = output.add_stream("gif", rate=clip.rate)
        context = stream.codec_context
        context.height, context.width, context.pix_fmt = height, width, "pal8"
        context.time_base = HUNDREDTH
        for piece in pieces:
            with av.open(str(piece)) as container:
                for picture in container.decode(video=0):
                    start.push(picture)
                    _pull(graph, stream, output)
        start.push(None)
        _pull(graph, stream, output)
        output.mux(stream.encode(None))


def _pull(graph, stream, output):
    while True:
        try:
            picture = graph.pull()
        except (av.BlockingIOError, av.EOFError):
            return
        output.mux(stream.encode(picture))
