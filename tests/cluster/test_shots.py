"""Clips drawn shot by shot through Ray: the same to the bit, whatever ends in the middle."""

import itertools

import numpy as np
import pytest
from helpers import fails

pytest.importorskip("cv2")
pytest.importorskip("av")
pytest.importorskip("ray", reason="Ray is missing: pip install 'stylenet[cluster]'")

from stylenet import cluster, images, video, weights
from stylenet.cluster.shots import Shot
from stylenet.figures.drawing import photograph
from stylenet.stylizers import stylizer
from stylenet.video.consistency import trusted_flow
from stylenet.video.reading import open_clip
from stylenet.video.scenes import Motion, Scene
from stylenet.video.writing import PIECE, Recording

pytestmark = pytest.mark.slow

SIZE = (48, 64)
SHOTS = (
    ("coffee.png", 9, Motion(2, 1)),
    ("chelsea.png", 7, Motion(-1, 0)),
    ("rocket.jpg", 5, Motion(0, 2)),
)
ENDS = list(itertools.pairwise([0, *itertools.accumulate(count for _, count, _ in SHOTS)]))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a clip of three shots, as frames, and a network of our own."""
    from stylenet.feed_forward.network import transform_net

    options = {"padding": "reflect", "upsampling": "nearest", "width": 4}
    weights.save_network(transform_net(**options), tmp_path / "mine.weights.h5", options)
    scenes = [(Scene(photograph(name), SIZE, motion), count) for name, count, motion in SHOTS]
    frames = [scene.frame(time) for scene, count in scenes for time in range(count)]
    for number, frame in enumerate(frames):
        images.save_image(tmp_path / "in" / f"{number}.png", frame)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def bytes_of(folder):
    return [path.read_bytes() for path in images.find_images(folder)]


def test_shots_end_where_the_style_starts_afresh(here):
    shots, times = cluster.find_shots(open_clip("in"), progress=False)
    assert shots == [Shot(*ends) for ends in ENDS]
    frames = [frame.image for frame in open_clip("in").frames()]
    afresh = [i for i in range(1, len(frames)) if trusted_flow(frames[i], frames[i - 1]) is None]
    assert afresh == [shot.start for shot in shots[1:]]
    assert times == list(range(len(frames)))


def test_frames_that_need_no_other_are_taken_apart_anywhere(here):
    for number in range(len(bytes_of("in")), PIECE + 2):
        images.save_image(here / "in" / f"{number}.png", np.zeros((*SIZE, 3)))
    shots, _ = cluster.find_shots(open_clip("in"), "frames", progress=False)
    assert shots == [Shot(0, PIECE), Shot(PIECE, PIECE + 2)]


@pytest.mark.parametrize("target", ["out", "out.gif"])
def test_a_clip_is_drawn_as_without_ray(here, two_nodes, target):
    draw = stylizer("mine.weights.h5", strength=0.8, colors="keep")
    video.stylize_video("in", target, draw, progress=False, ray="auto")
    video.stylize_video("in", f"alone{target}", draw, progress=False)
    if target == "out":
        assert bytes_of("out") == bytes_of("aloneout") and len(bytes_of("out")) == ENDS[-1][1]
    else:
        assert (here / target).read_bytes() == (here / f"alone{target}").read_bytes()
    assert not list(here.glob("*.partial"))


def test_a_node_that_is_killed_in_the_middle_changes_nothing(here, deadly):
    turned, ended = deadly
    draw = turned(lambda frame: 255 - frame)
    recording = Recording("out", open_clip("in"), {})
    drawn = cluster.draw_shots(recording, draw, "consistent", "auto", progress=False)
    frames = [frame.image for frame in drawn]
    assert ended.exists()
    video.stylize_video("in", "alone", lambda frame: 255 - frame, progress=False)
    np.testing.assert_array_equal(
        frames, [images.load_image(p) for p in images.find_images("alone")]
    )


def test_a_run_that_was_cut_goes_on_with_the_shots_that_it_has(here, two_nodes, monkeypatch):
    log = here / "begun.txt"

    def draw(frame):
        with open(log, "a") as file:
            file.write("frame\n")
        return 255 - frame

    write, cut = Recording.write, ENDS[0][1] + 2

    def interrupted(recording, frame, state):
        if recording.count == cut:
            raise KeyboardInterrupt
        write(recording, frame, state)

    monkeypatch.setattr(Recording, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        video.stylize_video("in", "out", draw, progress=False, ray="auto")
    kept = len(list((here / "out.partial" / "shots").iterdir()))
    assert kept >= cut
    monkeypatch.setattr(Recording, "write", write)
    log.unlink()
    with pytest.raises(ValueError, match="ray differs"):
        video.stylize_video("in", "out", draw, progress=False, resume=True)
    video.stylize_video("in", "out", draw, progress=False, ray="auto", resume=True)
    begun = len(log.read_text().splitlines()) if log.exists() else 0
    assert begun <= ENDS[-1][1] - ENDS[0][1]  # the first shot was there
    video.stylize_video("in", "alone", lambda frame: 255 - frame, progress=False)
    assert bytes_of("out") == bytes_of("alone")


def test_what_looks_further_back_than_a_shot_is_refused(here, capsys):
    line = ["video", "in", "-s", "in/0.png", "-o", "out", "--method", "gatys", "--ray", "local"]
    assert "Expected method 'consistent' or 'frames' on a Ray cluster" in fails(capsys, *line)
