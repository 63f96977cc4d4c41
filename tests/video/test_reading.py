"""What a container says of its pictures and sound, and what happens when it says too much."""

import re
import subprocess
import sys
import warnings
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("av")

import av
from helpers import PROJECT, run, smooth
from PIL import Image

from stylenet import images, video
from stylenet.video import codecs, containers, pixels
from stylenet.video.containers import IncompleteClip
from stylenet.video.reading import open_clip

FRAMES = [np.uint8(smooth(48, 64, seed)) for seed in range(12)]
NAMES = {
    "yuv420p": "libx264",
    "yuvj420p": "mjpeg",
    "yuv444p10le": "ffv1",
    "yuva420p": "libvpx-vp9",
    "bgr0": "ffv1",
}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(path, frames=FRAMES, form="bgr0", codec=None, tones=(), aspect=None, colors=None):
    """A clip of 10 frames a second, and a sound track for each tone in Hz."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec or NAMES[form], rate=10)
        stream.height, stream.width = np.shape(frames[0])[:2]
        stream.pix_fmt = form
        stream.codec_context.thread_count = 1  # the same on every machine
        if aspect:
            stream.codec_context.sample_aspect_ratio = aspect
        tracks = [container.add_stream("aac", rate=48000) for _ in tones]
        for number, frame in enumerate(frames):
            picture = frame
            if not isinstance(frame, av.VideoFrame):
                name = "rgba" if frame.shape[2] == 4 else "rgb24"
                picture = av.VideoFrame.from_ndarray(frame, name).reformat(format=form)
            picture.pts, picture.time_base = number, Fraction(1, 10)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        for track, tone in zip(tracks, tones, strict=True):
            sing(container, track, tone, len(frames) / 10)


def sing(container, track, tone, seconds):
    wave = np.sin(2 * np.pi * tone * np.arange(int(48000 * seconds)) / 48000) / 3
    for start in range(0, len(wave), 960):
        samples = np.tile(wave[None, start : start + 960].astype("float32"), (2, 1))
        block = av.AudioFrame.from_ndarray(samples, "fltp", "stereo")
        block.rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
        container.mux(track.encode(block))
    container.mux(track.encode(None))


def pictures(path, **options):
    return [frame.image for frame in open_clip(path, **options).frames()]


def copy(source, target, **options):
    """A clip drawn as it is."""
    video.stylize_video(
        source, target, lambda frame: frame, method="frames", progress=False, **options
    )


def loudest(path):
    """Of each sound track the loudest frequency in Hz."""
    found = []
    with av.open(str(path)) as container:
        count = len(container.streams.audio)
    for number in range(count):
        with av.open(str(path)) as container:
            blocks = [block.to_ndarray() for block in container.decode(audio=number)]
            rate = container.streams.audio[number].rate
        wave = np.concatenate([block.reshape(block.shape[0], -1)[0] for block in blocks])
        found.append(np.argmax(np.abs(np.fft.rfft(wave))) * rate / len(wave))
    return found


# What the container says of its pictures


@pytest.mark.parametrize("aspect", [Fraction(64, 45), Fraction(8, 9)])
def test_pixels_become_square_at_the_display_size(aspect):
    write("in.mp4", form="yuv420p", aspect=aspect)
    height, width = open_clip("in.mp4").size
    assert (height, width) == (48, round(64 * aspect))
    # Each picture by itself, by one thread: two of these are the same.
    write("in.mp4", form="yuvj420p", aspect=aspect)
    write("plain.mp4", form="yuvj420p")
    for frame, plain in zip(pictures("in.mp4"), pictures("plain.mp4"), strict=True):
        np.testing.assert_array_equal(frame, images.resize(plain, (height, width)))


# Quarter turns and mirrors: what the matrix ((a, b), (c, d)) does to a picture.
TURNS = {
    (1, 0, 0, 1): lambda image: image,
    (-1, 0, 0, 1): lambda image: image[:, ::-1],
    (1, 0, 0, -1): lambda image: image[::-1],
    (-1, 0, 0, -1): lambda image: image[::-1, ::-1],
    (0, 1, -1, 0): lambda image: np.rot90(image, -1),
    (0, -1, 1, 0): lambda image: np.rot90(image, 1),
    (0, 1, 1, 0): lambda image: image.swapaxes(0, 1),
    (0, -1, -1, 0): lambda image: np.rot90(image, 2).swapaxes(0, 1),
}


@pytest.mark.parametrize("matrix", TURNS)
def test_the_display_matrix_turns_and_mirrors(here, matrix):
    write("plain.mp4", form="yuv420p")
    data = bytearray((here / "plain.mp4").read_bytes())
    start = data.index(b"tkhd") + 44  # ISO/IEC 14496-12, 8.3.2: a b u c d v x y w
    a, b, c, d = (65536 * number for number in matrix)
    data[start : start + 36] = np.array([a, b, 0, c, d, 0, 0, 0, 1 << 30], ">i4").tobytes()
    (here / "turned.mp4").write_bytes(data)
    for plain, turned in zip(pictures("plain.mp4"), pictures("turned.mp4"), strict=True):
        np.testing.assert_array_equal(turned, TURNS[matrix](plain))


def high_dynamic_range(image, transfer):
    """A picture as BT.2020 with white at 203 cd/m2: ITU-R BT.2087, BT.2100, BT.2408."""
    to_2020 = [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.0880, 0.8956]]
    light = 203 * (image / 255) ** 2.4 @ np.transpose(to_2020)
    if transfer == "PQ":
        power = (light / 10000) ** 0.1593017578125
        return ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    luminance = np.maximum(light @ [0.2627, 0.678, 0.0593], 1e-6)[..., None] / 1000
    scene = light / 1000 * luminance ** (-0.2 / 1.2)
    high = 0.17883277 * np.log(np.maximum(12 * scene - 0.28466892, 1e-9)) + 0.55991073
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


@pytest.mark.parametrize(("transfer", "number"), [("PQ", 16), ("HLG", 18)])
def test_high_dynamic_range_becomes_bt709(transfer, number):
    """The picture that was graded to 203 cd/m2 comes back."""
    frames = []
    for image in FRAMES[:2]:
        code = np.uint16(np.rint(65535 * high_dynamic_range(image, transfer)))
        frame = av.VideoFrame.from_ndarray(code, "rgb48le")
        frame = frame.reformat(format="yuv444p10le", dst_colorspace=9, dst_color_range=1)
        frame.color_trc, frame.color_primaries = number, 9
        frames.append(frame)
    screen = pixels.Screen()
    for image, frame in zip(FRAMES, frames, strict=False):
        assert np.mean(np.abs(screen(frame) - image)) < 6
        frame.color_trc = frame.color_primaries = 1
        assert np.mean(np.abs(pixels.Screen()(frame) - image)) > 15  # unless it is looked at


def with_alpha():
    """White in the middle, black and transparent around it."""
    frames = np.zeros((5, 48, 64, 4), "uint8")
    frames[:, 12:36, 16:48] = 255
    return list(frames)


def write_animation(path, **options):
    first, *others = (Image.fromarray(frame) for frame in with_alpha())
    others[-1].putpixel((0, 0), (9, 9, 9, 255))  # Pillow joins frames that are equal
    first.save(path, save_all=True, append_images=others, **options)


@pytest.mark.parametrize("name", ["in.webm", "in.apng", "in.gif"])
def test_transparency_is_put_over_white(name):
    if name == "in.webm":
        write(name, with_alpha(), "yuva420p")
    else:
        write_animation(name, format={"in.apng": "PNG", "in.gif": "GIF"}[name])
    assert pictures(name)[0].min() > 250


def test_the_last_frame_of_a_gif_is_shown_as_long():
    frames = [Image.fromarray(frame) for frame in FRAMES[:4]]
    frames[0].save(
        "in.gif", save_all=True, append_images=frames[1:], duration=[100, 100, 100, 2000]
    )
    for name in ("out.gif", "out.mp4", "out.webm"):
        copy("in.gif", name)
        assert containers.survey(name).last == pytest.approx(2, abs=0.02)


def boxes(data):
    """The boxes of an MP4 file, ISO/IEC 14496-12, 4.2."""
    while data:
        size = int.from_bytes(data[:4])
        yield data[:size]
        data = data[size:]


def write_with_cover(path, frames):
    """A clip whose cover comes before its pictures, as some programs write it."""
    with av.open(path, "w", format="mp4") as container:
        cover = container.add_stream("mjpeg", rate=1)
        cover.height, cover.width, cover.pix_fmt = 32, 32, "yuvj420p"
        cover.disposition = av.stream.Disposition.attached_pic
        if frames:
            stream = container.add_stream("libx264", rate=10)
            stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        track = container.add_stream("aac", rate=48000)
        container.mux(cover.encode(av.VideoFrame.from_ndarray(FRAMES[0][:32, :32], "rgb24")))
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(frame, "rgb24")
            picture.pts = number
            container.mux(stream.encode(picture))
        if frames:
            container.mux(stream.encode(None))
        sing(container, track, 440, 1.2)
    data = Path(path).read_bytes()
    *before, movie = boxes(data)
    inside = sorted(boxes(movie[8:]), key=lambda box: box[4:8] != b"udta")
    Path(path).write_bytes(b"".join([*before, movie[:8], *inside]))


def test_a_cover_is_not_taken_for_the_clip():
    write_with_cover("in.mp4", FRAMES)
    with av.open("in.mp4") as container:
        assert [stream.width for stream in container.streams.video] == [32, 64]
    assert open_clip("in.mp4").size == (48, 64)
    copy("in.mp4", "out.mp4")
    assert len(pictures("out.mp4")) == len(FRAMES)


def test_a_song_with_a_cover_is_no_clip():
    write_with_cover("song.m4a", [])
    with av.open("song.m4a") as container:
        assert container.streams.video
    with pytest.raises(ValueError, match=r"song\.m4a' has no moving pictures"):
        open_clip("song.m4a")


def test_frames_are_taken_in_the_order_of_their_numbers(here):
    (here / "frames").mkdir()
    for number, frame in enumerate(FRAMES, 1):
        images.save_image(f"frames/frame{number}.png", frame)
    for read, frame in zip(pictures("frames"), FRAMES, strict=True):
        np.testing.assert_array_equal(read, frame)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_every_sound_track_is_kept(suffix):
    write("in.mkv", form="yuv420p", tones=(440, 880))
    copy("in.mkv", f"out{suffix}")
    np.testing.assert_allclose(loudest(f"out{suffix}"), [440, 880], atol=5)


# Less than was promised


def cut(source, target, share):
    """The beginning of a file, as an interrupted download leaves it."""
    data = Path(source).read_bytes()
    Path(target).write_bytes(data[: int(share * len(data))])


def write_streamable(path, **options):
    """A clip whose index comes first, so that a part of it can be played."""
    write("whole.mp4", **options)
    target = av.open(path, "w", options={"movflags": "faststart"})
    with av.open("whole.mp4") as source, target:
        streams = {s.index: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)


def spoil(path, chosen):
    """Overwrites the bytes of some packets of a file without sound."""
    with av.open(path) as container:
        places = [(packet.pos, packet.size) for packet in container.demux() if packet.size]
    data = bytearray(Path(path).read_bytes())
    for number in chosen:
        start, size = places[number]
        data[start : start + size] = b"\xff" * size
    Path(path).write_bytes(data)


WHOLE = {"form": "yuv420p", "tones": (440,)}


@pytest.mark.parametrize("name", ["in.mp4", "in.mkv", "in.webm"])
def test_a_clip_that_is_whole_is_not_warned_of(name):
    write("whole.mkv", **WHOLE)
    copy("whole.mkv", name)
    clip = open_clip(name).surveyed()
    assert clip.survey.lacking == () and clip.count == len(FRAMES)
    assert len(list(clip.frames())) == len(FRAMES)


def test_a_trimmed_clip_is_not_warned_of(here):
    """An edit list plays a part of what the index has: nothing is missing."""
    write("in.mp4", form="yuv420p")
    data = bytearray((here / "in.mp4").read_bytes())
    start = data.index(b"elst") + 12  # duration of the edit, in units of the movie
    data[start : start + 4] = (int.from_bytes(data[start : start + 4]) // 2).to_bytes(4)
    (here / "in.mp4").write_bytes(data)
    clip = open_clip("in.mp4").surveyed()
    assert clip.survey.lacking == ()
    assert len(list(clip.frames())) < len(FRAMES)


def test_an_mp4_cut_short_gives_what_there_is_and_says_how_much_is_missing():
    write_streamable("in.mp4", **WHOLE)
    cut("in.mp4", "cut.mp4", 0.6)
    with pytest.warns(IncompleteClip, match="cut.mp4' is incomplete: ") as warned:
        copy("cut.mp4", "out.mp4")
    (message,) = (str(each.message) for each in warned)
    count = len(pictures("out.mp4"))
    assert 0 < count < len(FRAMES)
    assert f": {len(FRAMES) - count} of 12 pictures are missing; " in message
    assert re.search(r"\d+ of \d+ packets of sound track 1 are missing\.$", message)
    for result, frame in zip(pictures("out.mp4"), pictures("in.mp4"), strict=False):
        assert np.mean(np.abs(result - frame)) < 4


@pytest.mark.parametrize("name", ["in.mkv", "in.webm"])
def test_a_clip_that_ends_before_its_time_says_how_much_is_missing(name):
    write("whole.mkv", FRAMES * 4, **WHOLE)
    copy("whole.mkv", name)
    cut(name, f"cut_{name}", 0.5)
    with pytest.warns(IncompleteClip) as warned:
        clip = open_clip(f"cut_{name}").surveyed()
    (message,) = (str(each.message) for each in warned)
    missing, whole = map(float, re.search(r"last ([\d.]+) of ([\d.]+) seconds", message).groups())
    assert whole == pytest.approx(4.8, abs=0.1)
    assert missing == pytest.approx(4.8 - clip.count / 10, abs=0.3)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("in.avi", r"\d of 12 pictures are missing"),
        ("in.gif", "its end is missing"),
        ("in.apng", "its end is missing"),
    ],
)
def test_what_has_no_end_is_warned_of(name, message):
    if name == "in.avi":
        write(name, form="yuvj420p")
    else:
        first, *others = (Image.fromarray(frame) for frame in FRAMES)
        form = {"in.apng": "PNG", "in.gif": "GIF"}[name]
        first.save(name, form, save_all=True, append_images=others, duration=100)
    assert open_clip(name).surveyed().count == 12
    cut(name, f"cut_{name}", 0.6)
    with pytest.warns(IncompleteClip, match=message):
        clip = open_clip(f"cut_{name}").surveyed()
    assert 0 < clip.count < 12


def test_an_empty_packet_repeats_a_picture_and_does_not_end_the_clip(monkeypatch):
    write("in.avi", form="yuvj420p")
    packets = containers._packets

    def with_an_empty_one(container, streams):
        for number, packet in enumerate(packets(container, streams)):
            if number == 4:
                empty = av.Packet(0)
                empty.stream, empty.time_base = packet.stream, packet.time_base
                empty.dts, empty.pts = packet.dts, packet.pts
                packet = empty
            yield packet

    monkeypatch.setattr(containers, "_packets", with_an_empty_one)
    clip = open_clip("in.avi").surveyed()
    assert clip.survey.lacking == ()
    assert len(list(clip.frames())) == 11


@pytest.mark.parametrize("form", ["yuvj420p", "yuv420p"])
def test_damaged_packets_do_not_end_the_clip(form):
    """Of 12 pictures 10 are there: those of JPEG need no other, those of H.264 some of them do."""
    write("in.mp4", form=form)
    intact = pictures("in.mp4")
    spoil("in.mp4", [3, 7])
    clip = open_clip("in.mp4").surveyed()
    with pytest.warns(IncompleteClip, match=r"in.mp4' .*damaged or left out: \d+\."):
        found = {round(frame.time * clip.time_base * 10): frame.image for frame in clip.frames()}
    assert len(found) >= 10 and max(found) == 11
    for number in range(12) if form == "yuvj420p" else range(3):
        if number not in (3, 7):
            np.testing.assert_array_equal(found[number], intact[number])


def test_damaged_sound_is_found_before_the_first_frame_is_drawn():
    write("in.ts", form="yuv420p", tones=(440,))
    spoil_sound("in.ts")
    drawn = []
    with warnings.catch_warnings():
        warnings.simplefilter("error", IncompleteClip)
        with pytest.raises(IncompleteClip, match="packets of sound track 1 are damaged"):
            video.stylize_video("in.ts", "out.mp4", drawn.append, method="frames", progress=False)
    assert not drawn


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".webm"])
def test_damaged_sound_costs_no_frame_and_no_other_sound(suffix):
    write("in.ts", form="yuv420p", tones=(440,))
    spoil_sound("in.ts")
    with pytest.warns(IncompleteClip, match="packets of sound track 1 are damaged"):
        copy("in.ts", f"out{suffix}")
    assert len(pictures(f"out{suffix}")) == len(FRAMES)
    assert loudest(f"out{suffix}") == pytest.approx([440], abs=15)


def test_sound_that_is_not_wanted_is_not_warned_of():
    write("in.ts", form="yuv420p", tones=(440,))
    spoil_sound("in.ts")
    copy("in.ts", "out.gif")
    copy("in.ts", "out")


def test_sound_that_cannot_be_written_costs_no_frame(monkeypatch):
    write("in.mkv", **WHOLE)

    def fail(*arguments):
        raise av.InvalidDataError(1094995529, "Invalid data")
        yield

    monkeypatch.setattr(codecs, "_copied", fail)
    with pytest.warns(IncompleteClip, match="sound of 'in.mkv' is left out"):
        copy("in.mkv", "out.mp4")
    assert len(pictures("out.mp4")) == len(FRAMES)


def test_a_track_of_which_nothing_can_be_decoded_is_left_out(monkeypatch):
    write("in.mkv", form="yuv420p", tones=(440, 880))
    monkeypatch.setattr(containers, "_decodes", lambda packet: packet.stream.index != 1)
    with pytest.warns(IncompleteClip, match=r"(\d+) of \1 packets of sound track 1 are damaged"):
        copy("in.mkv", "out.mp4")
    assert loudest("out.mp4") == pytest.approx([880], abs=5)
    assert len(pictures("out.mp4")) == len(FRAMES)


def test_what_cannot_be_joined_costs_no_drawn_frame(monkeypatch):
    write("in.mkv", form="yuv420p")
    drawn, options = [], {"method": "frames", "progress": False}

    def draw(frame):
        drawn.append(frame)
        return frame

    def fail(*arguments):
        raise av.InvalidDataError(1094995529, "Invalid data")

    with monkeypatch.context() as patch:
        patch.setattr(codecs, "_join", fail)
        with pytest.raises(ValueError, match="Invalid data"):
            video.stylize_video("in.mkv", "out.mp4", draw, **options)
    assert len(drawn) == len(FRAMES)
    video.stylize_video("in.mkv", "out.mp4", draw, resume=True, **options)
    assert len(drawn) == len(FRAMES) and len(pictures("out.mp4")) == len(FRAMES)


def spoil_sound(path):
    """Overwrites what belongs to a few sound packets of a transport stream, ISO/IEC 13818-1."""
    data = bytearray(Path(path).read_bytes())
    with av.open(path) as container:
        number = container.streams.audio[0].id
    packets = [
        start
        for start in range(0, len(data), 188)
        if int.from_bytes(data[start + 1 : start + 3]) & 0x1FFF == number
    ]
    for start in packets[3:6]:
        data[start + 60 : start + 188] = bytes(128)
    Path(path).write_bytes(data)


def test_the_command_ends_with_status_1_and_one_line_for_a_clip_cut_short(capsys):
    write_streamable("in.mp4", form="yuv420p")
    cut("in.mp4", "cut.mp4", 0.6)
    code, _, error = run(capsys, "video", "cut.mp4", "-o", "out.mp4", "-s", "wave")
    lines = [line for line in error.splitlines() if "frame/s" not in line and line.strip()]
    assert code == 1
    assert len(lines) == 1 and lines[0].startswith("stylenet: warning: 'cut.mp4' is incomplete: ")
    assert len(pictures("out.mp4")) > 0
    code, _, _ = run(capsys, "video", "in.mp4", "-o", "out.mp4", "-s", "wave")
    assert code == 0


# Limits


def huge_gif():
    """16,000 x 16,000 pixels in a few bytes: a screen of that size, and a frame of one pixel."""
    side = (16000).to_bytes(2, "little")
    frame = b"\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0"
    return b"GIF89a" + side + side + b"\x80\0\0\0\0\0\xff\xff\xff" + 2 * frame + b";"


def test_a_clip_of_more_pixels_than_a_picture_may_have_is_refused(here, monkeypatch):
    (here / "in.gif").write_bytes(huge_gif())
    with pytest.raises(ValueError, match=r"in\.gif.* 16000 x 16000 pixels are more than the limit"):
        open_clip("in.gif")
    write("in.mp4", form="yuv420p", aspect=Fraction(3, 2))
    for limit, passes in ((64 * 48 * 3 // 2, True), (64 * 48 * 3 // 2 - 1, False)):
        monkeypatch.setattr(images, "MAX_PIXELS", limit)
        if passes:
            assert open_clip("in.mp4").size == (48, 96)
            continue
        with pytest.raises(ValueError, match=r"in\.mp4.* 96 x 48 pixels are more than the limit"):
            open_clip("in.mp4")


@pytest.mark.slow
def test_logging_of_another_library_does_not_hang():
    """With threads over frames one of the first clips waits forever for its own messages."""
    noise = np.random.default_rng(0).integers(0, 255, (240, 320, 3), "uint8")
    write("in.mp4", [np.roll(noise, step, 1) for step in range(30)], "yuv420p", "libx265")
    program = (
        "import av\nfrom stylenet.video.reading import open_clip\n"
        "av.logging.set_level(av.logging.DEBUG)\n"
        "for _ in range(5): open_clip('in.mp4')\n"
        "assert len(list(open_clip('in.mp4').frames())) == 30"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(PROJECT)},
        capture_output=True,
        timeout=1200,
        check=False,
    )
    assert ended.returncode == 0
