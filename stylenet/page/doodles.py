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
HINT = (
    "Each color is a region, painted like one of the painting's. Of the controls, the painting "
    "counts alone. This takes a while."
)
MAP = "A map of the painting in these colors, if you like"
FIRST = "night.png"  # what lies on the canvas at first


def tab(controls, max_size):
    """Puts the tab into the block that is open.

    Args:
        controls: the `styles.Controls`, which stand elsewhere.
        max_size: of paintings, in pixels.
    """
    with gr.Row():
        canvas, button = _canvas()
        result = _painted()
    with gr.Row():
        kept, found = _maps()
    read = functools.partial(styles.receive, max_size=max_size, suffix=".png")
    kept.input(read, kept, kept, trigger_mode="always_last", api_name="receive_map")
    button.click(
        functools.partial(paint, max_size=max_size),
        [canvas, kept, *controls.values],
        [result, found],
        concurrency_id="paint",
        concurrency_limit=1,
        api_name="paint",
    )


def _canvas():
    """Where a doodle is drawn, and the button that has it painted."""
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
    return canvas, button


def _painted():
    with gr.Column(min_width=300):
        return Photo(
            label="The doodle, painted",
            interactive=False,
            height=420,
            buttons=["download", "fullscreen"],
            elem_id="painted",
        )


def _maps():
    """Where a map of the painting is dropped, and the one that was found."""
    kept = Photo(label=MAP, sources=["upload", "clipboard"], height=260, elem_id="map", buttons=[])
    found = Photo(
        label="The painting's regions: save, mend, and drop them as the map",
        interactive=False,
        height=260,
        buttons=["download", "fullscreen"],
        elem_id="regions",
    )
    return kept, found


def paint(drawn, regions, *values, max_size):
    """The doodle as a painting, and the painting's regions; nothing new if it can't be.

    Args:
        drawn: a `pictures.Sent`, or None.
        regions: the painting's, in the doodle's colors, the same.
        *values: of a `Wish`, whose painting counts.
        max_size: of paintings and maps, in pixels.
    """
    wish = Wish(*values)
    try:
        doodle, painting = pictures.receive(drawn, SIZE), _painting(wish, max_size)
        regions = regions and pictures.unpack(regions, max_size)
        from stylenet.extensions import doodle as extension

        painted = extension.paint(doodle, painting, regions, method="universal", progress=False)
    except pictures.ERRORS as error:
        warn(error)
        return gr.skip(), gr.skip()
    return (
        pictures.pack(painted.image, f"doodle_{wish.name}.png"),
        pictures.pack(painted.map, f"doodle_{wish.name}_map.png"),
    )


def _painting(wish, max_size):
    """The painting that is chosen: one's own, or that of a style, if it travels with stylenet."""
    if wish.kind == OWN and wish.painting:
        return pictures.unpack(wish.painting, max_size)
    name = wish.style if isinstance(wish.style, str) else ""
    if wish.kind == OWN or name not in styles.PAINTINGS:
        raise ValueError("Expected a painting. Click one of the five, or drop one of your own.")
    return load_image(files.shipped("images") / "paintings" / styles.PAINTINGS[name])
