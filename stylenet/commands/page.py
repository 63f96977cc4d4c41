"""A page to play with: a photograph, a style and the result side by side.

The server remembers nothing. What a browser uploads is read once and goes back into the page as
data, from where it comes again with every move of a slider; uploaded files are deleted within a
minute. Who may ask the server at all stands in `stylenet.commands.serving`.
"""

import base64
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

from stylenet import reports, weights
from stylenet.commands import serving
from stylenet.images import load_image, picture_size, resize, save_image
from stylenet.stylizers import stylizer

# Before Gradio is imported: it calls home otherwise.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
import gradio as gr
from starlette.middleware import Middleware

PAINTING = "painting"  # the choice of a style that is dropped, not shipped
MAX_MEGABYTES, MAX_PIXELS = 20, 40_000_000
LARGE, READERS = 16_000_000, 6  # pixels of what is read one at a time; readers at once
DELETE_EVERY, DELETE_AFTER = 15, 30  # seconds
WAITING = 20  # requests at once; more are asked to come again
PICTURE = re.compile(r'src="data:image/(?:jpeg|png);base64,([A-Za-z0-9+/=]*)"')
CSS = """
footer { display: none !important }
.panel img { width: 100%; max-height: 60vh; object-fit: contain }
.panel p { min-height: 1.5em; margin: .3em 0 }
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
        while True:
            time.sleep(DELETE_EVERY)
            serving.clear(folder, DELETE_AFTER)
    finally:
        blocks.close(verbose=False)


def page(max_size):
    """The page, a `gradio.Blocks`."""
    choices = [(name.replace("_", " "), name) for name in weights.styles()]
    choices.append(("a painting of your own", PAINTING))
    with gr.Blocks(title="stylenet", fill_width=True) as blocks:
        gr.Markdown("# stylenet\nA photograph, drawn in the manner of a painting.")
        with gr.Row():
            with gr.Column():
                photo_file = gr.File(label="Drop a photograph", height=110, elem_id="photo-file")
                photo = gr.HTML(elem_id="photo", elem_classes="panel")
            with gr.Column():
                style = gr.Dropdown(choices, value="wave", label="Style", elem_id="style")
                painting = gr.File(label="or drop a painting", height=110, elem_id="painting-file")
                swatch = gr.HTML(show_style("wave"), elem_id="swatch", elem_classes="panel")
            with gr.Column():
                strength = gr.Slider(0, 1, 1, step=0.05, label="Strength", elem_id="strength")
                keep = gr.Checkbox(label="Keep the photograph's colors", elem_id="keep")
                result = gr.HTML(elem_id="result", elem_classes="panel")

        read = functools.partial(receive, max_size=max_size)
        reading = {"concurrency_id": "read", "concurrency_limit": READERS}
        draw = {
            "fn": functools.partial(stylize, max_size=max_size),
            "inputs": [photo, swatch, style, strength, keep],
            "outputs": result,
            "concurrency_id": "draw",
            "concurrency_limit": 1,
            "trigger_mode": "always_last",
        }
        photo_file.upload(read, photo_file, [photo, photo_file], **reading).then(**draw)
        dropped = painting.upload(read, painting, [swatch, painting], **reading)
        dropped.then(lambda: PAINTING, None, style).then(**draw)
        style.input(show_style, style, swatch).then(**draw)
        gr.on([strength.change, keep.input], **draw)
    return blocks


def receive(path, max_size):
    """The panel of an uploaded picture, empty if it can't be read, and no file any more."""
    try:
        with _turn(picture_size(path)):
            picture = load_image(path, max_size, MAX_PIXELS)
    except (OSError, ValueError, MemoryError) as error:
        return warn(error), None
    height, width = picture.shape[:2]
    return panel(picture, f"{width} x {height} pixels", ".jpg"), None


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


def stylize(photo, swatch, style, strength, keep, max_size=1024):
    """The panel of the result, with a link to save it; empty without photograph or painting."""
    if not photo or (style == PAINTING and not swatch):
        return ""
    try:
        content, colors = unpack(photo, max_size), "keep" if keep else "style"
        if style == PAINTING:
            draw = stylizer(
                unpack(swatch, max_size), "universal", alpha=float(strength), colors=colors
            )
        elif style in weights.styles():  # not a path: browsers can send anything
            draw = stylizer(style, strength=float(strength), colors=colors)
        else:
            raise ValueError(f"Expected one of the styles {[*weights.styles()]}.")
        picture = draw.draw(content)
    except (OSError, ValueError, MemoryError) as error:
        return warn(error)
    return panel(picture, "", ".png", f"{style}.png")


@functools.lru_cache(maxsize=32)
def show_style(name):
    """The panel of a shipped style: what its network draws where there is nothing to see."""
    if name not in weights.styles():
        return ""
    record = weights.styles()[name]
    noise = np.random.default_rng(0).uniform(0, 255, (8, 12, 3)).astype("float32")
    strokes = stylizer(name).draw(resize(noise, (256, 384)))
    return panel(strokes, f"{record['title']}: its strokes, drawn over a blur", ".jpg")


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
    """Shows why a picture was not read, without the server's names of files; an empty panel."""
    text = re.sub(r"^Cannot read '.*?': expected", "Expected", str(error))
    text = re.sub(r"cannot identify image file .*", "this is none", text)
    gr.Warning(html.escape(text), duration=20, title="That did not work")
    return ""
