"""Doodles on the page: measured before they are decoded, painted as the library paints them."""

import numpy as np
import pytest

pytest.importorskip("gradio")

import gradio as gr
from helpers import PROJECT
from PIL import Image
from serving import sent

from stylenet import images
from stylenet.extensions import doodle
from stylenet.page import doodles, guard, panels, pictures
from stylenet.page.pictures import Sent, pack, unpack
from stylenet.page.wishes import OWN, Wish

FILE = PROJECT / "images" / "doodles" / doodles.FIRST
NOTHING = (gr.skip(), gr.skip())


@pytest.fixture
def drawn(tmp_path, monkeypatch):
    """A doodle that was uploaded, 64 pixels wide at most."""
    monkeypatch.setenv(guard.UPLOADS, str(tmp_path))
    monkeypatch.setattr(doodles, "SIZE", 64)
    picture = np.full((40, 64, 3), (32.0, 64.0, 160.0))
    picture[:, 32:] = (240.0, 208.0, 64.0)
    images.save_image(tmp_path / "composite.png", picture)
    return Sent(None, str(tmp_path / "composite.png"), "composite.png")


def test_the_canvas_begins_with_a_doodle_that_ships():
    assert len(doodle.regions.colors_of(images.load_image(FILE))) >= 4


def test_a_canvas_gives_what_is_seen_and_no_layers():
    file = {"path": "/tmp/a.png", "orig_name": "a.png", "meta": {"_type": "gradio.FileData"}}
    canvas = panels.Canvas(render=False)
    payload = canvas.data_model(background=None, layers=[file] * 3, composite=file)
    assert canvas.preprocess(payload) == Sent(None, "/tmp/a.png", "a.png")
    assert canvas.preprocess(None) is None


def test_a_doodle_is_painted_as_the_library_paints_it(drawn):
    packed = pack(images.load_image(PROJECT / "images" / "style" / "strokes.jpg", 64), "s.jpg")
    wish = Wish(kind=OWN, painting=sent(packed))
    found, regions = doodles.paint(drawn, None, *wish, max_size=64)
    assert found["orig_name"] == "doodle_s.png"
    painting = unpack(sent(packed), 64)
    assert regions["orig_name"] == "doodle_s_map.png"
    expected = doodle.paint(drawn.file, painting, method="universal", progress=False)
    for packed, picture in ((found, expected.image), (regions, expected.map)):
        result = unpack(Sent(packed["url"], None, "a.png"), 64)
        np.testing.assert_allclose(result, np.rint(np.clip(picture, 0, 255)), atol=1)


def test_a_map_says_which_region_is_which(drawn):
    """Of a painting with a dark and a bright half, each color takes the half that the map says."""
    dark = np.where(np.arange(64)[:, None, None] < 32, 30.0, 220.0)
    painting = dark + np.random.default_rng(0).normal(0, 15, (64, 48, 3))
    blue, yellow = (32.0, 64.0, 160.0), (240.0, 208.0, 64.0)
    wish = Wish(kind=OWN, painting=sent(pack(painting, "p.png")))
    for colors in ((blue, yellow), (yellow, blue)):
        drawn_map = np.where(np.arange(64)[:, None, None] < 32, *colors) * np.ones((64, 48, 1))
        regions = sent(pack(drawn_map, "map.png"))
        found, told = doodles.paint(drawn, regions, *wish, max_size=64)
        np.testing.assert_array_equal(unpack(sent(told), 64), drawn_map)
        left, right = np.split(unpack(sent(found), 64).mean(axis=(0, 2)), 2)
        assert (left[:28].mean() < 80) == (colors[0] == blue)
        assert (right[4:].mean() < 80) == (colors[0] == yellow)


@pytest.mark.parametrize(
    "wish, words",
    [
        ({"style": "the_kiss"}, "Expected a painting"),
        ({"style": "/etc/passwd"}, "Expected a painting"),
        ({"style": ["wave"]}, "Expected a painting"),
        ({"kind": OWN}, "Expected a painting"),
        ({"kind": OWN, "painting": Sent("http://other.org", None, "a")}, "Drop one on the page"),
    ],
)
def test_without_a_painting_it_says_so(drawn, told, wish, words):
    assert doodles.paint(drawn, None, *Wish(**wish), max_size=64) == NOTHING
    assert words in told[0][1]


def test_what_is_no_doodle_is_said(drawn, told, tmp_path, monkeypatch):
    monkeypatch.setattr(pictures, "MAX_PIXELS", 2000)
    Image.new("1", (50, 41)).save(tmp_path / "large.png")
    for each in (
        None,
        Sent(None, "/etc/passwd", "a"),
        drawn._replace(file=str(tmp_path / "large.png")),
    ):
        assert doodles.paint(each, None, *Wish(), max_size=64) == NOTHING
    assert "50 x 41 pixels are more than the limit" in told[2][1]
    assert len(told) == 3
