"""The whole page in a browser: every control, three sizes, dark, by keys alone, two at once."""

import base64
import importlib.util
import io
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from helpers import PROJECT, fails
from PIL import Image
from serving import wait_until, write_clip

import stylenet
from stylenet import images

pytest.importorskip("gradio")

from stylenet.page.guard import DELETE_AFTER, DELETE_EVERY
from stylenet.page.pictures import MAX_MEGABYTES

CONTENT = PROJECT / "images" / "content"
STYLE = PROJECT / "images" / "style"
DROP = "#photo input[type=file]"
LINE = "#result [data-testid=slider]"
SIZES = {"laptop": (1280, 720), "telephone": (390, 844), "hall": (1920, 1080)}
HEIC = importlib.util.find_spec("pillow_heif") is not None
BEFORE, AFTER = "#result img >> nth=0", "#result img >> nth=1"


@pytest.fixture(scope="module")
def browser():
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("Chromium is missing: apt install chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
        started = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", *camera]
        )
        yield started
        started.close()


@pytest.fixture
def visit(server, browser):
    """A function: opens the page as another user would, in a browser without a past."""
    contexts = []

    def open_page(size="laptop", **options):
        width, height = SIZES[size]
        viewport = {"width": width, "height": height}
        contexts.append(browser.new_context(viewport=viewport, **options))
        contexts[-1].set_default_timeout(300_000)
        page = contexts[-1].new_page()
        page.goto(f"http://127.0.0.1:{server[0]}", wait_until="domcontentloaded")
        page.wait_for_selector(AFTER)  # the example
        return page

    yield open_page
    for context in contexts:
        context.close()


def pixels_of(page, image):
    """The pixels of a picture, once it is shown."""
    deadline = time.monotonic() + 300
    while not (address := page.get_attribute(image, "src") or "").startswith("data:"):
        assert time.monotonic() < deadline, f"No picture in {image}."
        page.wait_for_timeout(100)
    data = address.partition(",")[2]
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"), "float32")


def drop(page, path, place=DROP):
    page.set_input_files(place, path)


def result_of(page, previous):
    """The pixels of the result, once it is another than the previous one."""
    page.wait_for_function(
        "previous => document.querySelectorAll('#result img')[1].src != previous", arg=previous
    )
    return pixels_of(page, AFTER)


def source_of(page):
    return page.get_attribute(AFTER, "src")


def dropped(page, name):
    """Drops a photograph; the pixels of its drawing."""
    before = source_of(page)
    drop(page, CONTENT / name)
    return result_of(page, before)


def drawn(page, style, strength=None, colors="style", **options):
    """What the library draws from the photograph that the page shows."""
    photo = pixels_of(page, "#photo img")
    draw = stylenet.stylizer(style, strength=strength, colors=colors, **options)
    return np.rint(draw(photo))


def assert_same(result, expected):
    assert result.shape == expected.shape
    assert np.abs(result - expected).max() <= 1  # rounding


def assert_shows(page, expected, seconds=300):
    """The result becomes what is expected; a drawing that was asked for before may come first."""
    deadline = time.monotonic() + seconds
    while True:
        found = pixels_of(page, AFTER)
        if found.shape == expected.shape and np.abs(found - expected).max() <= 1:  # rounding
            return
        assert time.monotonic() < deadline, "The page shows another result."
        page.wait_for_timeout(200)


def choose(page, place, name):
    page.click(f"{place} input")
    page.get_by_role("option", name=name).first.click()


@pytest.mark.slow
def test_the_page_draws_what_the_library_draws(visit, tmp_path):
    page = visit()
    result = dropped(page, "coffee.png")
    assert result.shape == (133, 200, 3)
    assert_same(result, drawn(page, "wave"))
    assert_same(pixels_of(page, BEFORE), pixels_of(page, "#photo img"))

    choose(page, "#style", "udnie")
    assert_shows(page, drawn(page, "udnie"))

    page.fill("#strength input[type=number]", "0.5")
    page.keyboard.press("Enter")
    assert_shows(page, drawn(page, "udnie", 0.5))

    page.check("#keep input")
    assert_shows(page, drawn(page, "udnie", 0.5, "keep"))

    with page.expect_download() as download:
        page.click("#result a[download]")
    assert download.value.suggested_filename == "coffee_udnie.png"
    download.value.save_as(tmp_path / "saved.png")
    assert_same(images.load_image(tmp_path / "saved.png"), drawn(page, "udnie", 0.5, "keep"))


@pytest.mark.slow
def test_styles_that_share_a_network_have_strokes_and_can_be_blended(visit):
    page = visit()
    dropped(page, "coffee.png")
    assert not page.is_visible("#stroke") and not page.is_visible("#balance")
    choose(page, "#style", "klee senecio")
    assert_shows(page, drawn(page, "klee_senecio", 0.5, stroke=0.5))
    page.fill("#stroke input[type=number]", "1")
    page.keyboard.press("Enter")
    assert_shows(page, drawn(page, "klee_senecio", 0.5, stroke=1.0))
    choose(page, "#second", "the kiss")
    both = {"klee_senecio": 0.5, "the_kiss": 0.5}
    assert_shows(page, drawn(page, both, 0.5, stroke=1.0))  # the slider is there, and at rest
    page.fill("#balance input[type=number]", "0.25")
    page.keyboard.press("Enter")
    both = {"klee_senecio": 0.75, "the_kiss": 0.25}
    assert_shows(page, drawn(page, both, 0.5, stroke=1.0))


@pytest.mark.slow
def test_examples_and_paintings_are_clicked_by_their_names(visit):
    page = visit()
    page.get_by_role("button", name="coffee").click()
    page.wait_for_selector("#photo img[src^='data:']")
    assert_shows(page, drawn(page, "wave"))
    page.get_by_role("button", name="the scream").click()
    assert_shows(page, drawn(page, "the_scream"))
    assert page.input_value("#style input").startswith("the scream")


@pytest.mark.slow
def test_a_painting_is_a_style_too_and_so_are_two(visit):
    page = visit()
    dropped(page, "coffee.png")
    page.get_by_label("a painting of my own").check()
    drop(page, STYLE / "mosaic.jpg", "#painting input[type=file]")
    page.wait_for_selector("#painting img[src^='data:']")
    one = pixels_of(page, "#painting img")
    assert max(one.shape) == 200
    assert_shows(page, drawn(page, one, method="onepass"))
    drop(page, STYLE / "strokes.jpg", "#other input[type=file]")
    page.wait_for_selector("#other img[src^='data:']")
    both = [one, pixels_of(page, "#other img")]
    assert_shows(page, drawn(page, both, method="onepass"))
    page.get_by_label("at five levels").check()
    assert_shows(page, drawn(page, both, method="universal", alpha=0.6))


@pytest.mark.slow
def test_a_photograph_is_taken_with_the_webcam(visit):
    page = visit(permissions=["camera"])
    before = source_of(page)
    page.click("#photo [aria-label='Capture from camera']")
    page.click("#photo [title='grant webcam access'] button")
    page.wait_for_function("document.querySelector('#photo video').videoWidth > 0")
    page.click("#photo [aria-label='capture photo']")
    result_of(page, before)
    assert_shows(page, drawn(page, "wave"))


@pytest.mark.slow
def test_a_photograph_is_pasted_also_over_another(visit):
    page = visit()
    for name in ("coffee.png", "chelsea.png"):
        before = source_of(page)
        data = base64.b64encode((CONTENT / name).read_bytes()).decode("ascii")
        page.evaluate(PASTE, data)
        result_of(page, before)
        assert_shows(page, drawn(page, "wave"))


PASTE = """async (data) => {
  const bytes = await (await fetch("data:image/png;base64," + data)).arrayBuffer();
  const clipboardData = new DataTransfer();
  clipboardData.items.add(new File([bytes], "pasted.png", { type: "image/png" }));
  document.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true }));
}"""


@pytest.mark.slow
def test_all_is_reached_by_keys(visit):
    page = visit()
    names = ["coffee", "The line between photograph and drawing"]
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(NAME))
        if seen[-1] == "coffee" and "coffee" not in seen[:-1]:
            page.keyboard.press("Enter")
            page.wait_for_selector("#photo img[src^='data:']")
        if seen[-1] == names[1] and names[1] not in seen[:-1]:
            left = page.evaluate(PLACE)
            page.keyboard.press("ArrowLeft")
            page.wait_for_function(f"({PLACE.strip()}) < {left} - 1")
    assert [name for name in dict.fromkeys(seen) if name in names] == names
    for control in ("a style", "the scream", "Strength", "Keep the photograph's colors"):
        assert any(control in name for name in seen), control
    assert_shows(page, drawn(page, "wave"))


NAME = """(() => {
  const at = document.activeElement;
  return at.ariaLabel || at.querySelector?.("img")?.alt || at.closest("label")?.innerText ||
    at.innerText || "";
})()"""
PLACE = f"document.querySelector('{LINE}').getBoundingClientRect().left"


@pytest.mark.slow
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", SIZES)
def test_nothing_is_cut_off(visit, size, dark):
    page = visit(size, color_scheme="dark" if dark else "light")
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (np.mean([int(each) for each in background[4:-1].split(",")[:3]]) < 64) == dark
    places = {
        "Clip": "#clip",
        "Doodle": "#canvas canvas",
        "Gallery": "#wall",
        "Photograph": "#photo",
    }
    for tab, place in places.items():
        page.get_by_role("tab", name=tab).click()
        page.wait_for_selector(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0]
        assert page.evaluate(CUT, SIZES[size][0]) == []
    page.get_by_label("a painting of my own").check()
    page.wait_for_selector("#other")
    assert page.evaluate(CUT, SIZES[size][0]) == []


CUT = """(width) => [...document.querySelectorAll("button, input, img, label, h1, p")]
  .filter((each) => each.checkVisibility())
  .filter((each) => each.getBoundingClientRect().left < 0
    || each.getBoundingClientRect().right > width)
  .map((each) => each.outerHTML.slice(0, 99))"""


@pytest.mark.slow
def test_at_the_start_there_is_something_to_see_in_every_third(visit):
    page = visit()
    for place in ("#photo", "#result img >> nth=1", "#style"):
        box = page.locator(place).bounding_box()
        assert box["width"] > 250 and box["y"] + 40 < SIZES["laptop"][1]
    page.wait_for_selector("#note >> text=An example")


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_knob_of_a_slider_stands_out(visit, scheme):
    """At the right end, in the half of the knob that lies beyond the bar, there is its ring."""
    page = visit(color_scheme=scheme)
    shown = page.locator("#controls input[type=range]").first.screenshot()
    end = np.asarray(Image.open(io.BytesIO(shown)).convert("RGB"), "float32")[:, -8:]
    red, _, blue = np.moveaxis(end, -1, 0)
    assert (red - blue > 100).any()


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_hall_sees_large_words_and_a_page_that_is_filled(visit, scheme):
    """The drawing alone has a sixth of the projector; no word is smaller than 14 pixels."""
    page = visit("hall", color_scheme=scheme)
    box = page.locator("#result").bounding_box()
    assert box["width"] * box["height"] > 1920 * 1080 / 6
    lowest = page.evaluate("document.querySelector('#examples').getBoundingClientRect().bottom")
    assert 0.7 * 1080 < lowest <= 1080
    sizes = page.evaluate(
        """[...document.querySelectorAll("label, button, input, p, span")]
        .filter((each) => each.checkVisibility() && /[a-z]/.test(each.innerText ?? ""))
        .map((each) => parseFloat(getComputedStyle(each).fontSize))"""
    )
    assert min(sizes) >= 14


@pytest.mark.slow
def test_a_clip_is_drawn_and_saved_under_its_name(visit, tmp_path):
    pytest.importorskip("av")
    from stylenet.video import reading

    page, path = visit(), tmp_path / "walk.mp4"
    write_clip(path, 5)
    page.get_by_role("tab", name="Clip").click()
    drop(page, path, "#clip input[type=file]")
    page.wait_for_selector("#clip video")
    page.click("#draw-clip")
    page.wait_for_selector("#film video")
    with page.expect_download() as download:
        page.click("#film a[download]")
    assert download.value.suggested_filename == "walk_wave.mp4"
    download.value.save_as(tmp_path / "drawn.mp4")
    clip = reading.open_clip(tmp_path / "drawn.mp4")
    assert clip.size == (48, 64) and len(list(clip.frames())) == 5


@pytest.mark.slow
def test_a_clip_can_be_stopped_and_nothing_of_it_is_left(visit, server, tmp_path):
    pytest.importorskip("av")
    page, path = visit(), tmp_path / "long.mp4"
    write_clip(path, 300, (480, 480))
    page.get_by_role("tab", name="Clip").click()
    choose(page, "#style", "klee senecio")
    drop(page, path, "#clip input[type=file]")
    page.wait_for_selector("#clip video")
    page.click("#draw-clip")
    page.wait_for_selector("#film >> text=/[1-9]\\d*/300/")  # it is being drawn
    page.click("#stop-clip")
    page.wait_for_selector("#draw-clip")
    assert not page.is_visible("#stop-clip")

    def left():
        return list(server[1].rglob("long_*"))

    wait_until(lambda: not left(), 300)
    assert page.query_selector("#film video") is None
    path = tmp_path / "short.mp4"
    write_clip(path, 3)
    page.click("#clip [aria-label='Clear']")
    page.wait_for_selector("#clip video", state="detached")  # else the file goes to what vanishes
    drop(page, path, "#clip input[type=file]")
    page.wait_for_selector("#clip video")
    page.click("#draw-clip")  # the next one has its turn
    page.wait_for_selector("#film video")
    page.wait_for_selector("#draw-clip")


@pytest.mark.slow
def test_a_doodle_is_drawn_with_the_mouse_and_its_regions_are_painted(visit, tmp_path):
    """A stroke across the hills, yellow: with a map that calls white yellow, it becomes white."""
    page = visit()
    page.get_by_role("tab", name="Doodle").click()
    page.wait_for_selector("#canvas [aria-label='Brush'].highlight")  # the doodle lies there
    page.get_by_label("a painting of my own").check()
    map_of_white(tmp_path / "map.png", tmp_path / "painting.png")
    drop(page, tmp_path / "painting.png", "#painting input[type=file]")
    drop(page, tmp_path / "map.png", "#map input[type=file]")
    for place in ("#painting", "#map"):
        page.wait_for_selector(f"{place} img[src^='data:']")
    first = painted(page, "")
    assert first.shape == (240, 320, 3)
    page.click("#canvas [aria-label='Color']")
    page.click("#canvas button.color >> nth=1")  # yellow
    box = page.locator("#canvas canvas").first.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(middle[0] - 50, middle[1] + 75)
    page.mouse.down()
    page.mouse.move(middle[0] - 30, middle[1] + 75, steps=5)
    page.mouse.move(middle[0] + 30, middle[1] + 75, steps=15)
    page.mouse.up()
    second = painted(page, page.get_attribute("#painted img", "src"))
    brighter = second.mean(axis=2) - first.mean(axis=2) > 100
    assert 300 < brighter.sum() < 6000
    rows, columns = np.nonzero(brighter)
    assert abs(rows.mean() - 185) < 25 and abs(columns.mean() - 150) < 40


def map_of_white(drawn_map, painting):
    """A painting, white on the left and dark elsewhere, and a map that calls white yellow."""
    colors = [(244, 210, 70), (40, 80, 170), (120, 170, 220), (20, 30, 60), (60, 90, 30)]
    Image.fromarray(np.repeat(np.repeat([colors], 100, 0), 40, 1).astype("uint8")).save(drawn_map)
    pixels = np.random.default_rng(0).integers(0, 60, (100, 200, 3))
    pixels[:, :40] += 190
    Image.fromarray(pixels.astype("uint8")).save(painting)


def painted(page, before):
    """The doodle, painted: its pixels, once they are others than before."""
    page.click("#paint")
    page.wait_for_function(
        "before => ![undefined, before].includes(document.querySelector('#painted img')?.src)",
        arg=before,
    )
    return pixels_of(page, "#painted img")


@pytest.mark.slow
def test_a_drawing_hangs_for_all_to_see(visit):
    first, second = visit(), visit()
    dropped(first, "coffee.png")
    first.click("#hang")
    first.wait_for_selector("text=It hangs in the gallery now.")
    second.get_by_role("tab", name="Gallery").click()
    second.wait_for_selector("#wall img")
    shown = pixels_of(second, "#wall img >> nth=0")
    assert np.abs(shown - pixels_of(first, AFTER)).mean() < 4  # JPEG


@pytest.mark.slow
def test_a_bad_upload_gives_a_sentence_and_all_stays_as_it_was(visit, tmp_path):
    page = visit()
    dropped(page, "chelsea.png")
    before = [page.get_attribute(each, "src") for each in ("#photo img", AFTER)]
    (tmp_path / "bad.jpg").write_text("no picture")
    (tmp_path / "bad.heic").write_text("no picture")
    Image.new("1", (9000, 5000)).save(tmp_path / "many.png")
    (tmp_path / "heavy.jpg").write_bytes(bytes((MAX_MEGABYTES + 1) * 2**20))
    for name, words in {
        "bad.jpg": "Expected an intact picture",
        "bad.heic": "Expected an intact picture" if HEIC else "HEIF",
        "many.png": "9000 x 5000 pixels are more than the limit",
    }.items():
        page.click("#photo [aria-label='Remove Image']")
        drop(page, tmp_path / name)
        page.wait_for_selector(f"text={words}")
        text = page.inner_text("body")
        assert "Traceback" not in text and str(tmp_path) not in text and "/tmp" not in text
        page.wait_for_selector("#photo img[src^='data:']")
        assert [page.get_attribute(each, "src") for each in ("#photo img", AFTER)] == before
    page.click("#photo [aria-label='Remove Image']")
    drop(page, tmp_path / "heavy.jpg")
    page.wait_for_selector("text=exceed the maximum allowed size")
    assert page.get_attribute(AFTER, "src") == before[1]


DROPPED = """([place, text]) => {
  const data = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([data], "IMG_0002.HEIC"));
  const event = new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer });
  document.querySelector(place).dispatchEvent(event);
}"""


@pytest.mark.slow
@pytest.mark.skipif(not HEIC, reason="pillow-heif is missing: pip install 'stylenet[heic]'")
def test_a_photograph_of_an_iphone_is_drawn_as_others_are(visit, tmp_path):
    """Although Chromium does not know "HEIC" in capital letters."""
    import pillow_heif

    page, path = visit(), tmp_path / "IMG_0001.HEIC"
    for name, turns in (("chosen", 0), ("dropped", 2)):
        before = source_of(page)
        with Image.open(CONTENT / "coffee.png") as coffee:
            turned = np.rot90(coffee, turns)
        pillow_heif.from_pillow(Image.fromarray(turned)).save(path, quality=95)
        if name == "chosen":
            drop(page, path)
        else:
            page.click("#photo [aria-label='Remove Image']")
            text = base64.b64encode(path.read_bytes()).decode()
            page.evaluate(DROPPED, ["#photo .upload-container", text])
        result = result_of(page, before)
        shown = pixels_of(page, "#photo img")
        expected = images.resize(turned.astype("float32"), shown.shape[:2])
        assert np.abs(shown - expected).mean() < 4  # HEIC is a lossy format
        assert_same(result, drawn(page, "wave"))


@pytest.mark.slow
def test_two_users_at_once_get_their_own_pictures(visit):
    first, second = visit(), visit()
    choose(second, "#style", "the scream")
    drop(first, CONTENT / "coffee.png")
    drop(second, CONTENT / "rocket.jpg")
    for each, style in ((second, "the_scream"), (first, "wave")):
        each.wait_for_selector("#photo img[src^='data:']")
        assert_shows(each, drawn(each, style))


@pytest.mark.slow
def test_two_users_can_drop_the_same_photograph(visit):
    pages = [visit(), visit()]
    for each in pages:
        drop(each, CONTENT / "chelsea.png")
    for each in pages:
        each.wait_for_selector("#photo img[src^='data:']")
        assert_shows(each, drawn(each, "wave"))


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
def test_uploads_are_gone_within_a_minute_and_drawn_again_all_the_same(visit, server):
    page = visit()
    before = source_of(page)
    drop(page, CONTENT / "coffee.png")

    def kept():
        return list(server[1].rglob("coffee.png"))

    wait_until(kept, 300)  # it is where this test looks, for half a minute at least
    result_of(page, before)
    wait_until(lambda: not kept(), DELETE_EVERY + DELETE_AFTER + 300)
    page.check("#keep input")
    assert_shows(page, drawn(page, "wave", colors="keep"))


def test_without_gradio_the_command_says_what_to_install(capsys, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "gradio" else find(name)
    )
    assert "pip install 'stylenet[app]'" in fails(capsys, "app")


def test_a_port_beyond_the_last_is_refused(capsys):
    assert "65535" in fails(capsys, "app", "--port", "65536")
