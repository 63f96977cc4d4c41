"""The tab of doodles: a canvas of flat colors, whose regions become those of a painting."""

import functools

import gradio as gr

from stylenet import files
from stylenet.images import load_image
from stylenet.page import pictures, styles
from stylenet.page.panels import Canvas, Photo, warn
from stylenet.page.wishes import OWN, Wish

SIZE = 320  # pixels, of a doodle's longer side
COLORS = ["#2040a0", "#f0d040", "#206030", "#803020", "#f0f0f0", "#101010"]
HINT = "Each color is a region, painted like one of the painting's. This takes a while."
FIRST = "night.png"  # what lies on the canvas at first


def tab(controls, max_size):
    """Puts the tab into the block that is open.

    Args:
        controls: the `styles.Controls`, which stand elsewhere.
        max_size: of paintings, in pixels.
    """
    with gr.Row():
        with gr.Column(min_width=300):
            canvas = Canvas(
                value=str(files.shipped("images") / "doodles" / FIRST),
                label="Draw in flat colors",
                sources=["upload", "clipboard"],
                brush=gr.Brush(colors=COLORS, default_size=24, color_mode="fixed"),
                layers=False,
                transforms=(),
                height=420,
                buttons=[],
                elem_id="canvas",
            )
            button = gr.Button("Paint it", variant="primary", elem_id="paint")
            gr.Markdown(HINT)
        with gr.Column(min_width=300):
            result = Photo(
                label="The doodle, painted",
                interactive=False,
                buttons=["download", "fullscreen"],
                elem_id="painted",
            )
    button.click(
        functools.partial(paint, max_size=max_size),
        [canvas, *controls.values],
        result,
        concurrency_id="paint",
        concurrency_limit=1,
        api_name="paint",
    )


def paint(drawn, *values, max_size):
    """The doodle as a painting; nothing new if it can't be.

    Args:
        drawn: a `pictures.Sent`, or None.
        *values: of a `Wish`, whose painting counts.
        max_size: of paintings, in pixels.
    """
    wish = Wish(*values)
    try:
        doodle, painting = pictures.receive(drawn, SIZE), _painting(wish, max_size)
        from stylenet.extensions import doodle as extension

        painted = extension.paint(doodle, painting, method="universal", progress=False)
    except pictures.ERRORS as error:
        warn(error)
        return gr.skip()
    return pictures.pack(painted.image, f"doodle_{wish.name}.png")


def _painting(wish, max_size):
    """The painting that is chosen: one's own, or that of a style, if it travels with stylenet."""
    if wish.kind == OWN and wish.painting:
        return pictures.unpack(wish.painting, max_size)
    name = wish.style if isinstance(wish.style, str) else ""
    if wish.kind == OWN or name not in styles.PAINTINGS:
        raise ValueError("Expected a painting. Click one of the five, or drop one of your own.")
    return load_image(files.shipped("images") / "paintings" / styles.PAINTINGS[name])
