"""A page to play with: a photograph, a style and the result side by side.

The server remembers nothing. What a browser uploads is read once and goes back into the page as
data, from where it comes again with every move of a slider; uploaded files are deleted within a
minute. Who may ask the server at all stands in `stylenet.commands.serving`.
"""

import base64
import collections
import contextlib
import functools
import html
import os
import re
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from stylenet import catalog, files, reports
from stylenet.commands import serving
from stylenet.images import load_image, picture_size, save_image
from stylenet.stylizers import stylizer

# Before Gradio is imported: it calls home otherwise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
from starlette.middleware import Middleware

PAINTING = "painting"  # the choice of a style that is dropped, not shipped
MAX_MEGABYTES, MAX_PIXELS = 20, 40_000_000
LARGE, READERS = 16_000_000, 6  # pixels of what is read one at a time; readers at once
ERRORS = (OSError, ValueError, MemoryError, ImportError)  # the last: HEIC without its extra
DELETE_EVERY, DELETE_AFTER = 15, 30  # seconds
WAITING = 20  # requests at once; more are asked to come again
EXAMPLES = {"a cat": "chelsea.png", "a cup of coffee": "coffee.png", "a rocket": "rocket.jpg"}
PAINTINGS = {"wave": "great_wave"}  # where a file is not called as its style
FIRST = "wave"  # the style that is chosen when the page opens
NAME = re.compile(r'alt="([^"]*), \d+ x \d+ pixels"')
HERE = '<p class="hint">{}</p>'
PICTURE = re.compile(r'src="data:image/(?:jpeg|png);base64,([A-Za-z0-9+/=]*)"')
CSS = """
footer { display: none !important }
.panel img { width: 100%; max-height: 60vh; object-fit: contain }
.panel p { min-height: 1.5em; margin: .3em 0 }
.panel .hint { min-height: 9em; border: 2px dashed; border-radius: 8px; opacity: .6; padding: 1em }
.examples button { min-width: 0 }
"""


def serve(host, port, max_size, allowed, folder):
    """Serves the page until it is interrupted.

    Args:
        host: the address to listen at; 127.0.0.1 is this computer alone, 0.0.0.0 all networks.
        port: 1 to 65535.
        max_size: longer side of the pictures in pixels; larger ones are reduced.
        allowed: names that the page has beside `host`, for instance those of a proxy.
        folder: of uploads, which are deleted there: `serving.temporary_folder`.
    """
    blocks = page(max_size).queue(max_size=WAITING, api_open=False)
    host = f"[{host}]" if ":" in host else host
    try:
        blocks.launch(
            server_name=host,
            server_port=port,
            max_file_size=f"{MAX_MEGABYTES}mb",
            theme=gr.themes.Default(font="sans-serif", font_mono="monospace"),
            css=CSS,
            share=False,
            footer_links=[],
            quiet=True,
            prevent_thread_lock=True,
            app_kwargs={"middleware": [Middleware(serving.Guard, host, allowed)]},
        )
        reports.tell(f"The page is at http://{host}:{port}/. Ctrl-C ends it.")
        threading.Thread(target=warm_up, daemon=True).start()
        while True:
            time.sleep(DELETE_EVERY)
            serving.clear(folder, DELETE_AFTER)
    finally:
        blocks.close(verbose=False)


def page(max_size):
    """The page, a `gradio.Blocks`."""
    choices = [(name.replace("_", " "), name) for name in catalog.styles()]
    choices.append(("a painting of your own", PAINTING))
    with gr.Blocks(title="stylenet", fill_width=True) as blocks:
        gr.Markdown("# stylenet\nA photograph, drawn in the manner of a painting.")
        with gr.Row():
            with gr.Column():
                photo_file = gr.File(label="Drop a photograph", height=150, elem_id="photo-file")
                with gr.Row(elem_classes="examples"):
                    examples = {name: gr.Button(name, size="sm") for name in EXAMPLES}
                hint = HERE.format("Your photograph appears here.")
                photo = gr.HTML(hint, elem_id="photo", elem_classes="panel")
            with gr.Column():
                style = gr.Dropdown(choices, value=FIRST, label="Style", elem_id="style")
                painting = gr.File(label="or drop a painting", height=150, elem_id="painting-file")
                swatch = gr.HTML(show_style(FIRST), elem_id="swatch", elem_classes="panel")
            with gr.Column():
                strength = gr.Slider(0, 1, 1, step=0.05, label="Strength", elem_id="strength")
                stroke = gr.Slider(0, 1, 0.5, step=0.05, label="Size of strokes", visible=False)
                keep = gr.Checkbox(label="Keep the photograph's colors", elem_id="keep")
                hint = HERE.format("The drawing appears here. The first one takes some seconds.")
                result = gr.HTML(hint, elem_id="result", elem_classes="panel")

        read = functools.partial(receive, max_size=max_size)
        reading = {"concurrency_id": "read", "concurrency_limit": READERS}
        draw = {
            "fn": functools.partial(stylize, max_size=max_size),
            "inputs": [photo, swatch, style, strength, keep, stroke],
            "outputs": result,
            "concurrency_id": "draw",
            "concurrency_limit": 1,
            "trigger_mode": "always_last",
        }
        photo_file.upload(read, photo_file, [photo, photo_file], **reading).then(**draw)
        for name, button in examples.items():
            button.click(functools.partial(example, name, max_size), None, photo).then(**draw)
        dropped = painting.upload(read, painting, [swatch, painting], **reading)
        dropped.then(lambda: PAINTING, None, style).then(**draw)
        chosen = style.input(show_style, style, swatch)
        chosen.then(show_sliders, style, [strength, stroke]).then(**draw)
        gr.on([strength.change, stroke.change, keep.input], **draw)
    return blocks


def receive(path, max_size):
    """The panel of an uploaded picture, the last one if it can't be read; and no file any more."""
    try:
        with _turn(picture_size(path)):
            picture = load_image(path, max_size, MAX_PIXELS)
    except ERRORS as error:
        return warn(error), None
    return _photograph(picture, Path(path).stem), None


@functools.lru_cache
def example(name, max_size):
    """The panel of a photograph that ships with stylenet."""
    path = files.shipped("images") / "content" / EXAMPLES[name]
    return _photograph(load_image(path, max_size), path.stem)


def _photograph(picture, name):
    return panel(picture, f"{name}, {picture.shape[1]} x {picture.shape[0]} pixels", ".jpg")


def warm_up():
    """Loads what the first drawing takes, and says when it is there."""
    blank = np.full((32, 32, 3), 128.0, "float32")
    stylizer(FIRST).draw(blank)
    reports.tell(f"The style {FIRST} is loaded: the next drawings are quick.")


@contextlib.contextmanager
def _turn(size):
    """Lets large pictures in one at a time; others find a reader meanwhile."""
    large = size[0] * size[1] > LARGE
    if large and not _large.acquire(blocking=False):
        raise ValueError(
            "Expected one large photograph at a time. Another one is being read: drop yours again "
            f"in some seconds, or a smaller one, of at most {LARGE // 10**6} megapixels."
        )
    try:
        yield
    finally:
        if large:
            _large.release()


_large = threading.Lock()


def stylize(photo, swatch, style, strength, keep, stroke=None, max_size=1024):
    """The panel of the result, with a link to save it; the last one if nothing is drawn."""
    if "<img" not in str(photo) or (style == PAINTING and "<img" not in str(swatch)):
        return gr.skip()
    try:
        content, colors = unpack(photo, max_size), "keep" if keep else "style"
        if style == PAINTING:
            draw = stylizer(
                unpack(swatch, max_size), "universal", alpha=float(strength), colors=colors
            )
        elif style in catalog.styles():  # not a path: browsers can send anything
            more = {"stroke": stroke} if _is_shared(style) else {}
            draw = stylizer(style, strength=float(strength), colors=colors, **more)
        else:
            raise ValueError(f"Expected one of the styles {[*catalog.styles()]}.")
        picture = draw.draw(content)
    except ERRORS as error:
        return warn(error)
    _compile_later(draw, content)
    found = NAME.search(photo)
    name = html.unescape(found[1]) if found else "photograph"
    return panel(picture, "", ".png", f"{name}_{style}.png")


def _compile_later(draw, content):
    """Draws once more in the background: the second picture of a size compiles, the next do not."""

    def again():
        with contextlib.suppress(*ERRORS):
            draw.draw(content)

    if content.shape not in _compiled:
        _compiled.append(content.shape)
        threading.Thread(target=again, daemon=True).start()


_compiled = collections.deque(maxlen=2)  # as many sizes as networks keep


def _is_shared(style):
    """Whether a style is one of a network of many, which has strokes of all sizes."""
    return style in catalog.styles() and catalog.find(style).shares is not None


def show_sliders(style):
    """The sliders of a style: in their middle where they were trained, else the strength at 1."""
    shared = _is_shared(style)
    return gr.update(value=0.5 if shared else 1), gr.update(value=0.5, visible=shared)


@functools.lru_cache(maxsize=64)
def show_style(name):
    """The panel of a shipped style: the painting that its network has learned from."""
    if name not in catalog.styles():
        return HERE.format("Your painting appears here.")
    title = catalog.styles()[name]["title"]
    path = files.shipped("images") / "paintings" / f"{PAINTINGS.get(name, name)}.jpg"
    return panel(load_image(path), title, ".jpg") if path.is_file() else f"<p>{title}</p>"


def panel(picture, caption, suffix, download=None):
    """A picture as HTML that holds all its data; `unpack` reads it again."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"picture{suffix}")
        save_image(path, picture)
        data = base64.b64encode(path.read_bytes()).decode("ascii")
    kind = "png" if suffix == ".png" else "jpeg"
    source = f"data:image/{kind};base64,{data}"
    image = f'<img src="{source}" alt="{html.escape(caption)}">'
    if download:
        return f'{image}<p><a href="{source}" download="{html.escape(download)}">Download</a></p>'
    return f"{image}<p>{html.escape(caption)}</p>"


def unpack(text, max_size=1024):
    """The picture of a panel that came back from a browser, checked like an upload.

    Browsers can send anything: what is larger than a panel's pictures are is not even decoded.
    """
    found = PICTURE.search(text) if isinstance(text, str) else None
    if not found or len(found[1]) > MAX_MEGABYTES * 2**20 * 4 // 3:
        raise ValueError("Expected a photograph. Drop one on the page again.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "photograph")
        path.write_bytes(base64.b64decode(found[1]))
        if max(picture_size(path)) > max_size:
            raise ValueError(
                f"Expected a photograph of at most {max_size} pixels a side. Drop one on the page "
                "again."
            )
        return load_image(path)


def warn(error):
    """Shows why nothing was done, without the server's names of files; all stays as it was."""
    text = re.sub(r"^Cannot read '.*?': expected", "Expected", str(error))
    text = re.sub(r"cannot identify image file .*", "this is none", text)
    gr.Warning(html.escape(text), duration=20, title="Error")
    return gr.skip()
