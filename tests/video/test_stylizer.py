"""Clips in and out, and style that stays on the scene from frame to frame."""

import json
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("cv2")
pytest.importorskip("av")

import av
import keras
from helpers import fails, run

from stylenet import flow, images, video, weights
from stylenet.feed_forward.network import transform_net
from stylenet.figures.clips import temporal_slice
from stylenet.figures.drawing import photograph
from stylenet.stylizers import stylizer
from stylenet.video import stylizer as stylizer_module
from stylenet.video import writing
from stylenet.video.consistency import Consistency
from stylenet.video.reading import open_clip
from stylenet.video.scenes import Motion, Scene
from stylenet.video.temporal import TemporalStylizer

RATE = Fraction(24000, 1001)
SIZE = (48, 64)
SCENE = Scene(photograph("coffee.png"), SIZE, Motion(2, 1))
FRAMES = [SCENE.frame(time) for time in range(10)]


def write_clip(path, frames, codec="libx264", sound=None, rate=RATE):
    """A clip as a camera would write it; the sound is a tone of 440 Hz."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.thread_count = 1  # the same on every machine
        track = container.add_stream(sound, rate=48000) if sound else None
        for number, frame in enumerate(frames):
            picture = av.VideoFrame.from_ndarray(np.uint8(np.rint(frame)), format="rgb24")
            picture.pts = number
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        if track:
            count = int(48000 * len(frames) / rate)
            wave = np.sin(2 * np.pi * 440 * np.arange(count) / 48000).astype("float32") / 3
            for start in range(0, count, 960):
                samples = np.tile(wave[None, start : start + 960], (2, 1))
                block = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
                block.rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
                container.mux(track.encode(block))
            container.mux(track.encode(None))


def pictures(path):
    return [frame.image for frame in open_clip(path).frames()]


def assert_the_same_clip(path, other):
    """But for rounding, and in a video for what a codec makes of it on average."""
    for result, expected in zip(pictures(path), pictures(other), strict=True):
        difference = np.abs(result - expected)
        assert difference.max() <= 1 if Path(path).is_dir() else difference.mean() < 1


def tone(path):
    """The sound of a clip: its loudest frequency in Hz, and how long it is in seconds."""
    with av.open(str(path)) as container:
        blocks = [block.to_ndarray() for block in container.decode(audio=0)]
        rate = container.streams.audio[0].rate
    wave = np.concatenate([block.reshape(block.shape[0], -1)[0] for block in blocks])
    spectrum = np.abs(np.fft.rfft(wave))
    return np.argmax(spectrum) * rate / len(wave), len(wave) / rate


@pytest.fixture(scope="module")
def style(tmp_path_factory):
    """A network of our own."""
    keras.utils.set_random_seed(0)
    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    path = tmp_path_factory.mktemp("style") / "mine.weights.h5"
    weights.save_network(transform_net(**options), path, options)
    return path


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a clip and the same as frames."""
    write_clip(tmp_path / "in.mp4", FRAMES, sound="aac")
    (tmp_path / "frames").mkdir()
    for number, frame in enumerate(FRAMES):
        images.save_image(tmp_path / "frames" / f"{number:03}.png", frame)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def unchanged(frame):
    """A stylizer that needs no network."""
    return frame


# Clips


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_rate_size_sound_and_number_of_frames_are_kept(here, suffix):
    video.stylize_video("in.mp4", f"out{suffix}", unchanged, method="frames", progress=False)
    clip = open_clip(f"out{suffix}")
    assert clip.size == SIZE
    assert abs(clip.rate - RATE) < 0.01
    result = pictures(f"out{suffix}")
    assert len(result) == len(FRAMES)
    # What differs is compression.
    assert np.mean(np.abs(np.array(result) - pictures("in.mp4"))) < 3
    frequency, seconds = tone(f"out{suffix}")
    assert abs(frequency - 440) < 5
    assert abs(seconds - len(FRAMES) / RATE) < 0.1


def test_the_times_of_the_frames_are_kept(here):
    video.stylize_video("in.mp4", "out.mp4", unchanged, method="frames", progress=False)
    times = [
        [float(frame.time * clip.time_base) for frame in clip.frames()]
        for clip in (open_clip("in.mp4"), open_clip("out.mp4"))
    ]
    np.testing.assert_allclose(times[1], times[0], atol=1e-3)


def test_sound_that_webm_takes_is_copied(here):
    write_clip("in.webm", FRAMES, "libvpx-vp9", "libopus")
    video.stylize_video("in.webm", "out.webm", unchanged, method="frames", progress=False)
    packets = []
    for name in ("in.webm", "out.webm"):
        with av.open(name) as container:
            packets.append([bytes(packet) for packet in container.demux(audio=0)])
    assert packets[0] == packets[1]


def test_a_gif_shows_as_many_frames_for_as_long(here):
    video.stylize_video("in.mp4", "out.gif", unchanged, method="frames", progress=False)
    result = pictures("out.gif")
    assert len(result) == len(FRAMES)
    assert np.mean(np.abs(np.array(result) - pictures("in.mp4"))) < 6
    with av.open("out.gif") as container:
        assert abs(container.duration / 1e6 - len(FRAMES) / RATE) < 0.05


def test_a_folder_of_frames_goes_to_a_folder_without_loss(here):
    video.stylize_video("frames", "out", unchanged, method="frames", progress=False)
    for result, frame in zip(pictures("out"), FRAMES, strict=True):
        np.testing.assert_array_equal(result, np.rint(frame))


def test_a_folder_goes_to_a_video_at_the_rate_asked_for(here):
    video.stylize_video("frames", "out.mp4", unchanged, method="frames", rate=10, progress=False)
    assert open_clip("out.mp4").rate == 10


@pytest.mark.parametrize("suffix", [".gif", ""])
def test_odd_sides_are_kept_where_colors_have_the_full_resolution(here, suffix):
    write_clip("odd.mkv", [frame[:47, :63] for frame in FRAMES[:3]], "ffv1")
    video.stylize_video("odd.mkv", f"out{suffix}", unchanged, method="frames", progress=False)
    assert open_clip(f"out{suffix}").size == (47, 63)


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".mkv", ".webm"])
def test_an_odd_side_loses_its_last_row_or_column_in_a_video(here, suffix):
    write_clip("odd.mkv", [frame[:47, :63] for frame in FRAMES[:3]], "ffv1")
    video.stylize_video("odd.mkv", f"out{suffix}", unchanged, method="frames", progress=False)
    with av.open(f"out{suffix}") as container:
        assert container.streams.video[0].pix_fmt == "yuv420p"
    for before, after in zip(pictures("odd.mkv"), pictures(f"out{suffix}"), strict=True):
        assert np.mean(np.abs(after - before[:46, :62])) < 6


@pytest.mark.parametrize(("longer", "size"), [(32, (24, 32)), (35, (26, 34)), (2, (2, 2))])
def test_max_size_limits_the_longer_side_to_even_sizes(here, longer, size):
    video.stylize_video(
        "in.mp4", "out.mp4", unchanged, max_size=longer, method="frames", progress=False
    )
    assert open_clip("out.mp4").size == size
    assert max(size) <= longer


def test_a_single_row_is_doubled(here):
    write_clip("row.mkv", [frame[:1] for frame in FRAMES[:3]], "ffv1")
    video.stylize_video("row.mkv", "out.mp4", unchanged, method="frames", progress=False)
    assert open_clip("out.mp4").size == (2, 64)


# Interruptions


@pytest.mark.parametrize("target", ["out", "out.mp4"])
@pytest.mark.parametrize("method", ["consistent", "frames"])
def test_a_resumed_run_ends_like_an_uninterrupted_one(here, style, monkeypatch, target, method):
    monkeypatch.setattr(writing, "PIECE", 4)
    whole, options = f"whole{target[3:]}", {"method": method, "progress": False}
    video.stylize_video("frames", whole, style, **options)
    draw, drawn = stylizer_module.finish, []

    def fail_at_the_seventh(*arguments):
        drawn.append(arguments)
        if len(drawn) == 7:
            raise KeyboardInterrupt
        return draw(*arguments)

    monkeypatch.setattr(stylizer_module, "finish", fail_at_the_seventh)
    with pytest.raises(KeyboardInterrupt):
        video.stylize_video("frames", target, style, **options)
    assert not (here / target).exists()
    video.stylize_video("frames", target, style, resume=True, **options)
    assert len(drawn) == 7 + 6  # four of ten were kept
    assert_the_same_clip(target, whole)
    assert sorted(path.name for path in here.glob("*.partial")) == []


def interrupt(monkeypatch, *arguments, **options):
    """A run that stops before its pieces are joined."""

    def stop(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(writing, "PIECE", 4)
    with monkeypatch.context() as patch:
        patch.setattr(writing.Recording, "finish", stop)
        with pytest.raises(KeyboardInterrupt):
            video.stylize_video(*arguments, progress=False, **options)


@pytest.mark.parametrize(
    ("draw", "options", "name"),
    [
        ({"strength": 0.5}, {}, "strength"),
        ({"colors": "keep"}, {}, "colors"),
        ({}, {"method": "frames"}, "video_method"),
        ({}, {"max_size": 32}, "size"),
    ],
)
def test_other_settings_do_not_resume(here, style, monkeypatch, draw, options, name):
    interrupt(monkeypatch, "frames", "out.mp4", style)
    with pytest.raises(ValueError, match=rf"interrupted run; {name} differs"):
        video.stylize_video(
            "frames", "out.mp4", stylizer(style, **draw), resume=True, progress=False, **options
        )
    assert (here / "out.mp4.partial").is_dir()


def test_the_settings_of_a_run_are_one_flat_dict(here, style, monkeypatch):
    interrupt(monkeypatch, "frames", "out", stylizer(style, strength=0.7))
    settings = json.loads((here / "out.partial" / "settings.json").read_text())
    assert settings["method"] == "feed_forward" and settings["video_method"] == "consistent"
    assert settings["strength"] == 0.7 and settings["style"] == str(style)
    assert settings["size"] == list(SIZE)
    assert not any(isinstance(value, dict) for value in settings.values())


def test_a_plain_function_is_told_from_another(here, monkeypatch):
    interrupt(monkeypatch, "frames", "out", unchanged, method="frames")
    options = {"method": "frames", "resume": True, "progress": False}
    with pytest.raises(ValueError, match="function differs"):
        video.stylize_video("frames", "out", lambda frame: frame, **options)
    video.stylize_video("frames", "out", unchanged, **options)
    np.testing.assert_array_equal(pictures("out")[3], np.rint(FRAMES[3]))


def test_memory_does_not_grow_with_the_clip(here, monkeypatch):
    """Frames are read when they are drawn, never ahead."""
    read, drawn = [], []
    original = writing.Recording.write
    frames = type(open_clip("frames")).frames

    def count(self, start=0):
        for frame in frames(self, start):
            read.append(frame)
            yield frame

    def check(self, frame, state):
        drawn.append(frame)
        assert len(read) - len(drawn) < 2
        original(self, frame, state)

    monkeypatch.setattr("stylenet.video.reading.Clip.frames", count)
    monkeypatch.setattr(writing.Recording, "write", check)
    video.stylize_video("frames", "out.mp4", unchanged, method="frames", progress=False)
    assert len(drawn) == len(FRAMES)


# Consistency


def paint(seed=0):
    """A painter whose strokes depend on where they are in the frame: it flickers when moved."""
    strokes = np.random.default_rng(seed).normal(0, 30, (400, 400, 3)).astype("float32")

    def draw(frame):
        height, width, _ = frame.shape
        return np.clip(frame + strokes[:height, :width], 0, 255)

    return draw


def warping_error(scene, results):
    values = []
    for time in range(1, len(results)):
        warped = flow.warp(results[time - 1], scene.flow(time, time - 1))
        seen = ~scene.occluded(time, time - 1)
        values.append(np.mean(np.square(warped - results[time])[seen]))
    return np.mean(values)


@pytest.fixture(scope="module")
def pan():
    return Scene(photograph("chelsea.png"), (200, 240), Motion(-3, 1))


def test_strokes_stay_on_the_scene(pan):
    frames = [pan.frame(time) for time in range(8)]
    draw = paint()
    single = warping_error(pan, [draw(frame) for frame in frames])
    stylize = Consistency(draw)
    assert warping_error(pan, [stylize(frame) for frame in frames]) < 0.3 * single


def test_strokes_keep_their_contrast(pan):
    """Mixed strokes would be pale; fetched ones are as strong as drawn ones."""
    draw, stylize = paint(), Consistency(paint())
    for time in range(8):
        frame = pan.frame(time)
        result = stylize(frame)
    drawn = np.std(np.diff(draw(frame), axis=0))
    assert np.std(np.diff(result, axis=0)) > 0.85 * drawn


def test_a_still_scene_stays_as_it_was_drawn_until_it_is_due():
    frame = photograph("chelsea.png")
    number = iter(range(100))
    stylize = Consistency(lambda frame: np.full_like(frame, 20 * next(number)), life=5)
    results = np.array([stylize(frame)[..., 0] for _ in range(11)])
    assert np.all(results[0] == 0)
    drawn_anew = np.diff(results, axis=0) > 0
    assert np.all(drawn_anew[:5].sum(axis=0) == 1)  # each pixel once in its life
    np.testing.assert_array_equal(drawn_anew[5:], drawn_anew[:5])
    assert all(0.1 < share < 0.3 for share in drawn_anew.mean(axis=(1, 2)))


def test_what_comes_into_view_is_drawn():
    scene = Scene(photograph("chelsea.png"), (100, 120), Motion(-10, 0))
    number = iter([10, 200])
    stylize = Consistency(lambda frame: np.full_like(frame, next(number)))
    stylize(scene.frame(0))
    result = stylize(scene.frame(1))
    assert np.all(result[:, 112:] == 200)
    assert np.mean(result[:, 5:105] == 10) > 0.85


def test_a_cut_starts_afresh():
    scenes = [
        Scene(photograph(name), (200, 240), Motion(-3, 1)) for name in ("chelsea.png", "coffee.png")
    ]
    frames = [scenes[time // 4].frame(time) for time in range(8)]
    stylize, draw = Consistency(paint()), paint()
    for time, frame in enumerate(frames):
        result = stylize(frame)
        same = np.mean(np.abs(result - np.rint(draw(frame))) < 1)
        assert (same == 1) == (time in (0, 4))


@pytest.mark.parametrize("motion", [Motion(15, -9), Motion(0, 0, 1.05), Motion(0, 0, 0.95)])
def test_fast_motion_is_no_cut(motion):
    scene = Scene(photograph("coffee.png"), (200, 240), motion)
    stylize = Consistency(paint())
    for time in range(4):
        stylize(scene.frame(time))
        assert stylize.number == time


def test_the_drawing_of_a_single_frame_is_that_of_stylize(here, style):
    from stylenet.feed_forward.stylizer import stylize

    draw = stylizer(style, strength=0.7, colors="keep")
    video.stylize_video("frames", "out", draw, progress=False)
    expected = stylize(images.load_image("frames/000.png"), style, 0.7, "keep")
    assert np.abs(pictures("out")[0] - expected).max() < 2.5


def test_what_travels_with_the_scene_is_the_drawing_in_full(here, pan):
    """Pixels that travel bring no photograph along: it is added to each frame at the end."""

    class Faded:
        strength, colors, paint = 0.25, "style", staticmethod(paint())

    frames = [np.rint(pan.frame(time)) for time in range(4)]
    (here / "pan").mkdir()
    for number, frame in enumerate(frames):
        images.save_image(f"pan/{number}.png", frame)
    video.stylize_video("pan", "out", Faded(), progress=False)
    in_order = Consistency(paint())
    for frame, result in zip(frames, pictures("out"), strict=True):
        expected = frame + 0.25 * (in_order(frame) - frame)
        assert np.abs(result - expected).max() <= 0.51


def test_the_method_says_what_keeps_strokes_in_place(pan):
    frames, draw = [pan.frame(time) for time in range(3)], paint()
    single = video.frame_stylizer(draw, "frames")
    for frame in frames:
        np.testing.assert_array_equal(single(frame), draw(frame))
    assert isinstance(video.frame_stylizer(draw), Consistency)
    with pytest.raises(ValueError, match="Expected a TemporalStylizer"):
        video.frame_stylizer(draw, "temporal")
    with pytest.raises(ValueError, match=r"method to be one of .*Received: 'slow'"):
        video.stylize_video("frames", "out", draw, method="slow")
    with pytest.raises(ValueError, match=r"'temporal'\. Received: 2 with 'consistent'"):
        video.stylize_video("frames", "out", draw, passes=2)


def test_a_temporal_slice_is_one_row_of_every_frame():
    picture = temporal_slice(FRAMES, 7)
    assert picture.shape == (len(FRAMES), SIZE[1], 3)
    np.testing.assert_array_equal(picture[3], FRAMES[3][7])


# Methods that take any picture as style


@pytest.fixture
def painting(here):
    images.save_image("painting.png", photograph("chelsea.png")[:64, :64])
    return "painting.png"


def test_universal_draws_the_first_frame_as_its_stylizer_does(here, painting):
    from stylenet.universal.stylizer import UniversalStylizer

    options = {"alpha": 1.0, "levels": (2, 1)}
    draw = stylizer(painting, "universal", **options)
    video.stylize_video("frames", "out", draw, progress=False)
    expected = UniversalStylizer().stylize(
        images.load_image("frames/000.png"), images.load_image(painting), **options
    )
    result = pictures("out")
    assert np.abs(result[0] - expected).max() < 2
    assert len(result) == len(FRAMES)


def test_the_command_draws_paintings_in_one_pass(here, painting, capsys):
    code, _, err = run(capsys, "video", "frames", "-s", painting, "-o", "out")
    assert code == 0, err
    draw = stylizer(painting, "onepass", style_size=max(SIZE), emphasis=0.5)
    expected = draw(images.load_image("frames/000.png"))
    assert np.abs(pictures("out")[0] - expected).max() < 2
    assert "by onepass" in run(capsys, "video", "frames", "-s", painting, "-o", "more")[1]


@pytest.mark.slow
@pytest.mark.parametrize("passes", [1, 2])
def test_gatys_with_one_step_only_starts(here, painting, vgg19_path, passes):
    """With one step the result is the start: frames, and what is warped from them."""
    for path in sorted((here / "frames").iterdir())[3:]:
        path.unlink()
    draw = TemporalStylizer(images.load_image(painting), num_steps=1, weights=str(vgg19_path))
    options = {"method": "temporal", "passes": passes, "progress": False}
    video.stylize_video("frames", "out", draw, **options)
    assert sorted(path.name for path in here.glob("out*")) == ["out"]
    result = pictures("out")
    np.testing.assert_array_equal(
        result[0 if passes == 1 else 2], np.rint(FRAMES[0 if passes == 1 else 2])
    )
    assert np.mean(np.abs(np.array(result) - FRAMES[:3])) < 5


# The command line


def test_the_command_styles_a_clip(here, style, capsys):
    code, _, _ = run(capsys, "video", "in.mp4", "-s", style, "-o", "out.webm")
    assert code == 0
    assert len(pictures("out.webm")) == len(FRAMES)


def broken(here):
    data = (here / "in.mp4").read_bytes()
    (here / "broken.mp4").write_bytes(data[: len(data) // 2])
    (here / "noise.mp4").write_bytes(np.random.default_rng(0).bytes(5000))
    (here / "empty.mp4").write_bytes(b"")
    (here / "nothing").mkdir()
    with av.open("sound.m4a", "w") as container:
        track = container.add_stream("aac", rate=48000)
        for start in range(0, 9600, 960):
            block = av.AudioFrame.from_ndarray(np.zeros((2, 960), "float32"), "fltp", "stereo")
            block.rate, block.pts, block.time_base = 48000, start, Fraction(1, 48000)
            container.mux(track.encode(block))
        container.mux(track.encode(None))
    with av.open("zero.mkv", "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.height, stream.width, stream.pix_fmt = 48, 64, "yuv420p"
        container.start_encoding()


@pytest.mark.parametrize(
    "name",
    ["broken.mp4", "noise.mp4", "empty.mp4", "sound.m4a", "zero.mkv", "nothing", "missing.mp4"],
)
def test_what_is_no_clip_is_one_line(here, style, capsys, name):
    broken(here)
    before = sorted(here.iterdir())
    error = fails(capsys, "video", name, "-s", style, "-o", "out.mp4")
    assert name in error
    assert sorted(here.iterdir()) == before


def damage(path):
    path.write_bytes(path.read_bytes()[:100])


def test_a_broken_first_picture_leaves_nothing_behind(here, style, capsys):
    damage(here / "frames" / "000.png")
    before = sorted(here.iterdir())
    assert "000.png" in fails(capsys, "video", "frames", "-s", style, "-o", "out.mp4")
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize("output", ["out", "out.mp4"])
def test_a_broken_picture_among_others_costs_none_of_those_drawn(
    here, style, capsys, monkeypatch, output
):
    arguments = ("video", "frames", "-s", style, "-o")
    with monkeypatch.context() as patch:
        patch.setattr(writing, "PIECE", 5)  # where the other run breaks off: coded alike
        run(capsys, *arguments, f"whole{output[3:]}")
    picture = here / "frames" / "005.png"
    intact = picture.read_bytes()
    damage(picture)
    error = fails(capsys, *arguments, output)
    assert "005.png" in error and "first 5 frames" in error and "--resume" in error
    picture.write_bytes(intact)
    code, _, _ = run(capsys, *arguments, output, "--resume")
    assert code == 0
    assert_the_same_clip(output, f"whole{output[3:]}")


@pytest.mark.parametrize(
    ("output", "part"),
    [
        ("out.avi", ".mp4"),
        ("out.png", ".mp4"),
        ("in.mp4", "replace"),
        ("frames", "folder"),
    ],
)
def test_what_cannot_be_written_is_one_line(here, style, capsys, output, part):
    before = sorted(here.iterdir())
    assert part in fails(capsys, "video", "in.mp4", "-s", style, "-o", output)
    assert sorted(here.iterdir()) == before


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (("--method", "slow"), "method"),
        (("--strength", "2"), "strength"),
        (("--colors", "red"), "colors"),
        (("--passes", "2"), "gatys"),
        (("-s", "udnie"), "one network"),
        (("-s", "missing"), "missing"),
        (("--method", "gatys"), "mine"),
    ],
)
def test_impossible_options_are_one_line(here, style, capsys, arguments, part):
    before = sorted(here.iterdir())
    error = fails(capsys, "video", "in.mp4", "-s", style, "-o", "out.mp4", *arguments)
    assert part in error
    assert sorted(here.iterdir()) == before


def test_settings_are_kept_beside_the_pieces(here):
    clip = open_clip("frames")
    work = writing.Recording("out.mp4", clip, {"style": "a", "rate": clip.rate}).work
    settings = json.loads((work / "settings.json").read_text())
    assert settings == {"program": "stylenet video", "style": "a", "rate": "25"}


@pytest.mark.parametrize("resume", [(), ("--resume",)])
@pytest.mark.parametrize("settings", [None, "{}", "[1]", "no JSON", '{"program": "another"}'])
def test_a_folder_of_somebody_else_is_never_deleted(here, style, capsys, settings, resume):
    work = here / "out.mp4.partial"
    work.mkdir()
    (work / "thesis.txt").write_text("years of work")
    if settings is not None:
        (work / "settings.json").write_text(settings)
    error = fails(capsys, "video", "in.mp4", "-s", style, "-o", "out.mp4", *resume)
    assert "out.mp4.partial" in error and "did not write" in error
    assert (work / "thesis.txt").read_text() == "years of work"


def test_a_file_or_a_link_at_the_place_of_the_pieces_is_never_deleted(here):
    (here / "elsewhere").mkdir()
    (here / "a.mp4.partial").write_text("mine")
    (here / "b.mp4.partial").symlink_to("elsewhere")
    for name in ("a.mp4", "b.mp4"):
        with pytest.raises(ValueError, match="did not write"):
            video.stylize_video("in.mp4", name, unchanged, method="frames", progress=False)
        with pytest.raises(ValueError, match="did not write"):
            writing.Recording(name, open_clip("in.mp4"), {})
    assert (here / "a.mp4.partial").read_text() == "mine" and (here / "elsewhere").is_dir()
