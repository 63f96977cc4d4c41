"""Clips on the page: looked at before they are decoded, bounded, and drawn as the library does."""

import os
import tempfile
import time

import numpy as np
import pytest

pytest.importorskip("gradio")
pytest.importorskip("av")
pytest.importorskip("cv2")

import gradio as gr
from serving import write_clip

from stylenet import stylizers, video
from stylenet.page import clips, guard, pictures
from stylenet.page.pictures import Sent
from stylenet.page.wishes import OWN, Wish
from stylenet.video.reading import open_clip

LISTS = {  # ffmpeg would open the files and addresses that these name
    "hls.mp4": b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n",
    "concat.mp4": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "talk.mp4": b"v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n",
    "none.mp4": b"",
}


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    """The folder of uploads, with a clip of five frames."""
    monkeypatch.setenv(guard.UPLOADS, str(tmp_path))
    write_clip(tmp_path / "walk.mp4", 5)
    return tmp_path


def sent(path):
    return Sent(None, str(path), path.name)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_other_files_is_not_opened(uploads, told, monkeypatch, name):
    monkeypatch.setattr("stylenet.video.containers.av.open", lambda *path: pytest.fail("Opened."))
    (uploads / name).write_bytes(LISTS[name])
    assert clips.receive(sent(uploads / name)) is None
    assert told[0][1].startswith("Expected a clip: MP4")


def test_a_clip_has_so_many_frames_and_no_more(uploads, told, monkeypatch):
    clips.check(uploads / "walk.mp4")
    monkeypatch.setattr(clips, "MOST_FRAMES", 4)
    assert clips.receive(sent(uploads / "walk.mp4")) is None
    assert "at most 4 frames. Received: 5." in told[0][1]


def test_frames_are_counted_where_the_file_does_not_tell(monkeypatch):
    monkeypatch.setattr(clips, "MOST_FRAMES", 2)
    draw = clips._counted(stylizers.Stylizer(lambda: lambda frame: frame), 0)
    frame = np.zeros((4, 4, 3), "float32")
    for _ in range(2):
        draw.paint(frame)
    with pytest.raises(ValueError, match="at most 2 frames"):
        draw.paint(frame)


def test_large_frames_are_not_decoded(uploads, told, monkeypatch):
    monkeypatch.setattr(pictures, "LARGE", 48 * 64 - 1)
    monkeypatch.setattr(
        "stylenet.video.containers.decoded", lambda *clip: pytest.fail("It was decoded.")
    )
    assert clips.receive(sent(uploads / "walk.mp4")) is None
    assert "64 x 48 pixels are more than the limit" in told[0][1]
    assert str(uploads) not in told[0][1]


def test_a_clip_stays_for_some_minutes_and_no_longer(uploads):
    path = uploads / "walk.mp4"
    assert clips.receive(sent(path)) == gr.skip()
    guard.clear(uploads, guard.DELETE_AFTER)
    assert path.exists()
    an_hour_ago = time.time() - 3600
    os.utime(path, (an_hour_ago, an_hour_ago))
    guard.clear(uploads, guard.DELETE_AFTER)
    assert not path.exists()


class Told(gr.Progress):
    """Gradio's own, which is empty and so false."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def __call__(self, done, **words):
        self.seen.append(done)


def test_a_clip_that_nobody_waits_for_leaves_nothing(uploads, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(uploads / "work"))
    (uploads / "work").mkdir()
    waiting, frames = clips.Waiting(), []
    waiting.begin("a")

    def leave(done, **words):
        frames.append(done[0])
        if done[0] == 3:
            waiting.stop("a")

    found = clips.stylize(sent(uploads / "walk.mp4"), Wish(), 64, leave, waiting.turn("a"))
    assert found == gr.skip() and frames == [1, 2, 3]
    left = {path.relative_to(uploads).as_posix() for path in uploads.rglob("*")}
    assert left == {"walk.mp4", "work"}


def test_who_begins_anew_ends_what_was_begun_and_others_wait_on():
    waiting = clips.Waiting(most=2)
    for visitor in ("a", "b"):
        waiting.begin(visitor)
    first, other = waiting.turn("a"), waiting.turn("b")
    first()
    waiting.begin("a")
    other()
    waiting.turn("a")()
    with pytest.raises(clips.Stopped):
        first()
    waiting.begin("c")  # "b" has waited longest
    waiting.turn("a")()
    for ended in (other, waiting.turn("b"), waiting.turn("nobody")):
        with pytest.raises(clips.Stopped):
            ended()


def test_a_clip_is_drawn_as_the_library_draws_it(uploads, tmp_path):
    told = Told()
    drawn = clips.stylize(sent(uploads / "walk.mp4"), Wish("a style", "udnie"), 64, told)
    assert drawn.name == "walk_udnie.mp4" and uploads in drawn.parents
    assert told.seen == [(1, 5), (2, 5), (3, 5), (4, 5), (5, 5)]
    expected = tmp_path / "expected.mp4"
    draw = stylizers.stylizer("udnie")
    video.stylize_video(uploads / "walk.mp4", expected, draw, max_size=64, progress=False)
    for found, frame in zip(open_clip(drawn).frames(), open_clip(expected).frames(), strict=True):
        np.testing.assert_allclose(found.image, frame.image, atol=2)


def test_what_is_no_clip_and_no_painting_is_said(uploads, told):
    assert clips.stylize(None, Wish(), 64) == gr.skip()
    assert clips.stylize(Sent(None, "/etc/passwd", "a"), Wish(), 64) == gr.skip()
    assert clips.stylize(sent(uploads / "walk.mp4"), Wish(kind=OWN), 64) == gr.skip()
    assert [text.split(".")[0] for _, text in told] == [
        "Expected a file that was just dropped",
        "Expected a painting",
    ]
