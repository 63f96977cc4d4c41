"""Gradio's panels as the page uses them: nothing decoded, nothing kept, nothing fetched."""

import re
from pathlib import Path

import pytest

pytest.importorskip("gradio")

import gradio as gr
from gradio.data_classes import ImageData
from serving import sent

from stylenet.images import INPUT_SUFFIXES
from stylenet.page import panels, photographs, styles
from stylenet.page.pictures import Sent
from stylenet.page.wishes import Wish

PANELS = (panels.Photo, panels.Pair, panels.Clip, panels.Wall)


def test_no_panel_leaves_a_stub_beside_its_module():
    assert not list(Path(panels.__file__).parent.glob("*.pyi"))


def test_every_kind_of_picture_has_a_type_for_panels():
    text = (Path(panels.__file__).parent / "page.html").read_text()
    types = dict(re.findall(r'(\w+): "((?:image|video)/\S+)"', text))
    assert {f".{ending}" for ending, kind in types.items() if "image" in kind} == {*INPUT_SUFFIXES}


@pytest.mark.parametrize("panel", PANELS)
def test_browsers_draw_a_panel_as_gradio_draws_its_own(panel):
    assert panel(render=False).get_block_name() == panel.__mro__[2].__name__.lower()


@pytest.mark.parametrize("path", ["http://127.0.0.1:1/a.png", "/etc/passwd", "", 7, "\0", ["a"]])
@pytest.mark.parametrize("wrap", [lambda file: file, lambda file: [0, {"a": [file]}]])
def test_no_control_of_a_page_takes_a_path_that_is_no_upload(path, wrap):
    with pytest.raises(gr.Error, match="Drop it on the page again"):
        panels.check_paths([wrap({"path": path})])


def test_a_photograph_comes_and_goes_as_data(packed):
    photo = panels.Photo(render=False)
    shown = photo.postprocess(packed)
    assert shown.path is None and shown.url == packed["url"]
    assert photo.preprocess(shown) == sent(packed)
    assert photo.preprocess(ImageData(url="http://other.org/a.png")) == Sent(None, None, None)


def test_a_pair_shows_both(packed):
    pair = panels.Pair(render=False)
    assert pair.preprocess(pair.postprocess((packed, packed))) == (sent(packed), sent(packed))
    assert pair.preprocess(None) is None


def test_an_error_is_titled_so_and_tells_no_names_of_files(told, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    for name in ("photo.jpg", "photo.heic"):
        (tmp_path / name).write_text("no picture")
        file = Sent(None, str(tmp_path / name), name)
        assert photographs.receive(file, None, 64) == (None, None)
    assert [title for title, _ in told] == ["Error"] * 2
    assert not any(str(tmp_path) in text for _, text in told)


@pytest.mark.parametrize(
    "text, shown",
    [
        ("Cannot read '/tmp/a b.png': expected a picture", "Expected a picture"),
        ("There is no file 'C:\\\\a.png'; check it", "There is no file the file; check it"),
        ('A video, but "/tmp/o\'s.mp4" is empty', "A video, but the file is empty"),
        ("Expected 'wave' or 'many/wave'", "Expected &#x27;wave&#x27; or &#x27;many/wave&#x27;"),
    ],
)
def test_what_is_said_of_a_file_leaves_its_name_out(told, text, shown):
    panels.warn(ValueError(text))
    assert told == [("Error", shown)]


def test_what_can_not_be_read_leaves_the_photograph_as_it_was(told, packed):
    kept = photographs.receive(Sent(None, "/etc/passwd", "a.png"), sent(packed), 64)
    assert kept == (packed, packed)
    assert len(told) == 1


def test_what_a_browser_calls_the_last_photograph_is_no_path():
    for kept in (Sent(None, "/etc/passwd", "a"), Sent("/etc/passwd", None, "a"), None):
        assert photographs.again(kept) is None


def test_a_photograph_is_reduced_and_one_taken_away_comes_back_if_the_next_is_none(packed):
    small, same = photographs.receive(sent(packed), None, 17)
    assert small == same and small["orig_name"] == "cat.jpg"
    assert photographs.receive(None, sent(packed), 64) == (gr.skip(), gr.skip())


def test_before_there_is_a_photograph_the_example_is_drawn():
    (before, after), _ = photographs.stylize(None, *Wish(style="udnie"), max_size=32)
    assert before == photographs.wishes.example(32)[0]
    assert after["orig_name"] == "example_udnie.png"


def test_without_a_painting_nothing_is_drawn(packed):
    wish = Wish(kind=photographs.wishes.OWN)
    result, note = photographs.stylize(sent(packed), *wish, max_size=64)
    assert result == gr.skip() and "Drop a painting" in note


def test_a_drawing_is_saved_under_the_photographs_name(packed, monkeypatch):
    monkeypatch.setattr(photographs.wishes, "compile_later", lambda *arguments: None)
    (before, after), note = photographs.stylize(sent(packed), *Wish(), max_size=64)
    assert before == packed and after["orig_name"] == "cat_wave.png"
    assert note == "17 x 13 pixels"


@pytest.mark.parametrize("number", range(len(photographs.wishes.EXAMPLES)))
def test_an_example_is_a_photograph_that_ships(number):
    first, second = photographs.example(number, 128)
    picture = photographs.pictures.unpack(sent(first), 128)
    assert max(picture.shape) == 128 and first == second


def test_a_painting_to_click_is_there_and_a_style(packed):
    folder = photographs.wishes.content("x").parents[1] / "paintings"
    assert all((folder / file).is_file() for file in styles.PAINTINGS.values())
    assert [styles._pick(number) for number in range(5)] == [*styles.PAINTINGS]
    assert set(styles.PAINTINGS) <= set(photographs.wishes.catalog.styles())
