"""The tab of photographs: dropped, pasted, taken or an example; and the drawing of it."""

import functools

import gradio as gr

from stylenet.images import load_image
from stylenet.page import pictures, wishes
from stylenet.page.panels import Pair, Photo, warn
from stylenet.page.wishes import Wish

READERS = 6  # at once
HINT = "**An example.** The line between photograph and drawing moves."
LOADING = "The network is being loaded: some seconds, once. Choose a photograph meanwhile."
DRAWING = {"concurrency_id": "draw", "concurrency_limit": 1}


def tab(blocks, controls, max_size, gallery=False):
    """Puts the tab into the block that is open.

    Args:
        blocks: the page.
        controls: the `styles.Controls`, which stand elsewhere.
        max_size: longer side of the pictures in pixels; larger ones are reduced.
        gallery: whether a button hangs the drawing up.

    Returns:
        The panel of the drawing, and that button.
    """
    with gr.Row():
        with gr.Column(min_width=300):
            photo, kept, examples = _photograph()
        with gr.Column(min_width=300, elem_id="shown"):
            result, note, hang = _drawing(gallery)
    draw = {
        "fn": functools.partial(stylize, max_size=max_size),
        "inputs": [kept, *controls.values],
        "outputs": [result, note],
        "show_progress": "minimal",
        "show_progress_on": result,
        "trigger_mode": "always_last",
        "api_name": "draw",
        **DRAWING,
    }
    read = functools.partial(receive, max_size=max_size)
    reading = {"concurrency_id": "read", "concurrency_limit": READERS, "api_name": "read"}
    reading["trigger_mode"] = "always_last"  # one photograph taken away, the next one dropped
    photo.input(read, [photo, kept], [photo, kept], **reading).then(**draw)
    show = functools.partial(example, max_size=max_size)
    examples.click(show, examples, [photo, kept], api_name="example").then(**draw)
    controls.draws(**draw)
    first = functools.partial(begin, max_size=max_size)
    blocks.load(first, None, [result, note], show_progress_on=result, api_name="begin", **DRAWING)
    return result, hang


def _photograph():
    """Where a photograph comes from; it stays in `kept` when the next one can't be read."""
    photo = Photo(
        label="A photograph: drop, paste or take one",
        sources=["upload", "webcam", "clipboard"],
        height=360,
        elem_id="photo",
        buttons=["fullscreen"],
    )
    kept = Photo(visible=False)
    examples = gr.Dataset(
        components=[gr.Image(render=False)],
        samples=[[str(wishes.content(name))] for name in wishes.EXAMPLES],
        type="index",
        label="or one of these",
        elem_id="examples",
        elem_classes="thumbnails",
    )
    return photo, kept, examples


def _drawing(gallery):
    """The drawing beside its photograph, what is said of it, and the button that hangs it up."""
    result = Pair(
        label="Photograph and drawing",
        elem_id="result",
        interactive=False,
        buttons=["download", "fullscreen"],
        max_height=600,
    )
    note = gr.Markdown(LOADING, elem_id="note")
    hang = gr.Button("Hang it in the gallery", size="sm", visible=gallery, elem_id="hang")
    return result, note, hang


def receive(sent, kept, max_size):
    """A photograph that was dropped, twice; the last one if it can't be read."""
    if sent is None:  # taken away, perhaps for the next one
        return gr.skip(), gr.skip()
    try:
        packed = pictures.pack(pictures.receive(sent, max_size), f"{pictures.stem(sent)}.jpg")
    except pictures.ERRORS as error:
        warn(error)
        packed = again(kept)
    return packed, packed


def again(kept):
    """What a panel showed before, as it came back from the browser."""
    address = getattr(kept, "address", None)
    if not isinstance(address, str) or not pictures.ADDRESS.fullmatch(address):
        return None
    return {"url": address, "orig_name": kept.name}


@functools.lru_cache
def example(number, max_size):
    """A photograph that ships with stylenet, twice."""
    path = wishes.content(wishes.EXAMPLES[number])
    packed = pictures.pack(load_image(path, max_size), f"{path.stem}.jpg")
    return packed, packed


def begin(max_size):
    """What the page shows before there is a photograph."""
    return wishes.example(max_size), HINT


def stylize(kept, *values, max_size):
    """The photograph, or the example, and its drawing; the last ones if nothing is drawn."""
    wish = Wish(*values)
    if kept is None:
        shown, _ = wishes.example(max_size)
        kept = pictures.Sent(shown["url"], None, shown["orig_name"])
    try:
        content = pictures.unpack(kept, max_size)
        draw = wishes.as_stylizer(wish, max_size)
        if draw is None:
            return gr.skip(), "Drop a painting, or choose a style."
        drawing = draw.draw(content)
    except pictures.ERRORS as error:
        warn(error)
        return gr.skip(), gr.skip()
    wishes.compile_later(draw, content)
    height, width = content.shape[:2]
    name = f"{pictures.stem(kept)}_{wish.name}.png"
    return (again(kept), pictures.pack(drawing, name)), f"{width} x {height} pixels"
