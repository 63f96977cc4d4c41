"""The page to play with: its pictures, its limits, and the whole of it in a browser."""

import base64
import collections
import html
import importlib.util
import io
import re
import shutil
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import PROJECT, fails
from PIL import Image
from serving import wait_until

import stylenet
from stylenet import UniversalStylizer, images
from stylenet.commands import page
from stylenet.commands.page import DELETE_AFTER, DELETE_EVERY, MAX_MEGABYTES

CONTENT = PROJECT / "images" / "content"
STYLE = PROJECT / "images" / "style"
DROP = "#photo-file input[type=file]"


def picture_in(text):
    """The pixels of the picture that a panel's HTML holds."""
    data = re.search(r"base64,([^\"]*)\"", text)[1]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"), "float32")


def test_a_panel_holds_its_picture(pixels):
    picture = pixels.astype("float32")
    np.testing.assert_array_equal(page.unpack(page.panel(picture, "", ".png")), picture)
    np.testing.assert_array_equal(picture_in(page.panel(picture, "", ".png", "a.png")), picture)


def test_a_panels_caption_is_text_and_not_html(pixels):
    text = page.panel(pixels.astype("float32"), '<script>"&', ".jpg")
    assert "<script" not in text and "&lt;script&gt;&quot;&amp;" in text


@pytest.mark.parametrize("text", ["/etc/passwd", '<img src="http://other.org/x.png">', 7, ["a"]])
def test_what_is_no_panel_is_refused(text):
    with pytest.raises(ValueError, match="Drop one on the page"):
        page.unpack(text)


def test_more_data_than_an_upload_may_have_is_refused(monkeypatch, pixels):
    text = page.panel(pixels.astype("float32"), "", ".png")
    monkeypatch.setattr(page, "MAX_MEGABYTES", 1e-4)
    with pytest.raises(ValueError, match="Drop one on the page"):
        page.unpack(text)


def test_a_style_is_a_shipped_one_and_no_path(monkeypatch, pixels):
    said = []
    monkeypatch.setattr(page, "warn", lambda error: said.append(str(error)) or "")
    photo = page.panel(pixels.astype("float32"), "", ".png")
    assert page.stylize(photo, "", "weights/wave.weights.h5", 1, False) == ""
    assert said and said[0].startswith("Expected one of the styles ['")


@pytest.fixture
def told(monkeypatch):
    """The title and the text of what the page warns of."""
    said = []
    monkeypatch.setattr(page.gr, "Warning", lambda text, title, **more: said.append((title, text)))
    return said


def test_an_error_is_titled_so_and_leaves_photograph_and_result_as_they_were(told, tmp_path):
    (tmp_path / "photo.heic").write_text("no picture")
    (tmp_path / "photo.jpg").write_text("no picture")
    for name in ("photo.jpg", "photo.heic"):
        kept, file = page.receive(str(tmp_path / name), 64)
        assert kept == page.gr.skip() and file is None
    assert page.stylize("<img broken>", "", "wave", 1, False) == page.gr.skip()
    assert [title for title, _ in told] == ["Error"] * 3
    assert not any(str(tmp_path) in text for _, text in told)


def test_nothing_is_drawn_before_there_is_a_photograph_and_a_painting(pixels):
    photo = page.panel(pixels.astype("float32"), "", ".png")
    assert page.stylize(page.HERE, "", "wave", 1, False) == page.gr.skip()
    assert (
        page.stylize(photo, page.show_style(page.PAINTING), page.PAINTING, 1, 0) == page.gr.skip()
    )


@pytest.mark.parametrize("name", stylenet.weights.styles())
def test_a_style_is_shown_as_the_painting_it_was_learned_from(name):
    text = page.show_style(name)
    assert max(picture_in(text).shape) == 320
    assert html.escape(stylenet.styles()[name]["title"]) in text


@pytest.mark.parametrize("name", page.EXAMPLES)
def test_an_example_is_a_photograph_that_ships(name):
    picture = picture_in(page.example(name, 128))
    assert max(picture.shape) == 128


def test_a_drawing_is_saved_under_the_photographs_name(monkeypatch):
    monkeypatch.setattr(page, "_compile_later", lambda *arguments: None)
    drawing = page.stylize(page.example("a cat", 64), "", "wave", 1, False)
    assert 'download="chelsea_wave.png"' in drawing


def test_a_size_is_drawn_once_more_in_the_background_and_not_again(monkeypatch):
    drawn, done = [], threading.Event()

    class Draw:
        def draw(self, content):
            drawn.append(content.shape)
            done.set()

    monkeypatch.setattr(page, "_compiled", collections.deque(maxlen=2))
    for _ in range(3):
        page._compile_later(Draw(), np.zeros((8, 9, 3)))
    assert done.wait(10)
    assert drawn == [(8, 9, 3)]


def test_what_a_browser_sends_is_measured_before_it_is_decoded(monkeypatch):
    text = page.panel(np.zeros((30, 65, 3), "float32"), "", ".png")
    assert page.unpack(text, 65).shape == (30, 65, 3)
    monkeypatch.setattr(page, "load_image", lambda *arguments: pytest.fail("It was decoded."))
    with pytest.raises(ValueError, match="at most 64 pixels a side"):
        page.unpack(text, 64)


def test_too_many_pixels_are_refused_before_they_are_decoded(tmp_path):
    path = tmp_path / "wide.png"
    Image.new("1", (30, 20)).save(path)
    assert images.load_image(path, max_pixels=600).shape == (20, 30, 3)
    with pytest.raises(ValueError, match="30 x 20 pixels are more than the limit of 599"):
        images.load_image(path, max_pixels=599)


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is missing: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def visit(server, browser):
    """A function: opens the page as another user would, in a browser without a past."""
    contexts = []

    def open_page():
        contexts.append(browser.new_context())
        contexts[-1].set_default_timeout(120_000)
        page = contexts[-1].new_page()
        page.goto(f"http://127.0.0.1:{server[0]}", wait_until="domcontentloaded")
        page.wait_for_selector(DROP, state="attached")
        return page

    yield open_page
    for context in contexts:
        context.close()


def drop(page, path):
    page.wait_for_selector(DROP, state="attached")
    page.set_input_files(DROP, path)


def result_of(page, previous=None):
    """The pixels of the result, once it is another than the previous one."""
    page.wait_for_function(
        "previous => (document.querySelector('#result img')?.src ?? previous) != previous",
        arg=previous,
    )
    return picture_in(page.inner_html("#result"))


def source_of(page):
    return page.get_attribute("#result img", "src")


def drawn(page, style, strength=1.0, colors="style"):
    """What the library draws from the photograph that the page shows."""
    photo = picture_in(page.inner_html("#photo"))
    return np.rint(stylenet.stylize(photo, style, strength, colors))


def assert_same(result, expected):
    assert result.shape == expected.shape
    assert np.abs(result - expected).max() <= 1  # rounding


def assert_shows(page, expected, seconds=60):
    """The result becomes what is expected; a drawing that was asked for before may come first."""
    deadline = time.monotonic() + seconds
    while np.abs(picture_in(page.inner_html("#result")) - expected).max() > 1:  # rounding
        assert time.monotonic() < deadline, "The page shows another result."
        page.wait_for_timeout(200)


@pytest.mark.slow
def test_the_page_draws_what_the_library_draws(visit, tmp_path):
    page = visit()
    assert page.locator("#swatch img").count() == 1
    drop(page, CONTENT / "coffee.png")
    result = result_of(page)
    assert result.shape == (133, 200, 3)
    assert_same(result, drawn(page, "wave"))

    page.click("#style input")
    page.get_by_role("option", name="udnie").click()
    assert_shows(page, drawn(page, "udnie"))
    assert "Udnie" in page.inner_text("#swatch")

    box = page.locator("#strength input[type=range]").bounding_box()
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    assert_shows(page, drawn(page, "udnie", 0.5))

    page.check("#keep input")
    assert_shows(page, drawn(page, "udnie", 0.5, "keep"))

    with page.expect_download() as download:
        page.click("text=Download")
    assert download.value.suggested_filename == "coffee_udnie.png"
    download.value.save_as(tmp_path / "saved.png")
    assert_same(images.load_image(tmp_path / "saved.png"), drawn(page, "udnie", 0.5, "keep"))


@pytest.mark.slow
def test_a_painting_is_a_style_too(visit):
    page = visit()
    drop(page, CONTENT / "coffee.png")
    result_of(page)
    before = source_of(page)
    page.set_input_files("#painting-file input[type=file]", STYLE / "mosaic.jpg")
    result = result_of(page, before)
    photo, painting = (picture_in(page.inner_html(panel)) for panel in ("#photo", "#swatch"))
    assert max(painting.shape) == 200
    expected = UniversalStylizer("slim").stylize(photo, painting, 1.0)
    assert_same(result, np.rint(expected))
    assert page.input_value("#style input") == "a painting of your own"


@pytest.mark.slow
def test_a_bad_upload_gives_a_sentence_and_the_page_goes_on(visit, tmp_path):
    page = visit()
    (tmp_path / "bad.jpg").write_text("no picture")
    Image.new("1", (9000, 5000)).save(tmp_path / "many.png")
    (tmp_path / "heavy.jpg").write_bytes(bytes((MAX_MEGABYTES + 1) * 2**20))
    for name, words in {
        "bad.jpg": "Expected an intact picture",
        "many.png": "9000 x 5000 pixels are more than the limit",
        "heavy.jpg": "exceed the maximum allowed size",
    }.items():
        drop(page, tmp_path / name)
        page.wait_for_selector(f"text={words}")
        text = page.inner_text("body")
        assert "Traceback" not in text and str(tmp_path) not in text and "/tmp" not in text
        assert page.locator("#result img").count() == 0
        page.reload(wait_until="domcontentloaded")
    drop(page, CONTENT / "chelsea.png")
    assert_same(result_of(page), drawn(page, "wave"))


@pytest.mark.slow
def test_two_users_at_once_get_their_own_pictures(visit):
    first, second = visit(), visit()
    second.click("#style input")
    second.get_by_role("option", name="the scream").click()
    drop(first, CONTENT / "coffee.png")
    drop(second, CONTENT / "rocket.jpg")
    assert_same(result_of(second), drawn(second, "the_scream"))
    assert_same(result_of(first), drawn(first, "wave"))


@pytest.mark.slow
def test_two_users_can_drop_the_same_photograph(visit):
    pages = [visit(), visit()]
    for each in pages:
        drop(each, CONTENT / "chelsea.png")
    for each in pages:
        assert_same(result_of(each), drawn(each, "wave"))


@pytest.mark.slow
def test_the_server_listens_to_this_computer_alone(server):
    table = Path("/proc/net/tcp")
    if not table.exists():
        pytest.skip("The open ports are read from /proc/net/tcp, which only Linux has.")
    port = f"{server[0]:04X}"
    fields = [line.split() for line in table.read_text().splitlines()[1:]]
    listeners = [field[1] for field in fields if field[1].endswith(port) and field[3] == "0A"]
    assert listeners == [f"0100007F:{port}"]


@pytest.mark.slow
def test_uploads_are_gone_within_a_minute(visit, server):
    page = visit()
    drop(page, CONTENT / "coffee.png")
    result_of(page)

    def kept():
        return [path for path in server[1].rglob("*") if path.suffix in images.INPUT_SUFFIXES]

    assert kept(), "This test looks where uploads are."
    wait_until(lambda: not kept(), DELETE_EVERY + DELETE_AFTER + 15)
    before = source_of(page)
    page.check("#keep input")
    assert_same(result_of(page, before), drawn(page, "wave", colors="keep"))


def test_without_gradio_the_command_says_what_to_install(capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gradio" else find(name)
    )
    assert "pip install 'stylenet[app]'" in fails(capsys, "app")


def test_a_port_beyond_the_last_is_refused(capsys):
    assert "65535" in fails(capsys, "app", "--port", "65536")
